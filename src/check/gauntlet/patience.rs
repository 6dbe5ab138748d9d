//! How long a client waits for an answer that does not come.

use crate::check::gauntlet::trial::{Trial, named, time};
use crate::domain::gauntlet::{Code, Flaw, Judged, Question};
use crate::domain::lesson::script::micros;
use crate::domain::timeline::{Arrival, End};

/// No request is waited for longer than this many seconds.
pub fn patience(trial: &Trial<'_>, seconds: f64) -> Judged {
    let most = micros(seconds);
    let (mut flaws, mut longest, mut undecided) = (Vec::new(), None, false);
    for struck in trial.struck() {
        for attempt in struck.call.attempts.iter().filter(|attempt| attempt.fault.is_some()) {
            let waited = attempt.answered.at_us.saturating_sub(attempt.at_us);
            // A timer may be a little late.
            let too_long = waited > most + most / 20;
            if attempt.answered.end == End::Open && !too_long {
                undecided = true;
                continue;
            }
            if too_long {
                flaws.push(flaw(struck.play, attempt, waited, most));
                break;
            }
            longest = longest.max(Some(waited));
        }
    }
    Judged::broken(Question::TimeLimit, flaws).unwrap_or_else(|| match longest {
        _ if undecided => Judged::unasked(Question::TimeLimit, "the client was still waiting when the play ended"),
        Some(longest) => Judged::kept(Question::TimeLimit, format!("waited {} at most", time(longest))),
        None => Judged::unasked(Question::TimeLimit, trial.nothing_struck()),
    })
}

fn flaw(play: u32, attempt: &Arrival, waited: u64, most: u64) -> Flaw {
    let still = if attempt.answered.end == End::Open { " and was waiting still" } else { "" };
    let message =
        format!("{} waited {} for an answer{still}; {} are allowed", named(attempt), time(waited), time(most));
    Flaw::new(Code::NoTimeLimit, message, play, vec![attempt.number])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::check::gauntlet::trial::tests::{lesson, play, verdict};
    use crate::domain::gauntlet::{Code, Ended};
    use crate::domain::record::Outcome;
    use crate::domain::timeline::End;
    use crate::domain::timeline::tests::arrival;

    #[test]
    fn who_waits_for_ever_is_found() {
        let lesson = lesson(&json!({"gives_up_within": 5}));
        for (end, after_s, outcome, codes) in [
            (End::Abandoned, 2, Outcome::Kept, vec![]),
            (End::Abandoned, 7, Outcome::Broken, vec![Code::NoTimeLimit]),
            (End::Open, 6, Outcome::Broken, vec![Code::NoTimeLimit]),
            (End::Open, 3, Outcome::Unasked, vec![]),
        ] {
            let mut hung = arrival(1, 0, "/a", Some("hang"));
            hung.answered.end = end;
            hung.answered.at_us = after_s * 1_000_000;
            assert_eq!(
                verdict(&lesson, &[play(Ended::OutOfTime, vec![hung])], None),
                (outcome, codes),
                "{end:?} {after_s}"
            );
        }
    }
}
