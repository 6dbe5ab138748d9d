//! What a team counts as its readiness with secrets: some of it is paper, some of it can be looked at.

use serde::{Deserialize, Serialize};

use crate::domain::moment::Moment;

/// One line of a readiness list.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Category {
    pub proof: Proof,
    /// Environments in which it counts; all when empty.
    #[serde(default)]
    pub environments: Vec<String>,
    /// Of a document: its path in the workspace.
    #[serde(default)]
    pub document: Option<String>,
    /// Of a statement: who makes it, and when it was made.
    #[serde(default)]
    pub said_by: Option<String>,
    #[serde(default)]
    pub said_at: Option<Moment>,
}

/// What would show it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Proof {
    /// Someone says so. It is shown as said, and counts for nothing.
    Statement,
    /// A file is there and is not empty. Paper: it never counts towards the score.
    Document,
    /// Nothing that the sources read is missing in the inventory.
    Inventory,
    /// Each secret that has to be renewed says after how many days.
    Rotation,
    /// Each required secret has a value of the environment's own somewhere.
    Generated,
    /// Each required secret is right in every place where it must be.
    Deployed,
}

impl Proof {
    /// It is looked at, and not only written down.
    pub fn is_measured(self) -> bool {
        matches!(self, Self::Generated | Self::Deployed)
    }
}

/// What became of a category in one environment.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct CategoryState {
    pub title: String,
    pub proof: Proof,
    pub state: Standing,
    /// In one sentence.
    pub reason: String,
}

/// Whether a line of the list holds.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// Looked at, and so.
    Shown,
    /// On paper or said: nothing was looked at.
    Written,
    Unknown,
    Missing,
}

impl Standing {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Shown => "shown",
            Self::Written => "written",
            Self::Unknown => "unknown",
            Self::Missing => "missing",
        }
    }
}
