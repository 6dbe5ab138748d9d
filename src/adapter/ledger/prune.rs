//! Takes old lines and their records out of the ledger, and says so in the chain.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;

use jiff::Timestamp;
use serde_json::json;

use crate::adapter::files;
use crate::adapter::ledger::{Ledger, LedgerError};
use crate::domain::chain::hash::Hash;
use crate::domain::chain::{Line, entries};
use crate::domain::entry::{Body, Entry, VERSION};
use crate::domain::ledger_audit::records::Kept;
use crate::domain::ledger_audit::{self, Against, Audit, Code, torn};
use crate::domain::pruned::{Archive, Pruned};
use crate::domain::pruning::{Cut, Limit, choose};

/// The folder of archives in the reports folder.
pub const ARCHIVE: &str = "archive";

/// What is to be done.
pub struct Order<'a> {
    pub limit: Limit,
    /// Sequences that readiness rests on now.
    pub rests: &'a BTreeSet<u64>,
    /// Nothing of it is kept.
    pub discard: bool,
    pub now: Timestamp,
    pub tool: String,
    /// Redacted.
    pub command: Vec<String>,
}

/// What is about to happen. A crash before or after any of them leaves a ledger that holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Step {
    /// What goes is written to an archive.
    Archive,
    /// The shorter ledger takes the place of the longer one.
    Replace,
    /// Records that no entry names any more are removed.
    Remove,
}

impl Step {
    pub const ALL: [Self; 3] = [Self::Archive, Self::Replace, Self::Remove];
}

/// What was done.
#[derive(Debug)]
pub enum Done {
    /// The ledger does not hold; nothing was touched.
    Refused(Box<Audit>),
    Pruned {
        lines: usize,
        records: usize,
        spared: usize,
        archive: Option<String>,
        head: Option<Hash>,
    },
}

/// What stands after lines were taken out.
struct Left {
    archive: Option<Archive>,
    head: Option<Hash>,
    /// Records that no entry names any more.
    orphans: Vec<String>,
}

impl Ledger {
    /// Prunes the ledger. `before` is asked before each step, and may stop it.
    ///
    /// # Errors
    /// A file cannot be read or written, or `before` stopped it; the ledger is then either the old one or the new one.
    pub fn prune(&self, order: &Order, before: &mut dyn FnMut(Step) -> io::Result<()>) -> Result<Done, LedgerError> {
        if !self.path().exists() {
            return Ok(Done::Pruned { lines: 0, records: 0, spared: 0, archive: None, head: None });
        }
        let mut file = self.open()?;
        let (text, lines) = self.text_of(&mut file)?;
        if let Some(audit) = self.refusal(&lines, order.now)? {
            return Ok(Done::Refused(Box::new(audit)));
        }
        let mut ask =
            |step| before(step).map_err(|source| LedgerError::Io { doing: "go on pruning", path: self.path(), source });
        let cut = choose(&lines, order.limit, order.rests);
        let mut left = Left { archive: None, head: lines.last().map(|line| line.hash), orphans: Vec::new() };
        if !cut.lines.is_empty() {
            left = self.take_out(&text, &lines, &cut, order, &mut ask)?;
        }
        ask(Step::Remove)?;
        let records = if left.archive.is_none() && order.discard {
            for record in &left.orphans {
                files::remove(&self.folder.join(record));
            }
            left.orphans.len()
        } else {
            self.remove_archived()?
        };
        let archive = left.archive.map(|archive| archive.file);
        Ok(Done::Pruned { lines: cut.lines.len(), records, spared: cut.spared, archive, head: left.head })
    }

    /// What is wrong with the ledger, but for half lines that a crash left; `None` where it may be pruned.
    fn refusal(&self, lines: &[Line], now: Timestamp) -> Result<Option<Audit>, LedgerError> {
        let found = self.look(lines)?;
        let mut audit = ledger_audit::audit(lines, &Against { now, found: &found, head: None });
        let crashed: BTreeSet<usize> =
            (0..lines.len()).filter(|at| torn(lines, *at)).map(|at| lines[at].number).collect();
        let crash = |number: Option<usize>| number.is_some_and(|number| crashed.contains(&number));
        audit.flaws.retain(|flaw| flaw.breaks && !(flaw.code == Code::CutOff && crash(flaw.line)));
        Ok((!audit.flaws.is_empty()).then_some(audit))
    }

    /// Archives what goes, and puts the shorter ledger in the place of the longer one.
    fn take_out(
        &self,
        text: &[u8],
        lines: &[Line],
        cut: &Cut,
        order: &Order,
        ask: &mut dyn FnMut(Step) -> Result<(), LedgerError>,
    ) -> Result<Left, LedgerError> {
        let raw: Vec<&[u8]> = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
        let orphans = self.orphans(lines, cut);
        let mut archive = None;
        if !order.discard {
            ask(Step::Archive)?;
            archive = Some(self.write_archive(&raw, cut, &orphans)?);
        }
        let pruned = Pruned {
            ranges: cut.ranges.clone(),
            records: orphans.len() as u64,
            archive: archive.clone(),
            tool: order.tool.clone(),
            command: order.command.clone(),
        };
        let entry = self.pruned_entry(lines, pruned, order.now)?;
        let goes: BTreeSet<usize> = cut.lines.iter().copied().collect();
        let stays = raw.iter().enumerate().filter(|(at, _)| !goes.contains(at)).map(|(_, line)| *line);
        let mut shorter = Vec::with_capacity(text.len());
        for line in stays.chain([entry.as_slice()]) {
            shorter.extend_from_slice(line);
            shorter.push(b'\n');
        }
        ask(Step::Replace)?;
        files::write(&self.path(), &shorter)?;
        Ok(Left { archive, head: Some(Hash::of(&entry)), orphans })
    }

    /// Records that only lines that go speak of, and that are there.
    fn orphans(&self, lines: &[Line], cut: &Cut) -> Vec<String> {
        let goes: BTreeSet<usize> = cut.lines.iter().copied().collect();
        let named = |wanted: bool| -> BTreeSet<&str> {
            let lines = lines.iter().enumerate().filter(|(at, _)| goes.contains(at) == wanted);
            let entries = lines.filter_map(|(_, line)| line.entry.as_ref().ok());
            entries.filter_map(Entry::evidence).map(|shown| shown.record.as_str()).collect()
        };
        let stays = named(false);
        let orphans = named(true).into_iter().filter(|record| !stays.contains(record));
        orphans.filter(|record| self.within(record).is_ok_and(|path| path.exists())).map(str::to_owned).collect()
    }

    fn write_archive(&self, raw: &[&[u8]], cut: &Cut, records: &[String]) -> Result<Archive, LedgerError> {
        let first = cut.ranges.first().map_or(0, |range| range.first);
        let last = cut.ranges.last().map_or(0, |range| range.last);
        let file = format!("{ARCHIVE}/{first:06}-{last:06}.jsonl");
        let mut text = String::new();
        for at in &cut.lines {
            let line = match std::str::from_utf8(raw[*at]) {
                Ok(line) => json!({ "line": line }),
                Err(_) => json!({ "bytes": hex::encode(raw[*at]) }),
            };
            text.push_str(&line.to_string());
            text.push('\n');
        }
        for record in records {
            let bytes = files::read(&self.within(record)?)?;
            let line = match std::str::from_utf8(&bytes) {
                Ok(text) => json!({ "record": record, "text": text }),
                Err(_) => json!({ "record": record, "bytes": hex::encode(&bytes) }),
            };
            text.push_str(&line.to_string());
            text.push('\n');
        }
        files::write(&self.folder.join(&file), text.as_bytes())?;
        Ok(Archive { file, sha256: Hash::of(&text) })
    }

    /// The line that says which lines went.
    fn pruned_entry(&self, lines: &[Line], pruned: Pruned, now: Timestamp) -> Result<Vec<u8>, LedgerError> {
        let sequence = lines.iter().rev().find_map(|line| line.sequence).unwrap_or(0) + 1;
        let previous = lines.last().map_or(Hash::NOTHING, |line| line.hash);
        let body = Body::Pruned(Box::new(pruned));
        let entry = Entry { version: VERSION, sequence, previous, written: now, body };
        serde_json::to_vec(&entry).map_err(|source| LedgerError::Encode { path: self.path(), source })
    }

    /// Removes records that no entry names and that an archive holds to the byte; a prune that was stopped left them.
    fn remove_archived(&self) -> Result<usize, LedgerError> {
        // The shorter ledger, if there is one by now, is not the file that is locked here.
        let mut stands = File::open(self.path()).map_err(|source| self.unreadable(source))?;
        let lines = self.lines_of(&mut stands)?;
        let named = entries(&lines).filter_map(Entry::evidence).map(|shown| shown.record.as_str()).collect();
        let left: BTreeSet<String> = self.unlisted(&named)?.into_iter().collect();
        let mut removed = 0;
        for entry in entries(&lines) {
            let Body::Pruned(pruned) = &entry.body else { continue };
            let whole = |archive: &&Archive| match self.digest(&archive.file) {
                Kept::Digest(hash) => hash == archive.sha256,
                _ => false,
            };
            let archived = pruned.archive.as_ref().filter(|_| !left.is_empty()).filter(whole);
            for held in archived.and_then(|archive| self.archive(&archive.file)).unwrap_or_default() {
                let Some((record, bytes)) = held.as_record().filter(|(record, _)| left.contains(*record)) else {
                    continue;
                };
                if self.digest(record) == Kept::Digest(Hash::of(&bytes)) {
                    files::remove(&self.folder.join(record));
                    removed += 1;
                }
            }
        }
        Ok(removed)
    }
}
