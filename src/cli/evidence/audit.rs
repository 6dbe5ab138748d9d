//! `preflight evidence audit`: which claims of a document are false.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::adapter::clock;
use crate::adapter::ledger::Ledger;
use crate::cli::args::Common;
use crate::cli::console::Console;
use crate::cli::exit::{Advice, Exit};
use crate::cli::{home, outputs};
use crate::domain::claim::audit::Audit;
use crate::domain::claim::finding::Verdict;
use crate::engine::audit::{Order, audit, testimony};
use crate::report;

#[derive(Args, Clone, Debug)]
pub struct AuditArgs {
    /// Markdown and text files, and folders of them
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,
    /// Where cited paths are looked for, before the folder of the document
    /// [default: the nearest folder above that holds .git or preflight.yaml, else this one]
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
    /// Judges as of this time (RFC 3339) [default: now]
    #[arg(long, value_name = "TIME")]
    pub at: Option<jiff::Timestamp>,
    /// Days that an artifact may be older than the text that cites it
    #[arg(long, value_name = "N", default_value_t = 7)]
    pub max_age_days: u32,
    /// Reads also documents that git would ignore
    #[arg(long)]
    pub no_ignore: bool,
}

/// Runs the verb.
///
/// # Errors
/// A path does not exist, or the workspace or its ledger cannot be read.
pub fn run(common: &Common, args: &AuditArgs, console: Console) -> anyhow::Result<Exit> {
    let workspace = home::workspace(common)?;
    let (known, lost) = testimony(&workspace, &Ledger::new(&outputs::folder(common, &workspace)))?;
    for lost in lost {
        console.say(&format!("warning: line {} of the ledger is no entry: {}", lost.line, lost.reason));
    }
    let root = root(args.root.as_deref())?;
    let now = args.at.unwrap_or_else(clock::now);
    let order =
        Order { paths: args.paths.clone(), root, now, max_age_days: args.max_age_days, ignored: args.no_ignore };
    let audit = audit(&order, &known)?;
    if console.json() {
        console.give(&serde_json::to_string_pretty(&audit)?);
    } else if !audit.findings.is_empty() {
        console.give(&report::audit::findings(&audit));
    }
    console.say(&report::audit::summary(&audit));
    Ok(exit(&audit))
}

fn root(named: Option<&Path>) -> anyhow::Result<PathBuf> {
    if let Some(named) = named {
        if named.is_dir() {
            return Ok(named.to_owned());
        }
        return Err(Advice::new(
            format!("{} is no folder", named.display()),
            "name the folder that cited paths begin in",
        )
        .into());
    }
    let here = home::here()?;
    let holds = |folder: &&Path| folder.join(".git").exists() || folder.join("preflight.yaml").exists();
    Ok(here.ancestors().find(holds).unwrap_or(&here).to_owned())
}

/// A false claim is broken, and what nobody can tell is unknown.
fn exit(audit: &Audit) -> Exit {
    match audit.worst() {
        Some(Verdict::False) => Exit::Broken,
        Some(Verdict::CannotTell) => Exit::Unknown,
        None => Exit::Kept,
    }
}
