//! Other tools' reports, read into what they tell: how many cases there were, and which were not kept.
//!
//! One file a format; [`read`] takes the bytes of a file and the format that it was said to be.

mod har;
mod junit;
mod k6;
mod playwright;

use jiff::Timestamp;

use crate::domain::import::{Format, Told};

/// Why a file is no report of its format.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
#[error("not a {format} report: {why}")]
pub struct NotAReport {
    pub format: Format,
    pub why: String,
}

/// Reads a report.
///
/// # Errors
/// It is not of this format.
pub fn read(format: Format, bytes: &[u8]) -> Result<Told, NotAReport> {
    let told = match format {
        Format::Junit => junit::read(bytes),
        Format::Har => har::read(bytes),
        Format::K6 => k6::read(bytes),
        Format::Playwright => playwright::read(bytes),
    };
    told.map_err(|why| NotAReport { format, why })
}

/// A time with its zone; one without means another moment to each reader, and is left out.
fn moment(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

fn milliseconds(number: f64) -> jiff::SignedDuration {
    jiff::SignedDuration::try_from_secs_f64(number / 1_000.0).unwrap_or_default()
}
