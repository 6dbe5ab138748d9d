//! How long to wait before asking again: exponential with full jitter, or as long as was asked and a little longer.

use std::time::Duration;

/// The bounds of waits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Backoff {
    /// What the first wait is at most.
    pub base: Duration,
    /// What every wait is at most.
    pub cap: Duration,
    /// What every wait is at least: a retry at once is no retry but the same request twice.
    pub floor: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { base: Duration::from_millis(500), cap: Duration::from_secs(30), floor: Duration::from_millis(50) }
    }
}

/// The share of a wait that was asked for by which clients that were refused together come back apart.
const SPREAD: f64 = 0.25;

/// The least and the most of it.
const LEAST_SPREAD: Duration = Duration::from_millis(100);
const MOST_SPREAD: Duration = Duration::from_secs(5);

impl Backoff {
    /// The wait before a retry, the first of which is 0: from the floor to `min(cap, base * 2^retry)`, evenly (AWS Architecture
    /// Blog, "Exponential Backoff and Jitter", full jitter). `chance` is from 0 to 1.
    pub fn own(&self, retry: u32, chance: f64) -> Duration {
        let grown = 2u32.checked_pow(retry).and_then(|factor| self.base.checked_mul(factor)).unwrap_or(self.cap);
        let most = grown.min(self.cap);
        let least = self.floor.min(most);
        least + (most - least).mul_f64(chance.clamp(0.0, 1.0))
    }

    /// The wait that an answer asks for, and what keeps clients apart: what is asked for is the earliest time and not the
    /// time (RFC 9110 §10.2.3). Where none is asked for, its own.
    pub fn asked(&self, asked: Duration, retry: u32, chance: f64) -> Duration {
        if asked.is_zero() {
            return self.own(retry, chance);
        }
        (asked + spread(asked, chance)).max(self.floor)
    }
}

/// What is added to a wait that many share.
pub fn spread(wait: Duration, chance: f64) -> Duration {
    wait.mul_f64(SPREAD).clamp(LEAST_SPREAD, MOST_SPREAD).mul_f64(chance.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::proptest;

    use super::Backoff;

    #[test]
    fn waits_grow_to_their_cap() {
        let backoff = Backoff::default();
        for (retry, chance, millis) in
            [(0, 0.0, 50), (0, 1.0, 500), (1, 1.0, 1000), (2, 0.5, 1025), (9, 1.0, 30_000), (u32::MAX, 1.0, 30_000)]
        {
            assert_eq!(backoff.own(retry, chance), Duration::from_millis(millis), "{retry} {chance}");
        }
    }

    #[test]
    fn what_is_asked_for_is_the_least() {
        let backoff = Backoff::default();
        for (asked, chance, millis) in [(2000, 0.0, 2000), (2000, 1.0, 2500), (10, 0.0, 50), (60_000, 1.0, 65_000)] {
            assert_eq!(backoff.asked(Duration::from_millis(asked), 0, chance), Duration::from_millis(millis));
        }
        assert_eq!(backoff.asked(Duration::ZERO, 1, 1.0), backoff.own(1, 1.0));
    }

    proptest! {
        #[test]
        fn no_wait_leaves_its_bounds(retry: u32, chance in -1.0..2.0, asked in 0u64..1_000_000_000) {
            let backoff = Backoff::default();
            let own = backoff.own(retry, chance);
            assert!(backoff.floor <= own && own <= backoff.cap);
            let asked = Duration::from_millis(asked);
            assert!(backoff.asked(asked, retry, chance) >= asked);
        }
    }
}
