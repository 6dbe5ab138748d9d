//! The dashboard as one self-contained HTML page: no network, no framework, readable from a file.

use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::domain::finding::Finding;
use crate::domain::mutation::Kind;
use crate::domain::readiness::timeline::{Moment, Timeline};
use crate::domain::readiness::{Criterion, EnvironmentReadiness, Row, State, Verdict};
use crate::domain::record::{Outcome, RecordedExchange};
use crate::report::dashboard::Dashboard;
use crate::report::digest::{self, Obstacle};
use crate::report::past::{self, Segment};
use crate::report::section::{self, Section};

const STYLE: &str = include_str!("templates/dashboard.css");
const SCRIPT: &str = include_str!("templates/dashboard.js");

/// Changes that a list names before it counts them.
const CHANGES: usize = 40;

/// Integrations that a reason names before the rest is folded away.
const SHOWN: usize = 12;

/// Survivors, and others of their like, that a contract's part names before it counts them.
const SURVIVORS: usize = 25;

/// Unpromised places that it names.
const PLACES: usize = 60;

/// Draws the page.
///
/// # Errors
/// None that is known: a template fails where a value's `Display` fails.
pub fn draw(dashboard: &Dashboard<'_>) -> Result<String, askama::Error> {
    let environments: Vec<Judged<'_>> = dashboard.readiness.environments.iter().map(Judged::new).collect();
    let worst = |judged: &Judged<'_>| match judged.environment.verdict {
        Verdict::NoGo => 0,
        Verdict::Unknown => 1,
        Verdict::Go => 2,
    };
    let first = (0..environments.len()).min_by_key(|index| worst(&environments[*index])).unwrap_or(0);
    Page {
        dashboard,
        style: STYLE,
        script: SCRIPT,
        style_hash: hash(STYLE),
        script_hash: hash(SCRIPT),
        environments,
        first,
        sections: section::sections(dashboard),
    }
    .render()
}

/// What a content security policy names an inline text by (CSP 3, `hash-source`).
fn hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text)))
}

#[derive(Template)]
#[template(path = "dashboard.html")]
struct Page<'a> {
    dashboard: &'a Dashboard<'a>,
    style: &'static str,
    script: &'static str,
    style_hash: String,
    script_hash: String,
    environments: Vec<Judged<'a>>,
    /// The environment that is shown first: the one with the worst verdict.
    first: usize,
    sections: Vec<Section<'a>>,
}

impl Page<'_> {
    /// Readiness over time, where there is something to look back on.
    fn past(&self) -> Option<&Timeline> {
        self.dashboard.past.filter(|timeline| past::is_worth_drawing(timeline))
    }
}

/// One environment of the page.
struct Judged<'a> {
    environment: &'a EnvironmentReadiness,
    obstacles: Vec<Obstacle<'a>>,
    silence: Option<&'static str>,
    /// Required cells, and those of them that let pass.
    required: usize,
    passing: usize,
}

impl<'a> Judged<'a> {
    fn new(environment: &'a EnvironmentReadiness) -> Self {
        let required = || environment.rows.iter().flat_map(|row| &row.cells).filter(|cell| cell.required);
        Self {
            environment,
            obstacles: digest::obstacles(environment),
            silence: digest::silence(environment),
            required: required().count(),
            passing: required().filter(|cell| cell.state.lets_pass()).count(),
        }
    }

    fn requires(&self, criterion: Criterion) -> bool {
        self.environment.rows.iter().filter_map(|row| row.cell(criterion)).any(|cell| cell.required)
    }

    /// The rows that the verdict is about, and then the others under a heading of their own.
    fn groups(&self) -> Vec<(Option<&'static str>, Vec<&'a Row>)> {
        let concerns = |row: &&Row| row.cells.iter().any(|cell| cell.required);
        let (own, others): (Vec<&Row>, Vec<&Row>) = self.environment.rows.iter().partition(concerns);
        let heading = (!own.is_empty()).then_some("Not part of this verdict");
        [(None, own), (heading, others)].into_iter().filter(|(_, rows)| !rows.is_empty()).collect()
    }

    fn next(&self) -> Option<&str> {
        self.obstacles.iter().find_map(|obstacle| obstacle.next.first()).map(String::as_str)
    }
}

/// The class of what is drawn with a shape and a colour of its own; the word stands beside it.
trait Drawn {
    fn letter(&self) -> &'static str;
    fn word(&self) -> &'static str;
}

impl Drawn for State {
    fn word(&self) -> &'static str {
        self.as_str()
    }

    fn letter(&self) -> &'static str {
        match self {
            Self::Ready => "r",
            Self::Failing => "f",
            Self::Blocked => "b",
            Self::Unknown => "u",
            Self::Stale => "s",
            Self::Waived => "w",
            Self::NotApplicable => "n",
        }
    }
}

impl Drawn for Outcome {
    fn word(&self) -> &'static str {
        self.as_str()
    }

    fn letter(&self) -> &'static str {
        match self {
            Self::Kept => "r",
            Self::Broken => "f",
            Self::Unasked => "u",
            Self::Untested => "o",
        }
    }
}

impl Drawn for Verdict {
    fn word(&self) -> &'static str {
        self.as_str()
    }

    fn letter(&self) -> &'static str {
        match self {
            Self::Go => "r",
            Self::NoGo => "f",
            Self::Unknown => "u",
        }
    }
}

/// A segment as a path: what is ready stands full height, all else half, so that colour is never alone.
fn path<T: Drawn>(segment: &Segment<T>) -> String {
    let top = if segment.state.letter() == "r" { 1 } else { 6 };
    let (from, width) = (segment.from * past::STEP, segment.moments * past::STEP - 1);
    format!("M{from} {top}h{width}v{}h-{width}z", 11 - top)
}

fn words<T: Drawn>(segments: &[Segment<T>]) -> String {
    past::words(segments, Drawn::word)
}

fn moments(timeline: &Timeline) -> String {
    let runs = timeline.moments.iter().filter(|moment| moment.record.is_some()).count();
    let from = timeline.moments.first().map(|moment: &Moment| moment.at.strftime("%Y-%m-%d %H:%M UTC").to_string());
    format!("As of each of the last {} since {}, and now.", digest::number(runs, "run"), from.unwrap_or_default())
}

fn titles(criteria: &[Criterion]) -> String {
    criteria.iter().map(|criterion| criterion.title()).collect::<Vec<_>>().join(", ")
}

fn kinds(kinds: &[Kind]) -> String {
    kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ")
}

/// The facts of a finding that are worth a line of their own.
fn facts(finding: &Finding) -> Vec<(&'static str, String)> {
    [("at", &finding.pointer), ("expected", &finding.expected), ("actual", &finding.actual)]
        .into_iter()
        .filter_map(|(name, value)| value.as_deref().map(|value| (name, section::excerpt(value))))
        .collect()
}

/// The lines of a diff with the class that each is drawn in.
fn diff_lines(diff: &str) -> Vec<(&'static str, String)> {
    section::excerpt(diff)
        .lines()
        .map(|line| {
            let class = match line.as_bytes().first() {
                Some(b'+') => "ins",
                Some(b'-') => "del",
                _ => "span",
            };
            (class, line.to_owned())
        })
        .collect()
}

fn answer(exchange: &RecordedExchange) -> String {
    match (&exchange.status, &exchange.no_answer) {
        (Some(status), _) => status.to_string(),
        (None, Some(reason)) => reason.to_string(),
        (None, None) => "no answer".to_owned(),
    }
}
