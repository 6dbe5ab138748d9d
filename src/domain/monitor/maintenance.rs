//! Times at which a service is expected to be away.

use jiff::civil::Time;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::domain::integration::Name;
use crate::domain::moment::Moment;

/// A window in which bad runs open no incident. They are measured and shown all the same.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Maintenance {
    /// All services when empty.
    #[serde(default)]
    pub services: Vec<Name>,
    pub when: When,
    pub reason: String,
    pub by: String,
}

/// Once, or again and again.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum When {
    Once(Once),
    Monthly(Monthly),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Once {
    pub from: Moment,
    pub until: Moment,
}

/// The nth weekday of each month, in UTC (`{weekday: tuesday, nth: 2, from: "02:00", minutes: 120}`).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Monthly {
    pub weekday: Weekday,
    /// 1 to 5.
    pub nth: i8,
    pub from: Time,
    pub minutes: u16,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
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
        (self.services.is_empty() || self.services.contains(service)) && self.when.holds(at)
    }
}

impl When {
    fn holds(&self, at: Timestamp) -> bool {
        match self {
            Self::Once(once) => once.from.start() <= at && at < once.until.end(),
            // It may have begun on the day before.
            Self::Monthly(monthly) => [0, 24].into_iter().any(|hours| {
                let day = at.checked_sub(SignedDuration::from_hours(hours));
                day.is_ok_and(|day| monthly.holds(day, at))
            }),
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
        let text = format!("services: [chatwoot]\nreason: updates\nby: support\nwhen: {when}");
        serde_yaml::from_str(&text).unwrap()
    }

    #[test]
    fn a_window_covers_its_services_at_its_time_alone() {
        let second_tuesday = "{weekday: tuesday, nth: 2, from: \"02:00\", minutes: 120}";
        let over_midnight = "{weekday: tuesday, nth: 2, from: \"23:30\", minutes: 60}";
        let once = "{from: 2026-11-20T17:00Z, until: 2026-11-20T18:00Z}";
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
}
