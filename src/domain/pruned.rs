//! What was taken out of the ledger, and what keeps the rest provable.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::chain::hash::Hash;

/// Says in the chain itself which lines before it are gone. It is appended like any entry, so that a gap without one is a loss.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pruned {
    /// In the ledger's order; they do not overlap.
    pub ranges: Vec<Range>,
    /// Records that went with them.
    pub records: u64,
    /// Where they are kept; absent where they were thrown away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archive: Option<Archive>,
    pub tool: String,
    /// The command line, redacted.
    pub command: Vec<String>,
}

/// Neighbouring lines that were taken out.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Range {
    /// Sequence of the first and of the last of them.
    pub first: u64,
    pub last: u64,
    /// How many lines they were.
    pub lines: u64,
    /// How many of them were half lines, of which nobody knows what they said.
    #[serde(default)]
    pub lost: u64,
    /// Of the line before them; [`Hash::NOTHING`] where there was none.
    pub before: Hash,
    /// Of the last of them, which the line behind them names.
    pub head: Hash,
    /// When the first and the last of them were written.
    pub from: Timestamp,
    pub until: Timestamp,
}

/// A file of pruned lines and records.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Archive {
    /// Relative to the ledger.
    pub file: String,
    /// Of that file.
    pub sha256: Hash,
}
