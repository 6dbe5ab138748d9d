//! `preflight gauntlet`: what a client does when the vendor misbehaves.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use jiff::Timestamp;
use url::Url;

use crate::adapter::halt::{self, Halt};
use crate::adapter::ledger::Ledger;
use crate::adapter::workspace::Workspace;
use crate::adapter::{clock, plans};
use crate::cli::args::{Common, Format};
use crate::cli::console::Console;
use crate::cli::exit::{Advice, Exit};
use crate::cli::{command, home, outputs};
use crate::domain::gauntlet::GauntletRun;
use crate::domain::integration::Name;
use crate::domain::lesson::plan::{HEALTHY, Plan};
use crate::domain::lesson::{Aim, Lesson};
use crate::domain::nearest::nearest;
use crate::domain::target::Target;
use crate::engine::evidence::Frame;
use crate::engine::gauntlet::client::Client;
use crate::engine::gauntlet::house::{Furniture, House};
use crate::engine::gauntlet::{Order, evidence, run as play};
use crate::engine::twins;
use crate::report::{json, terminal};

/// Whose client, by which plan.
#[derive(Args, Clone, Debug)]
pub struct Gauntlet {
    /// The integration whose vendor misbehaves
    #[arg(value_name = "NAME")]
    pub name: String,
    /// A plan of your own; `extends: default` adds to the shipped one
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
    /// Only these lessons; the evidence is partial then
    #[arg(long, value_name = "LESSON", value_delimiter = ',')]
    pub lesson: Vec<String>,
    /// Prints the lessons, and plays none
    #[arg(long)]
    pub list: bool,
    /// Strikes only these requests: a method, the beginning of a path, or both ("POST /admin/api")
    #[arg(long, value_name = "REQUEST")]
    pub on: Option<Aim>,
    /// Seconds that the command may take for each lesson, from its first request on
    #[arg(long, default_value_t = 8, value_name = "SECONDS", value_parser = clap::value_parser!(u16).range(1..=3600))]
    pub within: u16,
    /// Attempts that one call may make at most [default: the plan's]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub attempts: Option<u32>,
    /// Seconds that the client may wait for an answer [default: the plan's]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u16).range(1..=3600))]
    pub patience: Option<u16>,
    /// Divides the waits that the twin asks for and the time that its failures last
    #[arg(long, default_value_t = 1.0, value_name = "FACTOR", value_parser = speed)]
    pub speed: f64,
    /// Lessons at the same time
    #[arg(long, default_value_t = 12, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=128))]
    pub jobs: u16,
    /// Serves TLS beside plain HTTP, and gives the client that address
    #[arg(long)]
    pub tls: bool,
    /// For a client that is running already: listens here, and plays one lesson after the other
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    pub listen: Option<u16>,
    /// Passes on what is not struck to the real service, instead of answering as its twin
    #[arg(long, value_name = "URL", value_parser = upstream)]
    pub proxy: Option<Url>,
    /// Generated ids are a function of it
    #[arg(long, default_value_t = 0, value_name = "NUMBER")]
    pub seed: u64,
    /// The client; `{url}`, `{tls_url}`, `{host}` and `{port}` in its words are the twin's
    #[arg(last = true, value_name = "CMD")]
    pub command: Vec<String>,
}

fn speed(text: &str) -> Result<f64, String> {
    let factor = text.parse::<f64>().ok().filter(|factor| (0.01..=1000.0).contains(factor));
    factor.ok_or_else(|| "use a number from 0.01 to 1000".to_owned())
}

fn upstream(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("{error}; write it with its scheme, as in https://host"))?;
    if matches!(url.scheme(), "http" | "https") { Ok(url) } else { Err("use http:// or https://".to_owned()) }
}

/// Runs the verb.
///
/// # Errors
/// The plan cannot be read, the client cannot be started, a port is taken, or the record cannot be written.
pub async fn run(common: &Common, args: &Gauntlet, console: Console) -> anyhow::Result<Exit> {
    let workspace = home::workspace(common)?.coherent()?;
    let plan = plans::read(args.plan.as_deref())?;
    let integration = integration(&workspace, &plan, args)?;
    let lessons = lessons(&plan, args)?;
    if args.list {
        console.give(&terminal::gauntlet::list(&lessons, console.style()));
        return Ok(Exit::Kept);
    }
    let client = client(args)?;
    let folder = outputs::folder(common, &workspace);
    let certificate = folder.join("gauntlet-certificate.pem");
    let furniture = Furniture {
        plan: &plan,
        upstream: args.proxy.clone(),
        certificate: (args.tls || client.wants_tls()).then_some(certificate.as_path()),
        seed: args.seed,
    };
    let mut house = House::build(&workspace, integration, &furniture)?;
    // The client has the user's environment, and may say or send what stands in it.
    house.redactor = command::redactor(&workspace, &house.redactor);
    let halt = Halt::default();
    let listener = tokio::spawn({
        let (halt, asked) = (halt.clone(), halt::asked_for());
        async move {
            asked.await;
            halt.call();
        }
    });
    say_beginning(&lessons, args, console);
    let started = clock::now();
    let order = Order {
        plan,
        lessons,
        client,
        within: Duration::from_secs(args.within.into()),
        jobs: args.jobs.into(),
        speed: args.speed,
        halt: halt.clone(),
        told: Arc::new(move |lesson| console.say(&terminal::gauntlet::line(lesson, console.style()))),
    };
    let played = play(&house, &order).await;
    listener.abort();
    let redacted = |word: &String| house.redactor.body(word);
    let line = (!args.command.is_empty()).then(|| args.command.iter().map(redacted).collect());
    let run = GauntletRun { client: line, ..played? };
    let frame = Frame {
        tool: outputs::TOOL.to_owned(),
        command: command::redacted(&workspace, &house.redactor),
        target: Target::Twin,
        environment: None,
        started,
        finished: clock::now(),
        seed: args.seed,
        interrupted: halt.is_called(),
        partial: !args.lesson.is_empty() || args.on.is_some(),
    };
    seal(common, &workspace, frame, &run, console)
}

/// Record, evidence and dashboard.
fn seal(
    common: &Common,
    workspace: &Workspace,
    frame: Frame,
    run: &GauntletRun,
    console: Console,
) -> anyhow::Result<Exit> {
    let exit = exit(run).or_unknown(frame.interrupted);
    console.say(&terminal::gauntlet::summary(run, console.style()));
    let folder = outputs::folder(common, workspace);
    let ledger = Ledger::new(&folder);
    let mut record = evidence::record(workspace, frame, run.clone());
    let shown = evidence::shown(&record, run, exit.code());
    let now: Timestamp = clock::now();
    let appended = ledger.append(&mut record, vec![shown], now);
    if console.json() {
        console.give(&json::record(&record)?);
    }
    let path = appended?;
    let drawn = outputs::draw_fresh(workspace, &ledger, record, now)?;
    let written = drawn.write(&folder, &[Format::Html, Format::Json], now)?;
    for warning in &drawn.warnings {
        console.say(&format!("warning: {warning}"));
    }
    let shown: Vec<_> = written.iter().chain([&path]).map(|path| path.display().to_string()).collect();
    console.say(&format!("written: {}", shown.join("\n         ")));
    Ok(exit)
}

/// The worst lesson speaks for all.
fn exit(run: &GauntletRun) -> Exit {
    let counts = run.counts();
    if counts.broken > 0 {
        Exit::Broken
    } else if counts.unasked + counts.untested > 0 || counts.kept == 0 {
        Exit::Unknown
    } else {
        Exit::Kept
    }
}

fn integration(workspace: &Workspace, plan: &Plan, args: &Gauntlet) -> anyhow::Result<Name> {
    let known: Vec<&str> = twins::names().iter().copied().chain(plan.stand_ins.keys().map(String::as_str)).collect();
    let is_declared = workspace.inventory.integrations.keys().any(|name| name.as_str() == args.name);
    if known.contains(&args.name.as_str()) || (is_declared && args.proxy.is_some()) {
        return Ok(args.name.parse()?);
    }
    let near = nearest(&args.name, known.iter().copied()).map(|near| format!("did you mean `{near}`? "));
    let hint = format!(
        "{}there are {}; another one needs `stand_ins` in a plan (docs/file-formats.md), or --proxy URL",
        near.unwrap_or_default(),
        known.join(", ")
    );
    Err(Advice::new(format!("nothing answers for `{}`", args.name), hint).into())
}

fn lessons(plan: &Plan, args: &Gauntlet) -> anyhow::Result<Vec<Lesson>> {
    let chosen = plan.lessons_for(&args.name, &args.lesson).map_err(|error| {
        let hint = error.hint().unwrap_or_default();
        Advice::new(error.to_string(), hint)
    })?;
    let mut lessons: Vec<Lesson> = chosen.into_iter().cloned().collect();
    // What nothing misbehaves in is what all others are held against.
    if let Some(healthy) = plan.lessons.iter().find(|lesson| lesson.name == HEALTHY)
        && !lessons.iter().any(|lesson| lesson.name == HEALTHY)
    {
        lessons.insert(0, healthy.clone());
    }
    for lesson in &mut lessons {
        if let Some(aim) = &args.on {
            lesson.strikes.on.get_or_insert_with(|| aim.clone());
        }
        let expect = &mut lesson.expect;
        expect.attempts = expect.attempts.map(|planned| args.attempts.unwrap_or(planned));
        expect.gives_up_within = expect.gives_up_within.map(|planned| args.patience.map_or(planned, f64::from));
        if let (Some(seconds), Some(within)) = (expect.gives_up_within, lesson.within) {
            lesson.within = Some(within.max(seconds * 1.2));
        }
    }
    Ok(lessons)
}

fn client(args: &Gauntlet) -> anyhow::Result<Client> {
    match (args.command.is_empty(), args.listen) {
        (false, None) => Ok(Client::Command(args.command.clone())),
        (true, Some(port)) => Ok(Client::Elsewhere { port }),
        (false, Some(_)) => {
            let hint = "leave --listen out: the command is given an address of its own for each lesson";
            Err(Advice::new("a command and --listen exclude each other", hint).into())
        }
        (true, None) => {
            let hint = "write it behind `--`: preflight gauntlet NAME -- node sync.js {url}; \
                        or --listen PORT for a client that is running already";
            Err(Advice::new("no client is named", hint).into())
        }
    }
}

fn say_beginning(lessons: &[Lesson], args: &Gauntlet, console: Console) {
    let many = lessons.len();
    match args.listen {
        Some(port) => console.say(&format!(
            "{many} lessons, one after the other, at http://127.0.0.1:{port}: let the client ask there; each lasts {} s from its first request",
            args.within
        )),
        None => console.say(&format!("{many} lessons, {} at the same time", args.jobs)),
    }
}
