//! What a webhook suite found: each case with what was sent, what came and what was wanted.

use serde::{Deserialize, Serialize};

use crate::domain::exchange::NoAnswer;
use crate::domain::finding::Finding;
use crate::domain::integration::Name;
use crate::domain::receiver::case::Family;
use crate::domain::receiver::timing::Timing;
use crate::domain::record::recorded_exchange::RecordedBody;
use crate::domain::record::{Counts, Outcome};

/// One receiver against all cases of its scheme.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Suite {
    /// The signature scheme.
    pub scheme: String,
    /// Where the receiver is, redacted.
    pub url: String,
    /// Whose deliveries it receives, where the workspace knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub integration: Option<Name>,
    /// How effects were counted; absent where nobody counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observer: Option<String>,
    pub cases: Vec<CaseRun>,
    /// Cases of which the scheme has no notion.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_applicable: Vec<LeftOut>,
    /// What is worth knowing and is no verdict.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
    /// Whether the time of an answer tells how much of the signature is right; absent where it was not looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timing: Option<Timing>,
    /// Requests that were sent to the receiver.
    pub requests: u32,
    /// Milliseconds from the answer to a right delivery until its effect was counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lag_ms: Option<u64>,
    /// Milliseconds without floods.
    pub duration_ms: u64,
    /// Milliseconds of floods alone.
    #[serde(default)]
    pub flood_ms: u64,
}

/// One case as it went.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CaseRun {
    pub name: String,
    pub family: Family,
    /// What a receiver that does otherwise lays itself open to.
    pub shows: String,
    /// In words and without secrets.
    pub sent: String,
    /// What a good receiver answers this sender, and the effect.
    pub wanted: String,
    pub outcome: Outcome,
    /// Why it was not asked; always there when the outcome is `unasked`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Came>,
    /// Effects that were counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effects: Option<i64>,
}

/// One answer to a case.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Came {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_answer: Option<NoAnswer>,
    /// Microseconds.
    pub took_us: u64,
    /// Redacted; kept of broken cases alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<RecordedBody>,
}

/// A case that was not asked because the scheme has no notion of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LeftOut {
    pub name: String,
    pub reason: String,
}

impl Suite {
    pub fn counts(&self) -> Counts {
        Counts::of_outcomes(self.cases.iter().map(|case| case.outcome))
    }

    /// The worst outcome of its cases; `untested` when there are none.
    pub fn outcome(&self) -> Outcome {
        self.cases.iter().map(|case| case.outcome).max().unwrap_or(Outcome::Untested)
    }

    pub fn of(&self, outcome: Outcome) -> impl Iterator<Item = &CaseRun> {
        self.cases.iter().filter(move |case| case.outcome == outcome)
    }
}
