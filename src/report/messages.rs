//! Cucumber Messages as NDJSON: what Cucumber's own HTML formatter, and whatever else reads its protocol, draws.
//!
//! A record holds what was asked and what came, not the sentences of the feature. So a scenario's steps are its exchanges,
//! and a last one that says how it ended.

use std::fmt::Write;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::domain::finding::Finding;
use crate::domain::record::recorded_exchange::RecordedExchange;
use crate::domain::record::{Outcome, ScenarioRun};
use crate::report::dashboard::Run;
use crate::report::text::{one_line, visible};

/// The protocol version whose members are written (cucumber/messages).
const PROTOCOL: &str = "27.0.0";

/// Draws all runs as one test run. `success` only if every scenario of at least one was kept.
pub fn draw(runs: &[Run<'_>], tool: &str, now: Timestamp) -> String {
    let (name, version) = tool.split_once(' ').unwrap_or((tool, ""));
    let mut writer = Writer::default();
    let unnamed = json!({"name": "unknown"});
    writer.line(&json!({"meta": {
        "protocolVersion": PROTOCOL, "implementation": {"name": name, "version": version},
        "runtime": unnamed, "os": unnamed, "cpu": unnamed,
    }}));
    let started = runs.iter().map(|run| run.record.started).min().unwrap_or(now);
    let finished = runs.iter().map(|run| run.record.finished).max().unwrap_or(now);
    writer.line(&json!({"testRunStarted": {"id": "run", "timestamp": timestamp(started)}}));
    for run in runs {
        writer.run(run);
    }
    let success = writer.cases > 0 && writer.kept == writer.cases;
    writer.line(&json!({"testRunFinished": {
        "success": success, "timestamp": timestamp(finished), "testRunStartedId": "run",
    }}));
    writer.page
}

#[derive(Default)]
struct Writer {
    page: String,
    cases: usize,
    kept: usize,
}

/// What a scenario is drawn as.
struct Case {
    name: String,
    tags: Vec<String>,
    line: usize,
    steps: Vec<Step>,
}

struct Step {
    text: String,
    status: &'static str,
    message: Option<String>,
    /// Microseconds.
    duration: u64,
}

impl Writer {
    fn line(&mut self, message: &Value) {
        self.page.push_str(&message.to_string());
        self.page.push('\n');
    }

    fn run(&mut self, run: &Run<'_>) {
        let contract = run.contract;
        let place = run.place();
        let at = run.record.started;
        for file in &contract.unreadable {
            let message = visible(&file.message).into_owned();
            let step =
                Step { text: "the file can be read".into(), status: "FAILED", message: Some(message), duration: 0 };
            let case = Case { name: "Unreadable".into(), tags: Vec::new(), line: file.place.line, steps: vec![step] };
            let title = format!("{} ({place})", contract.integration);
            self.feature(&format!("{} ({place})", file.place.file), &title, vec![case], at);
        }
        let mut features: Vec<(&str, &str, Vec<Case>)> = Vec::new();
        for scenario in &contract.scenarios {
            self.kept += usize::from(scenario.outcome == Outcome::Kept);
            let (file, feature) = (scenario.place.file.as_str(), scenario.feature.as_str());
            match features.iter_mut().find(|(known, _, _)| *known == file) {
                Some((_, _, cases)) => cases.push(case(scenario)),
                None => features.push((file, feature, vec![case(scenario)])),
            }
        }
        for (file, feature, cases) in features {
            let title = format!("{}: {} ({place})", contract.integration, one_line(feature));
            self.feature(&format!("{file} ({place})"), &title, cases, at);
        }
        if contract.scenarios.is_empty() && contract.unreadable.is_empty() {
            let step = Step {
                text: "something ran".into(),
                status: "UNDEFINED",
                message: Some("nothing ran".into()),
                duration: 0,
            };
            let case = Case { name: "Nothing ran".into(), tags: Vec::new(), line: 1, steps: vec![step] };
            let uri = format!("features/{} ({place})", contract.integration);
            self.feature(&uri, &format!("{} ({place})", contract.integration), vec![case], at);
        }
    }

    /// The document and its pickles first, then what happened.
    fn feature(&mut self, uri: &str, title: &str, cases: Vec<Case>, at: Timestamp) {
        let first = self.cases;
        let children: Vec<Value> =
            cases.iter().enumerate().map(|(index, case)| json!({"scenario": document(first + index, case)})).collect();
        let source = format!("Feature: {title}\n");
        self.line(&json!({"source": {"uri": uri, "data": source, "mediaType": "text/x.cucumber.gherkin+plain"}}));
        self.line(&json!({"gherkinDocument": {"uri": uri, "comments": [], "feature": {
            "location": {"line": 1, "column": 1}, "tags": [], "language": "en", "keyword": "Feature", "name": title,
            "description": "", "children": children,
        }}}));
        for case in cases {
            let id = self.cases;
            self.cases += 1;
            self.case(id, uri, &case, at);
        }
    }

    fn case(&mut self, id: usize, uri: &str, case: &Case, at: Timestamp) {
        let steps = || 0..case.steps.len();
        let pickle_steps: Vec<Value> = case
            .steps
            .iter()
            .enumerate()
            .map(|(n, step)| json!({"id": format!("{id}-p{n}"), "astNodeIds": [format!("{id}-a{n}")], "text": step.text}))
            .collect();
        let tags: Vec<Value> = case
            .tags
            .iter()
            .enumerate()
            .map(|(n, tag)| json!({"name": tag, "astNodeId": format!("{id}-t{n}")}))
            .collect();
        self.line(&json!({"pickle": {
            "id": format!("{id}-p"), "uri": uri, "name": case.name, "language": "en", "steps": pickle_steps,
            "tags": tags, "astNodeIds": [format!("{id}-a")],
        }}));
        let test_steps: Vec<Value> = steps()
            .map(|n| {
                json!({"id": format!("{id}-s{n}"), "pickleStepId": format!("{id}-p{n}"), "stepDefinitionIds": [],
                            "stepMatchArgumentsLists": []})
            })
            .collect();
        self.line(&json!({"testCase": {
            "id": format!("{id}-c"), "pickleId": format!("{id}-p"), "testSteps": test_steps, "testRunStartedId": "run",
        }}));
        let started = format!("{id}-r");
        self.line(&json!({"testCaseStarted": {
            "id": started, "testCaseId": format!("{id}-c"), "attempt": 0, "timestamp": timestamp(at),
        }}));
        for (n, step) in case.steps.iter().enumerate() {
            let own = format!("{id}-s{n}");
            self.line(&json!({"testStepStarted": {
                "testCaseStartedId": started, "testStepId": own, "timestamp": timestamp(at),
            }}));
            let mut result = json!({"status": step.status, "duration": duration(step.duration)});
            if let Some(message) = &step.message {
                result["message"] = json!(message);
            }
            self.line(&json!({"testStepFinished": {
                "testCaseStartedId": started, "testStepId": own, "testStepResult": result, "timestamp": timestamp(at),
            }}));
        }
        self.line(&json!({"testCaseFinished": {
            "testCaseStartedId": started, "timestamp": timestamp(at), "willBeRetried": false,
        }}));
    }
}

fn document(id: usize, case: &Case) -> Value {
    let location = |line: usize| json!({"line": line, "column": 1});
    let tags: Vec<Value> = case
        .tags
        .iter()
        .enumerate()
        .map(|(n, tag)| json!({"id": format!("{id}-t{n}"), "name": tag, "location": location(case.line)}))
        .collect();
    let steps: Vec<Value> = case
        .steps
        .iter()
        .enumerate()
        .map(|(n, step)| {
            json!({"id": format!("{id}-a{n}"), "location": location(case.line + 1 + n), "keyword": "* ",
                   "keywordType": "Unknown", "text": step.text})
        })
        .collect();
    json!({
        "id": format!("{id}-a"), "location": location(case.line), "tags": tags, "keyword": "Scenario",
        "name": case.name, "description": "", "steps": steps, "examples": [],
    })
}

/// What was asked is only shown as passed where the whole scenario was kept.
fn case(scenario: &ScenarioRun) -> Case {
    let kept = scenario.outcome == Outcome::Kept;
    let mut steps: Vec<Step> = scenario.exchanges.iter().map(|exchange| asked(exchange, kept)).collect();
    let status = match scenario.outcome {
        Outcome::Kept => "PASSED",
        Outcome::Broken => "FAILED",
        Outcome::Unasked => "PENDING",
        Outcome::Untested => "UNDEFINED",
    };
    let told: Vec<String> = scenario.findings.iter().map(said).collect();
    let message = if told.is_empty() {
        scenario.reason.as_deref().map(|text| visible(text).into_owned())
    } else {
        Some(told.join("\n\n"))
    };
    let text = match scenario.outcome {
        Outcome::Kept => format!("every promise is kept ({} asked)", scenario.checks),
        other => format!("the scenario is {}", other.as_str()),
    };
    steps.push(Step { text, status, message, duration: 0 });
    Case {
        name: one_line(&scenario.name),
        tags: scenario.tags.iter().map(|tag| format!("@{}", one_line(tag))).collect(),
        line: scenario.place.line,
        steps,
    }
}

fn asked(exchange: &RecordedExchange, kept: bool) -> Step {
    let answer = exchange.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
    Step {
        text: one_line(&format!("{} {} is answered {answer}", exchange.method, exchange.path)),
        status: if kept { "PASSED" } else { "SKIPPED" },
        message: None,
        duration: exchange.duration_us,
    }
}

fn said(finding: &Finding) -> String {
    let mut text = format!("{}: {}", finding.code, finding.message);
    let place = finding.place.as_ref().map(ToString::to_string);
    for (name, value) in [("at", &place), ("expected", &finding.expected), ("actual", &finding.actual)] {
        if let Some(value) = value {
            let _ = write!(text, "\n{name}: {value}");
        }
    }
    visible(&text).into_owned()
}

fn timestamp(at: Timestamp) -> Value {
    json!({"seconds": at.as_second(), "nanos": at.subsec_nanosecond()})
}

fn duration(microseconds: u64) -> Value {
    json!({"seconds": microseconds / 1_000_000, "nanos": (microseconds % 1_000_000) * 1_000})
}
