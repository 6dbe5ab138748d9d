//! Whether a client goes on on a connection whose answer it has given up.

use crate::check::gauntlet::trial::{Trial, named, time};
use crate::domain::gauntlet::{Code, Flaw, Judged, Question};
use crate::domain::timeline::{Arrival, End};

/// A request that comes this soon behind an answer was sent before it.
const SENT_BEFORE_US: u64 = 50_000;

/// None where nothing came late. A late answer that was waited for is fine; a request that stood in the connection behind it
/// was sent by a client that had given up, and takes the late answer for its own (RFC 9112 §9.3.1: answers come in the order of the requests).
pub fn connection(trial: &Trial<'_>) -> Option<Judged> {
    let (mut flaws, mut late) = (Vec::new(), 0);
    for (play, played) in trial.numbered() {
        let arrivals = &played.timeline.arrivals;
        for (index, first) in arrivals.iter().enumerate().filter(|(_, arrival)| came_late(arrival)) {
            late += 1;
            let next = arrivals[index + 1..]
                .iter()
                .find(|next| next.client == first.client && next.connection == first.connection);
            let Some(next) = next.filter(|next| stood_behind(first, next) && !repeats_itself(trial, first)) else {
                continue;
            };
            let message = format!(
                "{} was sent again on the same connection while its answer was still to come ({} later)",
                named(first),
                time(first.answered.at_us.saturating_sub(first.at_us)),
            );
            flaws.push(Flaw::new(Code::ReusedConnection, message, play, vec![first.number, next.number]));
        }
    }
    let kept =
        || (late > 0).then(|| Judged::kept(Question::Connection, "no connection was used on behind a late answer"));
    Judged::broken(Question::Connection, flaws).or_else(kept)
}

fn came_late(arrival: &Arrival) -> bool {
    let delayed = arrival.fault.as_ref().is_some_and(|fault| fault.name.starts_with("delay:"));
    delayed && arrival.answered.end == End::Whole
}

/// The client asks the same more than once where nothing misbehaves.
fn repeats_itself(trial: &Trial<'_>, arrival: &Arrival) -> bool {
    let usual = trial.healthy.iter().flat_map(|healthy| &healthy.timeline.arrivals);
    usual.filter(|one| one.asks_the_same(arrival)).count() > 1
}

fn stood_behind(first: &Arrival, next: &Arrival) -> bool {
    next.asks_the_same(first) && next.at_us.saturating_sub(first.answered.at_us) < SENT_BEFORE_US
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::check::gauntlet::trial::tests::{lesson, play, verdict};
    use crate::domain::gauntlet::{Code, Ended};
    use crate::domain::timeline::tests::arrival;
    use crate::domain::timeline::{Nature, Struck};

    #[test]
    fn a_request_that_stood_behind_a_late_answer_is_found() {
        for (at_ms, connection, codes) in
            [(1501, 1, vec![Code::ReusedConnection]), (1501, 2, vec![]), (1900, 1, vec![])]
        {
            let mut first = arrival(1, 0, "/a", None);
            first.fault = Some(Struck { name: "delay:1500".into(), nature: Nature::Harmless });
            first.answered.at_us = 1_500_000;
            let mut next = arrival(2, at_ms, "/a", None);
            next.connection = connection;
            let plays = [play(Ended::Exit(0), vec![first, next])];
            assert_eq!(verdict(&lesson(&json!({"attempts": 9})), &plays, None).1, codes, "{at_ms} {connection}");
        }
    }
}
