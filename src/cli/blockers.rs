//! `preflight blockers`: what stands in the way, how late it is, who may be asked next; attempts and resolutions.

use clap::{Args, Subcommand};

use crate::adapter::workspace::{Workspace, WorkspaceError};
use crate::cli::args::Common;
use crate::cli::console::Console;
use crate::cli::declaring::{Desk, Draft, Word, unknown};
use crate::cli::exit::{Advice, Exit};
use crate::domain::blocker::case::{Case, cases};
use crate::domain::blocker::draft::draft;
use crate::domain::blocker::summary::{List, Summary, VERSION};
use crate::domain::blocker::{Blocker, dates};
use crate::domain::declaration::What;
use crate::domain::moment::Moment;
use crate::report::blockers;

/// Which blockers to show, or what happened to one.
#[derive(Args, Clone, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Blockers {
    #[command(subcommand)]
    pub act: Option<Act>,
    /// Only those that block this environment
    #[arg(long, value_name = "ENVIRONMENT")]
    pub env: Option<String>,
    /// Also those that are resolved
    #[arg(long)]
    pub all: bool,
}

#[derive(Clone, Debug, Subcommand)]
pub enum Act {
    /// Drafts the message to whoever may be asked next
    Draft {
        /// The blocker
        ticket: String,
    },
    /// Puts an attempt to remove a blocker on record
    Attempt(Attempt),
    /// Puts on record that a blocker is gone
    Resolve(Resolve),
}

#[derive(Args, Clone, Debug)]
pub struct Attempt {
    /// The blocker
    pub ticket: String,
    /// What was asked, and where
    #[arg(long, value_name = "TEXT")]
    pub what: String,
    /// When [default: now]
    #[arg(long, value_name = "TIME")]
    pub at: Option<Moment>,
    /// The rung of its ladder on which it was made
    #[arg(long, value_name = "RUNG")]
    pub rung: Option<String>,
    /// A file or a link that shows it; without one the attempt is not documented
    #[arg(long, value_name = "PATH OR URL")]
    pub evidence: Vec<String>,
    /// Who made it
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
}

#[derive(Args, Clone, Debug)]
pub struct Resolve {
    /// The blocker
    pub ticket: String,
    /// When [default: now]
    #[arg(long, value_name = "TIME")]
    pub at: Option<Moment>,
    /// A file or a link that shows it
    #[arg(long, value_name = "PATH OR URL")]
    pub evidence: Vec<String>,
    #[command(flatten)]
    pub word: Word,
}

/// Runs the verb.
///
/// # Errors
/// A date of a blocker cannot be, or there is no such blocker, or the ledger cannot be read or written.
pub fn run(common: &Common, args: &Blockers, console: Console) -> anyhow::Result<Exit> {
    let desk = Desk::open(common, console)?;
    possible(&desk)?;
    match &args.act {
        None => show(&desk, args),
        Some(Act::Draft { ticket }) => {
            let case = case(&desk, ticket)?;
            if !case.is_open(desk.now) {
                return Err(Advice::new(format!("{ticket} is resolved"), "there is nothing to ask for").into());
            }
            console.give(&draft(&case, desk.now));
            Ok(Exit::Kept)
        }
        Some(Act::Attempt(attempt)) => attempted(&desk, attempt),
        Some(Act::Resolve(resolve)) => resolved(&desk, resolve),
    }
}

/// Refuses dates that cannot be true yet.
fn possible(desk: &Desk) -> Result<(), WorkspaceError> {
    let workspace: &Workspace = &desk.workspace;
    let mut problems = Vec::new();
    for (ticket, blocker) in &workspace.inventory.blockers {
        for impossible in dates::not_yet(blocker, desk.now) {
            let keys = ["blockers".to_owned(), ticket.clone()].into_iter().chain(impossible.keys).collect();
            problems.push(workspace.problem(keys, impossible.message));
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(WorkspaceError::Contradictory(problems)) }
}

fn show(desk: &Desk, args: &Blockers) -> anyhow::Result<Exit> {
    let environment = args.env.as_deref().map(|named| desk.environment(Some(named))).transpose()?;
    let all = cases(&desk.workspace.inventory, &desk.history, environment.as_deref(), desk.now);
    let open = all.iter().any(|case| case.is_open(desk.now));
    let doubted = desk.history.doubted > 0 || all.iter().any(|case| !case.doubts.is_empty());
    let shown = all.iter().filter(|case| args.all || case.is_open(desk.now) || !case.doubts.is_empty());
    let list = List {
        version: VERSION,
        workspace: desk.workspace.inventory.name.clone(),
        judged: desk.now,
        environment,
        blockers: shown.map(|case| Summary::of(case, desk.now)).collect(),
    };
    if desk.console.json() {
        desk.console.give(&serde_json::to_string_pretty(&list)?);
    }
    if !list.blockers.is_empty() {
        desk.console.say(&blockers::draw(&list));
    }
    if !open {
        desk.console.say("no blocker is open");
    }
    Ok(if open { Exit::Broken } else { Exit::Kept.or_unknown(doubted) })
}

fn case(desk: &Desk, ticket: &str) -> Result<Case, Advice> {
    let mut all = cases(&desk.workspace.inventory, &desk.history, None, desk.now);
    let Some(index) = all.iter().position(|case| case.ticket == ticket) else {
        let known: Vec<&str> = all.iter().map(|case| case.ticket.as_str()).collect();
        return Err(unknown("blocker", ticket, &known));
    };
    Ok(all.swap_remove(index))
}

/// The moment that is meant, if it can be.
fn moment(desk: &Desk, at: Option<Moment>, blocker: &Blocker) -> Result<Moment, Advice> {
    let moment = at.unwrap_or(Moment::Time(desk.now));
    let wrong = dates::before(moment, blocker.opened).or_else(|| dates::in_future(moment, desk.now));
    wrong.map_or(Ok(moment), |wrong| Err(Advice::new(format!("it cannot have been at {wrong}"), "correct --at")))
}

fn attempted(desk: &Desk, args: &Attempt) -> anyhow::Result<Exit> {
    let case = case(desk, &args.ticket)?;
    let ladder = &case.blocker.ladder;
    if let Some(rung) = args.rung.as_ref().filter(|rung| !ladder.contains(rung)) {
        let hint = format!("the ladder of {} is: {}", args.ticket, ladder.join(", "));
        return Err(Advice::new(format!("`{rung}` is no rung of its ladder"), hint).into());
    }
    let what = What::Attempt {
        ticket: args.ticket.clone(),
        made: moment(desk, args.at, &case.blocker)?,
        what: args.what.clone(),
        rung: args.rung.clone(),
        evidence: args.evidence.clone(),
    };
    let word = Word { by: args.by.clone(), why: Some(case.blocker.title.clone()), key: None };
    let counts_in = desk.workspace.inventory.environments.keys().cloned().collect();
    desk.declare(Draft { what, environment: None, until: None, counts_in }, &word)?;
    if args.evidence.is_empty() {
        desk.console.say("it has no evidence, so it is no documented attempt (--evidence PATH)");
    }
    Ok(Exit::Kept)
}

fn resolved(desk: &Desk, args: &Resolve) -> anyhow::Result<Exit> {
    let case = case(desk, &args.ticket)?;
    if !case.is_open(desk.now) {
        return Err(Advice::new(format!("{} is resolved already", args.ticket), "nothing was written").into());
    }
    let what = What::Resolution {
        ticket: args.ticket.clone(),
        resolved: moment(desk, args.at, &case.blocker)?,
        evidence: args.evidence.clone(),
    };
    let environments = desk.workspace.inventory.environments.keys();
    let blocked = environments.filter(|environment| case.blocker.concerns(&case.blocker.integration, environment));
    let counts_in = blocked.cloned().collect();
    desk.declare(Draft { what, environment: None, until: None, counts_in }, &args.word)?;
    Ok(Exit::Kept)
}
