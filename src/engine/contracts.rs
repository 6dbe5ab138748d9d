//! Runs contracts against their target with cucumber, in batches, and records what happened.

use std::borrow::Cow;
use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use cucumber::runner::Basic;
use cucumber::{Cucumber, Event, cli, event, parser, writer};
use futures::FutureExt as _;
use futures::stream;
use gherkin::{Feature, LineCol, Rule, Span};

use crate::adapter::client::Client;
use crate::adapter::clock;
use crate::adapter::lanes;
use crate::adapter::stage::lock;
use crate::check::branches::Branches;
use crate::domain::finding::Finding;
use crate::domain::integration::Name;
use crate::domain::record::{HostEvidence, LeftOut, OperationCoverage, Outcome, ScenarioRun};
use crate::domain::target::Target;
use crate::engine::plan::Planned;
use crate::engine::recording;
use crate::engine::selection::not_meant_for;
use crate::steps::run::Run;
use crate::steps::vocabulary;
use crate::steps::world::{Carried, Stop, World};
use crate::wire::graphql;

/// Scenarios given to cucumber at once: it looks through all that wait at every turn, so few are fast, and between two
/// batches there is a pause while the last ones end, so not too few.
const BATCH: usize = 512;

/// Fewer are not shared out: a batch has a beginning and an end of its own.
const LEAST: usize = 64;

/// How a run goes on.
#[derive(Clone, Debug)]
pub struct Pace {
    /// Scenarios that run at the same time.
    pub jobs: usize,
    pub fail_fast: bool,
}

/// Told after each scenario.
pub type Progress = Arc<dyn Fn(&ScenarioRun) + Send + Sync>;

/// What a run of one integration's scenarios brought, before it becomes part of a record.
#[derive(Default)]
pub struct Ran {
    /// Sorted by file and line.
    pub scenarios: Vec<ScenarioRun>,
    pub left_out: Vec<LeftOut>,
    pub operations: Vec<OperationCoverage>,
    pub branches: Branches,
    pub gaps: BTreeSet<String>,
    pub host: Option<HostEvidence>,
}

/// Runs the planned scenarios. `stop` ends the run after the scenarios that are under way.
pub async fn run(
    run: Arc<Run>,
    planned: Vec<Planned>,
    pace: &Pace,
    stop: Arc<AtomicBool>,
    progress: Progress,
) -> BTreeMap<Name, Ran> {
    let mut all: BTreeMap<Name, Ran> = BTreeMap::new();
    // Where the planned ones stood: a list beside theirs would be the most that a run ever holds.
    let ready = planned.into_iter().filter_map(|scenario| {
        let name = &scenario.integration;
        let ran = all.entry(name.clone()).or_insert_with(|| Ran::none_of(&run, name));
        match hurdle(&run, &scenario) {
            Some(Hurdle::NotMeant(reason)) => ran.left_out.push(LeftOut {
                place: scenario.place,
                name: run.redactor.text(&scenario.scenario.name),
                reason: reason.to_owned(),
            }),
            Some(Hurdle::Recorded(record)) => {
                progress(&record);
                ran.scenarios.push(*record);
            }
            None => return Some(scenario),
        }
        None
    });
    let ready: Vec<Planned> = ready.collect();
    let lanes = lanes(run.target, pace.jobs, ready.len());
    let troupe = Arc::new(Troupe {
        run: Arc::clone(&run),
        lanes,
        jobs: pace.jobs.max(1),
        fail_fast: pace.fail_fast,
        stop,
        progress,
        waiting: Mutex::new(ready.into_iter()),
        all: Mutex::new(all),
    });
    // Cucumber puts a silent hook in the place of this one and that back, each time; of two at once one may put back the
    // other's. So all of them find a silent one.
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let player = Arc::clone(&troupe);
    lanes::drive(lanes, move |lane| Arc::clone(&player).play(lane)).await;
    std::panic::set_hook(hook);
    troupe.leave_out();
    let mut all = std::mem::take(&mut *lock(&troupe.all));
    for (name, ran) in &mut all {
        ran.scenarios.sort_by(|one, other| one.place.cmp(&other.place));
        ran.host = host(&run, name);
    }
    all
}

/// Scenarios that are worth a thread of their own.
const WORTH_A_LANE: usize = 128;

/// Scenarios at a time that keep a thread busy.
const JOBS_OF_A_LANE: usize = 4;

/// How many threads play. A live service sees the connections of one.
fn lanes(target: Target, jobs: usize, scenarios: usize) -> usize {
    if target == Target::Live {
        return 1;
    }
    lanes::of_the_machine().min(jobs / JOBS_OF_A_LANE).min(scenarios.div_ceil(WORTH_A_LANE)).max(1)
}

/// Those who play: threads that take batch after batch from what waits, each driving its own scenarios and connections.
struct Troupe {
    run: Arc<Run>,
    lanes: usize,
    jobs: usize,
    fail_fast: bool,
    stop: Arc<AtomicBool>,
    progress: Progress,
    waiting: Mutex<std::vec::IntoIter<Planned>>,
    /// Sums and sets, so that it is the same whichever batch ends first.
    all: Mutex<BTreeMap<Name, Ran>>,
}

impl Troupe {
    async fn play(self: Arc<Self>, lane: usize) {
        let Ok(client) = self.run.client.apart() else { return };
        let jobs = self.jobs / self.lanes + usize::from(lane < self.jobs % self.lanes);
        loop {
            let batch = self.next();
            if batch.is_empty() {
                return;
            }
            let sink = Arc::new(Sink {
                run: Arc::clone(&self.run),
                client: client.clone(),
                started: Mutex::new(vec![None; batch.len()]),
                planned: batch,
                finished: Mutex::default(),
                stop: Arc::clone(&self.stop),
                fail_fast: self.fail_fast,
                progress: Arc::clone(&self.progress),
            });
            // What breaks off here has left its scenarios unfinished, and that is told of them.
            let _ = AssertUnwindSafe(play(&sink, jobs)).catch_unwind().await;
            collect(&sink, &mut lock(&self.all));
        }
    }

    /// The next batch: taken, not copied, so that what it was planned from is let go with it. The last ones are shared out.
    fn next(&self) -> Vec<Planned> {
        let mut waiting = lock(&self.waiting);
        let share = waiting.len().div_ceil(self.lanes);
        waiting.by_ref().take(share.clamp(LEAST, BATCH)).collect()
    }

    /// What nobody took.
    fn leave_out(&self) {
        let mut all = lock(&self.all);
        for planned in lock(&self.waiting).by_ref() {
            let reason = "no thread could be had to run it";
            let record = recording::did_not_run(&planned, Outcome::Unasked, reason, &[], &self.run.redactor);
            all.entry(planned.integration).or_default().scenarios.push(record);
        }
    }
}

/// Why a scenario is not run.
pub enum Hurdle {
    /// It is meant for another target.
    NotMeant(&'static str),
    /// Its record says why.
    Recorded(Box<ScenarioRun>),
}

/// Why a scenario is not run at all; None when it is.
pub fn hurdle(run: &Run, planned: &Planned) -> Option<Hurdle> {
    let recorded = |outcome, reason: String, findings: Vec<Finding>| {
        Some(Hurdle::Recorded(Box::new(recording::did_not_run(planned, outcome, &reason, &findings, &run.redactor))))
    };
    if let Some(flaw) = &planned.flaw {
        return recorded(flaw.outcome, flaw.reason.clone(), flaw.findings.clone());
    }
    if let Some(reason) = not_meant_for(run.target, &planned.tags) {
        return Some(Hurdle::NotMeant(reason));
    }
    let Some(party) = run.parties.get(&planned.integration) else {
        let reason = match run.target {
            Target::Twin => format!("no twin models {}", planned.integration),
            Target::Live | Target::Replay => run
                .absent
                .get(&planned.integration)
                .cloned()
                .unwrap_or_else(|| format!("{} has no base URL in this environment", planned.integration)),
        };
        return recorded(Outcome::Unasked, reason, Vec::new());
    };
    let missing = planned
        .tags
        .iter()
        .filter_map(|tag| tag.strip_prefix("requires:"))
        .find(|need| !run.capabilities.contains(*need) && !party.variables.contains_key(*need));
    missing.and_then(|need| recorded(Outcome::Unasked, format!("it requires {need}, which is not there"), Vec::new()))
}

/// Where the hooks of a batch put what they see.
struct Sink {
    run: Arc<Run>,
    client: Client,
    planned: Vec<Planned>,
    started: Mutex<Vec<Option<Instant>>>,
    finished: Mutex<Vec<(usize, Finished)>>,
    stop: Arc<AtomicBool>,
    fail_fast: bool,
    progress: Progress,
}

struct Finished {
    record: ScenarioRun,
    branches: Branches,
    gaps: Vec<String>,
    /// Operation index -> times asked.
    asked: Vec<(usize, u32)>,
}

/// The tag that carries a scenario's index through cucumber.
const INDEX_TAG: &str = "preflight-index-";

fn index_of(scenario: &gherkin::Scenario) -> Option<usize> {
    scenario.tags.last()?.strip_prefix(INDEX_TAG)?.parse().ok()
}

async fn play(sink: &Arc<Sink>, jobs: usize) {
    let features = features(&sink.planned);
    let (before, after) = (Arc::clone(sink), Arc::clone(sink));
    let runner = Basic::<Carried>::default()
        .max_concurrent_scenarios(jobs.max(1))
        .steps(vocabulary::collection())
        .before(move |_, _, scenario, world| {
            before.begin(scenario, &mut world.0);
            std::future::ready(()).boxed_local()
        })
        .after(move |_, _, scenario, event, world| {
            after.end(scenario, event, world.map(std::mem::take).unwrap_or_default().0);
            std::future::ready(()).boxed_local()
        });
    // Its own command line is not ours.
    let _ = Cucumber::<Carried, _, _, _, _, cli::Empty>::custom(Parsed(features), runner, Silent)
        .with_default_cli()
        .run(())
        .await;
}

/// Tells whether a sentence looks at an answer that a client usually waits out.
fn is_about_throttling(sentence: &str) -> bool {
    sentence.contains("429") || sentence.to_ascii_lowercase().contains("retry-after")
}

impl Sink {
    fn begin(&self, scenario: &gherkin::Scenario, world: &mut World) {
        let Some(index) = index_of(scenario) else { return };
        let planned = &self.planned[index];
        lock(&self.started)[index] = Some(clock::start());
        if self.stop.load(Ordering::Relaxed) {
            world.stop = Some((Stop::Unasked("the run was stopped before it".to_owned()), planned.place.clone()));
            return;
        }
        world.tags = planned.tags.clone().into();
        world.looks_at_throttling = planned.scenario.steps.iter().any(|step| is_about_throttling(&step.value));
        world.enter(&self.run, &self.client, &planned.integration, &planned.place.file);
    }

    fn end(&self, scenario: &gherkin::Scenario, event: &event::ScenarioFinished, mut world: Box<World>) {
        let Some(index) = index_of(scenario) else { return };
        let planned = &self.planned[index];
        let took = lock(&self.started)[index].map(|start| start.elapsed()).unwrap_or_default();
        if let Some(fault) = harness_fault(event) {
            world.stop = Some((Stop::Unasked(fault), planned.place.clone()));
        }
        let mut redactor = Cow::Borrowed(&self.run.redactor);
        for secret in std::mem::take(&mut world.secrets) {
            redactor.to_mut().hide(&secret);
        }
        let gaps: Vec<String> = world.gaps().iter().map(|gap| redactor.text(gap)).collect();
        let record = recording::ran(planned, &world, &gaps, &redactor, took);
        if self.fail_fast && record.outcome == Outcome::Broken {
            self.stop.store(true, Ordering::Relaxed);
        }
        (self.progress)(&record);
        let asked = asked_operations(&self.run, &planned.integration, &world);
        let branches = std::mem::take(&mut world.branches).relabelled(|label| redactor.text(label));
        lock(&self.finished).push((index, Finished { record, branches, gaps, asked }));
    }
}

/// A step that panicked, or one that cucumber passed over, is our fault and never a kept promise.
fn harness_fault(event: &event::ScenarioFinished) -> Option<String> {
    match event {
        event::ScenarioFinished::StepPassed => None,
        event::ScenarioFinished::StepSkipped => Some("a step was passed over".to_owned()),
        event::ScenarioFinished::StepFailed(_, _, error) => Some(format!("the harness failed: {error}")),
        event::ScenarioFinished::BeforeHookFailed(_) => Some("the harness failed before the first step".to_owned()),
    }
}

/// The batch as features; each scenario stands alone with the backgrounds that belong to it.
fn features(planned: &[Planned]) -> Vec<Feature> {
    let mut features: Vec<Feature> = Vec::new();
    for (index, planned) in planned.iter().enumerate() {
        let mut scenario = planned.scenario.clone();
        scenario.tags.push(format!("{INDEX_TAG}{index}"));
        let mut feature = bare(planned);
        match &planned.rule {
            None => feature.scenarios.push(scenario),
            Some(name) => feature.rules.push(Rule {
                keyword: "Rule".to_owned(),
                name: name.clone(),
                description: None,
                background: planned.rule_background.clone(),
                scenarios: vec![scenario],
                tags: Vec::new(),
                span: Span { start: 0, end: 0 },
                position: LineCol { line: 0, col: 0 },
            }),
        }
        match features.last_mut() {
            Some(last) if planned.rule.is_none() && last.rules.is_empty() && last.name == feature.name => {
                last.scenarios.append(&mut feature.scenarios);
            }
            _ => features.push(feature),
        }
    }
    features
}

fn bare(planned: &Planned) -> Feature {
    Feature {
        keyword: "Feature".to_owned(),
        name: planned.place.file.clone(),
        description: None,
        background: planned.feature_background.clone(),
        scenarios: Vec::new(),
        rules: Vec::new(),
        tags: Vec::new(),
        span: Span { start: 0, end: 0 },
        position: LineCol { line: 0, col: 0 },
        path: None,
    }
}

fn collect(sink: &Sink, all: &mut BTreeMap<Name, Ran>) {
    let mut finished: BTreeMap<usize, Finished> = std::mem::take(&mut *lock(&sink.finished)).into_iter().collect();
    for (index, planned) in sink.planned.iter().enumerate() {
        let ran = all.entry(planned.integration.clone()).or_default();
        let Some(finished) = finished.remove(&index) else {
            ran.scenarios.push(recording::did_not_run(
                planned,
                Outcome::Unasked,
                "cucumber never finished it",
                &[],
                &sink.run.redactor,
            ));
            continue;
        };
        let kept = finished.record.outcome == Outcome::Kept;
        for (operation, times) in finished.asked {
            if let Some(coverage) = ran.operations.get_mut(operation) {
                coverage.asked += times;
                coverage.kept += if kept { times } else { 0 };
            }
        }
        ran.branches.merge(finished.branches);
        ran.gaps.extend(finished.gaps);
        ran.scenarios.push(finished.record);
    }
}

impl Ran {
    /// Before anything ran: every operation of the integration, none of them asked.
    fn none_of(run: &Run, name: &Name) -> Self {
        let operations = run.parties.get(name).map(|party| party.manifest.operations.as_slice()).unwrap_or_default();
        Self { operations: operations.iter().map(OperationCoverage::unasked).collect(), ..Self::default() }
    }
}

/// Which operations a scenario's requests were, and how often.
fn asked_operations(run: &Run, name: &Name, world: &World) -> Vec<(usize, u32)> {
    let Some(party) = run.parties.get(name) else { return Vec::new() };
    let prefix = party.base_url.path().trim_end_matches('/');
    let mut asked: BTreeMap<usize, u32> = BTreeMap::new();
    for exchange in world.exchanges.iter() {
        let request = &exchange.request;
        let path = request.url.path().strip_prefix(prefix).unwrap_or(request.url.path());
        let fields = LazyCell::new(|| graphql::root_fields(&request.body));
        for (index, operation) in party.manifest.operations.iter().enumerate() {
            if operation.covers(request.method.as_str(), path, || &fields) {
                *asked.entry(index).or_default() += 1;
            }
        }
    }
    asked.into_iter().collect()
}

fn host(run: &Run, name: &Name) -> Option<HostEvidence> {
    if run.target != Target::Live {
        return None;
    }
    let party = run.parties.get(name)?;
    let seen = lock(&run.hosts).get(name).cloned().unwrap_or_default();
    Some(HostEvidence {
        base_url: party.base_url.origin().ascii_serialization(),
        addresses: seen.addresses.into_iter().collect(),
        certificate: seen.certificate,
        request_ids: seen.request_ids.iter().map(|id| run.redactor.cut_body(id)).collect(),
    })
}

/// Features that are parsed already.
struct Parsed(Vec<Feature>);

impl cucumber::Parser<()> for Parsed {
    type Cli = cli::Empty;
    type Output = stream::Iter<std::vec::IntoIter<parser::Result<Feature>>>;

    fn parse(self, (): (), _: cli::Empty) -> Self::Output {
        stream::iter(self.0.into_iter().map(Ok).collect::<Vec<_>>())
    }
}

/// Prints nothing: the hooks see everything, and one room prints.
struct Silent;

impl cucumber::Writer<Carried> for Silent {
    type Cli = cli::Empty;

    async fn handle_event(&mut self, _: parser::Result<Event<event::Cucumber<Carried>>>, _: &cli::Empty) {}
}

impl writer::Normalized for Silent {}
