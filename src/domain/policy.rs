//! What an environment needs before it may go.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::integration::Name;
use crate::domain::readiness::Criterion;

/// The policy of one environment.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Criteria that must be ready (or waived, or n/a).
    pub require: Vec<Criterion>,
    /// Integrations that the verdict is about; all when empty.
    #[serde(default)]
    pub integrations: Vec<Name>,
    /// Hours after which evidence is stale, by criterion.
    #[serde(default)]
    pub max_age_hours: BTreeMap<Criterion, u32>,
    /// The share of operations (0 to 1) that the contract must have asked and kept.
    #[serde(default)]
    pub min_coverage: Option<f64>,
    /// The share of mutations (0 to 1) that the contract must notice.
    #[serde(default)]
    pub min_bite: Option<f64>,
    /// The score (0 to 1) that evidence must reach, by criterion.
    #[serde(default)]
    pub min_score: BTreeMap<Criterion, f64>,
    /// Criteria for which another tool's report or a person's word is enough; none when empty.
    #[serde(default)]
    pub accept_declared: Vec<Criterion>,
    /// What a contract's run must show beside being kept.
    #[serde(default)]
    pub conditions: Vec<Condition>,
}

/// Hours after which evidence is stale where the policy names none.
pub const MAX_AGE_HOURS: u32 = 24 * 7;

impl Policy {
    pub fn max_age_hours(&self, criterion: Criterion) -> u32 {
        self.max_age_hours.get(&criterion).copied().unwrap_or(MAX_AGE_HOURS)
    }

    pub fn accepts_declared(&self, criterion: Criterion) -> bool {
        self.accept_declared.contains(&criterion)
    }

    /// Tells whether the verdict is about an integration.
    pub fn concerns(&self, name: &Name) -> bool {
        self.integrations.is_empty() || self.integrations.contains(name)
    }
}

/// What must hold together in the newest run of a contract: an answer that is fast and wrong holds nothing.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// What it is called in reasons.
    pub name: String,
    /// `contract-twin` or `contract-live`: the evidence that it is asked of.
    pub criterion: Criterion,
    /// Integrations that it is about; all that the policy is about when empty.
    #[serde(default)]
    pub integrations: Vec<Name>,
    /// The scenarios that stand for these promises; the whole contract when empty.
    #[serde(default)]
    pub promises: Vec<String>,
    /// Statuses that the last answer of each of them may have.
    #[serde(default)]
    pub status: Vec<u16>,
    /// JSON Pointer (RFC 6901) → what the last answer of each of them holds there.
    #[serde(default)]
    pub body: BTreeMap<String, Value>,
    /// The host that must have answered.
    #[serde(default)]
    pub host: Option<String>,
    /// Milliseconds within which 95 % of their answers came.
    #[serde(default)]
    pub p95_ms: Option<u32>,
}

impl Condition {
    pub fn concerns(&self, name: &Name) -> bool {
        self.integrations.is_empty() || self.integrations.contains(name)
    }

    /// It asks something of the run, beside naming it.
    pub fn asks(&self) -> bool {
        !(self.promises.is_empty() && self.status.is_empty() && self.body.is_empty())
            || self.host.is_some()
            || self.p95_ms.is_some()
    }
}
