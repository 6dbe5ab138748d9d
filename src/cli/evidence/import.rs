//! `preflight evidence import`: another tool's report as declared evidence.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::adapter::clock;
use crate::adapter::files;
use crate::adapter::ledger::Ledger;
use crate::adapter::workspace::Workspace;
use crate::cli::args::Common;
use crate::cli::command;
use crate::cli::console::Console;
use crate::cli::exit::{Advice, Exit};
use crate::cli::home;
use crate::cli::outputs;
use crate::domain::import::{Format, Told};
use crate::domain::integration::Name;
use crate::domain::moment::Moment;
use crate::domain::nearest::nearest;
use crate::domain::readiness::Criterion;
use crate::domain::record::Outcome;
use crate::domain::secret::Redactor;
use crate::engine::import::{self, Declared, Source};
use crate::report::{evidence, json};

/// Which file, what it is, and what for.
#[derive(Args, Clone, Debug)]
pub struct Import {
    /// The report
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// What it is
    #[arg(long = "as", value_enum, value_name = "FORMAT")]
    pub format: As,
    /// The integration that it is about
    #[arg(long, value_name = "NAME")]
    pub integration: String,
    /// The criterion that it speaks for
    #[arg(long, value_parser = criterion, value_name = "CRITERION")]
    pub criterion: Criterion,
    /// The environment that it is about; none for contract-twin
    #[arg(long, value_name = "ENVIRONMENT")]
    pub env: Option<String>,
    /// Who declares it
    #[arg(long, value_name = "WHO", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub by: String,
    /// When the work that it reports ended, where the file does not tell: a time with its zone
    #[arg(long, value_name = "TIME")]
    pub finished: Option<Moment>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum As {
    Junit,
    Har,
    K6,
    Playwright,
}

fn criterion(text: &str) -> Result<Criterion, String> {
    let words = || Criterion::ALL.into_iter().map(Criterion::as_str);
    let found = Criterion::ALL.into_iter().find(|criterion| criterion.as_str() == text);
    found.ok_or_else(|| format!("use one of {}", words().collect::<Vec<_>>().join(", ")))
}

/// Runs the verb; it answers for what the report says.
pub fn run(common: &Common, args: &Import, console: Console) -> anyhow::Result<Exit> {
    let workspace = home::workspace(common)?.coherent()?;
    let integration = integration(&workspace, &args.integration)?;
    environment(&workspace, args)?;
    let bytes = files::read(&args.file)?;
    let format = args.format.into();
    let told = import::read(format, &bytes).map_err(|error| {
        let hint = "name what the file is: --as junit, har, k6 or playwright";
        Advice::new(format!("{}: {error}", args.file.display()), hint)
    })?;
    let now = clock::now();
    let (started, finished) = times(args, &told, now)?;
    let redactor = command::redactor(&workspace, &Redactor::default());
    let source = Source {
        format,
        file: redactor.body(&args.file.display().to_string()),
        integration,
        criterion: args.criterion,
        by: redactor.body(args.by.trim()),
    };
    let declared = Declared {
        tool: outputs::TOOL.to_owned(),
        command: command::redacted(&workspace, &Redactor::default()),
        environment: args.env.clone(),
        started,
        finished,
        now,
    };
    let taken = import::import(source, told, &bytes, &|text| redactor.body(text));
    let exit = match taken.outcome {
        Outcome::Kept => Exit::Kept,
        Outcome::Broken => Exit::Broken,
        Outcome::Unasked | Outcome::Untested => Exit::Unknown,
    };
    let mut record = import::record(&workspace, declared, taken.clone());
    let shown = import::shown(&record, &taken, exit.code());
    let path = Ledger::new(&outputs::folder(common, &workspace)).append(&mut record, vec![shown], now)?;
    if console.json() {
        console.give(&json::record(&record)?);
    }
    console.say(&evidence::details(&record).unwrap_or_default());
    console.say(&format!(
        "declared evidence colours no cell green unless the policy accepts it\nwritten: {}",
        path.display()
    ));
    Ok(exit)
}

fn integration(workspace: &Workspace, text: &str) -> anyhow::Result<Name> {
    let known = workspace.inventory.integrations.keys();
    if let Some(name) = known.clone().find(|name| name.as_str() == text) {
        return Ok(name.clone());
    }
    let near = nearest(text, known.clone().map(Name::as_str)).map(|near| format!("did you mean `{near}`? "));
    let names: Vec<_> = known.map(Name::as_str).collect();
    let hint = format!("{}preflight.yaml declares {}", near.unwrap_or_default(), names.join(", "));
    Err(Advice::new(format!("there is no integration `{text}`"), hint).into())
}

fn environment(workspace: &Workspace, args: &Import) -> anyhow::Result<()> {
    let known: Vec<_> = workspace.inventory.environments.keys().map(String::as_str).collect();
    let hint = format!("--env takes one of: {}", known.join(", "));
    match (&args.env, args.criterion) {
        (Some(_), Criterion::ContractTwin) => {
            Err(Advice::new("what a twin answers holds for no environment", "leave --env out").into())
        }
        (None, Criterion::ContractTwin) => Ok(()),
        (None, criterion) => Err(Advice::new(format!("{criterion} is judged for each environment"), hint).into()),
        (Some(name), _) if known.contains(&name.as_str()) => Ok(()),
        (Some(name), _) => Err(Advice::new(format!("there is no environment `{name}`"), hint).into()),
    }
}

/// When the work was done: as the file tells, else as it is said. Never guessed, and never in the future.
fn times(args: &Import, told: &Told, now: jiff::Timestamp) -> anyhow::Result<(jiff::Timestamp, jiff::Timestamp)> {
    let said = args.finished.map(Moment::start);
    let file = args.file.display();
    let Some(finished) = told.finished.or(said) else {
        let hint = "say it: --finished 2026-11-20T09:00Z";
        return Err(Advice::new(format!("{file} does not tell when the work ended"), hint).into());
    };
    if let (Some(tells), Some(says)) = (told.finished, said)
        && tells != says
    {
        let message = format!("{file} tells that the work ended at {tells}, and --finished says {says}");
        return Err(Advice::new(message, "leave --finished out").into());
    }
    let started = told.started.unwrap_or(finished);
    if started > now || finished > now {
        let message = format!("{file} is dated in the future: {finished}, and now is {now}");
        return Err(Advice::new(message, "set the clock right that wrote it, or this one").into());
    }
    Ok((started, finished))
}

impl From<As> for Format {
    fn from(format: As) -> Self {
        match format {
            As::Junit => Self::Junit,
            As::Har => Self::Har,
            As::K6 => Self::K6,
            As::Playwright => Self::Playwright,
        }
    }
}
