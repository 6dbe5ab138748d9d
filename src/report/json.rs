//! Records and readiness as JSON documents; their schemas are in schemas/preflight.

use serde::Serialize;

use crate::domain::leak::scan::LeakScan;
use crate::domain::monitor::incident::Incident;
use crate::domain::monitor::service_view::{Overview, ServiceView};
use crate::domain::probe::lie::Trial;
use crate::domain::readiness::Readiness;
use crate::domain::readiness::gate::Gate;
use crate::domain::readiness::timeline::Timeline;
use crate::domain::record::Record;
use crate::domain::secret::audit::SecretsAudit;
use crate::domain::typed::Comparison;
use crate::domain::vendor::Vendors;
use crate::report::live::service::Failed;

/// The record as a document (`schemas/preflight/record.json`).
///
/// # Errors
/// A timestamp out of the range of RFC 3339.
pub fn record(record: &Record) -> Result<String, serde_json::Error> {
    document(record)
}

/// All services of a monitor (`schemas/preflight/overview.json`).
///
/// # Errors
/// A timestamp out of the range of RFC 3339.
pub fn overview(overview: &Overview) -> Result<String, serde_json::Error> {
    document(overview)
}

/// The incidents of a monitor, as a document: those that are open, and those of the last thirty days.
///
/// # Errors
/// A timestamp out of the range of RFC 3339.
pub fn incidents(overview: &Overview) -> Result<String, serde_json::Error> {
    document(&overview.incidents)
}

/// One incident, as a document.
///
/// # Errors
/// A timestamp out of the range of RFC 3339.
pub fn incident(incident: &Incident) -> Result<String, serde_json::Error> {
    document(incident)
}

/// One service of a monitor with its latest failures, as a document.
///
/// # Errors
/// A timestamp out of the range of RFC 3339.
pub fn service(service: &ServiceView, failures: &[Failed]) -> Result<String, serde_json::Error> {
    #[derive(Serialize)]
    struct One<'a> {
        service: &'a ServiceView,
        /// The newest first.
        failures: &'a [Failed],
    }
    document(&One { service, failures })
}

/// What probes made of lies, as a document (`schemas/preflight/trial.json`).
///
/// # Errors
/// None is known.
pub fn trial(trial: &Trial) -> Result<String, serde_json::Error> {
    document(trial)
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

/// Readiness over time as a document (`schemas/preflight/history.json`).
///
/// # Errors
/// A timestamp out of the range of RFC 3339.
pub fn history(timeline: &Timeline) -> Result<String, serde_json::Error> {
    document(timeline)
}

/// The vendors as a document (`schemas/preflight/vendors.json`).
///
/// # Errors
/// A timestamp out of the range of RFC 3339.
pub fn vendors(vendors: &Vendors) -> Result<String, serde_json::Error> {
    document(vendors)
}

/// A typed dashboard beside the truth, as a document (`schemas/preflight/comparison.json`).
///
/// # Errors
/// None that is known: it is made of strings and numbers.
pub fn comparison(comparison: &Comparison) -> Result<String, serde_json::Error> {
    document(comparison)
}

fn document<T: Serialize>(value: &T) -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(value)?;
    text.push('\n');
    Ok(text)
}
