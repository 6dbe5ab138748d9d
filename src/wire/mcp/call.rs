//! What a tool answered. A result may say that it is an error, and then the protocol succeeded and the tool did not.

use serde_json::Value;

use crate::wire::mcp::greeting::complete;
use crate::wire::mcp::message::{METHOD_NOT_FOUND, Refusal};

/// Characters of an error that a tool tells of that are repeated.
const REPEATED: usize = 300;

/// A tool's answer that is one.
#[derive(Clone, Debug, PartialEq)]
pub struct Called {
    /// The texts of its content, one line or more each.
    pub text: String,
    /// What it gives for programs, where it does.
    pub structured: Option<Value>,
    /// Parts of its content, of whatever kind.
    pub parts: usize,
}

/// Why a call is not one that went well.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum BadCall {
    #[error("the tool says that it failed (`isError`): {0}")]
    IsError(String),
    #[error("the server refuses the call: {0}")]
    Refused(Refusal),
    #[error("its answer is no result of a tool: {0}")]
    NoResult(&'static str),
    #[error("its answer is not complete but `{0}`")]
    NotComplete(String),
    #[error("its answer is empty: no content, and nothing structured")]
    Empty,
}

impl BadCall {
    /// An unknown tool has three forms: -32602, -32603, or a result that is an error.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Refused(refusal) if refusal.code == METHOD_NOT_FOUND => Some("the server does not know tools/call"),
            Self::Refused(refusal) if refusal.code == -32602 => {
                Some("the tool is not known there, or its arguments do not fit its schema")
            }
            _ => None,
        }
    }
}

/// Reads the answer to a call.
///
/// # Errors
/// The call was refused, the tool failed, or what came is no result of a tool.
pub fn read(outcome: &Result<Value, Refusal>) -> Result<Called, BadCall> {
    let result = outcome.as_ref().map_err(|refusal| BadCall::Refused(refusal.clone()))?;
    complete(result).map_err(BadCall::NotComplete)?;
    let content = match result.get("content") {
        None => &[][..],
        Some(Value::Array(parts)) => parts,
        Some(_) => return Err(BadCall::NoResult("its `content` is no list")),
    };
    let texts: Vec<&str> = content.iter().filter_map(|part| part.get("text")?.as_str()).collect();
    let text = texts.join("\n");
    match result.get("isError") {
        None | Some(Value::Bool(false)) => {}
        Some(Value::Bool(true)) => return Err(BadCall::IsError(cut(&text))),
        Some(_) => return Err(BadCall::NoResult("its `isError` is neither true nor false")),
    }
    if content.iter().any(|part| part.get("type").and_then(Value::as_str).is_none()) {
        return Err(BadCall::NoResult("a part of its `content` has no type"));
    }
    let structured = result.get("structuredContent").filter(|value| !value.is_null()).cloned();
    if content.is_empty() && structured.is_none() {
        return Err(if result.get("content").is_none() { BadCall::NoResult("it has no `content`") } else { BadCall::Empty });
    }
    Ok(Called { text, structured, parts: content.len() })
}

fn cut(text: &str) -> String {
    let short: String = text.chars().take(REPEATED).collect();
    if short.len() < text.len() { format!("{short}…") } else { short }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{BadCall, Called, read};
    use crate::wire::mcp::message::Refusal;

    #[test]
    fn an_answer_that_says_that_it_failed_has_failed() {
        let text = |text: &str| json!({"type": "text", "text": text});
        let failed = Ok(json!({"content": [text("Error: fetch failed")], "isError": true}));
        assert_eq!(read(&failed), Err(BadCall::IsError("Error: fetch failed".to_owned())));
        let well = Ok(json!({"content": [text("a"), {"type": "image", "data": ""}, text("b")], "isError": false}));
        assert_eq!(read(&well), Ok(Called { text: "a\nb".to_owned(), structured: None, parts: 3 }));
        let structured = Ok(json!({"content": [], "structuredContent": {"a": 1}}));
        assert_eq!(read(&structured).unwrap().structured, Some(json!({"a": 1})));
        for (result, fault) in [
            (json!({"content": []}), BadCall::Empty),
            (json!({}), BadCall::NoResult("it has no `content`")),
            (json!({"content": "text"}), BadCall::NoResult("its `content` is no list")),
            (json!({"content": [{"text": "a"}]}), BadCall::NoResult("a part of its `content` has no type")),
            (json!({"content": [text("a")], "isError": "no"}), BadCall::NoResult("its `isError` is neither true nor false")),
            (json!({"content": [text("a")], "resultType": "input_required"}), BadCall::NotComplete("input_required".to_owned())),
        ] {
            assert_eq!(read(&Ok(result)), Err(fault));
        }
        let refusal = Refusal { code: -32602, message: "Unknown tool".to_owned(), data: None };
        let refused = read(&Err(refusal.clone())).unwrap_err();
        assert_eq!(refused, BadCall::Refused(refusal));
        assert!(refused.hint().is_some());
    }
}
