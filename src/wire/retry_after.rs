//! `Retry-After` (RFC 9110 §10.2.3): seconds or an HTTP date; some vendors write decimal seconds.

use jiff::Timestamp;
use jiff::fmt::rfc2822;

/// Seconds to wait from `now`; None when the value is neither a number of seconds nor an HTTP date.
pub fn seconds(value: &str, now: Timestamp) -> Option<f64> {
    if let Ok(seconds) = value.trim().parse::<f64>() {
        return (seconds.is_finite() && seconds >= 0.0).then_some(seconds);
    }
    let date = rfc2822::DateTimeParser::new().parse_timestamp(value.trim().replace("GMT", "+0000")).ok()?;
    Some(date.duration_since(now).as_secs_f64().max(0.0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::seconds;

    proptest! {
        #[test]
        fn no_text_is_too_strange(text in any::<String>(), number in any::<f64>(), second: i64) {
            let now = jiff::Timestamp::from_second(second % 200_000_000_000).unwrap();
            for text in [text, number.to_string(), format!("Thu, 01 Jan {second} 00:00:00 GMT")] {
                assert!(seconds(&text, now).is_none_or(|seconds| seconds.is_finite() && seconds >= 0.0), "{text}");
            }
        }
    }

    #[test]
    fn both_forms_and_the_vendors_third_are_read() {
        let now = "2026-01-01T00:00:00Z".parse().unwrap();
        assert_eq!(seconds("120", now), Some(120.0));
        assert_eq!(seconds("2.0", now), Some(2.0));
        assert_eq!(seconds("Thu, 01 Jan 2026 00:01:00 GMT", now), Some(60.0));
        assert_eq!(seconds("Wed, 31 Dec 2025 00:00:00 GMT", now), Some(0.0));
        for nonsense in ["", "soon", "-1", "NaN", "inf"] {
            assert_eq!(seconds(nonsense, now), None, "{nonsense}");
        }
    }
}
