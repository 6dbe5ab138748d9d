//! Threads that each drive work of their own, with their own timers and sockets, for futures that cannot change threads.

use std::num::NonZero;
use std::panic::resume_unwind;
use std::sync::{Mutex, PoisonError};
use std::thread;

use tokio::runtime::Builder;
use tokio::task::JoinSet;

/// Threads that the machine runs at once.
pub fn of_the_machine() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// Calls `work` on so many threads with the number of each (from 0), and waits until all are done.
///
/// A thread that cannot be had does no work: whoever shares something out looks at what is left of it.
pub async fn drive<F: Future<Output = ()>>(lanes: usize, work: impl Fn(usize) -> F + Clone + Send + 'static) {
    let mut threads = JoinSet::new();
    for lane in 0..lanes {
        let work = work.clone();
        threads.spawn_blocking(move || {
            if let Ok(runtime) = Builder::new_current_thread().enable_all().build() {
                runtime.block_on(work(lane));
            }
        });
    }
    while threads.join_next().await.is_some() {}
}

/// What `work` makes of each item, in the order of the items, by all threads of the machine.
pub fn each<T: Send, R: Send>(items: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    let lanes = of_the_machine().min(items.len());
    let waiting = Mutex::new(items.into_iter().enumerate());
    let take = || {
        // The lock is given back before the work begins.
        let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
        let mut made = Vec::new();
        while let Some((place, item)) = next() {
            made.push((place, work(item)));
        }
        made
    };
    let mut made = thread::scope(|scope| {
        let others: Vec<_> = (1..lanes).map(|_| scope.spawn(take)).collect();
        let mut made = take();
        for other in others {
            made.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        made
    });
    made.sort_unstable_by_key(|(place, _)| *place);
    made.into_iter().map(|(_, made)| made).collect()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::collections::BTreeSet;
    use std::rc::Rc;
    use std::sync::{Arc, Barrier, Mutex};
    use std::thread;

    use super::{drive, each};

    #[test]
    fn items_that_are_shared_out_come_back_in_their_order() {
        for many in [0, 1, 2, 1000] {
            let items: Vec<u64> = (0..many).collect();
            let squares: Vec<u64> = items.iter().map(|item| item * item).collect();
            assert_eq!(each(items, |item| item * item), squares);
        }
    }

    #[tokio::test]
    async fn each_lane_is_a_thread_that_keeps_its_futures() {
        let seen: Arc<Mutex<Vec<_>>> = Arc::default();
        let (noted, all) = (Arc::clone(&seen), Arc::new(Barrier::new(3)));
        drive(3, move |lane| {
            let (seen, all) = (Arc::clone(&noted), Arc::clone(&all));
            async move {
                // Nobody is done before all have begun, so that none can take the thread of another.
                all.wait();
                // What is not Send may live across a wait.
                let own = Rc::new(Cell::new(lane));
                tokio::task::yield_now().await;
                assert_ne!(lane, 1, "a lane that fails takes no other with it");
                seen.lock().unwrap().push((own.get(), thread::current().id()));
            }
        })
        .await;
        let seen = seen.lock().unwrap();
        assert_eq!(seen.iter().map(|(lane, _)| *lane).collect::<BTreeSet<_>>(), BTreeSet::from([0, 2]));
        assert_ne!(seen[0].1, seen[1].1);
    }
}
