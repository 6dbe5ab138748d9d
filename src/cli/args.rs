//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use gherkin::tagexpr::TagOperation;
use regex::Regex;

use crate::cli::alert::Alert;
use crate::cli::approve::Approve;
use crate::cli::blockers::Blockers;
use crate::cli::evidence::Evidence;
use crate::cli::flags::Flags;
use crate::cli::flip::Flip;
use crate::cli::gate::Gate;
use crate::cli::gauntlet::Gauntlet;
use crate::cli::merge::Merge;
use crate::cli::probe::Probe;
use crate::cli::prove::Prove;
use crate::cli::secrets::Secrets;
use crate::cli::waive::Waive;
use crate::cli::watch::Watch;
use crate::cli::webhook::Webhook;
use crate::domain::shard::Share;
use crate::domain::target::Target;

/// Contracts, twins, evidence and readiness for the third-party services that an app lives on.
///
/// Exit codes: 0 all promises kept (or GO) · 1 a promise is broken (or NO-GO) · 2 could not run · 3 unknown: nothing ran,
/// or something could not be asked.
#[derive(Debug, Parser)]
#[command(name = "preflight", version, max_term_width = 100, disable_help_subcommand = true)]
pub struct Cli {
    #[command(flatten)]
    pub common: Common,
    #[command(subcommand)]
    pub verb: Option<Verb>,
}

/// What every verb takes.
#[derive(Args, Clone, Debug)]
pub struct Common {
    /// The workspace: a folder with preflight.yaml, or that file [default: found from here upwards, else what is shipped]
    #[arg(short, long, global = true, value_name = "PATH")]
    pub workspace: Option<PathBuf>,
    /// Where records, the ledger and dashboards are written [default: reports/ in the workspace]
    #[arg(long, global = true, value_name = "DIR")]
    pub reports: Option<PathBuf>,
    /// Says nothing but errors
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Prints JSON for programs on stdout
    #[arg(long, global = true)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Runs contracts against their twins or the live services, and draws readiness (the default verb)
    Check(Check),
    /// Asks services for their health, once
    Probe(Probe),
    /// Asks services for their health again and again, and keeps a history, incidents and their states
    Watch(Watch),
    /// Tests the channels of alerts, and shows what waits to be sent
    Alert(Alert),
    /// Mutates the answers of the twins, and shows which promises bite and what no scenario would notice
    Prove(Prove),
    /// Joins the records of the parts of one run, and draws the dashboards as a run of one piece does
    Merge(Merge),
    /// Draws the dashboards again from the ledger
    Report(Report),
    /// Lets exactly one thing be done on a live target, for a while
    Approve(Approve),
    /// Lets a launch go without one criterion, for a while
    Waive(Waive),
    /// Shows what stands in the way, how late it is, and who may be asked next
    Blockers(Blockers),
    /// Says GO, NO-GO or UNKNOWN for an environment, from the evidence that exists
    Gate(Gate),
    /// Puts a client through lessons in which the vendor misbehaves, and judges its retries from the timeline
    Gauntlet(Gauntlet),
    /// Serves the twins on fixed ports, for any client in any language
    Serve(Serve),
    /// Reads, proves, prunes and exports the ledger of evidence, and holds documents against it
    Evidence(Evidence),
    /// Says of each secret whether it is there and right, without its value; `secrets scan` looks for leaks
    Secrets(Secrets),
    /// Signs, verifies and sends webhooks as their vendors do, and attacks their receivers
    Webhook(Webhook),
    /// Prints every sentence that a contract may use
    Steps(Steps),
    /// Tells what each flag is, who reads it, and what a rollback must unset
    Flags(Flags),
    /// Switches a flag from mock to live, proves that it took effect, and proves the way back
    Flip(Flip),
    /// Says what is wrong with the workspace, without running anything
    Lint,
    /// Writes a small workspace that runs at once
    Init(Init),
    /// Prints a completion script
    Completions {
        /// The shell to complete for
        shell: Shell,
    },
}

/// What to run, and against whom.
#[derive(Args, Clone, Debug, Default)]
pub struct Check {
    /// Integrations to check [default: all that have a contract]
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// Who answers: `twin` (our model) or `live` (the vendor)
    #[arg(long, default_value = "twin", value_parser = target)]
    pub target: Target,
    /// The environment of a live target
    #[arg(long, value_name = "ENVIRONMENT")]
    pub env: Option<String>,
    /// Only scenarios whose tags satisfy this expression: "@IDP4-1 or (@slow and not @mutates)"
    #[arg(long, value_name = "EXPRESSION", value_parser = tags)]
    pub tags: Option<TagOperation>,
    /// Only scenarios whose name matches this regular expression
    #[arg(long, value_name = "REGEX")]
    pub name: Option<Regex>,
    /// Only scenarios that the last run of their contract did not keep
    #[arg(long)]
    pub rerun_failed: bool,
    /// Scenarios that run at the same time
    #[arg(long, default_value_t = 16, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub jobs: u16,
    /// Seconds that a request may take
    #[arg(long, default_value_t = 10, value_name = "SECONDS", value_parser = clap::value_parser!(u16).range(1..=3600))]
    pub timeout: u16,
    /// Stops after the first broken promise
    #[arg(long)]
    pub fail_fast: bool,
    /// Runs the i-th of n parts; `preflight merge` joins their records
    #[arg(long, value_name = "I/N", conflicts_with_all = ["watch", "rerun_failed"])]
    pub shard: Option<Share>,
    /// Runs again whenever a contract, a schema, a fixture or the workspace changes
    #[arg(long)]
    pub watch: bool,
    /// Generated ids are a function of it
    #[arg(long, default_value_t = 0, value_name = "NUMBER")]
    pub seed: u64,
}

impl Check {
    /// What `preflight` alone means.
    pub fn unasked() -> Self {
        Self { jobs: 16, timeout: 10, ..Self::default() }
    }
}

#[derive(Args, Clone, Debug)]
pub struct Report {
    /// Formats to draw
    #[arg(long, value_enum, value_delimiter = ',', default_value = "html,markdown,json,junit")]
    pub format: Vec<Format>,
    /// Judges as of this time (RFC 3339) [default: now]
    #[arg(long, value_name = "TIME")]
    pub at: Option<jiff::Timestamp>,
    /// Also says what changed since a release (a git tag), a time, or an entry of the ledger
    #[arg(long, value_name = "TAG|TIME|SEQUENCE")]
    pub since: Option<String>,
    /// Compares a dashboard that was typed by hand, in Markdown, with the evidence, and draws nothing
    #[arg(long, value_name = "FILE", conflicts_with = "format")]
    pub diff: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum Format {
    Html,
    Markdown,
    Json,
    Junit,
    Tap,
    Github,
    Badge,
    Terminal,
    // The five columns of a dashboard kept by hand
    Matrix,
    // The vendor table, scorecards, certification and evaluation
    Vendors,
    // Cucumber Messages, for its HTML formatter
    Messages,
    // OpenMetrics, for a textfile collector
    Metrics,
}

#[derive(Args, Clone, Debug)]
pub struct Serve {
    /// Twins to serve [default: all]
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// Prints what each twin models, its settings and variables, and serves nothing
    #[arg(long)]
    pub list: bool,
    /// The first port; each twin takes the next one [default: chosen by the system]
    #[arg(long, value_name = "PORT")]
    pub port: Option<u16>,
    /// Serves TLS beside plain HTTP; the certificate is made at start and its path printed
    #[arg(long)]
    pub tls: bool,
    /// Asks a real service where the twin would ask another twin: URL, or NAME=URL
    #[arg(long, value_name = "[NAME=]URL")]
    pub upstream: Vec<String>,
    /// Puts a twin into a state: NAME.SETTING=JSON ("chatwoot.version=\"4.6.0\"")
    #[arg(long, value_name = "NAME.SETTING=VALUE")]
    pub set: Vec<String>,
    /// Makes a twin misbehave: NAME=KIND, with KIND as in `status:503`, `delay:2000`, `slow-body:5000`, `reset`,
    /// `reset-in-body`, `reset-after`, `truncate`, `hang`, `invalid-json`, `content-type:text/html`, `throttle:2.0`,
    /// `throttle`
    #[arg(long, value_name = "NAME=KIND")]
    pub fault: Vec<String>,
    /// Lets the flag's twin read it where preflight.yaml keeps it in --env, again and again, as the app would
    #[arg(long, value_name = "FLAG", requires = "env")]
    pub follow: Vec<String>,
    /// The environment whose flag stores are read
    #[arg(long, value_name = "ENVIRONMENT")]
    pub env: Option<String>,
    /// Generated ids are a function of it
    #[arg(long, default_value_t = 0, value_name = "NUMBER")]
    pub seed: u64,
}

#[derive(Args, Clone, Debug)]
pub struct Steps {
    /// Only sentences that hold this text
    pub containing: Option<String>,
    /// Markdown, as in docs/steps.md
    #[arg(long)]
    pub markdown: bool,
}

#[derive(Args, Clone, Debug)]
pub struct Init {
    /// The folder to write it to
    #[arg(value_name = "FOLDER", default_value = ".")]
    pub folder: PathBuf,
}

fn target(text: &str) -> Result<Target, String> {
    match text {
        "twin" => Ok(Target::Twin),
        "live" => Ok(Target::Live),
        "replay" => Err("replay has no recordings to run against yet; use `twin` or `live`".to_owned()),
        _ => Err("use `twin` or `live`".to_owned()),
    }
}

/// Reads a tag expression.
///
/// # Errors
/// What is wrong with it.
pub fn tags(text: &str) -> Result<TagOperation, String> {
    text.parse().map_err(|error| format!("{error}; write tags with @, joined by `and`, `or`, `not` and parentheses"))
}
