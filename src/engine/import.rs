//! From another tool's report to a record of declared evidence.

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::adapter::workspace::Workspace;
use crate::domain::evidence::{Class, Evidence};
use crate::domain::import::{Format, Import, Told};
use crate::domain::integration::Name;
use crate::domain::readiness::Criterion;
use crate::domain::record::{self, Details, Kind, Record};
use crate::domain::target::Target;
use crate::engine::evidence::id;
use crate::wire::imports::{self, NotAReport};

/// Where and when, beside what the report says.
pub struct Declared {
    pub tool: String,
    /// Redacted.
    pub command: Vec<String>,
    /// None for a twin.
    pub environment: Option<String>,
    /// When the work that it reports began and ended.
    pub started: Timestamp,
    pub finished: Timestamp,
    pub now: Timestamp,
}

/// Whose report it is, and what it speaks for.
pub struct Source {
    pub format: Format,
    /// As it was typed, redacted.
    pub file: String,
    pub integration: Name,
    pub criterion: Criterion,
    pub by: String,
}

/// Reads a report.
///
/// # Errors
/// It is not of this format.
pub fn read(format: Format, bytes: &[u8]) -> Result<Told, NotAReport> {
    imports::read(format, bytes)
}

/// Takes what a report tells; its own texts are redacted and kept to a line of 300 characters.
pub fn import(source: Source, mut told: Told, bytes: &[u8], redact: &dyn Fn(&str) -> String) -> Import {
    let (outcome, counts) = (told.outcome(), told.counts);
    let cases_left_out = Import::keep_worst(&mut told.cases);
    let line = |text: &str| -> String {
        let words = redact(text).split_whitespace().collect::<Vec<_>>().join(" ");
        words.chars().take(300).collect()
    };
    for case in &mut told.cases {
        (case.name, case.says) = (line(&case.name), line(&case.says));
    }
    Import {
        format: source.format,
        file: source.file,
        sha256: hex::encode(Sha256::digest(bytes)),
        integration: source.integration,
        criterion: source.criterion,
        by: source.by,
        outcome,
        counts,
        cases: told.cases,
        cases_left_out,
    }
}

/// Puts a record together.
pub fn record(workspace: &Workspace, declared: Declared, import: Import) -> Record {
    Record {
        version: record::VERSION,
        kind: Kind::Import,
        id: id(declared.now, 0),
        tool: declared.tool,
        command: declared.command,
        workspace: workspace.inventory.name.clone(),
        workspace_hash: workspace.hash.clone(),
        target: if import.criterion == Criterion::ContractTwin { Target::Twin } else { Target::Live },
        environment: declared.environment,
        started: declared.started,
        finished: declared.finished,
        seed: 0,
        interrupted: false,
        partial: false,
        contracts: Vec::new(),
        details: Some(Details::Import(import)),
    }
}

/// What the record shows; where it is kept is filled in by the ledger.
pub fn shown(record: &Record, import: &Import, exit_code: u8) -> Evidence {
    Evidence {
        class: Class::Declared,
        stands_for: Some(import.criterion),
        outcome: import.outcome,
        counts: import.counts,
        ..Evidence::of(record, import.integration.clone(), exit_code)
    }
}
