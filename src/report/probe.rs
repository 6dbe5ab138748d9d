//! A probe in the dashboard: its newest run in each environment, step by step, with what was answered where it did not hold.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::domain::probe::run::{ProbeRun, StepRun};
use crate::domain::record::{Details, Outcome, Record};
use crate::report::digest;
use crate::report::text::{one_line, shortened};

/// Characters of an answer that is shown.
const MOST_TEXT: usize = 600;

/// The newest run of a probe in one environment.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    pub record: &'a Record,
    pub run: &'a ProbeRun,
}

/// The newest run of each probe and environment, by integration, probe and environment.
pub fn newest<'a>(records: impl IntoIterator<Item = &'a Record>) -> Vec<Asked<'a>> {
    let mut newest: BTreeMap<_, Asked<'a>> = BTreeMap::new();
    for record in records {
        let Some(Details::Probe(probes)) = &record.details else { continue };
        for run in &probes.runs {
            let asked = Asked { record, run };
            let key = (&run.integration, &run.probe, record.environment.as_deref());
            let known = newest.entry(key).or_insert(asked);
            if run.started > known.run.started {
                *known = asked;
            }
        }
    }
    newest.into_values().collect()
}

impl Asked<'_> {
    pub fn environment(&self) -> String {
        one_line(self.record.environment.as_deref().unwrap_or("no environment"))
    }

    pub fn age(&self, now: Timestamp) -> String {
        digest::age(now.duration_since(self.run.started))
    }

    /// `40 ms`, and what it took to start.
    pub fn latency(&self) -> String {
        let millis = |micros: u64| format!("{} ms", micros / 1000);
        let Some(slowest) = self.run.latency_us() else { return "no answer".to_owned() };
        let cold = self.run.steps.iter().find_map(|step| step.cold_start_us);
        let cold = cold.map(|micros| format!(", started in {}", millis(micros))).unwrap_or_default();
        format!("slowest answer {}{cold}", millis(slowest))
    }
}

/// One step in one line: what is broken, or why nothing could be told.
pub fn told(step: &StepRun) -> String {
    let broken: Vec<String> = step.findings.iter().map(|finding| finding.message.clone()).collect();
    let cannot = step.cannot.as_ref().map(ToString::to_string);
    let advice = step.advice.clone().filter(|_| step.outcome == Outcome::Broken);
    let said: Vec<String> = match advice {
        Some(advice) => vec![advice],
        None => broken.into_iter().chain(cannot).collect(),
    };
    shortened(&one_line(&said.join("; ")), MOST_TEXT)
}

/// What the last answer of a step was, where it did not hold.
pub fn answered(step: &StepRun) -> Option<String> {
    if step.outcome == Outcome::Kept {
        return None;
    }
    let exchange = step.exchanges.last();
    let document = step.document.as_ref().or_else(|| exchange.and_then(|exchange| exchange.response_body.as_ref()));
    let head = exchange.map(|exchange| {
        let status = exchange.status.map_or("no answer".to_owned(), |status| status.to_string());
        format!("{} {} → {status} ", exchange.method, exchange.path)
    });
    let body = document.map(|body| body.text.to_string()).unwrap_or_default();
    let whole = format!("{}{body}", head.unwrap_or_default());
    (!whole.is_empty()).then(|| shortened(&one_line(&whole), MOST_TEXT))
}
