//! Plays scenarios many times over: the same sentences, stage, server and connections as in a run, without their record.

use std::cell::RefCell;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use futures::FutureExt as _;
use futures::future::{LocalBoxFuture, join_all};
use serde::{Deserialize, Serialize};

use crate::adapter::client::Client;
use crate::adapter::lanes;
use crate::adapter::stage::lock;
use crate::check::mutation::apply::Change;
use crate::domain::exchange::Exchange;
use crate::domain::finding::Code;
use crate::domain::record::Outcome;
use crate::engine::plan::Planned;
use crate::engine::prove::gaze::Told;
use crate::engine::recording::judge;
use crate::steps::cue::Cue;
use crate::steps::run::Run;
use crate::steps::world::World;
use crate::steps::world::asking::Tampering;
use crate::steps::world::script::Script;

/// A scenario that is played again and again, with what its first, unmutated performance brought.
pub struct Piece {
    pub planned: Planned,
    cues: Vec<Cue>,
    tags: Arc<[String]>,
    pub outcome: Outcome,
    pub reason: Option<String>,
    pub exchanges: Arc<[Exchange]>,
    pub told: Vec<Told>,
}

/// What came of one performance with one answer mutated.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// A promise was broken.
    Noticed { line: usize, code: Code },
    /// Everything was kept.
    Missed,
    /// It could not go on, and no promise was broken: not green, and not red either.
    Halted,
    /// The answer was not there to be mutated, or is what it was.
    Void,
}

/// Work on the things from 0, on a client of the thread's own.
pub type Work<T> = Arc<dyn Fn(Client, usize) -> LocalBoxFuture<'static, T> + Send + Sync>;

/// Does `count` things, `jobs` at a time, on as many threads as the machine has. What was not done, because `stop` was
/// raised or because it broke off, is None.
pub async fn all<T: Send + 'static>(
    run: &Arc<Run>,
    count: usize,
    jobs: usize,
    stop: &Arc<AtomicBool>,
    work: Work<T>,
) -> Vec<Option<T>> {
    let threads = lanes::of_the_machine().min(jobs).max(1);
    let shared = Arc::new(Shared {
        run: Arc::clone(run),
        next: AtomicUsize::new(0),
        stop: Arc::clone(stop),
        done: Mutex::new((0..count).map(|_| None).collect()),
        work,
    });
    let own = Arc::clone(&shared);
    let each = jobs.div_ceil(threads);
    lanes::drive(threads, move |_| lane(Arc::clone(&own), count, each)).await;
    std::mem::take(&mut *lock(&shared.done))
}

struct Shared<T> {
    run: Arc<Run>,
    next: AtomicUsize,
    stop: Arc<AtomicBool>,
    done: Mutex<Vec<Option<T>>>,
    work: Work<T>,
}

async fn lane<T: Send>(shared: Arc<Shared<T>>, count: usize, jobs: usize) {
    let Ok(client) = shared.run.client.apart() else { return };
    let done: RefCell<Vec<(usize, T)>> = RefCell::default();
    let worker = || async {
        loop {
            let index = shared.next.fetch_add(1, Ordering::Relaxed);
            if index >= count || shared.stop.load(Ordering::Relaxed) {
                return;
            }
            let one = AssertUnwindSafe((shared.work)(client.clone(), index)).catch_unwind();
            if let Ok(result) = one.await
                && !shared.stop.load(Ordering::Relaxed)
            {
                done.borrow_mut().push((index, result));
            }
        }
    };
    join_all((0..jobs).map(|_| worker())).await;
    let mut all = lock(&shared.done);
    for (index, result) in done.into_inner() {
        all[index] = Some(result);
    }
}

impl Piece {
    /// Plays a scenario as it is, and keeps what its sentences were told.
    pub async fn first(run: &Arc<Run>, client: &Client, planned: Planned) -> Self {
        let background = [&planned.feature_background, &planned.rule_background].into_iter().flatten();
        let steps = background.flat_map(|background| &background.steps).chain(&planned.scenario.steps);
        let cues: Vec<Cue> = steps.map(Cue::of).collect();
        let tags: Arc<[String]> = planned.tags.clone().into();
        let mut world = entered(run, client, &planned, &tags);
        let mut told = Vec::new();
        for cue in &cues {
            if world.stop.is_some() {
                break;
            }
            let (args, before) = (cue.arguments(&world), world.exchanges.len());
            cue.perform(&mut world).await;
            if let (Some(sentence), Some(args)) = (cue.sentence(), args) {
                let (after, timeout) = (world.exchanges.len(), world.timeout.unwrap_or(client.timeout()));
                told.push(Told { sentence, args, line: cue.step.position.line, before, after, timeout });
            }
        }
        let (outcome, reason) = judge(&world, &world.gaps());
        let finding = world.findings.first().map(|finding| finding.message.clone());
        let exchanges = std::mem::take(&mut world.exchanges).into();
        Self { planned, cues, tags, outcome, reason: reason.or(finding), exchanges, told }
    }

    /// Plays it again with one answer changed, as far as the first promise that is broken.
    pub async fn again(&self, run: &Arc<Run>, client: &Client, at: usize, change: &Arc<Change>) -> Fate {
        let script = Some(Script::of(Arc::clone(&self.exchanges)));
        match self.changed(run, client, at, change, script).await {
            Some(fate) => fate,
            // The twins have to hear it all, because they are asked something else, or are looked at.
            None => self.changed(run, client, at, change, None).await.unwrap_or(Fate::Void),
        }
    }

    /// The same with the answers of a script, or else with those of the twins; None where the script was left.
    pub(super) async fn changed(
        &self,
        run: &Arc<Run>,
        client: &Client,
        at: usize,
        change: &Arc<Change>,
        script: Option<Script>,
    ) -> Option<Fate> {
        let mut world = entered(run, client, &self.planned, &self.tags);
        world.tampering = Some(Tampering { at, change: Arc::clone(change), done: false });
        world.script = script;
        for cue in &self.cues {
            cue.perform(&mut world).await;
            if world.stop.is_some() || world.findings.iter().any(|finding| !finding.code.is_of_the_contract()) {
                break;
            }
        }
        if world.script.as_ref().is_some_and(Script::is_left) {
            return None;
        }
        if !world.tampering.as_ref().is_some_and(|tampering| tampering.done) {
            return Some(Fate::Void);
        }
        Some(match judge(&world, &world.gaps()).0 {
            Outcome::Kept => Fate::Missed,
            Outcome::Unasked | Outcome::Untested => Fate::Halted,
            Outcome::Broken => {
                let first = world.findings.iter().find(|finding| !finding.code.is_of_the_contract());
                first.map_or(Fate::Halted, |finding| Fate::Noticed {
                    line: finding.place.as_ref().map_or(self.planned.place.line, |place| place.line),
                    code: finding.code,
                })
            }
        })
    }
}

fn entered(run: &Arc<Run>, client: &Client, planned: &Planned, tags: &Arc<[String]>) -> World {
    let mut world = World::default();
    world.tags = Arc::clone(tags);
    world.enter(run, client, &planned.integration, &planned.place.file);
    world
}
