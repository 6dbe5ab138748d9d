//! From a workspace and its ledger to a judgement.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::adapter::signing;
use crate::adapter::workspace::Workspace;
use crate::domain::declaration::standing::disbelieved;
use crate::domain::entry::History;
use crate::domain::integration::Name;
use crate::domain::readiness::{CurrentContract, Readiness, judge};
use crate::twin::catalogue;

/// Checks the signatures of what people declared; without this none is believed where one is asked for. Returns what
/// counts for nothing, and why.
pub fn believed(workspace: &Workspace, history: &mut History, now: Timestamp) -> Vec<String> {
    signing::check(&workspace.inventory, history);
    disbelieved(&workspace.inventory, history, now)
}

/// Judges the workspace by its history, at `now`.
pub fn readiness(workspace: &Workspace, history: &History, now: Timestamp) -> Readiness {
    let contracts: BTreeMap<Name, CurrentContract> = workspace
        .contracts
        .iter()
        .filter(|(_, contract)| !contract.features.is_empty())
        .map(|(name, contract)| {
            let current = CurrentContract {
                title: contract.manifest.title.clone(),
                hash: contract.hash.clone(),
                has_twin: catalogue::NAMES.contains(&name.as_str()),
                sends_webhooks: contract.manifest.webhook_scheme.is_some(),
            };
            (name.clone(), current)
        })
        .collect();
    judge(&workspace.inventory, &contracts, history, now)
}
