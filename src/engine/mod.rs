//! One file a verb of work; each returns a record.

pub mod approvals;
pub mod attack;
pub mod attestation;
pub mod audit;
pub mod blame;
pub mod contracts;
pub mod evidence;
pub mod flags;
pub mod flip;
pub mod follow;
pub mod gauntlet;
pub mod import;
pub mod lint;
pub mod merge;
pub mod pages;
pub mod plan;
pub mod playbill;
pub mod readiness;
pub mod recording;
pub mod secrets;
pub mod selection;
pub mod sentences;
pub mod serve;
pub mod setup;
pub mod twins;
pub mod webhook;
