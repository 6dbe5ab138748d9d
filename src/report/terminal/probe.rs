//! Probes on a terminal: a line for each, what is wrong with those that did not hold, and the tally.

use std::fmt::Write as _;
use std::time::Duration;

use crate::domain::probe::run::{ProbeRun, Probes, StepRun};
use crate::domain::record::Outcome;
use crate::report::digest;
use crate::report::terminal::wrap::wrap_painted;
use crate::report::terminal::{Paint, Style};
use crate::report::text::{one_line, shortened, visible};

/// One probe: its outcome, how long its slowest answer took, and what decided.
pub fn line(run: &ProbeRun, style: Style) -> String {
    let mut page = String::new();
    let pad = " ".repeat(8_usize.saturating_sub(run.outcome.as_str().len()));
    let first = format!("{}{pad} {} ", style.outcome(run.outcome), style.paint(Paint::Bold, run.probe.as_str()));
    wrap_painted(&mut page, style, &first, 4, &said(run));
    if let Some(step) = run.culprit().filter(|_| run.outcome == Outcome::Broken) {
        for finding in step.findings.iter().skip(1) {
            let first = format!("    {} ", style.paint(Paint::Red, finding.code.as_str()));
            wrap_painted(&mut page, style, &first, 6, &shortened(&one_line(&finding.message), 300));
        }
    }
    for advice in run.advice() {
        let first = format!("    {} ", style.paint(Paint::Yellow, "note"));
        wrap_painted(&mut page, style, &first, 6, &one_line(advice));
    }
    page.trim_end().to_owned()
}

fn said(run: &ProbeRun) -> String {
    let time = run.latency_us().map(|micros| format!(", slowest {}", millis(micros))).unwrap_or_default();
    match run.culprit() {
        None => {
            let steps = run.steps.iter().filter(|step| step.decides()).count();
            let cold = run.steps.iter().find_map(|step| step.cold_start_us);
            let cold = cold.map(|micros| format!(", started in {}", millis(micros))).unwrap_or_default();
            format!("({}) {}{time}{cold}", run.service, digest::number(steps, "step"))
        }
        Some(step) => format!("({}) {}: {}", run.service, visible(&step.name), why(step)),
    }
}

fn why(step: &StepRun) -> String {
    let broken = step.findings.first().map(|finding| shortened(&one_line(&finding.message), 300));
    let cannot = || step.cannot.as_ref().map(|cannot| shortened(&one_line(&cannot.to_string()), 300));
    broken.or_else(cannot).unwrap_or_else(|| "it promised nothing that was looked at".to_owned())
}

fn millis(micros: u64) -> String {
    format!("{} ms", micros / 1000)
}

/// How many held.
pub fn summary(probes: &Probes, place: &str, took: Duration, style: Style) -> String {
    let mut page = String::new();
    let counts = probes.counts();
    let _ = writeln!(
        page,
        "\n{} in {}: {} ({}), in {:.1} s",
        style.outcome(probes.outcome()),
        visible(place),
        digest::number(probes.runs.len(), "probe"),
        digest::tally(counts),
        took.as_secs_f64()
    );
    if counts.unasked + counts.untested > 0 {
        page.push_str("what could not be told is neither up nor down\n");
    }
    page
}
