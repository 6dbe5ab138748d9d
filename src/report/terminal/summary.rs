//! One run on a terminal: broken scenarios in full, silent ones by reason, and what was never asked.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::domain::finding::Finding;
use crate::domain::record::schema_gaps::SchemaGaps;
use crate::domain::record::{ContractRun, Outcome, ScenarioRun};
use crate::report::dashboard::Run;
use crate::report::digest;
use crate::report::terminal::wrap::{wrap, wrap_painted};
use crate::report::terminal::{Paint, Style};
use crate::report::text::{cut, one_line, says, shortened, visible};

pub fn write_run(page: &mut String, run: &Run<'_>, style: Style) {
    let contract = run.contract;
    let counts = contract.counts();
    let outcome = if contract.unreadable.is_empty() {
        style.outcome(contract.outcome())
    } else {
        style.paint(Paint::Red, "unreadable")
    };
    let asked = contract.operations.iter().filter(|operation| operation.asked > 0).count();
    let kept = contract.operations.iter().filter(|operation| operation.kept > 0).count();
    let first = format!("{} on {}: {outcome} ", style.paint(Paint::Bold, contract.integration.as_str()), run.place());
    let operations = digest::number(contract.operations.len(), "operation");
    let never = contract.operations.len() - asked;
    let unasked = if never == 0 { String::new() } else { format!(", {never} never asked") };
    let rest = format!("({}; {kept} of {operations} kept{unasked})", digest::tally(counts));
    wrap_painted(page, style, &first, 2, &rest);
    for file in &contract.unreadable {
        let first = format!("  {} {}: ", style.paint(Paint::Red, "unreadable"), visible(&file.place.to_string()));
        wrap_painted(page, style, &first, 4, &one_line(&file.message));
    }
    for scenario in contract.scenarios.iter().filter(|scenario| scenario.outcome == Outcome::Broken) {
        write_broken(page, scenario, style);
    }
    write_silent(page, contract, style);
    let left_out: Vec<String> = match contract.left_out.len() {
        0 => Vec::new(),
        count => vec![format!("{}: not meant for {}", digest::number(count, "scenario"), run.record.target)],
    };
    let never: Vec<&str> = contract.operations.iter().filter(|o| o.asked == 0).map(|o| o.request.as_str()).collect();
    let unseen = schemas_unseen(contract);
    for (label, lines) in [
        ("never asked", never),
        ("left out", left_out.iter().map(String::as_str).collect()),
        ("never seen", contract.unseen.iter().chain(&unseen).map(String::as_str).collect()),
        ("not modelled", contract.gaps.iter().map(String::as_str).collect()),
    ] {
        for (count, line) in lines.iter().enumerate() {
            if count == 5 && lines.len() > 6 {
                let _ = writeln!(page, "  … and {} more {label}", lines.len() - 5);
                break;
            }
            let first = format!("  {} ", style.paint(Paint::Yellow, label));
            wrap_painted(page, style, &first, 4, &one_line(line));
        }
    }
}

/// One line for the branches of all schemas: a vendor's have hundreds of optional members.
fn schemas_unseen(contract: &ContractRun) -> Option<String> {
    let schemas = &contract.unseen_in_schemas;
    let branches: usize = schemas.iter().map(SchemaGaps::count).sum();
    let branches = if branches == 1 { "1 branch".to_owned() } else { format!("{branches} branches") };
    let shown = format!("{branches} of {}; the dashboard names them", digest::number(schemas.len(), "schema"));
    (!schemas.is_empty()).then_some(shown)
}

fn write_broken(page: &mut String, scenario: &ScenarioRun, style: Style) {
    let place = visible(&scenario.place.to_string()).into_owned();
    let _ = writeln!(page, "  {} {place}", style.outcome(Outcome::Broken));
    let promises =
        if scenario.promises.is_empty() { String::new() } else { format!(" [{}]", scenario.promises.join(" ")) };
    wrap(page, style, "    ", "    ", &one_line(&format!("{}{promises}", scenario.name)));
    if scenario.findings.is_empty() {
        let reason = scenario.reason.as_deref().unwrap_or("no finding was recorded");
        wrap(page, style, "    ", "      ", &one_line(reason));
    }
    for finding in &scenario.findings {
        write_finding(page, finding, style);
    }
}

/// Lines of a diff, and characters of a value, that a summary shows; the record holds the rest.
const MOST_LINES: usize = 20;
const MOST_CHARACTERS: usize = 600;

fn write_finding(page: &mut String, finding: &Finding, style: Style) {
    let line = finding.place.as_ref().map(|place| format!(" (line {})", place.line)).unwrap_or_default();
    let first = format!("    {}: ", style.paint(Paint::Bold, finding.code.as_str()));
    wrap_painted(page, style, &first, 6, &format!("{}{line}", one_line(&finding.message)));
    for (label, value) in
        [("pointer ", &finding.pointer), ("expected", &finding.expected), ("actual  ", &finding.actual)]
    {
        // What the sentence says already is not said twice.
        if let Some(value) = value.as_ref().filter(|value| !says(&finding.message, value)) {
            let value = one_line(value);
            let (shown, more) = cut(&value, MOST_CHARACTERS);
            let tail = if more { " …" } else { "" };
            wrap(page, style, &format!("      {label} "), "               ", &format!("{shown}{tail}"));
        }
    }
    let Some(diff) = &finding.diff else { return };
    let diff = visible(diff);
    for line in diff.lines().take(MOST_LINES) {
        let line = shortened(line, style.width() - 8);
        let line = match line.as_bytes().first() {
            Some(b'-') => style.paint(Paint::Red, &line),
            Some(b'+') => style.paint(Paint::Green, &line),
            _ => line,
        };
        let _ = writeln!(page, "      {line}");
    }
    if diff.lines().count() > MOST_LINES {
        let _ = writeln!(page, "      … {} more lines", diff.lines().count() - MOST_LINES);
    }
}

fn write_silent(page: &mut String, contract: &ContractRun, style: Style) {
    for silent in digest::silent(contract) {
        let first =
            format!("  {} {}: ", style.outcome(silent.outcome), digest::number(silent.scenarios.len(), "scenario"));
        wrap_painted(page, style, &first, 4, &one_line(silent.reason));
        let mut places: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for scenario in &silent.scenarios {
            places.entry(scenario.place.file.as_str()).or_default().push(scenario.place.line.to_string());
        }
        for (file, lines) in places {
            wrap(page, style, "    ", "      ", &format!("{}:{}", visible(file), lines.join(", ")));
        }
        for finding in silent.flaws() {
            write_finding(page, finding, style);
        }
    }
}
