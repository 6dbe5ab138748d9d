//! The OpenFeature Remote Evaluation Protocol 0.3.0 (open-feature/protocol, `service/openapi.yaml`), as its client reads it.

use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::domain::exchange::Response;
use crate::domain::flag::sighting::{Reason, Sighting, Unseen};
use crate::wire::flags::{json, malformed, refused, switch};

/// Where flags are evaluated; a key may follow.
pub const PATH: &str = "/ofrep/v1/evaluate/flags";

/// Error codes of the protocol.
const CODES: [&str; 7] = [
    "PARSE_ERROR",
    "TARGETING_KEY_MISSING",
    "INVALID_CONTEXT",
    "GENERAL",
    "FLAG_NOT_FOUND",
    "TYPE_MISMATCH",
    "PROVIDER_NOT_READY",
];

/// The body of an evaluation: `context` with its `targetingKey`.
pub fn question(context: &Map<String, Value>) -> Value {
    json!({ "context": context })
}

/// Tells whether a path is an evaluation: a POST that changes nothing.
pub fn only_evaluates(path: &str) -> bool {
    let Some((_, rest)) = path.split_once(PATH) else { return false };
    let key = rest.strip_prefix('/').unwrap_or(rest);
    (rest.is_empty() || rest.starts_with('/')) && !key.contains('/')
}

/// What an answer to the evaluation of one flag says.
pub fn single(response: &Response, key: &str) -> Sighting {
    let known_failure = matches!(response.status, StatusCode::NOT_FOUND | StatusCode::BAD_REQUEST);
    if !known_failure && let Some(unknown) = refused(response) {
        return unknown;
    }
    match json(response) {
        // A page under 404 is no answer of the protocol: the path is wrong, not the flag.
        Err(unknown) => *unknown,
        Ok(body) if known_failure => failure(&body, response.status.as_u16()),
        Ok(body) => evaluation(&body, key),
    }
}

/// What an answer to the evaluation of all flags says of one. The `ETag` is the version.
pub fn bulk(response: &Response, key: &str) -> Sighting {
    if let Some(unknown) = refused(response) {
        return unknown;
    }
    let body = match json(response) {
        Ok(body) => body,
        Err(unknown) => return *unknown,
    };
    let Some(flags) = body.get("flags").and_then(Value::as_array) else {
        return malformed("there is no list `flags`");
    };
    let named = |flag: &&Value| flag.get("key").and_then(Value::as_str) == Some(key);
    let mut mine = flags.iter().filter(named);
    let sighting = match (mine.next(), mine.next()) {
        (None, _) => Sighting::unknown(Unseen::NoSuchFlag, format!("`{key}` is not among {} flags", flags.len())),
        (Some(_), Some(_)) => malformed("the flag stands twice in the list"),
        (Some(flag), None) if flag.get("errorCode").is_some() => failure(flag, 200),
        (Some(flag), None) => evaluation(flag, key),
    };
    sighting.with_version(response.header("etag"))
}

/// A success: what the protocol makes optional is demanded here, because its absence tells nothing.
fn evaluation(flag: &Value, key: &str) -> Sighting {
    let Some(members) = flag.as_object() else { return malformed("the answer is no object") };
    if members.get("key").and_then(Value::as_str).is_some_and(|other| other != key) {
        return malformed("the answer is about another flag");
    }
    let reason = match members.get("reason").and_then(Value::as_str) {
        None => return Sighting::unknown(Unseen::UnknownReason, "there is no reason"),
        Some(word) => Reason::parse(word),
    };
    let variant = members.get("variant").and_then(Value::as_str).map(str::to_owned);
    let sighting = match (reason, members.get("value")) {
        (None, _) => Sighting::unknown(Unseen::UnknownReason, "the protocol does not know its reason"),
        (Some(Reason::Unknown), _) => Sighting::unknown(Unseen::UnknownReason, "the store does not know why"),
        (Some(Reason::Stale), _) => Sighting::unknown(Unseen::Stale, "the store says that its answer is old"),
        (Some(Reason::Error), _) => malformed("a success with the reason ERROR"),
        (_, None) => Sighting::unknown(Unseen::NoValue, "the code's own default applies"),
        (_, Some(_)) if variant.is_none() => Sighting::unknown(Unseen::NoVariant, ""),
        (_, Some(value)) => Sighting::of(switch(value)),
    };
    Sighting { variant, reason, ..sighting }
}

fn failure(body: &Value, status: u16) -> Sighting {
    let code = body.get("errorCode").and_then(Value::as_str).unwrap_or_default();
    let why = match code {
        "FLAG_NOT_FOUND" => Unseen::NoSuchFlag,
        _ if status == 404 => Unseen::BadStatus,
        _ => Unseen::Malformed,
    };
    let code = CODES.iter().find(|known| **known == code).copied().unwrap_or("no known error code");
    Sighting::unknown(why, format!("{code}, status {status}"))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{HeaderMap, StatusCode};
    use serde_json::{Value, json};

    use super::{bulk, only_evaluates, single};
    use crate::domain::exchange::Response;

    fn answer(status: u16, body: &str) -> Response {
        let mut headers = HeaderMap::new();
        let kind = if body.starts_with('<') { "text/html" } else { "application/json" };
        headers.insert("content-type", kind.parse().unwrap());
        headers.insert("etag", "\"v1\"".parse().unwrap());
        Response {
            status: StatusCode::from_u16(status).unwrap(),
            headers,
            body: Bytes::copy_from_slice(body.as_bytes()),
        }
    }

    fn good(change: impl Fn(&mut Value)) -> String {
        let mut body = json!({ "key": "live", "value": true, "reason": "STATIC", "variant": "on" });
        change(&mut body);
        body.to_string()
    }

    #[test]
    fn each_bad_answer_has_its_own_word_and_none_is_on_or_off() {
        let without = |name: &'static str| good(move |body| drop(body.as_object_mut().unwrap().remove(name)));
        let with = |name: &'static str, value: &'static str| good(move |body| body[name] = value.into());
        let table = [
            (200, good(|_| {}), "on"),
            (200, good(|body| body["value"] = false.into()), "off"),
            (200, without("value"), "no-value"),
            (200, without("variant"), "no-variant"),
            (200, without("reason"), "unknown-reason"),
            (200, with("reason", "BECAUSE"), "unknown-reason"),
            (200, with("reason", "UNKNOWN"), "unknown-reason"),
            (200, with("reason", "STALE"), "stale"),
            (200, with("reason", "ERROR"), "malformed"),
            (200, with("value", "true"), "not-boolean"),
            (200, with("key", "other"), "malformed"),
            (200, "<html>Sign in</html>".to_owned(), "not-json"),
            (200, String::new(), "not-json"),
            (200, "[]".to_owned(), "malformed"),
            (304, String::new(), "other-context"),
            (400, r#"{"key":"live","errorCode":"INVALID_CONTEXT"}"#.to_owned(), "malformed"),
            (401, String::new(), "refused"),
            (403, String::new(), "refused"),
            (404, r#"{"key":"live","errorCode":"FLAG_NOT_FOUND"}"#.to_owned(), "no-such-flag"),
            (404, "<html>Not Found</html>".to_owned(), "not-json"),
            (404, "{}".to_owned(), "bad-status"),
            (429, String::new(), "throttled"),
            (500, r#"{"errorDetails":"x"}"#.to_owned(), "bad-status"),
        ];
        for (status, body, word) in table {
            assert_eq!(single(&answer(status, &body), "live").switch.as_str(), word, "{status} {body}");
        }
    }

    #[test]
    fn one_flag_is_found_among_all() {
        let flags = |flags: &[&str]| format!(r#"{{"flags":[{}]}}"#, flags.join(","));
        let table = [
            (flags(&[&good(|_| {})]), "on"),
            (flags(&[]), "no-such-flag"),
            (flags(&[r#"{"key":"live","errorCode":"FLAG_NOT_FOUND"}"#]), "no-such-flag"),
            (flags(&[&good(|_| {}), &good(|_| {})]), "malformed"),
            ("{}".to_owned(), "malformed"),
        ];
        for (body, word) in table {
            let seen = bulk(&answer(200, &body), "live");
            assert_eq!(seen.switch.as_str(), word, "{body}");
        }
        assert_eq!(bulk(&answer(200, &flags(&[&good(|_| {})])), "live").version.as_deref(), Some("\"v1\""));
    }

    #[test]
    fn evaluating_is_reading() {
        for (path, reads) in [
            ("/ofrep/v1/evaluate/flags", true),
            ("/ofrep/v1/evaluate/flags/live", true),
            ("/flags/ofrep/v1/evaluate/flags/live", true),
            ("/ofrep/v1/evaluate/flags/live/on", false),
            ("/ofrep/v1/evaluate/flagship", false),
            ("/ofrep/v1/flags", false),
        ] {
            assert_eq!(only_evaluates(path), reads, "{path}");
        }
    }
}
