//! The page of one service: its state, three windows, what failed and how, its incidents and its evidence.

use askama::Template;
use serde::Serialize;

use crate::domain::integration::Name;
use crate::domain::monitor::series::Outlook;
use crate::domain::monitor::service_view::ServiceView;
use crate::domain::probe::run::{ProbeRun, StepRun};
use crate::domain::readiness::{Cell, Criterion, Row};
use crate::domain::record::Outcome;
use crate::domain::record::recorded_exchange::{RecordedBody, RecordedExchange};
use crate::report::digest;
use crate::report::live::brief::Brief;
use crate::report::live::overview::notice;
use crate::report::live::view::{Place, Scene, View, part};
use crate::report::live::{bar, chart, words};
use crate::report::section;

/// A bad run as it was kept.
#[derive(Clone, Debug, Serialize)]
pub struct Failed {
    pub run: ProbeRun,
    /// How often the same was seen within its hour.
    pub times: u64,
    /// When it was last seen.
    pub last: jiff::Timestamp,
}

#[derive(Template)]
#[template(path = "live/state.html")]
struct Head<'a> {
    service: &'a ServiceView,
    scene: &'a Scene<'a>,
    /// Services that cannot be well without it.
    stand_on_it: Vec<&'a Name>,
}

impl Head<'_> {
    fn letter(&self) -> &'static str {
        words::health(self.service.health)
    }

    fn since(&self) -> Option<(String, String)> {
        let since = self.service.since?;
        Some((words::at(since), words::long_span(self.scene.now.duration_since(since))))
    }

    fn heard(&self) -> String {
        let ago = |at| format!("{} ago", words::long_span(self.scene.now.duration_since(at)));
        self.service.heard.map_or_else(|| "not yet".to_owned(), ago)
    }

    fn points(&self) -> String {
        self.service.score.points.map_or_else(|| "–".to_owned(), |points| points.to_string())
    }

    fn quota(&self) -> Option<String> {
        let quota = self.service.quota?;
        let number = |number: Option<u64>| number.map_or_else(|| "?".to_owned(), |number| number.to_string());
        let used = quota.used_percent().map(|used| format!("{used:.0} % used, ")).unwrap_or_default();
        let resets = quota.reset.map(|at| format!(", anew in {}", words::span(at.duration_since(self.scene.now))));
        Some(format!("{used}{} of {} left{}", number(quota.remaining), number(quota.limit), resets.unwrap_or_default()))
    }
}

#[derive(Template)]
#[template(path = "live/window.html")]
struct Stretch<'a> {
    outlook: &'a Outlook,
    name: &'static str,
    bar: String,
    chart: Option<String>,
}

impl Stretch<'_> {
    fn up(&self) -> String {
        words::uptime(Some(self.outlook))
    }

    fn good(&self) -> String {
        self.outlook.success_percent.map_or_else(|| "–".to_owned(), words::percent)
    }

    fn data(&self) -> String {
        words::percent(self.outlook.data_percent)
    }

    fn latency(&self) -> [String; 3] {
        [self.outlook.p50_ms, self.outlook.p95_ms, self.outlook.p99_ms].map(words::millis)
    }
}

#[derive(Template)]
#[template(path = "live/failures.html")]
pub(super) struct Wrong<'a> {
    pub failures: &'a [Failed],
    /// Answers are left out where anybody may look.
    pub public: bool,
    /// What is said where there are none.
    pub none: &'static str,
}

#[derive(Template)]
#[template(path = "live/past.html")]
struct Past<'a> {
    incidents: Vec<Brief<'a>>,
}

#[derive(Template)]
#[template(path = "live/evidence.html")]
struct Evidence<'a> {
    row: Option<&'a Row>,
    integration: &'a Name,
    scene: &'a Scene<'a>,
}

#[derive(Template)]
#[template(path = "live/service.html")]
struct Page {
    notice: String,
    head: String,
    windows: Vec<String>,
    failures: String,
    past: String,
    evidence: String,
}

/// Draws the page; `failures` are the latest, the newest first.
///
/// # Errors
/// None that is known: a template fails where a value's `Display` fails.
pub fn draw(scene: &Scene<'_>, service: &ServiceView, failures: &[Failed]) -> Result<View, askama::Error> {
    let mut parts = Vec::new();
    let notice = notice(scene, &mut parts)?;
    let all = &scene.overview.services;
    let stand_on_it = all.iter().filter(|other| other.depends_on.contains(&service.name)).map(|it| &it.name).collect();
    let head = part(&mut parts, "state", Head { service, scene, stand_on_it }.render()?);
    let mut windows = Vec::new();
    for outlook in service.outlooks.iter().map(AsRef::as_ref) {
        let (bar, chart) = (bar::draw(outlook, true), chart::draw(outlook));
        let drawn = Stretch { outlook, name: bar::name(outlook.window), bar, chart }.render()?;
        windows.push(part(&mut parts, format!("w-{}", outlook.window.as_str()), drawn));
    }
    let none = "None of the last thirty days is kept.";
    let failures = Wrong { failures, public: scene.public, none }.render()?;
    let failures = part(&mut parts, "failures", failures);
    let concerns = |name: &Name, affected: &std::collections::BTreeSet<Name>| {
        *name == service.name || affected.contains(&service.name)
    };
    let incidents = scene.overview.incidents.iter().filter(|it| concerns(&it.service, &it.affected));
    let past = part(&mut parts, "incidents", Past { incidents: Brief::all(incidents, scene.now) }.render()?);
    let row = scene.readiness.and_then(|it| it.rows.iter().find(|row| row.integration == service.integration));
    let evidence = Evidence { row, integration: &service.integration, scene }.render()?;
    let evidence = part(&mut parts, "evidence", evidence);
    let body = Page { notice, head, windows, failures, past, evidence }.render()?;
    let title = format!("{} {}", service.title, service.health);
    Ok(View { title, place: Place::Services, body, parts })
}

/// How often, where it was more than once.
fn times(failed: &Failed) -> String {
    if failed.times > 1 { format!("{} times, ", failed.times) } else { String::new() }
}

fn outcome(step: &StepRun) -> (&'static str, &'static str) {
    let letter = match step.outcome {
        Outcome::Kept => "r",
        Outcome::Broken if step.decides() => "f",
        Outcome::Broken => "n",
        Outcome::Unasked | Outcome::Untested => "u",
    };
    (letter, step.outcome.as_str())
}

/// What is broken of a step, or why nothing could be told.
fn reasons(step: &StepRun) -> Vec<String> {
    let broken = step.findings.iter().map(|finding| finding.message.clone());
    broken.chain(step.cannot.as_ref().map(ToString::to_string)).collect()
}

fn reason(run: &ProbeRun) -> String {
    let Some(step) = run.culprit() else { return run.outcome.as_str().to_owned() };
    let first = reasons(step).into_iter().next().unwrap_or_else(|| step.outcome.as_str().to_owned());
    format!("{}: {first}", step.name)
}

fn answer(exchange: &RecordedExchange) -> String {
    match (&exchange.status, &exchange.no_answer) {
        (Some(status), _) => status.to_string(),
        (None, Some(reason)) => reason.to_string(),
        (None, None) => "no answer".to_owned(),
    }
}

fn took(exchange: &RecordedExchange) -> String {
    digest::duration(exchange.duration_us)
}

fn body(body: &RecordedBody) -> String {
    section::body(body)
}

fn cells(row: &Row) -> Vec<&Cell> {
    Criterion::ALL.iter().filter_map(|criterion| row.cell(*criterion)).collect()
}

fn proof(cell: &Cell, now: jiff::Timestamp) -> Option<(String, String)> {
    let proof = cell.proof.as_ref()?;
    Some((proof.record.clone(), words::span(now.duration_since(proof.finished))))
}

fn cell_letter(cell: &Cell) -> &'static str {
    words::state(cell.state)
}
