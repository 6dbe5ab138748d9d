//! Lets the approvals of a ledger open unsafe requests of a live run.

use std::sync::Arc;

use crate::adapter::ledger::Ledger;
use crate::adapter::permits::Permits;
use crate::adapter::workspace::Workspace;
use crate::engine::setup::Setup;

/// The same run, whose client asks the ledger for an approval before it refuses.
#[must_use]
pub fn permitted(mut setup: Setup, workspace: &Workspace, environment: &str, ledger: &Ledger) -> Setup {
    // Nobody else holds a run that has not begun; if somebody did, everything would stay refused.
    if let Some(run) = Arc::get_mut(&mut setup.run) {
        let permits = Permits {
            ledger: ledger.clone(),
            inventory: workspace.inventory.clone(),
            environment: environment.to_owned(),
            contracts: workspace
                .contracts
                .iter()
                .map(|(name, contract)| (name.clone(), contract.hash.clone()))
                .collect(),
            redactor: run.redactor.clone(),
        };
        run.client = run.client.clone().permitted(permits);
    }
    setup
}
