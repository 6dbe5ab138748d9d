//! Verifies a delivery that somebody received, and says why it is not to be trusted.

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use serde_json::Value;

use crate::engine::webhook::delivery::DeliveryError;
use crate::wire::webhook::diagnosis::diagnose;
use crate::wire::webhook::key::BadKey;
use crate::wire::webhook::scheme::Scheme;
use crate::wire::webhook::verify::Received;

/// What came of it.
#[derive(Clone, Debug, Serialize)]
pub struct Verdict {
    pub scheme: String,
    pub trusted: bool,
    /// One word; absent where it is trusted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// What would have made the signature right.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
}

/// A line that is no header.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("line {line} is no header: write `Name: value`")]
pub struct BadHeader {
    pub line: usize,
}

/// A delivery as it was received.
pub struct Delivery {
    pub method: Method,
    pub url: String,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// Verifies a delivery. The secret is a shared one, a private key, or a public one.
///
/// # Errors
/// The secret is no key of the scheme.
pub fn verify(
    scheme: &Scheme,
    (variable, secret): &(String, SecretString),
    delivery: &Delivery,
    now: Timestamp,
) -> Result<Verdict, DeliveryError> {
    let text = secret.expose_secret();
    let key = match scheme.public_key(text) {
        Ok(key) => Ok(key),
        Err(BadKey::Shared) => scheme.key(text),
        Err(bad) => scheme.key(text).map_err(|_| bad),
    };
    let key = key.map_err(|source| DeliveryError::BadSecret { variable: variable.clone(), source })?;
    let Delivery { method, url, headers, body } = delivery;
    let received = Received { method, url, headers, body };
    let (mut verdict, refusal) = match scheme.verify(&key, &received, now) {
        Ok(()) => (Verdict::of(scheme, true), None),
        Err(refusal) => (Verdict::of(scheme, false), Some(refusal)),
    };
    if let Some(refusal) = refusal {
        if !refusal.is_outside_window() {
            verdict.reasons = diagnose(scheme, Some(text), &key, &received).reasons;
        }
        verdict.refusal = Some(refusal.word());
        verdict.message = Some(refusal.to_string());
    }
    Ok(verdict)
}

impl Verdict {
    fn of(scheme: &Scheme, trusted: bool) -> Self {
        Self { scheme: scheme.name.to_string(), trusted, refusal: None, message: None, reasons: Vec::new() }
    }
}

/// Reads headers: lines `Name: value`, as a log, curl or a raw request shows them, or one JSON object.
///
/// # Errors
/// A line is none.
pub fn headers(text: &str) -> Result<HeaderMap, BadHeader> {
    if text.trim_start().starts_with('{')
        && let Ok(Value::Object(members)) = serde_json::from_str(text)
    {
        return of_members(&members).ok_or(BadHeader { line: 1 });
    }
    let mut headers = HeaderMap::new();
    for (index, line) in text.lines().enumerate() {
        // As `curl -v` shows what it sent.
        let line = line.trim_start_matches("> ").trim();
        let is_request_line = index == 0 && line.ends_with("HTTP/1.1");
        if line.is_empty() || is_request_line {
            continue;
        }
        let (name, value) = header(line).ok_or(BadHeader { line: index + 1 })?;
        headers.append(name, value);
    }
    Ok(headers)
}

fn of_members(members: &serde_json::Map<String, Value>) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    for (name, value) in members {
        let values = match value {
            Value::String(text) => vec![text.as_str()],
            Value::Array(items) => items.iter().map(Value::as_str).collect::<Option<_>>()?,
            _ => return None,
        };
        for value in values {
            headers.append(name.parse::<HeaderName>().ok()?, HeaderValue::from_bytes(value.as_bytes()).ok()?);
        }
    }
    Some(headers)
}

/// One header, as curl's `-H` takes it.
fn header(line: &str) -> Option<(HeaderName, HeaderValue)> {
    let (name, value) = line.split_once(':')?;
    Some((name.trim().parse().ok()?, HeaderValue::from_bytes(value.trim().as_bytes()).ok()?))
}

#[cfg(test)]
mod tests {
    use super::{BadHeader, headers};

    #[test]
    fn headers_are_read_as_people_have_them() {
        let lines = "POST /hooks HTTP/1.1\r\nHost: a.example\r\nX-Sig: a:b\r\n\r\n";
        let json = r#"{"host": "a.example", "x-sig": ["a:b"]}"#;
        for text in [lines, json, "> host: a.example\n> x-sig: a:b\n"] {
            let read = headers(text).unwrap();
            assert_eq!(read["x-sig"], "a:b", "{text}");
            assert_eq!(read["host"], "a.example", "{text}");
        }
        assert_eq!(headers("a: b\nnothing\n"), Err(BadHeader { line: 2 }));
        assert_eq!(headers(r#"{"a": 1}"#), Err(BadHeader { line: 1 }));
    }
}
