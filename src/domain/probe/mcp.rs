//! How an MCP server is asked: the server of a probe, and what one step wants of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The server that all `mcp` steps of a probe talk to, in one session: started (or connected to) by the first of them,
/// and ended in order after the last.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// Over stdio: the program and its arguments; `${NAME}` is filled in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
    /// Variables of that process, beside `PATH`, `HOME` and what a process cannot do without; `${NAME}` is filled in.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// Over streamable HTTP: a path under the integration's base URL (`/mcp`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Headers of each request; `${NAME}` is filled in.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    #[serde(default)]
    pub era: Era,
    /// Milliseconds that the first answer of a process may take.
    #[serde(default = "cold_start_ms")]
    pub cold_start_ms: u64,
    /// Milliseconds that a process may take to end once its stdin is closed.
    #[serde(default = "shutdown_ms")]
    pub shutdown_ms: u64,
}

/// Twenty seconds: slow starters of November 2026 (analytics-mcp 0.8.0, @shopify/dev-mcp 1.16.0) took up to nine.
fn cold_start_ms() -> u64 {
    20_000
}

fn shutdown_ms() -> u64 {
    5000
}

/// Which era of the protocol is spoken. A server that speaks both locks itself to that of the first message.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Era {
    /// Found out in a process of its own, then spoken in a fresh one.
    #[default]
    Either,
    /// `initialize` (2024-11-05 to 2025-11-25).
    Legacy,
    /// `server/discover` (2026-07-28 and later).
    Modern,
}

/// What one step wants: exactly one of the three.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mcp {
    /// The handshake, and then a ping (legacy) or nothing more (modern: the discovery is the ping).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handshake: Option<Handshake>,
    /// Lists all pages of the tools and holds them against what is pinned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tools: Option<Tools>,
    /// Calls one tool that only reads. The result is the document of the step's sentences.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<Call>,
}

/// What the handshake has to bring.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Handshake {
    /// The name that the server gives itself; not looked at when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Protocol versions that may be agreed on; any that we speak when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub versions: Vec<String>,
}

/// The tools that have to be there.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tools {
    /// Name -> SHA-256 (hex) of the tool's `inputSchema` in canonical JSON; an empty text pins the name alone.
    pub pinned: BTreeMap<String, String>,
    /// Other tools may be there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub others: bool,
}

/// A call of a tool that only reads.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    pub tool: String,
    /// Texts in it may hold `${NAME}`.
    #[serde(default, skip_serializing_if = "serde_json::Value::is_null")]
    pub arguments: serde_json::Value,
    /// A person answers for it that the tool only reads, where the server does not say so itself (`readOnlyHint`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub read_only: bool,
    /// Why that is so; needed with `read_only`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

impl Call {
    fn problem(&self) -> Option<&'static str> {
        let has_reason = self.why.as_ref().is_some_and(|why| !why.trim().is_empty());
        if !(self.arguments.is_null() || self.arguments.is_object()) {
            Some("`arguments` of a call is an object")
        } else if self.read_only && !has_reason {
            Some("`read_only: true` needs a `why`: what the tool does, and why that changes nothing")
        } else {
            None
        }
    }
}

impl Mcp {
    /// What is wrong with it as it is written.
    pub fn problem(&self) -> Option<&'static str> {
        let wants = [self.handshake.is_some(), self.tools.is_some(), self.call.is_some()];
        match wants.into_iter().filter(|wanted| *wanted).count() {
            1 if self.tools.as_ref().is_some_and(|tools| tools.pinned.is_empty()) => {
                Some("it pins no tool, so it cannot fail")
            }
            1 => self.call.as_ref().and_then(Call::problem),
            _ => Some("it needs exactly one of `handshake`, `tools` and `call`"),
        }
    }
}

impl Server {
    /// What is wrong with it as it is written.
    pub fn problem(&self) -> Option<&'static str> {
        match (self.command.is_empty(), &self.path) {
            (false, None) => None,
            (true, Some(path)) if path.starts_with('/') => None,
            (true, Some(_)) => Some("`path` is a path under the integration's base URL, as in `/mcp`"),
            _ => Some("it needs `command` (over stdio) or `path` (over HTTP), and not both"),
        }
    }
}
