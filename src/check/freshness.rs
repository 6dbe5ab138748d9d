//! Whether an answer is of now: a cache that answers for a service that is gone says what was true.

use std::time::Duration;

use jiff::civil::DateTime;
use jiff::fmt::rfc2822;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::domain::exchange::Response;
use crate::domain::finding::{Code, Finding};

/// How far the clock of a service may be from ours.
const CLOCKS: Duration = Duration::from_mins(5);

/// Why a value is not a time of the last so many seconds, in words; None when it is.
pub fn older(value: &Value, now: Timestamp, limit: Duration) -> Option<String> {
    let Some(time) = time(value) else { return Some("no time".to_owned()) };
    let limit = SignedDuration::try_from(limit).unwrap_or(SignedDuration::MAX);
    let age = now.duration_since(time);
    if age > limit {
        Some(format!("{} s old", age.as_secs()))
    } else if -age > limit {
        Some(format!("{} s ahead", -age.as_secs()))
    } else {
        None
    }
}

/// A time as services write it: RFC 3339, a date and a time in UTC without a zone (Rails' `to_fs(:db)`), or seconds since 1970.
fn time(value: &Value) -> Option<Timestamp> {
    match value {
        Value::String(text) => text.parse().ok().or_else(|| {
            let civil: DateTime = text.parse().ok()?;
            Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp())
        }),
        Value::Number(number) => Timestamp::from_second(number.as_i64()?).ok(),
        _ => None,
    }
}

/// An answer that a cache gave (RFC 9111: `Age`), or that is dated long ago, tells nothing of the service now.
///
/// `limit` is how old an answer of a cache may be.
pub fn cached(answer: &Response, now: Timestamp, limit: Duration) -> Option<Finding> {
    let age = answer.header("age").and_then(|age| age.trim().parse::<u64>().ok());
    if let Some(age) = age.filter(|age| *age > limit.as_secs()) {
        return Some(stale(format!("a cache answered, with what is {age} s old (Age)"), age));
    }
    let dated = rfc2822::DateTimeParser::new().parse_timestamp(answer.header("date")?.as_bytes()).ok()?;
    let old = now.duration_since(dated);
    let most = SignedDuration::try_from(CLOCKS.max(limit)).unwrap_or(SignedDuration::MAX);
    (old > most).then(|| {
        let seconds = old.as_secs().unsigned_abs();
        stale(format!("the answer is dated {seconds} s ago (Date): a cache answered, or a clock is wrong"), seconds)
    })
}

fn stale(message: String, seconds: u64) -> Finding {
    Finding::new(Code::Stale, message).expected("an answer of now").actual(format!("{seconds} s old"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bytes::Bytes;
    use http::{HeaderMap, StatusCode};
    use jiff::Timestamp;
    use serde_json::json;

    use super::{cached, older};
    use crate::domain::exchange::Response;

    fn now() -> Timestamp {
        "2026-11-20T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_time_is_of_now_or_it_is_told_how_far_it_is() {
        for (value, told) in [
            (json!("2026-11-20T11:59:00Z"), None),
            (json!("2026-11-20 11:59:00"), None),
            (json!(now().as_second() - 60), None),
            (json!("2026-11-20T12:01:30Z"), None),
            (json!("2026-11-20T11:57:00Z"), Some("180 s old")),
            (json!("2026-11-20 11:57:00"), Some("180 s old")),
            (json!("2026-11-20T12:03:00Z"), Some("180 s ahead")),
            (json!("yesterday"), Some("no time")),
            (json!(null), Some("no time")),
        ] {
            assert_eq!(older(&value, now(), Duration::from_secs(120)).as_deref(), told, "{value}");
        }
    }

    #[test]
    fn what_a_cache_says_is_not_of_now() {
        let answer = |headers: &[(&'static str, &'static str)]| {
            let mut map = HeaderMap::new();
            for (name, value) in headers {
                map.insert(*name, value.parse().unwrap());
            }
            Response { status: StatusCode::OK, headers: map, body: Bytes::new() }
        };
        for (headers, stale) in [
            (&[][..], false),
            (&[("age", "0")], false),
            (&[("age", "60")], false),
            (&[("age", "61")], true),
            (&[("date", "Fri, 20 Nov 2026 11:58:00 GMT")], false),
            (&[("date", "Fri, 20 Nov 2026 11:50:00 GMT")], true),
            (&[("date", "not a date")], false),
        ] {
            let found = cached(&answer(headers), now(), Duration::from_mins(1));
            assert_eq!(found.is_some(), stale, "{headers:?}");
        }
    }
}
