//! Times, shares and states as the live page says them.

use jiff::{SignedDuration, Timestamp};

use crate::domain::monitor::series::Outlook;
use crate::domain::probe::service::Service;
use crate::domain::probe::thresholds::Health;
use crate::domain::readiness::{State, Verdict};

/// Share of a window that has to have data for its uptime to stand without a mark.
pub const MUCH: f64 = 95.0;

/// The class of a state: its colour and its shape.
pub fn health(health: Health) -> &'static str {
    match health {
        Health::Healthy => "r",
        Health::Degraded => "g",
        Health::Down => "f",
        Health::Unknown => "u",
    }
}

pub fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Go => "r",
        Verdict::NoGo => "f",
        Verdict::Unknown => "u",
    }
}

pub fn state(state: State) -> &'static str {
    match state {
        State::Ready => "r",
        State::Failing => "f",
        State::Blocked => "b",
        State::Unknown => "u",
        State::Stale => "s",
        State::Waived => "w",
        State::NotApplicable => "n",
    }
}

/// What a list of such services is headed by.
pub fn kinds(service: Service) -> &'static str {
    match service {
        Service::Mcp => "MCP servers",
        Service::Api => "APIs",
        Service::Webhook => "Webhook endpoints",
        Service::Infrastructure => "Infrastructure",
    }
}

/// `12 s`, `4 min`, `3 h`, `5 d`: in the largest unit that still says something.
pub fn span(time: SignedDuration) -> String {
    match time.as_secs() {
        seconds @ ..120 => format!("{} s", seconds.max(0)),
        seconds @ 120..7_200 => format!("{} min", seconds / 60),
        seconds @ 7_200..172_800 => format!("{} h", seconds / 3_600),
        seconds => format!("{} d", seconds / 86_400),
    }
}

/// `2 h 5 min`: in two units.
pub fn long_span(time: SignedDuration) -> String {
    let seconds = time.as_secs().max(0);
    let (large, small) = match seconds {
        0..60 => return format!("{seconds} s"),
        60..3_600 => ((seconds / 60, "min"), (seconds % 60, "s")),
        3_600..86_400 => ((seconds / 3_600, "h"), (seconds % 3_600 / 60, "min")),
        _ => ((seconds / 86_400, "d"), (seconds % 86_400 / 3_600, "h")),
    };
    let rest = if small.0 == 0 { String::new() } else { format!(" {} {}", small.0, small.1) };
    format!("{} {}{rest}", large.0, large.1)
}

/// A share as it is told: what is not all is never rounded to all.
pub fn percent(share: f64) -> String {
    let floor = (share * 100.0).floor() / 100.0;
    if share >= 100.0 { "100 %".to_owned() } else { format!("{floor:.2} %") }
}

/// Uptime, marked where most of the window is no data.
pub fn uptime(outlook: Option<&Outlook>) -> String {
    let Some(outlook) = outlook else { return "–".to_owned() };
    let mark = if outlook.data_percent < MUCH { "~" } else { "" };
    outlook.uptime_percent.map_or_else(|| "–".to_owned(), |share| format!("{mark}{}", percent(share)))
}

/// `420 ms`, `1.2 s`.
pub fn millis(millis: Option<u64>) -> String {
    match millis {
        None => "–".to_owned(),
        Some(millis @ ..1_000) => format!("{millis} ms"),
        Some(millis @ 1_000..10_000) => format!("{}.{} s", millis / 1_000, millis % 1_000 / 100),
        Some(millis) => format!("{} s", millis / 1_000),
    }
}

/// `2026-11-20 20:31`.
pub fn at(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::{long_span, millis, percent, span};

    #[test]
    fn what_is_not_all_is_not_called_all() {
        for (share, told) in [(100.0, "100 %"), (99.999, "99.99 %"), (0.0, "0.00 %"), (98.765, "98.76 %")] {
            assert_eq!(percent(share), told);
        }
    }

    #[test]
    fn times_are_said_in_units_that_say_something() {
        for (seconds, short, long) in [
            (-5, "0 s", "0 s"),
            (59, "59 s", "59 s"),
            (119, "119 s", "1 min 59 s"),
            (120, "2 min", "2 min"),
            (7_500, "2 h", "2 h 5 min"),
            (200_000, "2 d", "2 d 7 h"),
        ] {
            let time = SignedDuration::from_secs(seconds);
            assert_eq!((span(time).as_str(), long_span(time).as_str()), (short, long));
        }
        assert_eq!([None, Some(7), Some(1_250), Some(12_999)].map(millis), ["–", "7 ms", "1.2 s", "12 s"]);
    }
}
