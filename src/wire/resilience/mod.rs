//! What a client decides between an answer and its next request: whether to ask again, when, and whether at all.
//!
//! Pure: time since the client's beginning and chance are passed in. It is done in `adapter/client/caller.rs`.

pub mod backoff;
pub mod breaker;
pub mod budget;
pub mod latency;
pub mod tally;
pub mod verdict;
