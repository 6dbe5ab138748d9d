//! `preflight webhook send`: signed deliveries to a receiver, as the vendor would send them.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use url::Url;

use crate::adapter::ledger::Ledger;
use crate::adapter::{clock, schemes};
use crate::cli::args::Common;
use crate::cli::console::Console;
use crate::cli::exit::{Advice, Exit};
use crate::cli::webhook::bytes;
use crate::cli::{home, outputs};
use crate::engine::webhook::delivery::key;
use crate::engine::webhook::payload::body;
use crate::engine::webhook::send::{Attempt, Round, Sent, client, post, send};

/// What to send, where, and how often.
#[derive(Args, Clone, Debug)]
pub struct Send {
    /// The receiver
    #[arg(value_name = "URL")]
    pub url: Url,
    /// A known scheme, or a YAML file that describes one
    #[arg(long, value_name = "NAME|FILE")]
    pub scheme: String,
    /// The event; its body is the workspace's own fixture, or made as the vendor makes it
    #[arg(long, value_name = "EVENT")]
    pub topic: String,
    /// A file with the body to send instead; `-` reads stdin
    #[arg(long, value_name = "FILE")]
    pub event: Option<PathBuf>,
    /// The body's content type [default: the vendor's]
    #[arg(long, value_name = "TYPE")]
    pub content_type: Option<String>,
    /// The variable that holds the secret or the private key [default: the scheme's usual one]
    #[arg(long, value_name = "NAME")]
    pub secret_env: Option<String>,
    /// How many deliveries, each with an id of its own
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub count: u32,
    /// Seconds between two deliveries
    #[arg(long, value_name = "SECONDS", default_value_t = 0.0, value_parser = seconds)]
    pub every: f64,
    /// Sends again what fails, as often and as late as the vendor does
    #[arg(long)]
    pub retry: bool,
    /// Shortens the vendor's waits by this factor
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0, requires = "retry", value_parser = factor)]
    pub speed: f64,
    /// The environment whose approvals open a receiver that is not this machine
    #[arg(long, value_name = "ENVIRONMENT")]
    pub env: Option<String>,
}

fn seconds(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|number| (0.0..=86_400.0).contains(number));
    number.ok_or_else(|| "use a number of seconds, from 0 to 86400".to_owned())
}

fn factor(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|number| (1.0..=1e9).contains(number));
    number.ok_or_else(|| "use a number from 1 up".to_owned())
}

/// Runs the verb.
///
/// # Errors
/// There is no such scheme, secret or event, or the receiver may not be sent to.
pub async fn run(common: &Common, args: &Send, console: Console) -> anyhow::Result<Exit> {
    let workspace = home::workspace(common)?.coherent()?;
    let scheme = schemes::find(&home::here()?, &args.scheme)?;
    if !matches!(args.url.scheme(), "http" | "https") {
        return Err(
            Advice::new(format!("`{}` is no address of a receiver", args.url), "write http://… or https://…").into()
        );
    }
    if let Some(name) = args.env.as_deref().filter(|name| !workspace.inventory.environments.contains_key(*name)) {
        let known: Vec<&str> = workspace.inventory.environments.keys().map(String::as_str).collect();
        let hint = format!("preflight.yaml knows: {}", known.join(", "));
        return Err(Advice::new(format!("unknown environment `{name}`"), hint).into());
    }
    let key = key(&scheme, args.secret_env.as_deref())?;
    let (payload, source) = match &args.event {
        Some(path) => (bytes(path)?, path.display().to_string()),
        None => body(&workspace, &scheme, &args.topic, clock::now())
            .map_err(|error| Advice::new(error.to_string(), error.hint()))?,
    };
    let ledger = Ledger::new(&outputs::folder(common, &workspace));
    let client = client(&workspace, &ledger, args.env.as_deref(), &args.url)?;
    console.say(&format!("{} {} to {} ({} bytes, {source})", scheme.name, args.topic, args.url, payload.len()));
    let round = Round {
        scheme: &scheme,
        key: &key,
        order: post(&args.url, &args.topic, payload, args.content_type.clone()),
        count: args.count,
        every: Duration::from_secs_f64(args.every),
        retry: args.retry,
        speed: args.speed,
    };
    let sent = send(&round, &client, &|attempt| console.say(&told(attempt, args.count))).await?;
    if console.json() {
        console.give(&serde_json::to_string_pretty(&sent)?);
    }
    console.say(&summary(&sent));
    Ok(exit(&sent))
}

/// What nobody answered is not known to be refused.
fn exit(sent: &Sent) -> Exit {
    if sent.refused > 0 {
        Exit::Broken
    } else if sent.unanswered > 0 || sent.accepted == 0 {
        Exit::Unknown
    } else {
        Exit::Kept
    }
}

fn told(attempt: &Attempt, count: u32) -> String {
    let which =
        if count > 1 { format!("{}.{}", attempt.delivery, attempt.attempt) } else { attempt.attempt.to_string() };
    let came = match (attempt.status, &attempt.no_answer) {
        (Some(status), _) => status.to_string(),
        (None, Some(reason)) => reason.clone(),
        (None, None) => "no answer".to_owned(),
    };
    format!("attempt {which}: {came} in {} ms; {} (id {})", attempt.took_ms, attempt.then, attempt.id)
}

fn summary(sent: &Sent) -> String {
    format!("{} accepted, {} refused, {} without an answer", sent.accepted, sent.refused, sent.unanswered)
}
