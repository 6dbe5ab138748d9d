//! How late a blocker is: to the minute, in UTC.

use jiff::Timestamp;
use serde::Serialize;

use crate::domain::moment::Moment;

/// Where `now` stands to the due date, in whole minutes of the clock.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Due {
    /// Nobody promised a date.
    Never,
    /// So many minutes are left; 0 in the minute that it is due in.
    In(i64),
    /// So many minutes too late, 1 at the least.
    Overdue(i64),
}

impl Due {
    /// What is due on a day is due in that day's last minute.
    pub fn of(due: Option<Moment>, now: Timestamp) -> Self {
        let Some(due) = due else { return Self::Never };
        let last = match due {
            Moment::Day(_) => minute(due.end()) - 1,
            Moment::Time(time) => minute(time),
        };
        match minute(now) - last {
            late @ 1.. => Self::Overdue(late),
            left => Self::In(-left),
        }
    }

    pub fn is_overdue(self) -> bool {
        matches!(self, Self::Overdue(_))
    }
}

/// Minutes since 1970.
fn minute(time: Timestamp) -> i64 {
    time.as_second().div_euclid(60)
}

/// `2 d 3 h 5 min`, without the parts that are 0.
pub fn in_words(minutes: i64) -> String {
    let parts = [(minutes / 1440, "d"), (minutes / 60 % 24, "h"), (minutes % 60, "min")];
    let told: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, unit)| format!("{count} {unit}")).collect();
    if told.is_empty() { "0 min".to_owned() } else { told.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::{Due, in_words};

    #[test]
    fn late_is_counted_in_minutes_of_utc() {
        let table = [
            ("2025-10-10T17:00Z", "2025-10-10T16:59:59Z", Due::In(1)),
            ("2025-10-10T17:00Z", "2025-10-10T17:00:00Z", Due::In(0)),
            ("2025-10-10T17:00Z", "2025-10-10T17:00:59.999Z", Due::In(0)),
            ("2025-10-10T17:00Z", "2025-10-10T17:01:00Z", Due::Overdue(1)),
            ("2025-10-10T17:00Z", "2025-10-10T17:20:00Z", Due::Overdue(20)),
            // A zone is an offset and nothing else: 19:20 in New York is 23:20 in UTC.
            ("2025-10-10T19:20-04:00", "2025-10-10T23:21:00Z", Due::Overdue(1)),
            ("2025-10-10", "2025-10-10T23:59:59Z", Due::In(0)),
            ("2025-10-10", "2025-10-11T00:00:00Z", Due::Overdue(1)),
            ("1969-12-31T23:59:30Z", "1970-01-01T00:00:00Z", Due::Overdue(1)),
        ];
        for (due, now, expected) in table {
            assert_eq!(Due::of(Some(due.parse().unwrap()), now.parse().unwrap()), expected, "{due} at {now}");
        }
        assert_eq!(Due::of(None, "2025-10-10T17:00:00Z".parse().unwrap()), Due::Never);
    }

    #[test]
    fn minutes_are_told_in_words() {
        for (minutes, told) in
            [(0, "0 min"), (59, "59 min"), (478, "7 h 58 min"), (1440, "1 d"), (3065, "2 d 3 h 5 min")]
        {
            assert_eq!(in_words(minutes), told);
        }
    }
}
