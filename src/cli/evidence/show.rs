//! `preflight evidence show`: one entry, and the record that it rests on.

use clap::Args;
use serde_json::json;

use crate::cli::args::Common;
use crate::cli::console::Console;
use crate::cli::evidence::{ledger, nothing_there};
use crate::cli::exit::{Advice, Exit};
use crate::domain::entry::Entry;
use crate::domain::record::Record;
use crate::report::{evidence, terminal};

/// Which one.
#[derive(Args, Clone, Debug)]
pub struct Show {
    /// An entry's sequence, or a record's id (both are in `preflight evidence list`)
    #[arg(value_name = "SEQUENCE|RECORD-ID")]
    pub which: String,
}

pub fn run(common: &Common, args: &Show, console: Console) -> anyhow::Result<Exit> {
    let ledger = ledger(common)?;
    let history = ledger.read()?.history;
    if history.entries.is_empty() {
        return Err(nothing_there(&ledger).into());
    }
    let record = format!("records/{}.json", args.which.trim_start_matches("records/").trim_end_matches(".json"));
    let entries: Vec<&Entry> = match args.which.parse::<u64>() {
        Ok(sequence) => history.entries.iter().filter(|entry| entry.sequence == sequence).collect(),
        Err(_) => history
            .entries
            .iter()
            .filter(|entry| entry.evidence().is_some_and(|shown| shown.record == record))
            .collect(),
    };
    let Some(first) = entries.first() else {
        let message = format!("no entry of {} is `{}`", ledger.path().display(), args.which);
        return Err(Advice::new(message, "`preflight evidence list` names them").into());
    };
    // All entries of one record stand on the same file.
    let record: Option<Result<Record, _>> = first.evidence().map(|shown| ledger.record(shown));
    let (record, lost) = match record {
        Some(Ok(record)) => (Some(record), None),
        Some(Err(error)) => (None, Some(error)),
        None => (None, None),
    };
    if console.json() {
        console.give(&serde_json::to_string_pretty(&json!({ "entries": entries, "record": record }))?);
    } else {
        for entry in &entries {
            console.give(&evidence::entry(entry)?);
        }
        if let Some(record) = &record {
            console.give(&match evidence::details(record) {
                Some(details) => details,
                None => terminal::run(record, console.style()),
            });
        }
    }
    match lost {
        // The entry is there, and proves nothing.
        Some(error) => Err(Advice::unknown(
            error.to_string(),
            error.hint().unwrap_or_else(|| "`preflight evidence verify` says what else is wrong".to_owned()),
        )
        .into()),
        None => Ok(Exit::Kept),
    }
}
