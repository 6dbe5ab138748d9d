//! The connections of the live page: how many there are, and which goes where one more comes.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::adapter::clock;
use crate::adapter::stage::lock;

/// Connections at the same time: well below the files that a process may have open, which probes need too.
const MOST: usize = 256;
/// Streams of changes among them.
const STREAMS: usize = 96;
/// How long an answer may be under way before its connection is no better than an idle one.
const PATIENCE: Duration = Duration::from_secs(20);

/// One connection.
#[derive(Debug)]
pub struct Seat {
    busy: AtomicBool,
    streams: AtomicBool,
    /// Milliseconds from the beginning, when it was last found busy or idle.
    since: AtomicU64,
    pub cut: Notify,
}

/// All of them.
#[derive(Debug)]
pub struct Seats {
    began: Instant,
    taken: Mutex<BTreeMap<u64, Arc<Seat>>>,
    streams: AtomicUsize,
}

impl Seats {
    pub fn new() -> Arc<Self> {
        Arc::new(Self { began: clock::start(), taken: Mutex::default(), streams: AtomicUsize::new(0) })
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// A seat for a connection. Where all are taken, the one that has been idle for longest is given up; None where all are at work.
    pub fn take(&self, number: u64) -> Option<Arc<Seat>> {
        let now = self.now();
        let seat = Arc::new(Seat {
            busy: AtomicBool::new(false),
            streams: AtomicBool::new(false),
            since: AtomicU64::new(now),
            cut: Notify::new(),
        });
        let mut taken = lock(&self.taken);
        if taken.len() >= MOST {
            let patience = u64::try_from(PATIENCE.as_millis()).unwrap_or(u64::MAX);
            let is_idle = |seat: &Seat| {
                let is_old = now.saturating_sub(seat.since.load(Ordering::Relaxed)) > patience;
                !seat.busy.load(Ordering::Relaxed) || (is_old && !seat.streams.load(Ordering::Relaxed))
            };
            let idle = taken.iter().filter(|(_, seat)| is_idle(seat));
            let longest = idle.min_by_key(|(_, seat)| seat.since.load(Ordering::Relaxed)).map(|(number, _)| *number)?;
            if let Some(given_up) = taken.remove(&longest) {
                given_up.cut.notify_one();
            }
        }
        taken.insert(number, Arc::clone(&seat));
        Some(seat)
    }

    pub fn leave(&self, number: u64) {
        lock(&self.taken).remove(&number);
    }

    /// The connection answers until what is returned is dropped.
    pub fn work(self: &Arc<Self>, seat: &Arc<Seat>) -> Working {
        seat.busy.store(true, Ordering::Relaxed);
        seat.since.store(self.now(), Ordering::Relaxed);
        Working { seats: Arc::clone(self), seat: Arc::clone(seat) }
    }

    /// Room for one more stream, until what is returned is dropped; None where there are too many.
    pub fn stream(self: &Arc<Self>, seat: &Arc<Seat>) -> Option<Streaming> {
        let is_free = |count: usize| (count < STREAMS).then_some(count + 1);
        self.streams.fetch_update(Ordering::Relaxed, Ordering::Relaxed, is_free).ok()?;
        seat.streams.store(true, Ordering::Relaxed);
        Some(Streaming { seats: Arc::clone(self), seat: Arc::clone(seat) })
    }
}

/// A connection that answers.
#[derive(Debug)]
pub struct Working {
    seats: Arc<Seats>,
    seat: Arc<Seat>,
}

impl Drop for Working {
    fn drop(&mut self) {
        self.seat.busy.store(false, Ordering::Relaxed);
        self.seat.since.store(self.seats.now(), Ordering::Relaxed);
    }
}

/// A connection on which changes are sent.
#[derive(Debug)]
pub struct Streaming {
    seats: Arc<Seats>,
    seat: Arc<Seat>,
}

impl Drop for Streaming {
    fn drop(&mut self) {
        self.seat.streams.store(false, Ordering::Relaxed);
        self.seats.streams.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST, STREAMS, Seats};

    #[test]
    fn who_is_idle_goes_and_who_works_stays() {
        let seats = Seats::new();
        let first = seats.take(0).unwrap();
        let working = seats.work(&first);
        let others: Vec<_> = (1..MOST as u64).map(|number| seats.take(number).unwrap()).collect();
        // Ten thousand more that say nothing: each takes the place of another one.
        for number in 1000..11_000 {
            assert!(seats.take(number).is_some());
        }
        assert!(seats.taken.lock().unwrap().contains_key(&0), "the one that works has stayed");
        assert_eq!(seats.taken.lock().unwrap().len(), MOST);
        drop((working, others));
    }

    #[test]
    fn where_all_work_nobody_is_let_in() {
        let seats = Seats::new();
        let all: Vec<_> = (0..MOST as u64).map(|number| seats.take(number).unwrap()).collect();
        let working: Vec<_> = all.iter().map(|seat| seats.work(seat)).collect();
        assert!(seats.take(9999).is_none());
        drop(working);
        assert!(seats.take(9999).is_some());
    }

    #[test]
    fn streams_are_fewer_than_connections() {
        let seats = Seats::new();
        let seat = seats.take(0).unwrap();
        let all: Vec<_> = (0..STREAMS).map(|_| seats.stream(&seat).unwrap()).collect();
        assert!(seats.stream(&seat).is_none());
        drop(all);
        assert!(seats.stream(&seat).is_some());
    }
}
