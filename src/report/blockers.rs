//! Blockers for people: what stands in the way, how late it is, and what may be done next.

use std::fmt::Write as _;

use crate::domain::blocker::ladder::{ATTEMPTS, Step};
use crate::domain::blocker::overdue::{Due, in_words};
use crate::domain::blocker::summary::{List, Summary};

/// Draws the list, a paragraph for each blocker.
pub fn draw(list: &List) -> String {
    let paragraphs: Vec<String> = list.blockers.iter().map(|blocker| paragraph(blocker, list)).collect();
    paragraphs.join("\n")
}

fn paragraph(blocker: &Summary, list: &List) -> String {
    let place = if blocker.environments.is_empty() { "everywhere".to_owned() } else { blocker.environments.join(", ") };
    let mut text = format!("{}  {} ({place}): {}\n", blocker.ticket, blocker.integration, blocker.title);
    let mut line = |words: String| {
        let _ = writeln!(text, "  {words}");
    };
    line(format!("{}; owner {}, opened {}", state(blocker, list), blocker.owner, blocker.opened));
    if !blocker.deliverables.is_empty() {
        line(format!("needs: {}", blocker.deliverables.join("; ")));
    }
    let count = blocker.attempts.len();
    line(format!("attempts: {count}, of which {} documented (a time, who, and evidence)", blocker.documented));
    for attempt in &blocker.attempts {
        let by = attempt.by.as_deref().unwrap_or("someone");
        let evidence = if attempt.evidence.is_empty() { "no evidence".to_owned() } else { attempt.evidence.join(", ") };
        line(format!("  {} {by}: {} [{evidence}]", attempt.at, attempt.what));
    }
    if !blocker.ladder.is_empty() {
        let asked = blocker.rung.as_deref().unwrap_or("nobody yet");
        line(format!("ladder: {} (asked up to: {asked})", blocker.ladder.join(" > ")));
    }
    if let Some(step) = &blocker.next {
        line(format!("next: {}", next(step, &blocker.ticket)));
    }
    for doubt in &blocker.doubts {
        line(format!("not counted: {doubt}"));
    }
    text
}

fn state(blocker: &Summary, list: &List) -> String {
    match (blocker.open, blocker.resolved, Due::of(blocker.due, list.judged)) {
        (false, Some(resolved), _) => format!("resolved {resolved}"),
        (false, None, _) => "resolved".to_owned(),
        (true, _, Due::Overdue(minutes)) => format!("OVERDUE by {}{}", in_words(minutes), due(blocker)),
        (true, _, Due::In(minutes)) => format!("open, {} left{}", in_words(minutes), due(blocker)),
        (true, _, Due::Never) => "open, no date was promised".to_owned(),
    }
}

fn due(blocker: &Summary) -> String {
    blocker.due.map(|due| format!(" (due {due})")).unwrap_or_default()
}

/// What may be done next about a blocker, with the command.
pub fn next(step: &Step, ticket: &str) -> String {
    match step {
        Step::Attempt { rung, missing } => {
            let rung = rung.as_ref().map(|rung| format!(" at {rung}")).unwrap_or_default();
            format!(
                "an attempt{rung}: {missing} of {ATTEMPTS} documented ones are missing before a higher rung \
                 (preflight blockers attempt {ticket})"
            )
        }
        Step::Escalate { rung } => format!("escalate to {rung} (preflight blockers draft {ticket})"),
        Step::Decide { rung: Some(rung) } => {
            format!("{rung} was asked and the ladder ends: decide to wait, to go another way, or to drop it")
        }
        Step::Decide { rung: None } => "no ladder is declared: write one under `ladder`".to_owned(),
    }
}
