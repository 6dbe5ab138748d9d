//! From an audit of secrets to records, and to what the ledger says of each integration.

use jiff::Timestamp;

use crate::domain::evidence::Evidence;
use crate::domain::integration::Name;
use crate::domain::record::{self, Counts, Details, Kind, Record};
use crate::domain::secret::audit::{SecretsAudit, outcome};
use crate::domain::target::Target;

/// Who audited, and how it ended.
pub struct Frame {
    pub tool: String,
    pub command: Vec<String>,
    pub workspace_hash: Option<String>,
    pub finished: Timestamp,
    /// Only some of the secrets were asked for: it shows what is wrong and proves nothing.
    pub partial: bool,
    pub exit_code: u8,
}

/// A record for each environment: what one showed holds for no other.
pub fn records(audit: &SecretsAudit, frame: &Frame) -> Vec<Record> {
    let one = |environment: &crate::domain::secret::audit::EnvironmentAudit| Record {
        version: record::VERSION,
        kind: Kind::Secrets,
        id: format!("{}-{:08x}", audit.audited.strftime("%Y%m%dT%H%M%S%3fZ"), 0),
        tool: frame.tool.clone(),
        command: frame.command.clone(),
        workspace: audit.workspace.clone(),
        workspace_hash: frame.workspace_hash.clone(),
        target: Target::Live,
        environment: Some(environment.environment.clone()),
        started: audit.audited,
        finished: frame.finished,
        seed: 0,
        interrupted: false,
        partial: frame.partial,
        contracts: Vec::new(),
        details: Some(Details::Secrets(Box::new(SecretsAudit {
            environments: vec![environment.clone()],
            ..audit.clone()
        }))),
    };
    audit.environments.iter().map(one).collect()
}

/// What such a record shows of each integration that needs a secret; where it is kept is filled in by the ledger.
pub fn shown(record: &Record, frame: &Frame) -> Vec<Evidence> {
    let Some(Details::Secrets(audit)) = &record.details else { return Vec::new() };
    let evidence = |(service, counts): (&str, Counts)| {
        let integration: Name = service.parse().ok()?;
        Some(Evidence {
            outcome: outcome(counts),
            counts,
            score: Some(f64::from(counts.kept) / f64::from(counts.total().max(1))),
            ..Evidence::of(record, integration, frame.exit_code)
        })
    };
    audit.environments.iter().flat_map(|environment| environment.integrations()).filter_map(evidence).collect()
}
