//! From a workspace and its ledger to a judgement.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::adapter::signing;
use crate::adapter::workspace::Workspace;
use crate::adapter::yaml;
use crate::domain::declaration::standing::disbelieved;
use crate::domain::entry::History;
use crate::domain::integration::Name;
use crate::domain::readiness::explain::{Derivation, explain};
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
    judge(&workspace.inventory, &contracts(workspace), history, now)
}

/// Derives the cells of one integration, with the lines of `preflight.yaml` that decided.
pub fn explained(
    workspace: &Workspace,
    history: &History,
    environment: &str,
    name: &Name,
    now: Timestamp,
) -> Vec<Derivation> {
    let mut derived = explain(&workspace.inventory, &contracts(workspace), history, environment, name, now);
    for rule in derived.iter_mut().flat_map(|derivation| &mut derivation.policy) {
        let keys: Vec<&str> = rule.keys.iter().map(String::as_str).collect();
        if !keys.is_empty() {
            rule.line = yaml::locate(&workspace.text, &keys).map(|(line, _)| line);
        }
    }
    derived
}

/// What is known of each contract today.
pub fn contracts(workspace: &Workspace) -> BTreeMap<Name, CurrentContract> {
    workspace
        .contracts
        .iter()
        .filter(|(_, contract)| !contract.features.is_empty())
        .map(|(name, contract)| {
            let current = CurrentContract {
                title: contract.manifest.title.clone(),
                hash: contract.hash.clone(),
                has_twin: catalogue::NAMES.contains(&name.as_str()),
                webhook_scheme: contract.manifest.webhook_scheme.clone(),
            };
            (name.clone(), current)
        })
        .collect()
}
