//! What could be read of the ledger, and what could not: from lines to a history.

use crate::domain::chain::{Gaps, Line};
use crate::domain::entry::History;

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

impl Reading {
    /// What stands in a ledger's lines. A line is lost when it is no entry, or not what the line after it was written after,
    /// unless an entry says that what stood between them was pruned.
    pub fn of(lines: Vec<Line>) -> Self {
        let gaps = Gaps::of(&lines);
        let mut reading = Self::default();
        let mut lines = lines.into_iter().peekable();
        while let Some(Line { number, hash, entry, .. }) = lines.next() {
            let entry = entry.map_err(|why| why.reason());
            let (mut pruned_a_loss, mut torn) = (false, false);
            if let Some(previous) = lines.peek().filter(|next| next.entry.is_ok()).and_then(|next| next.previous) {
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
                    if pruned_a_loss {
                        reading.history.doubted = entry.sequence;
                    }
                    reading.history.entries.push(entry);
                }
                Err(reason) => {
                    let after = reading.history.entries.last().map_or(0, |entry| entry.sequence);
                    reading.history.doubted = after;
                    reading.lost.push(Lost { line: number, after, reason });
                }
            }
        }
        reading
    }
}
