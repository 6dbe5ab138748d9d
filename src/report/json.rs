//! Records and readiness as JSON documents; their schemas are in schemas/preflight.

use serde::Serialize;

use crate::domain::readiness::Readiness;
use crate::domain::readiness::gate::Gate;
use crate::domain::record::Record;

/// The record as a document (`schemas/preflight/record.json`).
///
/// # Errors
/// A timestamp out of the range of RFC 3339.
pub fn record(record: &Record) -> Result<String, serde_json::Error> {
    document(record)
}

/// The judgement as a document (`schemas/preflight/readiness.json`).
///
/// # Errors
/// A timestamp out of the range of RFC 3339.
pub fn readiness(readiness: &Readiness) -> Result<String, serde_json::Error> {
    document(readiness)
}

/// The gate as a document (`schemas/preflight/gate.json`).
///
/// # Errors
/// A timestamp out of the range of RFC 3339.
pub fn gate(gate: &Gate) -> Result<String, serde_json::Error> {
    document(gate)
}

fn document<T: Serialize>(value: &T) -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(value)?;
    text.push('\n');
    Ok(text)
}
