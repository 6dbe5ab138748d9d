//! The journals of probes: lines of JSON that are added to a file for each run.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::adapter::files::{self, FileError};
use crate::domain::probe::line::lines;
use crate::domain::probe::run::ProbeRun;

/// The file of a journal on a day: `artifacts/integrations/{date}/chatwoot_health.jsonl` under the workspace.
pub fn path(root: &Path, pattern: &str, at: Timestamp) -> PathBuf {
    root.join(pattern.replace("{date}", &at.strftime("%Y-%m-%d").to_string()))
}

/// The lines of a run as text. What is in a run is redacted already.
pub fn text(run: &ProbeRun, run_id: &str, environment: Option<&str>, at: Timestamp) -> String {
    let lines = lines(run, run_id, environment, at);
    let written = lines.iter().filter_map(|line| serde_json::to_string(line).ok());
    written.map(|line| line + "\n").collect()
}

/// Adds the lines of a run.
///
/// # Errors
/// The file cannot be written.
pub fn add(
    root: &Path,
    pattern: &str,
    run: &ProbeRun,
    run_id: &str,
    environment: Option<&str>,
    at: Timestamp,
) -> Result<PathBuf, FileError> {
    let path = path(root, pattern, at);
    files::append(&path, text(run, run_id, environment, at).as_bytes())?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::path;

    #[test]
    fn a_journal_has_a_file_a_day() {
        let at = "2026-11-20T23:59:59Z".parse().unwrap();
        let file = path(Path::new("/w"), "artifacts/integrations/{date}/chatwoot_health.jsonl", at);
        assert_eq!(file, Path::new("/w/artifacts/integrations/2026-11-20/chatwoot_health.jsonl"));
    }
}
