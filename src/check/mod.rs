//! Checks: a promise and an answer in, a finding out. Pure, so the same check judges a twin, a live and a changed answer.

pub mod body;
pub mod branches;
pub mod document;
pub mod drift;
pub mod freshness;
pub mod gauntlet;
pub mod header;
pub mod latency;
pub mod lie;
pub mod matcher;
pub mod mutation;
pub mod path;
pub mod retry_after;
pub mod schema;
pub mod shape;
pub mod status;
