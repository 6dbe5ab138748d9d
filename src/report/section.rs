//! What the dashboard tells of one integration, grouped so that nothing is said twice.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::domain::finding::Finding;
use crate::domain::integration::Name;
use crate::domain::readiness::{Cell, Criterion, Readiness, State};
use crate::domain::record::recorded_exchange::{RecordedBody, RecordedExchange};
use crate::domain::record::{Outcome, ScenarioRun};
use crate::domain::target::Target;
use crate::report::dashboard::{Dashboard, Proven, Run};
use crate::report::digest::{self, Silent};
use crate::report::gauntlet::Tried;
use crate::report::probe::Asked;
use crate::report::suite;
use crate::report::text::cut;

/// Bytes of exchanges, and of what findings expected and got, that the whole page may hold. The rest is in the records.
const MOST_DETAIL: usize = 120_000;
/// Exchanges drawn of one scenario, the last ones: a finding is mostly about the last answer.
const MOST_EXCHANGES: usize = 3;
/// Characters of a value, a diff or a body.
const MOST_TEXT: usize = 1_500;

/// One integration of the page.
pub struct Section<'a> {
    pub name: &'a Name,
    pub title: &'a str,
    pub owner: Option<&'a str>,
    pub lines: Vec<Line<'a>>,
    pub runs: Vec<Told<'a>>,
    pub suites: Vec<suite::Told<'a>>,
    /// What mutated answers showed of its contract.
    pub proven: Option<Proven<'a>>,
    /// The newest gauntlet of its client, if there was one.
    pub gauntlets: Vec<Tried<'a>>,
    /// The newest run of each of its probes and environments.
    pub probes: Vec<Asked<'a>>,
}

/// Criteria and environments that share a state and its reason.
pub struct Line<'a> {
    pub criteria: Vec<Criterion>,
    /// Empty when it holds for all of them.
    pub environments: Vec<&'a str>,
    pub state: State,
    pub reason: &'a str,
    pub next: Vec<Cow<'a, str>>,
    pub evidence: Option<String>,
}

/// One run of one integration.
pub struct Told<'a> {
    pub run: &'a Run<'a>,
    pub age: String,
    /// The verdict rests on another run than the one drawn here.
    pub overtaken: bool,
    pub asked: usize,
    pub kept: usize,
    pub never: Vec<&'a str>,
    /// Promise ids by outcome, the worst first.
    pub promises: Vec<(Outcome, Vec<&'a str>)>,
    pub broken: Vec<Broken<'a>>,
    pub silent: Vec<Silent<'a>>,
    /// Kept scenarios by feature and file.
    pub features: Vec<(&'a str, &'a str, Vec<&'a ScenarioRun>)>,
}

/// A scenario with what it broke.
pub struct Broken<'a> {
    pub scenario: &'a ScenarioRun,
    /// With expected, actual and diff as far as there was room.
    pub findings: Vec<(&'a Finding, bool)>,
    pub exchanges: &'a [RecordedExchange],
    /// Exchanges that were made and are not drawn.
    pub left_out: usize,
}

/// Every integration that was judged or that ran, by name.
pub fn sections<'a>(dashboard: &'a Dashboard<'a>) -> Vec<Section<'a>> {
    let mut sections: BTreeMap<&Name, Section<'a>> = BTreeMap::new();
    for environment in &dashboard.readiness.environments {
        for row in &environment.rows {
            let section = || Section {
                owner: row.owner.as_deref(),
                lines: lines(dashboard.readiness, &row.integration),
                ..Section::new(&row.integration, &row.title)
            };
            sections.entry(&row.integration).or_insert_with(section);
        }
    }
    let not_kept = dashboard.runs.iter().filter(|run| run.contract.outcome() == Outcome::Broken).count();
    let share = MOST_DETAIL / not_kept.max(1);
    for run in &dashboard.runs {
        let name = &run.contract.integration;
        let section = sections.entry(name).or_insert_with(|| Section::new(name, &run.contract.title));
        section.runs.push(tell(run, dashboard.readiness, dashboard.generated, share));
    }
    for (record, found) in &dashboard.suites {
        let Some(name) = &found.integration else { continue };
        let section = sections.entry(name).or_insert_with(|| Section::new(name, name.as_str()));
        section.suites.push(suite::tell(record, found, dashboard.generated));
    }
    for (name, proven) in &dashboard.proven {
        sections.entry(name).or_insert_with(|| Section::new(name, name.as_str())).proven = Some(*proven);
    }
    for tried in &dashboard.gauntlets {
        let name = &tried.run.integration;
        sections.entry(name).or_insert_with(|| Section::new(name, name.as_str())).gauntlets.push(*tried);
    }
    for asked in &dashboard.probes {
        let name = &asked.run.integration;
        sections.entry(name).or_insert_with(|| Section::new(name, &asked.run.title)).probes.push(*asked);
    }
    sections.into_values().collect()
}

impl<'a> Section<'a> {
    /// With nothing in it.
    fn new(name: &'a Name, title: &'a str) -> Self {
        Self {
            name,
            title,
            owner: None,
            lines: Vec::new(),
            runs: Vec::new(),
            suites: Vec::new(),
            proven: None,
            gauntlets: Vec::new(),
            probes: Vec::new(),
        }
    }
}

impl Told<'_> {
    /// `part` of the operations, in percent, rounded down: only all of them are 100.
    pub fn percent(&self, part: usize) -> usize {
        (part * 100).checked_div(self.run.contract.operations.len()).unwrap_or(0)
    }
}

fn lines<'a>(readiness: &'a Readiness, name: &Name) -> Vec<Line<'a>> {
    let mut lines: Vec<Line<'a>> = Vec::new();
    for criterion in Criterion::ALL {
        let mut of_criterion: Vec<Line<'a>> = Vec::new();
        for environment in &readiness.environments {
            let row = environment.rows.iter().find(|row| row.integration == *name);
            let Some(cell) = row.and_then(|row| row.cell(criterion)) else { continue };
            match of_criterion.iter_mut().find(|line| (line.state, line.reason) == (cell.state, cell.reason.as_str())) {
                Some(line) => {
                    line.environments.push(&environment.environment);
                    let next = cell.next.as_deref().map(Cow::Borrowed);
                    line.next.extend(next.filter(|next| !line.next.contains(next)));
                }
                None => of_criterion.push(line(cell, &environment.environment)),
            }
        }
        for mut new in of_criterion {
            new.next = one_for_environments(new.next);
            if new.environments.len() == readiness.environments.len() {
                new.environments.clear();
            }
            match lines.iter_mut().find(|known| known.says_the_same(&new)) {
                Some(known) => {
                    known.criteria.push(criterion);
                    new.next.retain(|next| !known.next.contains(next));
                    known.next.append(&mut new.next);
                }
                None => lines.push(new),
            }
        }
    }
    lines
}

fn line<'a>(cell: &'a Cell, environment: &'a str) -> Line<'a> {
    let evidence = cell.proof.as_ref().map(|proof| {
        let age = digest::age(SignedDuration::from_secs(proof.age_seconds));
        format!("#{}, {age}", proof.sequence)
    });
    Line {
        criteria: vec![cell.criterion],
        environments: vec![environment],
        state: cell.state,
        reason: &cell.reason,
        next: cell.next.as_deref().map(Cow::Borrowed).into_iter().collect(),
        evidence,
    }
}

/// Commands that differ in the environment alone are one, with a word in its place.
fn one_for_environments(commands: Vec<Cow<'_, str>>) -> Vec<Cow<'_, str>> {
    let general = |command: &Cow<'_, str>| {
        let mut words: Vec<&str> = command.split(' ').collect();
        if let Some(at) = words.iter().position(|word| *word == "--env")
            && let Some(environment) = words.get_mut(at + 1)
        {
            *environment = "ENV";
        }
        words.join(" ")
    };
    match commands.as_slice() {
        [first, rest @ ..] if !rest.is_empty() => {
            let one = general(first);
            if rest.iter().all(|other| general(other) == one) { vec![Cow::Owned(one)] } else { commands }
        }
        _ => commands,
    }
}

impl Line<'_> {
    fn says_the_same(&self, other: &Line<'_>) -> bool {
        self.state == other.state
            && self.reason == other.reason
            && self.environments == other.environments
            && self.evidence == other.evidence
    }
}

fn tell<'a>(run: &'a Run<'a>, readiness: &Readiness, now: Timestamp, share: usize) -> Told<'a> {
    let contract = run.contract;
    let mut promises: Vec<(Outcome, Vec<&str>)> =
        [Outcome::Broken, Outcome::Unasked, Outcome::Untested, Outcome::Kept].map(|o| (o, Vec::new())).into();
    for (id, outcome) in contract.promises() {
        if let Some((_, ids)) = promises.iter_mut().find(|(known, _)| *known == outcome) {
            ids.push(id);
        }
    }
    promises.retain(|(_, ids)| !ids.is_empty());
    for (_, ids) in &mut promises {
        ids.sort_by_key(|id| numbered(id));
    }
    let mut room = share;
    let broken = contract
        .scenarios
        .iter()
        .filter(|scenario| scenario.outcome == Outcome::Broken)
        .map(|scenario| in_full(scenario, &mut room))
        .collect();
    let mut features: Vec<(&str, &str, Vec<&ScenarioRun>)> = Vec::new();
    for scenario in contract.scenarios.iter().filter(|scenario| scenario.outcome == Outcome::Kept) {
        let (feature, file) = (scenario.feature.as_str(), scenario.place.file.as_str());
        match features.last_mut() {
            Some((known, at, list)) if (*known, *at) == (feature, file) => list.push(scenario),
            _ => features.push((feature, file, vec![scenario])),
        }
    }
    Told {
        run,
        age: digest::age(run.age(now)),
        overtaken: is_overtaken(run, readiness),
        asked: contract.operations.iter().filter(|operation| operation.asked > 0).count(),
        kept: contract.operations.iter().filter(|operation| operation.kept > 0).count(),
        never: contract.operations.iter().filter(|o| o.asked == 0).map(|o| o.request.as_str()).collect(),
        promises,
        broken,
        silent: digest::silent(contract),
        features,
    }
}

/// `IDP4-10` stands behind `IDP4-9`.
fn numbered(id: &str) -> (&str, u64) {
    match id.rsplit_once('-') {
        Some((family, number)) => (family, number.parse().unwrap_or(u64::MAX)),
        None => (id, 0),
    }
}

/// Takes from `room` what a scenario's details need; once it is used up, findings keep their message alone.
fn in_full<'a>(scenario: &'a ScenarioRun, room: &mut usize) -> Broken<'a> {
    let mut take = |bytes: usize| {
        let fits = bytes <= *room;
        if fits {
            *room -= bytes;
        }
        fits
    };
    let length = |text: &Option<String>| text.as_ref().map_or(0, |text| text.len().min(MOST_TEXT));
    let findings = scenario
        .findings
        .iter()
        .map(|finding| {
            let bytes = length(&finding.expected) + length(&finding.actual) + length(&finding.diff);
            (finding, take(bytes))
        })
        .collect();
    let mut first = scenario.exchanges.len();
    while first > 0 && scenario.exchanges.len() - first < MOST_EXCHANGES && take(size(&scenario.exchanges[first - 1])) {
        first -= 1;
    }
    let left_out = first + usize::try_from(scenario.exchanges_left_out).unwrap_or(usize::MAX);
    Broken { scenario, findings, exchanges: &scenario.exchanges[first..], left_out }
}

/// Bytes that an exchange takes on the page, about.
fn size(exchange: &RecordedExchange) -> usize {
    let headers = exchange.request_headers.iter().chain(&exchange.response_headers);
    let bodies = exchange.request_body.iter().chain(&exchange.response_body);
    400 + exchange.path.len()
        + headers.map(|(name, value)| name.len() + value.len() + 3).sum::<usize>()
        + bodies.map(|body| body.text.len().min(MOST_TEXT)).sum::<usize>()
}

fn is_overtaken(run: &Run<'_>, readiness: &Readiness) -> bool {
    let criterion = match run.record.target {
        Target::Twin => Criterion::ContractTwin,
        Target::Live => Criterion::ContractLive,
        Target::Replay => return false,
    };
    readiness
        .environments
        .iter()
        .filter(|judged| run.record.environment.as_ref().is_none_or(|own| *own == judged.environment))
        .flat_map(|judged| judged.rows.iter().filter(|row| row.integration == run.contract.integration))
        .filter_map(|row| row.cell(criterion)?.proof.as_ref())
        .any(|proof| proof.finished != run.record.finished)
}

/// A text as far as the page shows it.
pub fn excerpt(text: &str) -> String {
    match cut(text, MOST_TEXT) {
        (whole, false) => whole.to_owned(),
        (start, true) => format!("{start}… (cut here)"),
    }
}

/// A body as far as the page shows it, and how long it was.
pub fn body(body: &RecordedBody) -> String {
    let shown = cut(&body.text, MOST_TEXT).0;
    if u64::try_from(shown.len()).is_ok_and(|bytes| bytes < body.length) {
        format!("{shown}… (of {} bytes)", body.length)
    } else {
        shown.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::one_for_environments;

    #[test]
    fn commands_that_differ_in_the_environment_alone_are_one() {
        for (commands, shown) in [
            (vec!["check a --env local", "check a --env staging"], vec!["check a --env ENV"]),
            (vec!["check a --env local", "probe a --env local"], vec!["check a --env local", "probe a --env local"]),
            (vec!["check a --env local"], vec!["check a --env local"]),
            (vec![], vec![]),
        ] {
            let commands = commands.into_iter().map(Cow::Borrowed).collect();
            assert_eq!(one_for_environments(commands), shown);
        }
    }
}
