//! `preflight evidence list`: the entries of the ledger, the oldest first.

use clap::Args;

use crate::cli::args::Common;
use crate::cli::console::Console;
use crate::cli::evidence::{ledger, nothing_there};
use crate::cli::exit::Exit;
use crate::domain::chain::reading::Reading;
use crate::domain::entry::Entry;
use crate::domain::moment::Moment;
use crate::report::evidence;

/// Which entries.
#[derive(Args, Clone, Debug)]
pub struct List {
    /// Only those of this integration
    #[arg(long, value_name = "NAME")]
    pub integration: Option<String>,
    /// Only those of this environment; `twin` are those of none
    #[arg(long, value_name = "ENVIRONMENT")]
    pub env: Option<String>,
    /// Only those of this kind of work (`contract-run`, `import`), or of this kind of entry (`evidence`, `pruned`)
    #[arg(long, value_name = "KIND")]
    pub kind: Option<String>,
    /// Only those written since: a day, or a time with its zone
    #[arg(long, value_name = "DATE")]
    pub since: Option<Moment>,
}

pub fn run(common: &Common, args: &List, console: Console) -> anyhow::Result<Exit> {
    let ledger = ledger(common)?;
    let Reading { history, lost } = ledger.read()?;
    for lost in &lost {
        console.say(&format!(
            "warning: line {} of the ledger is no entry and was passed over: {}",
            lost.line, lost.reason
        ));
    }
    if history.entries.is_empty() {
        return Err(nothing_there(&ledger).into());
    }
    let entries: Vec<&Entry> = history.entries.iter().filter(|entry| args.takes(entry)).collect();
    if console.json() {
        console.give(&serde_json::to_string_pretty(&entries)?);
    } else {
        console.give(&evidence::list(&entries));
    }
    console.say(&format!("{} of {}", entries.len(), evidence::number_of_entries(history.entries.len())));
    Ok(Exit::Kept.or_unknown(entries.is_empty()))
}

impl List {
    fn takes(&self, entry: &Entry) -> bool {
        let shown = entry.evidence();
        let says =
            |wanted: &Option<String>, is: Option<&str>| wanted.as_deref().is_none_or(|wanted| is == Some(wanted));
        let environment = shown.map(|shown| shown.environment.as_deref().unwrap_or(shown.target.as_str()));
        let kind = self.kind.as_deref().is_none_or(|kind| {
            evidence::word(&entry.body) == kind || shown.is_some_and(|shown| shown.kind.as_str() == kind)
        });
        says(&self.integration, shown.map(|shown| shown.integration.as_str()))
            && says(&self.env, environment)
            && kind
            && self.since.is_none_or(|since| entry.written >= since.start())
    }
}
