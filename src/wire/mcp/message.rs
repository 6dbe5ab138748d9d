//! JSON-RPC 2.0 as it comes in: an answer, a notification or a question of the server; all else is no message.

use serde_json::Value;

use crate::domain::json;

/// Characters of a strange line that are shown.
const SHOWN: usize = 200;

/// One message.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Incoming {
    Answer(Answer),
    Notification { method: String },
    Request { id: Value, method: String },
}

/// What the server says to a question.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Answer {
    /// None where it is absent or null: the server could not tell to which question it belongs.
    pub id: Option<Value>,
    pub outcome: Result<Value, Refusal>,
}

/// An error object (JSON-RPC 2.0 §5.1).
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("error {code}: {message}")]
pub struct Refusal {
    pub code: i64,
    pub message: String,
    pub data: Option<Value>,
}

/// JSON-RPC 2.0 §5.1.
pub const METHOD_NOT_FOUND: i64 = -32601;

/// Codes by which only a modern server answers (specification 2026-07-28): headers and body disagree, a capability of the
/// client is missing, the version is not supported.
pub const MODERN_CODES: [i64; 3] = [-32020, -32021, UNSUPPORTED_VERSION];

pub const UNSUPPORTED_VERSION: i64 = -32022;

/// Why a line is no message.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NoMessage {
    #[error("it is no JSON")]
    NotJson,
    #[error("it is a list of messages, which no version since 2025-06-18 allows")]
    Batch,
    #[error("it is no JSON object")]
    NotAnObject,
    #[error("its member `jsonrpc` is not \"2.0\"")]
    Version,
    #[error("it is neither an answer nor a question: it has no `result`, no `error` and no `method`")]
    Nothing,
    #[error("it has a `result` and an `error`")]
    Both,
    #[error("its `error` has no whole number `code` and no text `message`")]
    Error,
    #[error("its `id` is neither a number nor a text")]
    Id,
}

/// Reads one message. A member that comes twice is refused, because two readers may see two messages.
///
/// # Errors
/// What keeps it from being one.
pub fn read(text: &[u8]) -> Result<Incoming, NoMessage> {
    let value = json::parse(text).map_err(|_| NoMessage::NotJson)?;
    let message = match value {
        Value::Object(message) => message,
        Value::Array(_) => return Err(NoMessage::Batch),
        _ => return Err(NoMessage::NotAnObject),
    };
    if message.get("jsonrpc").and_then(Value::as_str) != Some("2.0") {
        return Err(NoMessage::Version);
    }
    let id = match message.get("id") {
        None | Some(Value::Null) => None,
        Some(id @ (Value::Number(_) | Value::String(_))) => Some(id.clone()),
        Some(_) => return Err(NoMessage::Id),
    };
    if let Some(method) = message.get("method") {
        let method = method.as_str().ok_or(NoMessage::Nothing)?.to_owned();
        return Ok(match id {
            Some(id) => Incoming::Request { id, method },
            None => Incoming::Notification { method },
        });
    }
    let outcome = match (message.get("result"), message.get("error")) {
        (Some(_), Some(_)) => return Err(NoMessage::Both),
        (Some(result), None) => Ok(result.clone()),
        (None, Some(error)) => Err(refusal(error).ok_or(NoMessage::Error)?),
        (None, None) => return Err(NoMessage::Nothing),
    };
    Ok(Incoming::Answer(Answer { id, outcome }))
}

fn refusal(error: &Value) -> Option<Refusal> {
    let code = error.get("code")?.as_i64()?;
    let message = error.get("message")?.as_str()?.to_owned();
    Some(Refusal { code, message, data: error.get("data").cloned() })
}

/// The beginning of what came instead of a message, in characters that a terminal takes. It is not redacted.
pub fn shown(text: &[u8]) -> String {
    let head = &text[..text.len().min(SHOWN * 4)];
    let text_of_head = String::from_utf8_lossy(head);
    let clean = text_of_head.trim().chars().map(|letter| if letter.is_control() { '�' } else { letter });
    let cut: String = clean.clone().take(SHOWN).collect();
    if clean.count() > SHOWN || head.len() < text.len() { format!("{cut}…") } else { cut }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop, proptest};
    use serde_json::json;

    use super::{Answer, Incoming, NoMessage, Refusal, read, shown};

    #[test]
    fn each_kind_of_message_is_told_apart() {
        let answer = |id, outcome| Incoming::Answer(Answer { id, outcome });
        let refused = |code, message: &str| Err(Refusal { code, message: message.to_owned(), data: None });
        for (text, expected) in [
            (r#"{"jsonrpc":"2.0","id":1,"result":{}}"#, answer(Some(json!(1)), Ok(json!({})))),
            (r#"{"jsonrpc":"2.0","id":"1","result":null}"#, answer(Some(json!("1")), Ok(json!(null)))),
            (r#"{"jsonrpc":"2.0","error":{"code":-32700,"message":"m"},"id":null}"#, answer(None, refused(-32700, "m"))),
            (r#"{"jsonrpc":"2.0","error":{"code":-32000,"message":"m"}}"#, answer(None, refused(-32000, "m"))),
            (r#"{"jsonrpc":"2.0","method":"n"}"#, Incoming::Notification { method: "n".to_owned() }),
            (r#"{"jsonrpc":"2.0","id":7,"method":"ping"}"#, Incoming::Request { id: json!(7), method: "ping".to_owned() }),
        ] {
            assert_eq!(read(text.as_bytes()), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_message_is_refused_by_its_fault() {
        for (text, fault) in [
            ("Server listening on stdio", NoMessage::NotJson),
            ("", NoMessage::NotJson),
            (r#"{"jsonrpc":"2.0","id":1,"id":2,"result":{}}"#, NoMessage::NotJson),
            (r#"[{"jsonrpc":"2.0","id":1,"result":{}}]"#, NoMessage::Batch),
            ("42", NoMessage::NotAnObject),
            (r#"{"id":1,"result":{}}"#, NoMessage::Version),
            (r#"{"jsonrpc":2.0,"id":1,"result":{}}"#, NoMessage::Version),
            (r#"{"jsonrpc":"2.0","id":1}"#, NoMessage::Nothing),
            (r#"{"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":""}}"#, NoMessage::Both),
            (r#"{"jsonrpc":"2.0","id":1,"error":"no"}"#, NoMessage::Error),
            (r#"{"jsonrpc":"2.0","id":{},"result":{}}"#, NoMessage::Id),
        ] {
            assert_eq!(read(text.as_bytes()), Err(fault), "{text}");
        }
    }

    #[test]
    fn a_strange_line_is_shown_short_and_harmless() {
        assert_eq!(shown(b"\x1b[31mready\r\n"), "�[31mready");
        assert_eq!(shown("ä".repeat(300).as_bytes()).chars().count(), 201);
        assert_eq!(shown(&[0xff, b'a']), "�a");
    }

    proptest! {
        #[test]
        fn no_line_is_too_strange(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = read(&bytes);
            assert!(shown(&bytes).chars().count() <= 201);
        }
    }
}
