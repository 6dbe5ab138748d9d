//! `preflight prove --probes`: which lies probes would believe.

use crate::adapter::ledger::Ledger;
use crate::cli::args::Common;
use crate::cli::console::Console;
use crate::cli::exit::{Advice, Exit};
use crate::cli::prove::Prove;
use crate::cli::{home, outputs};
use crate::domain::record::Outcome;
use crate::engine::probe::plan::{choose, plan};
use crate::engine::probe::trial::try_all;
use crate::report::digest::number;
use crate::report::{json, terminal};

/// Runs it: 0 no lie was believed, 1 one was, 3 a probe could not be tried. It asks nothing outside of this machine.
///
/// # Errors
/// A file of probes cannot be used, there is no such probe, or a twin cannot start.
pub async fn run(common: &Common, args: &Prove, console: Console) -> anyhow::Result<Exit> {
    let workspace = home::workspace(common)?.coherent()?;
    let planned = choose(plan(&workspace)?, &args.names).map_err(|(name, known)| {
        Advice::new(format!("there is no probe `{name}`"), format!("probes are there for {}", known.join(", ")))
    })?;
    if planned.is_empty() {
        return Err(Advice::unknown("there is no probe", "write fixtures/<integration>/probes.yaml").into());
    }
    console.say(&format!("telling lies to {}", number(planned.len(), "probe")));
    let ledger = Ledger::new(&outputs::folder(common, &workspace));
    let trial = try_all(&workspace, planned, &ledger, args.jobs.into()).await?;
    console.say(&terminal::trial::draw(&trial, console.style()));
    if console.json() {
        console.give(&json::trial(&trial)?);
    }
    Ok(match trial.outcome() {
        Outcome::Kept => Exit::Kept,
        Outcome::Broken => Exit::Broken,
        Outcome::Unasked | Outcome::Untested => Exit::Unknown,
    })
}
