//! Asks probes: what is specified becomes a plan, a plan is asked in a ward, and what came is judged and kept.
//!
//! A [`plan::Planned`] and a [`ward::Ward`] are made once and used again and again: `preflight probe` asks each probe once,
//! a monitor as often as its interval says, side by side in one process.

pub mod ask;
pub mod evidence;
pub mod heartbeat;
pub mod http;
pub mod journal;
pub mod judge;
pub mod mcp;
pub mod perform;
pub mod plan;
pub mod trial;
mod truth;
pub mod ward;
pub mod webhook;
