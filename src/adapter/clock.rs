//! The clock of the machine.
#![expect(clippy::disallowed_methods, reason = "this is the door through which time comes in")]

use std::time::{Duration, Instant};

use jiff::Timestamp;

/// The time now.
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// A point from which a duration can be measured.
pub fn start() -> Instant {
    Instant::now()
}

/// Time that has passed since some moment. It goes on evenly when the clock of the machine is set, and counts the time that the
/// machine slept where the system tells it.
#[cfg(target_os = "linux")]
pub fn passed() -> Duration {
    let passed = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    Duration::try_from(passed).unwrap_or_default()
}

/// Time that has passed since some moment. It goes on evenly when the clock of the machine is set.
#[cfg(not(target_os = "linux"))]
pub fn passed() -> Duration {
    static FIRST: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    FIRST.get_or_init(Instant::now).elapsed()
}
