//! Records and readiness as JSON documents; their schemas are in schemas/preflight.

use serde::Serialize;

use crate::domain::leak::scan::LeakScan;
use crate::domain::readiness::Readiness;
use crate::domain::readiness::gate::Gate;
use crate::domain::record::Record;
use crate::domain::secret::audit::SecretsAudit;

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

/// The audit of secrets as a document (`schemas/preflight/secrets.json`).
///
/// # Errors
/// A timestamp out of the range of RFC 3339.
pub fn secrets(audit: &SecretsAudit) -> Result<String, serde_json::Error> {
    document(audit)
}

/// A scan for leaks as a document (`schemas/preflight/leaks.json`).
///
/// # Errors
/// None is known.
pub fn leaks(scan: &LeakScan) -> Result<String, serde_json::Error> {
    document(scan)
}

fn document<T: Serialize>(value: &T) -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(value)?;
    text.push('\n');
    Ok(text)
}
