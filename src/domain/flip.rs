//! A flip of a feature flag: what is declared of it, and what happened while it was proven.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::integration::Name;
use crate::domain::readiness::Verdict;
use crate::domain::record::{ContractRun, Outcome};

/// How a flag's flip is proven, under `flags.NAME.flip` in preflight.yaml, beside its canary.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Proof {
    /// Requests whose answers must be the same before the flip and after the rollback; the canary's own when empty.
    pub baseline: Vec<String>,
    /// Paths whose shape and value may be others on the live path, with everything below them: `$.data.ideas[*].evidence`.
    pub passes_over: Vec<String>,
    /// Seconds from the change in the store until the consumer must follow.
    pub effective_within_seconds: u32,
    /// Seconds that a person has to switch it where no store can be written to.
    pub by_hand_within_seconds: u32,
    pub watch: Watch,
}

impl Default for Proof {
    fn default() -> Self {
        Self {
            baseline: Vec::new(),
            passes_over: Vec::new(),
            effective_within_seconds: 60,
            by_hand_within_seconds: 900,
            watch: Watch::default(),
        }
    }
}

/// How long a flipped flag is watched, and what it may not exceed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Watch {
    pub seconds: u32,
    pub every_seconds: u32,
    /// The share of answers (0 to 1) that may fail.
    pub most_errors: f64,
    /// Milliseconds that 95 of 100 answers may take at most; no limit when absent.
    pub p95_ms: Option<u32>,
}

impl Default for Watch {
    fn default() -> Self {
        Self { seconds: 300, every_seconds: 5, most_errors: 0.01, p95_ms: None }
    }
}

/// A part of a flip, in the order in which they are done.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    Gate,
    Before,
    Flip,
    Effective,
    Contract,
    Watch,
    Rollback,
    ProveRollback,
}

impl Phase {
    pub const ALL: [Self; 8] = [
        Self::Gate,
        Self::Before,
        Self::Flip,
        Self::Effective,
        Self::Contract,
        Self::Watch,
        Self::Rollback,
        Self::ProveRollback,
    ];

    /// It is a part of the way back.
    pub fn takes_back(self) -> bool {
        matches!(self, Self::Rollback | Self::ProveRollback)
    }

    /// What it is for, as a heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::Gate => "Prerequisites, policy and approval",
            Self::Before => "The mock path keeps its contract",
            Self::Flip => "The flag is switched on",
            Self::Effective => "The consumer follows",
            Self::Contract => "The live path keeps its contract",
            Self::Watch => "It stays so",
            Self::Rollback => "The flag is switched off",
            Self::ProveRollback => "The consumer is back where it was",
        }
    }
}

/// What came of one phase.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PhaseRun {
    pub phase: Phase,
    pub outcome: Outcome,
    /// One sentence.
    pub told: String,
    /// What it saw, a line each; redacted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seen: Vec<String>,
    /// The contract that was run for it: safe requests only, scenarios of the flag's other state left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<Box<ContractRun>>,
    pub started: Timestamp,
    pub finished: Timestamp,
}

/// Where a flip leaves the flag.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Left {
    /// It was never touched.
    Untouched,
    /// Proven on.
    On,
    /// Proven off again.
    Off,
    /// It was switched on, and nothing shows that it is off.
    PerhapsOn,
}

impl Left {
    /// As a sentence: `The flag …`.
    pub fn told(self) -> &'static str {
        match self {
            Self::Untouched => "was never touched",
            Self::On => "is on",
            Self::Off => "is off again",
            Self::PerhapsOn => "is left on, or nothing shows that it is off",
        }
    }
}

impl PhaseRun {
    /// Milliseconds.
    pub fn took_ms(&self) -> u64 {
        u64::try_from(self.finished.duration_since(self.started).as_millis()).unwrap_or_default()
    }
}

/// One flip, or its rehearsal.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FlipRun {
    pub flag: String,
    pub integration: Name,
    pub rehearsal: bool,
    pub verdict: Verdict,
    /// The first thing that stood between it and GO.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    pub left: Left,
    pub phases: Vec<PhaseRun>,
    /// Tries to roll back that did not take, or were cut off, before the one that stands in `phases`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<PhaseRun>,
    /// Paths that differ between two answers of one path: proposals for what a comparison may pass over.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub noise: Vec<String>,
    /// Milliseconds from the change until the consumer followed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_ms: Option<u64>,
    /// Milliseconds from the rollback until it was proven.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollback_ms: Option<u64>,
    /// The commands that switch it on and off, as the store understands them.
    pub switch_on: String,
    pub switch_off: String,
}

impl FlipRun {
    pub fn phase(&self, phase: Phase) -> Option<&PhaseRun> {
        self.phases.iter().find(|run| run.phase == phase)
    }

    /// Every phase that was done, in the order of time.
    pub fn history(&self) -> Vec<&PhaseRun> {
        let mut all: Vec<&PhaseRun> = self.earlier.iter().chain(&self.phases).collect();
        all.sort_by_key(|run| (run.started, run.phase));
        all
    }

    /// Lays a rollback aside that was tried before, so that it is tried anew.
    pub fn forget_rollback(&mut self) {
        let (done, rest) = std::mem::take(&mut self.phases).into_iter().partition(|run| run.phase.takes_back());
        self.phases = rest;
        let done: Vec<PhaseRun> = done;
        self.earlier.extend(done);
        self.rollback_ms = None;
    }

    /// What its verdict says of it.
    pub fn outcome(&self) -> Outcome {
        match self.verdict {
            Verdict::Go => Outcome::Kept,
            Verdict::NoGo => Outcome::Broken,
            Verdict::Unknown => Outcome::Unasked,
        }
    }
}
