//! From a scenario's world to its record: redacted, cut, judged.

use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use sha2::{Digest, Sha256};

use crate::domain::exchange::{Exchange, NoAnswer};
use crate::domain::finding::{Code, Finding};
use crate::domain::record::recorded_exchange::{RecordedBody, RecordedExchange};
use crate::domain::record::{Outcome, ScenarioRun};
use crate::domain::secret::Redactor;
use crate::engine::plan::Planned;
use crate::steps::world::{Stop, World};

/// How much of a scenario's exchanges is kept.
pub struct Limits {
    exchanges: usize,
    body_bytes: usize,
}

/// A kept scenario needs little: under 4 kB, so that ten thousand fit.
pub const KEPT: Limits = Limits { exchanges: 6, body_bytes: 512 };
pub const NOT_KEPT: Limits = Limits { exchanges: 40, body_bytes: 8 * 1024 };

/// The record of a scenario that ran.
pub fn ran(planned: &Planned, world: &World, gaps: &[String], redactor: &Redactor, took: Duration) -> ScenarioRun {
    let (outcome, reason) = judge(world, gaps);
    let limits = if outcome == Outcome::Kept { KEPT } else { NOT_KEPT };
    let mut run = base(planned, redactor);
    run.outcome = outcome;
    run.reason = reason.map(|reason| redactor.body(&reason));
    run.findings = world.findings.iter().map(|finding| clean(finding, redactor)).collect();
    run.checks = world.checks;
    let left_out = world.exchanges.len().saturating_sub(limits.exchanges);
    // The last ones are those that the promises were about.
    run.exchanges = world.exchanges.iter().skip(left_out).map(|exchange| record(exchange, redactor, &limits)).collect();
    run.exchanges_left_out = u32::try_from(left_out).unwrap_or(u32::MAX);
    run.duration_us = micros(took);
    run
}

/// The record of a scenario that did not run.
pub fn did_not_run(
    planned: &Planned,
    outcome: Outcome,
    reason: &str,
    findings: &[Finding],
    redactor: &Redactor,
) -> ScenarioRun {
    let findings = findings.iter().map(|finding| clean(finding, redactor)).collect();
    ScenarioRun { outcome, reason: Some(redactor.body(reason)), findings, ..base(planned, redactor) }
}

fn base(planned: &Planned, redactor: &Redactor) -> ScenarioRun {
    ScenarioRun {
        place: planned.place.clone(),
        feature: planned.feature.clone(),
        rule: planned.rule.clone(),
        name: redactor.text(&planned.scenario.name),
        tags: planned.tags.clone(),
        promises: planned.promises.clone(),
        outcome: Outcome::Untested,
        reason: None,
        findings: Vec::new(),
        checks: 0,
        exchanges: Vec::new(),
        exchanges_left_out: 0,
        duration_us: 0,
    }
}

/// The outcome of a world: broken before unasked before untested before kept.
pub fn judge(world: &World, gaps: &[String]) -> (Outcome, Option<String>) {
    let harmless = |finding: &&Finding| matches!(finding.code, Code::NothingChecked | Code::BadStep);
    if !gaps.is_empty() {
        return (Outcome::Unasked, Some(format!("the twin does not model {}", gaps.join("; "))));
    }
    if world.findings.iter().any(|finding| !harmless(&finding)) {
        return (Outcome::Broken, None);
    }
    match &world.stop {
        Some((Stop::Unasked(reason) | Stop::BadStep(reason), _)) => return (Outcome::Unasked, Some(reason.clone())),
        None => {}
    }
    if let Some(finding) = world.findings.first() {
        return (Outcome::Untested, Some(finding.message.clone()));
    }
    if world.exchanges.is_empty() && !world.trial.was_held() {
        return (Outcome::Untested, Some("the scenario made no request".to_owned()));
    }
    if world.checks == 0 {
        return (Outcome::Untested, Some("the scenario asked for no promise".to_owned()));
    }
    (Outcome::Kept, None)
}

/// A finding without secrets.
pub fn clean(finding: &Finding, redactor: &Redactor) -> Finding {
    let text = |text: &String| redactor.cut_body(text);
    Finding {
        message: text(&finding.message),
        expected: finding.expected.as_ref().map(text),
        actual: finding.actual.as_ref().map(text),
        pointer: finding.pointer.as_ref().map(text),
        diff: finding.diff.as_ref().map(text),
        ..finding.clone()
    }
}

/// An exchange, redacted and cut.
pub fn record(exchange: &Exchange, redactor: &Redactor, limits: &Limits) -> RecordedExchange {
    let request = &exchange.request;
    let (status, no_answer, response_headers, response_body) = match &exchange.outcome {
        Ok(answer) => (
            Some(answer.status.as_u16()),
            None,
            headers(&answer.headers, redactor),
            body(&answer.body, redactor, limits),
        ),
        Err(reason) => (None, Some(no_answer(reason, redactor)), Vec::new(), None),
    };
    RecordedExchange {
        method: request.method.as_str().into(),
        path: path(&request.url, redactor).into(),
        request_headers: headers(&request.headers, redactor),
        request_body: body(&request.body, redactor, limits),
        status,
        no_answer,
        response_headers,
        response_body,
        duration_us: micros(exchange.duration),
        approval: exchange.approval,
    }
}

fn no_answer(reason: &NoAnswer, redactor: &Redactor) -> NoAnswer {
    match reason {
        NoAnswer::Dns(cause) => NoAnswer::Dns(redactor.text(cause)),
        NoAnswer::Refused(cause) => NoAnswer::Refused(redactor.text(cause)),
        NoAnswer::Tls(cause) => NoAnswer::Tls(redactor.text(cause)),
        NoAnswer::CutOff(cause) => NoAnswer::CutOff(redactor.text(cause)),
        NoAnswer::Other(cause) => NoAnswer::Other(redactor.text(cause)),
        plain @ (NoAnswer::TimedOut(_) | NoAnswer::Reset | NoAnswer::TooLong(_)) => plain.clone(),
    }
}

/// Path and query, with secret parameters redacted by name and known secrets by value.
fn path(url: &url::Url, redactor: &Redactor) -> String {
    let path = redactor.text(url.path());
    let Some(query) = url.query() else { return path };
    let parts: Vec<String> = query
        .split('&')
        .map(|part| match part.split_once('=') {
            Some((name, _)) if Redactor::is_secret_member(name) => {
                format!("{name}={}", crate::domain::secret::REDACTED)
            }
            _ => redactor.text(part),
        })
        .collect();
    format!("{path}?{}", parts.join("&"))
}

fn headers(headers: &HeaderMap, redactor: &Redactor) -> Vec<(Box<str>, Box<str>)> {
    let value =
        |name: &str, value: &http::HeaderValue| redactor.header(name, &String::from_utf8_lossy(value.as_bytes()));
    headers.iter().map(|(name, text)| (name.as_str().into(), value(name.as_str(), text).into())).collect()
}

/// The beginning of a body, redacted.
pub fn body(bytes: &Bytes, redactor: &Redactor, limits: &Limits) -> Option<RecordedBody> {
    if bytes.is_empty() {
        return None;
    }
    let is_cut = bytes.len() > limits.body_bytes;
    // Redaction comes before the cut, so that no secret survives as its first half.
    let window = &bytes[..bytes.len().min(limits.body_bytes * 4)];
    let text = String::from_utf8_lossy(window);
    let clean = if window.len() < bytes.len() { redactor.cut_body(&text) } else { redactor.body(&text) };
    let text: String = if is_cut { start(&clean, limits.body_bytes).to_owned() } else { clean };
    Some(RecordedBody {
        text: text.into(),
        length: bytes.len() as u64,
        sha256: is_cut.then(|| hex::encode(Sha256::digest(bytes)).into()),
    })
}

/// The longest start of a text of at most so many bytes.
pub fn start(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}

/// Microseconds.
pub fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bytes::Bytes;
    use http::{HeaderMap, Method};
    use jiff::Timestamp;

    use super::{KEPT, body, judge};
    use crate::domain::contract::Place;
    use crate::domain::exchange::{Exchange, NoAnswer, Request};
    use crate::domain::finding::{Code, Finding};
    use crate::domain::record::Outcome;
    use crate::domain::secret::Redactor;
    use crate::steps::world::exchanges::Exchanges;
    use crate::steps::world::{Stop, World};

    /// A world that asked once and got so many promises.
    fn world(checks: u32) -> World {
        let request = Request {
            method: Method::GET,
            url: "http://shop.example/".parse().unwrap(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
        };
        let exchange = Exchange {
            request,
            outcome: Err(NoAnswer::Reset),
            started: Timestamp::UNIX_EPOCH,
            duration: Duration::ZERO,
            approval: None,
        };
        let mut world = World::default();
        world.exchanges.push(exchange);
        world.checks = checks;
        world
    }

    fn finding(code: Code) -> Finding {
        Finding::new(code, "told")
    }

    #[test]
    fn only_a_world_that_asked_and_was_promised_something_is_kept() {
        let place = || Place { file: "f".into(), line: 3 };
        let outcome = |checks, change: fn(&mut World)| {
            let mut world = world(checks);
            change(&mut world);
            judge(&world, &[])
        };
        let stopped = |stop: Stop, codes: &[Code]| {
            let mut world = world(1);
            world.stop = Some((stop, place()));
            world.findings.extend(codes.iter().map(|code| finding(*code)));
            judge(&world, &[])
        };
        let unasked = || Stop::Unasked("no key".into());
        assert_eq!(outcome(1, |_| {}), (Outcome::Kept, None));
        assert_eq!(outcome(0, |_| {}).0, Outcome::Untested);
        assert_eq!(outcome(1, |world| world.exchanges = Exchanges::default()).0, Outcome::Untested);
        let idle = outcome(1, |world| world.findings.push(finding(Code::NothingChecked)));
        assert_eq!(idle, (Outcome::Untested, Some("told".to_owned())));
        assert_eq!(stopped(unasked(), &[]), (Outcome::Unasked, Some("no key".to_owned())));
        let bad_step = stopped(Stop::BadStep("no path".into()), &[Code::BadStep]);
        assert_eq!(bad_step, (Outcome::Unasked, Some("no path".to_owned())));
        // What was found stays found, whatever happened afterwards.
        assert_eq!(stopped(unasked(), &[Code::Status]).0, Outcome::Broken);
        assert_eq!(judge(&world(1), &["GET /x".to_owned()]).0, Outcome::Unasked);
    }

    #[test]
    fn a_body_is_cut_without_leaving_half_a_secret() {
        let mut redactor = Redactor::default();
        let secret = "s3cr3t-".repeat(16);
        redactor.hide(&secret);
        for before in 0..secret.len() {
            let text = format!("{}{}", "x".repeat(before), format!("{secret} ").repeat(40));
            let recorded = body(&Bytes::from(text.clone()), &redactor, &KEPT).unwrap();
            assert!(!recorded.text.contains("s3cr3t-"), "{before}: {}", recorded.text);
            assert!(recorded.text.len() <= 512 && recorded.sha256.is_some());
            assert_eq!(recorded.length, text.len() as u64);
        }
    }
}
