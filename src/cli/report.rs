//! `preflight report`: draw the dashboards again from the ledger.

use crate::adapter::clock;
use crate::adapter::ledger::Ledger;
use crate::cli::args::{Common, Report};
use crate::cli::console::Console;
use crate::cli::exit::Exit;
use crate::cli::home;
use crate::cli::outputs;
use crate::report::{json, terminal};

/// Runs the verb. It answers for having drawn, not for what it drew.
///
/// # Errors
/// The ledger cannot be read or a file not be written.
pub fn run(common: &Common, args: &Report, console: Console) -> anyhow::Result<Exit> {
    let workspace = home::workspace(common)?.coherent()?;
    let folder = outputs::folder(common, &workspace);
    let now = args.at.unwrap_or_else(clock::now);
    let drawn = outputs::draw(&workspace, &Ledger::new(&folder), now)?;
    for warning in &drawn.warnings {
        console.say(&format!("warning: {warning}"));
    }
    if console.json() {
        console.give(&json::readiness(&drawn.readiness)?);
    }
    let written = drawn.write(&folder, &args.format, now)?;
    console.say(&terminal::readiness(&drawn.readiness, console.style()));
    let shown: Vec<_> = written.iter().map(|path| path.display().to_string()).collect();
    console.say(&format!("\nwritten: {}", shown.join("\n         ")));
    Ok(Exit::Kept)
}
