//! Parse, run, show one error, exit.

use std::process::ExitCode;

use clap::Parser as _;
use preflight::cli::args::Cli;

fn main() -> ExitCode {
    preflight::cli::run(Cli::parse()).into()
}
