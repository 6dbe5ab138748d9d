//! The line of JSON that a probe's journal gets for each step, and one for its verdict.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::probe::cannot::Word;
use crate::domain::probe::run::{ProbeRun, StepRun};
use crate::domain::record::Outcome;

/// One line of a journal. The first five members are those that the users' script wrote.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Line {
    /// When the step or the run ended (RFC 3339, UTC, milliseconds).
    pub ts: String,
    /// `info` kept, `warn` could not be told, `error` broken.
    pub level: String,
    /// The step's name; `verdict` for the line of the whole.
    pub step: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// HTTP status of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    pub verdict: Outcome,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cannot_tell: Option<Word>,
    /// What is broken or missing, one sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub msg: Vec<String>,
    /// The step decides nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub advisory: bool,
    pub probe: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// The record's id, or that of a monitor's run.
    pub run_id: String,
    /// Only on the line of the whole: what the program will exit with for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<u8>,
}

/// The lines of a run: its steps in their order, then the verdict.
pub fn lines(run: &ProbeRun, run_id: &str, environment: Option<&str>, finished: Timestamp) -> Vec<Line> {
    let blank = |outcome, advisory| Line {
        ts: stamp(finished),
        level: level(outcome, advisory).to_owned(),
        step: "verdict".to_owned(),
        path: None,
        status: None,
        duration_ms: None,
        verdict: outcome,
        cannot_tell: None,
        msg: Vec::new(),
        advisory,
        probe: run.probe.to_string(),
        environment: environment.map(str::to_owned),
        run_id: run_id.to_owned(),
        exit_code: None,
    };
    let step = |step: &StepRun| {
        let exchange = step.exchanges.last();
        Line {
            ts: stamp(step.ended.unwrap_or(finished)),
            step: step.name.clone(),
            path: exchange.map(|exchange| exchange.path.to_string()),
            status: exchange.and_then(|exchange| exchange.status),
            duration_ms: step.latency_us.map(|micros| micros / 1000),
            cannot_tell: step.cannot.as_ref().map(|cannot| cannot.word),
            msg: told(step),
            ..blank(step.outcome, !step.decides())
        }
    };
    let verdict = Line {
        duration_ms: Some(run.duration_us / 1000),
        cannot_tell: run.culprit().and_then(|step| step.cannot.as_ref()).map(|cannot| cannot.word),
        exit_code: Some(exit_code(run.outcome)),
        ..blank(run.outcome, false)
    };
    run.steps.iter().map(step).chain([verdict]).collect()
}

fn stamp(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

fn told(step: &StepRun) -> Vec<String> {
    let broken = step.findings.iter().map(|finding| finding.message.clone());
    let advice = step.advice.clone().filter(|_| step.outcome == Outcome::Broken);
    broken.chain(step.cannot.as_ref().map(|cannot| cannot.reason.clone())).chain(advice).collect()
}

fn level(outcome: Outcome, advisory: bool) -> &'static str {
    match outcome {
        Outcome::Kept => "info",
        Outcome::Broken if !advisory => "error",
        _ => "warn",
    }
}

fn exit_code(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Kept => 0,
        Outcome::Broken => 1,
        Outcome::Unasked | Outcome::Untested => 3,
    }
}
