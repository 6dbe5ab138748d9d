//! `JUnit` XML: failure is a broken promise, error is what could not be read, skipped is what was not asked or not meant.

use std::fmt::Write;
use std::time::Duration;

use quick_junit::{NonSuccessKind, Property, Report, SerializeError, TestCase, TestCaseStatus, TestSuite};

use crate::domain::contract::Place;
use crate::domain::finding::Finding;
use crate::domain::record::{Outcome, ScenarioRun};
use crate::report::dashboard::Run;
use crate::report::text::{one_line, visible};

/// One suite an integration and target. A suite of which nothing ran holds an error, because readers of
/// `JUnit` take an empty suite for a good one.
///
/// # Errors
/// The XML writer's, of which none is known for text that is well formed.
pub fn draw(runs: &[Run<'_>]) -> Result<String, SerializeError> {
    let mut report = Report::new("preflight");
    report.set_time(Duration::from_micros(runs.iter().map(Run::duration_us).sum()));
    for run in runs {
        report.add_test_suite(suite(run));
    }
    if runs.is_empty() {
        let mut empty = TestSuite::new("preflight");
        empty.add_test_case(nothing_ran("preflight"));
        report.add_test_suite(empty);
    }
    report.to_string()
}

fn suite(run: &Run<'_>) -> TestSuite {
    let contract = run.contract;
    let mut suite = TestSuite::new(format!("{} ({})", contract.integration, run.place()));
    suite.set_time(Duration::from_micros(run.duration_us()));
    suite.extra.insert("timestamp".into(), run.record.started.strftime("%Y-%m-%dT%H:%M:%SZ").to_string().into());
    let mut properties = vec![
        ("tool", run.record.tool.clone()),
        ("record", run.record.id.clone()),
        ("target", run.record.target.to_string()),
        ("contract.hash", contract.contract_hash.to_string()),
    ];
    properties.extend(run.record.environment.iter().map(|environment| ("environment", environment.clone())));
    properties.extend(contract.modelled.iter().map(|version| ("modelled", version.clone())));
    for operation in contract.operations.iter().filter(|operation| operation.asked == 0) {
        properties.push(("operation.never-asked", operation.request.clone()));
    }
    for (name, value) in properties {
        suite.add_property(Property::new(name, visible(&value)));
    }
    for file in &contract.unreadable {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_type("unreadable").set_message(one_line(&file.message)).set_description(visible(&file.message));
        suite.add_test_case(case(contract.integration.as_str(), &file.place.to_string(), &file.place, status));
    }
    for scenario in &contract.scenarios {
        let class = format!("{}.{}", contract.integration, one_line(&scenario.feature).replace('.', " "));
        let mut case = case(&class, &scenario.name, &scenario.place, status(scenario));
        case.set_time(Duration::from_micros(scenario.duration_us));
        for promise in &scenario.promises {
            case.add_property(Property::new("promise", visible(promise)));
        }
        suite.add_test_case(case);
    }
    for left in &contract.left_out {
        let mut status = TestCaseStatus::skipped();
        status.set_type("left-out").set_message(format!("left out: {}", one_line(&left.reason)));
        suite.add_test_case(case(contract.integration.as_str(), &left.name, &left.place, status));
    }
    if contract.scenarios.is_empty() && contract.unreadable.is_empty() {
        suite.add_test_case(nothing_ran(contract.integration.as_str()));
    }
    suite
}

fn case(class: &str, name: &str, place: &Place, status: TestCaseStatus) -> TestCase {
    let mut case = TestCase::new(one_line(name), status);
    case.set_classname(class);
    case.extra.insert("file".into(), visible(&place.file).into());
    case.extra.insert("line".into(), place.line.to_string().into());
    case
}

fn nothing_ran(class: &str) -> TestCase {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_type("untested").set_message("nothing ran");
    let mut case = TestCase::new("nothing ran", status);
    case.set_classname(class);
    case
}

fn status(scenario: &ScenarioRun) -> TestCaseStatus {
    let reason = scenario.reason.as_deref().unwrap_or("no reason was recorded");
    match scenario.outcome {
        Outcome::Kept => TestCaseStatus::success(),
        Outcome::Broken => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            match scenario.findings.first() {
                Some(first) => status.set_type(first.code.as_str()).set_message(one_line(&first.message)),
                None => status.set_type("broken").set_message(one_line(reason)),
            };
            status.set_description(scenario.findings.iter().map(described).collect::<Vec<_>>().join("\n"));
            status
        }
        Outcome::Unasked | Outcome::Untested => {
            let mut status = TestCaseStatus::skipped();
            status.set_type(scenario.outcome.as_str());
            status.set_message(format!("{}: {}", scenario.outcome.as_str(), one_line(reason)));
            if !scenario.findings.is_empty() {
                status.set_description(scenario.findings.iter().map(described).collect::<Vec<_>>().join("\n"));
            }
            status
        }
    }
}

fn described(finding: &Finding) -> String {
    let mut text = format!("{}: {}\n", finding.code, finding.message);
    let place = finding.place.as_ref().map(ToString::to_string);
    let facts = [
        ("at", &place),
        ("pointer", &finding.pointer),
        ("expected", &finding.expected),
        ("actual", &finding.actual),
        ("diff", &finding.diff),
    ];
    for (name, value) in facts {
        if let Some(value) = value {
            let separator = if value.contains('\n') { "\n" } else { " " };
            let _ = writeln!(text, "{name}:{separator}{value}");
        }
    }
    visible(&text).into_owned()
}
