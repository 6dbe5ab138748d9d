//! A request and its answer as a record keeps them: redacted, and cut to what a reader needs.

use serde::{Deserialize, Serialize};

use crate::domain::exchange::NoAnswer;

/// An exchange, redacted and cut to what a reader needs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RecordedExchange {
    pub method: Box<str>,
    /// Path and query, redacted.
    pub path: Box<str>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub request_headers: Vec<(Box<str>, Box<str>)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_body: Option<RecordedBody>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_answer: Option<NoAnswer>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub response_headers: Vec<(Box<str>, Box<str>)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_body: Option<RecordedBody>,
    /// Microseconds.
    pub duration_us: u64,
    /// Position in the ledger of the approval that let it change a live service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<u64>,
}

/// A body's beginning, and what shows that the rest was there.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RecordedBody {
    /// The first bytes as text, redacted.
    pub text: Box<str>,
    /// Bytes of the whole body.
    pub length: u64,
    /// SHA-256 of the whole body (hex); present when `text` is cut.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Box<str>>,
}
