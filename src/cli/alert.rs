//! `preflight alert`: whether alerts arrive, and which of them wait.

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, Subcommand};
use serde_json::json;
use tokio::task::JoinSet;

use crate::adapter::alerts::Sender;
use crate::adapter::clock;
use crate::adapter::environment::Environment;
use crate::adapter::history::History;
use crate::adapter::workspace::Workspace;
use crate::cli::args::Common;
use crate::cli::console::Console;
use crate::cli::exit::{Advice, Exit};
use crate::cli::probe::environment;
use crate::cli::{home, outputs};
use crate::domain::alert::channel::Channel;
use crate::domain::alert::letter::{Fate, Letter};
use crate::domain::alert::message::Message;
use crate::domain::nearest::nearest;
use crate::report::digest::number;
use crate::report::text::visible;

/// What to do with alerts.
#[derive(Args, Clone, Debug)]
pub struct Alert {
    #[command(subcommand)]
    pub verb: Verb,
}

#[derive(Clone, Debug, Subcommand)]
pub enum Verb {
    /// Sends a message that says that it is a test, and waits until it is taken
    Test(Test),
    /// Prints the alerts that wait to be sent
    Outbox(Outbox),
}

/// Which channels.
#[derive(Args, Clone, Debug)]
pub struct Test {
    /// Channels of preflight.yaml [default: all that are used in the environment]
    #[arg(value_name = "CHANNEL")]
    pub names: Vec<String>,
    /// Whose secrets are used [default: `local` where it is declared, else the only environment]
    #[arg(long, value_name = "ENVIRONMENT")]
    pub env: Option<String>,
}

/// Of which history.
#[derive(Args, Clone, Debug)]
pub struct Outbox {
    /// Whose history [default: `local` where it is declared, else the only environment]
    #[arg(long, value_name = "ENVIRONMENT")]
    pub env: Option<String>,
    /// The file of the history [default: history/ENVIRONMENT.db in the reports folder]
    #[arg(long, value_name = "FILE")]
    pub history: Option<PathBuf>,
}

/// Runs the verb. A test: 0 all took it, 1 one did not, 2 could not run, 3 there is no channel. An outbox: 0 nothing waits,
/// 1 something does.
///
/// # Errors
/// No such environment or channel is declared, or a secret is absent.
pub async fn run(common: &Common, args: &Alert, console: Console) -> anyhow::Result<Exit> {
    let workspace = home::workspace(common)?.coherent()?;
    match &args.verb {
        Verb::Test(test) => {
            let environment = environment(&workspace, test.env.as_deref())?;
            try_out(&workspace, &environment, test, console).await
        }
        Verb::Outbox(outbox) => {
            let environment = environment(&workspace, outbox.env.as_deref())?;
            let usual =
                || outputs::folder(common, &workspace).join("history").join(format!("{}.db", environment.name()));
            show(outbox.history.clone().unwrap_or_else(usual), console).await
        }
    }
}

async fn try_out(
    workspace: &Workspace,
    environment: &Environment,
    args: &Test,
    console: Console,
) -> anyhow::Result<Exit> {
    let chosen = choose(workspace, environment.name(), &args.names)?;
    let sender = Arc::new(Sender::open(chosen.iter().copied(), environment)?);
    let now = clock::now();
    let mut sending = JoinSet::new();
    for (name, _) in &chosen {
        let message = Message::test(&workspace.inventory.name, environment.name(), name, now);
        let id = format!("preflight-test-{name}-{}", now.as_millisecond());
        let id = id.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' }).collect();
        let letter = Letter::new(id, name, "test", message);
        let sender = Arc::clone(&sender);
        sending.spawn(async move {
            let fate = sender.send(&letter).await;
            (letter.channel, fate)
        });
    }
    let mut told: Vec<(String, Fate)> = Vec::new();
    while let Some(sent) = sending.join_next().await {
        told.push(sent?);
    }
    told.sort_by(|one, other| one.0.cmp(&other.0));
    let mut exit = Exit::Kept;
    let mut lines = Vec::new();
    for (name, fate) in &told {
        let (taken, said) = match fate {
            Fate::Delivered(said) => (true, said),
            Fate::Later { why: said, .. } | Fate::Never(said) => (false, said),
        };
        if !taken {
            exit = Exit::Broken;
        }
        let word = if taken { "taken" } else { "not taken" };
        console.say(&format!("{name:<16} {word}: {}", visible(said)));
        lines.push(json!({"channel": name, "taken": taken, "said": said}));
    }
    if console.json() {
        console.give(&serde_json::to_string_pretty(&lines)?);
    }
    Ok(exit)
}

/// The channels that are meant.
fn choose<'a>(
    workspace: &'a Workspace,
    environment: &str,
    names: &[String],
) -> anyhow::Result<Vec<(&'a String, &'a Channel)>> {
    let all = &workspace.inventory.alerts.channels;
    for name in names {
        if !all.contains_key(name) {
            let known: Vec<&str> = all.keys().map(String::as_str).collect();
            let near = nearest(name, known.iter().copied()).map(|near| format!("did you mean `{near}`? "));
            let hint = match known.as_slice() {
                [] => "preflight.yaml declares none: write one under `alerts.channels`".to_owned(),
                _ => format!("{}preflight.yaml declares {}", near.unwrap_or_default(), known.join(", ")),
            };
            return Err(Advice::new(format!("there is no channel `{name}`"), hint).into());
        }
    }
    let is_meant = |name: &String, channel: &Channel| match names {
        [] => channel.is_used_in(environment),
        chosen => chosen.contains(name),
    };
    let chosen: Vec<_> = all.iter().filter(|(name, channel)| is_meant(name, channel)).collect();
    if chosen.is_empty() {
        let hint =
            "write one under `alerts.channels` of preflight.yaml (docs/file-formats.md), or name another environment";
        return Err(Advice::unknown(format!("no channel is used in {environment}"), hint).into());
    }
    Ok(chosen)
}

async fn show(path: PathBuf, console: Console) -> anyhow::Result<Exit> {
    if !path.exists() {
        let hint = "`preflight watch` makes one";
        return Err(Advice::unknown(format!("there is no history {}", path.display()), hint).into());
    }
    let history = History::open(&path).await?;
    let letters = history.open_letters().await?;
    let waiting: Vec<&Letter> = letters.iter().filter(|letter| letter.is_waiting()).collect();
    for letter in &waiting {
        let said = letter.said.as_deref().map(|said| format!(": {}", visible(said))).unwrap_or_default();
        console.say(&format!(
            "{}  {:<16} {}, {}{said}",
            letter.due.strftime("%F %H:%M:%SZ"),
            letter.channel,
            letter.about(),
            number(usize::try_from(letter.attempts).unwrap_or_default(), "attempt"),
        ));
    }
    if console.json() {
        console.give(&serde_json::to_string_pretty(&waiting)?);
    }
    if waiting.is_empty() {
        console.say("no alert waits");
    }
    Ok(if waiting.is_empty() { Exit::Kept } else { Exit::Broken })
}
