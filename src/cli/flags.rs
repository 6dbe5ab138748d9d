//! `preflight flags`: what each flag is, where that is known from, who reads it, and what a rollback must unset.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::adapter::clock;
use crate::adapter::ledger::Ledger;
use crate::adapter::workspace::Workspace;
use crate::cli::args::Common;
use crate::cli::console::Console;
use crate::cli::exit::{Advice, Exit};
use crate::cli::{home, outputs};
use crate::domain::flag::audit::{Audit, Level};
use crate::domain::nearest::nearest;
use crate::engine::flags::{Order, audit};
use crate::engine::readiness::readiness;
use crate::report::terminal::flags::draw;

/// Which flags, where.
#[derive(Args, Clone, Debug)]
pub struct Flags {
    /// Flags to look at, in detail [default: all]
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// Only this environment [default: all]
    #[arg(long, value_name = "ENVIRONMENT")]
    pub env: Vec<String>,
    /// The app's source tree, to find who reads a flag [default: `sources` in preflight.yaml]
    #[arg(long, value_name = "FOLDER")]
    pub source: Vec<PathBuf>,
    /// Seconds that a flag store may take
    #[arg(long, default_value_t = 5, value_name = "SECONDS", value_parser = clap::value_parser!(u16).range(1..=600))]
    pub timeout: u16,
}

/// Runs the verb.
///
/// # Errors
/// A name is unknown, a source tree or a dotenv file cannot be read.
pub async fn run(common: &Common, args: &Flags, console: Console) -> anyhow::Result<Exit> {
    let workspace = home::workspace(common)?.coherent()?;
    let inventory = &workspace.inventory;
    if inventory.flags.is_empty() {
        let hint = "write them under `flags`; docs/file-formats.md says how";
        return Err(Advice::unknown("preflight.yaml declares no flag, so nothing is known", hint).into());
    }
    known("flag", &args.names, inventory.flags.keys())?;
    known("environment", &args.env, inventory.environments.keys())?;
    let history = Ledger::new(&outputs::folder(common, &workspace)).read()?.history;
    let (sources, now) = (sources(&workspace, args), clock::now());
    let readiness = readiness(&workspace, &history, now);
    let order = Order {
        names: &args.names,
        environments: &args.env,
        sources: &sources,
        timeout: Duration::from_secs(args.timeout.into()),
        readiness: &readiness,
        now,
    };
    let found = audit(&workspace, &order).await?;
    if console.json() {
        console.give(&serde_json::to_string_pretty(&found)?);
    } else {
        console.say(&draw(&found, !args.names.is_empty(), console.style()));
    }
    Ok(exit(&found))
}

/// As they are typed, or below the workspace as they are written.
fn sources(workspace: &Workspace, args: &Flags) -> Vec<PathBuf> {
    if !args.source.is_empty() {
        return args.source.clone();
    }
    let root = workspace.root.clone().unwrap_or_default();
    workspace.inventory.sources.iter().map(|tree| root.join(tree)).collect()
}

fn known<'a>(kind: &str, asked: &[String], known: impl Iterator<Item = &'a String> + Clone) -> anyhow::Result<()> {
    for name in asked {
        if known.clone().any(|other| other == name) {
            continue;
        }
        let near = nearest(name, known.clone().map(String::as_str)).map(|near| format!("did you mean `{near}`? "));
        let all: Vec<_> = known.map(String::as_str).collect();
        let hint = format!("{}there are {}", near.unwrap_or_default(), all.join(", "));
        return Err(Advice::new(format!("there is no {kind} `{name}`"), hint).into());
    }
    Ok(())
}

fn exit(found: &Audit) -> Exit {
    match found.worst() {
        None => Exit::Kept,
        Some(Level::Contradiction) => Exit::Broken,
        Some(_) => Exit::Unknown,
    }
}
