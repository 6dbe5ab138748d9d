//! A history in one file of `SQLite`: written ahead, migrated when it is opened, kept small by itself.
#![cfg_attr(test, expect(clippy::disallowed_methods, reason = "tests damage files"))]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, ErrorCode, OptionalExtension as _, Transaction, params};

use crate::adapter::history::schema::MIGRATIONS;
use crate::adapter::history::{Batch, Failure, HistoryError, KeptFailure, Minute};
use crate::domain::integration::Name;
use crate::domain::monitor::incident::Incident;
use crate::domain::monitor::pulse::Pulse;
use crate::domain::monitor::series::Row;
use crate::domain::monitor::span::Span;
use crate::domain::monitor::tally::{Tally, Unreadable};

/// `Pref`: a file of another program is not taken for a history.
const APPLICATION: i64 = 0x5072_6566;
/// How long another program's lock is waited for: what cannot be written now is written a little later.
const PATIENCE: Duration = Duration::from_millis(100);
/// Days that failures and incidents that are over are kept (the users' thirty, and a year).
const FAILURE_DAYS: i64 = 30;
const INCIDENT_DAYS: i64 = 366;

/// An open history.
pub struct Sqlite {
    connection: Connection,
    path: PathBuf,
}

impl Sqlite {
    /// Opens a history, or makes an empty one, and brings it up to date.
    ///
    /// # Errors
    /// It cannot be made, is damaged, locked, no history, or of a newer version; nothing is changed then.
    pub fn open(path: &Path) -> Result<Self, HistoryError> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|source| HistoryError::Folder { path: folder.to_owned(), source })?;
        }
        let other = |source| failure(path, source);
        let connection = Connection::open(path).map_err(other)?;
        connection.busy_timeout(PATIENCE).map_err(other)?;
        let mut history = Self { connection, path: path.to_owned() };
        history.migrate()?;
        Ok(history)
    }

    fn migrate(&mut self) -> Result<(), HistoryError> {
        let path = self.path.clone();
        let other = |source| failure(&path, source);
        let number =
            |connection: &Connection, name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        let version = number(&self.connection, "user_version").map_err(other)?;
        let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
        let is_new = version == 0
            && self
                .connection
                .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))
                .map_err(other)?
                == 0;
        if !is_new && number(&self.connection, "application_id").map_err(other)? != APPLICATION {
            return Err(HistoryError::Damaged { path, source: rusqlite::Error::InvalidQuery });
        }
        if version > known {
            return Err(HistoryError::Newer { path, found: version, known });
        }
        if version < known {
            let change = self.connection.transaction().map_err(other)?;
            for step in MIGRATIONS.iter().skip(usize::try_from(version).unwrap_or_default()) {
                change.execute_batch(step).map_err(other)?;
            }
            change.pragma_update(None, "application_id", APPLICATION).map_err(other)?;
            change.pragma_update(None, "user_version", known).map_err(other)?;
            change.commit().map_err(other)?;
        }
        // Kept through a crash of the program; a power cut may take the last moments.
        self.connection.pragma_update(None, "journal_mode", "WAL").map_err(other)?;
        self.connection.pragma_update(None, "synchronous", "NORMAL").map_err(other)
    }

    /// Writes a batch, whole or not at all.
    ///
    /// # Errors
    /// The file is gone, locked, damaged, or the disk is full.
    pub fn write(&mut self, batch: &Batch) -> Result<(), HistoryError> {
        // An unlinked file takes everything and keeps nothing.
        if !self.path.exists() {
            return Err(HistoryError::Gone { path: self.path.clone() });
        }
        let path = self.path.clone();
        let other = |source| failure(&path, source);
        let change = self.connection.transaction().map_err(other)?;
        for minute in &batch.minutes {
            for span in Span::ALL {
                add(&change, &path, minute, span)?;
            }
        }
        for failure in &batch.failures {
            keep(&change, &path, failure)?;
        }
        for (name, pulse) in &batch.pulses {
            let document = text(&path, "a state", pulse)?;
            change
                .prepare_cached("INSERT OR REPLACE INTO pulses VALUES (?1, ?2)")
                .and_then(|mut put| put.execute(params![name.as_str(), document]))
                .map_err(other)?;
        }
        for incident in &batch.incidents {
            put(&change, &path, incident)?;
        }
        change.commit().map_err(other)
    }

    /// Makes a new file where this one was deleted.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn begin_anew(&mut self) -> Result<(), HistoryError> {
        *self = Self::open(&self.path.clone())?;
        Ok(())
    }

    /// The states as they were last written.
    ///
    /// # Errors
    /// The file cannot be read, or a state in it.
    pub fn pulses(&self) -> Result<BTreeMap<Name, Pulse>, HistoryError> {
        let all = self.documents("SELECT service_name, document FROM pulses", [])?;
        // A name that the workspace's grammar does not know is of no service of it.
        let named = all.into_iter().filter_map(|(name, document)| Some((name.parse::<Name>().ok()?, document)));
        named.map(|(name, document)| Ok((name, self.read("a state", &document)?))).collect()
    }

    /// Incidents that are not over, and those that began since then (seconds since 1970); the newest first.
    ///
    /// # Errors
    /// The file cannot be read, or an incident in it.
    pub fn incidents(&self, since: i64) -> Result<Vec<Incident>, HistoryError> {
        let query = "SELECT id, document FROM integration_incidents
            WHERE resolved_at IS NULL OR created_at >= ?1 ORDER BY created_at DESC, id";
        let all = self.documents(query, [since])?;
        all.into_iter().map(|(_, document)| self.read("an incident", &document)).collect()
    }

    /// What was heard of a service from one second on, by that span; the oldest first. What is not there was not heard.
    ///
    /// # Errors
    /// The file cannot be read, or a row of it.
    pub fn rows(&self, service: &Name, span: Span, since: i64) -> Result<Vec<Row>, HistoryError> {
        let other = |source| failure(&self.path, source);
        let query = "SELECT timestamp, good, error_count, no_data, retry_count, latency FROM integration_health_checks
            WHERE service_name = ?1 AND span = ?2 AND timestamp >= ?3 ORDER BY timestamp";
        let mut query = self.connection.prepare_cached(query).map_err(other)?;
        let mut found = query.query(params![service.as_str(), span.seconds(), since]).map_err(other)?;
        let mut rows = Vec::new();
        while let Some(row) = found.next().map_err(other)? {
            let start = row.get(0).map_err(other)?;
            let tally = tally(row, 1).map_err(other)?.map_err(|source| self.row(service, source))?;
            rows.push(Row { start, span, tally });
        }
        Ok(rows)
    }

    /// The latest failures of a service, the newest first.
    ///
    /// # Errors
    /// The file cannot be read, or a failure in it.
    pub fn failures(&self, service: &Name, most: u32) -> Result<Vec<KeptFailure>, HistoryError> {
        let other = |source| failure(&self.path, source);
        let query = "SELECT document, times, last FROM failures WHERE service_name = ?1 ORDER BY last DESC LIMIT ?2";
        let mut query = self.connection.prepare_cached(query).map_err(other)?;
        let found = query.query_map(params![service.as_str(), most], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?, row.get(2)?))
        });
        let found: Vec<_> = found.and_then(Iterator::collect).map_err(other)?;
        let kept = |(document, times, last): (String, i64, i64)| {
            let run = self.read("a failure", &document)?;
            Ok(KeptFailure { run, times: times.unsigned_abs(), last })
        };
        found.into_iter().map(kept).collect()
    }

    /// Lets go of what is older than it is kept, and gives the room back.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub fn compact(&mut self, now: Timestamp) -> Result<(), HistoryError> {
        let path = self.path.clone();
        let other = |source| failure(&path, source);
        let change = self.connection.transaction().map_err(other)?;
        for span in Span::ALL {
            let before = now.as_second() - span.retention().as_secs();
            let query = "DELETE FROM integration_health_checks WHERE span = ?1 AND timestamp < ?2";
            change.execute(query, [span.seconds(), before]).map_err(other)?;
        }
        let days = |days: i64| now.as_second() - days * Span::Day.seconds();
        change.execute("DELETE FROM failures WHERE last < ?1", [days(FAILURE_DAYS)]).map_err(other)?;
        change
            .execute("DELETE FROM integration_incidents WHERE resolved_at < ?1", [days(INCIDENT_DAYS)])
            .map_err(other)?;
        change.commit().map_err(other)?;
        self.connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA optimize;").map_err(other)
    }

    fn documents<P: rusqlite::Params>(&self, query: &str, given: P) -> Result<Vec<(String, String)>, HistoryError> {
        let mut query = self.connection.prepare_cached(query).map_err(|source| failure(&self.path, source))?;
        let rows = query.query_map(given, |row| Ok((row.get(0)?, row.get(1)?)));
        rows.and_then(Iterator::collect).map_err(|source| failure(&self.path, source))
    }

    fn read<T: serde::de::DeserializeOwned>(&self, what: &str, document: &str) -> Result<T, HistoryError> {
        serde_json::from_str(document).map_err(|source| HistoryError::Document {
            path: self.path.clone(),
            what: what.to_owned(),
            source,
        })
    }

    fn row(&self, service: &Name, source: Unreadable) -> HistoryError {
        HistoryError::Row { path: self.path.clone(), service: service.to_string(), source }
    }
}

/// Adds a minute to the row of a span that holds it.
fn add(change: &Transaction, path: &Path, minute: &Minute, span: Span) -> Result<(), HistoryError> {
    let other = |source| failure(path, source);
    let unreadable = |source| HistoryError::Row { path: path.to_owned(), service: minute.probe.to_string(), source };
    let start = minute.start.div_euclid(span.seconds()) * span.seconds();
    let known = change
        .prepare_cached(
            "SELECT good, error_count, no_data, retry_count, latency FROM integration_health_checks
             WHERE service_name = ?1 AND span = ?2 AND timestamp = ?3",
        )
        .and_then(|mut query| {
            query.query_row(params![minute.probe.as_str(), span.seconds(), start], |row| tally(row, 0)).optional()
        })
        .map_err(other)?;
    let mut sum = known.transpose().map_err(unreadable)?.unwrap_or_default();
    sum.add(&minute.tally);
    let latency = sum.latencies().map_err(unreadable)?;
    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    change
        .prepare_cached("INSERT OR REPLACE INTO integration_health_checks VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")
        .and_then(|mut put| {
            put.execute(params![
                minute.probe.as_str(),
                span.seconds(),
                start,
                minute.service.as_str(),
                count(sum.good),
                count(sum.bad),
                count(sum.nothing),
                count(sum.retries),
                latency,
            ])
        })
        .map_err(other)?;
    Ok(())
}

/// The counts and latencies of a row, from that column on.
fn tally(row: &rusqlite::Row, first: usize) -> rusqlite::Result<Result<Tally, Unreadable>> {
    let count = |column: usize| row.get::<_, i64>(first + column).map(i64::unsigned_abs);
    let mut counts = Tally::default();
    (counts.good, counts.bad, counts.nothing, counts.retries) = (count(0)?, count(1)?, count(2)?, count(3)?);
    let latency: Vec<u8> = row.get(first + 4)?;
    Ok(counts.with_latencies(&latency))
}

/// Keeps a failure, or counts it where the same one of this hour is kept already.
fn keep(change: &Transaction, path: &Path, failed: &Failure) -> Result<(), HistoryError> {
    let at = failed.run.started;
    let document = text(path, "a failure", &failed.run)?;
    change
        .prepare_cached(
            "INSERT INTO failures VALUES (?1, ?2, ?3, ?4, ?4, 1, ?5)
             ON CONFLICT DO UPDATE SET times = times + 1, last = max(last, excluded.last)",
        )
        .and_then(|mut put| {
            let hour = Span::Hour.start(at);
            put.execute(params![failed.run.probe.as_str(), hour, failed.print, at.as_second(), document])
        })
        .map_err(|source| failure(path, source))?;
    Ok(())
}

fn put(change: &Transaction, path: &Path, incident: &Incident) -> Result<(), HistoryError> {
    let status = match (incident.resolved, &incident.acknowledged) {
        (Some(_), _) => "resolved",
        (None, Some(_)) => "investigating",
        (None, None) => "open",
    };
    let severity = serde_json::to_value(incident.severity).unwrap_or_default();
    let document = text(path, "an incident", incident)?;
    change
        .prepare_cached("INSERT OR REPLACE INTO integration_incidents VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")
        .and_then(|mut put| {
            put.execute(params![
                incident.id,
                incident.opened.as_second(),
                incident.resolved.map(Timestamp::as_second),
                incident.service.as_str(),
                severity.as_str(),
                status,
                document,
            ])
        })
        .map_err(|source| failure(path, source))?;
    Ok(())
}

fn text<T: serde::Serialize>(path: &Path, what: &str, value: &T) -> Result<String, HistoryError> {
    serde_json::to_string(value).map_err(|source| HistoryError::Document {
        path: path.to_owned(),
        what: what.to_owned(),
        source,
    })
}

fn failure(path: &Path, source: rusqlite::Error) -> HistoryError {
    let path = path.to_owned();
    match source.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => HistoryError::Locked { path, source },
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => HistoryError::Damaged { path, source },
        Some(ErrorCode::DiskFull) => HistoryError::Full { path, source },
        _ => HistoryError::Other { path, source },
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use jiff::{SignedDuration, Timestamp};
    use rusqlite::Connection;

    use super::{Batch, Failure, HistoryError, Minute, Name, Sqlite};
    use crate::domain::monitor::beat::{Beat, Said};
    use crate::domain::monitor::pulse::Pulse;
    use crate::domain::monitor::span::Span;
    use crate::domain::monitor::tally::Tally;
    use crate::domain::probe::ask::Kind;
    use crate::domain::probe::cannot::{CannotTell, Word};
    use crate::domain::probe::run::{ProbeRun, StepRun};
    use crate::domain::probe::service::Service;
    use crate::domain::probe::specified::Depth;
    use crate::domain::record::Outcome;

    const START: i64 = 1_800_000_000;

    fn name() -> Name {
        "chatwoot".parse().unwrap()
    }

    fn minute(start: i64, latencies: &[u64]) -> Minute {
        let mut tally = Tally::default();
        for latency in latencies {
            let at = Timestamp::from_second(start).unwrap();
            tally.hear(&Beat { at, said: Said::Good, latency_us: Some(*latency) });
        }
        Minute { probe: name(), service: Service::Api, start, tally }
    }

    fn minutes(minutes: Vec<Minute>) -> Batch {
        Batch { minutes, ..Batch::default() }
    }

    fn open(folder: &Path) -> Sqlite {
        Sqlite::open(&folder.join("history.db")).unwrap()
    }

    #[test]
    fn minutes_add_up_to_hours_and_days_and_outlive_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let mut history = open(folder.path());
        let day = START.div_euclid(86_400) * 86_400;
        for number in 0..120 {
            history.write(&minutes(vec![minute(day + number * 60, &[100_000, 200_000])])).unwrap();
        }
        // The same minute, in a second part.
        history.write(&minutes(vec![minute(day, &[300_000])])).unwrap();
        drop(history);
        let history = open(folder.path());
        for (span, rows, first) in [(Span::Minute, 120, 3), (Span::Hour, 2, 121), (Span::Day, 1, 241)] {
            let found = history.rows(&name(), span, day).unwrap();
            assert_eq!((found.len(), found[0].tally.good), (rows, first), "{span:?}");
            assert!(found[0].tally.percentile_us(100.0).unwrap() >= 300_000);
        }
        assert!(history.rows(&name(), Span::Minute, day + 7200).unwrap().is_empty());
        assert!(history.rows(&"shopify".parse().unwrap(), Span::Day, 0).unwrap().is_empty());
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
    fn old_minutes_go_and_days_stay() {
        let folder = tempfile::tempdir().unwrap();
        let mut history = open(folder.path());
        history.write(&minutes(vec![minute(START, &[1000])])).unwrap();
        history.compact(Timestamp::from_second(START + 3 * 86_400).unwrap()).unwrap();
        assert!(history.rows(&name(), Span::Minute, 0).unwrap().is_empty());
        assert_eq!(history.rows(&name(), Span::Hour, 0).unwrap().len(), 1);
        history.compact(Timestamp::from_second(START + 300 * 86_400).unwrap()).unwrap();
        assert_eq!(history.rows(&name(), Span::Day, 0).unwrap().len(), 1);
    }

    #[test]
    fn what_is_no_history_is_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.db");
        fs::write(
            &path,
            "not a database, and longer than the head of one: 1234567890 1234567890 1234567890 1234567890",
        )
        .unwrap();
        assert!(matches!(Sqlite::open(&path), Err(HistoryError::Damaged { .. })));
        assert!(fs::read_to_string(&path).unwrap().starts_with("not a database"));
        let other = folder.path().join("other.db");
        Connection::open(&other).unwrap().execute_batch("CREATE TABLE orders (id INTEGER)").unwrap();
        assert!(matches!(Sqlite::open(&other), Err(HistoryError::Damaged { .. })));
    }

    #[test]
    fn a_file_of_a_newer_version_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.db");
        drop(open(folder.path()));
        Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
        assert!(matches!(Sqlite::open(&path), Err(HistoryError::Newer { found: 99, .. })));
    }

    #[test]
    fn a_file_that_was_cut_off_is_told_and_not_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.db");
        let mut history = open(folder.path());
        for number in 0..500 {
            history.write(&minutes(vec![minute(START + number * 60, &[1000, 2000])])).unwrap();
        }
        history.compact(Timestamp::from_second(START).unwrap()).unwrap();
        drop(history);
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[..bytes.len() / 2 + 100]).unwrap();
        let damaged = Sqlite::open(&path).and_then(|history| history.rows(&name(), Span::Minute, 0).map(|_| ()));
        assert!(matches!(damaged, Err(HistoryError::Damaged { .. })), "{damaged:?}");
    }

    #[test]
    fn a_file_that_is_gone_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let mut history = open(folder.path());
        fs::remove_file(folder.path().join("history.db")).unwrap();
        let written = history.write(&minutes(vec![minute(START, &[1])]));
        assert!(matches!(written, Err(HistoryError::Gone { .. })), "{written:?}");
        history.begin_anew().unwrap();
        history.write(&minutes(vec![minute(START, &[1])])).unwrap();
        assert_eq!(open(folder.path()).rows(&name(), Span::Minute, 0).unwrap().len(), 1);
    }

    #[test]
    fn a_file_that_another_program_holds_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let mut history = open(folder.path());
        history.connection.busy_timeout(std::time::Duration::ZERO).unwrap();
        let other = Connection::open(folder.path().join("history.db")).unwrap();
        other.execute_batch("BEGIN EXCLUSIVE").unwrap();
        let written = history.write(&minutes(vec![minute(START, &[1])]));
        assert!(matches!(written, Err(HistoryError::Locked { .. })), "{written:?}");
        other.execute_batch("ROLLBACK").unwrap();
        history.write(&minutes(vec![minute(START, &[1])])).unwrap();
    }
}
