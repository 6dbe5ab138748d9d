//! The policy against the contracts: a condition on a promise that no scenario makes can never hold.

use crate::adapter::workspace::{FILE, Workspace};
use crate::adapter::yaml;
use crate::domain::policy::Condition;
use crate::engine::lint::finding::Code;
use crate::engine::lint::{Bench, at};

/// What the conditions of all policies name and no contract has.
pub fn look(bench: &mut Bench) {
    let workspace = bench.workspace;
    for (environment, policy) in &workspace.inventory.policy {
        for (index, condition) in policy.conditions.iter().enumerate() {
            for promise in condition.promises.iter().filter(|promise| !is_made(workspace, condition, promise)) {
                let keys = ["policy", environment, "conditions", &index.to_string(), "promises"];
                let line = yaml::locate(&workspace.text, &keys).map_or(1, |(line, _)| line);
                let message = format!("{}: no scenario stands for `{promise}`, so it can never hold", keys.join("."));
                let hint = format!("tag a scenario @{promise}, or name another promise");
                bench.add(Code::Contradiction, at(FILE, line), message, Some(hint));
            }
        }
    }
}

fn is_made(workspace: &Workspace, condition: &Condition, promise: &str) -> bool {
    let tag = format!("@{promise}");
    let concerned = workspace.contracts.values().filter(|contract| condition.concerns(&contract.name));
    concerned
        .flat_map(|contract| &contract.features)
        .any(|feature| feature.text.split_whitespace().any(|word| word == tag))
}
