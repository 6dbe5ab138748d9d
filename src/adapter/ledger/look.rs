//! Looks at the records and archives that the ledger speaks of, so that they can be held against it.
#![expect(clippy::disallowed_methods, reason = "this room reads the ledger's files")]

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use jiff::Timestamp;
use serde::Deserialize;

use crate::adapter::files::{self, FileError};
use crate::adapter::ledger::{Ledger, LedgerError, RECORDS};
use crate::domain::chain::hash::Hash;
use crate::domain::chain::{Line, entries};
use crate::domain::entry::{Body, Entry};
use crate::domain::ledger_audit::records::{Found, Kept, disagreement};
use crate::domain::ledger_audit::{self, Against, Audit};

/// One line of an archive.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Archived {
    Line {
        line: String,
    },
    Record {
        record: String,
        text: String,
    },
    /// A line or a record that is no UTF-8.
    Bytes {
        bytes: String,
        #[serde(default)]
        record: Option<String>,
    },
}

impl Ledger {
    /// Holds the whole ledger against itself, its records, the time and a remembered head.
    ///
    /// # Errors
    /// The ledger is there and cannot be read.
    pub fn audit(&self, now: Timestamp, head: Option<Hash>) -> Result<Audit, LedgerError> {
        let lines = self.lines()?;
        let found = self.look(&lines)?;
        Ok(ledger_audit::audit(&lines, &Against { now, found: &found, head }))
    }

    /// Reads the records that entries name, and those that none names.
    pub(super) fn look(&self, lines: &[Line]) -> Result<Found, LedgerError> {
        let mut named: BTreeSet<&str> = BTreeSet::new();
        named.extend(entries(lines).filter_map(Entry::evidence).map(|shown| shown.record.as_str()));
        let mut found = Found { unlisted: self.unlisted(&named)?, ..Found::default() };
        let named: Vec<&str> = named.into_iter().collect();
        found.records = self.digests(&named);
        for entry in entries(lines) {
            if let Body::Pruned(pruned) = &entry.body {
                match &pruned.archive {
                    Some(archive) => self.look_into(&archive.file, &mut found),
                    None => found.discarded = true,
                }
            }
        }
        let last = lines.last().and_then(|line| line.entry.as_ref().ok()).and_then(Entry::evidence);
        if let Some(shown) = last
            && let Ok(record) = self.record(shown)
        {
            found.disagreement = disagreement(shown, &record);
        }
        Ok(found)
    }

    /// The state of many files, looked at by two threads.
    fn digests(&self, paths: &[&str]) -> BTreeMap<String, Kept> {
        let (first, second) = paths.split_at(paths.len() / 2);
        let look = |paths: &[&str]| paths.iter().map(|path| ((*path).to_owned(), self.digest(path))).collect();
        std::thread::scope(|scope| {
            let ahead = scope.spawn(|| look(second));
            let mut kept: BTreeMap<String, Kept> = look(first);
            kept.extend(ahead.join().unwrap_or_else(|_| look(second)));
            kept
        })
    }

    pub(super) fn digest(&self, path: &str) -> Kept {
        let Ok(whole) = self.within(path) else { return Kept::Outside };
        match files::read(&whole) {
            Ok(bytes) => Kept::Digest(Hash::of(&bytes)),
            Err(FileError::Unreadable { source, .. }) if source.kind() == io::ErrorKind::NotFound => Kept::Gone,
            Err(error) => Kept::Unreadable(error.to_string()),
        }
    }

    fn look_into(&self, archive: &str, found: &mut Found) {
        let kept = self.digest(archive);
        match self.archive(archive) {
            Some(lines) => found.archived.extend(lines.iter().filter_map(Archived::line_hash)),
            None => found.discarded = true,
        }
        found.archives.insert(archive.to_owned(), kept);
    }

    /// What an archive holds; `None` where it cannot be read.
    pub(super) fn archive(&self, archive: &str) -> Option<Vec<Archived>> {
        let bytes = std::fs::read(self.within(archive).ok()?).ok()?;
        let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        lines.map(|line| serde_json::from_slice(line).ok()).collect()
    }

    /// Files among the records that no entry names, relative to the ledger.
    pub(super) fn unlisted(&self, named: &BTreeSet<&str>) -> Result<Vec<String>, LedgerError> {
        let folder = self.folder.join(RECORDS);
        let unreadable = |source| LedgerError::Io { doing: "look into", path: folder.clone(), source };
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(unreadable(source)),
        };
        let mut unlisted = Vec::new();
        for entry in entries {
            let name = entry.map_err(unreadable)?.file_name();
            let path = format!("{RECORDS}/{}", name.to_string_lossy());
            // A hidden one is what a crash left of a file that was never there.
            if !name.to_string_lossy().starts_with('.') && !named.contains(path.as_str()) {
                unlisted.push(path);
            }
        }
        unlisted.sort();
        Ok(unlisted)
    }
}

impl Archived {
    fn line_hash(&self) -> Option<Hash> {
        match self {
            Self::Line { line } => Some(Hash::of(line)),
            Self::Bytes { bytes, record: None } => Some(Hash::of(hex::decode(bytes).ok()?)),
            Self::Bytes { .. } | Self::Record { .. } => None,
        }
    }

    /// The path and the bytes of a record.
    pub(super) fn as_record(&self) -> Option<(&str, Vec<u8>)> {
        match self {
            Self::Record { record, text } => Some((record, text.clone().into_bytes())),
            Self::Bytes { bytes, record: Some(record) } => Some((record, hex::decode(bytes).ok()?)),
            Self::Bytes { .. } | Self::Line { .. } => None,
        }
    }
}
