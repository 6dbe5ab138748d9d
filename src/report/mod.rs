//! Draws records and readiness as text. Pure: a report is a function of what came in, and no report reads a report.
//!
//! [`dashboard`] is what the wide formats are drawn from, [`digest`] groups what would otherwise be said a hundred times,
//! [`text`] makes foreign text harmless; then one file a format.

pub mod audit;
pub mod badge;
pub mod blockers;
pub mod dashboard;
pub mod digest;
pub mod evidence;
pub mod gauntlet;
pub mod github;
pub mod html;
pub mod json;
pub mod junit;
pub mod live;
pub mod markdown;
pub mod matrix;
pub mod messages;
pub mod metrics;
pub mod past;
pub mod probe;
pub mod runbook;
mod section;
mod suite;
pub mod tap;
pub mod terminal;
pub mod text;
pub mod vendors;
