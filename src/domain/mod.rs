//! Values and judgements of the house: no IO, no clock, nothing of ours imported.

pub mod blocker;
pub mod coherence;
pub mod contract;
pub mod declaration;
pub mod delivery;
pub mod entry;
pub mod evidence;
pub mod exchange;
pub mod fault;
pub mod finding;
pub mod flag;
pub mod flip;
pub mod integration;
pub mod inventory;
pub mod json;
pub mod leak;
pub mod moment;
pub mod nearest;
pub mod policy;
pub mod readiness;
pub mod record;
pub mod secret;
pub mod shard;
pub mod target;
pub mod usage;
pub mod witness;
