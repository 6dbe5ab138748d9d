//! A moment as a person declares it: a day, or a time with its zone.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize};

/// `2025-10-10`, or `2025-10-10T17:20Z`. A time without a zone is refused: it means another moment to each reader.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(into = "String")]
pub enum Moment {
    /// A whole day, in UTC.
    Day(Date),
    Time(Timestamp),
}

impl Moment {
    /// When it begins.
    pub fn start(self) -> Timestamp {
        match self {
            Self::Day(date) => midnight(date),
            Self::Time(time) => time,
        }
    }

    /// When it is over: a day's end, a time itself.
    pub fn end(self) -> Timestamp {
        match self {
            Self::Day(date) => date.tomorrow().map_or(Timestamp::MAX, midnight),
            Self::Time(time) => time,
        }
    }
}

fn midnight(date: Date) -> Timestamp {
    // Only the first and the last day that the calendar library knows have no midnight in UTC.
    date.to_zoned(TimeZone::UTC).map_or(Timestamp::MAX, |zoned| zoned.timestamp())
}

impl fmt::Display for Moment {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Day(date) => write!(formatter, "{date}"),
            Self::Time(time) => write!(formatter, "{time}"),
        }
    }
}

/// A text that is no moment.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is no moment: write a day (2025-10-10) or a time with its zone (2025-10-10T17:20Z)")]
pub struct BadMoment(String);

impl FromStr for Moment {
    type Err = BadMoment;

    fn from_str(text: &str) -> Result<Self, BadMoment> {
        let day = (text.len() == 10).then(|| text.parse().ok().map(Self::Day)).flatten();
        // The library's parser takes more than RFC 3339: what has no `T` is not what a person means here.
        let time = text.contains('T').then(|| text.parse().ok().map(Self::Time)).flatten();
        day.or(time).ok_or_else(|| BadMoment(text.to_owned()))
    }
}

impl<'de> Deserialize<'de> for Moment {
    /// Read where it stands and not from a copy, so that an error names its line.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(MomentVisitor)
    }
}

struct MomentVisitor;

impl Visitor<'_> for MomentVisitor {
    type Value = Moment;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("a string")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Moment, E> {
        text.parse().map_err(E::custom)
    }
}

impl From<Moment> for String {
    fn from(moment: Moment) -> Self {
        moment.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::Moment;

    #[test]
    fn a_day_lasts_and_a_time_does_not() {
        let day: Moment = "2025-10-10".parse().unwrap();
        assert_eq!(
            (day.start().to_string(), day.end().to_string()),
            ("2025-10-10T00:00:00Z".to_owned(), "2025-10-11T00:00:00Z".to_owned())
        );
        let time: Moment = "2025-10-10T19:20-04:00".parse().unwrap();
        assert_eq!((time.start(), time.to_string()), (time.end(), "2025-10-10T23:20:00Z".to_owned()));
    }

    #[test]
    fn what_means_two_moments_or_none_is_refused() {
        for text in ["2025-10-10T17:20", "17:20 UTC", "2025-02-30", "2025-10-10T25:00Z", "20251010", "tomorrow", ""] {
            assert!(text.parse::<Moment>().is_err(), "{text}");
        }
    }
}
