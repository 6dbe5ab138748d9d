//! A service over a stretch of time: shares, percentiles, and a bar whose gaps are no data.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::domain::monitor::span::{Span, Window};
use crate::domain::monitor::tally::Tally;

/// A stretch of the history.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its beginning, in seconds since 1970.
    pub start: i64,
    pub span: Span,
    pub tally: Tally,
}

/// What a window shows.
#[derive(Clone, Debug, Serialize)]
pub struct Outlook {
    pub window: Window,
    /// Good runs of those that say something, 0 to 100; None without data. Each run counts the same.
    pub success_percent: Option<f64>,
    /// Share of the time with data in which runs were good, 0 to 100. Each minute counts the same, however many runs it had.
    pub uptime_percent: Option<f64>,
    /// Share of the window for which there is data, 0 to 100. What is missing is neither up nor down.
    pub data_percent: f64,
    pub runs: u64,
    pub bad: u64,
    pub p50_ms: Option<u64>,
    pub p95_ms: Option<u64>,
    pub p99_ms: Option<u64>,
    /// The oldest first.
    pub parts: Vec<Part>,
}

/// A part of a window's bar.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Part {
    pub start: Timestamp,
    /// None is no data.
    pub success_percent: Option<f64>,
    pub p50_ms: Option<u64>,
    pub p95_ms: Option<u64>,
    pub p99_ms: Option<u64>,
}

impl Window {
    /// Which rows it is made of.
    pub fn span(self) -> Span {
        match self {
            Self::Day => Span::Minute,
            Self::Week => Span::Hour,
            Self::Month => Span::Day,
        }
    }

    /// Where it begins: at a whole part, so that a bar does not tremble.
    pub fn start(self, now: Timestamp) -> i64 {
        let (count, length) = self.parts();
        let (length, count) = (length.as_secs(), i64::try_from(count).unwrap_or_default());
        (now.as_second().div_euclid(length) + 1 - count) * length
    }
}

impl Outlook {
    /// Of rows of the window's span, in any order; those outside of it are passed over.
    pub fn of(window: Window, rows: &[Row], now: Timestamp) -> Self {
        let start = window.start(now);
        let (count, length) = window.parts();
        let mut parts = vec![Tally::default(); count];
        let (mut sum, mut told, mut up) = (Tally::default(), SignedDuration::ZERO, 0.0);
        for row in rows.iter().filter(|row| (start..=now.as_second()).contains(&row.start)) {
            let index = usize::try_from((row.start - start) / length.as_secs()).unwrap_or(usize::MAX);
            let Some(part) = parts.get_mut(index) else { continue };
            part.add(&row.tally);
            sum.add(&row.tally);
            if let Some(share) = row.tally.success_percent() {
                // The row of now is not over.
                let lasted = row.span.length().min(SignedDuration::from_secs((now.as_second() - row.start).max(1)));
                told += lasted;
                up += share * lasted.as_secs_f64();
            }
        }
        let millis = |percent: f64| sum.percentile_us(percent).map(in_millis);
        let elapsed = SignedDuration::from_secs((now.as_second() - start).max(1));
        Self {
            window,
            success_percent: sum.success_percent(),
            uptime_percent: (!told.is_zero()).then(|| up / told.as_secs_f64()),
            data_percent: (told.as_secs_f64() * 100.0 / elapsed.as_secs_f64()).min(100.0),
            runs: sum.told(),
            bad: sum.bad,
            p50_ms: millis(50.0),
            p95_ms: millis(95.0),
            p99_ms: millis(99.0),
            parts: parts.iter().zip(0..).map(|(tally, index)| part(tally, start + index * length.as_secs())).collect(),
        }
    }
}

fn part(tally: &Tally, start: i64) -> Part {
    Part {
        start: Timestamp::from_second(start).unwrap_or_default(),
        success_percent: tally.success_percent(),
        p50_ms: tally.percentile_us(50.0).map(in_millis),
        p95_ms: tally.percentile_us(95.0).map(in_millis),
        p99_ms: tally.percentile_us(99.0).map(in_millis),
    }
}

/// Rounded up: 0 ms would be no time at all.
fn in_millis(micros: u64) -> u64 {
    micros.div_ceil(1000)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::{Outlook, Row};
    use crate::domain::monitor::beat::{Beat, Said};
    use crate::domain::monitor::span::{Span, Window};
    use crate::domain::monitor::tally::Tally;

    const NOW: i64 = 1_800_000_000;

    fn row(span: Span, start: i64, good: u64, bad: u64, latency_us: u64) -> Row {
        let mut tally = Tally::default();
        let at = Timestamp::from_second(start).unwrap();
        let beat = |said| Beat { at, said, latency_us: Some(latency_us) };
        (0..good).for_each(|_| tally.hear(&beat(Said::Good)));
        (0..bad).for_each(|_| tally.hear(&beat(Said::Bad)));
        Row { start, span, tally }
    }

    fn now() -> Timestamp {
        Timestamp::from_second(NOW).unwrap()
    }

    #[test]
    fn nothing_heard_is_no_data_and_not_a_hundred_percent() {
        let outlook = Outlook::of(Window::Day, &[], now());
        assert_eq!((outlook.success_percent, outlook.uptime_percent, outlook.p95_ms), (None, None, None));
        assert!(outlook.data_percent < 0.001);
        assert!(outlook.parts.iter().all(|part| part.success_percent.is_none()));
    }

    #[test]
    fn a_gap_is_a_gap() {
        let start = Window::Day.start(now());
        // Twelve hours of good minutes, and then nothing.
        let rows: Vec<_> = (0..720).map(|minute| row(Span::Minute, start + minute * 60, 1, 0, 90_000)).collect();
        let outlook = Outlook::of(Window::Day, &rows, now());
        assert_eq!(outlook.uptime_percent, Some(100.0));
        assert!((49.0..52.0).contains(&outlook.data_percent), "{}", outlook.data_percent);
        let known = outlook.parts.iter().filter(|part| part.success_percent.is_some()).count();
        assert_eq!((known, outlook.parts.len()), (24, 48));
    }

    #[test]
    fn success_counts_runs_and_uptime_counts_time() {
        let start = Window::Day.start(now());
        // A busy good minute, and a quiet bad one.
        let rows = [row(Span::Minute, start, 99, 0, 90_000), row(Span::Minute, start + 60, 0, 1, 90_000)];
        let outlook = Outlook::of(Window::Day, &rows, now());
        assert_eq!(outlook.success_percent, Some(99.0));
        assert_eq!(outlook.uptime_percent, Some(50.0));
    }

    #[test]
    fn the_row_of_now_counts_as_long_as_it_has_lasted() {
        let today = Span::Day.start(now());
        let rows = [row(Span::Day, today - 86_400, 10, 0, 90_000), row(Span::Day, today, 0, 10, 90_000)];
        let outlook = Outlook::of(Window::Month, &rows, now());
        #[expect(clippy::cast_precision_loss, reason = "seconds of a day")]
        let expected = 86_400.0 * 100.0 / (86_400 + NOW - today) as f64;
        assert!((outlook.uptime_percent.unwrap() - expected).abs() < 0.001);
    }

    #[test]
    fn every_part_of_each_window_is_in_it_and_now_is_in_the_last() {
        for window in Window::ALL {
            let (count, _) = window.parts();
            let rows = [row(window.span(), window.span().start(now()), 1, 0, 90_000)];
            let outlook = Outlook::of(window, &rows, now());
            assert_eq!(outlook.parts.len(), count);
            assert!(outlook.parts[count - 1].success_percent.is_some(), "{window:?}");
        }
    }
}
