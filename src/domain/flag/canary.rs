//! The request whose answer can only come from the live path, or only from the mock one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How the path that an app took is told from its answer.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Canary {
    /// The integration whose base URL is asked; the first one of the flag when absent.
    #[serde(default)]
    pub integration: Option<String>,
    /// `GET /path`: only what reads.
    pub request: String,
    /// JSON paths with the values that only the live path gives.
    pub live: BTreeMap<String, Value>,
    /// JSON paths with the values that only the mock path gives.
    pub mock: BTreeMap<String, Value>,
    /// The schema (`idea-pool/v4`) by which every live answer is judged while a flip is watched.
    #[serde(default)]
    pub schema: Option<String>,
}
