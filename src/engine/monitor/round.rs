//! The round of a monitor: waits until a probe is due, asks it beside all others, and writes what was heard.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::pin::Pin;
use std::time::Duration;

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc;

use crate::adapter::clock;
use crate::adapter::history::History;
use crate::adapter::history::error::HistoryError;
use crate::adapter::random;
use crate::domain::monitor::clock_step::ClockStep;
use crate::domain::monitor::lag::Lag;
use crate::domain::monitor::news::News;
use crate::domain::monitor::schedule::Schedule;
use crate::domain::probe::run::ProbeRun;
use crate::domain::record::Outcome;
use crate::engine::monitor::desk::Desk;
use crate::engine::monitor::keeper::{Keeper, Kept};
use crate::engine::monitor::order::{Glance, Order};
use crate::engine::monitor::patience;
use crate::engine::monitor::traffic::Traffic;
use crate::engine::probe::perform::perform;
use crate::engine::probe::plan::Planned;
use crate::engine::probe::ward::Ward;

/// From one look at the time to the next.
const TICK: Duration = Duration::from_secs(1);
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
    History(&'a Kept),
    /// The clock of the machine was set by so much.
    Clock(SignedDuration),
}

/// What a round did.
#[derive(Clone, Debug, Default)]
pub struct Done {
    pub runs: u64,
    pub bad: u64,
    /// Turns that came while the run before was still under way.
    pub missed: u64,
    /// From when a turn was due until it was begun.
    pub lag: Lag,
}

/// A turn that ended.
struct Ended {
    index: usize,
    /// How often it was tried before this run.
    retries: u32,
    run: ProbeRun,
    /// What all of its runs sent.
    traffic: Traffic,
}

type Turn = Reverse<(Timestamp, usize)>;
type UnderWay<'a> = Pin<Box<dyn Future<Output = Ended> + 'a>>;

/// Goes round until it is told to end, and does what it is ordered to meanwhile. What was heard is written before it returns.
///
/// # Errors
/// The history can still not be written at the end: what was heard since is lost, and that is said.
pub async fn go(
    ward: &Ward,
    planned: &[Planned],
    desk: &mut Desk,
    history: &History,
    pace: Pace,
    mut orders: mpsc::Receiver<Order>,
    told: &dyn Fn(Told),
) -> Result<Done, HistoryError> {
    let schedules: Vec<Schedule> =
        planned.iter().map(|it| Schedule::of(it.probe.name.as_str(), it.probe.interval_seconds)).collect();
    let began = clock::now();
    let mut turns: BinaryHeap<Turn> =
        schedules.iter().enumerate().map(|(index, schedule)| Reverse((schedule.next(began), index))).collect();
    let mut keeper = Keeper::new(history.clone(), began);
    let (mut under_way, mut done) = (FuturesUnordered::<UnderWay>::new(), Done::default());
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    let mut clocks = ClockStep::new(began, clock::passed());
    loop {
        let now = clock::now();
        if let Some(by) = clocks.since(now, clock::passed()) {
            told(Told::Clock(by));
            desk.shift(by);
            turns = turns.into_iter().map(|Reverse((due, index))| moved(due, by, now, &schedules, index)).collect();
        }
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
            done.lag.note(now.duration_since(due));
            under_way.push(Box::pin(turn(ward, &planned[index], index)));
        }
        let next = turns.peek().filter(|_| under_way.len() < pace.most).map(|Reverse((due, _))| wait(now, *due));
        tokio::select! {
            () = ward.run.halt.called() => break,
            Some(ended) = under_way.next(), if !under_way.is_empty() => {
                let now = clock::now();
                let Ended { index, retries, run, traffic } = ended;
                done.runs += 1;
                done.bad += u64::from(run.outcome != Outcome::Kept);
                done.missed += schedules[index].missed(run.started, now);
                let patient = patience::until(&run, now);
                turns.push(Reverse((schedules[index].next(patient.unwrap_or(now).max(now)), index)));
                // It may have begun before the clock was set back.
                let run = ProbeRun { started: run.started.min(now), ..run };
                desk.count(&run.probe, &traffic, now);
                let news = desk.hear(run, retries);
                tell(&news, told);
                keeper.keep(desk, now, !news.is_empty());
            }
            Some(order) = orders.recv() => {
                let now = clock::now();
                match order {
                    // Who asked may have gone.
                    Order::Look(done_by) => drop(done_by.send(Glance {
                        at: now,
                        services: desk.sights(),
                        open: desk.open_incidents().cloned().collect(),
                        unwritten: keeper.is_failing(),
                        runs: done.runs,
                    })),
                    Order::Acknowledge { id, by, done } => {
                        let news = desk.acknowledge(&id, &by, now);
                        if let Some(news) = &news {
                            told(Told::News(news));
                            keeper.keep(desk, now, true);
                        }
                        drop(done.send(news.and_then(News::incident)));
                    }
                }
            }
            _ = tick.tick() => {
                let now = clock::now();
                let news = desk.look(now);
                tell(&news, told);
                keeper.keep(desk, now, !news.is_empty());
            }
            kept = keeper.done(desk) => {
                if let Some(kept) = kept {
                    told(Told::History(&kept));
                }
            }
            () = tokio::time::sleep(next.unwrap_or(TICK)) => {}
        }
    }
    // What the last runs mean is told and kept too.
    tell(&desk.look(clock::now()), told);
    keeper.last(desk).await.map(|()| done)
}

/// A turn after the clock was set: the first one from now on; where patience was asked for, when that is over.
fn moved(due: Timestamp, by: SignedDuration, now: Timestamp, schedules: &[Schedule], index: usize) -> Turn {
    let (due, schedule) = (due.checked_add(by).unwrap_or(now), schedules[index]);
    let is_patient = due.duration_since(now) > schedule.interval() * 2;
    Reverse((schedule.next(if is_patient { due } else { now }), index))
}

fn tell(all: &[News], told: &dyn Fn(Told)) {
    for news in all {
        told(Told::News(news));
    }
}

fn wait(now: Timestamp, due: Timestamp) -> Duration {
    Duration::try_from(due.duration_since(now)).unwrap_or_default().min(TICK)
}

/// One turn of a probe: it is asked again before a bad answer is believed, as often as it says.
async fn turn(ward: &Ward, planned: &Planned, index: usize) -> Ended {
    let (mut retries, mut traffic) = (0, Traffic::default());
    loop {
        let run = perform(ward, planned).await;
        traffic.add(&Traffic::of(&run, clock::now()));
        // Who asks for patience is not asked again at once.
        let is_final = run.outcome == Outcome::Kept || patience::until(&run, run.started).is_some();
        if is_final || retries >= planned.probe.retries {
            return Ended { index, retries, run, traffic };
        }
        retries += 1;
        tokio::time::sleep(RETRY_WAIT.mul_f64(random::chance())).await;
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Reverse;

    use jiff::{SignedDuration, Timestamp};

    use super::moved;
    use crate::domain::monitor::schedule::Schedule;

    #[test]
    fn after_the_clock_was_set_turns_come_within_their_interval_and_patience_is_kept() {
        let schedules = [Schedule::of("chatwoot", 60)];
        let start = Timestamp::from_second(1_800_000_000).unwrap();
        for hours in [-1, 1] {
            let by = SignedDuration::from_hours(hours);
            let now = start + by;
            for (waits, least, most) in [(30, 0, 64), (600, 600, 664)] {
                let due = start + SignedDuration::from_secs(waits);
                let Reverse((due, _)) = moved(due, by, now, &schedules, 0);
                let waits = due.duration_since(now).as_secs();
                assert!((least..=most).contains(&waits), "{hours} {waits}");
            }
        }
    }
}
