//! `preflight flip`: switch a flag from mock to live, prove that it took effect, and prove the way back.

mod admission;
mod plan;
mod seal;
mod unfinished;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use clap::Args;

use crate::adapter::client::{Client, Options, Safety};
use crate::adapter::clock;
use crate::adapter::environment::Environment;
use crate::adapter::flags::open::{Keys, open};
use crate::adapter::flags::store::Store;
use crate::adapter::flip_lock::FlipLock;
use crate::adapter::halt::{self, Halt};
use crate::adapter::ledger::Ledger;
use crate::adapter::workspace::Workspace;
use crate::cli::args::Common;
use crate::cli::console::{self, Console};
use crate::cli::exit::{Advice, Exit};
use crate::cli::flip::admission::{Admission, admit};
use crate::cli::flip::plan::plan;
use crate::cli::flip::seal::seal;
use crate::cli::flip::unfinished::begin;
use crate::cli::{command, home, outputs};
use crate::domain::flag::Declared;
use crate::domain::flag::canary::Canary;
use crate::domain::flag::change::{Change, Turn};
use crate::domain::flip::Left;
use crate::domain::integration::Name;
use crate::domain::nearest::nearest;
use crate::domain::target::Target;
use crate::engine::evidence::Frame;
use crate::engine::flip::journal::Journal;
use crate::engine::flip::outside::Outside;
use crate::engine::flip::{Order, abandon, perform};
use crate::engine::setup;

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
    must_be_there(&workspace, args, canary)?;
    let environment = environment(&workspace, &args.env)?;
    let integration = consumer(declared)?;
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
    let journal = begin(&order, args, &place.with_extension("json"))?;
    let touched = journal.run.left != Left::Untouched;
    let ground = Ground { workspace: &workspace, environment, declared, integration, folder, place, args, console };
    let done = fly(&ground, &order, journal, stores).await;
    if done.is_err() && touched {
        console::tell(&format!("the flag may still be on. Switch it off: {}", order.switch_off));
    }
    done
}

/// What a flip stands on.
struct Ground<'a> {
    workspace: &'a Workspace,
    environment: Arc<Environment>,
    declared: &'a Declared,
    /// Who answers the canary.
    integration: Name,
    folder: PathBuf,
    /// Of the journal and the runbook, without their endings.
    place: PathBuf,
    args: &'a Flip,
    console: Console,
}

async fn fly(
    ground: &Ground<'_>,
    order: &Order,
    journal: Journal,
    stores: Vec<Box<dyn Store>>,
) -> anyhow::Result<Exit> {
    let Ground { workspace, args, console, .. } = *ground;
    let ledger = Ledger::new(&ground.folder);
    let started = clock::now();
    let Admission { gate, permit } =
        if args.take_back { Admission::to_take_back(args, started) } else { admit(ground, &ledger, started).await? };
    let wanted = std::slice::from_ref(&ground.integration);
    let consumer = setup::live(workspace, &ground.environment, wanted, options(args))?;
    let redactor = consumer.run.redactor.clone();
    let (halt, halted) = (Halt::default(), Arc::new(AtomicBool::new(false)));
    let listener = tokio::spawn(listen(halt.clone(), Arc::clone(&halted), console));
    let mut outside = Outside {
        workspace,
        environment: Arc::clone(&ground.environment),
        flag: &args.flag,
        declared: ground.declared,
        integration: ground.integration.clone(),
        stores,
        permit,
        gate,
        options: options(args),
        journal: ground.place.with_extension("json"),
        halted,
        halt,
        tell: Box::new(move |line| console.say(line)),
        // Nobody else will do it, so it is said also to who asked for quiet.
        bid: Box::new(console::tell),
        consumer,
        versions: Vec::new(),
    };
    let flip = if args.take_back {
        abandon(order, journal, &mut outside).await
    } else {
        perform(order, journal, &mut outside).await
    };
    listener.abort();
    let frame = Frame {
        tool: outputs::TOOL.to_owned(),
        command: command::redacted(workspace, &redactor),
        target: Target::Live,
        environment: Some(args.env.clone()),
        started,
        finished: clock::now(),
        seed: 0,
        interrupted: false,
        partial: false,
    };
    seal(ground, &ledger, frame, order, &flip)
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

/// A schema that is not there would judge nothing, and be noticed when the flag is on.
fn must_be_there(workspace: &Workspace, args: &Flip, canary: &Canary) -> anyhow::Result<()> {
    let known = || workspace.contracts.values().flat_map(|contract| contract.schemas.keys()).map(String::as_str);
    let Some(name) = canary.schema.as_deref().filter(|name| !known().any(|known| known == *name)) else {
        return Ok(());
    };
    let near = nearest(name, known()).map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
    let hint = format!("{near}flags.{}.canary.schema names a file below schemas/ without its ending", args.flag);
    Err(Advice::new(format!("there is no schema `{name}`"), hint).into())
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

/// Who answers the canary.
fn consumer(declared: &Declared) -> anyhow::Result<Name> {
    let Some(name) = declared.consumer() else {
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
