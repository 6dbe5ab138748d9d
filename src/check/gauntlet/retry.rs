//! Whether a failed call is tried again, and how often.

use crate::check::gauntlet::trial::{StruckCall, Trial, count, named};
use crate::domain::gauntlet::{Code, Ended, Flaw, Judged, Question};
use crate::domain::lesson::expect::Retry;
use crate::domain::timeline::{Arrival, End, Repeatable};

/// Retries that are owed, allowed or forbidden.
pub fn retry(trial: &Trial<'_>, wanted: Retry) -> Judged {
    let failed: Vec<StruckCall<'_>> =
        trial.struck().into_iter().filter(|struck| struck.call.first().failed()).collect();
    if failed.is_empty() {
        return Judged::unasked(Question::Retry, trial.nothing_struck());
    }
    let again = failed.iter().filter(|struck| struck.call.attempts.len() > 1).count();
    match wanted {
        Retry::Allowed => {
            Judged::kept(Question::Retry, format!("{again} of {} tried again; both is right", failed.len()))
        }
        Retry::Forbidden => {
            let flaws = failed.iter().filter(|struck| struck.call.attempts.len() > 1).map(forbidden).collect();
            Judged::broken(Question::Retry, flaws)
                .unwrap_or_else(|| Judged::kept(Question::Retry, "the call was not tried again"))
        }
        Retry::Owed => {
            let given_up = failed.iter().filter(|struck| struck.call.attempts.len() == 1);
            let flaws = given_up.filter(|struck| is_owed(struck.call.first())).map(|struck| missing(trial, struck));
            Judged::broken(Question::Retry, flaws.collect()).unwrap_or_else(|| {
                let told = if again == 0 {
                    "rightly not sent again: it may have taken effect, and has no idempotency key".to_owned()
                } else {
                    format!("{again} of {} failed calls were tried again", failed.len())
                };
                Judged::kept(Question::Retry, told)
            })
        }
    }
}

/// It may be sent again without harm, and nobody waits for its answer any more.
fn is_owed(first: &Arrival) -> bool {
    let harmless = first.repeatable != Repeatable::Unsafe || first.idempotency_key.is_some() || !first.is_ambiguous();
    harmless && first.answered.end != End::Open
}

fn missing(trial: &Trial<'_>, struck: &StruckCall<'_>) -> Flaw {
    let first = struck.call.first();
    let fault = first.fault.as_ref().map_or("no answer", |fault| &fault.name);
    let ended = usize::try_from(struck.play).ok().and_then(|play| trial.plays.get(play)).map(|play| play.ended);
    let running = if ended == Some(Ended::OutOfTime) {
        "; the command was still running when its time was over, so it may wait far longer than it was asked to"
    } else {
        ""
    };
    let message = format!("{} failed ({fault}) and was never tried again{running}", named(first));
    Flaw::new(Code::NoRetry, message, struck.play, struck.numbers())
}

fn forbidden(struck: &StruckCall<'_>) -> Flaw {
    let (first, many) = (struck.call.first(), struck.call.attempts.len());
    let fault = first.fault.as_ref().map_or("failure", |fault| &fault.name);
    let message = format!("{} was tried {many} times, though {fault} does not go away by trying again", named(first));
    Flaw::new(Code::ForbiddenRetry, message, struck.play, struck.numbers())
}

/// No call is tried more often than this.
pub fn attempts(trial: &Trial<'_>, most: u32) -> Judged {
    let struck = trial.struck();
    let Some(worst) = struck.iter().map(|struck| struck.call.attempts.len()).max() else {
        return Judged::unasked(Question::Attempts, trial.nothing_struck());
    };
    let many = |struck: &&StruckCall<'_>| struck.call.attempts.len() > most as usize;
    let flaw = |struck: &StruckCall<'_>| {
        let (first, count) = (struck.call.first(), struck.call.attempts.len());
        let message = format!("{} was tried {count} times, {most} are allowed", named(first));
        Flaw::new(Code::TooManyAttempts, message, struck.play, struck.numbers())
    };
    Judged::broken(Question::Attempts, struck.iter().filter(many).map(flaw).collect()).unwrap_or_else(|| {
        Judged::kept(Question::Attempts, format!("{} at most, {most} are allowed", count(worst, "attempt")))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::check::gauntlet::trial::tests::{lesson, play, verdict};
    use crate::domain::gauntlet::{Code, Ended};
    use crate::domain::record::Outcome;
    use crate::domain::timeline::Repeatable;
    use crate::domain::timeline::tests::arrival;

    const REFUSED: Option<&str> = Some("status:503");

    #[test]
    fn a_retry_is_owed_where_it_does_no_harm() {
        let owed = lesson(&json!({"retry": "owed"}));
        let once = |fault, repeatable| {
            let mut only = arrival(1, 0, "/a", Some(fault));
            only.repeatable = repeatable;
            vec![play(Ended::Exit(1), vec![only])]
        };
        let twice = vec![play(Ended::Exit(0), vec![arrival(1, 0, "/a", REFUSED), arrival(2, 9, "/a", None)])];
        for (plays, outcome, codes) in [
            (once("status:503", Repeatable::Safe), Outcome::Broken, vec![Code::NoRetry]),
            (once("status:503", Repeatable::Unsafe), Outcome::Broken, vec![Code::NoRetry]),
            (once("reset", Repeatable::Idempotent), Outcome::Broken, vec![Code::NoRetry]),
            (once("reset", Repeatable::Unsafe), Outcome::Kept, vec![]),
            (twice, Outcome::Kept, vec![]),
            (vec![play(Ended::Exit(0), vec![arrival(1, 0, "/a", None)])], Outcome::Unasked, vec![]),
            (vec![play(Ended::Exit(0), vec![])], Outcome::Unasked, vec![]),
        ] {
            assert_eq!(verdict(&owed, &plays, None), (outcome, codes), "{plays:?}");
        }
    }

    #[test]
    fn a_retry_may_be_forbidden_and_attempts_are_counted() {
        let three = (1..=3).map(|n| arrival(n, u64::from(n) * 10, "/a", REFUSED)).collect::<Vec<_>>();
        let plays = [play(Ended::Exit(1), three)];
        let forbidden = lesson(&json!({"retry": "forbidden"}));
        assert_eq!(verdict(&forbidden, &plays, None), (Outcome::Broken, vec![Code::ForbiddenRetry]));
        for (most, outcome) in [(2, Outcome::Broken), (3, Outcome::Kept)] {
            assert_eq!(verdict(&lesson(&json!({"attempts": most})), &plays, None).0, outcome);
        }
    }
}
