//! Whether the ledger is still what was written: every way in which a line, a time or a record can be wrong, by name and place.

mod clock;
mod link;
pub mod records;
#[cfg(test)]
mod tests;

use std::fmt;

use jiff::Timestamp;
use serde::{Serialize, Serializer};

use crate::domain::chain::hash::Hash;
use crate::domain::chain::{Gaps, Line, Unread, entries};
use crate::domain::entry::Body;
use crate::domain::ledger_audit::records::Found;

/// What can be wrong.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Code {
    Changed,
    Missing,
    Reordered,
    Forked,
    Duplicated,
    CutOff,
    NoEntry,
    Misnumbered,
    BackDated,
    EndGone,
    RecordGone,
    RecordChanged,
    RecordOutside,
    RecordDisagrees,
    ArchiveChanged,
    Newer,
    ClockBack,
    Future,
    HeadUnknown,
    RecordUnlisted,
    ArchiveGone,
}

impl Code {
    /// Every code, for documentation.
    pub const ALL: [Self; 21] = [
        Self::Changed,
        Self::Missing,
        Self::Reordered,
        Self::Forked,
        Self::Duplicated,
        Self::CutOff,
        Self::NoEntry,
        Self::Misnumbered,
        Self::BackDated,
        Self::EndGone,
        Self::RecordGone,
        Self::RecordChanged,
        Self::RecordOutside,
        Self::RecordDisagrees,
        Self::ArchiveChanged,
        Self::Newer,
        Self::ClockBack,
        Self::Future,
        Self::HeadUnknown,
        Self::RecordUnlisted,
        Self::ArchiveGone,
    ];

    /// The word used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Missing => "missing",
            Self::Reordered => "reordered",
            Self::Forked => "forked",
            Self::Duplicated => "duplicated",
            Self::CutOff => "cut-off",
            Self::NoEntry => "no-entry",
            Self::Misnumbered => "misnumbered",
            Self::BackDated => "back-dated",
            Self::EndGone => "end-gone",
            Self::RecordGone => "record-gone",
            Self::RecordChanged => "record-changed",
            Self::RecordOutside => "record-outside",
            Self::RecordDisagrees => "record-disagrees",
            Self::ArchiveChanged => "archive-changed",
            Self::Newer => "newer",
            Self::ClockBack => "clock-back",
            Self::Future => "future",
            Self::HeadUnknown => "head-unknown",
            Self::RecordUnlisted => "record-unlisted",
            Self::ArchiveGone => "archive-gone",
        }
    }

    /// What it means, for documentation.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Changed => "A line is not what the line after it was written after.",
            Self::Missing => "Entries are gone, and no entry says that they were pruned.",
            Self::Reordered => "A line was written after another one than it stands behind.",
            Self::Forked => "Two lines follow the same one: one was put in, or two ledgers were joined.",
            Self::Duplicated => "A line stands twice.",
            Self::CutOff => "A line ends in the middle: a crash in mid-write, or a cut.",
            Self::NoEntry => "A line is no entry at all.",
            Self::Misnumbered => "A sequence does not follow the one before.",
            Self::BackDated => {
                "An entry says that it was written before the work that it speaks of ended, or among lines that do not hold."
            }
            Self::EndGone => "The head that you remembered is nowhere: the end was removed, or the ledger rewritten.",
            Self::RecordGone => "The record of an entry is gone.",
            Self::RecordChanged => "The record of an entry is not the one that it was made for.",
            Self::RecordOutside => "An entry names a record outside of the reports folder.",
            Self::RecordDisagrees => "An entry says something else than its record.",
            Self::ArchiveChanged => "An archive of pruned lines is not the one that was written.",
            Self::Newer => "An entry of a newer format: it stands in its place, what it says cannot be read.",
            Self::ClockBack => "The clock of the machine went back between two lines; the chain holds over them.",
            Self::Future => "An entry was written later than now.",
            Self::HeadUnknown => "The head that you remembered may be among lines that were pruned and thrown away.",
            Self::RecordUnlisted => {
                "No entry speaks of a record: a crash before its entry was written, or an entry that was removed."
            }
            Self::ArchiveGone => "An archive of pruned lines is gone.",
        }
    }

    /// The ledger does not hold. Of the others it cannot be told whether someone tampered.
    pub fn breaks(self) -> bool {
        !matches!(
            self,
            Self::Newer | Self::ClockBack | Self::Future | Self::HeadUnknown | Self::RecordUnlisted | Self::ArchiveGone
        )
    }
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// One thing that is wrong, and where.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Flaw {
    pub code: Code,
    /// The ledger does not hold; else it cannot be told.
    pub breaks: bool,
    /// Counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sequence: Option<u64>,
    pub says: String,
}

impl Flaw {
    fn new(code: Code, says: impl Into<String>) -> Self {
        Self { code, breaks: code.breaks(), line: None, sequence: None, says: says.into() }
    }

    fn at(self, line: &Line) -> Self {
        Self { line: Some(line.number), sequence: line.sequence, ..self }
    }
}

/// Whether the ledger holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    Holds,
    Broken,
    /// Nothing is proven wrong, and something cannot be told.
    Doubtful,
    /// There is no entry.
    Empty,
}

/// What was found.
#[derive(Clone, Debug, Serialize)]
pub struct Audit {
    pub verdict: Verdict,
    pub entries: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<u64>,
    /// Of the last line: what to remember, so that the removal of later lines is found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub head: Option<Hash>,
    /// Lines that were taken out, and that an entry speaks of.
    pub pruned: u64,
    /// Records that were read and held against their entries.
    pub records: usize,
    /// By line; those without one last.
    pub flaws: Vec<Flaw>,
}

/// What the ledger is held against, beside itself.
pub struct Against<'a> {
    pub now: Timestamp,
    pub found: &'a Found,
    /// A head that someone remembered.
    pub head: Option<Hash>,
}

/// Holds the ledger's lines against each other, the clock, the records and a remembered head. Pure.
pub fn audit(lines: &[Line], against: &Against) -> Audit {
    let gaps = Gaps::of(entries(lines));
    let mut flaws = link::flaws(lines, &gaps);
    flaws.extend(clock::flaws(lines, &flaws, against.now));
    flaws.extend(records::flaws(lines, against.found));
    flaws.extend(against.head.and_then(|head| end(lines, &gaps, head, against.found)));
    flaws.sort_by_key(|flaw| (flaw.line.unwrap_or(usize::MAX), flaw.code));
    flaws.dedup();
    let entries = entries(lines).count();
    let verdict = match flaws.iter().map(|flaw| flaw.breaks).max() {
        Some(true) => Verdict::Broken,
        _ if lines.is_empty() => Verdict::Empty,
        Some(false) => Verdict::Doubtful,
        None => Verdict::Holds,
    };
    Audit {
        verdict,
        entries,
        first: lines.iter().find_map(|line| line.sequence),
        last: lines.iter().rev().find_map(|line| line.sequence),
        head: lines.last().map(|line| line.hash),
        pruned: pruned(lines),
        records: against.found.records.len(),
        flaws,
    }
}

fn pruned(lines: &[Line]) -> u64 {
    let pruned =
        entries(lines).filter_map(|entry| if let Body::Pruned(pruned) = &entry.body { Some(pruned) } else { None });
    pruned.flat_map(|pruned| &pruned.ranges).map(|range| range.lines).sum()
}

/// A head that someone remembered must be a line that stands here, or one that was pruned.
fn end(lines: &[Line], gaps: &Gaps, head: Hash, found: &Found) -> Option<Flaw> {
    let stands = lines.iter().any(|line| line.hash == head) || gaps.ends_with(head) || found.archived.contains(&head);
    if stands || head == Hash::NOTHING {
        return None;
    }
    Some(if found.discarded {
        Flaw::new(Code::HeadUnknown, format!("the head {head} stands in no line, and pruned lines were thrown away"))
    } else {
        Flaw::new(
            Code::EndGone,
            format!("the head {head} stands in no line: the lines up to it were removed or rewritten"),
        )
    })
}

/// A line that was cut off by a crash, as far as can be told: the line after it was written after the half of it.
pub fn torn(lines: &[Line], at: usize) -> bool {
    let half = lines.get(at).is_some_and(|line| matches!(line.entry, Err(Unread::Half(_))));
    half && lines.get(at + 1).is_some_and(|next| next.previous == Some(lines[at].hash))
}
