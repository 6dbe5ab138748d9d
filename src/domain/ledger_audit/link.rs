//! The chain: each line must name the one before it, or a gap that the ledger speaks of.

use std::collections::HashMap;

use crate::domain::chain::hash::Hash;
use crate::domain::chain::{Gaps, Line, Unread};
use crate::domain::ledger_audit::{Code, Flaw};

/// What is wrong with the lines and their order.
pub fn flaws(lines: &[Line], gaps: &Gaps) -> Vec<Flaw> {
    let mut walk = Walk { lines, gaps, places: None, told: vec![false; lines.len()], flaws: Vec::new() };
    for at in 0..lines.len() {
        walk.line(at);
    }
    walk.flaws
}

/// How far the walk has come, and what it has told.
struct Walk<'a> {
    lines: &'a [Line],
    gaps: &'a Gaps,
    /// Made when the first link is broken, for most ledgers have none.
    places: Option<Places>,
    /// Lines that do not belong where they stand, so that the line after them is not blamed for it.
    told: Vec<bool>,
    flaws: Vec<Flaw>,
}

/// Where each hash stands first, and where it is first named as the line before.
struct Places {
    stands: HashMap<Hash, usize>,
    named: HashMap<Hash, usize>,
}

impl Places {
    fn of(lines: &[Line]) -> Self {
        let mut places =
            Self { stands: HashMap::with_capacity(lines.len()), named: HashMap::with_capacity(lines.len()) };
        for (at, line) in lines.iter().enumerate() {
            places.stands.entry(line.hash).or_insert(at);
            if let Some(previous) = line.previous {
                places.named.entry(previous).or_insert(at);
            }
        }
        places
    }
}

impl Walk<'_> {
    fn line(&mut self, at: usize) {
        let line = &self.lines[at];
        if let Err(why) = &line.entry {
            self.unread(at, why);
        }
        let Some(previous) = line.previous else { return };
        let before = at.checked_sub(1).map_or(Hash::NOTHING, |before| self.lines[before].hash);
        match self.gaps.between(before, previous) {
            Some(ranges) => {
                let pruned = ranges.first().map_or(0, |range| range.last);
                self.number(at, pruned);
            }
            None if self.follows_an_honest_line(at, previous) => {}
            None => self.broken(at, previous),
        }
    }

    fn tell(&mut self, at: usize, code: Code, says: String) {
        self.flaws.push(Flaw::new(code, says).at(&self.lines[at]));
    }

    fn unread(&mut self, at: usize, why: &Unread) {
        let next = self.lines.get(at + 1).and_then(|next| next.previous);
        let stood = next == Some(self.lines[at].hash);
        match why {
            Unread::Half(reason) => {
                let when = match next {
                    _ if stood => "it was so when the line after it was written: a crash in mid-write",
                    Some(_) => "it was whole when the line after it was written",
                    None => "it is the last one: a crash in mid-write, or a cut",
                };
                self.told[at] = !stood;
                self.tell(at, Code::CutOff, format!("half a line ({reason}); {when}"));
            }
            Unread::Newer { .. } => {
                self.tell(at, Code::Newer, format!("{}: take a newer preflight to read it", why.reason()));
            }
            Unread::Foreign(reason) => {
                self.told[at] = !stood;
                self.tell(at, Code::NoEntry, format!("no entry ({reason})"));
            }
        }
    }

    /// Sequences go up by one, over pruned ones; what a crash cut off took none.
    fn number(&mut self, at: usize, pruned: u64) {
        let Some(sequence) = self.lines[at].sequence else { return };
        let before = self.lines[..at].iter().rev().find_map(|line| line.sequence).unwrap_or(0).max(pruned);
        if sequence != before.saturating_add(1) {
            self.tell(at, Code::Misnumbered, format!("sequence {sequence} follows sequence {before}"));
        }
    }

    /// Lines between were told already: is the line that this one names right before them?
    fn follows_an_honest_line(&self, at: usize, previous: Hash) -> bool {
        let told = self.told[..at].iter().rev().take_while(|told| **told).count();
        if told == 0 {
            return false;
        }
        let before = (at - told).checked_sub(1).map_or(Hash::NOTHING, |before| self.lines[before].hash);
        // What was cut off after the fact, or written over, was named as it was; only an added line leaves its neighbours joined.
        let was_something = self.lines[at - 1].entry.is_err();
        was_something || self.gaps.between(before, previous).is_some()
    }

    fn broken(&mut self, at: usize, previous: Hash) {
        let lines = self.lines;
        let number = |index: usize| lines[index].number;
        let places = self.places.get_or_insert_with(|| Places::of(lines));
        let twin = places.stands.get(&lines[at].hash).copied().filter(|other| *other < at);
        let named = places.stands.get(&previous).copied().or_else(|| (previous == Hash::NOTHING).then_some(usize::MAX));
        let sibling = places.named.get(&previous).copied().filter(|other| *other < at);
        let (blamed, code, says) = if let Some(other) = twin {
            (at, Code::Duplicated, format!("it is line {} once more", number(other)))
        } else if let Some(other) = sibling {
            let says = format!("line {} and this one both follow {}", number(other), self.place(named));
            (at, Code::Forked, says)
        } else if named.is_some() {
            let behind = self.place(at.checked_sub(1));
            (at, Code::Reordered, format!("it was written after {}, and stands behind {behind}", self.place(named)))
        } else {
            self.torn_apart(at)
        };
        self.told[blamed] |= code == Code::Duplicated;
        self.tell(blamed, code, says);
    }

    /// No line has the hash that this one names: either entries are gone, or the line before it was changed.
    fn torn_apart(&self, at: usize) -> (usize, Code, String) {
        let line = &self.lines[at];
        let before = self.lines[..at].iter().rev().find_map(|line| line.sequence).unwrap_or(0);
        match line.sequence {
            Some(sequence) if sequence > before.saturating_add(1) => {
                let (first, last) = (before + 1, sequence - 1);
                let which =
                    if first == last { format!("sequence {first}") } else { format!("sequences {first} to {last}") };
                (at, Code::Missing, format!("{which} before it gone, and no entry says that they were pruned"))
            }
            _ => match at.checked_sub(1) {
                Some(blamed) => {
                    let says = format!("it is not the line that line {} was written after", line.number);
                    (blamed, Code::Changed, says)
                }
                None => (at, Code::Changed, "it names a line before it, and is the first".to_owned()),
            },
        }
    }

    fn place(&self, at: Option<usize>) -> String {
        at.and_then(|at| self.lines.get(at))
            .map_or_else(|| "the beginning".to_owned(), |line| format!("line {}", line.number))
    }
}
