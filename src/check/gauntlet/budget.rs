//! Whether all calls together keep to a budget of retries.

use crate::check::gauntlet::trial::Trial;
use crate::domain::gauntlet::{Code, Flaw, Judged, Question};
use crate::domain::lesson::expect::Budget;
use crate::domain::timeline::Call;

/// Fewer calls than these say nothing of a budget.
const LEAST_CALLS: usize = 10;

/// Retries of all calls of a play, against what the budget allows.
pub fn budget(trial: &Trial<'_>, budget: Budget) -> Judged {
    let (mut flaws, mut told, mut asked) = (Vec::new(), String::new(), false);
    for (play, played) in trial.numbered() {
        let calls = played.timeline.calls();
        if calls.len() < LEAST_CALLS {
            continue;
        }
        asked = true;
        let retries: Vec<u32> = calls.iter().flat_map(Call::retries).map(|(_, after)| after.number).collect();
        #[expect(clippy::cast_precision_loss, reason = "requests of one play are far below 2^52")]
        let (count, allowed) = (retries.len() as f64, f64::from(budget.free) + budget.ratio * calls.len() as f64);
        told = format!("{} retries for {} calls, {allowed:.0} are allowed", retries.len(), calls.len());
        if count > allowed {
            flaws.push(Flaw {
                ratio: Some(count / allowed.max(1.0)),
                ..Flaw::new(Code::OverBudget, told.clone(), play, retries)
            });
        }
    }
    Judged::broken(Question::Budget, flaws).unwrap_or_else(|| {
        if asked {
            Judged::kept(Question::Budget, told)
        } else {
            Judged::unasked(Question::Budget, format!("the client made fewer than {LEAST_CALLS} calls"))
        }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::check::gauntlet::trial::tests::{lesson, play, verdict};
    use crate::domain::gauntlet::{Code, Ended, Play};
    use crate::domain::record::Outcome;
    use crate::domain::timeline::tests::arrival;

    fn storm(calls: u32, attempts: u32) -> Vec<Play> {
        let one = |n: u32| arrival(n + 1, u64::from(n) * 10, &format!("/{}", n % calls), Some("status:503"));
        vec![play(Ended::Exit(1), (0..calls * attempts).map(one).collect())]
    }

    #[test]
    fn retries_are_counted_over_all_calls() {
        let lesson = lesson(&json!({"budget": {"free": 10, "ratio": 0.2}}));
        assert_eq!(verdict(&lesson, &storm(20, 4), None), (Outcome::Broken, vec![Code::OverBudget]));
        assert_eq!(verdict(&lesson, &storm(10, 2), None).0, Outcome::Kept);
        assert_eq!(verdict(&lesson, &storm(3, 9), None).0, Outcome::Unasked);
    }
}
