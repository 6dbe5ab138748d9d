//! `preflight probe`: the health of services, once.

use std::collections::BTreeMap;

use clap::Args;

use crate::adapter::clock;
use crate::adapter::environment::Environment;
use crate::adapter::halt;
use crate::adapter::ledger::Ledger;
use crate::adapter::workspace::Workspace;
use crate::cli::args::Common;
use crate::cli::console::Console;
use crate::cli::exit::{Advice, Exit};
use crate::cli::{command, home, outputs};
use crate::domain::integration::Name;
use crate::domain::nearest::nearest;
use crate::domain::probe::run::{ProbeRun, Probes};
use crate::domain::record::Outcome;
use crate::domain::target::Target;
use crate::engine::evidence::Frame;
use crate::engine::probe::plan::{Planned, choose, plan};
use crate::engine::probe::ward::Ward;
use crate::engine::probe::{evidence, journal, perform};
use crate::report::digest::number;
use crate::report::{json, terminal};

/// Which services, and where.
#[derive(Args, Clone, Debug)]
pub struct Probe {
    /// Probes, by their name or by that of their integration [default: all of the workspace]
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// Where the services are [default: `local` where it is declared, else the only environment]
    #[arg(long, value_name = "ENVIRONMENT")]
    pub env: Option<String>,
    /// Prints the probes that would be asked, and asks none
    #[arg(long)]
    pub list: bool,
    /// Prints a line of JSON for each step on stdout, as the journals get it
    #[arg(long, conflicts_with = "json")]
    pub jsonl: bool,
    /// Adds nothing to the journals of the probes
    #[arg(long)]
    pub no_journal: bool,
    /// Probes at the same time
    #[arg(long, default_value_t = 32, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=4096))]
    pub jobs: u16,
    /// Milliseconds that an answer may take, for all probes [default: what each says]
    #[arg(long, value_name = "MS", value_parser = clap::value_parser!(u64).range(1..=600_000))]
    pub timeout_ms: Option<u64>,
}

/// Runs the verb: 0 all held, 1 one is broken, 2 could not run, 3 something could not be told or nothing was asked.
///
/// # Errors
/// A file of probes cannot be used, no such environment or probe is declared, or a record cannot be written.
pub async fn run(common: &Common, args: &Probe, console: Console) -> anyhow::Result<Exit> {
    let workspace = home::workspace(common)?.coherent()?;
    let environment = environment(&workspace, args.env.as_deref())?;
    let all = here(plan(&workspace)?, environment.name());
    let mut counts: BTreeMap<Name, usize> = BTreeMap::new();
    for probe in &all {
        *counts.entry(probe.integration.clone()).or_default() += 1;
    }
    let mut planned = choose(all, &args.names).map_err(|(name, known)| unknown(&name, &known))?;
    if let Some(most) = args.timeout_ms {
        limit(&mut planned, most);
    }
    if args.list {
        list(&planned, console);
        return Ok(Exit::Kept);
    }
    if planned.is_empty() {
        let hint = "write fixtures/<integration>/probes.yaml (docs/file-formats.md), or name another environment";
        return Err(Advice::unknown(format!("no probe is meant for {}", environment.name()), hint).into());
    }
    let ledger = Ledger::new(&outputs::folder(common, &workspace));
    let ward = Ward::open(&workspace, &environment, &ledger, &planned)?;
    let (started, start) = (clock::now(), clock::start());
    let runs = ask(&ward, &planned, args, console).await;
    let interrupted = ward.run.halt.is_called();
    let probes = Probes { runs };
    let exit = exit(&probes).or_unknown(interrupted);
    console.say(&terminal::probe::summary(&probes, environment.name(), start.elapsed(), console.style()));
    let frame = Frame {
        tool: outputs::TOOL.to_owned(),
        command: command::redacted(&workspace, &ward.run.redactor),
        target: Target::Live,
        environment: Some(environment.name().to_owned()),
        started,
        finished: clock::now(),
        seed: 0,
        interrupted,
        partial: false,
    };
    let mut record = evidence::record(&workspace, frame, probes.runs.clone());
    let shown = evidence::shown(&record, &counts, exit.code());
    let appended = ledger.append(&mut record, shown, clock::now());
    if console.json() {
        console.give(&json::record(&record)?);
    }
    let written = journals(&planned, &probes, &record.id, &ward, args, console)?;
    console.say(&format!("written: {}", appended?.display()));
    for path in written {
        console.say(&format!("         {path}"));
    }
    Ok(exit)
}

/// Asks all, and shows each as soon as those before it are done.
async fn ask(ward: &Ward, planned: &[Planned], args: &Probe, console: Console) -> Vec<ProbeRun> {
    let halt = ward.run.halt.clone();
    let listener = tokio::spawn(async move {
        halt::asked_for().await;
        halt.call();
    });
    let line = format!("asking {} in {}", number(planned.len(), "probe"), ward.environment);
    let bar = console.bar(planned.len(), "probes", &line);
    let told = |run: &ProbeRun| {
        bar.inc(1);
        bar.suspend(|| console.say(&terminal::probe::line(run, console.style())));
    };
    let runs = perform::all(ward, planned, args.jobs.into(), told).await;
    bar.finish_and_clear();
    listener.abort();
    runs
}

/// Adds to each probe's journal, and gives the lines to a program that asks for them.
fn journals(
    planned: &[Planned],
    probes: &Probes,
    id: &str,
    ward: &Ward,
    args: &Probe,
    console: Console,
) -> anyhow::Result<Vec<String>> {
    let (now, environment) = (clock::now(), Some(ward.environment.as_str()));
    let mut written = Vec::new();
    for (probe, run) in planned.iter().zip(&probes.runs) {
        if args.jsonl {
            console.give(&journal::text(run, id, environment, now));
        }
        if let Some(pattern) = probe.probe.journal.as_ref().filter(|_| !args.no_journal) {
            let path = journal::add(&ward.root, pattern, run, id, environment, now)?.display().to_string();
            if !written.contains(&path) {
                written.push(path);
            }
        }
    }
    Ok(written)
}

fn exit(probes: &Probes) -> Exit {
    match probes.outcome() {
        Outcome::Kept => Exit::Kept,
        Outcome::Broken => Exit::Broken,
        Outcome::Unasked | Outcome::Untested => Exit::Unknown,
    }
}

/// The probes that are asked in an environment.
pub fn here(planned: Vec<Planned>, environment: &str) -> Vec<Planned> {
    planned.into_iter().filter(|probe| probe.probe.is_asked_in(environment)).collect()
}

fn limit(planned: &mut [Planned], most: u64) {
    for probe in planned {
        probe.probe.timeout_ms = most;
        for step in &mut probe.steps {
            step.step.timeout_ms = step.step.timeout_ms.map(|own| own.min(most));
        }
    }
}

fn list(planned: &[Planned], console: Console) {
    for probe in planned {
        let steps: Vec<String> =
            probe.steps.iter().map(|step| format!("{} ({})", step.step.name, step.step.ask.kind())).collect();
        let every = probe.probe.interval_seconds;
        console.give(&format!(
            "{:<22} {:<14} every {every} s: {}",
            probe.probe.name,
            probe.probe.service,
            steps.join(", ")
        ));
    }
}

pub fn environment(workspace: &Workspace, wanted: Option<&str>) -> anyhow::Result<Environment> {
    let declared = &workspace.inventory.environments;
    let known: Vec<&str> = declared.keys().map(String::as_str).collect();
    let name = match (wanted, known.as_slice()) {
        (Some(name), _) => name,
        (None, _) if declared.contains_key("local") => "local",
        (None, [only]) => only,
        (None, _) => {
            let hint = format!("add --env, one of: {}", known.join(", "));
            return Err(Advice::new("which environment is meant is not clear", hint).into());
        }
    };
    let Some(found) = declared.get(name) else {
        let near = nearest(name, known.iter().copied()).map(|near| format!("did you mean `{near}`? "));
        let hint = format!("{}preflight.yaml declares {}", near.unwrap_or_default(), known.join(", "));
        return Err(Advice::new(format!("there is no environment `{name}`"), hint).into());
    };
    Ok(Environment::load(workspace.root.as_deref(), name, found)?)
}

pub fn unknown(name: &str, known: &[String]) -> anyhow::Error {
    let near = nearest(name, known.iter().map(String::as_str)).map(|near| format!("did you mean `{near}`? "));
    let hint = format!("{}probes are there for {}", near.unwrap_or_default(), known.join(", "));
    Advice::new(format!("there is no probe `{name}` here"), hint).into()
}
