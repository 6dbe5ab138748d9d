//! Annotations for GitHub's workflow commands.

use std::fmt::Write;

use crate::domain::contract::Place;
use crate::domain::finding::Finding;
use crate::domain::record::Outcome;
use crate::report::dashboard::Run;
use crate::report::digest;
use crate::report::text::{one_line, says, visible};

/// GitHub shows ten annotations of a level for each step and drops the rest without a word.
const MOST: usize = 10;

struct Annotation {
    place: Option<Place>,
    title: String,
    message: String,
}

/// Errors for what is broken or unreadable, warnings for what was not asked, notices for operations never asked and
/// for scenarios that are not meant for the target;
/// at most ten of each, the tenth saying how many more there are.
pub fn draw(runs: &[Run<'_>]) -> String {
    let (mut errors, mut warnings, mut notices) = (Vec::new(), Vec::new(), Vec::new());
    for run in runs {
        let name = &run.contract.integration;
        for file in &run.contract.unreadable {
            errors.push(Annotation {
                place: Some(file.place.clone()),
                title: format!("{name}: unreadable contract"),
                message: file.message.clone(),
            });
        }
        for scenario in run.contract.scenarios.iter().filter(|scenario| scenario.outcome == Outcome::Broken) {
            let first = scenario.findings.first();
            errors.push(Annotation {
                place: Some(first.and_then(|finding| finding.place.clone()).unwrap_or(scenario.place.clone())),
                title: format!("{name} on {}: {}", run.place(), scenario.name),
                message: scenario.findings.iter().map(said).collect::<Vec<_>>().join("\n"),
            });
        }
        for silent in digest::silent(run.contract) {
            warnings.push(Annotation {
                place: silent.scenarios.first().map(|scenario| scenario.place.clone()),
                title: format!(
                    "{name} on {}: {} {}",
                    run.place(),
                    digest::number(silent.scenarios.len(), "scenario"),
                    silent.outcome.as_str()
                ),
                message: silent.reason.to_owned(),
            });
        }
        if run.contract.scenarios.is_empty() && run.contract.unreadable.is_empty() {
            warnings.push(Annotation {
                place: None,
                title: format!("{name} on {}: nothing ran", run.place()),
                message: "no scenario was selected".to_owned(),
            });
        }
        let never: Vec<&str> =
            run.contract.operations.iter().filter(|o| o.asked == 0).map(|o| o.request.as_str()).collect();
        if !never.is_empty() {
            notices.push(Annotation {
                place: None,
                title: format!("{name} on {}: {} never asked", run.place(), digest::number(never.len(), "operation")),
                message: never.join("\n"),
            });
        }
    }
    notices.extend(runs.iter().filter(|run| !run.contract.left_out.is_empty()).map(left_out));
    let mut lines = String::new();
    for (level, annotations) in [("error", errors), ("warning", warnings), ("notice", notices)] {
        write_level(&mut lines, level, &annotations);
    }
    lines
}

/// Who reads it sees why fewer scenarios ran than the contract has.
fn left_out(run: &Run<'_>) -> Annotation {
    let left = &run.contract.left_out;
    let told: Vec<_> = left.iter().map(|it| format!("{} {}: {}", it.place, it.name, it.reason)).collect();
    let title =
        format!("{} on {}: {} left out", run.contract.integration, run.place(), digest::number(left.len(), "scenario"));
    Annotation { place: left.first().map(|it| it.place.clone()), title, message: told.join("\n") }
}

fn said(finding: &Finding) -> String {
    let mut text = format!("{}: {}", finding.code, finding.message);
    if let (Some(expected), Some(actual)) = (&finding.expected, &finding.actual)
        && !says(&finding.message, actual)
    {
        let _ = write!(text, " (expected {expected}, got {actual})");
    }
    text
}

fn write_level(lines: &mut String, level: &str, annotations: &[Annotation]) {
    let shown = if annotations.len() > MOST { MOST - 1 } else { annotations.len() };
    for annotation in &annotations[..shown] {
        let mut properties = Vec::new();
        if let Some(place) = &annotation.place {
            properties.push(format!("file={}", property(&place.file)));
            properties.push(format!("line={}", place.line));
        }
        properties.push(format!("title={}", property(&annotation.title)));
        let _ = writeln!(lines, "::{level} {}::{}", properties.join(","), data(&annotation.message));
    }
    let more = &annotations[shown..];
    if !more.is_empty() {
        let titles = more.iter().take(50).map(|annotation| one_line(&annotation.title)).collect::<Vec<_>>().join("\n");
        let _ = writeln!(lines, "::{level} title=and {} more::{}", more.len(), data(&titles));
    }
}

/// Escapes a message (actions/toolkit, `escapeData`).
fn data(text: &str) -> String {
    visible(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes a property (actions/toolkit, `escapeProperty`).
fn property(text: &str) -> String {
    data(&one_line(text)).replace(':', "%3A").replace(',', "%2C")
}
