//! The two eras of the protocol, and its versions.

use serde::{Deserialize, Serialize};

/// What a modern client offers (modelcontextprotocol.io, 2026-07-28).
pub const MODERN: &str = "2026-07-28";

/// What a client offers in the handshake of the older era.
pub const LEGACY: &str = "2025-11-25";

/// Versions that open with `initialize`. An older server answers with one of these instead of the one that it was offered.
pub const WITH_HANDSHAKE: [&str; 4] = ["2024-11-05", "2025-03-26", "2025-06-18", LEGACY];

/// How a conversation opens. A server that speaks both keeps to that of the first message that it hears, so that each is
/// tried in a process of its own.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Era {
    /// `server/discover`, and what used to be negotiated in each request (from 2026-07-28 on).
    Modern,
    /// `initialize`, then a session (up to 2025-11-25).
    Legacy,
}

impl Era {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Modern => "modern",
            Self::Legacy => "legacy",
        }
    }
}
