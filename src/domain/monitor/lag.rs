//! How late turns are begun: what shows whether a monitor keeps up with what it was given.

use jiff::SignedDuration;

use crate::domain::monitor::latencies::Latencies;

/// From when turns were due until they were begun.
#[derive(Clone, Debug, Default)]
pub struct Lag {
    all: Latencies,
    worst: SignedDuration,
}

impl Lag {
    pub fn note(&mut self, lag: SignedDuration) {
        self.worst = self.worst.max(lag);
        self.all.note(u64::try_from(lag.as_micros()).unwrap_or_default());
    }

    /// The time within which this share (0 to 100) of turns was begun; None where there was none.
    pub fn within(&self, percent: f64) -> Option<SignedDuration> {
        let micros = self.all.percentile_us(percent)?;
        Some(SignedDuration::from_micros(i64::try_from(micros).unwrap_or(i64::MAX)))
    }

    pub fn worst(&self) -> SignedDuration {
        self.worst
    }

    /// `at most 12 ms late, 99 % within 3 ms`; None where there was no turn.
    pub fn told(&self) -> Option<String> {
        let most = millis(self.within(99.0)?);
        Some(format!("at most {} ms late, 99 % within {most} ms", millis(self.worst)))
    }
}

/// Rounded up: 0 ms would be no time at all.
fn millis(lag: SignedDuration) -> i128 {
    lag.as_micros().max(0).unsigned_abs().div_ceil(1000).cast_signed()
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::Lag;

    #[test]
    fn one_late_turn_is_the_worst_and_not_the_usual() {
        let mut lag = Lag::default();
        assert_eq!(lag.told(), None);
        for _ in 0..99 {
            lag.note(SignedDuration::from_micros(1500));
        }
        lag.note(SignedDuration::from_millis(700));
        assert_eq!(lag.told().as_deref(), Some("at most 700 ms late, 99 % within 2 ms"));
        lag.note(SignedDuration::from_millis(300));
        assert_eq!(lag.within(99.0).map(|lag| lag.as_millis() / 100), Some(3));
        assert_eq!(lag.worst().as_millis(), 700);
        // A clock that jumped back makes no turn early.
        lag.note(SignedDuration::from_millis(-5));
        assert_eq!(lag.worst().as_millis(), 700);
    }
}
