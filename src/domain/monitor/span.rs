//! Minutes, hours and days of the history: what is added up together.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How long a row of the history is. All begin at whole ones, in UTC.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Span {
    Minute,
    Hour,
    Day,
}

impl Span {
    pub const ALL: [Self; 3] = [Self::Minute, Self::Hour, Self::Day];

    pub fn seconds(self) -> i64 {
        match self {
            Self::Minute => 60,
            Self::Hour => 3600,
            Self::Day => 86_400,
        }
    }

    pub fn length(self) -> SignedDuration {
        SignedDuration::from_secs(self.seconds())
    }

    /// The beginning of the one that holds a moment, in seconds since 1970.
    pub fn start(self, at: Timestamp) -> i64 {
        at.as_second().div_euclid(self.seconds()) * self.seconds()
    }

    /// How long rows of it are kept: minutes for two days, hours for nine, days for a little more than a year.
    pub fn retention(self) -> SignedDuration {
        let days = match self {
            Self::Minute => 2,
            Self::Hour => 9,
            Self::Day => 400,
        };
        SignedDuration::from_hours(days * 24)
    }
}

/// A stretch of time that a page speaks of.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
pub enum Window {
    #[serde(rename = "24h")]
    Day,
    #[serde(rename = "7d")]
    Week,
    #[serde(rename = "30d")]
    Month,
}

impl Window {
    pub const ALL: [Self; 3] = [Self::Day, Self::Week, Self::Month];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Day => "24h",
            Self::Week => "7d",
            Self::Month => "30d",
        }
    }

    pub fn length(self) -> SignedDuration {
        SignedDuration::from_hours(match self {
            Self::Day => 24,
            Self::Week => 7 * 24,
            Self::Month => 30 * 24,
        })
    }

    /// Into how many parts a bar of it is divided, and how long each is.
    pub fn parts(self) -> (usize, SignedDuration) {
        match self {
            Self::Day => (48, SignedDuration::from_mins(30)),
            Self::Week => (56, SignedDuration::from_hours(3)),
            Self::Month => (30, SignedDuration::from_hours(24)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Span, Window};

    #[test]
    fn spans_begin_at_whole_ones() {
        let at = "2026-11-20T17:42:31Z".parse().unwrap();
        for (span, start) in [
            (Span::Minute, "2026-11-20T17:42:00Z"),
            (Span::Hour, "2026-11-20T17:00:00Z"),
            (Span::Day, "2026-11-20T00:00:00Z"),
        ] {
            let start: jiff::Timestamp = start.parse().unwrap();
            assert_eq!(span.start(at), start.as_second());
        }
        let early = "1969-12-31T23:59:59Z".parse().unwrap();
        assert_eq!(Span::Minute.start(early), -60);
    }

    #[test]
    fn the_parts_of_a_window_are_all_of_it() {
        for window in Window::ALL {
            let (count, length) = window.parts();
            assert_eq!(length * i32::try_from(count).unwrap(), window.length());
        }
    }
}
