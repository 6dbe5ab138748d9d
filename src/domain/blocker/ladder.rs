//! The escalation of a blocker: who was asked so far, and who may be asked next.

use serde::Serialize;

use crate::domain::blocker::{Attempt, Blocker};

/// Documented attempts without which nobody is asked on the next rung.
pub const ATTEMPTS: usize = 2;

/// What may be done next.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "step")]
pub enum Step {
    /// Try, and document it: so many documented attempts are missing before anyone is asked on a higher rung.
    Attempt {
        rung: Option<String>,
        missing: usize,
    },
    Escalate {
        rung: String,
    },
    /// The highest rung was asked: what is left is a decision.
    Decide {
        rung: Option<String>,
    },
}

/// The highest rung on which an attempt was made. An attempt that names none was made on the first.
pub fn reached(blocker: &Blocker) -> Option<usize> {
    let rung = |attempt: &Attempt| match &attempt.rung {
        Some(named) => blocker.ladder.iter().position(|rung| rung == named),
        None => (!blocker.ladder.is_empty()).then_some(0),
    };
    blocker.attempts.iter().filter_map(rung).max()
}

/// How many attempts are documented.
pub fn documented(blocker: &Blocker) -> usize {
    blocker.attempts.iter().filter(|attempt| attempt.is_documented()).count()
}

/// What may be done next.
pub fn next(blocker: &Blocker) -> Step {
    let reached = reached(blocker);
    let at = |index: usize| blocker.ladder.get(index).cloned();
    let missing = ATTEMPTS.saturating_sub(documented(blocker));
    if missing > 0 {
        return Step::Attempt { rung: at(reached.unwrap_or(0)), missing };
    }
    match reached.map_or_else(|| at(0), |reached| at(reached + 1)) {
        Some(rung) => Step::Escalate { rung },
        None => Step::Decide { rung: reached.and_then(at) },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Step, next};
    use crate::domain::blocker::{Attempt, Blocker};

    fn attempt(at: &str, by: bool, evidence: bool, rung: Option<&str>) -> Attempt {
        Attempt {
            at: at.parse().unwrap(),
            what: "asked".into(),
            by: by.then(|| "ana".into()),
            rung: rung.map(str::to_owned),
            evidence: if evidence { vec!["log.txt".into()] } else { Vec::new() },
        }
    }

    fn after(ladder: &[&str], attempts: Vec<Attempt>) -> Step {
        let plain = json!({"integration": "x", "title": "t", "owner": "o", "opened": "2025-10-07", "ladder": ladder});
        let blocker: Blocker = serde_json::from_value(plain).unwrap();
        next(&Blocker { attempts, ..blocker })
    }

    #[test]
    fn nobody_higher_is_asked_before_two_documented_attempts() {
        let ladder = ["#infra", "manager", "CIO"];
        let good = |rung| attempt("2025-10-08T15:00Z", true, true, rung);
        let tries = |rung: &str, missing| Step::Attempt { rung: Some(rung.to_owned()), missing };
        let escalate = |rung: &str| Step::Escalate { rung: rung.to_owned() };
        let table = [
            (vec![], tries("#infra", 2)),
            (vec![good(None)], tries("#infra", 1)),
            (vec![good(None), attempt("2025-10-08", true, true, None)], tries("#infra", 1)),
            (vec![good(None), attempt("2025-10-08T15:00Z", false, true, None)], tries("#infra", 1)),
            (vec![good(None), attempt("2025-10-08T15:00Z", true, false, Some("manager"))], tries("manager", 1)),
            (vec![good(None), good(None)], escalate("manager")),
            (vec![good(None), good(None), good(Some("manager"))], escalate("CIO")),
            (vec![good(Some("CIO")), good(None)], Step::Decide { rung: Some("CIO".to_owned()) }),
        ];
        for (attempts, step) in table {
            assert_eq!(after(&ladder, attempts.clone()), step, "{attempts:?}");
        }
        assert_eq!(after(&[], vec![good(None), good(None)]), Step::Decide { rung: None });
        assert_eq!(after(&[], vec![]), Step::Attempt { rung: None, missing: 2 });
    }
}
