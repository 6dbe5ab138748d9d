//! The dashboard as one self-contained HTML page: no network, no framework, readable from a file.

use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::domain::blocker::overdue::in_words;
use crate::domain::blocker::summary::Summary;
use crate::domain::declaration::register::{self, Register};
use crate::domain::finding::Finding;
use crate::domain::flip::{FlipRun, PhaseRun};
use crate::domain::mutation::Kind;
use crate::domain::readiness::timeline::{Moment, Timeline};
use crate::domain::readiness::{Criterion, EnvironmentReadiness, Row, State, Verdict};
use crate::domain::record::Outcome;
use crate::domain::record::recorded_exchange::RecordedExchange;
use crate::domain::secret;
use crate::domain::secret::audit::SecretAudit;
use crate::domain::secret::category::Standing;
use crate::report::dashboard::{Dashboard, Flown};
use crate::report::digest::{self, Obstacle};
use crate::report::gauntlet;
use crate::report::past::{self, Segment};
use crate::report::probe;
use crate::report::section::{self, Section};
use crate::report::suite;
use crate::report::text::{one_line, shortened};

const STYLE: &str = include_str!("templates/dashboard.css");
const SCRIPT: &str = include_str!("templates/dashboard.js");

/// Changes that a list names before it counts them.
const CHANGES: usize = 40;

/// Flips that are drawn with their phases, the newest; the others have a line each.
const FLIPS: usize = 2;

/// Lines of what a phase of a flip saw.
const SEEN: usize = 5;

/// Lines of any other list of what stands beside the contracts, before it counts the rest.
const LINES: usize = 10;

/// Characters of a text that was written elsewhere.
const SHORT: usize = 400;

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

impl Drawn for secret::audit::State {
    fn word(&self) -> &'static str {
        self.as_str()
    }

    fn letter(&self) -> &'static str {
        match self {
            Self::Right => "r",
            Self::Unknown => "u",
            Self::Wrong | Self::Absent => "f",
        }
    }
}

impl Drawn for Standing {
    fn word(&self) -> &'static str {
        self.as_str()
    }

    fn letter(&self) -> &'static str {
        match self {
            Self::Shown => "r",
            Self::Written => "n",
            Self::Unknown => "u",
            Self::Missing => "f",
        }
    }
}

/// What somebody else wrote, on one line and not endless.
fn short(text: impl AsRef<str>) -> String {
    shortened(&one_line(text.as_ref()), SHORT)
}

/// How fast a flip took effect, and how fast it was back.
fn pace(flip: &FlipRun) -> String {
    let told = |milliseconds: Option<u64>, before: &str, behind: &str| {
        let told = milliseconds.map(|took| digest::duration(took.saturating_mul(1000)));
        told.map(|took| format!(" · {before} {took} after {behind}")).unwrap_or_default()
    };
    told(flip.effective_ms, "effective", "the change") + &told(flip.rollback_ms, "proven back", "the rollback began")
}

fn took(phase: &PhaseRun) -> String {
    digest::duration(phase.took_ms().saturating_mul(1000))
}

fn lateness(blocker: &Summary) -> String {
    blocker.overdue_minutes.map(|minutes| format!(" overdue by {}", in_words(minutes))).unwrap_or_default()
}

/// Secrets that are in one state for one reason.
struct Alike<'a> {
    state: secret::audit::State,
    required: bool,
    /// With `…` where the secret's own name stands.
    why: String,
    names: Vec<&'a str>,
}

/// Groups secrets, in their order.
fn alike(secrets: Vec<&SecretAudit>) -> Vec<Alike<'_>> {
    let mut groups: Vec<Alike<'_>> = Vec::new();
    for secret in secrets {
        let texts: Vec<String> = secret.findings.iter().map(|told| told.text.replace(&secret.name, "…")).collect();
        let new = Alike { state: secret.state, required: secret.required, why: texts.join("; "), names: Vec::new() };
        let same =
            |group: &&mut Alike<'_>| (group.state, group.required, &group.why) == (new.state, new.required, &new.why);
        match groups.iter_mut().find(same) {
            Some(group) => group.names.push(&secret.name),
            None => groups.push(Alike { names: vec![&secret.name], ..new }),
        }
    }
    groups
}

/// The newest first.
fn newest<'a>(flips: &[Flown<'a>]) -> Vec<Flown<'a>> {
    let mut all = flips.to_vec();
    all.sort_by_key(|flown| std::cmp::Reverse(flown.record.started));
    all
}

fn flown(flown: &Flown<'_>) -> &'static str {
    if flown.flip.rehearsal { "rehearsal" } else { "flip" }
}

/// The open ones first.
fn open_first(blockers: &[Summary]) -> Vec<&Summary> {
    let mut all: Vec<&Summary> = blockers.iter().collect();
    all.sort_by_key(|blocker| !blocker.open);
    all
}

/// Approvals and waivers: what stands first, and of each the newest first.
fn standing_first(register: &Register) -> Vec<&register::Standing> {
    let mut all: Vec<_> = register.approvals.iter().chain(&register.waivers).collect();
    all.sort_by_key(|word| (word.doubt.is_some(), std::cmp::Reverse(word.sequence)));
    all
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
