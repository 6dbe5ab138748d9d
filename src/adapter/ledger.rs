//! The ledger: append-only JSON lines, each with the hash of the one before, and the records that they speak of.
#![expect(clippy::disallowed_methods, reason = "this room writes and reads the ledger's files")]

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::adapter::files::{self, FileError};
use crate::domain::declaration::Declaration;
use crate::domain::entry::{Body, Entry, History, NOTHING_BEFORE, VERSION};
use crate::domain::evidence::Evidence;
use crate::domain::record::Record;

/// The ledger's file name in the reports folder.
pub const FILE: &str = "ledger.jsonl";

/// The folder of records in the reports folder.
pub const RECORDS: &str = "records";

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

/// A line of the ledger that is no entry.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Lost {
    /// Counted from 1.
    pub line: usize,
    /// The entry before it; 0 when there is none.
    pub after: u64,
    pub reason: String,
}

/// What could be read of the ledger, and what could not.
#[derive(Debug, Default)]
pub struct Reading {
    pub history: History,
    pub lost: Vec<Lost>,
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

    fn path(&self) -> PathBuf {
        self.folder.join(FILE)
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
        let mut text =
            serde_json::to_vec(record).map_err(|source| LedgerError::Encode { path: path.clone(), source })?;
        text.push(b'\n');
        files::write(&path, &text)?;
        let digest = hex::encode(Sha256::digest(&text));
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
        let history = self.read()?.history;
        let before = history.entries.iter().map(|entry| entry.sequence).max().unwrap_or(0);
        let (body, decided) = decide(history);
        let Some(body) = body else { return Ok((before, decided)) };
        self.append_entries(&mut file, std::iter::once(body), now)?;
        Ok((before + 1, decided))
    }

    /// Opens the ledger's file and waits until it is ours; the lock ends with the file.
    fn open(&self) -> Result<File, LedgerError> {
        let io = |doing| move |source| LedgerError::Io { doing, path: self.path(), source };
        self.must_be_a_file()?;
        let file = OpenOptions::new().read(true).append(true).create(true).open(self.path()).map_err(io("open"))?;
        file.lock().map_err(io("lock"))?;
        Ok(file)
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

    fn append_entries(
        &self,
        file: &mut File,
        bodies: impl Iterator<Item = Body>,
        now: Timestamp,
    ) -> Result<(), LedgerError> {
        let io = |doing| move |source| LedgerError::Io { doing, path: self.path(), source };
        let (mut sequence, mut previous, torn) = last(file).map_err(io("read"))?;
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
            previous = hex::encode(Sha256::digest(line.as_bytes()));
            lines.push_str(&line);
            lines.push('\n');
        }
        let before = file.metadata().map_err(io("read"))?.len();
        file.write_all(lines.as_bytes()).and_then(|()| file.sync_data()).map_err(|source| {
            // A full disk may have taken half a line.
            drop(file.set_len(before));
            LedgerError::Io { doing: "append to", path: self.path(), source }
        })
    }

    /// Reads all entries, and which lines are none. No ledger is an empty one.
    ///
    /// # Errors
    /// The file is there and cannot be read.
    pub fn read(&self) -> Result<Reading, LedgerError> {
        self.must_be_a_file()?;
        let bytes = match std::fs::read(self.path()) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Reading::default()),
            Err(source) => return Err(LedgerError::Io { doing: "read", path: self.path(), source }),
        };
        let mut reading = Reading::default();
        let numbered = bytes.split(|byte| *byte == b'\n').enumerate().filter(|(_, line)| !line.is_empty());
        let mut lines = numbered.map(|(index, line)| (index + 1, line, parse(line))).peekable();
        while let Some((number, line, entry)) = lines.next() {
            let entry = entry.and_then(|entry| match lines.peek() {
                Some((_, _, Ok(next))) if next.previous != hex::encode(Sha256::digest(line)) => {
                    Err("the line after it was written after another one: this one was changed, or one was removed"
                        .to_owned())
                }
                _ => Ok(entry),
            });
            match entry {
                Ok(entry) => reading.history.entries.push(entry),
                Err(reason) => {
                    let after = reading.history.entries.last().map_or(0, |entry| entry.sequence);
                    reading.history.doubted = after;
                    reading.lost.push(Lost { line: number, after, reason });
                }
            }
        }
        Ok(reading)
    }

    /// Reads the record of some evidence, and checks that it is still the one that the entry was made for.
    ///
    /// # Errors
    /// It is gone, changed, or of another format.
    pub fn record(&self, evidence: &Evidence) -> Result<Record, LedgerError> {
        let path = self.folder.join(&evidence.record);
        let bytes = files::read(&path)?;
        if hex::encode(Sha256::digest(&bytes)) != evidence.digest {
            return Err(LedgerError::Changed { path });
        }
        serde_json::from_slice(&bytes).map_err(|source| LedgerError::Decode { path, source })
    }
}

fn parse(line: &[u8]) -> Result<Entry, String> {
    match serde_json::from_slice::<Entry>(line) {
        Ok(entry) if entry.version <= VERSION => Ok(entry),
        Ok(entry) => Err(format!("format version {}", entry.version)),
        Err(error) => Err(error.to_string()),
    }
}

/// Sequence and hash of the last line, and whether it was cut off.
fn last(file: &mut File) -> io::Result<(u64, String, bool)> {
    let mut text = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.read_to_end(&mut text)?;
    let torn = text.last().is_some_and(|byte| *byte != b'\n');
    let lines = || text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let previous =
        lines().next_back().map_or_else(|| NOTHING_BEFORE.to_owned(), |line| hex::encode(Sha256::digest(line)));
    let highest =
        lines().filter_map(|line| serde_json::from_slice::<Entry>(line).ok()).map(|entry| entry.sequence).max();
    Ok((highest.unwrap_or(0), previous, torn))
}
