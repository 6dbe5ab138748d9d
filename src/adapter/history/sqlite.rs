//! A history in one file of `SQLite`: written ahead, migrated when it is opened, kept small by itself.
#![cfg_attr(test, expect(clippy::disallowed_methods, reason = "tests damage files"))]

mod compact;
mod fold;
mod outbox;
mod read;
mod write;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::adapter::history::batch::Batch;
use crate::adapter::history::error::HistoryError;
use crate::adapter::history::schema::MIGRATIONS;
use crate::adapter::history::sqlite::fold::AT_ONCE;
use crate::adapter::history::sqlite::write::Change;
use crate::domain::monitor::latencies::{Latencies, Unreadable};
use crate::domain::monitor::span::Span;
use crate::domain::monitor::tally::Tally;

/// `Pref`: a file of another program is not taken for a history.
const APPLICATION: i64 = 0x5072_6566;
/// How long another program's lock is waited for: what cannot be written now is written a little later.
const PATIENCE: Duration = Duration::from_secs(1);

/// An open history.
pub struct Sqlite {
    connection: Connection,
    path: PathBuf,
    /// Which file it was that was opened: another one may have come to stand in its place.
    file: Option<u64>,
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
        let mut history = Self::connect(path, OpenFlags::default())?;
        history.migrate()?;
        history.file = identity(path);
        Ok(history)
    }

    /// Opens a history that another connection has brought up to date, to read it.
    ///
    /// # Errors
    /// It cannot be opened.
    pub fn open_to_read(path: &Path) -> Result<Self, HistoryError> {
        Self::connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)
    }

    fn connect(path: &Path, flags: OpenFlags) -> Result<Self, HistoryError> {
        let other = |source| failure(path, source);
        let connection = Connection::open_with_flags(path, flags).map_err(other)?;
        connection.busy_timeout(PATIENCE).map_err(other)?;
        connection.set_prepared_statement_cache_capacity(32);
        Ok(Self { connection, path: path.to_owned(), file: None })
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

    /// Writes a batch, whole or not at all, and adds minutes that are over to their hours and days.
    ///
    /// # Errors
    /// The file is gone, locked, damaged, or the disk is full.
    pub fn write(&mut self, batch: &Batch) -> Result<(), HistoryError> {
        self.is_there()?;
        // A minute is over when another one lies between it and the newest: few runs come so late.
        let newest = batch.minutes.iter().map(|minute| minute.start).max();
        let over = newest.map(|newest| newest - Span::Minute.seconds());
        self.change(|change| {
            change.write(batch)?;
            over.map_or(Ok(0), |over| change.fold(over, AT_ONCE)).map(|_| ())
        })
    }

    /// Makes a new file where this one was deleted. Nobody else of this program may have it open.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn begin_anew(&mut self) -> Result<(), HistoryError> {
        // Both would use one file of shared memory, each for another history: the old one is let go of first.
        match Connection::open_in_memory() {
            Ok(nothing) => drop(std::mem::replace(&mut self.connection, nothing)),
            Err(source) => return Err(failure(&self.path, source)),
        }
        *self = Self::open(&self.path.clone())?;
        Ok(())
    }

    /// An unlinked file takes everything and keeps nothing.
    fn is_there(&self) -> Result<(), HistoryError> {
        let found = identity(&self.path);
        if found.is_some() && found == self.file { Ok(()) } else { Err(HistoryError::Gone { path: self.path.clone() }) }
    }

    /// Does all of it, or nothing.
    fn change<T>(&mut self, all: impl FnOnce(&Change<'_>) -> Result<T, HistoryError>) -> Result<T, HistoryError> {
        let path = &self.path;
        let other = |source| failure(path, source);
        let change = Change { change: self.connection.transaction().map_err(other)?, path };
        let done = all(&change)?;
        change.change.commit().map_err(other)?;
        Ok(done)
    }
}

/// What tells a file from another one of the same name; None where there is none.
fn identity(path: &Path) -> Option<u64> {
    let found = fs::metadata(path).ok()?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        Some(found.ino())
    }
    #[cfg(not(unix))]
    {
        Some(u64::from(found.is_file()))
    }
}

/// The counts and latencies of a row, from that column on.
fn tally(row: &rusqlite::Row, first: usize) -> rusqlite::Result<Result<Tally, Unreadable>> {
    let count = |column: usize| row.get::<_, i64>(first + column).map(i64::unsigned_abs);
    let (good, bad, nothing, retries) = (count(0)?, count(1)?, count(2)?, count(3)?);
    let latency = Latencies::from_bytes(row.get_ref(first + 4)?.as_blob()?);
    Ok(latency.map(|latency| Tally { good, bad, nothing, retries, latency }))
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

    use jiff::Timestamp;
    use rusqlite::Connection;

    use super::{HistoryError, Sqlite};
    use crate::adapter::history::schema::MIGRATIONS;
    use crate::adapter::history::tests::{START, minute, minutes, name, open};
    use crate::domain::monitor::span::Span;

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
    fn a_file_of_the_first_version_is_brought_up_to_date_and_its_sums_stay() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.db");
        let old = Connection::open(&path).unwrap();
        old.execute_batch(MIGRATIONS[0]).unwrap();
        old.pragma_update(None, "application_id", super::APPLICATION).unwrap();
        old.pragma_update(None, "user_version", 1).unwrap();
        for (span, start) in Span::ALL.map(|span| (span.seconds(), START.div_euclid(span.seconds()) * span.seconds())) {
            let row = "INSERT INTO integration_health_checks VALUES ('chatwoot', ?1, ?2, 'api', 7, 0, 0, 0, x'')";
            old.execute(row, [span, start]).unwrap();
        }
        drop(old);
        let mut history = Sqlite::open(&path).unwrap();
        history.write(&minutes(vec![minute(START, &[1000]), minute(START + 600, &[1000])])).unwrap();
        for (span, good) in [(Span::Minute, 8), (Span::Hour, 9), (Span::Day, 9)] {
            assert_eq!(history.rows(&name(), span, 0).unwrap()[0].tally.good, good, "{span:?}");
        }
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
    fn a_file_that_is_gone_or_another_one_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.db");
        let mut history = open(folder.path());
        fs::remove_file(&path).unwrap();
        let written = history.write(&minutes(vec![minute(START, &[1])]));
        assert!(matches!(written, Err(HistoryError::Gone { .. })), "{written:?}");
        history.begin_anew().unwrap();
        history.write(&minutes(vec![minute(START, &[1])])).unwrap();
        assert_eq!(open(folder.path()).rows(&name(), Span::Minute, 0).unwrap().len(), 1);
        // Somebody puts a copy in its place: what is written goes to the one that has the name.
        fs::copy(&path, folder.path().join("copy.db")).unwrap();
        fs::rename(folder.path().join("copy.db"), &path).unwrap();
        let written = history.write(&minutes(vec![minute(START, &[1])]));
        assert!(matches!(written, Err(HistoryError::Gone { .. })), "{written:?}");
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

    #[test]
    fn a_disk_without_room_is_told_and_half_a_batch_is_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let mut history = open(folder.path());
        history.write(&minutes(vec![minute(START, &[1])])).unwrap();
        let pages: i64 = history.connection.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
        history.connection.pragma_update(None, "max_page_count", pages + 1).unwrap();
        let many = || minutes((0..500).map(|number| minute(START + number * 60, &[1000, 2000])).collect());
        let written = history.write(&many());
        assert!(matches!(written, Err(HistoryError::Full { .. })), "{written:?}");
        assert_eq!(history.rows(&name(), Span::Minute, 0).unwrap().len(), 1);
        history.connection.pragma_update(None, "max_page_count", i64::from(u32::MAX - 1)).unwrap();
        history.write(&many()).unwrap();
        assert_eq!(history.rows(&name(), Span::Minute, 0).unwrap()[0].tally.good, 3);
    }
}
