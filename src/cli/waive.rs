//! `preflight waive`: let a launch go without one criterion for a while.

use clap::Args;

use crate::cli::args::Common;
use crate::cli::console::Console;
use crate::cli::declaring::{Desk, Draft, Word, unknown, until};
use crate::cli::exit::Exit;
use crate::domain::declaration::What;
use crate::domain::integration::Name;
use crate::domain::readiness::Criterion;

/// What is waived, where, by whom, why, and until when.
#[derive(Args, Clone, Debug)]
pub struct Waive {
    /// The integration
    #[arg(value_name = "INTEGRATION")]
    pub integration: String,
    /// The criterion: contract-twin, contract-live, credentials, webhooks, resilience, health, flag or blockers
    #[arg(value_name = "CRITERION")]
    pub criterion: String,
    /// The environment
    #[arg(long, value_name = "ENVIRONMENT")]
    pub env: Option<String>,
    #[command(flatten)]
    pub word: Word,
    /// When it expires: a day (its end, UTC), a time with its zone, or a while (90m, 8h, 3d)
    #[arg(long, value_name = "WHEN")]
    pub until: Option<String>,
}

/// Runs the verb.
///
/// # Errors
/// What is to be waived does not exist, or the waiver has no expiry, or it cannot be written.
pub fn run(common: &Common, args: &Waive, console: Console) -> anyhow::Result<Exit> {
    let desk = Desk::open(common, console)?;
    let integrations = &desk.workspace.inventory.integrations;
    let Some(integration) = integrations.keys().find(|name| name.as_str() == args.integration) else {
        let known: Vec<&str> = integrations.keys().map(Name::as_str).collect();
        return Err(unknown("integration", &args.integration, &known).into());
    };
    let Some(criterion) = Criterion::ALL.into_iter().find(|criterion| criterion.as_str() == args.criterion) else {
        return Err(unknown("criterion", &args.criterion, &Criterion::ALL.map(Criterion::as_str)).into());
    };
    let environment = desk.environment(args.env.as_deref())?;
    let until = until(args.until.as_deref(), desk.now)?;
    let what = What::Waiver { integration: integration.clone(), criterion };
    let counts_in = vec![environment.clone()];
    desk.declare(Draft { what, environment: Some(environment.clone()), until: Some(until), counts_in }, &args.word)?;
    console.say(&format!("{integration} {criterion} is waived on {environment} until {until}; it is not ready"));
    Ok(Exit::Kept)
}
