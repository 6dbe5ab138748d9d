//! The end of a flip: where the flag is left, its record, its evidence and its runbook.

use crate::adapter::ledger::Ledger;
use crate::adapter::{clock, files};
use crate::cli::console;
use crate::cli::exit::Exit;
use crate::cli::flip::Ground;
use crate::cli::outputs;
use crate::domain::flip::{FlipRun, Left};
use crate::domain::readiness::Verdict;
use crate::engine::evidence::{self, Frame};
use crate::engine::flip::Order;
use crate::report::{json, runbook};

/// Record, evidence and runbook; says where the flag is left before anything can fail.
///
/// # Errors
/// The record, the ledger or the runbook cannot be written.
pub fn seal(ground: &Ground<'_>, ledger: &Ledger, frame: Frame, order: &Order, flip: &FlipRun) -> anyhow::Result<Exit> {
    let Ground { workspace, place, folder, args, console, declared, .. } = ground;
    let exit = match flip.verdict {
        Verdict::Go => Exit::Kept,
        Verdict::NoGo => Exit::Broken,
        Verdict::Unknown => Exit::Unknown,
    };
    let reason = flip.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
    console.say(&format!("\n{}{reason}", flip.verdict.as_str()));
    match flip.left {
        // Also to who asked for quiet.
        Left::PerhapsOn => console::tell(&format!(
            "THE FLAG IS LEFT ON, or nothing shows that it is off. Switch it off: {}",
            flip.switch_off
        )),
        left => console.say(&format!("the flag {}", left.told())),
    }
    let mut record = evidence::flip(workspace, frame, flip.clone());
    let shown = evidence::shown_by_flip(workspace, &record, flip, &declared.integrations, exit.code());
    let appended = ledger.append(&mut record, shown, clock::now());
    if console.json() {
        console.give(&json::record(&record)?);
    }
    let path = appended?;
    let name = path.strip_prefix(folder).unwrap_or(&path).display().to_string();
    let page = runbook::draw(&runbook::Runbook {
        flip,
        environment: &args.env,
        record: &name,
        rollback_seconds: order.rollback_seconds,
    });
    let runbook = place.with_extension("md");
    files::write(&runbook, page.as_bytes())?;
    if flip.left != Left::PerhapsOn {
        // What is unfinished is kept: only then is there something to go on from.
        files::remove(&place.with_extension("json"));
    }
    console.say(&format!("\nwritten: {}\n         {}", runbook.display(), path.display()));
    outputs::warn_of_ignored(folder, *console);
    Ok(exit)
}
