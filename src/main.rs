//! Parse, run, show one error, exit.

use std::process::ExitCode;

use clap::Parser as _;
use preflight::cli::args::Cli;

/// A run allocates much and briefly, on several threads: a tenth of its time is the allocator's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    preflight::cli::run(Cli::parse()).into()
}
