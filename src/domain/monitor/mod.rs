//! What a monitor makes of runs of probes: when each is due, what they add up to, how a service is, and what is one incident.
//!
//! All of it is decided here, with the time passed in; nothing here waits, asks, stores or tells anybody.

pub mod beat;
pub mod clock_step;
pub mod incident;
pub mod lag;
pub mod latencies;
pub mod maintenance;
pub mod news;
pub mod pulse;
pub mod root_cause;
pub mod schedule;
pub mod score;
pub mod series;
pub mod service_view;
pub mod span;
pub mod tally;
pub mod traffic;
