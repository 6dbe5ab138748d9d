//! What an answer, or its absence, means for the next request.

use std::time::Duration;

use http::{HeaderMap, Method};
use jiff::Timestamp;
use serde_json::Value;

use crate::domain::exchange::{NoAnswer, Request, Response};
use crate::wire::hint;

/// What came.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    Well,
    /// This request is refused for what it is; another one may be taken.
    Refused,
    /// Too many requests: this one and all others are to wait.
    Throttled,
    /// The service fails, or nobody is there.
    Failed,
}

/// Whether asking again can help.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Again {
    /// It cannot, or does harm.
    Never,
    /// It was not done, so that any request may be sent again.
    NotDone,
    /// It may have been done, so that only a request may be sent again that does no more twice than once.
    MayBeDone,
}

/// Both, and the wait that was asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Verdict {
    pub kind: Kind,
    pub again: Again,
    pub wait: Option<Duration>,
}

/// Headers by which `OpenAI` and Stripe say in words whether asking again can help (openai-node 6.49.0; stripe-node 23.1.0).
const SHOULD_RETRY: [&str; 2] = ["x-should-retry", "stripe-should-retry"];

/// Codes of a 429 that lasts: `OpenAI`'s quota, X's monthly cap.
const LASTING: [&str; 2] = ["insufficient_quota", "UsageCapExceeded"];

/// Meta's codes of a throttle, which comes as 400 or 403 (developers.facebook.com, rate limiting).
const META_THROTTLES: [i64; 4] = [4, 17, 32, 613];

/// What an answer that came at `now` means.
pub fn of(outcome: Result<&Response, &NoAnswer>, now: Timestamp) -> Verdict {
    match outcome {
        Ok(response) => of_response(response, now),
        Err(reason) => of_silence(reason),
    }
}

fn of_response(response: &Response, now: Timestamp) -> Verdict {
    let wait = hint::asked(&response.headers, &response.body, now).map(|asked| Duration::from_micros(asked.us));
    let verdict = |kind, again| Verdict { kind, again, wait };
    let told = should_retry(&response.headers);
    let usual = match response.status.as_u16() {
        200..=399 if is_throttled_query(&response.body) => verdict(Kind::Throttled, Again::NotDone),
        200..=399 => return Verdict { wait: None, ..verdict(Kind::Well, Again::Never) },
        429 if is_lasting(&response.body) => verdict(Kind::Throttled, Again::Never),
        429 => verdict(Kind::Throttled, Again::NotDone),
        400 | 403 if is_throttle_by_code(&response.body) => verdict(Kind::Throttled, Again::NotDone),
        // RFC 8470 §5.2; RFC 9110 §15.5.9.
        425 => verdict(Kind::Refused, Again::NotDone),
        408 => verdict(Kind::Refused, Again::MayBeDone),
        500 | 502..=504 => verdict(Kind::Failed, Again::MayBeDone),
        501..=599 => verdict(Kind::Failed, Again::Never),
        _ => verdict(Kind::Refused, Again::Never),
    };
    match told {
        Some(false) => Verdict { again: Again::Never, ..usual },
        Some(true) if usual.again == Again::Never => Verdict { again: Again::MayBeDone, ..usual },
        _ => usual,
    }
}

fn of_silence(reason: &NoAnswer) -> Verdict {
    let verdict = |kind, again| Verdict { kind, again, wait: None };
    match reason {
        NoAnswer::Dns(_) | NoAnswer::Refused(_) => verdict(Kind::Failed, Again::NotDone),
        NoAnswer::TimedOut(_) | NoAnswer::Reset | NoAnswer::CutOff(_) => verdict(Kind::Failed, Again::MayBeDone),
        // A certificate does not become valid by asking again.
        NoAnswer::Tls(_) | NoAnswer::Other(_) => verdict(Kind::Failed, Again::Never),
        // It answered, and would again.
        NoAnswer::TooLong(_) => verdict(Kind::Refused, Again::Never),
    }
}

fn should_retry(headers: &HeaderMap) -> Option<bool> {
    SHOULD_RETRY.iter().find_map(|name| match headers.get(*name)?.as_bytes() {
        b"true" => Some(true),
        b"false" => Some(false),
        _ => None,
    })
}

fn is_lasting(body: &[u8]) -> bool {
    let Ok(body) = serde_json::from_slice::<Value>(body) else { return false };
    let words = ["/error/code", "/error/type", "/title"].iter().filter_map(|place| body.pointer(place)?.as_str());
    words.into_iter().any(|word| LASTING.contains(&word))
}

fn is_throttle_by_code(body: &[u8]) -> bool {
    let Ok(body) = serde_json::from_slice::<Value>(body) else { return false };
    match body.pointer("/error/code") {
        Some(Value::Number(code)) => code.as_i64().is_some_and(|code| META_THROTTLES.contains(&code)),
        Some(Value::String(code)) => code == "rate_limit",
        _ => false,
    }
}

/// Shopify answers 200 to a query that it did not run (shopify.dev, GraphQL Admin API rate limits).
fn is_throttled_query(body: &[u8]) -> bool {
    if !body.windows(9).any(|window| window == b"THROTTLED") {
        return false;
    }
    let answer: Value = serde_json::from_slice(body).unwrap_or_default();
    let errors = answer.get("errors").and_then(Value::as_array).into_iter().flatten();
    errors.into_iter().any(|error| error.pointer("/extensions/code").and_then(Value::as_str) == Some("THROTTLED"))
}

/// Headers that make a request the same however often it comes (draft-ietf-httpapi-idempotency-key-header; Stripe).
const KEYS: [&str; 2] = ["idempotency-key", "x-idempotency-key"];

/// Tells whether a request does no more twice than once: by its method (RFC 9110 §9.2.2), or by its key.
pub fn is_repeatable(request: &Request) -> bool {
    let by_method =
        matches!(request.method, Method::GET | Method::HEAD | Method::OPTIONS | Method::PUT | Method::DELETE | Method::TRACE);
    by_method || KEYS.iter().any(|name| request.headers.contains_key(*name))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

    use super::{Again, Kind, Verdict, is_repeatable, of};
    use crate::domain::exchange::{NoAnswer, Request, Response};

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        let line = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        lines.iter().map(line).collect()
    }

    fn verdict(status: u16, lines: &[(&'static str, &'static str)], body: &'static str) -> Verdict {
        let status = StatusCode::from_u16(status).unwrap();
        let response = Response { status, headers: headers(lines), body: Bytes::from_static(body.as_bytes()) };
        of(Ok(&response), "2026-01-01T00:00:00Z".parse().unwrap())
    }

    #[test]
    fn an_answer_says_whether_to_ask_again() {
        use Again::{MayBeDone, Never, NotDone};
        use Kind::{Failed, Refused, Throttled, Well};
        let throttled = r#"{"errors":[{"extensions":{"code":"THROTTLED"}}]}"#;
        let none: &[(&'static str, &'static str)] = &[];
        for (status, lines, body, kind, again) in [
            (200, none, "{}", Well, Never),
            (304, none, "", Well, Never),
            (200, none, throttled, Throttled, NotDone),
            (200, none, r#"{"data":"THROTTLED"}"#, Well, Never),
            (400, none, "{}", Refused, Never),
            (401, none, "", Refused, Never),
            (404, none, "", Refused, Never),
            (408, none, "", Refused, MayBeDone),
            (422, none, "", Refused, Never),
            (400, none, r#"{"error":{"code":4}}"#, Throttled, NotDone),
            (400, none, r#"{"error":{"code":"rate_limit"}}"#, Throttled, NotDone),
            (403, none, r#"{"error":{"code":200}}"#, Refused, Never),
            (409, &[("stripe-should-retry", "true")], "", Refused, MayBeDone),
            (429, none, "", Throttled, NotDone),
            (429, none, r#"{"error":{"code":"insufficient_quota"}}"#, Throttled, Never),
            (429, none, r#"{"title":"UsageCapExceeded"}"#, Throttled, Never),
            (429, &[("x-should-retry", "false")], "", Throttled, Never),
            (500, none, "", Failed, MayBeDone),
            (500, &[("x-should-retry", "false")], "", Failed, Never),
            (501, none, "", Failed, Never),
            (503, none, "", Failed, MayBeDone),
        ] {
            let found = verdict(status, lines, body);
            assert_eq!((found.kind, found.again), (kind, again), "{status} {lines:?} {body}");
        }
        assert_eq!(verdict(503, &[("retry-after", "2")], "").wait, Some(std::time::Duration::from_secs(2)));
        assert_eq!(verdict(200, &[("retry-after", "2")], "").wait, None);
    }

    #[test]
    fn silence_says_whether_the_request_can_have_been_done() {
        let word = || "x".to_owned();
        for (reason, again) in [
            (NoAnswer::Refused(word()), Again::NotDone),
            (NoAnswer::Dns(word()), Again::NotDone),
            (NoAnswer::TimedOut(1), Again::MayBeDone),
            (NoAnswer::Reset, Again::MayBeDone),
            (NoAnswer::CutOff(word()), Again::MayBeDone),
            (NoAnswer::Tls(word()), Again::Never),
            (NoAnswer::TooLong(1), Again::Never),
        ] {
            assert_eq!(of(Err(&reason), jiff::Timestamp::UNIX_EPOCH).again, again, "{reason}");
        }
    }

    #[test]
    fn only_what_does_no_more_twice_is_repeatable() {
        let request = |method, lines: &[(&'static str, &'static str)]| Request {
            method,
            url: "https://a.example/".parse().unwrap(),
            headers: headers(lines),
            body: Bytes::new(),
        };
        for (method, lines, repeatable) in [
            (Method::GET, &[][..], true),
            (Method::DELETE, &[], true),
            (Method::POST, &[], false),
            (Method::PATCH, &[], false),
            (Method::POST, &[("idempotency-key", "\"a\"")], true),
        ] {
            assert_eq!(is_repeatable(&request(method.clone(), lines)), repeatable, "{method} {lines:?}");
        }
    }
}
