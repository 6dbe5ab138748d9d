//! `preflight webhook attack`: a conformance suite against any webhook receiver, in any language.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json_path::JsonPath;
use url::Url;

use crate::adapter::client::{Client, Options, Safety};
use crate::adapter::delivery::Clearance;
use crate::adapter::environment::Environment;
use crate::adapter::halt::{self, Halt};
use crate::adapter::ledger::Ledger;
use crate::adapter::observer::{self, Observer};
use crate::adapter::workspace::Workspace;
use crate::adapter::{clock, schemes};
use crate::cli::args::Common;
use crate::cli::console::Console;
use crate::cli::exit::{Advice, Exit};
use crate::cli::webhook::bytes;
use crate::cli::{command, flip, home, outputs};
use crate::domain::integration::Name;
use crate::domain::inventory;
use crate::domain::nearest::nearest;
use crate::domain::receiver::cases;
use crate::domain::record::Outcome;
use crate::domain::secret::Redactor;
use crate::domain::suite::Suite;
use crate::domain::target::Target;
use crate::engine::attack::clearance::{clear, owner};
use crate::engine::attack::evidence::{of_suite, shown};
use crate::engine::attack::prepare::{self, Wish, prepare};
use crate::engine::attack::{Order, perform};
use crate::engine::evidence::Frame;
use crate::report::{json, terminal};

/// Which receiver, and how it is looked at.
#[derive(Args, Clone, Debug)]
pub struct Attack {
    /// The receiver's address
    #[arg(value_name = "URL", value_parser = address)]
    pub url: Url,
    /// A known scheme, or a YAML file that describes one
    #[arg(long, value_name = "NAME|FILE")]
    pub scheme: String,
    /// The environment variable that holds the signing secret
    #[arg(long, value_name = "NAME")]
    pub secret_env: String,
    /// The body to deliver [default: a small event of the sender]
    #[arg(long, value_name = "FILE")]
    pub event: Option<PathBuf>,
    /// The event's name, where it stands in a header [default: the usual event's]
    #[arg(long, value_name = "NAME")]
    pub topic: Option<String>,
    /// Where the number of effects so far is read, with --observe-path or --observe-header
    #[arg(long, value_name = "URL", value_parser = address, conflicts_with = "observe_command")]
    pub observe: Option<Url>,
    /// JSONPath of the number in that answer; a list is counted
    #[arg(long, value_name = "PATH", requires = "observe", conflicts_with = "observe_header")]
    pub observe_path: Option<String>,
    /// The header that holds the number: of that answer, or of the receiver's own where there is no --observe
    #[arg(long, value_name = "NAME")]
    pub observe_header: Option<String>,
    /// A command line that prints the number of effects so far
    #[arg(long, value_name = "CMD", conflicts_with = "observe_header")]
    pub observe_command: Option<String>,
    /// The environment variable that holds a bearer token for --observe
    #[arg(long, value_name = "NAME", requires = "observe")]
    pub observe_token_env: Option<String>,
    /// The environment variable that holds the verify token of hub.challenge
    #[arg(long, value_name = "NAME")]
    pub verify_token_env: Option<String>,
    /// The environment that the receiver is part of: its readiness is what the evidence is for
    #[arg(long, value_name = "ENVIRONMENT")]
    pub env: Option<String>,
    /// Whose deliveries it receives [default: the integration called like the scheme]
    #[arg(long, value_name = "NAME")]
    pub integration: Option<String>,
    /// Only these cases; what they show is partial
    #[arg(long, value_name = "CASE", value_delimiter = ',')]
    pub only: Vec<String>,
    /// Milliseconds that an answer may take [default: as the sender documents]
    #[arg(long, value_name = "MS", value_parser = clap::value_parser!(u64).range(1..=120_000))]
    pub deadline: Option<u64>,
    /// Milliseconds that an effect may take to be counted
    #[arg(long, default_value_t = 2000, value_name = "MS", value_parser = clap::value_parser!(u64).range(0..=120_000))]
    pub settle: u64,
    /// Seconds that a receiver which throttles may ask to wait
    #[arg(long, default_value_t = 10, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(0..=600))]
    pub patience: u64,
    /// Deliveries a second at most
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub rate: Option<u32>,
    /// Ends with floods: right deliveries for a second at this rate, and ten times as many
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = "10", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub flood: Option<u32>,
    /// Pairs of answers whose times are compared; 0 for none
    #[arg(long, default_value_t = 60, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=10_000))]
    pub timing: u32,
}

fn address(text: &str) -> Result<Url, String> {
    let url = Url::parse(text)
        .map_err(|error| format!("{error}; write it with its scheme, as in http://localhost:3000/hook"))?;
    if matches!(url.scheme(), "http" | "https") && url.has_host() {
        Ok(url)
    } else {
        Err("use http:// or https://".to_owned())
    }
}

/// Runs the verb.
///
/// # Errors
/// The scheme, a variable or a file is not there; the receiver may not be attacked; nobody counts who should.
pub async fn run(common: &Common, args: &Attack, console: Console) -> anyhow::Result<Exit> {
    let advise = |error: prepare::PrepareError| Advice::new(error.to_string(), error.hint());
    let scheme = schemes::find(&home::here()?, &args.scheme)?;
    known_cases(&args.only)?;
    let workspace = home::workspace(common)?.coherent()?;
    let environment = match &args.env {
        Some(name) => flip::environment(&workspace, name)?,
        None => std::sync::Arc::new(Environment::load(None, "", &inventory::Environment::default())?),
    };
    let secret = variable(&environment, &args.secret_env)?;
    let verify_token = args.verify_token_env.as_deref().map(|name| variable(&environment, name)).transpose()?;
    let observe_token = args.observe_token_env.as_deref().map(|name| variable(&environment, name)).transpose()?;
    let mut redactor = command::redactor(&workspace, &Redactor::default());
    for hidden in [Some(&secret), verify_token.as_ref(), observe_token.as_ref()].into_iter().flatten() {
        redactor.hide(hidden.expose_secret());
    }
    let place = args.env.as_ref().map(|_| environment.as_ref());
    belongs(&workspace, place, &args.url)?;
    let ledger = Ledger::new(&outputs::folder(common, &workspace));
    let clearance = clear(&workspace, place, &ledger, &redactor, &args.url).map_err(|reason| {
        let hint =
            "preflight approve webhooks \"POST /path\" --env E --by NAME --why TEXT --until DATE (docs/guide.md)";
        Advice::new(format!("{} may not be attacked: {reason}", told(&args.url)), hint)
    })?;
    let body = args.event.as_deref().map(bytes).transpose()?;
    let observer = watch(args, observe_token.as_ref())?;
    if let Some(observer) = observer.as_ref().filter(|observer| observer.own_header().is_none()) {
        observer.count().await.map_err(|error| {
            let hint =
                "nothing was sent; the count is asked for before and after each case, so it must answer with a number";
            Advice::unknown(error.to_string(), hint)
        })?;
    }
    let started = clock::now();
    let wish =
        Wish { scheme, secret, url: args.url.clone(), body, topic: args.topic.clone(), verify_token, now: started };
    let (crafter, traits, sender) = prepare(&workspace, &environment, wish).map_err(advise)?;
    let order = Order {
        integration: integration(&workspace, args, &crafter.scheme.name)?,
        client: client(&clearance, &args.url)?,
        crafter,
        traits,
        clearance,
        only: args.only.clone(),
        deadline: Duration::from_millis(args.deadline.unwrap_or(sender.deadline_ms)),
        sender,
        settle: Duration::from_millis(args.settle),
        patience: Duration::from_secs(args.patience),
        rate: args.rate,
        flood: args.flood,
        timing: args.timing,
        redactor: redactor.clone(),
    };
    let halt = Halt::default();
    let listener = tokio::spawn(listen(halt.clone(), console));
    let suite = perform(&order, observer, halt.clone()).await;
    listener.abort();
    let frame = Frame {
        tool: outputs::TOOL.to_owned(),
        command: command::redacted(&workspace, &redactor),
        target: Target::Live,
        environment: args.env.clone(),
        started,
        finished: clock::now(),
        seed: 0,
        interrupted: halt.is_called(),
        partial: !args.only.is_empty(),
    };
    seal(&workspace, &ledger, frame, suite, console)
}

/// Record and evidence; what was found is said before anything can fail.
fn seal(workspace: &Workspace, ledger: &Ledger, frame: Frame, suite: Suite, console: Console) -> anyhow::Result<Exit> {
    let exit = match suite.outcome() {
        Outcome::Broken => Exit::Broken,
        Outcome::Kept if !frame.interrupted => Exit::Kept,
        _ => Exit::Unknown,
    };
    console.say(&terminal::suite::draw(&suite, console.style()));
    let named = suite.integration.is_some();
    let mut record = of_suite(workspace, frame, suite);
    let evidence = shown(&record, exit.code());
    let appended = ledger.append(&mut record, evidence, clock::now());
    if console.json() {
        console.give(&json::record(&record)?);
    }
    let path = appended?;
    if !named {
        console.say("no integration of the workspace is called like the scheme: --integration NAME makes it evidence");
    } else if record.environment.is_none() {
        console.say("it speaks for no environment: --env makes it evidence of one");
    }
    console.say(&format!("written: {}", path.display()));
    Ok(exit)
}

fn known_cases(only: &[String]) -> Result<(), Advice> {
    let Some(name) = only.iter().find(|name| cases::named(name).is_none()) else { return Ok(()) };
    let known: Vec<&str> = cases::all().map(|case| case.name).collect();
    let hint = match nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are {}", known.join(", ")),
    };
    Err(Advice::new(format!("there is no case `{name}`"), hint))
}

fn variable(environment: &Environment, name: &str) -> anyhow::Result<SecretString> {
    environment.variable(name)?.ok_or_else(|| {
        let place = if environment.name().is_empty() { "your shell" } else { environment.name() };
        Advice::new(format!("{name} has no value in {place}"), format!("set it: {name}=… preflight webhook attack …"))
            .into()
    })
}

/// A receiver that is no part of an environment shows nothing of it.
fn belongs(workspace: &Workspace, environment: Option<&Environment>, url: &Url) -> anyhow::Result<()> {
    let Some(environment) = environment else { return Ok(()) };
    if owner(workspace, environment, url).is_some() {
        return Ok(());
    }
    let name = environment.name();
    let hint = format!(
        "name it under environments.{name}.base_urls in preflight.yaml, or leave --env out: it is no evidence then"
    );
    Err(Advice::new(format!("{} is no part of {name}: no base URL there leads to it", told(url)), hint).into())
}

fn integration(workspace: &Workspace, args: &Attack, scheme: &str) -> anyhow::Result<Option<Name>> {
    let known = &workspace.inventory.integrations;
    let Some(named) = &args.integration else {
        let name = scheme.parse::<Name>().ok();
        return Ok(name.filter(|name| known.contains_key(name)));
    };
    let name: Name = named.parse()?;
    if known.contains_key(&name) {
        return Ok(Some(name));
    }
    let near = nearest(named, known.keys().map(Name::as_str)).map(|near| format!("did you mean `{near}`? "));
    let hint = format!("{}preflight.yaml lists them under integrations", near.unwrap_or_default());
    Err(Advice::new(format!("there is no integration `{named}`"), hint).into())
}

fn watch(args: &Attack, token: Option<&SecretString>) -> anyhow::Result<Option<Observer>> {
    let client = || Client::new(Options { timeout: Duration::from_secs(5), ..Options::new(Safety::SafeOnly) });
    Ok(match (&args.observe, &args.observe_path, &args.observe_header, &args.observe_command) {
        (Some(url), Some(path), None, None) => {
            let path = JsonPath::parse(path)
                .map_err(|error| Advice::new(format!("`{path}` is no JSONPath: {error}"), "write it as in $.count"))?;
            Some(Observer::Path { client: client()?, request: observer::question(url, token), path })
        }
        (Some(url), None, Some(name), None) => {
            Some(Observer::Header { client: client()?, request: observer::question(url, token), name: name.clone() })
        }
        (Some(_), ..) => {
            let hint = "add --observe-path '$.count', or --observe-header NAME";
            return Err(Advice::new("--observe says where to look, and not at what", hint).into());
        }
        (None, _, Some(name), _) => Some(Observer::Answers(name.clone())),
        (None, _, None, Some(line)) => Some(Observer::Command(line.clone())),
        (None, _, None, None) => None,
    })
}

/// One on this machine is asked without proxies, and a stranger as any live service.
fn client(clearance: &Clearance, url: &Url) -> anyhow::Result<Client> {
    let plain = clearance.approval.is_none() && url.scheme() == "http";
    let safety = if plain { Safety::Anything } else { Safety::SafeOnly };
    Ok(Client::new(Options { most_bytes: 512 * 1024, ..Options::new(safety) })?)
}

fn told(url: &Url) -> String {
    format!("{}{}", url.origin().ascii_serialization(), url.path())
}

/// The first Ctrl-C ends the suite, and what it found so far is written.
async fn listen(halt: Halt, console: Console) {
    halt::asked_for().await;
    halt.call();
    console.say("stopping: what was found so far is written");
}
