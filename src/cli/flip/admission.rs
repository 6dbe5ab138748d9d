//! Whether a flip may begin: the ledger is judged once, prerequisites are looked at, and the approval is found.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use jiff::Timestamp;

use crate::adapter::ledger::Ledger;
use crate::cli::flip::{Flip, Ground};
use crate::cli::outputs;
use crate::domain::flag::change::Permit;
use crate::domain::integration::Name;
use crate::engine::flags;
use crate::engine::flip::approval;
use crate::engine::flip::gate::Gate;
use crate::engine::flip::hands::Said;

/// What the gate says, and what the flag's stores ask for.
pub struct Admission {
    pub gate: Said,
    pub permit: Permit,
}

impl Admission {
    /// To take a flip back nobody is asked: no ledger that cannot be read may keep the flag on.
    pub fn to_take_back(args: &Flip, now: Timestamp) -> Self {
        Self { gate: Said::kept("a way back needs none"), permit: approval::way_back(&args.flag, &args.env, now) }
    }
}

/// Asks.
///
/// # Errors
/// The ledger, a source tree or a dotenv file cannot be read.
pub async fn admit(ground: &Ground<'_>, ledger: &Ledger, now: Timestamp) -> anyhow::Result<Admission> {
    let Ground { workspace, environment, declared, integration, args, .. } = ground;
    let drawn = outputs::draw_now(workspace, ledger, now)?;
    let audited = flags::audit(
        workspace,
        &flags::Order {
            names: std::slice::from_ref(&args.flag),
            environments: std::slice::from_ref(&args.env),
            sources: &sources(ground),
            timeout: Duration::from_secs(args.timeout.into()),
            readiness: &drawn.readiness,
            now,
        },
    )
    .await?;
    let seen = audited.flags.iter().flat_map(|row| &row.environments).find(|seen| seen.environment == args.env);
    let readiness = drawn.readiness.environments.iter().find(|judged| judged.environment == args.env);
    let readiness = readiness.context("the environment was not judged")?;
    let local = approval::is_local(workspace, environment, declared, integration);
    let (approval, permit) = approval::look(&workspace.inventory, &drawn.history, &args.flag, &args.env, local, now);
    // Everything that it takes from mock to live has to stand, not the one alone that answers the canary.
    let mut integrations: Vec<Name> = declared.integrations.iter().filter_map(|name| name.parse().ok()).collect();
    if !integrations.contains(integration) {
        integrations.push(integration.clone());
    }
    let gate = Gate {
        flag: &args.flag,
        readiness,
        integrations: &integrations,
        prerequisites: seen.map_or(&[], |seen| seen.prerequisites.as_slice()),
        approval: &approval,
        rehearsal: args.rehearse,
    };
    Ok(Admission { gate: gate.judge(), permit })
}

/// The app's source trees, in which tables, migrations and scopes are looked for; none where nothing is.
fn sources(ground: &Ground<'_>) -> Vec<PathBuf> {
    if ground.declared.prerequisites.is_empty() {
        return Vec::new();
    }
    let root = ground.workspace.root.clone().unwrap_or_default();
    ground.workspace.inventory.sources.iter().map(|tree| root.join(tree)).collect()
}
