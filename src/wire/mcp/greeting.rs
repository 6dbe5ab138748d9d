//! What a server says of itself first, in either era, and what that tells.

use serde_json::Value;

use crate::wire::mcp::message::{MODERN_CODES, Refusal, UNSUPPORTED_VERSION};
use crate::wire::mcp::version::{Era, LEGACY, MODERN, WITH_HANDSHAKE};

/// Who answered.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Server {
    pub era: Era,
    /// The version that both will speak.
    pub version: String,
    /// What it calls itself; a modern server need not (2026-07-28).
    pub name: Option<String>,
    /// Of the software; often not its package's.
    pub release: Option<String>,
    /// It says that it has tools.
    pub has_tools: bool,
}

/// Why a greeting is none.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum BadGreeting {
    #[error("its answer has no `{0}`")]
    Missing(&'static str),
    #[error("it speaks version {0}, which was never specified")]
    UnknownVersion(String),
    #[error("it does not speak {MODERN} but {}", .0.join(", "))]
    OtherVersions(Vec<String>),
    #[error("its first result is not complete but `{0}`")]
    NotComplete(String),
    #[error("it refuses the handshake: {0}")]
    Refused(Refusal),
}

/// What an answer to `server/discover` tells.
#[derive(Clone, Debug, PartialEq)]
pub enum Discovered {
    Modern(Result<Server, BadGreeting>),
    /// It does not know the question: a server of the older era, to be greeted anew in a process of its own.
    Legacy,
}

/// A result, or an error that only modern servers give, is modern; any other error is not (specification 2026-07-28, era detection).
pub fn discovered(outcome: &Result<Value, Refusal>) -> Discovered {
    match outcome {
        Ok(result) => Discovered::Modern(modern(result)),
        Err(refusal) if refusal.code == UNSUPPORTED_VERSION => {
            let listed = refusal.data.as_ref().and_then(|data| data.get("supported")).map(texts).unwrap_or_default();
            // One that also greets in the older way is asked so.
            if listed.iter().any(|version| WITH_HANDSHAKE.contains(&version.as_str())) {
                return Discovered::Legacy;
            }
            Discovered::Modern(Err(BadGreeting::OtherVersions(listed)))
        }
        Err(refusal) if MODERN_CODES.contains(&refusal.code) => {
            Discovered::Modern(Err(BadGreeting::Refused(refusal.clone())))
        }
        Err(_) => Discovered::Legacy,
    }
}

fn modern(result: &Value) -> Result<Server, BadGreeting> {
    complete(result).map_err(BadGreeting::NotComplete)?;
    let supported = result.get("supportedVersions").filter(|list| list.is_array());
    let supported = texts(supported.ok_or(BadGreeting::Missing("supportedVersions"))?);
    let capabilities = result.get("capabilities").filter(|told| told.is_object());
    let capabilities = capabilities.ok_or(BadGreeting::Missing("capabilities"))?;
    if !supported.iter().any(|version| version == MODERN) {
        return Err(BadGreeting::OtherVersions(supported));
    }
    let info = result.get("_meta").and_then(|meta| meta.get("io.modelcontextprotocol/serverInfo"));
    let told = |member: &str| text(info?, member);
    Ok(Server {
        era: Era::Modern,
        version: MODERN.to_owned(),
        name: told("name"),
        release: told("version"),
        has_tools: capabilities.get("tools").is_some(),
    })
}

/// Every result of the modern era says whether it is one (2026-07-28); what does not say is one.
///
/// # Errors
/// The word that it says instead.
pub fn complete(result: &Value) -> Result<(), String> {
    match result.get("resultType").map(|kind| kind.as_str().unwrap_or("no text")) {
        None | Some("complete") => Ok(()),
        Some(other) => Err(other.to_owned()),
    }
}

/// What an answer to `initialize` tells. A server that does not speak the version that it was offered answers with another
/// one, and not with an error.
///
/// # Errors
/// It is refused, or no handshake.
pub fn initialized(outcome: &Result<Value, Refusal>) -> Result<Server, BadGreeting> {
    let result = outcome.as_ref().map_err(|refusal| BadGreeting::Refused(refusal.clone()))?;
    let version = text(result, "protocolVersion").ok_or(BadGreeting::Missing("protocolVersion"))?;
    if !WITH_HANDSHAKE.contains(&version.as_str()) {
        return Err(BadGreeting::UnknownVersion(version));
    }
    let capabilities = result.get("capabilities").filter(|told| told.is_object());
    let capabilities = capabilities.ok_or(BadGreeting::Missing("capabilities"))?;
    let info = result.get("serverInfo").ok_or(BadGreeting::Missing("serverInfo"))?;
    let name = text(info, "name").ok_or(BadGreeting::Missing("serverInfo.name"))?;
    Ok(Server {
        era: Era::Legacy,
        version,
        name: Some(name),
        release: text(info, "version"),
        has_tools: capabilities.get("tools").is_some(),
    })
}

fn text(value: &Value, member: &str) -> Option<String> {
    value.get(member)?.as_str().map(str::to_owned)
}

fn texts(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The version that a client names in the header `MCP-Protocol-Version` before anything is agreed on.
pub fn offered(era: Era) -> &'static str {
    match era {
        Era::Modern => MODERN,
        Era::Legacy => LEGACY,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{BadGreeting, Discovered, discovered, initialized};
    use crate::wire::mcp::message::Refusal;

    fn refused(code: i64, data: Option<Value>) -> Result<Value, Refusal> {
        Err(Refusal { code, message: "m".to_owned(), data })
    }

    #[test]
    fn the_era_is_told_by_the_answer_to_discover() {
        let well = json!({"resultType": "complete", "supportedVersions": ["2026-07-28"], "capabilities": {"tools": {}},
            "_meta": {"io.modelcontextprotocol/serverInfo": {"name": "S", "version": "1"}}});
        let Discovered::Modern(Ok(server)) = discovered(&Ok(well)) else { panic!("modern") };
        assert_eq!((server.name.as_deref(), server.has_tools), (Some("S"), true));
        let unsupported = |versions: Value| refused(-32022, Some(json!({"supported": versions})));
        for (outcome, expected) in [
            (refused(-32601, None), Discovered::Legacy),
            (refused(-32000, None), Discovered::Legacy),
            (refused(-32602, None), Discovered::Legacy),
            (unsupported(json!(["2025-11-25"])), Discovered::Legacy),
            (
                unsupported(json!(["2027-01-01"])),
                Discovered::Modern(Err(BadGreeting::OtherVersions(vec!["2027-01-01".to_owned()]))),
            ),
            (Ok(json!({})), Discovered::Modern(Err(BadGreeting::Missing("supportedVersions")))),
            (Ok(json!({"supportedVersions": []})), Discovered::Modern(Err(BadGreeting::Missing("capabilities")))),
            (
                Ok(json!({"resultType": "input_required"})),
                Discovered::Modern(Err(BadGreeting::NotComplete("input_required".to_owned()))),
            ),
        ] {
            assert_eq!(discovered(&outcome), expected, "{outcome:?}");
        }
        assert!(matches!(discovered(&refused(-32020, None)), Discovered::Modern(Err(BadGreeting::Refused(_)))));
    }

    #[test]
    fn a_handshake_is_whole_or_it_is_none() {
        let well = |version: &str| json!({"protocolVersion": version, "capabilities": {}, "serverInfo": {"name": "S"}});
        let server = initialized(&Ok(well("2024-11-05"))).unwrap();
        assert_eq!((server.version.as_str(), server.has_tools), ("2024-11-05", false));
        for (outcome, fault) in [
            (Ok(well("2024-10-07")), BadGreeting::UnknownVersion("2024-10-07".to_owned())),
            (Ok(json!({})), BadGreeting::Missing("protocolVersion")),
            (Ok(json!({"protocolVersion": "2025-11-25"})), BadGreeting::Missing("capabilities")),
            (Ok(json!({"protocolVersion": "2025-11-25", "capabilities": {}})), BadGreeting::Missing("serverInfo")),
        ] {
            assert_eq!(initialized(&outcome), Err(fault));
        }
        assert!(matches!(initialized(&refused(-32601, None)), Err(BadGreeting::Refused(_))));
    }
}
