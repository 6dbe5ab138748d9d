//! `preflight evidence verify`: is the ledger still what was written?

use std::path::Path;

use clap::Args;

use crate::adapter::clock;
use crate::adapter::files;
use crate::adapter::ledger::Ledger;
use crate::cli::args::Common;
use crate::cli::console::Console;
use crate::cli::evidence::{folder, nothing_there};
use crate::cli::exit::{Advice, Exit};
use crate::cli::outputs;
use crate::domain::chain::hash::Hash;
use crate::domain::ledger_audit::Verdict;
use crate::report::evidence;

/// What to hold it against.
#[derive(Args, Clone, Debug)]
pub struct Verify {
    /// A head that was remembered: 64 hex digits, or a file that holds them. Finds entries that were taken off the end
    #[arg(long, value_name = "HASH|FILE")]
    pub head: Option<String>,
}

pub fn run(common: &Common, args: &Verify, console: Console) -> anyhow::Result<Exit> {
    let folder = folder(common)?;
    let ledger = Ledger::new(&folder);
    let head = args.head.as_deref().map(head).transpose()?;
    let audit = ledger.audit(clock::now(), head)?;
    if audit.verdict == Verdict::Empty && !console.json() {
        return Err(nothing_there(&ledger).into());
    }
    if console.json() {
        console.give(&serde_json::to_string_pretty(&audit)?);
    }
    console.say(&evidence::audit(&audit, console.style()));
    if let Some(warning) = outputs::ignored(&folder) {
        console.say(&format!("warning: {warning}"));
    }
    Ok(match audit.verdict {
        Verdict::Holds => Exit::Kept,
        Verdict::Broken => Exit::Broken,
        Verdict::Doubtful | Verdict::Empty => Exit::Unknown,
    })
}

fn head(text: &str) -> anyhow::Result<Hash> {
    if let Ok(hash) = text.trim().parse() {
        return Ok(hash);
    }
    let hint = "`preflight evidence verify` prints the head to remember";
    let path = Path::new(text);
    if !path.exists() {
        return Err(Advice::new(format!("`{text}` is neither 64 hex digits nor a file that holds them"), hint).into());
    }
    let bytes = files::read(path)?;
    let words = String::from_utf8_lossy(&bytes);
    let found = words.split(|letter: char| !letter.is_ascii_alphanumeric()).find_map(|word| word.parse().ok());
    found.ok_or_else(|| Advice::new(format!("{text} holds no head of 64 hex digits"), hint).into())
}
