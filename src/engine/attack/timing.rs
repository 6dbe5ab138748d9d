//! Compares the times of answers to signatures that are wrong at once and wrong at the end.

use std::time::Duration;

use crate::adapter::clock;
use crate::domain::receiver::timing::{LEAST, Timing};
use crate::engine::attack::campaign::Campaign;

/// The longest that it may take.
const MOST: Duration = Duration::from_millis(400);

/// Sends pairs, one after another, until there are enough or the time is up. None where the receiver throttles, or
/// answers too slowly to be compared.
pub async fn compare(campaign: &mut Campaign<'_>, samples: u32) -> Option<Timing> {
    if samples == 0 || campaign.line.is_throttled() || campaign.halt.is_called() || campaign.done.len() < 2 {
        return None;
    }
    let start = clock::start();
    let (mut early, mut late) = (Vec::new(), Vec::new());
    for round in 0..samples {
        if start.elapsed() > MOST {
            break;
        }
        // Who goes first alternates, so that what slows down the first of a pair slows down both kinds.
        for turn in [round % 2 == 0, round % 2 != 0] {
            let number = campaign.number();
            let delivery = campaign.order.crafter.nearly(turn, number, clock::now()).ok()?;
            let (answer, _) = campaign.line.send_once("timing", &delivery).await;
            if !matches!(answer.outcome, Ok(400..428 | 430..500)) {
                return None;
            }
            if turn { late.push(answer.took) } else { early.push(answer.took) }
        }
    }
    // The first answers of each kind pay for what is set up.
    let warm = |times: &[Duration]| times.iter().skip(3).copied().collect::<Vec<_>>();
    if early.len() < LEAST { None } else { Timing::of(&warm(&early), &warm(&late)) }
}
