//! Floods: right deliveries for a second, at a rate and above it, apart from everything that is timed.

use std::time::Duration;

use futures::future::join_all;

use crate::adapter::clock;
use crate::domain::receiver::answers::Heard;
use crate::domain::receiver::case::{Case, Flood, Trick};
use crate::domain::receiver::judge::Judged;
use crate::engine::attack::campaign::{Campaign, none};

/// How much more comes above the rate.
const ABOVE: u32 = 10;

/// Sends the floods that are asked for.
pub async fn run(campaign: &mut Campaign<'_>, cases: &[Case]) {
    let Some(rate) = campaign.order.flood else { return };
    for case in cases {
        let Trick::Flood(flood) = case.trick else { continue };
        if campaign.done.contains_key(case.name) {
            continue;
        }
        if campaign.halt.is_called() {
            campaign.note(case, Judged::unasked("stopped by its user"), Vec::new(), none());
            continue;
        }
        let count = match flood {
            Flood::AtRate => rate,
            Flood::Above => rate.saturating_mul(ABOVE),
        };
        pour(campaign, case, count).await;
    }
}

/// Sends so many within a second, evenly.
async fn pour(campaign: &mut Campaign<'_>, case: &Case, count: u32) {
    let now = clock::now();
    let mut deliveries = Vec::new();
    for _ in 0..count {
        let number = campaign.number();
        match campaign.order.crafter.right(number, now) {
            Ok(delivery) => deliveries.push(delivery),
            Err(error) => {
                let judged = Judged::unasked(format!("it cannot be signed: {error}"));
                campaign.note(case, judged, Vec::new(), none());
                return;
            }
        }
    }
    let before = campaign.counter.now(&campaign.line).await;
    let gap = Duration::from_secs(1) / count.max(1);
    let line = &campaign.line;
    let sending = (0_u32..).zip(&deliveries).map(|(turn, delivery)| async move {
        tokio::time::sleep(gap * turn).await;
        line.send_once(case.name, delivery).await.0
    });
    let answers = join_all(sending).await;
    let accepted = i64::try_from(answers.iter().filter(|answer| answer.is_accepted()).count()).unwrap_or(i64::MAX);
    let effects = campaign.counter.since(before, accepted, true, &campaign.line).await;
    campaign.finish(case, Heard { answers, effects, challenge: None }, Vec::new());
}
