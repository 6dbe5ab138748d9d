//! `preflight webhook topics`: which events there are, and which of them the app registers and handles.

use std::path::PathBuf;

use clap::Args;

use crate::adapter::schemes::find;
use crate::cli::args::Common;
use crate::cli::console::Console;
use crate::cli::exit::{Advice, Exit};
use crate::cli::home;
use crate::domain::topics::Inventory;
use crate::engine::webhook::topics::look;
use crate::report::terminal::topics;

/// Whose events, and where to look.
#[derive(Args, Clone, Debug)]
pub struct Topics {
    /// Schemes whose events are meant [default: those that the workspace's manifests name]
    #[arg(long, value_name = "NAME|FILE")]
    pub scheme: Vec<String>,
    /// A source tree of the app, with its shopify.app.toml; may be given more than once
    #[arg(long, value_name = "FOLDER")]
    pub source: Vec<PathBuf>,
    /// Shows the events too that nothing has to do with
    #[arg(long)]
    pub all: bool,
}

/// Runs the verb. Without a source tree it is a list; with one it judges.
///
/// # Errors
/// There is no such scheme or tree.
pub fn run(common: &Common, args: &Topics, console: Console) -> anyhow::Result<Exit> {
    let workspace = home::workspace(common)?.coherent()?;
    let here = home::here()?;
    let mut wanted: Vec<String> = args.scheme.clone();
    if wanted.is_empty() {
        wanted = workspace.contracts.values().filter_map(|contract| contract.manifest.webhook_scheme.clone()).collect();
    }
    if wanted.is_empty() {
        let hint = "name one with --scheme, or write `webhook_scheme:` into a manifest";
        return Err(
            Advice::unknown("no manifest says how its service signs webhooks, so no events are known", hint).into()
        );
    }
    let trees: Vec<PathBuf> = args.source.iter().map(|tree| here.join(tree)).collect();
    let mut inventories = Vec::new();
    for name in &wanted {
        inventories.push(look(&workspace, &*find(&here, name)?, &trees)?);
    }
    if console.json() {
        console.give(&serde_json::to_string_pretty(&inventories)?);
    }
    for inventory in &inventories {
        console.say(&topics::topics(inventory, args.all, console.style()));
    }
    Ok(if trees.is_empty() && !inventories.iter().any(is_broken) { Exit::Kept } else { exit(&inventories) })
}

fn is_broken(inventory: &Inventory) -> bool {
    inventory.findings.iter().any(|finding| finding.code.is_broken())
}

fn exit(inventories: &[Inventory]) -> Exit {
    if inventories.iter().any(is_broken) {
        Exit::Broken
    } else if inventories.iter().any(|inventory| !inventory.findings.is_empty()) {
        Exit::Unknown
    } else {
        Exit::Kept
    }
}
