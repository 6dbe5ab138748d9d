//! `preflight webhook schemes`: the signature schemes that are known.

use clap::Args;

use crate::adapter::schemes::find;
use crate::cli::console::Console;
use crate::cli::exit::Exit;
use crate::cli::home;
use crate::engine::webhook::table::{description, markdown, plain};

/// Which scheme.
#[derive(Args, Clone, Debug)]
pub struct Schemes {
    /// Prints the description of this one, from which another can be made
    #[arg(value_name = "NAME|FILE")]
    pub name: Option<String>,
    /// Markdown, as in docs/schemes.md
    #[arg(long, conflicts_with = "name")]
    pub markdown: bool,
}

/// Runs the verb.
///
/// # Errors
/// There is no such scheme.
pub fn run(args: &Schemes, console: Console) -> anyhow::Result<Exit> {
    let page = match &args.name {
        Some(name) => {
            let scheme = find(&home::here()?, name)?;
            if console.json() { serde_json::to_string_pretty(scheme.as_ref())? } else { description(&scheme) }
        }
        None if args.markdown => markdown(),
        None => plain(),
    };
    console.give(&page);
    Ok(Exit::Kept)
}
