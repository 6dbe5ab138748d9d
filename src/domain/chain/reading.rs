//! What could be read of the ledger, and what could not: from lines to a history.

use std::collections::HashSet;

use crate::domain::chain::hash::Hash;
use crate::domain::chain::{Gaps, Line, Unread};
use crate::domain::entry::{Entry, History};
use crate::domain::evidence::Subject;

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

/// A line, with its entry as far as that is needed.
#[derive(Debug)]
pub struct Link {
    number: usize,
    hash: Hash,
    previous: Option<Hash>,
    sequence: Option<u64>,
    entry: Result<Option<Entry>, Unread>,
}

impl From<Line> for Link {
    fn from(line: Line) -> Self {
        let Line { number, hash, previous, sequence, entry } = line;
        Self { number, hash, previous, sequence, entry: entry.map(Some) }
    }
}

/// Lets go of evidence behind which newer evidence of its subject stands: no cell of now can rest on it.
pub fn newest(lines: Vec<Line>) -> Vec<Link> {
    let mut seen = HashSet::new();
    let stays: Vec<bool> =
        lines.iter().rev().map(|line| subject(line).is_none_or(|subject| seen.insert(subject))).collect();
    let lines = lines.into_iter().zip(stays.into_iter().rev());
    lines
        .map(|(line, stays)| {
            let link = Link::from(line);
            if stays { link } else { Link { entry: Ok(None), ..link } }
        })
        .collect()
}

fn subject(line: &Line) -> Option<Subject<'_>> {
    Some(line.entry()?.evidence()?.subject())
}

impl Reading {
    /// What stands in a ledger's lines.
    pub fn of(lines: Vec<Line>) -> Self {
        Self::through(lines.into_iter().map(Link::from).collect())
    }

    /// The same of lines of which only what is [`newest`] was kept; `None` where that is not enough, because something is
    /// lost or out of order, so that older evidence may have to speak.
    pub fn of_newest(links: Vec<Link>) -> Option<Self> {
        let ascend = links.is_sorted_by(|one, next| one.sequence < next.sequence);
        let reading = ascend.then(|| Self::through(links))?;
        reading.lost.is_empty().then_some(reading)
    }

    /// A line is lost when it is no entry, or not what the line after it was written after, unless an entry says that what
    /// stood between them was pruned.
    fn through(links: Vec<Link>) -> Self {
        let entries = links.iter().filter_map(|link| link.entry.as_ref().ok()?.as_ref());
        let gaps = Gaps::of(entries);
        let (mut reading, mut after) = (Self::default(), 0);
        let mut links = links.into_iter().peekable();
        while let Some(Link { number, hash, sequence, entry, .. }) = links.next() {
            let entry = entry.map_err(|why| why.reason());
            let (mut pruned_a_loss, mut torn) = (false, false);
            if let Some(previous) = links.peek().filter(|next| next.entry.is_ok()).and_then(|next| next.previous) {
                match gaps.between(hash, previous) {
                    Some(ranges) => pruned_a_loss = ranges.iter().any(|range| range.lost > 0),
                    None => torn = true,
                }
            }
            let entry = entry.and_then(|entry| {
                let why = "the line after it was written after another one: this one was changed, or one was removed";
                if torn { Err(why.to_owned()) } else { Ok(entry) }
            });
            match entry {
                Ok(entry) => {
                    after = sequence.unwrap_or(after);
                    if pruned_a_loss {
                        reading.history.doubted = after;
                    }
                    reading.history.entries.extend(entry);
                }
                Err(reason) => {
                    reading.history.doubted = after;
                    reading.lost.push(Lost { line: number, after, reason });
                }
            }
        }
        reading
    }
}
