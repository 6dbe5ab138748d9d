//! A flip that was cut off: its journal is read, and what may be done with it is said.

use std::path::Path;

use crate::adapter::files;
use crate::cli::exit::Advice;
use crate::cli::flip::Flip;
use crate::domain::flip::Left;
use crate::engine::flip::Order;
use crate::engine::flip::journal::Journal;

/// A new flip, or the one that was cut off.
///
/// # Errors
/// There is one where none is asked for, or none where one is, or it cannot be read.
pub fn begin(order: &Order, args: &Flip, path: &Path) -> anyhow::Result<Journal> {
    let unfinished = read(path)?;
    let again = format!("preflight flip {} --env {}", args.flag, args.env);
    match (unfinished, args.resume || args.take_back) {
        (None, false) => Ok(order.journal()),
        (None, true) => Err(Advice::new("there is no flip to go on with", format!("begin one: `{again}`")).into()),
        (Some(journal), true) => Ok(journal),
        (Some(journal), false) if journal.run.left == Left::Untouched => Ok(order.journal()),
        (Some(journal), false) => {
            let last = journal.run.phases.last().map_or("its beginning", |phase| phase.phase.title());
            let hint = format!("`{again} --resume` goes on, `{again} --take-back` rolls back");
            Err(Advice::new(
                format!("a flip of `{}` was cut off behind \"{last}\", and may have left the flag on", args.flag),
                hint,
            )
            .into())
        }
    }
}

fn read(path: &Path) -> anyhow::Result<Option<Journal>> {
    if !path.exists() {
        return Ok(None);
    }
    let text = files::read(path)?;
    let journal = serde_json::from_slice(&text).map_err(|error| {
        let hint = "look at the flag yourself, then remove the file";
        Advice::new(format!("{} tells of a flip that was cut off, and cannot be read: {error}", path.display()), hint)
    })?;
    Ok(Some(journal))
}
