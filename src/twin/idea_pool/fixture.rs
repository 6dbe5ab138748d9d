//! The five ideas that stand in for Supabase.

use std::collections::BTreeMap;

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::Value;

use crate::twin::kit::clock;

const FILE: &str = "ideas.json";

/// The moment that the file's dates are written for: the start of a scene.
const WRITTEN_FOR: &str = "2026-01-01T00:00:00Z";

/// Reads the ideas and moves their dates to a scene that starts at `now`.
///
/// Fixed dates go stale: HotDash's own fixture held a window that had closed on the day its specification was written.
///
/// # Errors
/// What is wrong with the file.
pub(super) fn read(files: &BTreeMap<String, Bytes>, now: Timestamp) -> Result<Vec<Value>, String> {
    let bytes = files.get(FILE).ok_or_else(|| format!("{FILE} is missing"))?;
    let mut ideas: Vec<Value> = serde_json::from_slice(bytes).map_err(|error| format!("{FILE}: {error}"))?;
    let written_for: Timestamp = WRITTEN_FOR.parse().map_err(|error| format!("{WRITTEN_FOR}: {error}"))?;
    let moved = now.duration_since(written_for);
    for idea in &mut ideas {
        for member in ["created_at", "expires_at"] {
            let Some(value) = idea.pointer_mut(&format!("/supabase_linkage/{member}")) else { continue };
            let moment = value.as_str().and_then(|text| text.parse::<Timestamp>().ok());
            let moment = moment.and_then(|moment| moment.checked_add(moved).ok());
            *value = clock::iso_millis(moment.ok_or_else(|| format!("{FILE}: {member} {value} is no moment"))?).into();
        }
    }
    Ok(ideas)
}
