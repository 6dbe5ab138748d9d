//! Times at which a service is expected to be away.

use jiff::civil::Time;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::domain::integration::Name;
use crate::domain::moment::Moment;

/// A window in which bad runs open no incident. They are measured and shown all the same.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Maintenance {
    /// All services when empty.
    #[serde(default)]
    pub services: Vec<Name>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub once: Option<Once>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monthly: Option<Monthly>,
    pub reason: String,
    pub by: String,
}

/// From one moment to another.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Once {
    pub from: Moment,
    pub until: Moment,
}

/// The nth weekday of each month, in UTC (`{weekday: tuesday, nth: 2, from: "02:00", minutes: 120}`).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Monthly {
    pub weekday: Weekday,
    /// 1 to 5.
    pub nth: i8,
    pub from: Time,
    pub minutes: u16,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl Maintenance {
    pub fn covers(&self, service: &Name, at: Timestamp) -> bool {
        (self.services.is_empty() || self.services.contains(service)) && self.holds(at)
    }

    fn holds(&self, at: Timestamp) -> bool {
        let once = self.once.as_ref().is_some_and(|once| once.from.start() <= at && at < once.until.end());
        // It may have begun on the day before.
        once || self.monthly.as_ref().is_some_and(|monthly| {
            [0, 24].into_iter().any(|hours| {
                let day = at.checked_sub(SignedDuration::from_hours(hours));
                day.is_ok_and(|day| monthly.holds(day, at))
            })
        })
    }

    /// What makes it a window that never comes, or says nothing.
    pub fn problem(&self) -> Option<&'static str> {
        match (&self.once, &self.monthly) {
            (None, None) | (Some(_), Some(_)) => Some("it needs one of `once` and `monthly`"),
            (Some(once), None) if once.until.end() <= once.from.start() => Some("it ends before it begins"),
            (None, Some(monthly)) if !(1..=5).contains(&monthly.nth) => Some("`nth` is 1 to 5"),
            (None, Some(monthly)) if monthly.minutes == 0 => Some("it lasts no minute"),
            _ if self.reason.trim().is_empty() || self.by.trim().is_empty() => {
                Some("it needs a reason and who says so")
            }
            _ => None,
        }
    }
}

impl Monthly {
    fn holds(&self, day: Timestamp, at: Timestamp) -> bool {
        let date = day.to_zoned(jiff::tz::TimeZone::UTC).date();
        if (date.day() - 1) / 7 + 1 != self.nth || date.weekday() != self.weekday.into() {
            return false;
        }
        let start = date.to_datetime(self.from).to_zoned(jiff::tz::TimeZone::UTC);
        start.is_ok_and(|start| {
            let start = start.timestamp();
            start <= at && at.duration_since(start) < SignedDuration::from_mins(i64::from(self.minutes))
        })
    }
}

impl From<Weekday> for jiff::civil::Weekday {
    fn from(day: Weekday) -> Self {
        match day {
            Weekday::Monday => Self::Monday,
            Weekday::Tuesday => Self::Tuesday,
            Weekday::Wednesday => Self::Wednesday,
            Weekday::Thursday => Self::Thursday,
            Weekday::Friday => Self::Friday,
            Weekday::Saturday => Self::Saturday,
            Weekday::Sunday => Self::Sunday,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Maintenance, Name};

    fn window(when: &str) -> Maintenance {
        let text = format!("services: [chatwoot]\nreason: updates\nby: support\n{when}");
        serde_yaml::from_str(&text).unwrap()
    }

    #[test]
    fn a_window_covers_its_services_at_its_time_alone() {
        let second_tuesday = "monthly: {weekday: tuesday, nth: 2, from: \"02:00\", minutes: 120}";
        let over_midnight = "monthly: {weekday: tuesday, nth: 2, from: \"23:30\", minutes: 60}";
        let once = "once: {from: 2026-11-20T17:00Z, until: 2026-11-20T18:00Z}";
        for (when, at, covered) in [
            (second_tuesday, "2026-11-10T02:00:00Z", true),
            (second_tuesday, "2026-11-10T03:59:59Z", true),
            (second_tuesday, "2026-11-10T04:00:00Z", false),
            (second_tuesday, "2026-11-03T02:30:00Z", false),
            (second_tuesday, "2026-11-17T02:30:00Z", false),
            (over_midnight, "2026-11-11T00:29:00Z", true),
            (over_midnight, "2026-11-11T00:30:00Z", false),
            (once, "2026-11-20T17:30:00Z", true),
            (once, "2026-11-20T18:00:00Z", false),
        ] {
            let (window, at) = (window(when), at.parse().unwrap());
            assert_eq!(window.covers(&"chatwoot".parse().unwrap(), at), covered, "{when} {at}");
            let other: Name = "shopify".parse().unwrap();
            assert!(!window.covers(&other, at));
        }
    }

    #[test]
    fn a_window_that_never_comes_is_a_mistake() {
        for (when, wrong) in [
            ("monthly: {weekday: tuesday, nth: 2, from: \"02:00\", minutes: 120}", false),
            ("monthly: {weekday: tuesday, nth: 6, from: \"02:00\", minutes: 120}", true),
            ("monthly: {weekday: tuesday, nth: 2, from: \"02:00\", minutes: 0}", true),
            ("once: {from: 2026-11-20T18:00Z, until: 2026-11-20T17:00Z}", true),
            ("once: {from: 2026-11-20, until: 2026-11-20}", false),
            ("", true),
        ] {
            assert_eq!(window(when).problem().is_some(), wrong, "{when}");
        }
    }
}
