//! Dates and times in prose: those that can be, and those that cannot.

use std::ops::Range;
use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::{Offset, TimeZone};
use regex::{Captures, Regex};

use crate::domain::claim::block::Prose;
use crate::domain::moment::Moment;

/// What stands there.
#[derive(Clone, Debug, PartialEq)]
pub enum When {
    Known(Moment),
    /// A time of day in UTC, without a day: minutes since midnight.
    Clock(i32),
    /// With the reason.
    Impossible(String),
}

/// A date or a time in a prose.
#[derive(Clone, Debug, PartialEq)]
pub struct Dated {
    pub range: Range<usize>,
    pub when: When,
}

static DAY: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)(?:\b(mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+)?\b([0-9]{4})-([0-9]{2})-([0-9]{2})(?:(?:T|,?\s+(?:at\s+)?|\s*\()([0-9]{1,2}):?([0-9]{2})(?::?([0-9]{2})(?:\.[0-9]+)?)?(?:\s?(Z\b|UTC\b|GMT\b|[+-][0-9]{2}:?[0-9]{2}\b))?)?",
    )
    .ok()
});
static WORDS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)(?:\b(mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+)?\b(?:(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+([0-9]{1,2})(?:st|nd|rd|th)?,?\s+([0-9]{4})|([0-9]{1,2})(?:st|nd|rd|th)?\s+(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?,?\s+([0-9]{4}))\b",
    )
    .ok()
});
static CLOCK: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\b([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?\s?(?:UTC|GMT|Z)\b").ok());
static STAMP: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})(?:[T_]([0-9]{2})[-:]?([0-9]{2})(?:[-:]?([0-9]{2})(?:\.[0-9]+)?)?Z?)?",
    )
    .ok()
});

/// Every date and time in a prose, in its order.
pub fn dates(prose: &Prose) -> Vec<Dated> {
    let text = prose.text.as_str();
    let holds = Holds::of(text);
    if !holds.year && !holds.clock {
        return Vec::new();
    }
    let mut found: Vec<Dated> = Vec::new();
    let free = |found: &[Dated], range: &Range<usize>| {
        !prose.is_code(range)
            && !found.iter().any(|other| other.range.start < range.end && range.start < other.range.end)
    };
    for hit in DAY.iter().filter(|_| holds.year).flat_map(|pattern| pattern.captures_iter(text)) {
        if let Some(dated) = by_number(text, &hit).filter(|dated| free(&found, &dated.range)) {
            found.push(dated);
        }
    }
    for hit in WORDS.iter().filter(|_| holds.year).flat_map(|pattern| pattern.captures_iter(text)) {
        if let Some(dated) = by_name(&hit).filter(|dated| free(&found, &dated.range)) {
            found.push(dated);
        }
    }
    for hit in CLOCK.iter().filter(|_| holds.clock).flat_map(|pattern| pattern.captures_iter(text)) {
        let Some(range) = hit.get(0).map(|whole| whole.range()) else { continue };
        if free(&found, &range) && !text[..range.start].ends_with([':', '.', '/', '-', '+']) {
            let when = clock(part(&hit, 1), part(&hit, 2), part(&hit, 3));
            found.push(Dated { range, when });
        }
    }
    found.sort_by_key(|dated| dated.range.start);
    found
}

/// What a text must hold to hold a date, found in one pass: most texts hold neither.
#[derive(Default)]
struct Holds {
    /// Four digits in a row.
    year: bool,
    /// A digit, a colon, a digit.
    clock: bool,
}

impl Holds {
    fn of(text: &str) -> Self {
        let (mut holds, mut digits) = (Self::default(), 0);
        let bytes = text.as_bytes();
        for (at, byte) in bytes.iter().enumerate() {
            holds.clock |= *byte == b':' && digits > 0 && bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
            digits = if byte.is_ascii_digit() { digits + 1 } else { 0 };
            holds.year |= digits >= 4;
        }
        holds
    }
}

fn part(hit: &Captures, group: usize) -> Option<i32> {
    hit.get(group)?.as_str().parse().ok()
}

fn by_number(text: &str, hit: &Captures) -> Option<Dated> {
    let whole = hit.get(0)?.range();
    let (first, last) = (hit.get(2)?.start(), hit.get(4)?.end());
    // A part of a longer number, a path, an identifier.
    let joined = |letter: char| letter.is_alphanumeric() || "_/-".contains(letter);
    if text[..first].chars().next_back().is_some_and(joined) {
        return None;
    }
    let timed = hit.get(5).is_some() && (hit.get(8).is_some() || text[last..].starts_with('T'));
    let end = if timed { whole.end } else { last };
    if text[end..].chars().next().is_some_and(|letter| joined(letter) && letter != '-') || text[end..].starts_with("-v")
    {
        return None;
    }
    let when = match day(part(hit, 2)?, part(hit, 3)?, part(hit, 4)?, hit.get(1).map(|name| name.as_str())) {
        Err(reason) => When::Impossible(reason),
        Ok(date) if timed => match time(date, hit) {
            Ok(moment) => When::Known(moment),
            Err(reason) => When::Impossible(reason),
        },
        Ok(date) => When::Known(Moment::Day(date)),
    };
    Some(Dated { range: whole.start..end, when })
}

fn time(date: Date, hit: &Captures) -> Result<Moment, String> {
    let minutes = match clock(part(hit, 5), part(hit, 6), part(hit, 7)) {
        When::Clock(minutes) => minutes,
        When::Impossible(reason) => return Err(reason),
        When::Known(_) => return Ok(Moment::Day(date)),
    };
    let Some(zone) = hit.get(8).map(|zone| zone.as_str()) else { return Ok(Moment::Day(date)) };
    let seconds = part(hit, 7).unwrap_or_default();
    Ok(at(date, minutes, seconds, offset(zone)).map_or(Moment::Day(date), Moment::Time))
}

/// The moment of a day's minute.
pub fn at(date: Date, minutes: i32, seconds: i32, offset: Offset) -> Option<Timestamp> {
    let hour = i8::try_from(minutes / 60).ok()?;
    let minute = i8::try_from(minutes % 60).ok()?;
    let time = jiff::civil::Time::new(hour, minute, i8::try_from(seconds).ok()?.min(59), 0).ok()?;
    TimeZone::fixed(offset).to_timestamp(DateTime::from_parts(date, time)).ok()
}

fn offset(zone: &str) -> Offset {
    let digits: String = zone.chars().filter(char::is_ascii_digit).collect();
    let number = |range: Range<usize>| digits.get(range).and_then(|text| text.parse::<i32>().ok()).unwrap_or_default();
    let seconds = number(0..2) * 3600 + number(2..4) * 60;
    Offset::from_seconds(if zone.starts_with('-') { -seconds } else { seconds }).unwrap_or(Offset::UTC)
}

fn clock(hour: Option<i32>, minute: Option<i32>, second: Option<i32>) -> When {
    let (hour, minute, second) = (hour.unwrap_or_default(), minute.unwrap_or_default(), second.unwrap_or_default());
    match (hour, minute, second) {
        (24, 0, 0) => When::Clock(24 * 60 - 1),
        (24.., ..) => When::Impossible(format!("there is no hour {hour}")),
        (_, 60.., _) => When::Impossible(format!("there is no minute {minute}")),
        (.., 61..) => When::Impossible(format!("there is no second {second}")),
        _ => When::Clock(hour * 60 + minute),
    }
}

fn day(year: i32, month: i32, day: i32, weekday: Option<&str>) -> Result<Date, String> {
    let month_fits = i8::try_from(month).ok().filter(|month| (1..=12).contains(month));
    let Some(month) = month_fits else { return Err(format!("there is no month {month}")) };
    let year = i16::try_from(year).map_err(|_| format!("there is no year {year}"))?;
    let most = Date::new(year, month, 1).map_or(31, Date::days_in_month);
    let date = i8::try_from(day).ok().and_then(|day| Date::new(year, month, day).ok());
    let Some(date) = date else { return Err(format!("that month has {most} days")) };
    match weekday {
        Some(said) if !said.to_lowercase().starts_with(name(date.weekday())) => {
            Err(format!("that day was a {}", full(date.weekday())))
        }
        _ => Ok(date),
    }
}

fn name(weekday: Weekday) -> &'static str {
    &full_lower(weekday)[..3]
}

fn full_lower(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Monday => "monday",
        Weekday::Tuesday => "tuesday",
        Weekday::Wednesday => "wednesday",
        Weekday::Thursday => "thursday",
        Weekday::Friday => "friday",
        Weekday::Saturday => "saturday",
        Weekday::Sunday => "sunday",
    }
}

fn full(weekday: Weekday) -> String {
    let lower = full_lower(weekday);
    format!("{}{}", lower[..1].to_uppercase(), &lower[1..])
}

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

fn by_name(hit: &Captures) -> Option<Dated> {
    let (month, number, year) = match (hit.get(2), hit.get(6)) {
        (Some(month), _) => (month, part(hit, 3)?, part(hit, 4)?),
        (None, Some(month)) => (month, part(hit, 5)?, part(hit, 7)?),
        _ => return None,
    };
    let month = MONTHS.iter().position(|known| *known == month.as_str().to_lowercase())? + 1;
    let when = match day(year, i32::try_from(month).ok()?, number, hit.get(1).map(|name| name.as_str())) {
        Ok(date) => When::Known(Moment::Day(date)),
        Err(reason) => When::Impossible(reason),
    };
    Some(Dated { range: hit.get(0)?.range(), when })
}

/// The latest moment that a path's own name bears, in UTC: `curl_2025-10-10T02-50-44Z.log`, `2025-10-10/x.md`, `x-20251010T0736Z.md`.
pub fn stamp(path: &str) -> Option<Moment> {
    let hits = STAMP.as_ref()?.captures_iter(path);
    let known = hits.filter_map(|hit| {
        let whole = hit.get(0)?;
        let digit = |letter: char| letter.is_ascii_digit();
        if path[..whole.start()].ends_with(digit) || path[whole.end()..].starts_with(digit) {
            return None;
        }
        let date = day(part(&hit, 1)?, part(&hit, 2)?, part(&hit, 3)?, None).ok()?;
        let plausible = (1990..2100).contains(&date.year());
        let moment = match (part(&hit, 4), part(&hit, 5)) {
            (Some(hour), Some(minute)) if hour < 24 && minute < 60 => {
                at(date, hour * 60 + minute, part(&hit, 6).unwrap_or_default(), Offset::UTC).map(Moment::Time)
            }
            _ => Some(Moment::Day(date)),
        };
        moment.filter(|_| plausible)
    });
    known.max_by_key(|moment| (moment.start(), matches!(moment, Moment::Time(_))))
}

/// The same moment with a clock of that day.
pub fn on(day: Moment, minutes: i32) -> Option<Moment> {
    let date = match day {
        Moment::Day(date) => date,
        Moment::Time(time) => TimeZone::UTC.to_datetime(time).date(),
    };
    at(date, minutes, 0, Offset::UTC).map(Moment::Time)
}

#[cfg(test)]
mod tests {
    use super::{When, dates, stamp};
    use crate::domain::claim::block::Prose;

    fn said(text: &str) -> Vec<String> {
        let mut prose = Prose::default();
        prose.push(text, 0);
        let told = |when| match when {
            When::Known(moment) => moment.to_string(),
            When::Clock(minutes) => format!("{:02}:{:02}", minutes / 60, minutes % 60),
            When::Impossible(reason) => format!("! {reason}"),
        };
        dates(&prose).into_iter().map(|dated| told(dated.when)).collect()
    }

    #[test]
    fn dates_are_read_as_people_write_them() {
        for (text, expected) in [
            ("2025-10-10 Refresh (22:55 UTC)", &["2025-10-10", "22:55"][..]),
            ("2025-10-12 08:52 UTC — Task 2", &["2025-10-12T08:52:00Z"]),
            ("at 2025-10-10T17:20Z and 2025-10-10T19:20:00-04:00.", &["2025-10-10T17:20:00Z", "2025-10-10T23:20:00Z"]),
            ("2025-10-11 09:00Z", &["2025-10-11T09:00:00Z"]),
            ("Friday, October 10, 2025 and 11 Oct 2025", &["2025-10-10", "2025-10-11"]),
            ("2025-02-30", &["! that month has 28 days"]),
            ("2025-13-01", &["! there is no month 13"]),
            ("Monday 2025-10-10", &["! that day was a Friday"]),
            ("Feb 30, 2026", &["! that month has 28 days"]),
            ("2025-10-10 25:10 UTC and 12:75 UTC", &["! there is no hour 25", "! there is no minute 75"]),
            ("version 2025-10, port 10:20, 12025-10-10, a/2025-10-10/b, 1:10", &[]),
            ("2025-10-08..10", &["2025-10-08"]),
            ("between 24:00 UTC and 00:00 UTC", &["23:59", "00:00"]),
        ] {
            assert_eq!(said(text), expected, "{text}");
        }
    }

    #[test]
    fn a_path_says_when_it_was_made() {
        for (path, expected) in [
            (
                "artifacts/shopify/2025-10-10/curl_hotdash-staging_2025-10-10T02-50-44Z.log",
                Some("2025-10-10T02:50:44Z"),
            ),
            ("artifacts/cli-secret-20251010T071858Z.log", Some("2025-10-10T07:18:58Z")),
            ("artifacts/x-20251010T0736Z.md", Some("2025-10-10T07:36:00Z")),
            ("synthetic-check-2025-10-10T04-40-48.296Z.json", Some("2025-10-10T04:40:48Z")),
            ("artifacts/vendors/hootsuite/2025-10-09/README.md", Some("2025-10-09")),
            ("artifacts/2025-13-09/README.md", None),
            ("src/main.rs", None),
            ("id-1234567890123456.json", None),
        ] {
            assert_eq!(stamp(path).map(|moment| moment.to_string()).as_deref(), expected, "{path}");
        }
    }
}
