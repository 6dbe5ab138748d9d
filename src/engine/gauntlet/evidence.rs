//! From a gauntlet to its record, and to what the ledger says of it.

use crate::adapter::workspace::Workspace;
use crate::domain::evidence::{Class, Coverage, Evidence};
use crate::domain::gauntlet::GauntletRun;
use crate::domain::record::{Details, Kind, Record};
use crate::engine::evidence::{self, Frame};

/// The record of a gauntlet.
pub fn record(workspace: &Workspace, frame: Frame, run: GauntletRun) -> Record {
    let record = evidence::record(workspace, frame, Vec::new());
    Record { kind: Kind::Gauntlet, details: Some(Details::Gauntlet(Box::new(run))), ..record }
}

/// What it shows of the integration's client: a lesson counts as a scenario does. It is about no contract.
pub fn shown(record: &Record, run: &GauntletRun, exit_code: u8) -> Evidence {
    let counts = run.counts();
    Evidence {
        kind: Kind::Gauntlet,
        class: Class::Measured,
        integration: run.integration.clone(),
        target: record.target,
        environment: None,
        record: String::new(),
        digest: String::new(),
        contract_hash: None,
        outcome: run.outcome(),
        counts,
        coverage: Coverage::default(),
        score: (counts.total() > 0).then(|| f64::from(counts.kept) / f64::from(counts.total())),
        stands_for: None,
        partial: record.partial || record.interrupted,
        tool: record.tool.clone(),
        command: record.command.clone(),
        exit_code,
        started: record.started,
        finished: record.finished,
        host: None,
    }
}
