//! The clock of the machine.
#![expect(clippy::disallowed_methods, reason = "this is the door through which time comes in")]

use std::time::Instant;

use jiff::Timestamp;

/// The time now.
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// A point from which a duration can be measured.
pub fn start() -> Instant {
    Instant::now()
}
