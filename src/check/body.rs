//! Bodies: read as JSON, compared as text.

use serde_json::Value;

use crate::domain::exchange::Response;
use crate::domain::finding::{Code, Finding};
use crate::domain::json;

/// The body as JSON.
///
/// # Errors
/// The finding that it is none: empty, not UTF-8, cut off, with a duplicate key, nested too deep.
pub fn json(response: &Response) -> Result<Value, Box<Finding>> {
    if response.body.is_empty() {
        let finding = Finding::new(Code::Unreadable, "the body is empty, expected JSON");
        return Err(Box::new(finding.expected("JSON").actual("no body")));
    }
    json::parse(&response.body).map_err(|error| {
        let start = start(response, 80);
        Box::new(Finding::new(Code::Unreadable, format!("the body is no JSON: {error}")).expected("JSON").actual(start))
    })
}

/// There must be no body.
pub fn is_empty(response: &Response) -> Option<Finding> {
    (!response.body.is_empty()).then(|| {
        let came = start(response, 200);
        Finding::new(Code::Body, format!("expected no body, came {came}")).expected("no body").actual(came)
    })
}

/// The body must be this text; a trailing line break is not compared.
pub fn is_text(expected: &str, response: &Response) -> Option<Finding> {
    let came = String::from_utf8_lossy(&response.body);
    let trim = |text: &str| text.trim_end_matches(['\r', '\n']).to_owned();
    (trim(&came) != trim(expected)).then(|| {
        let came = start(response, 200);
        Finding::new(Code::Body, format!("the body is {came}, expected {expected}")).expected(expected).actual(came)
    })
}

/// The body must not hold this text.
pub fn does_not_mention(text: &str, response: &Response) -> Option<Finding> {
    let came = String::from_utf8_lossy(&response.body);
    came.contains(text)
        .then(|| Finding::new(Code::Body, format!("the body mentions {text}")).expected(format!("no {text}")))
}

/// The first characters of a body; `…` says that there are more.
pub fn start(response: &Response, most: usize) -> String {
    let text = String::from_utf8_lossy(&response.body);
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.into_owned(),
    }
}
