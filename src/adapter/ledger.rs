//! The ledger: append-only JSON lines, each with the hash of the one before, and the records that they speak of.
#![expect(clippy::disallowed_methods, reason = "this room writes and reads the ledger's files")]

mod look;
mod portions;
pub mod prune;
mod receipts;
mod tail;

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Component, Path, PathBuf};

use jiff::Timestamp;

use crate::adapter::files::{self, FileError};
use crate::adapter::ledger::tail::Tail;
use crate::domain::chain::Line;
use crate::domain::chain::hash::Hash;
use crate::domain::chain::reading::{Reading, newest};
use crate::domain::declaration::Declaration;
use crate::domain::entry::{Body, Entry, History, VERSION};
use crate::domain::evidence::Evidence;
use crate::domain::record::Record;

/// The ledger's file name in the reports folder.
pub const FILE: &str = "ledger.jsonl";

/// The folder of records in the reports folder.
pub const RECORDS: &str = "records";

/// Bytes that a record is written into at first. What is not needed of it is never touched.
const ROOM: usize = 2 * 1024 * 1024;

/// Where a record lies, relative to the reports folder.
pub fn place(record: &Record) -> String {
    format!("{RECORDS}/{}.json", record.id)
}

/// Why the ledger cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    #[error("could not {doing} {}", path.display())]
    Io { doing: &'static str, path: PathBuf, source: io::Error },
    #[error(transparent)]
    File(#[from] FileError),
    #[error("{} is no file, so no entry can be appended to it", path.display())]
    NoFile { path: PathBuf },
    #[error("{}: the record cannot be written as JSON", path.display())]
    Encode { path: PathBuf, source: serde_json::Error },
    #[error("{}: the record's digest is not the one in the ledger", path.display())]
    Changed { path: PathBuf },
    #[error("{}: not a record of this format", path.display())]
    Decode { path: PathBuf, source: serde_json::Error },
    #[error("{path} lies outside of the reports folder, so it is no record")]
    Outside { path: String },
}

impl LedgerError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::File(error) => error.hint().map(str::to_owned),
            Self::Io { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => {
                Some("make the reports folder writable, or name another one with --reports".to_owned())
            }
            Self::Io { source, .. }
                if matches!(source.kind(), io::ErrorKind::StorageFull | io::ErrorKind::FileTooLarge) =>
            {
                Some("make room; no entry of this run was kept, and those before it are whole".to_owned())
            }
            Self::NoFile { .. } => Some("move it, or name another folder with --reports".to_owned()),
            Self::Changed { .. } => Some("the record was changed after it was made: run the contract again".to_owned()),
            _ => None,
        }
    }
}

/// The ledger in a reports folder.
#[derive(Clone, Debug)]
pub struct Ledger {
    folder: PathBuf,
}

impl Ledger {
    pub fn new(reports: &Path) -> Self {
        Self { folder: reports.to_owned() }
    }

    /// The ledger's file, which need not be there.
    pub fn path(&self) -> PathBuf {
        self.folder.join(FILE)
    }

    /// What changes with each line: how long the file is; None where there is none.
    pub fn length(&self) -> Option<u64> {
        std::fs::metadata(self.path()).ok().map(|file| file.len())
    }

    /// Writes a record and the entries of what it shows (their `record` and `digest` are filled in here). Two processes that append at once wait for each other; where another run has the
    /// same id, the record gets one of its own.
    ///
    /// # Errors
    /// The folder cannot be written; then neither the record nor an entry is left behind.
    pub fn append(
        &self,
        record: &mut Record,
        mut shown: Vec<Evidence>,
        now: Timestamp,
    ) -> Result<PathBuf, LedgerError> {
        files::make_folder(&self.folder.join(RECORDS))?;
        let mut file = self.open()?;
        let (relative, path) = self.free_place(record);
        let mut text = Vec::with_capacity(ROOM);
        serde_json::to_writer(&mut text, record)
            .map_err(|source| LedgerError::Encode { path: path.clone(), source })?;
        text.push(b'\n');
        files::write(&path, &text)?;
        let digest = Hash::of(&text).to_string();
        for evidence in &mut shown {
            evidence.record.clone_from(&relative);
            evidence.digest.clone_from(&digest);
        }
        let bodies = shown.into_iter().map(|evidence| Body::Evidence(Box::new(evidence)));
        if let Err(error) = self.append_entries(&mut file, bodies, now) {
            // A record that no entry speaks of is lost anyway; that it cannot be removed either is no news.
            drop(std::fs::remove_file(&path));
            return Err(error);
        }
        Ok(path)
    }

    /// Writes a person's word, and returns its sequence.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn declare(&self, declaration: Declaration, now: Timestamp) -> Result<u64, LedgerError> {
        self.decide(now, |_| (Some(Body::Declaration(Box::new(declaration))), ())).map(|(sequence, ())| sequence)
    }

    /// Reads the ledger and writes what follows from it, with nobody else writing in between. Returns the sequence of
    /// the last entry.
    ///
    /// # Errors
    /// The ledger cannot be read or written.
    pub fn decide<T>(
        &self,
        now: Timestamp,
        decide: impl FnOnce(History) -> (Option<Body>, T),
    ) -> Result<(u64, T), LedgerError> {
        files::make_folder(&self.folder)?;
        let mut file = self.open()?;
        // Under the lock that is held here; `read` would wait for it.
        let history = Reading::of(self.lines_of(&mut file)?).history;
        let before = history.entries.iter().map(|entry| entry.sequence).max().unwrap_or(0);
        let (body, decided) = decide(history);
        let Some(body) = body else { return Ok((before, decided)) };
        let sequence = self.append_entries(&mut file, std::iter::once(body), now)?;
        Ok((sequence, decided))
    }

    /// Opens the ledger's file and waits until it is ours; the lock ends with the file.
    fn open(&self) -> Result<File, LedgerError> {
        let io = |doing| move |source| LedgerError::Io { doing, path: self.path(), source };
        loop {
            self.must_be_a_file()?;
            let file = OpenOptions::new().read(true).append(true).create(true).open(self.path()).map_err(io("open"))?;
            file.lock().map_err(io("lock"))?;
            // Whoever held the lock may have put another file in its place.
            if same_file(&file, &self.path()) {
                return Ok(file);
            }
        }
    }

    /// Asked before it is opened: a pipe would be waited for, and a device has no end.
    fn must_be_a_file(&self) -> Result<(), LedgerError> {
        match std::fs::metadata(self.path()) {
            Ok(about) if !about.is_file() => Err(LedgerError::NoFile { path: self.path() }),
            _ => Ok(()),
        }
    }

    /// Gives the record an id under which no other one stands, and says where it goes.
    fn free_place(&self, record: &mut Record) -> (String, PathBuf) {
        let first = record.id.clone();
        for number in 2_u32.. {
            let relative = place(record);
            let path = self.folder.join(&relative);
            if path.symlink_metadata().is_err() {
                return (relative, path);
            }
            record.id = format!("{first}-{number}");
        }
        record.id = first;
        let relative = place(record);
        (relative.clone(), self.folder.join(relative))
    }

    /// Writes entries behind the last line, and returns the sequence of the last one.
    fn append_entries(
        &self,
        file: &mut File,
        bodies: impl Iterator<Item = Body>,
        now: Timestamp,
    ) -> Result<u64, LedgerError> {
        let io = |doing| move |source| LedgerError::Io { doing, path: self.path(), source };
        let Tail { mut sequence, mut previous, torn } = tail::read(file).map_err(io("read"))?;
        let mut lines = String::new();
        if torn {
            // What a crash cut off stays as a line of its own, so that the loss can be seen.
            lines.push('\n');
        }
        for body in bodies {
            sequence += 1;
            let entry = Entry { version: VERSION, sequence, previous, written: now, body };
            let line =
                serde_json::to_string(&entry).map_err(|source| LedgerError::Encode { path: self.path(), source })?;
            previous = Hash::of(&line);
            lines.push_str(&line);
            lines.push('\n');
        }
        let before = file.metadata().map_err(io("read"))?.len();
        file.write_all(lines.as_bytes()).and_then(|()| file.sync_data()).map_err(|source| {
            // A full disk may have taken half a line.
            drop(file.set_len(before));
            LedgerError::Io { doing: "append to", path: self.path(), source }
        })?;
        Ok(sequence)
    }

    /// Reads all entries, and which lines are none. No ledger is an empty one.
    ///
    /// # Errors
    /// The file is there and cannot be read.
    pub fn read(&self) -> Result<Reading, LedgerError> {
        self.lines().map(Reading::of)
    }

    /// Reads all lines, those that are no entries with them. No ledger is an empty one.
    ///
    /// # Errors
    /// The file is there and cannot be read.
    pub fn lines(&self) -> Result<Vec<Line>, LedgerError> {
        match self.unwritten()? {
            Some(mut file) => self.lines_of(&mut file),
            None => Ok(Vec::new()),
        }
    }

    fn lines_of(&self, file: &mut File) -> Result<Vec<Line>, LedgerError> {
        self.kept_of(file, |lines| lines)
    }

    fn kept_of<T: Send>(
        &self,
        file: &mut File,
        keep: impl Fn(Vec<Line>) -> Vec<T> + Sync,
    ) -> Result<Vec<T>, LedgerError> {
        file.rewind().and_then(|()| portions::read(file, keep)).map_err(|source| self.unreadable(source))
    }

    /// Reads what a judgement of now may rest on: of a long ledger a small part. Where something of it is lost, everything.
    ///
    /// # Errors
    /// The file is there and cannot be read.
    pub fn read_newest(&self) -> Result<Reading, LedgerError> {
        let Some(mut file) = self.unwritten()? else { return Ok(Reading::default()) };
        match Reading::of_newest(self.kept_of(&mut file, newest)?) {
            Some(reading) => Ok(reading),
            None => self.lines_of(&mut file).map(Reading::of),
        }
    }

    /// The ledger's bytes, as no writer is at work on them, and its lines. No ledger is an empty one.
    ///
    /// # Errors
    /// The file is there and cannot be read.
    pub fn text(&self) -> Result<(Vec<u8>, Vec<Line>), LedgerError> {
        match self.unwritten()? {
            Some(mut file) => self.text_of(&mut file),
            None => Ok((Vec::new(), Vec::new())),
        }
    }

    fn text_of(&self, file: &mut File) -> Result<(Vec<u8>, Vec<Line>), LedgerError> {
        let mut text = Vec::new();
        file.rewind().and_then(|()| file.read_to_end(&mut text)).map_err(|source| self.unreadable(source))?;
        let lines = portions::read(text.as_slice(), |lines| lines).map_err(|source| self.unreadable(source))?;
        Ok((text, lines))
    }

    /// Opens the ledger's file while no writer is at work on it; `None` where there is none.
    fn unwritten(&self) -> Result<Option<File>, LedgerError> {
        self.must_be_a_file()?;
        match File::open(self.path()) {
            Ok(file) => {
                // Where a file system knows no locks, half a line may be seen; it is told as one.
                drop(file.lock_shared());
                Ok(Some(file))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(self.unreadable(source)),
        }
    }

    fn unreadable(&self, source: io::Error) -> LedgerError {
        LedgerError::Io { doing: "read", path: self.path(), source }
    }

    /// Reads the record of some evidence, and checks that it is still the one that the entry was made for.
    ///
    /// # Errors
    /// It is gone, changed, or of another format.
    pub fn record(&self, evidence: &Evidence) -> Result<Record, LedgerError> {
        let path = self.within(&evidence.record)?;
        let bytes = files::read(&path)?;
        if Hash::of(&bytes).to_string() != evidence.digest {
            return Err(LedgerError::Changed { path });
        }
        serde_json::from_slice(&bytes).map_err(|source| LedgerError::Decode { path, source })
    }
}

impl Ledger {
    /// The path of what an entry names; what leads out of the reports folder is not looked at.
    fn within(&self, relative: &str) -> Result<PathBuf, LedgerError> {
        let stays = Path::new(relative).components().all(|part| matches!(part, Component::Normal(_)));
        if stays && !relative.is_empty() {
            Ok(self.folder.join(relative))
        } else {
            Err(LedgerError::Outside { path: relative.to_owned() })
        }
    }
}

/// The file that is open is the one that stands under this path.
#[cfg(unix)]
fn same_file(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    match (file.metadata(), std::fs::metadata(path)) {
        (Ok(open), Ok(stands)) => (open.dev(), open.ino()) == (stands.dev(), stands.ino()),
        _ => false,
    }
}

/// Elsewhere an open file cannot be replaced.
#[cfg(not(unix))]
fn same_file(_: &File, _: &Path) -> bool {
    true
}
