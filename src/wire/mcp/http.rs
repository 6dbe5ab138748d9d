//! The protocol over streamable HTTP: what a request carries, and what the head of an answer says before its body is read.

use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use crate::wire::mcp::question::Question;
use crate::wire::mcp::version::Era;

/// What a body is read as.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Media {
    Json,
    /// `text/event-stream`.
    Events,
    Other,
}

/// The name of a session, given with the answer to `initialize`; both spellings are one name (RFC 9110 §5.1).
pub const SESSION: &str = "mcp-session-id";

/// The media type of an answer.
pub fn media(headers: &HeaderMap) -> Media {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    match value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
        "application/json" => Media::Json,
        "text/event-stream" => Media::Events,
        _ => Media::Other,
    }
}

/// The headers of a question. `version` is the one that was agreed on, and absent before a handshake.
pub fn headers(question: &Question, era: Era, version: Option<&str>, session: Option<&HeaderValue>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json, text/event-stream"));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Some(version) = version.and_then(|version| HeaderValue::from_str(version).ok()) {
        headers.insert(HeaderName::from_static("mcp-protocol-version"), version);
    }
    if era == Era::Modern {
        headers.insert(HeaderName::from_static("mcp-method"), HeaderValue::from_static(question.method()));
        if let Some(name) = question.tool() {
            headers.insert(HeaderName::from_static("mcp-name"), named(name));
        }
    }
    if let Some(session) = session {
        headers.insert(HeaderName::from_static(SESSION), session.clone());
    }
    headers
}

/// A name that no header can hold goes out in base64 between marks (specification 2026-07-28, `Mcp-Name`).
fn named(name: &str) -> HeaderValue {
    use base64::Engine as _;

    let plain = name.bytes().all(|byte| (0x21..=0x7e).contains(&byte) || byte == b' ') && name.trim() == name;
    let encoded = || format!("=?base64?{}?=", base64::engine::general_purpose::STANDARD.encode(name));
    let text = if plain && !name.starts_with("=?base64?") { name.to_owned() } else { encoded() };
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
}

/// What a status that brings no message means.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Meaning {
    /// A body with messages may follow.
    Speaks,
    /// A notification was taken; nothing follows.
    Accepted,
    /// 401: who are you.
    Unauthenticated,
    /// 403: not you, or not from there (`Origin`).
    Forbidden,
    /// 400, 404, 405: no such endpoint, session or method; an older server says so to a modern question.
    Unknown,
    /// 406, 415: it does not take what every client of the protocol sends.
    NotAcceptable,
    /// 429.
    Throttled,
    /// 3xx: somebody stands in between, or the address is wrong.
    Redirected,
    /// 5xx.
    Failing,
    Other,
}

/// What a status means.
pub fn meaning(status: StatusCode) -> Meaning {
    match status.as_u16() {
        202 | 204 => Meaning::Accepted,
        200..=299 => Meaning::Speaks,
        300..=399 => Meaning::Redirected,
        400 | 404 | 405 => Meaning::Unknown,
        401 => Meaning::Unauthenticated,
        403 => Meaning::Forbidden,
        406 | 415 => Meaning::NotAcceptable,
        429 => Meaning::Throttled,
        500..=599 => Meaning::Failing,
        _ => Meaning::Other,
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, StatusCode};

    use super::{Meaning, Media, headers, meaning, media, named};
    use crate::wire::mcp::question::Question;
    use crate::wire::mcp::version::Era;

    #[test]
    fn a_body_is_read_as_what_it_says_it_is() {
        for (value, expected) in [
            ("application/json; charset=utf-8", Media::Json),
            ("Text/Event-Stream", Media::Events),
            ("text/html", Media::Other),
            ("application/json-seq", Media::Other),
        ] {
            let headers: HeaderMap = [(http::header::CONTENT_TYPE, HeaderValue::from_static(value))].into_iter().collect();
            assert_eq!(media(&headers), expected, "{value}");
        }
        assert_eq!(media(&HeaderMap::new()), Media::Other);
    }

    #[test]
    fn each_era_has_its_headers() {
        let modern = headers(&Question::Discover, Era::Modern, Some("2026-07-28"), None);
        assert_eq!(modern["mcp-method"], "server/discover");
        assert_eq!(modern["mcp-protocol-version"], "2026-07-28");
        let session = HeaderValue::from_static("s");
        let legacy = headers(&Question::Ping, Era::Legacy, Some("2025-11-25"), Some(&session));
        assert!(legacy.get("mcp-method").is_none());
        assert_eq!(legacy["mcp-session-id"], "s");
        let first = headers(&Question::Initialize, Era::Legacy, None, None);
        assert!(first.get("mcp-protocol-version").is_none());
        assert_eq!(first["accept"], "application/json, text/event-stream");
    }

    #[test]
    fn a_name_fits_into_a_header() {
        for (name, expected) in [
            ("get_time", "get_time"),
            ("zeit für", "=?base64?emVpdCBmw7xy?="),
            (" a", "=?base64?IGE=?="),
        ] {
            assert_eq!(named(name), expected);
        }
    }

    #[test]
    fn a_status_has_a_meaning() {
        for (status, expected) in [
            (200, Meaning::Speaks),
            (202, Meaning::Accepted),
            (302, Meaning::Redirected),
            (400, Meaning::Unknown),
            (401, Meaning::Unauthenticated),
            (404, Meaning::Unknown),
            (406, Meaning::NotAcceptable),
            (418, Meaning::Other),
            (429, Meaning::Throttled),
            (503, Meaning::Failing),
        ] {
            assert_eq!(meaning(StatusCode::from_u16(status).unwrap()), expected, "{status}");
        }
    }
}
