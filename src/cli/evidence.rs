//! `preflight evidence`: the ledger, and what documents say of it.

pub mod audit;

use clap::{Args, Subcommand};

use crate::cli::args::Common;
use crate::cli::console::Console;
use crate::cli::evidence::audit::AuditArgs;
use crate::cli::exit::Exit;

#[derive(Args, Clone, Debug)]
pub struct Evidence {
    #[command(subcommand)]
    pub verb: EvidenceVerb,
}

#[derive(Clone, Debug, Subcommand)]
pub enum EvidenceVerb {
    /// Reads documents and says which of their claims are false: cited files, dates, counts, percentages
    Audit(AuditArgs),
}

/// Runs the verb.
///
/// # Errors
/// What the subcommand could not do.
pub fn run(common: &Common, args: &Evidence, console: Console) -> anyhow::Result<Exit> {
    match &args.verb {
        EvidenceVerb::Audit(args) => audit::run(common, args, console),
    }
}
