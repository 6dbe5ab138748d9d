//! What happened: the run of a probe and of its steps, redacted, as a record keeps it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::finding::Finding;
use crate::domain::integration::Name;
use crate::domain::probe::ask::Kind;
use crate::domain::probe::cannot::CannotTell;
use crate::domain::probe::service::Service;
use crate::domain::probe::specified::Depth;
use crate::domain::record::recorded_exchange::{RecordedBody, RecordedExchange};
use crate::domain::record::{Counts, HostEvidence, Outcome};

/// What a run of `preflight probe` brought, in the order of the workspace.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Probes {
    pub runs: Vec<ProbeRun>,
}

/// One probe, as it went.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ProbeRun {
    pub probe: Name,
    pub integration: Name,
    pub title: String,
    pub service: Service,
    pub outcome: Outcome,
    pub started: Timestamp,
    /// Microseconds, all steps together.
    pub duration_us: u64,
    pub steps: Vec<StepRun>,
    /// Who answered, where anybody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<HostEvidence>,
}

/// One step, as it went.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StepRun {
    pub name: String,
    pub kind: Kind,
    pub depth: Depth,
    pub outcome: Outcome,
    /// When it was done with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Timestamp>,
    /// Why nothing could be told; always there when the outcome is `unasked`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cannot: Option<CannotTell>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
    /// How many promises were asked.
    pub checks: u32,
    /// Microseconds that the answer took, without what it took to start; absent where none came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_us: Option<u64>,
    /// Microseconds from starting a process until its first answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cold_start_us: Option<u64>,
    /// It decides nothing: what is told where it does not hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
    /// What was seen beside what is promised (`expires`, `era`, `stderr`).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exchanges: Vec<RecordedExchange>,
    /// What another protocol than HTTP brought.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<RecordedBody>,
}

impl StepRun {
    /// A step of which nothing could be told.
    pub fn unasked(name: &str, kind: Kind, depth: Depth, cannot: CannotTell) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            depth,
            outcome: Outcome::Unasked,
            ended: None,
            cannot: Some(cannot),
            findings: Vec::new(),
            checks: 0,
            latency_us: None,
            cold_start_us: None,
            advice: None,
            facts: BTreeMap::new(),
            exchanges: Vec::new(),
            document: None,
        }
    }

    /// Tells whether its outcome counts.
    pub fn decides(&self) -> bool {
        self.advice.is_none()
    }
}

impl ProbeRun {
    /// The outcome of steps together: the worst of those that decide. What was held back follows from another step.
    pub fn outcome_of(steps: &[StepRun]) -> Outcome {
        steps.iter().filter(|step| step.decides()).map(|step| step.outcome).max().unwrap_or(Outcome::Untested)
    }

    /// The step that decided, unless all held.
    pub fn culprit(&self) -> Option<&StepRun> {
        let bad = |outcome| self.steps.iter().find(|step| step.decides() && step.outcome == outcome);
        bad(Outcome::Broken).or_else(|| bad(Outcome::Unasked)).or_else(|| bad(Outcome::Untested))
    }

    /// Microseconds of its slowest answer, which is what a user waits for; None where none came.
    pub fn latency_us(&self) -> Option<u64> {
        self.steps.iter().filter(|step| step.decides()).filter_map(|step| step.latency_us).max()
    }

    /// Advice of steps that did not hold.
    pub fn advice(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().filter(|step| step.outcome == Outcome::Broken).filter_map(|step| step.advice.as_deref())
    }
}

impl Probes {
    pub fn counts(&self) -> Counts {
        Counts::of_outcomes(self.runs.iter().map(|run| run.outcome))
    }

    /// The worst outcome; untested where nothing was asked.
    pub fn outcome(&self) -> Outcome {
        self.runs.iter().map(|run| run.outcome).max().unwrap_or(Outcome::Untested)
    }
}

#[cfg(test)]
mod tests {
    use super::{Outcome, ProbeRun, StepRun};
    use crate::domain::probe::ask::Kind;
    use crate::domain::probe::cannot::{CannotTell, Word};
    use crate::domain::probe::specified::Depth;

    fn step(outcome: Outcome, advice: Option<&str>) -> StepRun {
        let cannot = CannotTell::new(Word::Refused, "nobody is there");
        let step = StepRun::unasked("a", Kind::Http, Depth::Liveness, cannot);
        StepRun { outcome, advice: advice.map(str::to_owned), ..step }
    }

    #[test]
    fn a_probe_is_as_good_as_its_worst_step_that_decides() {
        use Outcome::{Broken, Kept, Unasked, Untested};
        for (steps, outcome) in [
            (vec![], Untested),
            (vec![step(Kept, None), step(Kept, None)], Kept),
            (vec![step(Kept, None), step(Unasked, None)], Unasked),
            (vec![step(Broken, None), step(Unasked, None)], Broken),
            (vec![step(Kept, None), step(Broken, Some("this release has no such path"))], Kept),
            (vec![step(Kept, Some("x"))], Untested),
        ] {
            assert_eq!(ProbeRun::outcome_of(&steps), outcome);
        }
    }
}
