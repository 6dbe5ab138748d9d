//! Rate limits on the time that is passed in.

use jiff::Timestamp;

/// A leaky bucket: holds `capacity` units and leaks `rate` units a second.
#[derive(Clone, Debug)]
pub struct LeakyBucket {
    capacity: f64,
    rate: f64,
    level: f64,
    at: Timestamp,
}

impl LeakyBucket {
    /// An empty bucket.
    pub fn new(capacity: f64, rate: f64, now: Timestamp) -> Self {
        Self { capacity, rate, level: 0.0, at: now }
    }

    /// What still fits in at `now`.
    pub fn available(&mut self, now: Timestamp) -> f64 {
        let seconds = now.duration_since(self.at).as_secs_f64().max(0.0);
        self.level = (self.level - seconds * self.rate).max(0.0);
        self.at = self.at.max(now);
        self.capacity - self.level
    }

    /// Pours `units` in if they fit.
    pub fn pour(&mut self, units: f64, now: Timestamp) -> bool {
        let fits = units <= self.available(now);
        if fits {
            self.level += units;
        }
        fits
    }

    /// Gives back units that were poured in and not used.
    pub fn refund(&mut self, units: f64) {
        self.level = (self.level - units).max(0.0);
    }

    /// Units in the bucket at `now`.
    pub fn level(&mut self, now: Timestamp) -> f64 {
        self.capacity - self.available(now)
    }

    pub fn capacity(&self) -> f64 {
        self.capacity
    }

    /// Units a second.
    pub fn rate(&self) -> f64 {
        self.rate
    }
}

/// A fixed window: `limit` requests in each `seconds`, counted anew from the window's start (rack-attack, nginx).
#[derive(Clone, Debug)]
pub struct Window {
    limit: u32,
    seconds: i64,
    /// Which one it is, counted since 1970.
    current: i64,
    used: u32,
}

impl Window {
    pub fn new(limit: u32, seconds: i64) -> Self {
        Self { limit, seconds, current: i64::MIN, used: 0 }
    }

    /// Counts one request; false when it is over the limit.
    pub fn admit(&mut self, now: Timestamp) -> bool {
        let window = now.as_second().div_euclid(self.seconds);
        if window != self.current {
            self.current = window;
            self.used = 0;
        }
        self.used += 1;
        self.used <= self.limit
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::Timestamp;

    use super::{LeakyBucket, Window};

    #[test]
    fn a_bucket_leaks_with_the_time_that_is_passed_in() {
        let start = Timestamp::UNIX_EPOCH;
        let mut bucket = LeakyBucket::new(40.0, 2.0, start);
        for _ in 0..40 {
            assert!(bucket.pour(1.0, start));
        }
        assert!(!bucket.pour(1.0, start));
        assert!(!bucket.pour(1.0, start + Duration::from_millis(400)));
        assert!(bucket.pour(1.0, start + Duration::from_millis(500)));
    }

    #[test]
    fn a_window_starts_anew() {
        let start = Timestamp::UNIX_EPOCH;
        let mut window = Window::new(2, 60);
        assert!(window.admit(start) && window.admit(start) && !window.admit(start));
        assert!(window.admit(start + Duration::from_mins(1)));
    }
}
