//! Test Anything Protocol, version 14.

use std::fmt::Write;

use crate::domain::record::{Outcome, ScenarioRun};
use crate::report::dashboard::Run;
use crate::report::text::one_line;

/// One test point a scenario, one an unreadable file, and one for a contract of which nothing ran.
///
/// A scenario that was not asked is `not ok`: TAP counts a point with `# SKIP` as passed. Only what is not meant for the
/// target is skipped.
pub fn draw(runs: &[Run<'_>]) -> String {
    let mut points = Vec::new();
    for run in runs {
        let name = &run.contract.integration;
        let place = run.place();
        for file in &run.contract.unreadable {
            let text = format!("{name} ({place}): {} is unreadable", escaped(&file.place.to_string()));
            points.push((false, text, vec![("outcome", "unreadable".to_owned()), ("message", file.message.clone())]));
        }
        for scenario in &run.contract.scenarios {
            let text = format!("{name} ({place}): {}", escaped(&scenario.name));
            points.push((scenario.outcome == Outcome::Kept, text, details(scenario)));
        }
        for left in &run.contract.left_out {
            let text = format!("{name} ({place}): {} # SKIP {}", escaped(&left.name), escaped(&left.reason));
            points.push((true, text, Vec::new()));
        }
        if run.contract.scenarios.is_empty() && run.contract.unreadable.is_empty() {
            points.push((false, format!("{name} ({place}): nothing ran"), vec![("outcome", "untested".to_owned())]));
        }
    }
    if points.is_empty() {
        points.push((false, "nothing ran".to_owned(), Vec::new()));
    }
    let mut page = format!("TAP version 14\n1..{}\n", points.len());
    for (index, (ok, text, details)) in points.into_iter().enumerate() {
        let word = if ok { "ok" } else { "not ok" };
        let _ = writeln!(page, "{word} {} - {text}", index + 1);
        if !ok && !details.is_empty() {
            page.push_str("  ---\n");
            for (key, value) in details {
                // A JSON string is a YAML string.
                let _ = writeln!(page, "  {key}: {}", serde_json::Value::from(one_line(&value)));
            }
            page.push_str("  ...\n");
        }
    }
    page
}

fn details(scenario: &ScenarioRun) -> Vec<(&'static str, String)> {
    let mut details = vec![("outcome", scenario.outcome.as_str().to_owned()), ("at", scenario.place.to_string())];
    details.extend(scenario.reason.iter().map(|reason| ("message", reason.clone())));
    // YAML allows a key once: the first finding speaks, the record holds them all.
    if let Some(finding) = scenario.findings.first() {
        details.retain(|(key, _)| *key != "message");
        details.push(("message", format!("{}: {}", finding.code, finding.message)));
        details.extend(finding.expected.iter().map(|text| ("wanted", text.clone())));
        details.extend(finding.actual.iter().map(|text| ("found", text.clone())));
    }
    details
}

/// `#` begins a directive, `\` escapes it.
fn escaped(text: &str) -> String {
    one_line(text).replace('\\', "\\\\").replace('#', "\\#")
}
