//! The message that asks the next rung for help, with what was tried and what shows it.

use std::fmt::Write as _;

use jiff::Timestamp;

use crate::domain::blocker::case::Case;
use crate::domain::blocker::ladder::{self, ATTEMPTS, Step};
use crate::domain::blocker::overdue::{Due, in_words};

/// Drafts the message. Every time in it is UTC, and every number is counted.
pub fn draft(case: &Case, now: Timestamp) -> String {
    let blocker = &case.blocker;
    let step = ladder::next(blocker);
    let due = Due::of(blocker.due, now);
    let mut text = format!("To: {}\nSubject: {}: {}", addressee(&step, &blocker.owner), case.ticket, blocker.title);
    if let Due::Overdue(minutes) = due {
        let _ = write!(text, " (overdue by {})", in_words(minutes));
    }
    let where_to =
        if blocker.environments.is_empty() { "everywhere".to_owned() } else { blocker.environments.join(", ") };
    let _ = write!(
        text,
        "\n\n{} ({}) blocks {} ({where_to}). It was opened {}",
        case.ticket, blocker.title, blocker.integration, blocker.opened
    );
    let _ = match (blocker.due, due) {
        (Some(date), Due::Overdue(minutes)) => write!(text, " and was due {date}: overdue by {}", in_words(minutes)),
        (Some(date), Due::In(minutes)) => write!(text, " and is due {date}: {} are left", in_words(minutes)),
        _ => write!(text, "; nobody promised a date"),
    };
    let _ = writeln!(text, " (as of {now}, all times in UTC).");
    if !blocker.deliverables.is_empty() {
        let _ = writeln!(text, "\nWe need from {}:", blocker.owner);
        for deliverable in &blocker.deliverables {
            let _ = writeln!(text, "- {deliverable}");
        }
    }
    tried(&mut text, case);
    let _ = writeln!(text, "\n{}", asked(&step));
    text
}

fn addressee(step: &Step, owner: &str) -> String {
    match step {
        Step::Escalate { rung } | Step::Attempt { rung: Some(rung), .. } | Step::Decide { rung: Some(rung) } => {
            rung.clone()
        }
        Step::Attempt { rung: None, .. } | Step::Decide { rung: None } => owner.to_owned(),
    }
}

fn tried(text: &mut String, case: &Case) {
    let attempts = &case.blocker.attempts;
    if attempts.is_empty() {
        let _ = writeln!(text, "\nNo attempt is on record.");
        return;
    }
    let documented = ladder::documented(&case.blocker);
    let _ = writeln!(text, "\nTried so far ({} on record, {documented} documented):", attempts.len());
    for attempt in attempts {
        let by = attempt.by.as_deref().unwrap_or("someone");
        let evidence =
            if attempt.evidence.is_empty() { "no evidence on record".to_owned() } else { attempt.evidence.join(", ") };
        let _ = writeln!(text, "- {} {by}: {} [{evidence}]", attempt.at, attempt.what);
    }
}

fn asked(step: &Step) -> String {
    match step {
        Step::Escalate { .. } => {
            "Please give a date, to the minute and in UTC, or the decision to go without it.".to_owned()
        }
        Step::Decide { .. } => "The ladder ends here. Please decide: a date, another way, or to drop it.".to_owned(),
        Step::Attempt { missing, .. } => format!(
            "Please give a date, to the minute and in UTC. (Of the {ATTEMPTS} documented attempts that an escalation needs, \
             {missing} {} missing.)",
            if *missing == 1 { "is" } else { "are" }
        ),
    }
}
