//! Who has the history written while the round goes on, and keeps what could not be written.

use std::future::pending;
use std::pin::Pin;

use jiff::{SignedDuration, Timestamp};

use crate::adapter::history::History;
use crate::adapter::history::error::{HistoryError, Unwritten};
use crate::engine::monitor::desk::Desk;

/// From one write to the next where nothing new is told.
const WRITE_EVERY: SignedDuration = SignedDuration::from_secs(5);
const COMPACT_EVERY: SignedDuration = SignedDuration::from_hours(1);
/// How often the last batch is tried: who holds the file lets go of it soon.
const LAST_TRIES: u32 = 5;

/// What is new about the history after a write.
#[derive(Debug)]
pub enum Kept {
    /// It cannot be written now; what was heard is kept and written later. Told once.
    Unwritten(HistoryError),
    /// It could be written again.
    Again,
    /// Its file was deleted, and a new one begun.
    Anew,
}

/// What a write brings: what was not written, and whether a new file was begun.
type Outcome = Result<(), (Box<Unwritten>, bool)>;

pub struct Keeper {
    history: History,
    /// At most one write is under way, so that nothing is given back out of order.
    writing: Option<Pin<Box<dyn Future<Output = Outcome> + Send>>>,
    /// Something was told meanwhile that is not to wait for the next turn.
    wanted: bool,
    failing: bool,
    written: Timestamp,
    compacted: Timestamp,
}

impl Keeper {
    pub fn new(history: History, now: Timestamp) -> Self {
        Self { history, writing: None, wanted: false, failing: false, written: now, compacted: now }
    }

    /// Tells whether the last write did not succeed.
    pub fn is_failing(&self) -> bool {
        self.failing
    }

    /// Has written what the desk holds, at once where something new was told, else every few seconds. Waits for nothing.
    pub fn keep(&mut self, desk: &mut Desk, now: Timestamp, is_news: bool) {
        // A clock that jumped back would keep it waiting.
        let is_due = now.duration_since(self.written).abs() >= WRITE_EVERY;
        if self.writing.is_some() {
            self.wanted |= is_news;
        } else if is_news || is_due || std::mem::take(&mut self.wanted) {
            self.begin(desk, now);
        }
    }

    fn begin(&mut self, desk: &mut Desk, now: Timestamp) {
        self.written = now;
        let compacts = now.duration_since(self.compacted).abs() >= COMPACT_EVERY;
        if compacts {
            self.compacted = now;
        }
        let (history, batch) = (self.history.clone(), desk.take());
        self.writing = Some(Box::pin(async move {
            let written = history.write(batch).await;
            if let Err(unwritten) = written {
                let is_gone = matches!(unwritten.error, HistoryError::Gone { .. });
                let is_anew = is_gone && history.begin_anew().await.is_ok();
                return Err((unwritten, is_anew));
            }
            if compacts {
                // What could not be let go of now is let go of the next time.
                drop(history.compact(now).await);
            }
            Ok(())
        }));
    }

    /// Waits for the write that is under way, for ever where there is none. What could not be written goes back to the desk.
    pub async fn done(&mut self, desk: &mut Desk) -> Option<Kept> {
        let outcome = match &mut self.writing {
            Some(writing) => writing.await,
            None => pending().await,
        };
        self.writing = None;
        let Err((unwritten, is_anew)) = outcome else {
            return std::mem::take(&mut self.failing).then_some(Kept::Again);
        };
        desk.restore(unwritten.batch);
        if is_anew {
            desk.begin_anew();
            self.wanted = true;
            return Some(Kept::Anew);
        }
        let was_failing = std::mem::replace(&mut self.failing, true);
        (!was_failing).then_some(Kept::Unwritten(unwritten.error))
    }

    /// Has everything written, and waits for it.
    ///
    /// # Errors
    /// It can still not be written: what was heard since is lost, and that is said.
    pub async fn last(&mut self, desk: &mut Desk) -> Result<(), HistoryError> {
        if self.writing.is_some() {
            self.done(desk).await;
        }
        for tries_left in (0..LAST_TRIES).rev() {
            let Err(unwritten) = self.history.write(desk.take()).await else { return Ok(()) };
            desk.restore(unwritten.batch);
            let is_gone = matches!(unwritten.error, HistoryError::Gone { .. });
            if is_gone && self.history.begin_anew().await.is_ok() {
                desk.begin_anew();
            } else if tries_left == 0 || !matches!(unwritten.error, HistoryError::Locked { .. }) {
                return Err(unwritten.error);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::PathBuf;

    use jiff::{SignedDuration, Timestamp};
    use rusqlite::Connection;

    use super::{Keeper, Kept};
    use crate::adapter::history::History;
    use crate::adapter::history::error::HistoryError;
    use crate::domain::monitor::span::Span;
    use crate::engine::monitor::desk::Desk;
    use crate::engine::monitor::desk::tests::{probe, run};

    /// A monitor of one service, without its round.
    struct Office {
        folder: tempfile::TempDir,
        history: History,
        keeper: Keeper,
        desk: Desk,
        now: Timestamp,
    }

    impl Office {
        async fn open() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let now = Timestamp::from_second(1_800_000_000).unwrap();
            let history = History::open(&folder.path().join("history.db")).await.unwrap();
            let desk = Desk::new(now, &[probe("app", "")], BTreeMap::new(), Vec::new(), Vec::new());
            Self { keeper: Keeper::new(history.clone(), now), folder, history, desk, now }
        }

        fn path(&self) -> PathBuf {
            self.folder.path().join("history.db")
        }

        fn hear(&mut self) {
            self.desk.hear(run("app", self.now, true), 0);
        }

        /// Some seconds later it is looked whether something is to be written, and waited until it is.
        async fn after(&mut self, seconds: i64) -> Option<Kept> {
            self.now += SignedDuration::from_secs(seconds);
            self.keeper.keep(&mut self.desk, self.now, false);
            self.keeper.writing.as_ref()?;
            self.keeper.done(&mut self.desk).await
        }

        async fn good(&self) -> u64 {
            let rows = self.history.rows(&"app".parse().unwrap(), Span::Day, 0).await.unwrap();
            rows.iter().map(|row| row.tally.good).sum()
        }
    }

    #[tokio::test]
    async fn it_is_written_every_few_seconds_and_at_once_where_something_is_new() {
        let mut office = Office::open().await;
        office.hear();
        assert!(office.after(4).await.is_none());
        assert_eq!(office.good().await, 0);
        assert!(office.after(1).await.is_none());
        assert_eq!(office.good().await, 1);
        office.hear();
        office.keeper.keep(&mut office.desk, office.now, true);
        // What is heard while it is written is written next, without waiting.
        office.hear();
        office.keeper.keep(&mut office.desk, office.now, true);
        assert!(office.keeper.done(&mut office.desk).await.is_none());
        assert_eq!(office.good().await, 2);
        assert!(office.after(0).await.is_none());
        assert_eq!(office.good().await, 3);
    }

    #[tokio::test]
    async fn what_could_not_be_written_is_written_later_and_told_once() {
        let mut office = Office::open().await;
        let other = Connection::open(office.path()).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        office.hear();
        let told = office.after(5).await;
        assert!(matches!(told, Some(Kept::Unwritten(HistoryError::Locked { .. }))), "{told:?}");
        office.hear();
        assert!(office.after(5).await.is_none());
        other.execute_batch("COMMIT").unwrap();
        assert!(matches!(office.after(5).await, Some(Kept::Again)));
        assert!(office.after(5).await.is_none());
        assert_eq!(office.good().await, 2);
    }

    #[tokio::test]
    async fn a_file_that_was_deleted_is_begun_anew_with_what_is_known() {
        let mut office = Office::open().await;
        office.hear();
        assert!(office.after(5).await.is_none());
        std::fs::remove_file(office.path()).unwrap();
        office.hear();
        assert!(matches!(office.after(5).await, Some(Kept::Anew)));
        assert!(office.after(0).await.is_none());
        // What was in the file is lost with it; what was not yet, and the states, are not.
        assert_eq!((office.good().await, office.history.pulses().await.unwrap().len()), (1, 1));
    }

    #[tokio::test]
    async fn at_the_end_all_of_it_is_written_or_the_reason_told() {
        let mut office = Office::open().await;
        office.hear();
        office.keeper.keep(&mut office.desk, office.now, true);
        office.hear();
        office.keeper.last(&mut office.desk).await.unwrap();
        assert_eq!(office.good().await, 2);
        Connection::open(office.path()).unwrap().execute_batch("DROP TABLE pulses").unwrap();
        office.hear();
        assert!(office.keeper.last(&mut office.desk).await.is_err());
        assert_eq!(office.good().await, 2);
    }
}
