//! `preflight webhook`: receivers of webhooks, and the tools of a day's work with them.

pub mod attack;

use clap::{Args, Subcommand};

use crate::cli::args::Common;
use crate::cli::console::Console;
use crate::cli::exit::Exit;
use crate::cli::webhook::attack::Attack;

/// What is done with webhooks.
#[derive(Args, Clone, Debug)]
pub struct Webhook {
    #[command(subcommand)]
    pub part: Part,
}

#[derive(Clone, Debug, Subcommand)]
pub enum Part {
    /// Sends good and bad deliveries to a receiver, and judges each answer and its effect
    Attack(Box<Attack>),
}

/// Runs the verb.
///
/// # Errors
/// It could not run.
pub async fn run(common: &Common, args: &Webhook, console: Console) -> anyhow::Result<Exit> {
    match &args.part {
        Part::Attack(args) => attack::run(common, args, console).await,
    }
}
