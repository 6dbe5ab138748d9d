//! Whether a request that changes something is sent twice under one idempotency key.

use crate::check::gauntlet::trial::{Trial, named};
use crate::domain::gauntlet::{Code, Flaw, Judged, Question};
use crate::domain::timeline::{Arrival, Repeatable};

/// None where no such request was sent again.
pub fn key(trial: &Trial<'_>) -> Option<Judged> {
    let (mut flaws, mut stable) = (Vec::new(), 0);
    for struck in trial.struck() {
        let first = struck.call.first();
        if first.repeatable != Repeatable::Unsafe {
            continue;
        }
        for (before, after) in struck.call.retries() {
            match problem(before, after) {
                Some((code, why)) => {
                    let message = format!("{} {why}", named(first));
                    flaws.push(Flaw::new(code, message, struck.play, vec![before.number, after.number]));
                    break;
                }
                None => stable += usize::from(before.idempotency_key.is_some()),
            }
        }
    }
    let kept = || (stable > 0).then(|| Judged::kept(Question::Key, "sent again under the same idempotency key"));
    Judged::broken(Question::Key, flaws).or_else(kept)
}

fn problem(before: &Arrival, after: &Arrival) -> Option<(Code, &'static str)> {
    match (&before.idempotency_key, &after.idempotency_key) {
        (None, _) if before.is_ambiguous() => Some((
            Code::NoIdempotencyKey,
            "was sent again without an idempotency key, though the first one may have taken effect",
        )),
        (Some(one), other) if other.as_ref() != Some(one) => {
            Some((Code::ChangedIdempotencyKey, "was sent again under another idempotency key"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::check::gauntlet::trial::tests::{lesson, play, verdict};
    use crate::domain::gauntlet::{Code, Ended, Play};
    use crate::domain::timeline::Repeatable;
    use crate::domain::timeline::tests::arrival;

    fn posted(fault: &str, keys: [Option<&str>; 2]) -> Play {
        let one = |number: u32, fault, key: Option<&str>| {
            let mut one = arrival(number, u64::from(number) * 100, "/a", fault);
            one.method = "POST".into();
            one.repeatable = Repeatable::Unsafe;
            one.idempotency_key = key.map(Into::into);
            one
        };
        play(Ended::Exit(0), vec![one(1, Some(fault), keys[0]), one(2, None, keys[1])])
    }

    #[test]
    fn what_may_have_taken_effect_is_sent_again_under_its_key_alone() {
        for (fault, keys, codes) in [
            ("reset", [None, None], vec![Code::NoIdempotencyKey]),
            ("status:500", [None, None], vec![Code::NoIdempotencyKey]),
            ("status:429", [None, None], vec![]),
            ("reset", [Some("k"), Some("k")], vec![]),
            ("reset", [Some("k"), Some("l")], vec![Code::ChangedIdempotencyKey]),
            ("status:429", [Some("k"), Some("l")], vec![Code::ChangedIdempotencyKey]),
        ] {
            let lesson = lesson(&json!({"retry": "allowed"}));
            assert_eq!(verdict(&lesson, &[posted(fault, keys)], None).1, codes, "{fault} {keys:?}");
        }
    }
}
