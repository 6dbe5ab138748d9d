//! A declared obstacle between an integration and its launch.

pub mod case;
pub mod dates;
pub mod draft;
pub mod ladder;
pub mod overdue;
pub mod summary;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::moment::Moment;

/// Someone says that this stands in the way. It is typed by hand, so it carries who, when and why.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Blocker {
    pub integration: String,
    /// Environments that it blocks; all when empty.
    #[serde(default)]
    pub environments: Vec<String>,
    pub title: String,
    /// Who can remove it.
    pub owner: String,
    pub opened: Moment,
    #[serde(default)]
    pub due: Option<Moment>,
    /// What must arrive before it is gone.
    #[serde(default)]
    pub deliverables: Vec<String>,
    #[serde(default)]
    pub attempts: Vec<Attempt>,
    /// The rungs of its escalation, in order.
    #[serde(default)]
    pub ladder: Vec<String>,
    #[serde(default)]
    pub resolved: Option<Moment>,
    #[serde(default)]
    pub note: Option<String>,
}

/// One documented attempt to remove a blocker.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attempt {
    pub at: Moment,
    /// Where it was made and what was asked.
    pub what: String,
    #[serde(default)]
    pub by: Option<String>,
    /// The rung of the ladder on which it was made.
    #[serde(default)]
    pub rung: Option<String>,
    /// Files or links that show it.
    #[serde(default)]
    pub evidence: Vec<String>,
}

impl Attempt {
    /// Tells whether it is documented: made at a time (a day alone is none), by someone, with evidence.
    pub fn is_documented(&self) -> bool {
        matches!(self.at, Moment::Time(_)) && self.by.is_some() && !self.evidence.is_empty()
    }
}

impl Blocker {
    /// Tells whether it stands in the way at `now`: what is said to be resolved tomorrow still blocks today.
    pub fn blocks(&self, now: Timestamp, integration: &str, environment: &str) -> bool {
        self.resolved.is_none_or(|resolved| resolved.start() > now) && self.concerns(integration, environment)
    }

    pub fn concerns(&self, integration: &str, environment: &str) -> bool {
        self.integration == integration
            && (self.environments.is_empty() || self.environments.iter().any(|e| e == environment))
    }
}
