//! `preflight evidence prune`: takes old entries out of the ledger, so that the rest stays provable.

use std::collections::BTreeSet;

use clap::Args;

use crate::adapter::clock;
use crate::adapter::ledger::Ledger;
use crate::adapter::ledger::prune::{Done, Order};
use crate::cli::args::Common;
use crate::cli::command;
use crate::cli::console::Console;
use crate::cli::evidence::nothing_there;
use crate::cli::exit::{Advice, Exit};
use crate::cli::home;
use crate::cli::outputs;
use crate::domain::moment::Moment;
use crate::domain::pruning::Limit;
use crate::domain::readiness::Readiness;
use crate::domain::secret::Redactor;
use crate::report::digest::number;
use crate::report::evidence;

/// What may go.
#[derive(Args, Clone, Debug)]
pub struct Prune {
    /// Entries written before this day (in UTC) or time may go
    #[arg(long, value_name = "DATE", required_unless_present = "keep")]
    pub before: Option<Moment>,
    /// All but so many of the last entries may go
    #[arg(long, value_name = "N", conflicts_with = "before")]
    pub keep: Option<usize>,
    /// Throws them away, instead of keeping them in reports/archive/
    #[arg(long)]
    pub discard: bool,
}

pub fn run(common: &Common, args: &Prune, console: Console) -> anyhow::Result<Exit> {
    let workspace = home::workspace(common)?.coherent()?;
    let ledger = Ledger::new(&outputs::folder(common, &workspace));
    if !ledger.path().exists() {
        return Err(nothing_there(&ledger).into());
    }
    let now = clock::now();
    let rests = proofs(&outputs::draw_now(&workspace, &ledger, now)?.readiness);
    let limit = match (args.before, args.keep) {
        (Some(moment), _) => Limit::Before(moment.start()),
        (None, keep) => Limit::Keep(keep.unwrap_or(usize::MAX)),
    };
    let order = Order {
        limit,
        rests: &rests,
        discard: args.discard,
        now,
        tool: outputs::TOOL.to_owned(),
        command: command::redacted(&workspace, &Redactor::default()),
    };
    match ledger.prune(&order, &mut |_| Ok(()))? {
        Done::Refused(audit) => {
            console.say(&evidence::audit(&audit, console.style()));
            let hint =
                "what is lost must stay to be seen: keep this ledger, and go on in another folder with --reports";
            Err(Advice::new("the ledger does not hold, so nothing is taken out of it", hint).into())
        }
        Done::Pruned { lines, records, spared, archive, head } => {
            let place = archive.map_or_else(String::new, |archive| format!(", kept in {archive}"));
            console.say(&format!("{} and {} pruned{place}", number(lines, "line"), number(records, "record")));
            if spared > 0 {
                console.say(&format!("{} stay: readiness rests on them", evidence::number_of_entries(spared)));
            }
            if lines == 0 && spared == 0 {
                console.say(
                    "what may not go: declarations, the newest evidence of each kind, and what is newer than the limit",
                );
            }
            if let Some(head) = head {
                console.say(&format!("head: {head}"));
            }
            Ok(Exit::Kept)
        }
    }
}

/// The entries that cells rest on.
fn proofs(readiness: &Readiness) -> BTreeSet<u64> {
    let rows = readiness.environments.iter().flat_map(|environment| &environment.rows);
    rows.flat_map(|row| &row.cells).filter_map(|cell| cell.proof.as_ref()).map(|proof| proof.sequence).collect()
}
