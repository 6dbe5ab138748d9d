//! Preflight: contracts, twins, evidence and readiness for the third-party services that an app lives on.
//!
//! The map of the house, in the order in which imports point downward:
//! [`cli`] parses, prints and exits · [`engine`] does one verb of work and returns a record · [`steps`] are the
//! sentences of a contract · [`adapter`] touches the outside · [`twin`] models vendors, [`check`] judges answers,
//! [`report`] draws records · [`wire`] knows protocols · [`domain`] holds values and judgements.

pub mod adapter;
pub mod check;
pub mod cli;
pub mod domain;
pub mod engine;
pub mod report;
pub mod steps;
pub mod twin;
pub mod wire;
