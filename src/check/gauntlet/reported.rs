//! Whether the command itself tells success and failure apart.

use crate::check::gauntlet::trial::{Trial, count, named};
use crate::domain::gauntlet::{Code, Ended, Flaw, Judged, Play, Question};
use crate::domain::timeline::End;

/// A command whose call never got a good answer does not end with success.
pub fn reported(trial: &Trial<'_>) -> Judged {
    let struck = trial.struck();
    if struck.is_empty() {
        return Judged::unasked(Question::Reported, trial.nothing_struck());
    }
    let play_of = |place: u32| usize::try_from(place).ok().and_then(|place| trial.plays.get(place));
    let failed =
        struck.iter().filter(|struck| struck.call.last().failed() && struck.call.last().answered.end != End::Open);
    let (mut flaws, mut told, mut silent) = (Vec::new(), false, false);
    for struck in failed {
        match play_of(struck.play).map(|play| play.ended) {
            Some(Ended::Exit(0)) => {
                let last = struck.call.last();
                let fault = last.fault.as_ref().map_or("no answer", |fault| &fault.name);
                let message = format!(
                    "{} never got a good answer ({fault}), and the command ended with success",
                    named(struck.call.first())
                );
                flaws.push(Flaw::new(Code::FailureHidden, message, struck.play, struck.numbers()));
            }
            Some(Ended::Exit(_) | Ended::Signal) => told = true,
            _ => silent = true,
        }
    }
    Judged::broken(Question::Reported, flaws).unwrap_or_else(|| {
        if silent && !told {
            Judged::unasked(Question::Reported, "the command did not end by itself")
        } else if told {
            Judged::kept(Question::Reported, "the command ended with a failure")
        } else {
            Judged::kept(Question::Reported, "every call got a good answer in the end")
        }
    })
}

/// The command asks something, and ends well where nothing misbehaves.
pub fn healthy(trial: &Trial<'_>) -> Judged {
    let Some(play) = trial.plays.first() else {
        return Judged::unasked(Question::Healthy, "it was not played");
    };
    let many = count(play.timeline.arrivals.len(), "request");
    if play.timeline.arrivals.is_empty() {
        return Judged::unasked(Question::Healthy, "the client sent no request: is it given the twin's address?");
    }
    let how = match play.ended {
        Ended::Exit(0) => return Judged::kept(Question::Healthy, format!("{many}, ended with success")),
        Ended::OutOfTime | Ended::Running => {
            return Judged::kept(Question::Healthy, format!("{many}, and runs on"));
        }
        Ended::Stopped => return Judged::unasked(Question::Healthy, "stopped by its user"),
        Ended::Exit(code) => format!("with exit code {code}"),
        Ended::Signal => "by a signal".to_owned(),
        Ended::TooLoud => "because it wrote without end".to_owned(),
    };
    let flaw =
        Flaw::new(Code::FailsWhenHealthy, format!("the command ended {how}, though nothing misbehaved"), 0, bad(play));
    Judged::broken(Question::Healthy, vec![flaw]).unwrap_or_else(|| Judged::unasked(Question::Healthy, how))
}

/// Requests that the twin itself refused.
fn bad(play: &Play) -> Vec<u32> {
    let refused = play.timeline.arrivals.iter().filter(|a| a.answered.status.is_some_and(|status| status >= 400));
    refused.map(|arrival| arrival.number).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::check::gauntlet::trial::tests::{lesson, play, verdict};
    use crate::domain::gauntlet::{Code, Ended};
    use crate::domain::record::Outcome;
    use crate::domain::timeline::tests::arrival;

    #[test]
    fn a_failure_is_told_by_the_exit_code() {
        let lesson = lesson(&json!({"reported": true}));
        let failed = || vec![arrival(1, 0, "/a", Some("status:503"))];
        let recovered = || vec![arrival(1, 0, "/a", Some("status:503")), arrival(2, 9, "/a", None)];
        for (ended, arrivals, outcome, codes) in [
            (Ended::Exit(0), failed(), Outcome::Broken, vec![Code::FailureHidden]),
            (Ended::Exit(1), failed(), Outcome::Kept, vec![]),
            (Ended::OutOfTime, failed(), Outcome::Unasked, vec![]),
            (Ended::Exit(0), recovered(), Outcome::Kept, vec![]),
        ] {
            assert_eq!(verdict(&lesson, &[play(ended, arrivals)], None), (outcome, codes), "{ended:?}");
        }
    }

    #[test]
    fn a_healthy_client_asks_and_ends_well() {
        let lesson = lesson(&json!({"healthy": true}));
        let one = || vec![arrival(1, 0, "/a", None)];
        for (ended, arrivals, outcome) in [
            (Ended::Exit(0), one(), Outcome::Kept),
            (Ended::OutOfTime, one(), Outcome::Kept),
            (Ended::Exit(3), one(), Outcome::Broken),
            (Ended::Exit(0), vec![], Outcome::Unasked),
        ] {
            assert_eq!(verdict(&lesson, &[play(ended, arrivals)], None).0, outcome, "{ended:?}");
        }
    }
}
