//! Quiet hours: when a warning waits until somebody is awake. What is critical never waits.

use jiff::Timestamp;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::domain::monitor::maintenance::Weekday;

/// From one time of the day to another, on some days, where people live.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    pub from: Time,
    /// On the next day, where it is not after `from`.
    pub until: Time,
    /// A name of the IANA time zone database (`Europe/Berlin`).
    pub zone: String,
    /// The days on which they begin; all when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub days: Vec<Weekday>,
}

impl QuietHours {
    /// Whether a moment is one of them. Where the zone is not known, none is.
    pub fn hold(&self, at: Timestamp) -> bool {
        let Ok(zone) = TimeZone::get(&self.zone) else { return false };
        let here = at.to_zoned(zone).datetime();
        let (today, time) = (here.date(), here.time());
        let begins_on = |weekday: jiff::civil::Weekday| {
            self.days.is_empty() || self.days.iter().any(|day| jiff::civil::Weekday::from(*day) == weekday)
        };
        if self.from < self.until {
            return begins_on(today.weekday()) && self.from <= time && time < self.until;
        }
        let since_yesterday =
            time < self.until && today.yesterday().is_ok_and(|yesterday| begins_on(yesterday.weekday()));
        since_yesterday || self.from <= time && begins_on(today.weekday())
    }

    /// What makes them none.
    pub fn problem(&self) -> Option<String> {
        TimeZone::get(&self.zone)
            .is_err()
            .then(|| format!("`{}` is no time zone that is known: write a name such as `Europe/Berlin`", self.zone))
    }
}

#[cfg(test)]
mod tests {
    use super::QuietHours;

    fn hours(text: &str) -> QuietHours {
        serde_yaml::from_str(text).unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn a_night_is_a_night_where_people_live() {
        let berlin = "{from: '22:00', until: '07:00', zone: Europe/Berlin}";
        let weekend = "{from: '00:00', until: '00:00', zone: UTC, days: [saturday, sunday]}";
        let friday = "{from: '22:00', until: '07:00', zone: Europe/Berlin, days: [friday]}";
        let lunch = "{from: '12:00', until: '13:00', zone: America/New_York}";
        for (text, at, quiet) in [
            // Winter is an hour ahead of UTC, summer two.
            (berlin, "2026-11-20T20:59:59Z", false),
            (berlin, "2026-11-20T21:00:00Z", true),
            (berlin, "2026-11-21T05:59:59Z", true),
            (berlin, "2026-11-21T06:00:00Z", false),
            (berlin, "2026-07-20T20:00:00Z", true),
            (berlin, "2026-07-21T05:00:00Z", false),
            (weekend, "2026-11-20T23:59:59Z", false),
            (weekend, "2026-11-21T00:00:00Z", true),
            (weekend, "2026-11-22T23:59:59Z", true),
            (weekend, "2026-11-23T00:00:00Z", false),
            // They begin on Friday and last into Saturday.
            (friday, "2026-11-20T22:00:00Z", true),
            (friday, "2026-11-21T03:00:00Z", true),
            (friday, "2026-11-21T22:00:00Z", false),
            (lunch, "2026-11-20T17:30:00Z", true),
            (lunch, "2026-11-20T18:00:00Z", false),
        ] {
            assert_eq!(hours(text).hold(at.parse().unwrap()), quiet, "{text} {at}");
        }
    }

    #[test]
    fn the_night_in_which_the_clocks_change_is_one_too() {
        let berlin = hours("{from: '02:00', until: '03:00', zone: Europe/Berlin}");
        // On 2026-10-25 the hour from two to three comes twice, on 2026-03-29 never.
        for (at, quiet) in [
            ("2026-10-25T00:30:00Z", true),
            ("2026-10-25T01:30:00Z", true),
            ("2026-10-25T02:00:00Z", false),
            ("2026-03-29T00:59:59Z", false),
            ("2026-03-29T01:00:00Z", false),
        ] {
            assert_eq!(berlin.hold(at.parse().unwrap()), quiet, "{at}");
        }
    }

    #[test]
    fn a_zone_that_is_none_is_told() {
        assert!(hours("{from: '22:00', until: '07:00', zone: Berlin}").problem().unwrap().contains("`Berlin`"));
        assert_eq!(hours("{from: '22:00', until: '07:00', zone: UTC}").problem(), None);
    }
}
