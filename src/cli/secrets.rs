//! `preflight secrets`: the inventory of secrets against reality, and a scan for what leaked.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};

use crate::adapter::clock;
use crate::adapter::ledger::Ledger;
use crate::adapter::workspace::Workspace;
use crate::cli::args::Common;
use crate::cli::console::Console;
use crate::cli::exit::{Advice, Exit};
use crate::cli::{home, outputs};
use crate::domain::inventory::Inventory;
use crate::domain::nearest::nearest;
use crate::domain::record::Outcome;
use crate::domain::secret::audit::{EnvironmentAudit, SecretsAudit};
use crate::engine::secrets::evidence::{Frame, records, shown};
use crate::engine::secrets::{self, Wanted};
use crate::report::{json, terminal};

/// Which secrets, and where.
#[derive(Args, Clone, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Secrets {
    #[command(subcommand)]
    pub part: Option<Part>,
    /// Secrets to look at, by name or alias [default: all]
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// The environment; may be given more than once [default: all that are declared]
    #[arg(long, value_name = "ENVIRONMENT")]
    pub env: Vec<String>,
    /// Reads values also where a store can answer without them, to find placeholders and equal ones; none is kept or shown
    #[arg(long)]
    pub values: bool,
    /// Seconds that a store may take for one question
    #[arg(long, default_value_t = 20, value_name = "SECONDS", value_parser = clap::value_parser!(u16).range(1..=600))]
    pub timeout: u16,
}

#[derive(Clone, Debug, Subcommand)]
pub enum Part {
    /// Looks for leaked secrets in files: by the vendors' shapes, by name, and in base64
    Scan {
        /// Files and folders [default: reports, features, fixtures, schemas and docs of the workspace]
        #[arg(value_name = "PATH")]
        paths: Vec<PathBuf>,
    },
}

/// Runs the verb.
///
/// # Errors
/// It could not run.
pub async fn run(common: &Common, args: &Secrets, console: Console) -> anyhow::Result<Exit> {
    if let Some(Part::Scan { paths }) = &args.part {
        return scan(common, paths, console);
    }
    let workspace = home::workspace(common)?.coherent()?;
    let wanted = wanted(&workspace.inventory, args)?;
    let started = clock::now();
    let audit = secrets::run(&workspace, &wanted, started).await?;
    let exit = exit(&audit);
    console.say(&terminal::secrets::audit(&audit, console.style()));
    let written = record(common, &workspace, &audit, exit, !args.names.is_empty());
    if console.json() {
        console.give(&json::secrets(&audit)?);
    }
    let shown: Vec<_> = written?.iter().map(|path| path.display().to_string()).collect();
    if !shown.is_empty() {
        console.say(&format!("written: {}", shown.join("\n         ")));
        outputs::warn_of_ignored(&outputs::folder(common, &workspace), console);
    }
    Ok(exit)
}

/// Keeps what was found: a record an environment, and an entry an integration.
fn record(
    common: &Common,
    workspace: &Workspace,
    audit: &SecretsAudit,
    exit: Exit,
    partial: bool,
) -> anyhow::Result<Vec<PathBuf>> {
    let ledger = Ledger::new(&outputs::folder(common, workspace));
    let frame = Frame {
        tool: outputs::TOOL.to_owned(),
        // No argument of this verb takes a value that could be a secret.
        command: std::env::args().collect(),
        workspace_hash: workspace.hash.clone(),
        finished: clock::now(),
        partial,
        exit_code: exit.code(),
    };
    let mut written = Vec::new();
    for mut record in records(audit, &frame) {
        let shown = shown(&record, &frame);
        if !shown.is_empty() {
            written.push(ledger.append(&mut record, shown, clock::now())?);
        }
    }
    Ok(written)
}

fn wanted(inventory: &Inventory, args: &Secrets) -> Result<Wanted, Advice> {
    if inventory.secrets.is_empty() {
        return Err(Advice::unknown(
            "no secret is declared, so nothing can be said of any",
            "list them under `secrets` in preflight.yaml: name, service, kept_in",
        ));
    }
    let known: Vec<&str> = inventory.environments.keys().map(String::as_str).collect();
    for environment in &args.env {
        must_be_known("environment", environment, &known)?;
    }
    let names: Vec<&str> = inventory.secrets.iter().flat_map(|(name, declared)| declared.names(name)).collect();
    for name in &args.names {
        must_be_known("secret", name, &names)?;
    }
    let all = || inventory.environments.keys().cloned().collect();
    Ok(Wanted {
        environments: if args.env.is_empty() { all() } else { args.env.clone() },
        names: args.names.clone(),
        values: args.values,
        timeout: Duration::from_secs(args.timeout.into()),
    })
}

fn must_be_known(kind: &str, word: &str, known: &[&str]) -> Result<(), Advice> {
    if known.contains(&word) {
        return Ok(());
    }
    let hint = match nearest(word, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("preflight.yaml knows: {}", known.join(", ")),
    };
    Err(Advice::new(format!("unknown {kind} `{word}`"), hint))
}

/// Every environment that was asked for has to stand; one in which nothing is required shows nothing.
fn exit(audit: &SecretsAudit) -> Exit {
    let outcomes: Vec<Outcome> = audit
        .environments
        .iter()
        // An environment that needs no secret at all is not asked about.
        .filter(|environment| !environment.secrets.is_empty())
        .map(EnvironmentAudit::outcome)
        .collect();
    if outcomes.contains(&Outcome::Broken) {
        Exit::Broken
    } else if outcomes.is_empty() || outcomes.iter().any(|outcome| *outcome != Outcome::Kept) {
        Exit::Unknown
    } else {
        Exit::Kept
    }
}

fn scan(common: &Common, paths: &[PathBuf], console: Console) -> anyhow::Result<Exit> {
    let here = home::here()?;
    // Paths that are named need no workspace, and must be searched also where there is none that can be read.
    let searched = if paths.is_empty() {
        secrets::scan_workspace(&home::workspace(common)?)?
    } else {
        let paths: Vec<PathBuf> = paths.iter().map(|path| here.join(path)).collect();
        Some(secrets::scan(&here, &paths)?)
    };
    let Some(searched) = searched else {
        return Err(Advice::unknown(
            "there is nothing here to scan: no reports, features, fixtures, schemas or docs",
            "name the files or folders: preflight secrets scan PATH…",
        )
        .into());
    };
    if console.json() {
        console.give(&json::leaks(&searched.scan)?);
    }
    console.say(&terminal::secrets::scan(&searched.scan, console.style()));
    Ok(match searched.scan.outcome() {
        Outcome::Kept => Exit::Kept,
        Outcome::Broken => Exit::Broken,
        Outcome::Unasked | Outcome::Untested => Exit::Unknown,
    })
}
