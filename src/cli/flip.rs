//! `preflight flip`: switch a flag from mock to live, prove that it took effect, and prove the way back.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;

use crate::adapter::client::{Client, Options, Safety};
use crate::adapter::environment::Environment;
use crate::adapter::flags::open::{Keys, open};
use crate::adapter::flags::store::Store;
use crate::adapter::flip_lock::FlipLock;
use crate::adapter::halt::{self, Halt};
use crate::adapter::ledger::Ledger;
use crate::adapter::workspace::Workspace;
use crate::adapter::{clock, files};
use crate::cli::args::Common;
use crate::cli::console::Console;
use crate::cli::exit::{Advice, Exit};
use crate::cli::{command, home, outputs};
use crate::domain::flag::Declared;
use crate::domain::flag::canary::Canary;
use crate::domain::flag::change::{Change, Turn};
use crate::domain::flip::{FlipRun, Left, Phase};
use crate::domain::integration::Name;
use crate::domain::nearest::nearest;
use crate::domain::readiness::Verdict;
use crate::domain::target::Target;
use crate::engine::evidence::{self, Frame};
use crate::engine::flip::gate::Gate;
use crate::engine::flip::journal::Journal;
use crate::engine::flip::outside::Outside;
use crate::engine::flip::{Order, abandon, approval, perform};
use crate::engine::{flags, setup};
use crate::report::{json, runbook};

/// Which flag, where.
#[derive(Args, Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub struct Flip {
    /// The flag, as preflight.yaml names it
    #[arg(value_name = "FLAG")]
    pub flag: String,
    /// The environment in which it is switched
    #[arg(long, value_name = "ENVIRONMENT")]
    pub env: String,
    /// Flips and rolls back, and proves both
    #[arg(long)]
    pub rehearse: bool,
    /// Says what would be done, and asks nobody
    #[arg(long, conflicts_with_all = ["resume", "take_back"])]
    pub dry_run: bool,
    /// Goes on with a flip that was cut off
    #[arg(long, conflicts_with = "take_back")]
    pub resume: bool,
    /// Takes a flip back that was cut off
    #[arg(long)]
    pub take_back: bool,
    /// Seconds that a request may take
    #[arg(long, default_value_t = 10, value_name = "SECONDS", value_parser = clap::value_parser!(u16).range(1..=600))]
    pub timeout: u16,
}

/// Seconds that a rollback may take where the flag says nothing else (HotDash: integrations under two minutes).
const ROLLBACK_SECONDS: u32 = 120;

/// Runs the verb.
///
/// # Errors
/// The flag, its canary or its stores are not declared or cannot be opened; another flip of it is under way.
pub async fn run(common: &Common, args: &Flip, console: Console) -> anyhow::Result<Exit> {
    let workspace = home::workspace(common)?.coherent()?;
    let (declared, canary) = declared(&workspace, args)?;
    let environment = environment(&workspace, &args.env)?;
    let integration = consumer(declared, canary)?;
    let client = Client::new(options(args))?;
    let stores = stores(&workspace, &args.flag, declared, &environment, &client)?;
    let order = order(args, declared, canary, &integration, &stores);
    if args.dry_run {
        console.say(&plan(&order, args, declared));
        return Ok(Exit::Kept);
    }
    let folder = outputs::folder(common, &workspace);
    let place = folder.join("flips").join(format!("{}-{}", args.flag, args.env));
    let _lock = FlipLock::take(&place.with_extension("lock")).map_err(|error| {
        Advice::new(error.to_string(), "wait until it has ended; two flips of one flag would prove nothing")
    })?;
    let journal_path = place.with_extension("json");
    let journal = begin(&order, args, &journal_path)?;
    let ledger = Ledger::new(&folder);
    let now = clock::now();
    let drawn = outputs::draw(&workspace, &ledger, now)?;
    let history = &drawn.history;
    let audited = flags::audit(
        &workspace,
        &flags::Order {
            names: std::slice::from_ref(&args.flag),
            environments: std::slice::from_ref(&args.env),
            sources: &[],
            timeout: Duration::from_secs(args.timeout.into()),
            history,
            now,
        },
    )
    .await?;
    let seen = audited.flags.iter().flat_map(|row| &row.environments).find(|seen| seen.environment == args.env);
    let readiness = drawn.readiness.environments.iter().find(|judged| judged.environment == args.env);
    let readiness = readiness.context("the environment was not judged")?;
    let local = approval::is_local(&workspace, &environment, declared, &integration);
    let (approval, permit) = approval::look(&workspace.inventory, history, &args.flag, &args.env, local, now);
    let gate = Gate {
        flag: &args.flag,
        readiness,
        integrations: std::slice::from_ref(&integration),
        prerequisites: seen.map_or(&[], |seen| seen.prerequisites.as_slice()),
        approval: &approval,
        rehearsal: args.rehearse,
    };
    let (halt, halted) = (Halt::default(), Arc::new(AtomicBool::new(false)));
    let listener = tokio::spawn(listen(halt.clone(), Arc::clone(&halted), console));
    let consumer = setup::live(&workspace, &environment, std::slice::from_ref(&integration), options(args))?;
    let redactor = consumer.run.redactor.clone();
    let mut outside = Outside {
        workspace: &workspace,
        environment: Arc::clone(&environment),
        flag: &args.flag,
        declared,
        integration: integration.clone(),
        stores,
        permit,
        gate: gate.judge(),
        options: options(args),
        journal: journal_path.clone(),
        halted,
        halt,
        tell: Box::new(move |line| console.say(line)),
        consumer,
    };
    let started = now;
    let flip = if args.take_back {
        abandon(&order, journal, &mut outside).await
    } else {
        perform(&order, journal, &mut outside).await
    };
    listener.abort();
    let frame = Frame {
        tool: outputs::TOOL.to_owned(),
        command: command::redacted(&workspace, &redactor),
        target: Target::Live,
        environment: Some(args.env.clone()),
        started,
        finished: clock::now(),
        seed: 0,
        interrupted: false,
        partial: false,
    };
    seal(&workspace, &ledger, frame, &order, &flip, &Sealing { place: &place, folder: &folder, args, console })
}

/// What the end of a flip is written with.
struct Sealing<'a> {
    place: &'a Path,
    folder: &'a Path,
    args: &'a Flip,
    console: Console,
}

/// Record, evidence and runbook; says where the flag is left before anything can fail.
fn seal(
    workspace: &Workspace,
    ledger: &Ledger,
    frame: Frame,
    order: &Order,
    flip: &FlipRun,
    sealing: &Sealing,
) -> anyhow::Result<Exit> {
    let Sealing { place, folder, args, console } = sealing;
    let exit = match flip.verdict {
        Verdict::Go => Exit::Kept,
        Verdict::NoGo => Exit::Broken,
        Verdict::Unknown => Exit::Unknown,
    };
    let reason = flip.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
    console.say(&format!("\n{}{reason}", flip.verdict.as_str()));
    match flip.left {
        Left::PerhapsOn => console
            .say(&format!("THE FLAG IS LEFT ON, or nothing shows that it is off. Switch it off: {}", flip.switch_off)),
        Left::On => console.say("the flag is on"),
        Left::Off => console.say("the flag is off again"),
        Left::Untouched => console.say("the flag was never touched"),
    }
    let mut record = evidence::flip(workspace, frame, flip.clone());
    let shown = evidence::shown_by_flip(&record, flip, exit.code());
    let appended = ledger.append(&mut record, shown, clock::now());
    if console.json() {
        console.give(&json::record(&record)?);
    }
    let path = appended?;
    let name = path.strip_prefix(folder).unwrap_or(&path).display().to_string();
    let page = runbook::draw(&runbook::Runbook {
        flip,
        environment: &args.env,
        record: &name,
        rollback_seconds: order.rollback_seconds,
    });
    let runbook = place.with_extension("md");
    files::write(&runbook, page.as_bytes())?;
    if flip.left != Left::PerhapsOn {
        // What is unfinished is kept: only then is there something to go on from.
        files::remove(&place.with_extension("json"));
    }
    console.say(&format!("\nwritten: {}\n         {}", runbook.display(), path.display()));
    Ok(exit)
}

fn options(args: &Flip) -> Options {
    Options { timeout: Duration::from_secs(args.timeout.into()), ..Options::new(Safety::SafeOnly) }
}

/// The flag of a name.
///
/// # Errors
/// None is declared.
pub fn flag<'a>(workspace: &'a Workspace, name: &str) -> anyhow::Result<&'a Declared> {
    let flags = &workspace.inventory.flags;
    flags.get(name).ok_or_else(|| {
        let near = nearest(name, flags.keys().map(String::as_str));
        let near = near.map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
        let hint = format!("{near}`preflight flags` lists what is declared");
        Advice::new(format!("preflight.yaml declares no flag `{name}`"), hint).into()
    })
}

fn declared<'a>(workspace: &'a Workspace, args: &Flip) -> anyhow::Result<(&'a Declared, &'a Canary)> {
    let declared = flag(workspace, &args.flag)?;
    let Some(canary) = &declared.canary else {
        let hint = format!(
            "write flags.{}.canary: a request, and what only the live and only the mock path answer",
            args.flag
        );
        return Err(Advice::new(
            format!("`{}` has no canary, so nobody could tell whether a flip took effect", args.flag),
            hint,
        )
        .into());
    };
    Ok((declared, canary))
}

/// The environment of a name.
///
/// # Errors
/// There is none, or its dotenv file cannot be read.
pub fn environment(workspace: &Workspace, name: &str) -> anyhow::Result<Arc<Environment>> {
    let environments = &workspace.inventory.environments;
    let Some(declared) = environments.get(name) else {
        let known: Vec<&str> = environments.keys().map(String::as_str).collect();
        let near = nearest(name, known.iter().copied()).map(|near| format!("did you mean `{near}`? "));
        let hint = format!("{}there are {}", near.unwrap_or_default(), known.join(", "));
        return Err(Advice::new(format!("there is no environment `{name}`"), hint).into());
    };
    Ok(Arc::new(Environment::load(workspace.root.as_deref(), name, declared)?))
}

/// Who answers the canary: the one it names, or the flag's first integration.
fn consumer(declared: &Declared, canary: &Canary) -> anyhow::Result<Name> {
    let named = canary.integration.as_ref().or(declared.integrations.first());
    let Some(name) = named else {
        return Err(Advice::new("the flag names no integration", "write flags.NAME.canary.integration").into());
    };
    Ok(name.parse()?)
}

/// Where a flag is kept in an environment.
///
/// # Errors
/// Nothing says so, or what opens it is missing.
pub fn stores(
    workspace: &Workspace,
    flag: &str,
    declared: &Declared,
    environment: &Arc<Environment>,
    client: &Client,
) -> anyhow::Result<Vec<Box<dyn Store>>> {
    let root = workspace.root.clone().unwrap_or_default();
    let keys = Keys { root: &root, environment, client, timeout: client.timeout() };
    let kept_in = declared.kept_in(environment.name());
    if kept_in.is_empty() {
        let hint = format!("write flags.{flag}.kept_in, or flags.{flag}.stores.{}", environment.name());
        return Err(Advice::new(format!("nothing says where `{flag}` is kept"), hint).into());
    }
    let opened =
        kept_in.iter().filter(|place| !place.starts_with("query:")).map(|place| open(flag, declared, place, &keys));
    Ok(opened.collect::<Result<_, _>>()?)
}

fn order(args: &Flip, declared: &Declared, canary: &Canary, integration: &Name, stores: &[Box<dyn Store>]) -> Order {
    let instruction = |live: bool| {
        let turn = if live == declared.on_means_mock { Turn::Off } else { Turn::On };
        let change = Change { flag: &args.flag, declared, environment: &args.env, turn, expected: None };
        let told: Vec<String> =
            stores.iter().map(|store| format!("{}: {}", store.place(), store.instruction(&change))).collect();
        told.join("; ")
    };
    Order {
        flag: args.flag.clone(),
        integration: integration.clone(),
        canary: canary.clone(),
        proof: declared.flip.clone(),
        rehearsal: args.rehearse,
        rollback_seconds: declared.rollback_seconds.unwrap_or(ROLLBACK_SECONDS),
        switch_on: instruction(true),
        switch_off: instruction(false),
    }
}

/// A new flip, or the one that was cut off.
fn begin(order: &Order, args: &Flip, path: &Path) -> anyhow::Result<Journal> {
    let unfinished = read(path)?;
    let again = format!("preflight flip {} --env {}", args.flag, args.env);
    match (unfinished, args.resume || args.take_back) {
        (None, false) => Ok(order.journal()),
        (None, true) => Err(Advice::new("there is no flip to go on with", format!("begin one: `{again}`")).into()),
        (Some(journal), true) => Ok(journal),
        (Some(journal), false) if journal.run.left == Left::Untouched => Ok(order.journal()),
        (Some(journal), false) => {
            let last = journal.run.phases.last().map_or("its beginning", |phase| phase.phase.title());
            let hint = format!("`{again} --resume` goes on, `{again} --take-back` rolls back");
            Err(Advice::new(
                format!("a flip of `{}` was cut off behind \"{last}\", and may have left the flag on", args.flag),
                hint,
            )
            .into())
        }
    }
}

fn read(path: &Path) -> anyhow::Result<Option<Journal>> {
    if !path.exists() {
        return Ok(None);
    }
    let text = files::read(path)?;
    let journal = serde_json::from_slice(&text).map_err(|error| {
        let hint = "look at the flag yourself, then remove the file";
        Advice::new(format!("{} tells of a flip that was cut off, and cannot be read: {error}", path.display()), hint)
    })?;
    Ok(Some(journal))
}

fn plan(order: &Order, args: &Flip, declared: &Declared) -> String {
    let phases =
        Phase::ALL.iter().filter(|phase| args.rehearse || !matches!(phase, Phase::Rollback | Phase::ProveRollback));
    let mut lines: Vec<String> =
        (1..).zip(phases).map(|(number, phase): (u32, &Phase)| format!("{number}. {}", phase.title())).collect();
    lines.push(format!("\ncanary     {}", order.canary.request));
    lines.push(format!("on         {}", order.switch_on));
    lines.push(format!("off        {}", order.switch_off));
    lines.push(format!("effective  within {} s", order.proof.effective_within_seconds));
    lines.push(format!("watched    {} s, every {} s", order.proof.watch.seconds, order.proof.watch.every_seconds));
    lines.push(format!("rollback   within {} s", order.rollback_seconds));
    for needed in &declared.prerequisites {
        lines.push(format!("needs      {needed}"));
    }
    lines.push("\nnothing was asked, and nothing is shown by this".to_owned());
    lines.join("\n")
}

/// The first Ctrl-C leads to a rollback, which a second one does not end.
async fn listen(halt: Halt, halted: Arc<AtomicBool>, console: Console) {
    halt::asked_for().await;
    halted.store(true, Ordering::Relaxed);
    halt.call();
    console.say("stopping: the flag is taken back first");
    loop {
        halt::asked_for().await;
        console.say("still taking the flag back; to end at once kill the process, and switch the flag off by hand");
    }
}
