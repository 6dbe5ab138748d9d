//! `preflight prove`: mutate the answers, and show which promises bite.

mod probes;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args;
use gherkin::tagexpr::TagOperation;

use crate::adapter::client::{Options, Safety};
use crate::adapter::ledger::Ledger;
use crate::adapter::workspace::Workspace;
use crate::adapter::{clock, files};
use crate::cli::args::{Common, tags};
use crate::cli::check::{listen, wanted};
use crate::cli::console::Console;
use crate::cli::exit::{Advice, Exit};
use crate::cli::{command, home, outputs};
use crate::domain::integration::Name;
use crate::domain::mutation::Kind;
use crate::domain::nearest::nearest;
use crate::domain::proof::{Bite, Proof};
use crate::domain::record::Outcome;
use crate::domain::target::Target;
use crate::engine::evidence::{self, Frame};
use crate::engine::playbill::Playbill;
use crate::engine::prove::journal::Journal;
use crate::engine::prove::{Progress, Proving, Wanted};
use crate::engine::selection::Selection;
use crate::engine::setup::{self, Carrier};
use crate::report::digest::number;
use crate::report::{json, terminal};

/// Which contracts, and how much of what can be tried.
#[derive(Args, Clone, Debug)]
pub struct Prove {
    /// Integrations whose contracts are proven [default: all that have a contract and a twin]
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// Asks probes of servers that are broken in each known way, and shows which lies they believe; NAME is a probe then
    #[arg(long, conflicts_with_all = ["tags", "env", "min", "only", "budget", "resume", "every"])]
    pub probes: bool,
    /// Only scenarios whose tags satisfy this expression: "@IDP4-1 or (@slow and not @mutates)"
    #[arg(long, value_name = "EXPRESSION", value_parser = tags)]
    pub tags: Option<TagOperation>,
    /// The environment whose policy says how much has to be noticed [default: the strictest of all]
    #[arg(long, value_name = "ENVIRONMENT")]
    pub env: Option<String>,
    /// The share (0 to 1) of mutations that a contract has to notice [default: `min_bite` of the policy, else 0.9]
    #[arg(long, value_name = "SHARE", value_parser = share, conflicts_with = "env")]
    pub min: Option<f64>,
    /// Only mutations of this kind; may be given more than once
    #[arg(long, value_name = "KIND", value_delimiter = ',')]
    pub only: Vec<Kind>,
    /// At most so many runs; `--resume` does more of the rest
    #[arg(long, value_name = "RUNS", value_parser = clap::value_parser!(u32).range(1..))]
    pub budget: Option<u32>,
    /// Chooses the runs of a budget; the same number chooses the same ones
    #[arg(long, default_value_t = 0, value_name = "NUMBER")]
    pub sample: u64,
    /// Goes on with a proof that a budget or an interruption ended
    #[arg(long)]
    pub resume: bool,
    /// Also repeats in each scenario what another one with the same schema shows
    #[arg(long)]
    pub every: bool,
    /// Scenarios that run at the same time
    #[arg(long, default_value_t = 16, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub jobs: u16,
    /// Generated ids are a function of it
    #[arg(long, default_value_t = 0, value_name = "NUMBER")]
    pub seed: u64,
}

/// What is demanded where no policy demands anything.
const LEAST: f64 = 0.9;

fn share(text: &str) -> Result<f64, String> {
    let share: f64 = text.parse().map_err(|_| "write a share from 0 to 1: 0.95".to_owned())?;
    if (0.0..=1.0).contains(&share) { Ok(share) } else { Err("write a share from 0 to 1: 0.95".to_owned()) }
}

/// Runs the verb: 0 every contract notices enough, 1 one does not or has a scenario that notices nothing, 3 nothing was
/// proven or not everything could be.
///
/// # Errors
/// It could not run.
pub async fn run(common: &Common, args: &Prove, console: Console) -> anyhow::Result<Exit> {
    if args.probes {
        return probes::run(common, args, console).await;
    }
    let workspace = home::workspace(common)?.coherent()?;
    let (least, least_by) = least(&workspace, args)?;
    let names = wanted(&workspace, &args.names)?;
    let contracts = names.iter().filter_map(|name| workspace.contracts.get(name));
    let selection = Selection { tags: args.tags.clone(), ..Selection::default() };
    let playbill = Playbill::of(contracts, |scenario| selection.takes(scenario));
    let setup = setup::twins(&workspace, &names, args.seed, Carrier::Served, Options::new(Safety::Anything)).await?;
    let started = clock::now();
    let (stop, interrupted) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let listener = tokio::spawn(listen(Arc::clone(&stop), Arc::clone(&interrupted), setup.run.halt.clone()));
    let unreadable = playbill.unreadable.values().flatten().next().is_some();
    for file in playbill.unreadable.values().flatten() {
        console.say(&format!("error: {}: {}", file.place, file.message));
    }
    let wanted = Wanted { only: args.only.clone(), every: args.every };
    let proving = Proving::prepare(&setup.run, playbill.scenarios, &wanted, args.jobs.into(), &stop).await;
    let folder = outputs::folder(common, &workspace);
    let journal = mutate(&proving, args, &folder.join("prove.json"), &stop, console).await?;
    listener.abort();
    let proof = judge(&workspace, &names, &proving, &journal, args, (least, least_by));
    let interrupted = interrupted.load(Ordering::Relaxed);
    let frame = Frame {
        tool: outputs::TOOL.to_owned(),
        command: command::redacted(&workspace, &setup.run.redactor),
        target: Target::Twin,
        environment: None,
        started,
        finished: clock::now(),
        seed: args.seed,
        interrupted,
        partial: selection.is_partial() || !args.only.is_empty() || !journal.is_complete(),
    };
    let exit = if unreadable { Exit::CouldNotRun } else { exit(&proof, interrupted) };
    finish(common, &workspace, frame, &proof, exit, console)
}

/// Does the runs, and keeps how far it came.
async fn mutate(
    proving: &Proving,
    args: &Prove,
    path: &Path,
    stop: &Arc<AtomicBool>,
    console: Console,
) -> anyhow::Result<Journal> {
    let mut journal = begin(proving, args.resume, path)?;
    let chosen = proving.choose(&journal.fates, args.budget.map(|budget| budget as usize), args.sample);
    let line = format!("{} of {} scenarios with an answer mutated", number(chosen.len(), "run"), proving.scenarios());
    let bar = console.bar(chosen.len(), "mutated runs", &line);
    let shown = bar.clone();
    let progress: Progress = Arc::new(move || shown.inc(1));
    let fates = proving.perform(&chosen, args.jobs.into(), stop, progress).await;
    bar.finish_and_clear();
    journal.note(&chosen, fates);
    if journal.is_complete() {
        files::remove(path);
    } else {
        files::write(path, &serde_json::to_vec(&journal)?)?;
        let (done, planned) = (journal.done(), proving.planned());
        console.say(&format!("{done} of {planned} runs are done; `preflight prove --resume` does more"));
    }
    Ok(journal)
}

fn begin(proving: &Proving, resume: bool, path: &Path) -> anyhow::Result<Journal> {
    let (key, planned) = (proving.key(), proving.planned());
    if !resume {
        return Ok(Journal::new(key, planned));
    }
    let nothing = |why: &str| Advice::new(format!("there is no proof to go on with: {why}"), "leave --resume out");
    let bytes = files::read(path).map_err(|_| nothing("the last one was finished, or there was none"))?;
    let journal: Journal = serde_json::from_slice(&bytes)
        .map_err(|error| nothing(&format!("{} is no journal: {error}", path.display())))?;
    if journal.is_of(&key, planned) {
        return Ok(journal);
    }
    Err(nothing("the contracts have changed since it, or other ones or other kinds are asked for").into())
}

/// How much has to be noticed, and who says so.
fn least(workspace: &Workspace, args: &Prove) -> anyhow::Result<(f64, String)> {
    if let Some(least) = args.min {
        return Ok((least, "--min".to_owned()));
    }
    let policies = &workspace.inventory.policy;
    if let Some(name) = &args.env {
        let known = || workspace.inventory.environments.keys().map(String::as_str);
        if !known().any(|known| known == name) {
            let near = nearest(name, known()).map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
            let hint = format!("{near}preflight.yaml declares {}", known().collect::<Vec<_>>().join(", "));
            return Err(Advice::new(format!("there is no environment `{name}`"), hint).into());
        }
        let own = policies.get(name).and_then(|policy| policy.min_bite);
        return Ok(match own {
            Some(least) => (least, format!("min_bite of {name}")),
            None => (LEAST, format!("nobody: the policy of {name} has no min_bite")),
        });
    }
    let strictest = policies.iter().filter_map(|(name, policy)| Some((policy.min_bite?, name)));
    let strictest = strictest.max_by(|one, other| one.0.total_cmp(&other.0));
    Ok(strictest.map_or_else(
        || (LEAST, "nobody: no policy has a min_bite".to_owned()),
        |(least, name)| (least, format!("min_bite of {name}")),
    ))
}

fn judge(
    workspace: &Workspace,
    names: &[Name],
    proving: &Proving,
    journal: &Journal,
    args: &Prove,
    (least, least_by): (f64, String),
) -> Proof {
    let judged = proving.judged(&journal.fates, args.only.is_empty());
    let contracts = names.iter().filter_map(|name| workspace.contracts.get(name));
    let bites: Vec<Bite> =
        contracts.map(|contract| judged.bite(&contract.name, &contract.manifest.title, &contract.hash)).collect();
    Proof {
        least,
        least_by,
        only: args.only.clone(),
        budget: args.budget.map(u64::from),
        sample: args.sample,
        planned: proving.planned() as u64,
        ran: journal.done() as u64,
        bites,
    }
}

fn exit(proof: &Proof, interrupted: bool) -> Exit {
    let exit = match proof.outcome() {
        Outcome::Broken => Exit::Broken,
        Outcome::Unasked | Outcome::Untested => Exit::Unknown,
        Outcome::Kept => Exit::Kept,
    };
    exit.or_unknown(interrupted)
}

fn finish(
    common: &Common,
    workspace: &Workspace,
    frame: Frame,
    proof: &Proof,
    exit: Exit,
    console: Console,
) -> anyhow::Result<Exit> {
    let ledger = Ledger::new(&outputs::folder(common, workspace));
    console.say(&terminal::proof::draw(proof, console.style()));
    let mut record = evidence::proof(workspace, frame, proof.clone());
    let shown = evidence::shown_by_proof(&record, proof, exit.code());
    let appended = ledger.append(&mut record, shown, clock::now());
    if console.json() {
        console.give(&json::record(&record)?);
    }
    console.say(&format!("\nwritten: {}", appended?.display()));
    Ok(exit)
}
