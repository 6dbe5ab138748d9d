//! Sees that the clock of the machine was set: what it shows went another way than the time that passed.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// Less is how clocks are kept right all the time.
const LEAST: SignedDuration = SignedDuration::from_secs(2);

/// Two clocks side by side: one that people set, one that only goes on.
#[derive(Clone, Copy, Debug)]
pub struct ClockStep {
    shown: Timestamp,
    passed: Duration,
}

impl ClockStep {
    /// What the clock shows, and how much time has passed since some moment.
    pub fn new(shown: Timestamp, passed: Duration) -> Self {
        Self { shown, passed }
    }

    /// By how much the clock was set since this was last asked; None where it was not.
    pub fn since(&mut self, shown: Timestamp, passed: Duration) -> Option<SignedDuration> {
        let went = SignedDuration::try_from(passed.saturating_sub(self.passed)).unwrap_or(SignedDuration::MAX);
        let step = shown.duration_since(self.shown).checked_sub(went)?;
        *self = Self { shown, passed };
        (step.abs() >= LEAST).then_some(step)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::{SignedDuration, Timestamp};

    use super::ClockStep;

    #[test]
    fn a_clock_that_was_set_is_told_from_one_that_is_kept_right() {
        let start = Timestamp::from_second(1_800_000_000).unwrap();
        let mut step = ClockStep::new(start, Duration::from_secs(100));
        let mut shown = start;
        let mut passed = Duration::from_secs(100);
        for (shown_ms, passed_ms, told) in [
            (1000, 1000, None),
            // A little every second is how a clock is kept right, and adds up to nothing.
            (1900, 1000, None),
            (1900, 1000, None),
            (1900, 1000, None),
            (3_601_000, 1000, Some(3600)),
            (1000, 1000, None),
            (-3_599_000, 1000, Some(-3600)),
            // The machine slept, and both know it.
            (3_600_000, 3_600_000, None),
        ] {
            shown += SignedDuration::from_millis(shown_ms);
            passed += Duration::from_millis(passed_ms);
            assert_eq!(step.since(shown, passed).map(|step| step.as_secs()), told, "{shown_ms}");
        }
    }
}
