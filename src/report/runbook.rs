//! A proven flip as a runbook in Markdown, for the next person: what was done, with the commands, and how to take it back.

use std::fmt::Write as _;

use crate::domain::flip::{FlipRun, Left, PhaseRun};
use crate::domain::readiness::Verdict;

/// What a runbook needs beside the flip.
pub struct Runbook<'a> {
    pub flip: &'a FlipRun,
    pub environment: &'a str,
    /// The record that it was drawn from.
    pub record: &'a str,
    /// Seconds that a rollback may take.
    pub rollback_seconds: u32,
}

/// Draws it.
pub fn draw(runbook: &Runbook) -> String {
    let Runbook { flip, environment, record, rollback_seconds } = runbook;
    let kind = if flip.rehearsal { "rehearsed" } else { "flipped" };
    let mut page = format!("# `{}` in {environment}: {}\n\n", flip.flag, flip.verdict.as_str());
    let when = flip.history().last().map_or_else(String::new, |last| format!(" at {}", last.finished));
    let _ = writeln!(page, "It was {kind}{when} for the integration `{}`. {}", flip.integration, left(flip.left));
    if let Some(reason) = &flip.reason {
        let _ = writeln!(page, "\n**{}** {reason}.", if flip.verdict == Verdict::NoGo { "No:" } else { "Not known:" });
    }
    let _ = writeln!(page, "\nDrawn from `{record}`. Times are UTC.\n\n## What was done\n");
    let _ = writeln!(page, "| | what | came of it | took |\n|---|---|---|---|");
    for phase in flip.history() {
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} |",
            phase.outcome.as_str(),
            phase.phase.title(),
            cell(&phase.told),
            took(phase)
        );
    }
    for phase in flip.history().into_iter().filter(|phase| !phase.seen.is_empty()) {
        let _ = writeln!(page, "\n### {}\n", phase.phase.title());
        for line in &phase.seen {
            let _ = writeln!(page, "- {}", cell(line));
        }
    }
    let _ = writeln!(page, "\n## Activation\n\n1. `preflight gate --env {environment}` says GO.");
    let _ = writeln!(page, "2. Switch it on: {}", flip.switch_on);
    if let Some(effective) = flip.effective_ms {
        let _ = writeln!(page, "3. Wait until it is effective. It took {effective} ms.");
    }
    let _ = writeln!(page, "\n## Rollback\n\n1. Switch it off: {}", flip.switch_off);
    let _ = match flip.rollback_ms {
        Some(took) => writeln!(page, "2. Proven back {took} ms later; {rollback_seconds} s are allowed."),
        None => writeln!(
            page,
            "2. **Not proven.** `preflight flip {} --env {environment} --rehearse` proves it.",
            flip.flag
        ),
    };
    if !flip.noise.is_empty() {
        let _ = writeln!(page, "\n## Differs in every answer\n\nProposals for what a comparison may pass over:\n");
        for path in &flip.noise {
            let _ = writeln!(page, "- `{path}`");
        }
    }
    page
}

fn left(left: Left) -> String {
    let told = format!("The flag {}.", left.told());
    if left == Left::PerhapsOn { format!("**{told}**") } else { told }
}

fn took(phase: &PhaseRun) -> String {
    let took = phase.finished.duration_since(phase.started);
    format!("{:.1} s", took.as_secs_f64())
}

/// Text that cannot break out of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace(['\r', '\n'], " ").replace('<', "&lt;")
}
