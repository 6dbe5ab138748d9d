//! From probes that were asked to a record, and from it to what the ledger says of each integration.

use std::collections::BTreeMap;

use crate::adapter::workspace::Workspace;
use crate::domain::evidence::Evidence;
use crate::domain::integration::Name;
use crate::domain::probe::run::{ProbeRun, Probes};
use crate::domain::record::{Counts, Details, HostEvidence, Kind, Outcome, Record};
use crate::engine::evidence::{self, Frame};

/// The record of a run of probes.
pub fn record(workspace: &Workspace, frame: Frame, runs: Vec<ProbeRun>) -> Record {
    let record = evidence::record(workspace, frame, Vec::new());
    Record { kind: Kind::Probe, details: Some(Details::Probe(Box::new(Probes { runs }))), ..record }
}

/// What it shows of each integration. `all` says how many probes each integration has here: fewer show failures and prove nothing.
pub fn shown(record: &Record, all: &BTreeMap<Name, usize>, exit_code: u8) -> Vec<Evidence> {
    let Some(Details::Probe(probes)) = &record.details else { return Vec::new() };
    let mut by_integration: BTreeMap<&Name, Vec<&ProbeRun>> = BTreeMap::new();
    for run in &probes.runs {
        by_integration.entry(&run.integration).or_default().push(run);
    }
    let evidence = |(integration, runs): (&Name, Vec<&ProbeRun>)| Evidence {
        outcome: runs.iter().map(|run| run.outcome).max().unwrap_or(Outcome::Untested),
        counts: Counts::of_outcomes(runs.iter().map(|run| run.outcome)),
        partial: record.partial || record.interrupted || all.get(integration).is_some_and(|all| *all > runs.len()),
        host: host(&runs),
        ..Evidence::of(record, integration.clone(), exit_code)
    };
    by_integration.into_iter().map(evidence).collect()
}

/// Who answered all of them together.
fn host(runs: &[&ProbeRun]) -> Option<HostEvidence> {
    let mut hosts = runs.iter().filter_map(|run| run.host.as_ref());
    let mut host = hosts.next()?.clone();
    for other in hosts {
        host.addresses.extend(other.addresses.iter().cloned());
        host.request_ids.extend(other.request_ids.iter().cloned());
    }
    host.addresses.sort();
    host.addresses.dedup();
    host.request_ids.dedup();
    Some(host)
}
