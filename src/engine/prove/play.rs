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
use crate::domain::delivery::Delivery;
use crate::domain::exchange::{Exchange, Response};
use crate::domain::finding::Code;
use crate::domain::record::Outcome;
use crate::engine::plan::Planned;
use crate::engine::prove::gaze::Told;
use crate::engine::recording::judge;
use crate::steps::cue::Cue;
use crate::steps::run::Run;
use crate::steps::sentence::Keyword;
use crate::steps::world::World;
use crate::steps::world::asking::{Tampered, Tampering};
use crate::steps::world::exchanges::{Changed, Exchanges};
use crate::steps::world::script::{Performance, Script};
use crate::steps::world::standing::Standing;

/// A scenario that is played again and again, with what its first, unmutated performance brought.
pub struct Piece {
    pub planned: Planned,
    cues: Vec<Cue>,
    tags: Arc<[String]>,
    pub outcome: Outcome,
    pub reason: Option<String>,
    pub performance: Arc<Performance>,
    /// By cue, where it was kept.
    pub told: Vec<Told>,
    /// Where it stood before each cue, and in the end.
    standings: Vec<Standing>,
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
            // What comes from a script waits for nothing, and would keep the others of this thread from their answers.
            tokio::task::coop::consume_budget().await;
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
        let (mut told, mut standings) = (Vec::new(), vec![world.standing()]);
        for cue in &cues {
            if world.stop.is_some() {
                break;
            }
            let (args, before) = (cue.arguments(&world), world.exchanges.len());
            cue.perform(&mut world).await;
            let (looked_at, listened) = (world.exchanges.take_looked_at(), world.take_listened());
            let standing = world.standing();
            if let (Some(sentence), Some(args)) = (cue.sentence(), args) {
                let (after, timeout) = (world.exchanges.len(), world.timeout.unwrap_or(client.timeout()));
                let (line, delivered) = (cue.step.position.line, standing.delivered);
                told.push(Told { sentence, args, line, before, after, delivered, timeout, looked_at, listened });
            }
            standings.push(standing);
        }
        let (outcome, reason) = judge(&world, &world.gaps());
        let finding = world.findings.first().map(|finding| finding.message.clone());
        let deliveries = world.deliveries().unwrap_or_default();
        let exchanges = std::mem::take(&mut world.exchanges).into_own();
        let performance = Arc::new(Performance::of(exchanges, deliveries));
        Self { planned, cues, tags, outcome, reason: reason.or(finding), performance, told, standings }
    }

    pub fn exchanges(&self) -> &[Exchange] {
        &self.performance.exchanges
    }

    /// What came there, unchanged: an answer, or a webhook as if it had been one.
    pub fn came(&self, at: Tampered) -> Option<Response> {
        match at {
            Tampered::Answer(index) => self.exchanges().get(index)?.outcome.as_ref().ok().cloned(),
            Tampered::Delivery(index) => self.performance.deliveries.get(index).map(Delivery::as_answer),
        }
    }

    /// Plays it again with one thing changed that comes in it, as far as the first promise that is broken.
    pub async fn again(&self, run: &Arc<Run>, client: &Client, at: Tampered, change: &Arc<Change>) -> Fate {
        match self.by_script(run, client, at, change).await {
            Some(fate) => fate,
            // The twins have to hear it all, because they are asked something else.
            None => self.by_twins(run, client, at, change).await,
        }
    }

    /// From the first performance: only those sentences are performed for which anything is different. None where the
    /// scenario asks for something else than it did then.
    pub(super) async fn by_script(
        &self,
        run: &Arc<Run>,
        client: &Client,
        at: Tampered,
        change: &Arc<Change>,
    ) -> Option<Fate> {
        let mut world = entered(run, client, &self.planned, &self.tags);
        world.brief = true;
        let changed = match at {
            Tampered::Delivery(_) => {
                world.tampering = Some(Tampering { at, change: Arc::clone(change), done: false });
                None
            }
            Tampered::Answer(index) => {
                let Some(changed) = self.changed(index, change) else { return Some(Fate::Void) };
                Some(changed)
            }
        };
        world.exchanges = Exchanges::of(Arc::clone(&self.performance), changed);
        world.script = Some(Script::of(Arc::clone(&self.performance)));
        // It stands where the first performance stood at this cue, or would if it were moved there.
        let (mut stands_at, mut strayed) = (None, false);
        for (index, (cue, told)) in self.cues.iter().zip(&self.told).enumerate() {
            let concerned = told.minds(at) && !takes_what_it_is_sent(told, at, change);
            if !strayed && !concerned {
                continue;
            }
            if !strayed && stands_at != Some(index) {
                world.stand(self.standings.get(index)?);
            }
            if strayed {
                let as_then = world.exchanges.len() == told.after && told.sentence.keyword == Keyword::Then;
                if as_then && !concerned && cue.arguments(&world).is_some_and(|args| args == told.args) {
                    world.checks += 1;
                    continue;
                }
                cue.perform(&mut world).await;
            } else {
                cue.perform_with(&mut world, &told.args).await;
            }
            if world.stop.is_some() || is_broken(&world) {
                break;
            }
            let then = self.standings.get(index + 1)?;
            let asked_as_then = world.exchanges.len() == then.asked;
            strayed |= !asked_as_then || world.remembered != then.remembered;
            if let Some(script) = &mut world.script {
                script.deliver(asked_as_then.then_some(then.delivered));
            }
            stands_at = Some(index + 1);
        }
        if world.script.as_ref().is_some_and(Script::is_left) {
            return None;
        }
        if !strayed && world.stop.is_none() {
            world.stand(self.standings.last()?);
        }
        Some(self.fate(&world))
    }

    /// An answer of the first performance, changed; None where the change changes nothing.
    fn changed(&self, at: usize, change: &Change) -> Option<Changed> {
        let mut exchange = self.exchanges().get(at)?.clone();
        let applied = change.apply_knowing(&mut exchange, self.performance.document(at).map(AsRef::as_ref))?;
        Some(Changed { at, exchange, document: applied.document.map(Arc::new) })
    }

    /// The same with the answers of the twins, from the first sentence on.
    pub(super) async fn by_twins(&self, run: &Arc<Run>, client: &Client, at: Tampered, change: &Arc<Change>) -> Fate {
        let mut world = entered(run, client, &self.planned, &self.tags);
        world.brief = true;
        world.tampering = Some(Tampering { at, change: Arc::clone(change), done: false });
        for (cue, told) in self.cues.iter().zip(&self.told) {
            if !takes_what_it_is_sent(told, at, change) {
                cue.perform(&mut world).await;
            }
            if world.stop.is_some() || is_broken(&world) {
                break;
            }
        }
        self.fate(&world)
    }

    fn fate(&self, world: &World) -> Fate {
        if world.tampering.as_ref().is_some_and(|tampering| !tampering.done) {
            return Fate::Void;
        }
        match judge(world, &world.gaps()).0 {
            Outcome::Kept => Fate::Missed,
            Outcome::Unasked | Outcome::Untested => Fate::Halted,
            Outcome::Broken => {
                let first = world.findings.iter().find(|finding| !finding.code.is_of_the_contract());
                first.map_or(Fate::Halted, |finding| Fate::Noticed {
                    line: finding.place.as_ref().map_or(self.planned.place.line, |place| place.line),
                    code: finding.code,
                })
            }
        }
    }
}

fn is_broken(world: &World) -> bool {
    world.findings.iter().any(|finding| !finding.code.is_of_the_contract())
}

/// A service signs whatever it sends: a webhook with another body would come with the signature of that body.
fn takes_what_it_is_sent(told: &Told, at: Tampered, change: &Change) -> bool {
    matches!(at, Tampered::Delivery(_)) && told.sentence.expression.contains("is signed by") && change.is_of_the_body()
}

fn entered(run: &Arc<Run>, client: &Client, planned: &Planned, tags: &Arc<[String]>) -> World {
    let mut world = World::default();
    world.tags = Arc::clone(tags);
    world.enter(run, client, &planned.integration, &planned.place.file);
    world
}
