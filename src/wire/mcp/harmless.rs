//! The proof that a tool may be called on a live server: the server says that it only reads, or a person does and says why.

use serde_json::{Map, Value};

use crate::wire::mcp::tools::Tool;

/// A call that changes nothing. Made here alone.
#[derive(Clone, Debug)]
pub struct Harmless {
    tool: String,
    arguments: Map<String, Value>,
}

/// What a person says of a call.
#[derive(Clone, Copy, Debug)]
pub struct Vouched<'a> {
    /// It only reads.
    pub read_only: bool,
    /// Why that is so.
    pub why: Option<&'a str>,
}

/// Why a tool is not called.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Unproven {
    #[error("`{0}` is not in the list of tools")]
    NotListed(String),
    #[error("the server says that `{0}` destroys")]
    Destroys(String),
    #[error("the server does not say that `{0}` only reads (`readOnlyHint`), and neither does the probe (`read_only: true` with a reason)")]
    Unsaid(String),
    #[error("the probe says that `{0}` only reads, but not why")]
    NoReason(String),
}

impl Harmless {
    /// # Errors
    /// Nobody says that the tool only reads, or the server says that it does more.
    pub fn prove(
        tool: &str,
        arguments: Map<String, Value>,
        listed: &[Tool],
        vouched: Vouched<'_>,
    ) -> Result<Self, Unproven> {
        let named = || tool.to_owned();
        let found = listed.iter().find(|one| one.name == tool).ok_or_else(|| Unproven::NotListed(named()))?;
        let only_reads = found.read_only == Some(true);
        // Where a tool only reads, `destructiveHint` has no meaning (specification 2025-03-26, tool annotations).
        if !only_reads && found.destructive == Some(true) {
            return Err(Unproven::Destroys(named()));
        }
        let has_reason = vouched.why.is_some_and(|why| !why.trim().is_empty());
        match (only_reads, vouched.read_only) {
            (true, _) => Ok(Self { tool: named(), arguments }),
            (false, true) if has_reason => Ok(Self { tool: named(), arguments }),
            (false, true) => Err(Unproven::NoReason(named())),
            (false, false) => Err(Unproven::Unsaid(named())),
        }
    }

    pub fn tool(&self) -> &str {
        &self.tool
    }

    pub fn arguments(&self) -> &Map<String, Value> {
        &self.arguments
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Map;

    use super::{Harmless, Unproven, Vouched};
    use crate::wire::mcp::tools::Tool;

    #[test]
    fn a_call_is_harmless_only_when_somebody_answers_for_it() {
        let none: Option<&str> = None;
        let name = || "t".to_owned();
        for (read_only, destructive, says, why, expected) in [
            (Some(true), None, false, none, Ok(())),
            (Some(true), Some(true), false, none, Ok(())),
            (None, None, true, Some("it only searches"), Ok(())),
            (Some(false), None, true, Some("it only searches"), Ok(())),
            (None, None, true, none, Err(Unproven::NoReason(name()))),
            (None, None, true, Some(" "), Err(Unproven::NoReason(name()))),
            (None, None, false, Some("why"), Err(Unproven::Unsaid(name()))),
            (Some(false), Some(true), true, Some("I know better"), Err(Unproven::Destroys(name()))),
            (None, Some(true), true, Some("I know better"), Err(Unproven::Destroys(name()))),
        ] {
            let listed = [Tool { name: name(), read_only, destructive, schema: String::new() }];
            let vouched = Vouched { read_only: says, why };
            let proven = Harmless::prove("t", Map::new(), &listed, vouched).map(|_| ());
            assert_eq!(proven, expected, "{read_only:?} {destructive:?} {says} {why:?}");
            assert!(matches!(Harmless::prove("u", Map::new(), &listed, vouched), Err(Unproven::NotListed(_))));
        }
    }
}
