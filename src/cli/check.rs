//! `preflight check`: run contracts, record what happened, draw readiness.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::adapter::client::{Options, Safety};
use crate::adapter::clock;
use crate::adapter::contracts::Stray;
use crate::adapter::environment::Environment;
use crate::adapter::halt::{self, Halt};
use crate::adapter::ledger::Ledger;
use crate::adapter::watch;
use crate::adapter::workspace::Workspace;
use crate::cli::args::{Check, Common, Format};
use crate::cli::console::Console;
use crate::cli::exit::{Advice, Exit};
use crate::cli::{command, home, outputs};
use crate::domain::contract::Place;
use crate::domain::evidence::Evidence;
use crate::domain::integration::Name;
use crate::domain::nearest::nearest;
use crate::domain::readiness::{EnvironmentReadiness, Readiness};
use crate::domain::record::{Kind, Outcome, Record};
use crate::domain::shard::{Shard, Share};
use crate::domain::target::Target;
use crate::engine::approvals;
use crate::engine::contracts::Pace;
use crate::engine::evidence::{self, Frame};
use crate::engine::merge::part;
use crate::engine::playbill::Playbill;
use crate::engine::selection::{Selection, deal};
use crate::engine::setup::{self, Carrier, Setup};
use crate::report::digest::number;
use crate::report::{json, terminal};

/// What `check` leaves beside the record.
const FORMATS: [Format; 4] = [Format::Html, Format::Markdown, Format::Json, Format::Junit];

/// Runs the verb, once or for as long as files change.
///
/// # Errors
/// It could not run.
pub async fn run(common: &Common, args: &Check, console: Console) -> anyhow::Result<Exit> {
    if !args.watch {
        return once(common, args, console).await;
    }
    loop {
        let exit = once(common, args, console).await.unwrap_or_else(|error| crate::cli::exit::report(&error));
        let folder = home::workspace(common).ok().and_then(|workspace| workspace.root);
        let folder = folder.map_or_else(home::here, Ok)?;
        console.say("waiting for a change (Ctrl-C ends)");
        if !watch::change(&folder).await? {
            return Ok(exit);
        }
    }
}

async fn once(common: &Common, args: &Check, console: Console) -> anyhow::Result<Exit> {
    let workspace = home::workspace(common)?.coherent()?;
    let ledger = Ledger::new(&outputs::folder(common, &workspace));
    let wanted = wanted(&workspace, &args.names)?;
    let selection = selection(&ledger, args)?;
    let contracts = wanted.iter().filter_map(|name| workspace.contracts.get(name));
    let mut playbill = Playbill::of(contracts, |scenario| selection.takes(scenario));
    let whole = playbill.scenarios.len();
    let plan = args.shard.map(|share| {
        let (taken, plan) = deal(std::mem::take(&mut playbill.scenarios), share);
        playbill.scenarios = taken;
        console.say(&format!("part {share}: {} of {whole} scenarios", playbill.scenarios.len()));
        (share, plan)
    });
    let setup = set_up(&workspace, &ledger, args, &wanted).await?;
    let record = play(&workspace, args, &selection, playbill, plan, setup, console).await;
    let overlooked = overlooked(&workspace, args, console);
    if record.counts().total() == 0 && record.unreadable().next().is_none() {
        console.say(nothing_ran(&record, args));
    }
    finish(common, &workspace, &ledger, record, overlooked, console)
}

/// Says which files no run reads; tells whether a contract is among them that this run was to read.
fn overlooked(workspace: &Workspace, args: &Check, console: Console) -> bool {
    for stray in &workspace.strays {
        console.say(&format!("warning: {} {}", stray.path, stray.reason));
    }
    args.names.is_empty() && workspace.strays.iter().any(Stray::hides_a_contract)
}

/// Why a run without a scenario is no success.
fn nothing_ran(record: &Record, args: &Check) -> &'static str {
    if record.contracts.is_empty() {
        "nothing ran: the workspace holds no contract; write features/<integration>/*.feature"
    } else if args.rerun_failed {
        "nothing ran: the last run kept every scenario, or there was none; this is not a success"
    } else if args.shard.is_some() {
        "nothing ran: this part of the run is empty; split it into fewer"
    } else if args.tags.is_some() || args.name.is_some() {
        "nothing ran: --tags and --name select no scenario; this is not a success"
    } else {
        "nothing ran: no scenario is meant for this target; this is not a success"
    }
}

/// The integrations that were asked for; by default those of the workspace that have a contract.
///
/// # Errors
/// There is none of such a name, or it has no contract.
pub fn wanted(workspace: &Workspace, names: &[String]) -> anyhow::Result<Vec<Name>> {
    let has_contract = |name: &Name| {
        workspace
            .contracts
            .get(name)
            .is_some_and(|contract| !contract.features.is_empty() || !contract.unreadable.is_empty())
    };
    if names.is_empty() {
        let all = workspace
            .contracts
            .keys()
            .filter(|name| has_contract(name) && workspace.inventory.integrations.contains_key(*name));
        return Ok(all.cloned().collect());
    }
    let mut wanted = Vec::new();
    for text in names {
        let known = workspace.contracts.keys().chain(workspace.inventory.integrations.keys());
        let Some(name) = known.clone().find(|name| name.as_str() == *text) else {
            let near = nearest(text, known.map(Name::as_str)).map(|near| format!("did you mean `{near}`? "));
            let names: Vec<_> = workspace.contracts.keys().map(Name::as_str).collect();
            let hint = format!("{}contracts are there for {}", near.unwrap_or_default(), names.join(", "));
            return Err(Advice::new(format!("there is no integration `{text}`"), hint).into());
        };
        if !has_contract(name) {
            let hint = format!("write features/{name}/*.feature; `preflight steps` lists the sentences");
            return Err(Advice::unknown(format!("{name} has no contract, so there is nothing to check"), hint).into());
        }
        wanted.push(name.clone());
    }
    wanted.sort();
    wanted.dedup();
    Ok(wanted)
}

fn selection(ledger: &Ledger, args: &Check) -> anyhow::Result<Selection> {
    let places = if args.rerun_failed { Some(not_kept(ledger, args.target, args.env.as_deref())?) } else { None };
    Ok(Selection { tags: args.tags.clone(), name: args.name.clone(), places })
}

/// The scenarios whose last run did not keep them: by the newest record of each contract, and by those before it as far
/// as the last one that was whole.
fn not_kept(ledger: &Ledger, target: Target, environment: Option<&str>) -> anyhow::Result<Vec<Place>> {
    let history = ledger.read()?.history;
    let mut last: BTreeMap<Place, Outcome> = BTreeMap::new();
    let mut whole: BTreeSet<&Name> = BTreeSet::new();
    let concerns = |shown: &Evidence| {
        shown.kind == Kind::ContractRun && shown.target == target && shown.environment.as_deref() == environment
    };
    for entry in history.evidence().rev().map(|(_, shown)| shown).filter(|shown| concerns(shown)) {
        if whole.contains(&entry.integration) {
            continue;
        }
        let record = ledger.record(entry)?;
        for contract in record.contracts.iter().filter(|contract| contract.integration == entry.integration) {
            for scenario in &contract.scenarios {
                last.entry(scenario.place.clone()).or_insert(scenario.outcome);
            }
        }
        if !entry.partial {
            whole.insert(&entry.integration);
        }
    }
    Ok(last.into_iter().filter(|(_, outcome)| *outcome != Outcome::Kept).map(|(place, _)| place).collect())
}

async fn set_up(workspace: &Workspace, ledger: &Ledger, args: &Check, wanted: &[Name]) -> anyhow::Result<Setup> {
    let options = |safety| Options { timeout: Duration::from_secs(args.timeout.into()), ..Options::new(safety) };
    if args.target == Target::Twin {
        if args.env.is_some() {
            return Err(Advice::new(
                "what a twin answers holds for no environment",
                "leave --env out, or add --target live",
            )
            .into());
        }
        return setup::twins(workspace, wanted, args.seed, Carrier::Served, options(Safety::Anything)).await;
    }
    let known: Vec<_> = workspace.inventory.environments.keys().map(String::as_str).collect();
    let Some(name) = &args.env else {
        return Err(Advice::new(
            "a live target needs an environment",
            format!("add --env, one of: {}", known.join(", ")),
        )
        .into());
    };
    let Some(declared) = workspace.inventory.environments.get(name) else {
        let near =
            nearest(name, known.iter().copied()).map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
        let hint = format!("{near}preflight.yaml declares {}", known.join(", "));
        return Err(Advice::new(format!("there is no environment `{name}`"), hint).into());
    };
    let environment = Environment::load(workspace.root.as_deref(), name, declared)?;
    let setup = setup::live(workspace, &environment, wanted, options(Safety::SafeOnly))?;
    Ok(approvals::permitted(setup, workspace, name, ledger))
}

async fn play(
    workspace: &Workspace,
    args: &Check,
    selection: &Selection,
    playbill: Playbill,
    plan: Option<(Share, String)>,
    setup: Setup,
    console: Console,
) -> Record {
    let started = clock::now();
    let stop = Arc::new(AtomicBool::new(false));
    let interrupted = Arc::new(AtomicBool::new(false));
    let listener = tokio::spawn(listen(Arc::clone(&stop), Arc::clone(&interrupted), setup.run.halt.clone()));
    let line = format!(
        "running {} of {} against {}",
        number(playbill.scenarios.len(), "scenario"),
        number(playbill.unreadable.len(), "contract"),
        args.target
    );
    let (progress, bar) = console.progress(playbill.scenarios.len(), &line);
    let pace = Pace { jobs: args.jobs.into(), fail_fast: args.fail_fast };
    let parts = playbill.play(&setup, &pace, stop, progress).await;
    bar.finish_and_clear();
    listener.abort();
    let frame = Frame {
        tool: outputs::TOOL.to_owned(),
        command: command::redacted(workspace, &setup.run.redactor),
        target: args.target,
        environment: args.env.clone(),
        started,
        finished: clock::now(),
        seed: args.seed,
        interrupted: interrupted.load(Ordering::Relaxed),
        partial: selection.is_partial() || args.fail_fast,
    };
    let witness = parts.iter().map(|part| (part.name.clone(), part.ran.branches.witness()));
    let shard = plan.map(|(share, plan)| {
        let (pieces, partial) = (BTreeMap::new(), false);
        (share.index, Shard { of: share.of, plan, partial, pieces, witness: witness.collect() })
    });
    let record = evidence::record(workspace, frame, parts);
    match shard {
        Some((index, shard)) => part(record, shard, index),
        None => record,
    }
}

/// Ctrl-C: what is under way is let go, the rest is unasked.
pub async fn listen(stop: Arc<AtomicBool>, interrupted: Arc<AtomicBool>, halt: Halt) {
    halt::asked_for().await;
    interrupted.store(true, Ordering::Relaxed);
    stop.store(true, Ordering::Relaxed);
    halt.call();
}

/// Shows the outcome first and then writes, so that a full disk loses no finding.
pub fn finish(
    common: &Common,
    workspace: &Workspace,
    ledger: &Ledger,
    mut record: Record,
    overlooked: bool,
    console: Console,
) -> anyhow::Result<Exit> {
    let exit = Exit::of(&record).or_unknown(overlooked);
    console.say(&terminal::run(&record, console.style()));
    let shown_by_it = evidence::shown(&record, exit.code());
    let appended = ledger.append(&mut record, shown_by_it, clock::now());
    if console.json() {
        console.give(&json::record(&record)?);
    }
    let path = appended?;
    let environment = record.environment.clone();
    let now = clock::now();
    let mut drawn = outputs::draw_fresh(workspace, ledger, record, now)?;
    drawn.look_back(ledger, &[]);
    tell(&drawn, &outputs::folder(common, workspace), environment.as_deref(), &[path], console)?;
    Ok(exit)
}

/// Shows a record that stands in the ledger already, and draws the dashboards again.
///
/// # Errors
/// A dashboard cannot be written.
pub fn show(
    common: &Common,
    workspace: &Workspace,
    ledger: &Ledger,
    record: &Record,
    console: Console,
) -> anyhow::Result<Exit> {
    console.say(&terminal::run(record, console.style()));
    if console.json() {
        console.give(&json::record(record)?);
    }
    let mut drawn = outputs::draw(workspace, ledger, clock::now())?;
    drawn.look_back(ledger, &[]);
    tell(&drawn, &outputs::folder(common, workspace), record.environment.as_deref(), &[], console)?;
    Ok(Exit::of(record))
}

/// Writes the dashboards, and says what they say of the environment that ran.
fn tell(
    drawn: &outputs::Drawn,
    folder: &Path,
    environment: Option<&str>,
    more: &[PathBuf],
    console: Console,
) -> anyhow::Result<()> {
    let written = drawn.write(folder, &FORMATS, clock::now())?;
    if let Some(environment) = shown(&drawn.readiness, environment) {
        console.say(&terminal::environment(environment, console.style()));
    }
    for warning in &drawn.warnings {
        console.say(&format!("warning: {warning}"));
    }
    outputs::warn_of_ignored(folder, console);
    let paths: Vec<_> = written.iter().chain(more).map(|path| path.display().to_string()).collect();
    console.say(&format!("\nwritten: {}", paths.join("\n         ")));
    Ok(())
}

/// The environment whose matrix is shown. A twin run says the same of all, so it is shown for the nearest one.
fn shown<'a>(readiness: &'a Readiness, ran: Option<&str>) -> Option<&'a EnvironmentReadiness> {
    let environments = &readiness.environments;
    let named = ran.unwrap_or("local");
    let found = environments.iter().find(|judged| judged.environment == named);
    found.or_else(|| environments.first().filter(|_| ran.is_none()))
}
