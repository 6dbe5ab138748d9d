//! `preflight report`: draw the dashboards again from the ledger, or hold a typed one against it.

use std::path::Path;

use anyhow::Context as _;
use jiff::Timestamp;

use crate::adapter::clock;
use crate::adapter::encoding;
use crate::adapter::files;
use crate::adapter::ledger::Ledger;
use crate::adapter::release;
use crate::adapter::workspace::Workspace;
use crate::cli::args::{Common, Report};
use crate::cli::console::Console;
use crate::cli::exit::{Advice, Exit};
use crate::cli::home;
use crate::cli::outputs::{self, Drawn};
use crate::domain::entry::History;
use crate::domain::moment::Moment;
use crate::domain::readiness::timeline::{Beginning, sequence_at};
use crate::domain::typed::{self, Comparison, Kind};
use crate::report::{json, terminal};

/// Runs the verb. It answers for having drawn, not for what it drew; `--diff` answers for the typed dashboard.
///
/// # Errors
/// The ledger cannot be read or a file not be written.
pub fn run(common: &Common, args: &Report, console: Console) -> anyhow::Result<Exit> {
    let workspace = home::workspace(common)?.coherent()?;
    let folder = outputs::folder(common, &workspace);
    let ledger = Ledger::new(&folder);
    let now = args.at.unwrap_or_else(clock::now);
    let mut drawn = outputs::draw(&workspace, &ledger, now)?;
    for warning in &drawn.warnings {
        console.say(&format!("warning: {warning}"));
    }
    if let Some(file) = &args.diff {
        return diff(&workspace, &drawn, file, console);
    }
    let beginning = args.since.as_deref().map(|text| beginning(&workspace, &drawn.history, text)).transpose()?;
    drawn.look_back(&ledger, beginning.as_slice());
    if console.json() {
        console.give(&json::readiness(&drawn.readiness)?);
    }
    let written = drawn.write(&folder, &args.format, now)?;
    console.say(&terminal::readiness(&drawn.readiness, console.style()));
    let shown: Vec<_> = written.iter().map(|path| path.display().to_string()).collect();
    console.say(&format!("\nwritten: {}", shown.join("\n         ")));
    Ok(Exit::Kept)
}

/// 0 when every cell says what is so, 1 when one does not, 3 when nothing could be compared or a cell says nothing.
fn diff(workspace: &Workspace, drawn: &Drawn, file: &Path, console: Console) -> anyhow::Result<Exit> {
    let bytes = files::read(file)?;
    let text = encoding::text(&bytes).map_err(|reason| anyhow::anyhow!("{}: {reason}", file.display()))?;
    let tickets: Vec<String> = workspace.inventory.blockers.keys().cloned().collect();
    let Some(found) = typed::compare(text, &drawn.readiness, &tickets) else {
        let hint = "it needs a Markdown table with a column Integration or Vendor, and one such as Credentials, Testing, \
                    Live Status or Blockers; `preflight report --format matrix` draws one";
        return Err(Advice::new(format!("{} holds no readiness table", file.display()), hint).into());
    };
    if console.json() {
        console.give(&json::comparison(&found)?);
    }
    console.say(&terminal::comparison(&found, console.style()));
    Ok(exit(&found))
}

fn exit(found: &Comparison) -> Exit {
    if found.differences.iter().any(|difference| difference.kind != Kind::Unclear) {
        Exit::Broken
    } else if found.compared == 0 || !found.differences.is_empty() {
        Exit::Unknown
    } else {
        Exit::Kept
    }
}

/// A number is an entry, what reads as a time is one, all else is a tag.
fn beginning(workspace: &Workspace, history: &History, text: &str) -> anyhow::Result<Beginning> {
    let label = text.to_owned();
    let at_time = |at: Timestamp| Beginning { label: label.clone(), sequence: sequence_at(history, at), at };
    if let Ok(sequence) = text.trim_start_matches('#').parse::<u64>() {
        let entry = history.entries.iter().find(|entry| entry.sequence == sequence);
        let Some(entry) = entry else {
            let last = history.entries.last().map_or(0, |entry| entry.sequence);
            return Err(
                Advice::new(format!("the ledger has no entry {sequence}"), format!("its last is {last}")).into()
            );
        };
        return Ok(Beginning { label: format!("entry {sequence}"), sequence, at: entry.written });
    }
    if let Ok(moment) = text.parse::<Moment>() {
        return Ok(at_time(moment.start()));
    }
    let folder = workspace.root.clone().map_or_else(home::here, Ok)?;
    let tagged = release::tagged(&folder, text).with_context(|| format!("`{text}` is no time and no entry"))?;
    Ok(at_time(tagged))
}
