//! The round of a monitor: waits until a probe is due, asks it beside all others, and writes what was heard.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::pin::Pin;
use std::time::Duration;

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use jiff::{SignedDuration, Timestamp};

use crate::adapter::clock;
use crate::adapter::history::{HistoryError, Sqlite};
use crate::adapter::random;
use crate::domain::monitor::news::News;
use crate::domain::monitor::schedule::Schedule;
use crate::domain::probe::run::ProbeRun;
use crate::domain::record::Outcome;
use crate::engine::monitor::desk::Desk;
use crate::engine::monitor::patience;
use crate::engine::probe::perform::perform;
use crate::engine::probe::plan::Planned;
use crate::engine::probe::ward::Ward;

/// From one look at the time to the next, and from one write to the next where nothing new is told.
const TICK: Duration = Duration::from_secs(1);
const WRITE_EVERY: SignedDuration = SignedDuration::from_secs(5);
const COMPACT_EVERY: SignedDuration = SignedDuration::from_hours(1);
/// Before a bad answer is asked for again: at most this, drawn evenly.
const RETRY_WAIT: Duration = Duration::from_secs(1);

/// How a monitor goes about it.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Probes under way at the same time. Each is under way once at most, and ends by its timeouts.
    pub most: usize,
    /// When it ends by itself.
    pub until: Option<Timestamp>,
}

/// What is told while it goes on.
#[derive(Debug)]
pub enum Told<'a> {
    News(&'a News),
    /// The history cannot be written now; what was heard is kept and written later.
    Unwritten(&'a HistoryError),
    /// It could be written again.
    Written,
    /// Its file was deleted, and a new one begun.
    Anew,
}

/// What a round did.
#[derive(Clone, Copy, Debug, Default)]
pub struct Done {
    pub runs: u64,
    pub bad: u64,
    /// Turns that came while the run before was still under way.
    pub missed: u64,
    /// The longest time from when a turn was due until it was begun.
    pub worst_lag: SignedDuration,
}

type Turn = Reverse<(Timestamp, usize)>;
type UnderWay<'a> = Pin<Box<dyn Future<Output = (usize, u32, ProbeRun)> + 'a>>;

/// Goes round until it is told to end. What was heard is written before it returns.
///
/// # Errors
/// The history can still not be written at the end: what was heard since is lost, and that is said.
pub async fn go(
    ward: &Ward,
    planned: &[Planned],
    desk: &mut Desk,
    history: &mut Sqlite,
    pace: Pace,
    told: &dyn Fn(Told),
) -> Result<Done, HistoryError> {
    let schedules: Vec<Schedule> =
        planned.iter().map(|it| Schedule::of(it.probe.name.as_str(), it.probe.interval_seconds)).collect();
    let began = clock::now();
    let mut turns: BinaryHeap<Turn> =
        schedules.iter().enumerate().map(|(index, schedule)| Reverse((schedule.next(began), index))).collect();
    let mut keeper = Keeper { history, failing: false, written: began, compacted: began };
    let (mut under_way, mut done) = (FuturesUnordered::<UnderWay>::new(), Done::default());
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    loop {
        let now = clock::now();
        let is_over = pace.until.is_some_and(|until| now >= until);
        // What is under way is waited for, and ends by its timeouts.
        if is_over && under_way.is_empty() {
            break;
        }
        while !is_over
            && under_way.len() < pace.most.max(1)
            && let Some(Reverse((due, index))) = turns.peek().copied().filter(|Reverse((due, _))| *due <= now)
        {
            turns.pop();
            done.worst_lag = done.worst_lag.max(now.duration_since(due));
            under_way.push(Box::pin(turn(ward, &planned[index], index)));
        }
        let next = turns.peek().filter(|_| under_way.len() < pace.most).map(|Reverse((due, _))| wait(now, *due));
        tokio::select! {
            () = ward.run.halt.called() => break,
            Some((index, retries, run)) = under_way.next(), if !under_way.is_empty() => {
                let now = clock::now();
                done.runs += 1;
                done.bad += u64::from(run.outcome != Outcome::Kept);
                done.missed += schedules[index].missed(run.started, now);
                let patient = patience::until(&run, now);
                turns.push(Reverse((schedules[index].next(patient.unwrap_or(now).max(now)), index)));
                let news = desk.hear(run, retries, now);
                for news in &news {
                    told(Told::News(news));
                }
                if !news.is_empty() {
                    keeper.write(desk, now, told);
                }
            }
            _ = tick.tick() => {
                let now = clock::now();
                let news = desk.look(now);
                for news in &news {
                    told(Told::News(news));
                }
                if !news.is_empty() || now.duration_since(keeper.written) >= WRITE_EVERY {
                    keeper.write(desk, now, told);
                }
            }
            () = tokio::time::sleep(next.unwrap_or(TICK)) => {}
        }
    }
    keeper.last(desk).map(|()| done)
}

fn wait(now: Timestamp, due: Timestamp) -> Duration {
    Duration::try_from(due.duration_since(now)).unwrap_or_default().min(TICK)
}

/// One turn of a probe: it is asked again before a bad answer is believed, as often as it says.
async fn turn(ward: &Ward, planned: &Planned, index: usize) -> (usize, u32, ProbeRun) {
    let mut retries = 0;
    loop {
        let run = perform(ward, planned).await;
        // Who asks for patience is not asked again at once.
        let is_final = run.outcome == Outcome::Kept || patience::until(&run, run.started).is_some();
        if is_final || retries >= planned.probe.retries {
            return (index, retries, run);
        }
        retries += 1;
        tokio::time::sleep(RETRY_WAIT.mul_f64(random::chance())).await;
    }
}

/// Who writes, and keeps what could not be written.
struct Keeper<'a> {
    history: &'a mut Sqlite,
    failing: bool,
    written: Timestamp,
    compacted: Timestamp,
}

impl Keeper<'_> {
    fn write(&mut self, desk: &mut Desk, now: Timestamp, told: &dyn Fn(Told)) {
        self.written = now;
        if now.duration_since(self.compacted) >= COMPACT_EVERY {
            self.compacted = now;
            // What could not be let go of now is let go of the next time.
            drop(self.history.compact(now));
        }
        let batch = desk.take();
        match self.history.write(&batch) {
            Ok(()) => {
                if std::mem::take(&mut self.failing) {
                    told(Told::Written);
                }
            }
            Err(error) => {
                desk.restore(batch);
                if matches!(error, HistoryError::Gone { .. }) && self.history.begin_anew().is_ok() {
                    desk.begin_anew();
                    told(Told::Anew);
                } else if !std::mem::replace(&mut self.failing, true) {
                    told(Told::Unwritten(&error));
                }
            }
        }
    }

    fn last(&mut self, desk: &mut Desk) -> Result<(), HistoryError> {
        self.history.write(&desk.take())
    }
}
