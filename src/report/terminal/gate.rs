//! The gate on a terminal: one verdict an integration, each with its reasons, its evidence and the next command.

use std::fmt::Write;

use jiff::SignedDuration;

use crate::domain::readiness::explain::{Derivation, LookedAt};
use crate::domain::readiness::gate::{Gate, Gated};
use crate::domain::readiness::{Cell, Criterion, Reason, State, Verdict};
use crate::report::digest;
use crate::report::terminal::wrap::{wrap, wrap_painted};
use crate::report::terminal::{Paint, Style};
use crate::report::text::{one_line, visible};

/// Columns of a state, its gap included.
const STATE: usize = 9;

/// Draws the gate, and the derivations that were asked for.
pub fn gate(gate: &Gate, style: Style) -> String {
    let mut page = String::new();
    for gated in &gate.integrations {
        write_gated(&mut page, gated, style);
    }
    for derivation in &gate.explained {
        write_derivation(&mut page, derivation, style);
    }
    let verdict = painted(gate.verdict, style);
    let _ = writeln!(page, "{} of {}: {verdict}", visible(&gate.environment), visible(&gate.workspace));
    if let Some(note) = &gate.note {
        wrap(&mut page, style, "  ", "  ", &one_line(note));
    }
    page
}

fn painted(verdict: Verdict, style: Style) -> String {
    let paint = match verdict {
        Verdict::Go => Paint::Green,
        Verdict::NoGo => Paint::Red,
        Verdict::Unknown => Paint::Yellow,
    };
    style.paint(paint, verdict.as_str())
}

fn write_gated(page: &mut String, gated: &Gated, style: Style) {
    let name = style.paint(Paint::Bold, gated.integration.as_str());
    let _ = writeln!(page, "{name}  {}", painted(gated.verdict, style));
    if let Some(note) = &gated.note {
        wrap(page, style, "  ", "  ", &one_line(note));
    }
    let mut told: Vec<(State, &str, Vec<&Reason>)> = Vec::new();
    for reason in &gated.reasons {
        match told.iter_mut().find(|(state, text, _)| (*state, *text) == (reason.state, reason.text.as_str())) {
            Some((_, _, alike)) => alike.push(reason),
            None => told.push((reason.state, &reason.text, vec![reason])),
        }
    }
    for (state, text, alike) in told {
        let first = format!("  {}", style.state(state, STATE));
        let criteria = alike.iter().map(|reason| reason.criterion.as_str()).collect::<Vec<_>>().join(", ");
        wrap_painted(page, style, &first, STATE + 2, &format!("{criteria}: {}", one_line(text)));
        for reason in alike {
            if let Some(evidence) = evidence(gated, reason.criterion) {
                wrap(page, style, &" ".repeat(STATE + 2), &" ".repeat(STATE + 2), &evidence);
            }
            if let Some(next) = &reason.next {
                // A command is not wrapped: it is there to be copied.
                let _ = writeln!(page, "{:STATE$}  next: {}", "", style.paint(Paint::Bold, &visible(next)));
            }
        }
    }
    for cell in gated.required.iter().filter(|cell| cell.state.lets_pass()) {
        write_passing(page, cell, style);
    }
}

fn write_passing(page: &mut String, cell: &Cell, style: Style) {
    let first = format!("  {}", style.state(cell.state, STATE));
    let rests = cell.proof.as_ref().map(|proof| {
        let age = digest::age(SignedDuration::from_secs(proof.age_seconds));
        format!("; evidence #{}, {age}", proof.sequence)
    });
    let text = format!("{}: {}{}", cell.criterion, one_line(&cell.reason), rests.unwrap_or_default());
    wrap_painted(page, style, &first, STATE + 2, &text);
}

fn evidence(gated: &Gated, criterion: Criterion) -> Option<String> {
    let cell = gated.required.iter().find(|cell| cell.criterion == criterion)?;
    let proof = cell.proof.as_ref()?;
    let age = digest::age(SignedDuration::from_secs(proof.age_seconds));
    Some(format!("evidence #{}, {age} ({})", proof.sequence, visible(&proof.record)))
}

fn write_derivation(page: &mut String, derivation: &Derivation, style: Style) {
    let cell = &derivation.cell;
    let head = format!("{} of {}", cell.criterion, derivation.integration);
    let first = format!("{}: {} ", style.paint(Paint::Bold, &head), style.state(cell.state, 0));
    wrap_painted(page, style, &first, 2, &format!("({})", one_line(&cell.reason)));
    for rule in &derivation.policy {
        let place = match (rule.line, rule.keys.is_empty()) {
            (Some(line), _) => format!("preflight.yaml:{line} {}: ", visible(&rule.keys.join("."))),
            (None, false) => format!("{}: ", visible(&rule.keys.join("."))),
            (None, true) => String::new(),
        };
        wrap(page, style, "  rule  ", "        ", &format!("{place}{}", one_line(&rule.says)));
    }
    for looked_at in &derivation.looked_at {
        write_looked_at(page, looked_at, style);
    }
    let mut rest = Vec::new();
    if derivation.older > 0 {
        rest.push(format!("{} older", derivation.older));
    }
    if derivation.of_other_work > 0 {
        rest.push(format!("{} of other work", derivation.of_other_work));
    }
    if derivation.looked_at.is_empty() && cell.criterion != Criterion::Blockers {
        let _ = writeln!(page, "  no evidence of this kind is in the ledger");
    }
    if !rest.is_empty() {
        let _ = writeln!(page, "  not shown: {}", rest.join(", "));
    }
    page.push('\n');
}

fn write_looked_at(page: &mut String, looked_at: &LookedAt, style: Style) {
    let word = if looked_at.used { "used    " } else { "not used" };
    let place = match &looked_at.environment {
        Some(environment) => format!("{}, {}", looked_at.target, visible(environment)),
        None => looked_at.target.to_string(),
    };
    let text = format!(
        "#{} {} on {place}, {}, {}: {}",
        looked_at.sequence,
        looked_at.kind.as_str(),
        looked_at.finished.strftime("%Y-%m-%d %H:%M UTC"),
        looked_at.outcome.as_str(),
        one_line(&looked_at.why)
    );
    wrap(page, style, &format!("  {word} "), "           ", &text);
}
