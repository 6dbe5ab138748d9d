//! The wait that an answer asks for, in the words of each vendor.

use http::HeaderMap;
use jiff::Timestamp;
use serde_json::Value;

use crate::domain::timeline::Asked;
use crate::wire::retry_after;

/// Longest wait that is kept, in seconds: a century.
const MOST: f64 = 3.2e9;

/// The wait that an answer asks for at `now`; None where it asks for none that can be read.
///
/// In the order in which they count: `retry-after-ms` (`OpenAI`'s and Azure's clients read it first), `Retry-After` (RFC 9110
/// §10.2.3; of several values the shortest, because which one counts is not defined), `RateLimit` with `t` (draft-ietf-httpapi-ratelimit-headers,
/// 2025-09: `Retry-After` takes precedence), `RateLimit-Reset` (seconds; Klaviyo, `PagerDuty`), `X-RateLimit-Reset` and
/// `x-rate-limit-reset` (Unix seconds; Publer, X), Meta's `X-Business-Use-Case-Usage` (minutes), and the cost of a throttled
/// GraphQL query (Shopify: points missing, divided by `restoreRate`).
pub fn asked(headers: &HeaderMap, body: &[u8], now: Timestamp) -> Option<Asked> {
    let first = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let found = |seconds: f64, by: &str, by_clock: bool| Some((seconds, by.to_owned(), by_clock));
    let milliseconds = first("retry-after-ms").and_then(|text| text.trim().parse::<f64>().ok());
    let retry_after = headers.get_all("retry-after").iter().filter_map(|value| {
        let text = value.to_str().ok()?;
        Some((retry_after::seconds(text, now)?, text.contains(':')))
    });
    let (seconds, by, by_clock) = milliseconds
        .filter(|ms| ms.is_finite() && *ms >= 0.0)
        .and_then(|ms| found(ms / 1000.0, "retry-after-ms", false))
        .or_else(|| {
            let (seconds, is_date) = retry_after.min_by(|one, other| one.0.total_cmp(&other.0))?;
            found(seconds, "retry-after", is_date)
        })
        .or_else(|| found(first("ratelimit").and_then(parameter_t)?, "ratelimit", false))
        .or_else(|| found(number(first("ratelimit-reset")?)?, "ratelimit-reset", false))
        .or_else(|| {
            ["x-ratelimit-reset", "x-rate-limit-reset"].iter().find_map(|name| {
                let reset = number(first(name)?)?;
                // Some vendors write the seconds that are left, most the time at which they are over.
                let left = if reset > 1e9 { reset - seconds_of(now) } else { reset };
                found(left.max(0.0), name, reset > 1e9)
            })
        })
        .or_else(|| {
            found(minutes_of_meta(first("x-business-use-case-usage")?)? * 60.0, "x-business-use-case-usage", false)
        })
        .or_else(|| found(of_cost(body)?, "restoreRate", false))?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is clamped to what fits")]
    let us = (seconds.clamp(0.0, MOST) * 1e6) as u64;
    Some(Asked { us, by: by.into(), by_clock })
}

/// Requests that the headers say are left: `X-RateLimit-Remaining`, `x-rate-limit-remaining`, `RateLimit-Remaining`, `RateLimit` with `r`.
pub fn remaining(headers: &HeaderMap) -> Option<u64> {
    let first = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    ["x-ratelimit-remaining", "x-rate-limit-remaining", "ratelimit-remaining"]
        .iter()
        .find_map(|name| first(name)?.trim().parse().ok())
        .or_else(|| parameter(first("ratelimit")?, "r"))
}

fn number(text: &str) -> Option<f64> {
    text.trim().parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0)
}

#[expect(clippy::cast_precision_loss, reason = "seconds of the Unix time are far below 2^52")]
fn seconds_of(now: Timestamp) -> f64 {
    now.as_millisecond() as f64 / 1000.0
}

fn parameter_t(text: &str) -> Option<f64> {
    parameter::<f64>(text, "t").filter(|seconds| seconds.is_finite() && *seconds >= 0.0)
}

/// A parameter of a structured field (RFC 9651): `"default";r=50;t=30`.
fn parameter<T: std::str::FromStr>(text: &str, name: &str) -> Option<T> {
    text.split([';', ',']).find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('=')?.parse().ok())
}

/// `{"1121":[{"type":"pages","estimated_time_to_regain_access":19}]}`: the longest of them.
fn minutes_of_meta(text: &str) -> Option<f64> {
    let usage: Value = serde_json::from_str(text).ok()?;
    let entries = usage.as_object()?.values().filter_map(Value::as_array).flatten();
    let minutes = entries.filter_map(|entry| entry.get("estimated_time_to_regain_access")?.as_f64());
    minutes.max_by(f64::total_cmp).filter(|minutes| *minutes >= 0.0)
}

/// `(requestedQueryCost - currentlyAvailable) / restoreRate` of a throttled query (shopify.dev, GraphQL Admin API rate limits).
fn of_cost(body: &[u8]) -> Option<f64> {
    if !body.windows(11).any(|window| window == b"restoreRate") {
        return None;
    }
    let answer: Value = serde_json::from_slice(body).ok()?;
    let throttled = answer
        .get("errors")?
        .as_array()?
        .iter()
        .any(|error| error.pointer("/extensions/code").and_then(Value::as_str) == Some("THROTTLED"));
    let cost = answer.pointer("/extensions/cost")?;
    let status = cost.get("throttleStatus")?;
    let requested = cost.get("requestedQueryCost")?.as_f64()?;
    let (available, rate) = (status.get("currentlyAvailable")?.as_f64()?, status.get("restoreRate")?.as_f64()?);
    (throttled && rate > 0.0).then(|| ((requested - available) / rate).max(0.0))
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue};
    use proptest::prelude::{any, prop, proptest};

    use super::{asked, remaining};

    fn headers(lines: &[(&str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    #[test]
    fn each_vendor_asks_in_its_own_words() {
        let now = "2026-01-01T00:00:00Z".parse().unwrap();
        let cost = r#"{"errors":[{"extensions":{"code":"THROTTLED"}}],"extensions":{"cost":{"requestedQueryCost":752,
            "throttleStatus":{"currentlyAvailable":652,"restoreRate":50.0}}}}"#;
        let meta = r#"{"1":[{"estimated_time_to_regain_access":2}]}"#;
        let nothing: &[(&str, &str)] = &[];
        for (lines, body, wait) in [
            (&[("retry-after", "2")][..], "", Some((2.0, "retry-after"))),
            (&[("retry-after", "2.5")], "", Some((2.5, "retry-after"))),
            (&[("retry-after", "3"), ("retry-after-ms", "1500")], "", Some((1.5, "retry-after-ms"))),
            (&[("retry-after", "3"), ("retry-after", "1")], "", Some((1.0, "retry-after"))),
            (&[("retry-after", "soon"), ("retry-after", "1")], "", Some((1.0, "retry-after"))),
            (&[("retry-after", "Thu, 01 Jan 2026 00:00:05 GMT")], "", Some((5.0, "retry-after"))),
            (&[("retry-after", "-1")], "", None),
            (&[("ratelimit", "\"default\";r=0;t=30")], "", Some((30.0, "ratelimit"))),
            (&[("ratelimit-reset", "7")], "", Some((7.0, "ratelimit-reset"))),
            (&[("x-ratelimit-reset", "1767225604")], "", Some((4.0, "x-ratelimit-reset"))),
            (&[("x-rate-limit-reset", "9")], "", Some((9.0, "x-rate-limit-reset"))),
            (&[("x-business-use-case-usage", meta)], "", Some((120.0, "x-business-use-case-usage"))),
            (nothing, cost, Some((2.0, "restoreRate"))),
            (nothing, "{}", None),
        ] {
            let found = asked(&headers(lines), body.as_bytes(), now);
            let found =
                found.map(|asked| (std::time::Duration::from_micros(asked.us).as_secs_f64(), asked.by.to_string()));
            assert_eq!(found, wait.map(|(seconds, by)| (seconds, by.to_owned())), "{lines:?} {body}");
        }
    }

    #[test]
    fn what_is_left_is_read() {
        for (line, left) in [
            (("x-ratelimit-remaining", "0"), Some(0)),
            (("ratelimit", "\"default\";r=3;t=30"), Some(3)),
            (("ratelimit-remaining", "many"), None),
        ] {
            assert_eq!(remaining(&headers(&[line])), left);
        }
    }

    proptest! {
        #[test]
        fn no_answer_is_too_strange(text in "[ -~]{0,40}", bytes in prop::collection::vec(any::<u8>(), 0..200), second: i64) {
            let names = ["retry-after", "retry-after-ms", "ratelimit", "ratelimit-reset", "x-ratelimit-reset", "x-business-use-case-usage"];
            let now = jiff::Timestamp::from_second(second % 200_000_000_000).unwrap();
            for name in names {
                let _ = asked(&headers(&[(name, &text)]), &bytes, now);
                let _ = remaining(&headers(&[(name, &text)]));
            }
        }
    }
}
