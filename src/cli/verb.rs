//! From what was typed to the verb that does it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use clap::CommandFactory as _;

use crate::cli::args::{Check, Cli, Verb};
use crate::cli::console::Console;
use crate::cli::exit::Exit;
use crate::cli::{
    alert, approve, blockers, check, evidence, exit, flags, flip, gate, gauntlet, init, lint, merge, probe, prove,
    report, secrets, serve, steps, waive, watch, webhook,
};

/// Runs what the user typed.
pub fn run(cli: Cli) -> Exit {
    let console = Console::new(&cli.common);
    exit::hide_panics();
    let ended = catch_unwind(AssertUnwindSafe(|| perform(cli, console)));
    // A defect is no answer: neither kept nor broken.
    ended.map_or(Exit::CouldNotRun, |ended| ended.unwrap_or_else(|error| exit::report(&error)))
}

fn perform(cli: Cli, console: Console) -> anyhow::Result<Exit> {
    let runtime = || tokio::runtime::Builder::new_multi_thread().enable_all().build();
    match cli.verb.unwrap_or_else(|| Verb::Check(Check::unasked())) {
        Verb::Check(args) => runtime()?.block_on(check::run(&cli.common, &args, console)),
        Verb::Probe(args) => runtime()?.block_on(probe::run(&cli.common, &args, console)),
        Verb::Watch(args) => runtime()?.block_on(watch::run(&cli.common, &args, console)),
        Verb::Alert(args) => runtime()?.block_on(alert::run(&cli.common, &args, console)),
        Verb::Prove(args) => runtime()?.block_on(prove::run(&cli.common, &args, console)),
        Verb::Flip(args) => runtime()?.block_on(flip::run(&cli.common, &args, console)),
        Verb::Gauntlet(args) => runtime()?.block_on(gauntlet::run(&cli.common, &args, console)),
        Verb::Serve(args) => runtime()?.block_on(serve::run(&cli.common, &args, console)),
        Verb::Secrets(args) => runtime()?.block_on(secrets::run(&cli.common, &args, console)),
        Verb::Webhook(args) => runtime()?.block_on(webhook::run(&cli.common, &args, console)),
        Verb::Merge(args) => merge::run(&cli.common, &args, console),
        Verb::Report(args) => report::run(&cli.common, &args, console),
        Verb::Approve(args) => approve::run(&cli.common, &args, console),
        Verb::Waive(args) => waive::run(&cli.common, &args, console),
        Verb::Blockers(args) => blockers::run(&cli.common, &args, console),
        Verb::Gate(args) => gate::run(&cli.common, &args, console),
        Verb::Evidence(args) => evidence::run(&cli.common, &args, console),
        Verb::Steps(args) => steps::run(&args, console),
        Verb::Flags(args) => runtime()?.block_on(flags::run(&cli.common, &args, console)),
        Verb::Lint => lint::run(&cli.common, console),
        Verb::Init(args) => init::run(&args, console),
        Verb::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "preflight", &mut script);
            console.give(&String::from_utf8_lossy(&script));
            Ok(Exit::Kept)
        }
    }
}
