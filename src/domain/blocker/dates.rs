//! Dates that cannot be: what happened before it began, and what has happened tomorrow.

use jiff::Timestamp;

use crate::domain::blocker::Blocker;
use crate::domain::moment::Moment;

/// A date that cannot be, and the keys that lead to it below the blocker.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Impossible {
    pub keys: Vec<String>,
    pub message: String,
}

fn at(keys: &[&str], message: String) -> Impossible {
    Impossible { keys: keys.iter().map(|key| (*key).to_owned()).collect(), message }
}

/// Why something could not be done at a moment for a blocker that was opened then; None when it could.
pub fn before(moment: Moment, opened: Moment) -> Option<String> {
    (moment.end() <= opened.start()).then(|| format!("{moment}, before it was opened ({opened})"))
}

/// Why something cannot have happened; None when it can.
pub fn in_future(moment: Moment, now: Timestamp) -> Option<String> {
    (moment.start() > now).then(|| format!("{moment}, which is in the future (it is {now})"))
}

/// What is impossible whenever it is read.
pub fn out_of_order(blocker: &Blocker) -> Vec<Impossible> {
    let dates = [("due", blocker.due), ("resolved", blocker.resolved)];
    let dates = dates.into_iter().filter_map(|(key, moment)| {
        let told = before(moment?, blocker.opened)?;
        Some(at(&[key], format!("{key} {told}")))
    });
    let attempts = blocker.attempts.iter().enumerate().filter_map(|(index, attempt)| {
        let told = before(attempt.at, blocker.opened)?;
        Some(at(&["attempts", &index.to_string(), "at"], format!("attempt of {told}")))
    });
    dates.chain(attempts).collect()
}

/// What cannot be true yet.
pub fn not_yet(blocker: &Blocker, now: Timestamp) -> Vec<Impossible> {
    let dates = [("opened", Some(blocker.opened)), ("resolved", blocker.resolved)];
    let dates = dates.into_iter().filter_map(|(key, moment)| {
        let told = in_future(moment?, now)?;
        Some(at(&[key], format!("{key} {told}")))
    });
    let attempts = blocker.attempts.iter().enumerate().filter_map(|(index, attempt)| {
        let told = in_future(attempt.at, now)?;
        Some(at(&["attempts", &index.to_string(), "at"], format!("attempt of {told}")))
    });
    dates.chain(attempts).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{not_yet, out_of_order};
    use crate::domain::blocker::Blocker;

    fn blocker(more: Value) -> Blocker {
        let mut whole = json!({"integration": "x", "title": "t", "owner": "o", "opened": "2025-10-07T09:00Z"});
        if let (Some(whole), Value::Object(more)) = (whole.as_object_mut(), more) {
            whole.extend(more);
        }
        serde_json::from_value(whole).unwrap()
    }

    #[test]
    fn nothing_happens_before_it_was_opened_or_tomorrow() {
        let now = "2025-10-10T12:00:00Z".parse().unwrap();
        let found = |more: Value| {
            let blocker = blocker(more);
            let found: Vec<_> = out_of_order(&blocker).into_iter().chain(not_yet(&blocker, now)).collect();
            found.into_iter().map(|found| format!("{}: {}", found.keys.join("."), found.message)).collect::<Vec<_>>()
        };
        let good = json!({"due": "2025-10-07", "resolved": "2025-10-10T12:00Z", "attempts": [{"at": "2025-10-10", "what": "w"}]});
        assert_eq!(found(good), Vec::<String>::new());
        let table = [
            (json!({"due": "2025-10-06"}), "due: due 2025-10-06, before it was opened (2025-10-07T09:00:00Z)"),
            (
                json!({"due": "2025-10-07T08:59Z"}),
                "due: due 2025-10-07T08:59:00Z, before it was opened (2025-10-07T09:00:00Z)",
            ),
            (
                json!({"resolved": "2025-10-06"}),
                "resolved: resolved 2025-10-06, before it was opened (2025-10-07T09:00:00Z)",
            ),
            (
                json!({"resolved": "2025-10-10T12:01Z"}),
                "resolved: resolved 2025-10-10T12:01:00Z, which is in the future (it is 2025-10-10T12:00:00Z)",
            ),
            (
                json!({"opened": "2025-10-11"}),
                "opened: opened 2025-10-11, which is in the future (it is 2025-10-10T12:00:00Z)",
            ),
            (
                json!({"attempts": [{"at": "2025-10-06", "what": "w"}]}),
                "attempts.0.at: attempt of 2025-10-06, before it was opened (2025-10-07T09:00:00Z)",
            ),
            (
                json!({"attempts": [{"at": "2025-10-08", "what": "w"}, {"at": "2025-10-11", "what": "w"}]}),
                "attempts.1.at: attempt of 2025-10-11, which is in the future (it is 2025-10-10T12:00:00Z)",
            ),
        ];
        for (more, told) in table {
            assert_eq!(found(more), [told]);
        }
    }
}
