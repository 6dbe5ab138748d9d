//! From a suite to a record, and to what the ledger says of the integration whose deliveries were received.

use crate::adapter::workspace::Workspace;
use crate::domain::evidence::{Class, Coverage, Evidence};
use crate::domain::record::{Details, Kind, Record};
use crate::domain::suite::Suite;
use crate::engine::evidence::{Frame, record};

/// The record of a suite.
pub fn of_suite(workspace: &Workspace, frame: Frame, suite: Suite) -> Record {
    let record = record(workspace, frame, Vec::new());
    Record { kind: Kind::WebhookSuite, details: Some(Details::WebhookSuite(Box::new(suite))), ..record }
}

/// What a suite shows; nothing where the workspace does not know whose deliveries they were.
pub fn shown(record: &Record, exit_code: u8) -> Vec<Evidence> {
    let Some(Details::WebhookSuite(suite)) = &record.details else { return Vec::new() };
    let Some(integration) = suite.integration.clone() else { return Vec::new() };
    let counts = suite.counts();
    vec![Evidence {
        kind: record.kind,
        class: Class::Measured,
        integration,
        target: record.target,
        environment: record.environment.clone(),
        record: String::new(),
        digest: String::new(),
        contract_hash: None,
        outcome: suite.outcome(),
        counts,
        coverage: Coverage::default(),
        score: Some(f64::from(counts.kept) / f64::from(counts.total().max(1))),
        stands_for: None,
        partial: record.partial || record.interrupted,
        tool: record.tool.clone(),
        command: record.command.clone(),
        exit_code,
        started: record.started,
        finished: record.finished,
        host: None,
    }]
}
