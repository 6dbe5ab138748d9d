//! Asks probes again and again: each in its turns, none waiting for another, and what came is added up, judged and kept.
//!
//! The [`desk::Desk`] decides everything and does nothing; [`round`] waits and asks, and the [`keeper::Keeper`] has it written.

pub mod alarm;
pub mod desk;
pub mod keeper;
pub mod order;
pub mod overview;
pub mod patience;
pub mod round;
pub mod traffic;
