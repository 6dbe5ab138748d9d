//! Which lines of the ledger may go, and what is said of them so that the rest stays provable.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::domain::chain::hash::Hash;
use crate::domain::chain::{Line, entries};
use crate::domain::entry::Body;
use crate::domain::ledger_audit::torn;
use crate::domain::pruned::Range;

/// What is old enough to go.
#[derive(Clone, Copy, Debug)]
pub enum Limit {
    /// Written before this.
    Before(Timestamp),
    /// All but so many of the last lines.
    Keep(usize),
}

/// What goes.
#[derive(Clone, Debug, Default)]
pub struct Cut {
    /// Indexes into the lines, ascending.
    pub lines: Vec<usize>,
    pub ranges: Vec<Range>,
    /// Entries that are old enough and stay, because readiness rests on them.
    pub spared: usize,
}

/// Chooses among the lines of a ledger that holds.
///
/// Only evidence and receipts of alerts go: what people declared and what says that lines were pruned stays. Evidence stays that is the newest of
/// its kind, or that `rests` names (sequences). The last line stays, because the chain goes on from it. A half line goes
/// with the line before it.
pub fn choose(lines: &[Line], limit: Limit, rests: &BTreeSet<u64>) -> Cut {
    let newest = newest(lines);
    let (mut cut, mut goes) = (Cut::default(), vec![false; lines.len()]);
    for (at, line) in lines.iter().enumerate() {
        if at + 1 == lines.len() {
            break;
        }
        let Ok(entry) = &line.entry else {
            goes[at] = torn(lines, at) && at.checked_sub(1).is_some_and(|before| goes[before]);
            continue;
        };
        let old = match limit {
            Limit::Before(moment) => entry.written < moment,
            Limit::Keep(most) => at + most < lines.len(),
        };
        let is_receipt = matches!(entry.body, Body::Receipt(_));
        if !old || entry.evidence().is_none() && !is_receipt {
            continue;
        }
        if newest.contains(&entry.sequence) || rests.contains(&entry.sequence) {
            cut.spared += 1;
        } else {
            goes[at] = true;
        }
    }
    cut.lines = (0..lines.len()).filter(|at| goes[*at]).collect();
    cut.ranges = ranges(lines, &goes);
    cut
}

/// The newest evidence of each subject stays: with the newest that was whole the newest that broke something.
fn newest(lines: &[Line]) -> BTreeSet<u64> {
    let mut newest = BTreeMap::new();
    for entry in entries(lines) {
        if let Body::Evidence(shown) = &entry.body {
            newest.insert(shown.subject(), entry.sequence);
        }
    }
    newest.into_values().collect()
}

fn ranges(lines: &[Line], goes: &[bool]) -> Vec<Range> {
    let mut ranges: Vec<Range> = Vec::new();
    for (at, line) in lines.iter().enumerate().filter(|(at, _)| goes[*at]) {
        let starts = at.checked_sub(1).is_none_or(|before| !goes[before]);
        match (&line.entry, ranges.last_mut()) {
            (Ok(entry), _) if starts => ranges.push(Range {
                first: entry.sequence,
                last: entry.sequence,
                lines: 1,
                lost: 0,
                // Where lines were pruned before it already, that is what it names.
                before: line.previous.unwrap_or(Hash::NOTHING),
                head: line.hash,
                from: entry.written,
                until: entry.written,
            }),
            (read, Some(range)) => {
                range.lines += 1;
                range.head = line.hash;
                match read {
                    Ok(entry) => (range.last, range.until) = (entry.sequence, entry.written),
                    Err(_) => range.lost += 1,
                }
            }
            // A half line never starts a range.
            (_, None) => {}
        }
    }
    ranges
}
