//! `preflight merge`: joins the records of the parts of one run, and writes what a run of one piece would have written.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::adapter::files;
use crate::adapter::ledger::Ledger;
use crate::cli::args::Common;
use crate::cli::check;
use crate::cli::console::Console;
use crate::cli::exit::{Advice, Exit};
use crate::cli::{home, outputs};
use crate::domain::chain::hash::Hash;
use crate::domain::record::{Details, Record, VERSION};
use crate::engine::merge::merge;

/// What to join.
#[derive(Args, Clone, Debug)]
pub struct Merge {
    /// The records that `preflight check --shard i/n` wrote (reports/records/*.json)
    #[arg(value_name = "RECORD", required = true)]
    pub records: Vec<PathBuf>,
}

/// Runs the verb. A part that is missing leaves the result partial, and is told.
///
/// # Errors
/// A record cannot be read, or they are not parts of one run.
pub fn run(common: &Common, args: &Merge, console: Console) -> anyhow::Result<Exit> {
    let workspace = home::workspace(common)?.coherent()?;
    let ledger = Ledger::new(&outputs::folder(common, &workspace));
    let records = args.records.iter().map(|path| read(path)).collect::<anyhow::Result<Vec<Record>>>()?;
    let merged = merge(records).map_err(|error| Advice::new(error.to_string(), error.hint()))?;
    if merged.workspace != workspace.inventory.name {
        let message =
            format!("the parts are of the workspace `{}`, this is `{}`", merged.workspace, workspace.inventory.name);
        return Err(Advice::new(message, "join them in their own workspace").into());
    }
    let missing = match &merged.details {
        Some(Details::Shard(shard)) => shard.missing().iter().map(|index| format!("{index}/{}", shard.of)).collect(),
        _ => Vec::new(),
    };
    if !missing.is_empty() {
        console.say(&format!("missing: {}; what is joined is a part, and proves nothing", missing.join(", ")));
    }
    let exit = if is_there(&ledger, &merged)? {
        console.say("these parts were joined before; nothing is written again but the dashboards");
        check::show(common, &workspace, &ledger, &merged, console)?
    } else {
        check::finish(common, &workspace, &ledger, merged, false, console)?
    };
    Ok(exit.or_unknown(!missing.is_empty()))
}

fn read(path: &Path) -> anyhow::Result<Record> {
    let bytes = files::read(path)?;
    let shown = path.display();
    let record: Record = serde_json::from_slice(&bytes).map_err(|error| {
        Advice::new(
            format!("{shown}: not a record: {error}"),
            "name the records that `preflight check --shard i/n` wrote",
        )
    })?;
    if record.version > VERSION {
        let message = format!("{shown}: format version {}, this program reads up to {VERSION}", record.version);
        return Err(Advice::new(message, "use the program that made it").into());
    }
    beside(path, &bytes)?;
    Ok(record)
}

/// Where the ledger that speaks of the record lies with it, the record must be the one that it speaks of.
fn beside(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let Some(reports) = path.parent().and_then(Path::parent) else { return Ok(()) };
    let ledger = Ledger::new(reports);
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let history = ledger.read()?.history;
    let spoken = history.evidence().map(|(_, shown)| shown).find(|shown| shown.record.ends_with(&format!("/{name}")));
    if spoken.is_some_and(|shown| shown.digest != Hash::of(bytes).to_string()) {
        let message = format!("{}: the record's digest is not the one in the ledger beside it", path.display());
        return Err(Advice::new(message, "the record was changed after it was made: run that part again").into());
    }
    Ok(())
}

fn is_there(ledger: &Ledger, merged: &Record) -> anyhow::Result<bool> {
    let history = ledger.read()?.history;
    let mut known = history.evidence().map(|(_, shown)| shown);
    Ok(known.any(|shown| {
        (&shown.command, shown.started, shown.finished) == (&merged.command, merged.started, merged.finished)
    }))
}
