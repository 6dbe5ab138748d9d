//! `preflight lint`: what is wrong with the workspace, without running anything.

use crate::cli::args::Common;
use crate::cli::console::Console;
use crate::cli::exit::Exit;
use crate::cli::home;
use crate::engine::lint::finding::{Code, Finding, Severity};
use crate::engine::lint::{by_the_vocabulary, examined};

/// Runs the verb.
///
/// # Errors
/// There is no workspace to read.
pub fn run(common: &Common, console: Console) -> anyhow::Result<Exit> {
    let workspace = home::workspace(common)?;
    let findings = by_the_vocabulary(&workspace);
    if console.json() {
        console.give(&serde_json::to_string_pretty(&findings)?);
    } else {
        for finding in &findings {
            console.give(&finding.to_string());
        }
    }
    let contracts = examined(&workspace);
    let features: usize = contracts.iter().map(|contract| contract.features.len()).sum();
    console.say(&summary(&findings, contracts.len(), features));
    Ok(exit(&findings, features))
}

fn summary(findings: &[Finding], contracts: usize, features: usize) -> String {
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    let read = format!("{} in {} read", plural(features, "feature"), plural(contracts, "contract"));
    if features == 0 && findings.is_empty() {
        return format!("{read}: there is nothing to lint, and that is no success");
    }
    match (errors, findings.len() - errors) {
        (0, 0) => format!("{read}: nothing wrong was found"),
        (0, warnings) => format!("{read}: {}", plural(warnings, "warning")),
        (errors, warnings) => format!("{read}: {}, {}", plural(errors, "error"), plural(warnings, "warning")),
    }
}

fn plural(count: usize, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}

/// Warnings break nothing; nothing read is unknown; what cannot be read cannot be run.
fn exit(findings: &[Finding], features: usize) -> Exit {
    if findings.iter().any(|finding| matches!(finding.code, Code::Unreadable | Code::Unparseable)) {
        Exit::CouldNotRun
    } else if findings.iter().any(|finding| finding.severity == Severity::Error) {
        Exit::Broken
    } else if features == 0 {
        Exit::Unknown
    } else {
        Exit::Kept
    }
}
