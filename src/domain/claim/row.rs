//! The rows below a count: how many say that they are done, and how many do not.

use std::sync::LazyLock;

use regex::Regex;

use crate::domain::claim::block::{Block, Kind};
use crate::domain::claim::mark::{self, State};

/// What stands below a count.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    /// Each row's state, and how many things it speaks of (`Tasks A-C` are three).
    pub rows: Vec<(State, u64)>,
    /// A table with more than one column of states, of which none is named for them.
    pub mixed: bool,
}

/// What rows make of a count.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Outcome {
    Agrees,
    /// More are open, or more are done, than the count allows.
    Differs,
    /// They are too few to show it.
    TooFew,
}

impl Rows {
    /// Rows of each state: done, partial, open.
    pub fn tally(&self) -> (u64, u64, u64) {
        let of = |state| self.rows.iter().filter(|(other, _)| *other == state).count() as u64;
        (of(State::Done), of(State::Partial), of(State::Open))
    }

    /// Holds the rows against a count of `done` among `of`; `all` where the text says that it lists them all.
    pub fn against(&self, done: u64, of: u64, all: bool) -> Outcome {
        if self.mixed {
            return Outcome::TooFew;
        }
        let plain = outcome(&self.rows, |_| 1, done, of);
        let grouped = self.rows.iter().any(|(_, size)| *size > 1);
        let expanded = if grouped { outcome(&self.rows, |size| size, done, of) } else { plain };
        match (plain, expanded) {
            (Outcome::Agrees, _) | (_, Outcome::Agrees) => Outcome::Agrees,
            (Outcome::Differs, Outcome::Differs) => Outcome::Differs,
            (Outcome::TooFew, _) if all && !grouped => Outcome::Differs,
            _ => Outcome::TooFew,
        }
    }
}

fn outcome(rows: &[(State, u64)], size: fn(u64) -> u64, done: u64, of: u64) -> Outcome {
    let sum = |state: fn(State) -> bool| {
        rows.iter().filter(|(other, _)| state(*other)).map(|(_, own)| size(*own)).sum::<u64>()
    };
    let (shown, rest) = (sum(|state| state == State::Done), sum(|state| state != State::Done));
    if shown > done || rest > of.saturating_sub(done) {
        Outcome::Differs
    } else if shown == done {
        Outcome::Agrees
    } else {
        Outcome::TooFew
    }
}

/// The state that an item or a paragraph begins with, and how many things it speaks of.
pub fn of_block(block: &Block) -> Option<(State, u64)> {
    let text = block.prose.text.as_str();
    if let Kind::Item { checked: Some(checked), .. } = block.kind {
        return Some((if checked { State::Done } else { State::Open }, size(text)));
    }
    let state = mark::leading(text)?;
    let first = text.lines().next().unwrap_or_default();
    let bare = first.trim_start_matches(|letter: char| !letter.is_ascii_alphanumeric());
    Some((state, size(bare)))
}

static RANGE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^(?:[A-Za-z]+\s)?([A-Z]{1,2}|[0-9]{1,4})\s?[-–—]\s?([A-Z]{1,2}|[0-9]{1,4})$").ok());

/// How many things a row speaks of: `Tasks A-C: …` three, `Shopify, Context7, GitHub` three, anything else one.
fn size(text: &str) -> u64 {
    let without: String = strip_parentheses(text);
    if let Some((label, _)) = without.split_once(':') {
        return label.split([',', '+', '&']).map(|part| range(part.trim())).sum();
    }
    let parts: Vec<&str> = without.split(',').map(str::trim).collect();
    let names = parts.len() > 1 && parts.iter().all(|part| !part.is_empty() && part.split_whitespace().count() <= 4);
    if names { parts.len() as u64 } else { range(without.trim()) }
}

fn strip_parentheses(text: &str) -> String {
    let mut depth = 0_u32;
    let keep = |letter: &char| {
        match letter {
            '(' => depth += 1,
            ')' => {
                depth = depth.saturating_sub(1);
                return false;
            }
            _ => {}
        }
        depth == 0
    };
    text.chars().filter(keep).collect()
}

fn range(label: &str) -> u64 {
    let Some(hit) = RANGE.as_ref().and_then(|pattern| pattern.captures(label)) else { return 1 };
    let ordinal = |group: usize| {
        let text = hit.get(group)?.as_str();
        // Columns of a spreadsheet: A 1, Z 26, AA 27.
        text.parse()
            .ok()
            .or_else(|| Some(text.bytes().fold(0_u64, |sum, letter| sum * 26 + u64::from(letter - b'A') + 1)))
    };
    match (ordinal(1), ordinal(2)) {
        (Some(first), Some(last)) if last >= first => last - first + 1,
        _ => 1,
    }
}

/// A table that is being read.
#[derive(Clone, Debug, Default)]
pub struct Table {
    head: Vec<String>,
    /// Each cell's state; None where it is blank, `Err` where it says something else.
    rows: Vec<Vec<Cell>>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Cell {
    Blank,
    State(State),
    Other,
}

impl Table {
    pub fn add(&mut self, block: &Block) {
        let cells = block.prose.cells.iter().map(|cell| block.prose.text[cell.clone()].trim());
        if block.kind == (Kind::Row { head: true }) {
            self.head = cells.map(str::to_lowercase).collect();
        } else {
            let cell = |text: &str| match mark::cell(text) {
                _ if text.is_empty() => Cell::Blank,
                Some(state) => Cell::State(state),
                None => Cell::Other,
            };
            self.rows.push(cells.map(cell).collect());
        }
    }

    /// The rows as its one column of states tells them; none where it has no such column.
    pub fn rows(&self) -> Option<Rows> {
        let is_state = |index: &usize| {
            let cells = || self.rows.iter().filter_map(|row| row.get(*index));
            cells().any(|cell| matches!(cell, Cell::State(_))) && cells().all(|cell| *cell != Cell::Other)
        };
        let columns: Vec<usize> = (0..self.head.len()).filter(is_state).collect();
        let named = |index: &&usize| {
            self.head.get(**index).is_some_and(|head| {
                ["status", "state", "done", "present", "ready", "result", "complete"].contains(&head.as_str())
            })
        };
        let column = match columns.as_slice() {
            [] => return None,
            [only] => *only,
            many => match many.iter().filter(named).collect::<Vec<_>>().as_slice() {
                [only] => **only,
                _ => return Some(Rows { rows: Vec::new(), mixed: true }),
            },
        };
        let state = |row: &Vec<Cell>| match row.get(column) {
            Some(Cell::State(state)) => (*state, 1),
            _ => (State::Open, 1),
        };
        Some(Rows { rows: self.rows.iter().map(state).collect(), mixed: false })
    }
}

#[cfg(test)]
mod tests {
    use super::{Outcome, Rows, Table, of_block, size};
    use crate::domain::claim::mark::State;
    use crate::domain::claim::markdown::blocks;

    #[test]
    fn a_row_may_speak_of_many() {
        for (text, expected) in [
            ("Task 1: Initial integrations audit", 1),
            ("Tasks A-C: MCP health, API docs, integration tests", 3),
            ("Tasks K-AD: Second expansion", 20),
            ("Tasks 3-5", 3),
            ("Shopify, Context7, GitHub, Supabase, Google Analytics, LlamaIndex", 6),
            ("Fly.io (optional, HTTP server not running)", 1),
            ("Deployed, and it answers within the time that was promised", 1),
        ] {
            assert_eq!(size(text), expected, "{text}");
        }
    }

    #[test]
    fn rows_are_held_against_a_count() {
        let rows = |done: usize, open: usize| Rows {
            rows: [vec![(State::Done, 1); done], vec![(State::Partial, 1); open]].concat(),
            mixed: false,
        };
        for (shown, done, of, all, outcome) in [
            (rows(6, 2), 7, 8, false, Outcome::Differs),
            (rows(7, 1), 7, 8, false, Outcome::Agrees),
            (rows(7, 0), 7, 8, false, Outcome::Agrees),
            (rows(8, 0), 7, 8, false, Outcome::Differs),
            (rows(1, 1), 5, 7, false, Outcome::TooFew),
            (rows(12, 3), 15, 15, true, Outcome::Differs),
            (rows(12, 0), 15, 15, true, Outcome::Differs),
            (rows(12, 0), 15, 15, false, Outcome::TooFew),
            (Rows { rows: vec![(State::Done, 6), (State::Open, 1)], mixed: false }, 6, 7, false, Outcome::Agrees),
            (Rows { rows: vec![], mixed: true }, 6, 7, true, Outcome::TooFew),
        ] {
            assert_eq!(shown.against(done, of, all), outcome, "{shown:?} {done}/{of}");
        }
    }

    #[test]
    fn a_table_is_read_by_its_column_of_states() {
        let rows = |text: &str| {
            let mut table = Table::default();
            blocks(text, &mut |block| table.add(&block));
            table.rows()
        };
        let one = rows("| secret | staging |\n|---|---|\n| a | ✅ |\n| b | |\n").unwrap();
        assert_eq!(one.tally(), (1, 0, 1));
        let named = rows("| x | a | Status |\n|---|---|---|\n| a | ✅ | Done |\n| b | ❌ | Done |\n").unwrap();
        assert_eq!(named.tally(), (2, 0, 0));
        assert!(rows("| x | a | b |\n|---|---|---|\n| a | ✅ | ❌ |\n").unwrap().mixed);
        assert_eq!(rows("| x | y |\n|---|---|\n| a | b |\n"), None);
    }

    #[test]
    fn a_block_says_its_state_by_a_mark_or_a_box() {
        let mut found = Vec::new();
        blocks("- [x] a\n- [ ] b\n- ✅ **c**\n- d\n\n⏭️ **e** (Skipped)\n", &mut |block| {
            found.push(of_block(&block).map(|(state, _)| state));
        });
        assert_eq!(found, [Some(State::Done), Some(State::Open), Some(State::Done), None, Some(State::Open)]);
    }
}
