//! Time as vendors write it.

use jiff::Timestamp;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;

/// `2026-01-01T00:00:00.000Z`
pub fn iso_millis(now: Timestamp) -> String {
    format(now, "%Y-%m-%dT%H:%M:%S%.3fZ")
}

/// `2026-01-01T00:00:00Z`
pub fn iso_seconds(now: Timestamp) -> String {
    format(now, "%Y-%m-%dT%H:%M:%SZ")
}

/// `2026-01-01 00:00:00`, Rails' `to_fs(:db)`
pub fn rails_db(now: Timestamp) -> String {
    format(now, "%Y-%m-%d %H:%M:%S")
}

/// `Thu, 01 Jan 2026 00:00:00 GMT`, an HTTP date (RFC 9110 §5.6.7)
pub fn http_date(now: Timestamp) -> String {
    format(now, "%a, %d %b %Y %H:%M:%S GMT")
}

/// Any `strftime` form, in UTC.
pub fn format(now: Timestamp, form: &str) -> String {
    strtime::format(form, &now.to_zoned(TimeZone::UTC)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_moment_in_every_form() {
        let now = "2026-01-01T00:00:00.25Z".parse().unwrap();
        assert_eq!(super::iso_millis(now), "2026-01-01T00:00:00.250Z");
        assert_eq!(super::iso_seconds(now), "2026-01-01T00:00:00Z");
        assert_eq!(super::rails_db(now), "2026-01-01 00:00:00");
        assert_eq!(super::http_date(now), "Thu, 01 Jan 2026 00:00:00 GMT");
    }
}
