//! Test Anything Protocol, version 14: one subtest an integration and target, with YAML diagnostics.

use std::fmt::Write;

use crate::domain::record::{Outcome, ScenarioRun};
use crate::report::dashboard::Run;
use crate::report::text::one_line;

/// A test point, with what is said of it.
struct Point {
    ok: bool,
    text: String,
    details: Vec<(&'static str, String)>,
}

/// One subtest a run; in it one test point a scenario and one an unreadable file, or one that says that nothing ran.
///
/// A scenario that was not asked is `not ok`: TAP counts a point with `# SKIP` as passed. Only what is not meant for the
/// target is skipped.
pub fn draw(runs: &[Run<'_>]) -> String {
    let mut page = format!("TAP version 14\n1..{}\n", runs.len().max(1));
    for (index, run) in runs.iter().enumerate() {
        let name = escaped(&format!("{} ({})", run.contract.integration, run.place()));
        let points = points(run);
        // The comment names the subtest for people, the point behind it for programs.
        let _ = writeln!(page, "# Subtest: {name}\n    1..{}", points.len());
        for (number, point) in points.iter().enumerate() {
            write_point(&mut page, "    ", number + 1, point);
        }
        let ok = points.iter().all(|point| point.ok);
        write_point(&mut page, "", index + 1, &Point { ok, text: name, details: Vec::new() });
    }
    if runs.is_empty() {
        page.push_str("not ok 1 - nothing ran\n");
    }
    page
}

fn points(run: &Run<'_>) -> Vec<Point> {
    let unreadable = run.contract.unreadable.iter().map(|file| Point {
        ok: false,
        text: format!("{} is unreadable", escaped(&file.place.to_string())),
        details: vec![("outcome", "unreadable".to_owned()), ("message", file.message.clone())],
    });
    let scenarios = run.contract.scenarios.iter().map(|scenario| Point {
        ok: scenario.outcome == Outcome::Kept,
        text: escaped(&scenario.name),
        details: details(scenario),
    });
    let mut points: Vec<Point> = unreadable.chain(scenarios).collect();
    let nothing_ran = points.is_empty();
    points.extend(run.contract.left_out.iter().map(|left| Point {
        ok: true,
        text: format!("{} # SKIP {}", escaped(&left.name), escaped(&left.reason)),
        details: Vec::new(),
    }));
    if nothing_ran {
        let details = vec![("outcome", "untested".to_owned())];
        points.push(Point { ok: false, text: "nothing ran".to_owned(), details });
    }
    points
}

fn write_point(page: &mut String, indent: &str, number: usize, point: &Point) {
    let word = if point.ok { "ok" } else { "not ok" };
    let _ = writeln!(page, "{indent}{word} {number} - {}", point.text);
    if !point.ok && !point.details.is_empty() {
        let _ = writeln!(page, "{indent}  ---");
        for (key, value) in &point.details {
            // A JSON string is a YAML string.
            let _ = writeln!(page, "{indent}  {key}: {}", serde_json::Value::from(one_line(value)));
        }
        let _ = writeln!(page, "{indent}  ...");
    }
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
