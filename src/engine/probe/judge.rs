//! From what a step heard to what is kept of it: its sentences asked, the outcome, everything redacted.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use url::Url;

use crate::adapter::clock;
use crate::domain::exchange::{Exchange, Request, Response};
use crate::domain::finding::{Code, Finding};
use crate::domain::probe::cannot::{CannotTell, Word};
use crate::domain::probe::heard::{Answer, Heard};
use crate::domain::probe::run::StepRun;
use crate::domain::probe::specified::Step;
use crate::domain::record::Outcome;
use crate::domain::record::recorded_exchange::RecordedExchange;
use crate::domain::secret::Redactor;
use crate::engine::probe::plan::PlannedStep;
use crate::engine::recording;
use crate::steps::world::{Stop, World};

/// Bytes of a fact that are kept: what a program says on stderr may be long.
const MOST_FACT: usize = 2000;

/// Asks the sentences of a step about what was heard, and makes its record. `before` is how many exchanges and findings the
/// world held before it was asked.
///
/// An answer that took longer than `slowest` is down by the probe's own thresholds, whatever it says.
pub fn judge(
    world: &mut World,
    planned: &PlannedStep,
    mut heard: Heard,
    before: Before,
    slowest: Duration,
    redactor: &Redactor,
) -> StepRun {
    let step = &planned.step;
    let took = heard.took;
    if heard.cannot.is_none() && took > slowest {
        heard = heard.promise(Some(slow(&step.name, slowest, took)));
    }
    let kind = step.ask.kind();
    let mut run = StepRun {
        outcome: Outcome::Untested,
        cannot: None,
        advice: step.advice.clone(),
        ..StepRun::unasked(&step.name, kind, step.depth, CannotTell::new(Word::Failed, ""))
    };
    let document = give(world, heard.answer, heard.took);
    let broke_off = heard.findings.iter().any(|finding| finding.code == Code::NoAnswer);
    let answered = heard.cannot.is_none() && !broke_off;
    // A step that brought nothing has nothing that a sentence could look at; what an earlier one brought is not its own.
    if answered && world.exchanges.len() > before.exchanges {
        for promise in &planned.promises {
            promise.ask(world);
        }
        remember(world, step);
    }
    let halted = world.stop.take();
    let mut findings = heard.findings;
    findings.extend(world.findings.drain(before.findings..));
    run.checks = heard.checks + (world.checks - before.checks);
    run.findings = findings.iter().map(|finding| recording::clean(finding, redactor)).collect();
    run.cannot = heard.cannot.map(|cannot| clean(&cannot, redactor));
    (run.outcome, run.cannot) = outcome(&findings, run.checks, run.cannot, halted, redactor);
    let limits = if run.outcome == Outcome::Kept { recording::KEPT } else { recording::NOT_KEPT };
    run.exchanges = match document {
        Some(_) => Vec::new(),
        None => exchanges(world, before.exchanges, redactor, &limits),
    };
    run.document = document.and_then(|document| recording::body(&document, redactor, &limits));
    run.latency_us = (answered && !heard.took.is_zero()).then(|| recording::micros(heard.took));
    run.cold_start_us = heard.cold_start.map(recording::micros);
    let fact = |(name, value): (String, String)| (name, recording::start(&redactor.body(&value), MOST_FACT).to_owned());
    run.facts = heard.facts.into_iter().map(fact).collect();
    run
}

fn slow(step: &str, slowest: Duration, took: Duration) -> Finding {
    let (slowest, took) = (slowest.as_millis(), took.as_millis());
    let told = format!("{step} took {took} ms, and over {slowest} ms a service counts as down (thresholds.degraded)");
    Finding::new(Code::Latency, told).expected(format!("{slowest} ms")).actual(format!("{took} ms"))
}

/// What a world held before a step.
#[derive(Clone, Copy, Debug)]
pub struct Before {
    pub exchanges: usize,
    pub findings: usize,
    pub checks: u32,
}

impl Before {
    pub fn of(world: &World) -> Self {
        Self { exchanges: world.exchanges.len(), findings: world.findings.len(), checks: world.checks }
    }
}

/// Puts what was heard where sentences look; the document of another protocol stands there as the body of an answer.
fn give(world: &mut World, answer: Answer, took: Duration) -> Option<Bytes> {
    match answer {
        Answer::Nothing => None,
        Answer::Exchanges(exchanges) => {
            exchanges.into_iter().for_each(|exchange| world.exchanges.push(exchange));
            None
        }
        Answer::Document(document) => {
            // Nothing of this frame is shown or can be asked about: only sentences about the body are read for it.
            let Ok(url) = Url::parse("document:") else { return None };
            let request = Request { method: Method::GET, url, headers: HeaderMap::new(), body: Bytes::new() };
            let body = document.clone();
            let response = Response { status: StatusCode::OK, headers: HeaderMap::new(), body };
            let (outcome, started) = (Ok(response), clock::now());
            world.exchanges.push(Exchange { request, outcome, started, duration: took, approval: None });
            Some(document)
        }
    }
}

fn remember(world: &mut World, step: &Step) {
    for (name, path) in &step.remember {
        if world.stop.is_some() {
            return;
        }
        if let Err(stop) = crate::steps::request::keep(world, path, name) {
            crate::steps::vocabulary::halt(world, stop);
        }
    }
}

/// Broken before unknown before kept, and nothing looked at is never kept.
fn outcome(
    findings: &[Finding],
    checks: u32,
    cannot: Option<CannotTell>,
    stop: Option<(Stop, crate::domain::contract::Place)>,
    redactor: &Redactor,
) -> (Outcome, Option<CannotTell>) {
    let of_the_contract = |finding: &Finding| finding.code.is_of_the_contract();
    if findings.iter().any(|finding| !of_the_contract(finding)) {
        return (Outcome::Broken, cannot);
    }
    if cannot.is_some() {
        return (Outcome::Unasked, cannot);
    }
    if let Some((Stop::Unasked(reason) | Stop::BadStep(reason), _)) = stop {
        return (Outcome::Unasked, Some(CannotTell::new(Word::Failed, redactor.body(&reason))));
    }
    if !findings.is_empty() || checks == 0 {
        return (Outcome::Untested, None);
    }
    (Outcome::Kept, None)
}

fn clean(cannot: &CannotTell, redactor: &Redactor) -> CannotTell {
    CannotTell::new(cannot.word, redactor.cut_body(&cannot.reason))
}

fn exchanges(world: &World, before: usize, redactor: &Redactor, limits: &recording::Limits) -> Vec<RecordedExchange> {
    let own = world.exchanges.iter().skip(before);
    own.map(|exchange| recording::record(exchange, redactor, limits)).collect()
}
