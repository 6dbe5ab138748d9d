//! How a vendor did over the last thirty days, by the live evidence alone, and how far that must be escalated.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::domain::entry::History;
use crate::domain::evidence::{Class, Evidence};
use crate::domain::integration::Name;
use crate::domain::readiness::condition::percentile;
use crate::domain::record::{Kind, Outcome};
use crate::domain::target::Target;
use crate::domain::vendor::Declared;

/// Days that a scorecard looks back: it is made monthly.
pub const DAYS: i64 = 30;

/// What the live evidence of a month says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Scorecard {
    /// Live runs and probes that reached the vendor or tried to.
    pub runs: u32,
    /// Share of them (0 to 1) that the vendor answered; absent without any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reachable: Option<f64>,
    /// Share of scenarios and probes (0 to 1) that were broken, of those that were asked; absent without any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub errors: Option<f64>,
    /// Milliseconds within which 95 % of the newest live run's answers came; absent where its record was not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p95_ms: Option<u64>,
    /// What was expected, as declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline_ms: Option<u32>,
    /// A to F; absent where nothing live was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grade: Option<char>,
    pub escalation: Escalation,
    /// What the grade and the escalation rest on, or why there are none.
    pub reason: String,
}

/// How far a vendor's trouble must be carried (HotDash, vendor management: L1 errors under 5 % and under twice the
/// baseline, L2 up to 10 % or five times, L3 above).
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Escalation {
    /// Nothing live was measured: neither calm nor trouble.
    Unknown,
    None,
    L1,
    L2,
    L3,
}

impl Escalation {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::None => "none",
            Self::L1 => "L1",
            Self::L2 => "L2",
            Self::L3 => "L3",
        }
    }
}

/// Scores one vendor.
pub fn score(name: &Name, declared: Option<&Declared>, history: &History, now: Timestamp) -> Scorecard {
    let since = now - SignedDuration::from_hours(24 * DAYS);
    let live: Vec<&Evidence> = history
        .evidence()
        .map(|(_, shown)| shown)
        .filter(|shown| shown.integration == *name && shown.target == Target::Live && shown.class == Class::Measured)
        .filter(|shown| matches!(shown.kind, Kind::ContractRun | Kind::Probe))
        .filter(|shown| shown.finished > since && shown.finished <= now)
        .collect();
    let asked = |shown: &&&Evidence| shown.counts.kept + shown.counts.broken > 0;
    let baseline_ms = declared.and_then(|declared| declared.baseline_ms);
    let mut card = Scorecard {
        runs: count(live.len()),
        reachable: share(count(live.iter().filter(asked).count()), count(live.len())),
        errors: share(
            live.iter().map(|shown| shown.counts.broken).sum(),
            live.iter().map(|shown| shown.counts.kept + shown.counts.broken).sum(),
        ),
        p95_ms: live.last().and_then(|newest| latency(newest, history)),
        baseline_ms,
        grade: None,
        escalation: Escalation::Unknown,
        reason: format!("nothing live was measured in {DAYS} days"),
    };
    if let Some(errors) = card.errors {
        let slowness = card.p95_ms.zip(baseline_ms).map(|(came, expected)| ratio(came, expected));
        let down = live.last().is_some_and(|newest| newest.outcome == Outcome::Unasked);
        card.escalation = escalation(errors, slowness, down);
        card.grade = Some(grade(errors, card.reachable.unwrap_or(0.0), slowness));
        card.reason = told(&card, slowness, down);
    } else if !live.is_empty() {
        card.reason = format!("none of {} live runs in {DAYS} days was answered", live.len());
        // It was asked again and again and nobody was there.
        card.escalation = Escalation::L3;
        card.grade = Some('F');
    }
    card
}

fn latency(shown: &Evidence, history: &History) -> Option<u64> {
    let record = history.records.get(&shown.record)?;
    let run = record.contracts.iter().find(|run| run.integration == shown.integration)?;
    let exchanges = run.scenarios.iter().flat_map(|scenario| &scenario.exchanges);
    let answered = exchanges.filter(|exchange| exchange.status.is_some()).map(|exchange| exchange.duration_us);
    percentile(answered.collect(), 95).map(|us| us.div_ceil(1_000))
}

fn escalation(errors: f64, slowness: Option<f64>, down: bool) -> Escalation {
    let slowness = slowness.unwrap_or(0.0);
    if errors > 0.10 || slowness > 5.0 || down {
        Escalation::L3
    } else if errors >= 0.05 || slowness >= 2.0 {
        Escalation::L2
    } else if errors > 0.0 || slowness > 1.0 {
        Escalation::L1
    } else {
        Escalation::None
    }
}

/// The letters have no published formula. Ours: the worst of errors (1, 2, 5, 10 %), answers (99.9, 99.5, 99, 95 %) and
/// latency (1, 1.5, 2, 5 times what was expected) decides.
fn grade(errors: f64, reachable: f64, slowness: Option<f64>) -> char {
    let step = |value: f64, limits: [f64; 4]| limits.iter().filter(|limit| value > **limit).count();
    let worst = step(errors, [0.01, 0.02, 0.05, 0.10])
        .max(step(1.0 - reachable, [0.001, 0.005, 0.01, 0.05]))
        .max(step(slowness.unwrap_or(0.0), [1.0, 1.5, 2.0, 5.0]));
    ['A', 'B', 'C', 'D', 'F'][worst]
}

fn told(card: &Scorecard, slowness: Option<f64>, down: bool) -> String {
    let mut parts = vec![format!("{} live runs in {DAYS} days", card.runs)];
    parts.extend(card.errors.map(|errors| format!("{:.1} % broken", errors * 100.0)));
    parts.extend(card.reachable.map(|share| format!("{:.1} % answered", share * 100.0)));
    match (card.p95_ms, slowness) {
        (Some(ms), Some(times)) => parts.push(format!("p95 {ms} ms, {times:.1} times what was expected")),
        (Some(ms), None) => parts.push(format!("p95 {ms} ms, and no baseline is declared")),
        _ => parts.push("latency not known".to_owned()),
    }
    if down {
        parts.push("not reachable in the last run".to_owned());
    }
    parts.join(", ")
}

fn share(part: u32, whole: u32) -> Option<f64> {
    (whole > 0).then(|| f64::from(part) / f64::from(whole))
}

fn ratio(came: u64, expected: u32) -> f64 {
    f64::from(u32::try_from(came).unwrap_or(u32::MAX)) / f64::from(expected.max(1))
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Escalation, Scorecard, escalation, grade, score};
    use crate::domain::entry::{Entry, History};

    /// Evidence of the service: (days ago, kept, broken, target).
    fn history(runs: &[(u32, u32, u32, &str)]) -> History {
        let entry = |(index, (days, kept, broken, target)): (usize, &(u32, u32, u32, &str))| -> Entry {
            let at = jiff::Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(24 * (1000 - i64::from(*days)));
            let outcome = if *broken > 0 {
                "broken"
            } else if *kept > 0 {
                "kept"
            } else {
                "unasked"
            };
            let mut evidence = json!({
                "kind": "contract-run", "class": "measured", "integration": "shop", "target": target,
                "record": "r", "digest": "d", "outcome": outcome, "partial": false, "tool": "p", "command": [],
                "counts": {"kept": kept, "broken": broken, "unasked": 0, "untested": 0},
                "coverage": {"operations": 0, "asked": 0, "kept": 0}, "exit_code": 0, "started": at, "finished": at,
            });
            if *target == "live" {
                evidence["environment"] = json!("production");
            }
            serde_json::from_value(json!({
                "version": 1, "sequence": index + 1, "previous": "0".repeat(64), "written": at, "body": {"evidence": evidence},
            }))
            .expect("an entry")
        };
        History { entries: runs.iter().enumerate().map(entry).collect(), ..History::default() }
    }

    fn card(runs: &[(u32, u32, u32, &str)]) -> Scorecard {
        let now = jiff::Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(24_000);
        score(&"shop".parse().expect("a good name"), None, &history(runs), now)
    }

    #[test]
    fn without_live_evidence_there_is_no_letter() {
        for (what, runs) in
            [("nothing", &[][..]), ("a twin", &[(1, 100, 0, "twin")]), ("a month ago", &[(31, 100, 0, "live")])]
        {
            let card = card(runs);
            assert_eq!((card.grade, card.escalation), (None, Escalation::Unknown), "{what}");
        }
        let nobody = card(&[(1, 0, 0, "live")]);
        assert_eq!((nobody.grade, nobody.escalation), (Some('F'), Escalation::L3), "{}", nobody.reason);
    }

    #[test]
    fn live_evidence_is_graded() {
        for (runs, letter, level) in [
            (&[(2, 100, 0, "live")][..], 'A', Escalation::None),
            (&[(2, 98, 2, "live")], 'B', Escalation::L1),
            (&[(2, 94, 6, "live")], 'D', Escalation::L2),
            (&[(2, 80, 20, "live")], 'F', Escalation::L3),
            (&[(3, 0, 0, "live"), (2, 100, 0, "live")], 'F', Escalation::None),
        ] {
            let card = card(runs);
            assert_eq!((card.grade, card.escalation), (Some(letter), level), "{runs:?}: {}", card.reason);
        }
    }

    #[test]
    fn the_rungs_of_escalation_are_where_they_were_written() {
        for (errors, slowness, level) in [
            (0.0, None, Escalation::None),
            (0.049, None, Escalation::L1),
            (0.05, None, Escalation::L2),
            (0.10, None, Escalation::L2),
            (0.101, None, Escalation::L3),
            (0.0, Some(1.9), Escalation::L1),
            (0.0, Some(2.0), Escalation::L2),
            (0.0, Some(5.1), Escalation::L3),
        ] {
            assert_eq!(escalation(errors, slowness, false), level, "{errors} {slowness:?}");
        }
        assert_eq!(grade(0.0, 1.0, Some(6.0)), 'F', "the worst decides");
    }
}
