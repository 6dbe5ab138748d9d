//! `preflight steps`: every sentence that a contract may use.

use crate::cli::args::Steps;
use crate::cli::console::Console;
use crate::cli::exit::{Advice, Exit};
use crate::engine::sentences;

/// Runs the verb.
///
/// # Errors
/// No sentence holds the text.
pub fn run(args: &Steps, console: Console) -> anyhow::Result<Exit> {
    let chosen = sentences::choose(args.containing.as_deref());
    if chosen.is_empty() {
        return Err(Advice::new("no sentence holds that text", "`preflight steps` lists them all").into());
    }
    console.give(&if args.markdown { sentences::markdown(&chosen) } else { sentences::plain(&chosen) });
    Ok(Exit::Kept)
}
