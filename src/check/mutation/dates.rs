//! Dates inside an answer, written wrongly, too early or too late.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};

/// Years by which a date is moved: a leap day stays one.
const YEARS: i16 = 20;

/// Seconds since 1970 that are taken for a time: from 2000 to 2100.
const EPOCH: std::ops::Range<i64> = 946_684_800..4_102_444_800;

/// A text that is a date or a time, in another format and moved; None where it is none.
pub struct Moved {
    pub otherwise: String,
    pub earlier: String,
    pub later: String,
}

/// What may be done to a text that is a date.
pub fn text(text: &str) -> Option<Moved> {
    let year = text.get(..4)?;
    let is_date = text.parse::<Timestamp>().is_ok() || text.parse::<Date>().is_ok() || text.parse::<DateTime>().is_ok();
    if !is_date || !text[4..].starts_with('-') {
        return None;
    }
    let number: i16 = year.parse().ok()?;
    let rest = &text[4..];
    let moved = |by: i16| format!("{:04}{rest}", number.saturating_add(by).clamp(0, 9999));
    let day = rest.get(1..6)?.replace('-', "/");
    Some(Moved { otherwise: format!("{day}/{year}"), earlier: moved(-YEARS), later: moved(YEARS) })
}

/// The same time twenty years earlier and later, where a number is seconds since 1970.
pub fn seconds(name: &str, number: i64) -> Option<(i64, i64)> {
    let named = ["_at", "_on", "at", "time", "timestamp", "date", "expires", "iat", "exp"];
    let by = i64::from(YEARS) * 31_557_600;
    let is_time = EPOCH.contains(&number) && named.iter().any(|end| name.to_ascii_lowercase().ends_with(end));
    is_time.then(|| (number - by, number + by))
}

#[cfg(test)]
mod tests {
    use super::{seconds, text};

    #[test]
    fn dates_are_told_from_other_texts_and_keep_their_format_when_moved() {
        let moved = text("2024-02-29T10:00:00.000Z").unwrap();
        assert_eq!(moved.earlier, "2004-02-29T10:00:00.000Z");
        assert_eq!(moved.later, "2044-02-29T10:00:00.000Z");
        assert_eq!(moved.otherwise, "02/29/2024");
        assert!(text("2026-01-01").is_some());
        for other in ["", "4.15.1", "v4", "2026", "gid://shop/1", "äöü-", "12345-01"] {
            assert!(text(other).is_none(), "{other}");
        }
        assert!(seconds("created_at", 1_767_225_600).is_some());
        assert_eq!(seconds("count", 1_767_225_600), None);
        assert_eq!(seconds("created_at", 5), None);
    }
}
