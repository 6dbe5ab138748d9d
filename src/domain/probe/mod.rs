//! Health questions to services: what is specified, what may be asked in which way, and what came of asking.
//!
//! A probe is data. It has steps, asked in their order, and a later one is asked only where the one before it held. Each
//! way of asking brings a [`heard::Heard`]; what it promises is judged by sentences of the contract vocabulary, or by the
//! way of asking itself. Nothing here knows how anything is asked.

pub mod ask;
pub mod cannot;
pub mod heard;
pub mod lie;
pub mod line;
pub mod mcp;
pub mod run;
pub mod service;
pub mod specified;
pub mod thresholds;
