//! The history of a monitor: what was heard, added up by minute, hour and day; failures in full; incidents; states; requests.
//!
//! A handle that is cloned freely. One thread writes, others read, each over a connection of its own, so that neither the
//! disk nor a long question holds up who asks.

pub mod batch;
mod clerk;
pub mod error;
mod schema;
pub mod sqlite;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use jiff::Timestamp;

use crate::adapter::history::batch::{Batch, KeptFailure};
use crate::adapter::history::clerk::Clerk;
use crate::adapter::history::error::{HistoryError, Unwritten};
use crate::adapter::history::sqlite::Sqlite;
use crate::adapter::stage::lock;
use crate::domain::alert::case::Case;
use crate::domain::alert::letter::Letter;
use crate::domain::integration::Name;
use crate::domain::monitor::incident::Incident;
use crate::domain::monitor::pulse::Pulse;
use crate::domain::monitor::series::Row;
use crate::domain::monitor::span::Span;
use crate::domain::monitor::traffic::{Calls, Deliveries};

/// Threads that read: a page that looks at everything leaves one free for another.
const READERS: usize = 2;

/// A history that can be asked from anywhere.
#[derive(Clone)]
pub struct History(Arc<File>);

/// The file of a history. Readers end before the writer, whose connection tidies up when it is the last.
struct File {
    path: PathBuf,
    readers: Clerk<Reader>,
    open: Vec<Reader>,
    writer: Clerk<Sqlite>,
}

/// A connection to read, made when it is first needed.
#[derive(Clone, Default)]
struct Reader(Arc<Mutex<Option<Sqlite>>>);

impl History {
    /// Opens the file of a history, or makes an empty one, and brings it up to date.
    ///
    /// # Errors
    /// It cannot be made, is damaged, locked, no history, or of a newer version; nothing is changed then.
    pub async fn open(path: &Path) -> Result<Self, HistoryError> {
        let thread = |source| HistoryError::Thread { path: path.to_owned(), source };
        let (opened, name) = (path.to_owned(), "history");
        let opened = tokio::task::spawn_blocking(move || Sqlite::open(&opened)).await;
        let opened = opened.map_err(|_| HistoryError::Ended { path: path.to_owned() })??;
        let open: Vec<Reader> = (0..READERS).map(|_| Reader::default()).collect();
        let readers = Clerk::hire(name, open.clone()).map_err(thread)?;
        let writer = Clerk::hire(name, [opened]).map_err(thread)?;
        Ok(Self(Arc::new(File { path: path.to_owned(), readers, open, writer })))
    }

    /// Writes a batch, whole or not at all. Batches are written in the order in which they are given.
    ///
    /// # Errors
    /// The file is gone, locked, damaged, or the disk is full. What was not written is given back.
    pub async fn write(&self, batch: Batch) -> Result<(), Box<Unwritten>> {
        let written = self.0.writer.ask(move |history| match history.write(&batch) {
            Ok(()) => Ok(()),
            Err(error) => Err(Box::new(Unwritten { batch, error })),
        });
        let ended = || Err(Box::new(Unwritten { batch: Batch::default(), error: self.ended() }));
        written.await.unwrap_or_else(ended)
    }

    /// Makes a new file where this one was deleted.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub async fn begin_anew(&self) -> Result<(), HistoryError> {
        let readers = self.0.open.clone();
        self.order(move |history| {
            // Who reads waits, and finds the new file.
            let mut open: Vec<_> = readers.iter().map(|reader| lock(&reader.0)).collect();
            for reader in &mut open {
                **reader = None;
            }
            history.begin_anew()
        })
        .await
    }

    /// Lets go of what is older than it is kept, and gives the room back.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub async fn compact(&self, now: Timestamp) -> Result<(), HistoryError> {
        self.order(move |history| history.compact(now)).await
    }

    /// The states as they were last written.
    ///
    /// # Errors
    /// The file cannot be read, or a state in it.
    pub async fn pulses(&self) -> Result<BTreeMap<Name, Pulse>, HistoryError> {
        self.read(Sqlite::pulses).await
    }

    /// Incidents that are not over, and those that began since then (seconds since 1970); the newest first.
    ///
    /// # Errors
    /// The file cannot be read, or an incident in it.
    pub async fn incidents(&self, since: i64) -> Result<Vec<Incident>, HistoryError> {
        self.read(move |history| history.incidents(since)).await
    }

    /// What was heard of a service from one second on, by that span; the oldest first. What is not there was not heard.
    ///
    /// # Errors
    /// The file cannot be read, or a row of it.
    pub async fn rows(&self, service: &Name, span: Span, since: i64) -> Result<Vec<Row>, HistoryError> {
        let service = service.clone();
        self.read(move |history| history.rows(&service, span, since)).await
    }

    /// The latest failures of a service, the newest first.
    ///
    /// # Errors
    /// The file cannot be read, or a failure in it.
    pub async fn failures(&self, service: &Name, most: u32) -> Result<Vec<KeptFailure>, HistoryError> {
        let service = service.clone();
        self.read(move |history| history.failures(&service, most)).await
    }

    /// The requests to a service from one second on, by hour or day with their beginnings; the oldest first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn calls(&self, service: &Name, span: Span, since: i64) -> Result<Vec<(i64, Calls)>, HistoryError> {
        let service = service.clone();
        self.read(move |history| history.calls(&service, span, since)).await
    }

    /// The deliveries to an endpoint from one second on, by hour or day with their beginnings; the oldest first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn deliveries(
        &self,
        service: &Name,
        span: Span,
        since: i64,
    ) -> Result<Vec<(i64, Deliveries)>, HistoryError> {
        let service = service.clone();
        self.read(move |history| history.deliveries(&service, span, since)).await
    }

    /// What is wrong, as alerts tell it, and is not over.
    ///
    /// # Errors
    /// The file cannot be read, or a case in it.
    pub async fn cases(&self) -> Result<Vec<Case>, HistoryError> {
        self.read(Sqlite::cases).await
    }

    /// The letters that wait, and those of which the ledger does not know what became of them; the oldest first.
    ///
    /// # Errors
    /// The file cannot be read, or a letter in it.
    pub async fn open_letters(&self) -> Result<Vec<Letter>, HistoryError> {
        self.read(Sqlite::open_letters).await
    }

    /// Of each channel the letter of which it was known last what became of it.
    ///
    /// # Errors
    /// The file cannot be read, or a letter in it.
    pub async fn last_letters(&self) -> Result<Vec<Letter>, HistoryError> {
        self.read(Sqlite::last_letters).await
    }

    /// Writes down what became of letters.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub async fn settle(&self, letters: Vec<Letter>) -> Result<(), HistoryError> {
        self.order(move |history| history.settle(&letters)).await
    }

    /// Tells whether this monitor speaks for all that share the history: its alerts go out. A file has one monitor.
    pub fn leads(&self) -> bool {
        true
    }

    /// Where it is, as it may be shown.
    pub fn place(&self) -> String {
        self.0.path.display().to_string()
    }

    async fn order<T: Send + 'static>(
        &self,
        order: impl FnOnce(&mut Sqlite) -> Result<T, HistoryError> + Send + 'static,
    ) -> Result<T, HistoryError> {
        self.0.writer.ask(order).await.unwrap_or_else(|| Err(self.ended()))
    }

    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Sqlite) -> Result<T, HistoryError> + Send + 'static,
    ) -> Result<T, HistoryError> {
        let path = self.0.path.clone();
        let read = self.0.readers.ask(move |reader| {
            let mut open = lock(&reader.0);
            match &mut *open {
                Some(open) => read(open),
                none => read(none.insert(Sqlite::open_to_read(&path)?)),
            }
        });
        read.await.unwrap_or_else(|| Err(self.ended()))
    }

    fn ended(&self) -> HistoryError {
        HistoryError::Ended { path: self.0.path.clone() }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use jiff::{SignedDuration, Timestamp};

    use super::History;
    use super::batch::{Batch, Failure, Hour, Minute};
    use super::error::HistoryError;
    use super::sqlite::Sqlite;
    use crate::domain::integration::Name;
    use crate::domain::monitor::beat::{Beat, Said};
    use crate::domain::monitor::pulse::Pulse;
    use crate::domain::monitor::span::Span;
    use crate::domain::monitor::tally::Tally;
    use crate::domain::monitor::traffic::{Calls, Deliveries, Quota};
    use crate::domain::probe::ask::Kind;
    use crate::domain::probe::cannot::{CannotTell, Word};
    use crate::domain::probe::run::{ProbeRun, StepRun};
    use crate::domain::probe::service::Service;
    use crate::domain::probe::specified::Depth;
    use crate::domain::record::Outcome;

    /// The beginning of a day.
    pub const START: i64 = 1_800_057_600;

    pub fn name() -> Name {
        "chatwoot".parse().unwrap()
    }

    pub fn minute(start: i64, latencies: &[u64]) -> Minute {
        let mut tally = Tally::default();
        for latency in latencies {
            let at = Timestamp::from_second(start).unwrap();
            tally.hear(&Beat { at, said: Said::Good, latency_us: Some(*latency) });
        }
        Minute { probe: name(), service: Service::Api, start, tally }
    }

    pub fn minutes(minutes: Vec<Minute>) -> Batch {
        Batch { minutes, ..Batch::default() }
    }

    pub fn open(folder: &Path) -> Sqlite {
        Sqlite::open(&folder.join("history.db")).unwrap()
    }

    /// Good runs of the first row of each span.
    fn first(history: &Sqlite) -> [u64; 3] {
        Span::ALL.map(|span| history.rows(&name(), span, START).unwrap()[0].tally.good)
    }

    #[test]
    fn minutes_add_up_to_hours_and_days_and_outlive_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let mut history = open(folder.path());
        for number in 0..120 {
            history.write(&minutes(vec![minute(START + number * 60, &[100_000, 200_000])])).unwrap();
        }
        // The same minute, in a second part and long after its hour and day hold it.
        history.write(&minutes(vec![minute(START, &[300_000])])).unwrap();
        drop(history);
        let mut history = open(folder.path());
        for _ in 0..2 {
            for (span, rows, first) in [(Span::Minute, 120, 3), (Span::Hour, 2, 121), (Span::Day, 1, 241)] {
                let found = history.rows(&name(), span, START).unwrap();
                assert_eq!((found.len(), found[0].tally.good), (rows, first), "{span:?}");
                assert!(found[0].tally.percentile_us(100.0).unwrap() >= 300_000);
            }
            // The same, when all of them are folded.
            history.compact(Timestamp::from_second(START + 86_400).unwrap()).unwrap();
        }
        assert!(history.rows(&name(), Span::Minute, START + 7200).unwrap().is_empty());
        assert!(history.rows(&"shopify".parse().unwrap(), Span::Day, 0).unwrap().is_empty());
    }

    #[test]
    fn a_sum_is_exact_whenever_it_is_looked_at() {
        let folder = tempfile::tempdir().unwrap();
        let mut history = open(folder.path());
        // Minutes come in parts, late, twice, and out of their order: the clock jumps back after the sixth.
        let order = [0, 0, 1, 2, 0, 5, 3, 4, 58, 59, 60, 61, 62, 3, 60, 0, 7, 59];
        for (count, number) in (1..).zip(order) {
            history.write(&minutes(vec![minute(START + number * 60, &[1000])])).unwrap();
            let (hour, day) =
                (history.rows(&name(), Span::Hour, 0).unwrap(), history.rows(&name(), Span::Day, 0).unwrap());
            assert_eq!(hour.iter().map(|row| row.tally.good).sum::<u64>(), count);
            assert_eq!(day.iter().map(|row| row.tally.good).sum::<u64>(), count);
        }
    }

    #[test]
    fn the_same_failure_is_kept_once_an_hour_and_counted() {
        let folder = tempfile::tempdir().unwrap();
        let mut history = open(folder.path());
        let cannot = CannotTell::new(Word::Refused, "nobody takes the connection");
        let run = |second: i64| ProbeRun {
            probe: name(),
            integration: name(),
            title: "Chatwoot".to_owned(),
            service: Service::Api,
            outcome: Outcome::Unasked,
            started: Timestamp::from_second(second).unwrap(),
            duration_us: 5,
            steps: vec![StepRun::unasked("liveness", Kind::Http, Depth::Liveness, cannot.clone())],
            host: None,
        };
        for second in 0..30 {
            let failed = Failure { print: "liveness refused".to_owned(), run: run(START + second) };
            history.write(&Batch { failures: vec![failed], ..Batch::default() }).unwrap();
        }
        let kept = history.failures(&name(), 10).unwrap();
        assert_eq!((kept.len(), kept[0].times, kept[0].last), (1, 30, START + 29));
        assert_eq!(kept[0].run.started.as_second(), START);
        assert_eq!(kept[0].run.steps[0].cannot.as_ref().unwrap().word, Word::Refused);
        history.compact(Timestamp::from_second(START + 31 * 86_400).unwrap()).unwrap();
        assert!(history.failures(&name(), 10).unwrap().is_empty());
    }

    #[test]
    fn states_are_read_back_as_they_were() {
        let folder = tempfile::tempdir().unwrap();
        let now = Timestamp::from_second(START).unwrap();
        let pulse = Pulse::new(now, SignedDuration::from_secs(5));
        let batch = Batch { pulses: vec![(name(), pulse.clone())], ..Batch::default() };
        open(folder.path()).write(&batch).unwrap();
        assert_eq!(open(folder.path()).pulses().unwrap()[&name()], pulse);
    }

    #[test]
    fn requests_are_added_up_and_the_last_quota_stands() {
        let folder = tempfile::tempdir().unwrap();
        let mut history = open(folder.path());
        let quota = |second, remaining| {
            let seen = Timestamp::from_second(START + second).unwrap();
            Some(Quota { limit: Some(40), remaining: Some(remaining), reset: None, seen })
        };
        for (hour, quota) in [(0, quota(5, 30)), (0, quota(1, 39)), (1, quota(3601, 20)), (1, None)] {
            let sum = Calls { calls: 10, errors: 2, throttled: 1, quota };
            let calls = vec![Hour { probe: name(), start: START + hour * 3600, sum }];
            let sum = Deliveries { delivered: 3, verified: 2, forged: 3, refused: 1 };
            let deliveries = vec![Hour { probe: name(), start: START + hour * 3600, sum }];
            history.write(&Batch { calls, deliveries, ..Batch::default() }).unwrap();
        }
        let hours = history.calls(&name(), Span::Hour, START).unwrap();
        assert_eq!(
            hours,
            [
                (START, Calls { calls: 20, errors: 4, throttled: 2, quota: quota(5, 30) }),
                (START + 3600, Calls { calls: 20, errors: 4, throttled: 2, quota: quota(3601, 20) }),
            ]
        );
        let day = history.calls(&name(), Span::Day, 0).unwrap();
        assert_eq!(day, [(START, Calls { calls: 40, errors: 8, throttled: 4, quota: quota(3601, 20) })]);
        let day = history.deliveries(&name(), Span::Day, 0).unwrap();
        assert_eq!(day, [(START, Deliveries { delivered: 12, verified: 8, forged: 12, refused: 4 })]);
        assert!(history.calls(&name(), Span::Hour, START + 7200).unwrap().is_empty());
    }

    #[test]
    fn old_minutes_go_and_days_stay() {
        let folder = tempfile::tempdir().unwrap();
        let mut history = open(folder.path());
        history.write(&minutes(vec![minute(START, &[1000])])).unwrap();
        assert_eq!(first(&history), [1, 1, 1]);
        history.compact(Timestamp::from_second(START + 3 * 86_400).unwrap()).unwrap();
        assert!(history.rows(&name(), Span::Minute, 0).unwrap().is_empty());
        assert_eq!(history.rows(&name(), Span::Hour, 0).unwrap().len(), 1);
        history.compact(Timestamp::from_second(START + 300 * 86_400).unwrap()).unwrap();
        assert_eq!(history.rows(&name(), Span::Day, 0).unwrap()[0].tally.good, 1);
    }

    #[tokio::test]
    async fn who_asks_reads_what_was_written_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.db");
        let history = History::open(&path).await.unwrap();
        for number in 1..=20 {
            history.write(minutes(vec![minute(START, &[1000])])).await.unwrap();
            let other = history.clone();
            let rows = other.rows(&name(), Span::Day, 0).await.unwrap();
            assert_eq!(rows[0].tally.good, number);
        }
        assert!(History::open(&path).await.unwrap().leads());
    }

    #[tokio::test]
    async fn what_could_not_be_written_is_given_back_and_a_new_file_is_read_and_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.db");
        let history = History::open(&path).await.unwrap();
        history.write(minutes(vec![minute(START, &[1000])])).await.unwrap();
        assert_eq!(history.rows(&name(), Span::Minute, 0).await.unwrap().len(), 1);
        std::fs::remove_file(&path).unwrap();
        let unwritten = history.write(minutes(vec![minute(START + 60, &[1000, 2000])])).await.unwrap_err();
        assert!(matches!(unwritten.error, HistoryError::Gone { .. }));
        assert_eq!(unwritten.batch.minutes[0].tally.good, 2);
        history.begin_anew().await.unwrap();
        history.write(unwritten.batch).await.unwrap();
        let rows = history.rows(&name(), Span::Minute, 0).await.unwrap();
        assert_eq!((rows.len(), rows[0].tally.good), (1, 2));
    }
}
