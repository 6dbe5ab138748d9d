//! What a probe may say to a server: lists, greetings, and one call that was shown to be harmless. There is nothing else.

use serde_json::{Map, Value, json};

use crate::wire::mcp::harmless::Harmless;
use crate::wire::mcp::version::{Era, LEGACY, MODERN};

/// One thing to say.
#[derive(Clone, Debug)]
pub enum Question {
    /// Modern: who are you; it is the ping too.
    Discover,
    /// Legacy: the handshake.
    Initialize,
    /// Legacy: a notification behind the handshake, which nobody answers.
    Initialized,
    /// Legacy.
    Ping,
    ListTools { cursor: Option<String> },
    Call(Harmless),
}

impl Question {
    pub fn method(&self) -> &'static str {
        match self {
            Self::Discover => "server/discover",
            Self::Initialize => "initialize",
            Self::Initialized => "notifications/initialized",
            Self::Ping => "ping",
            Self::ListTools { .. } => "tools/list",
            Self::Call(_) => "tools/call",
        }
    }

    /// Nobody answers a notification.
    pub fn is_answered(&self) -> bool {
        !matches!(self, Self::Initialized)
    }

    /// The tool that is called, which a modern client names in a header too.
    pub fn tool(&self) -> Option<&str> {
        match self {
            Self::Call(harmless) => Some(harmless.tool()),
            _ => None,
        }
    }

    /// The message, under a number of its own.
    pub fn message(&self, id: u64, era: Era) -> Value {
        let mut params = match self {
            Self::Initialize => {
                object(json!({ "protocolVersion": LEGACY, "capabilities": {}, "clientInfo": client() }))
            }
            Self::ListTools { cursor: Some(cursor) } => object(json!({ "cursor": cursor })),
            Self::Call(harmless) => object(json!({ "name": harmless.tool(), "arguments": harmless.arguments() })),
            _ => Map::new(),
        };
        if era == Era::Modern {
            params.insert("_meta".to_owned(), meta());
        }
        let mut message = object(json!({ "jsonrpc": "2.0" }));
        if self.is_answered() {
            message.insert("id".to_owned(), json!(id));
        }
        message.insert("method".to_owned(), json!(self.method()));
        if !params.is_empty() {
            message.insert("params".to_owned(), Value::Object(params));
        }
        Value::Object(message)
    }
}

/// Version and capabilities are required in every request of 2026-07-28; without them a server answers -32602.
fn meta() -> Value {
    json!({
        "io.modelcontextprotocol/protocolVersion": MODERN,
        "io.modelcontextprotocol/clientCapabilities": {},
        "io.modelcontextprotocol/clientInfo": client(),
    })
}

fn client() -> Value {
    json!({ "name": "preflight", "version": env!("CARGO_PKG_VERSION") })
}

fn object(value: Value) -> Map<String, Value> {
    if let Value::Object(members) = value { members } else { Map::new() }
}

/// What the server is told when it asks something of us: a ping is answered, nothing else was offered.
pub fn reply(id: &Value, method: &str) -> Value {
    if method == "ping" {
        return json!({ "jsonrpc": "2.0", "id": id, "result": {} });
    }
    let error = json!({ "code": super::message::METHOD_NOT_FOUND, "message": "this client offers no such thing" });
    json!({ "jsonrpc": "2.0", "id": id, "error": error })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Question, reply};
    use crate::wire::mcp::version::Era;

    #[test]
    fn each_era_is_spoken_in_its_own_way() {
        let discover = Question::Discover.message(1, Era::Modern);
        let meta = &discover["params"]["_meta"];
        assert_eq!(meta["io.modelcontextprotocol/protocolVersion"], "2026-07-28");
        assert_eq!(meta["io.modelcontextprotocol/clientCapabilities"], json!({}));
        let initialize = Question::Initialize.message(1, Era::Legacy);
        assert_eq!(initialize["params"]["protocolVersion"], "2025-11-25");
        assert!(initialize["params"].get("_meta").is_none());
        let done = Question::Initialized.message(2, Era::Legacy);
        assert_eq!(done, json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
        let next = Question::ListTools { cursor: Some("c".to_owned()) }.message(3, Era::Legacy);
        assert_eq!(next, json!({"jsonrpc": "2.0", "id": 3, "method": "tools/list", "params": {"cursor": "c"}}));
        let first = Question::ListTools { cursor: None }.message(3, Era::Legacy);
        assert_eq!(first, json!({"jsonrpc": "2.0", "id": 3, "method": "tools/list"}));
    }

    #[test]
    fn a_server_that_asks_is_answered() {
        assert_eq!(reply(&json!("a"), "ping"), json!({"jsonrpc": "2.0", "id": "a", "result": {}}));
        assert_eq!(reply(&json!(1), "sampling/createMessage")["error"]["code"], -32601);
    }
}
