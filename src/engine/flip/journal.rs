//! How far a flip is: enough to go on, or to take it back, after a crash.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::flip::FlipRun;

/// What is written after every phase, and before the flag is touched.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Journal {
    pub run: FlipRun,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Before>,
}

/// The consumer's answers on the mock path, redacted.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Before {
    /// By request.
    pub answers: BTreeMap<String, Value>,
    /// By request: paths that differed between two answers although nothing was changed.
    pub noise: BTreeMap<String, BTreeSet<String>>,
}
