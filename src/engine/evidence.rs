//! From what ran to a record, and from a record to what the ledger says of it.

use jiff::Timestamp;

use crate::adapter::workspace::Workspace;
use crate::domain::evidence::{Coverage, Evidence};
use crate::domain::flip::FlipRun;
use crate::domain::integration::Name;
use crate::domain::proof::{Bite, Proof};
use crate::domain::record::{self, ContractRun, Counts, Details, Kind, OperationCoverage, Outcome, Record, Unreadable};
use crate::domain::target::Target;
use crate::engine::contracts::Ran;

/// The frame of a run: who ran what, when and where.
pub struct Frame {
    pub tool: String,
    /// Redacted.
    pub command: Vec<String>,
    pub target: Target,
    pub environment: Option<String>,
    pub started: Timestamp,
    pub finished: Timestamp,
    pub seed: u64,
    pub interrupted: bool,
    pub partial: bool,
}

/// One integration's part, as it ran.
pub struct Part {
    pub name: Name,
    pub ran: Ran,
    pub unreadable: Vec<Unreadable>,
    /// The version that its twin models.
    pub modelled: Option<String>,
}

/// A record's id, as long as no other one has it.
pub fn id(started: Timestamp, seed: u64) -> String {
    format!("{}-{:08x}", started.strftime("%Y%m%dT%H%M%S%3fZ"), seed & 0xffff_ffff)
}

/// Puts a record together.
pub fn record(workspace: &Workspace, frame: Frame, parts: Vec<Part>) -> Record {
    let id = id(frame.started, frame.seed);
    let contracts = parts.into_iter().filter_map(|part| contract_run(workspace, part)).collect();
    Record {
        version: record::VERSION,
        kind: Kind::ContractRun,
        id,
        tool: frame.tool,
        command: frame.command,
        workspace: workspace.inventory.name.clone(),
        workspace_hash: workspace.hash.clone(),
        target: frame.target,
        environment: frame.environment,
        started: frame.started,
        finished: frame.finished,
        seed: frame.seed,
        interrupted: frame.interrupted,
        partial: frame.partial,
        contracts,
        details: None,
    }
}

/// The record of a flip.
pub fn flip(workspace: &Workspace, frame: Frame, flip: FlipRun) -> Record {
    let record = record(workspace, frame, Vec::new());
    Record { kind: Kind::Flip, details: Some(Details::Flip(Box::new(flip))), ..record }
}

/// What a flip shows of its consumer, and of what else the flag switches and the consumer's live answer comes through:
/// `served` that its manifest says it stands on. Of others the canary says nothing.
pub fn shown_by_flip(
    workspace: &Workspace,
    record: &Record,
    flip: &FlipRun,
    served: &[String],
    exit_code: u8,
) -> Vec<Evidence> {
    let consumer = &flip.integration;
    let below = workspace.contracts.get(consumer).map(|contract| &contract.manifest.stands_on);
    let through = below.into_iter().flatten().filter(|name| served.iter().any(|served| served == name.as_str()));
    let evidence = |name: &Name| Evidence {
        outcome: flip.outcome(),
        counts: Counts::of_outcomes(flip.history().into_iter().map(|phase| phase.outcome)),
        ..Evidence::of(record, name.clone(), exit_code)
    };
    std::iter::once(consumer).chain(through).map(evidence).collect()
}

/// The record of a proof.
pub fn proof(workspace: &Workspace, frame: Frame, proof: Proof) -> Record {
    let record = record(workspace, frame, Vec::new());
    Record { kind: Kind::Proof, details: Some(Details::Proof(Box::new(proof))), ..record }
}

/// What a proof shows of each contract.
pub fn shown_by_proof(record: &Record, proof: &Proof, exit_code: u8) -> Vec<Evidence> {
    let evidence = |bite: &Bite| Evidence {
        contract_hash: Some(bite.contract_hash.clone()),
        outcome: bite.outcome(proof.least),
        counts: bite.counts(proof.least),
        score: bite.score,
        partial: record.partial || record.interrupted || bite.left > 0,
        ..Evidence::of(record, bite.integration.clone(), exit_code)
    };
    proof.bites.iter().map(evidence).collect()
}

/// One integration's part of a record; None where it has no contract.
pub fn contract_run(workspace: &Workspace, part: Part) -> Option<ContractRun> {
    let contract = workspace.contracts.get(&part.name)?;
    // Nothing is known of operations where there was nobody to ask; they were never asked all the same.
    let operations = match part.ran.operations.as_slice() {
        [] => contract.manifest.operations.iter().map(OperationCoverage::unasked).collect(),
        _ => part.ran.operations,
    };
    Some(ContractRun {
        integration: part.name,
        title: contract.manifest.title.clone(),
        contract_hash: contract.hash.clone(),
        modelled: part.modelled,
        scenarios: part.ran.scenarios,
        operations,
        left_out: part.ran.left_out,
        unseen: part.ran.branches.witness().unseen(),
        unseen_in_schemas: part.ran.branches.witness().unseen_in_schemas(),
        gaps: part.ran.gaps.into_iter().collect(),
        unreadable: part.unreadable,
        host: part.ran.host,
    })
}

/// What a record shows of each integration; where it is kept is filled in by the ledger.
pub fn shown(record: &Record, exit_code: u8) -> Vec<Evidence> {
    let evidence = |contract: &ContractRun| Evidence {
        contract_hash: Some(contract.contract_hash.clone()),
        outcome: outcome(contract),
        counts: contract.counts(),
        coverage: coverage(contract),
        host: contract.host.clone(),
        ..Evidence::of(record, contract.integration.clone(), exit_code)
    };
    record.contracts.iter().map(evidence).collect()
}

/// A contract that could not be read whole is not kept, whatever its readable part did.
fn outcome(contract: &ContractRun) -> Outcome {
    let outcome = contract.outcome();
    if contract.unreadable.is_empty() { outcome } else { outcome.max(Outcome::Unasked) }
}

fn coverage(contract: &ContractRun) -> Coverage {
    let count = |fits: fn(&OperationCoverage) -> bool| {
        u32::try_from(contract.operations.iter().filter(|operation| fits(operation)).count()).unwrap_or(u32::MAX)
    };
    Coverage {
        operations: count(|_| true),
        asked: count(|operation| operation.asked > 0),
        kept: count(|operation| operation.kept > 0),
    }
}
