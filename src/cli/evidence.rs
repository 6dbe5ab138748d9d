//! `preflight evidence`: the ledger read, proven, pruned and exported, other tools' reports taken in, documents held against it.

mod audit;
mod export;
mod import;
mod keygen;
mod list;
mod prune;
mod show;
mod verify;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::adapter::ledger::Ledger;
use crate::cli::args::Common;
use crate::cli::console::Console;
use crate::cli::exit::{Advice, Exit};
use crate::cli::home;
use crate::cli::outputs;

/// What to do with the evidence.
#[derive(Args, Clone, Debug)]
pub struct Evidence {
    #[command(subcommand)]
    pub verb: EvidenceVerb,
}

#[derive(Clone, Debug, Subcommand)]
pub enum EvidenceVerb {
    /// Reads documents and says which of their claims are false: cited files, dates, counts, percentages
    Audit(audit::AuditArgs),
    /// Proves that the ledger and its records are what was written, or says which line is not
    Verify(verify::Verify),
    /// Lists the entries of the ledger
    List(list::List),
    /// Shows one entry and its record
    Show(show::Show),
    /// Signs entries as an in-toto statement in a DSSE envelope
    Export(export::Export),
    /// Makes a key to sign with
    Keygen(keygen::Keygen),
    /// Takes old entries out of the ledger, so that the rest stays provable
    Prune(prune::Prune),
    /// Takes in another tool's report as declared evidence
    Import(import::Import),
}

/// Runs the verb.
///
/// # Errors
/// A file cannot be read or written, or what was named is not there.
pub fn run(common: &Common, args: &Evidence, console: Console) -> anyhow::Result<Exit> {
    match &args.verb {
        EvidenceVerb::Audit(args) => audit::run(common, args, console),
        EvidenceVerb::Verify(args) => verify::run(common, args, console),
        EvidenceVerb::List(args) => list::run(common, args, console),
        EvidenceVerb::Show(args) => show::run(common, args, console),
        EvidenceVerb::Export(args) => export::run(common, args, console),
        EvidenceVerb::Keygen(args) => keygen::run(args, console),
        EvidenceVerb::Prune(args) => prune::run(common, args, console),
        EvidenceVerb::Import(args) => import::run(common, args, console),
    }
}

/// The reports folder; a workspace is only asked where none is named.
fn folder(common: &Common) -> anyhow::Result<PathBuf> {
    match &common.reports {
        Some(folder) => Ok(folder.clone()),
        None => Ok(outputs::folder(common, &home::workspace(common)?)),
    }
}

fn ledger(common: &Common) -> anyhow::Result<Ledger> {
    Ok(Ledger::new(&folder(common)?))
}

/// What is said where there is no entry.
fn nothing_there(ledger: &Ledger) -> Advice {
    let message = format!("there is no evidence in {}, and that is no success", ledger.path().display());
    Advice::unknown(message, "`preflight check` makes some; --reports names another folder")
}
