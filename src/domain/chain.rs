//! The ledger's lines: what each says, and the hash that the line after it must name.

pub mod hash;
pub mod reading;

use std::collections::HashMap;

use memchr::memchr_iter;
use serde::Deserialize;

use crate::domain::chain::hash::Hash;
use crate::domain::entry::{Body, Entry, VERSION};
use crate::domain::pruned::Range;

/// Why a line is no entry.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Unread {
    /// It ends within the JSON: a crash in mid-write, or a cut.
    Half(String),
    /// Written by a program that knows more.
    Newer {
        version: u32,
    },
    Foreign(String),
}

impl Unread {
    pub fn reason(&self) -> String {
        match self {
            Self::Half(reason) | Self::Foreign(reason) => reason.clone(),
            Self::Newer { version } => format!("format version {version}, this program knows {VERSION}"),
        }
    }
}

/// One line of the ledger's file.
#[derive(Clone, Debug)]
pub struct Line {
    /// Counted from 1, blank lines with them.
    pub number: usize,
    pub hash: Hash,
    /// What it names as the line before; `None` where it cannot be read.
    pub previous: Option<Hash>,
    /// Its place in the ledger, where it can be read.
    pub sequence: Option<u64>,
    pub entry: Result<Entry, Unread>,
}

impl Line {
    /// What can be read of it.
    pub fn entry(&self) -> Option<&Entry> {
        self.entry.as_ref().ok()
    }
}

/// What every version of an entry says of its place.
#[derive(Deserialize)]
struct Frame {
    version: u32,
    #[serde(default)]
    sequence: Option<u64>,
    #[serde(default)]
    previous: Option<String>,
}

/// What can be read of lines.
pub fn entries(lines: &[Line]) -> impl DoubleEndedIterator<Item = &Entry> {
    lines.iter().filter_map(Line::entry)
}

/// Reads the lines of a whole ledger, those that are no entries with them; blank ones are left out.
pub fn lines(text: &[u8]) -> Vec<Line> {
    lines_behind(0, text)
}

/// Reads lines that stand behind so many others.
pub fn lines_behind(before: usize, text: &[u8]) -> Vec<Line> {
    let (mut lines, mut start) = (Vec::new(), 0);
    for (number, end) in (before + 1..).zip(memchr_iter(b'\n', text).chain([text.len()])) {
        if start < end {
            lines.push(line(number, &text[start..end]));
        }
        start = end + 1;
    }
    lines
}

/// Reads one line.
pub fn line(number: usize, bytes: &[u8]) -> Line {
    let hash = Hash::of(bytes);
    match parse::<Entry>(bytes) {
        Ok(entry) => {
            let (version, previous, sequence) = (entry.version, Some(entry.previous), Some(entry.sequence));
            let entry = if version <= VERSION { Ok(entry) } else { Err(Unread::Newer { version }) };
            Line { number, hash, previous, sequence, entry }
        }
        Err(error) => unread(number, hash, bytes, &error),
    }
}

/// A text that was looked at as a whole is parsed sooner than bytes, of which each word is looked at.
fn parse<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> serde_json::Result<T> {
    match std::str::from_utf8(bytes) {
        Ok(text) => serde_json::from_str(text),
        Err(_) => serde_json::from_slice(bytes),
    }
}

/// A newer program may have changed what an entry says, but not where it stands.
fn unread(number: usize, hash: Hash, bytes: &[u8], error: &serde_json::Error) -> Line {
    let frame = parse::<Frame>(bytes).ok();
    let why = match &frame {
        Some(Frame { version, .. }) if *version > VERSION => Unread::Newer { version: *version },
        _ if error.is_eof() => Unread::Half(error.to_string()),
        _ => Unread::Foreign(error.to_string()),
    };
    let previous = frame.as_ref().and_then(|frame| frame.previous.as_deref()?.parse().ok());
    Line { number, hash, previous, sequence: frame.and_then(|frame| frame.sequence), entry: Err(why) }
}

/// The ranges that the ledger itself says were pruned, by the hash of their last line.
#[derive(Debug, Default)]
pub struct Gaps(HashMap<Hash, Range>);

impl Gaps {
    pub fn of<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Self {
        let mut gaps = HashMap::new();
        for entry in entries {
            if let Body::Pruned(pruned) = &entry.body {
                for range in &pruned.ranges {
                    gaps.insert(range.head, range.clone());
                }
            }
        }
        Self(gaps)
    }

    /// The ranges that stood between a line and one that names `previous`, the last one first; `None` where they do not
    /// lead back to that line. Empty where it is the line right before.
    pub fn between(&self, line: Hash, previous: Hash) -> Option<Vec<&Range>> {
        let (mut at, mut found) = (previous, Vec::new());
        while at != line {
            let range = self.0.get(&at)?;
            found.push(range);
            // A ring of ranges leads nowhere.
            if found.len() > self.0.len() {
                return None;
            }
            at = range.before;
        }
        Some(found)
    }

    /// A line of this hash was the last of a pruned range.
    pub fn ends_with(&self, hash: Hash) -> bool {
        self.0.contains_key(&hash)
    }
}

#[cfg(test)]
mod tests {
    use super::{Gaps, Unread, line, lines, lines_behind};
    use crate::domain::chain::hash::Hash;

    #[test]
    fn a_line_that_is_no_entry_says_why() {
        for (text, expected) in [
            (
                r#"{"version":1,"sequence":1,"prev"#,
                Unread::Half("EOF while parsing a string at line 1 column 31".into()),
            ),
            (r#"{"version":2,"sequence":4,"previous":"ab","body":{"surprise":{}}}"#, Unread::Newer { version: 2 }),
        ] {
            assert_eq!(line(1, text.as_bytes()).entry.unwrap_err(), expected);
        }
        let foreign = line(3, b"hello");
        assert!(matches!(foreign.entry, Err(Unread::Foreign(_))));
        assert_eq!((foreign.sequence, foreign.previous), (None, None));
        let newer = line(1, format!(r#"{{"version":2,"sequence":4,"previous":"{}"}}"#, "0".repeat(64)).as_bytes());
        assert_eq!((newer.sequence, newer.previous), (Some(4), Some(Hash::NOTHING)));
    }

    #[test]
    fn lines_are_numbered_with_blank_ones_and_with_those_before() {
        let told = |lines: Vec<super::Line>| lines.iter().map(|line| (line.number, line.hash)).collect::<Vec<_>>();
        let text = b"1\n\n2\n\n\n3\n4";
        let whole = told(lines(text));
        assert_eq!(whole, [(1, Hash::of("1")), (3, Hash::of("2")), (6, Hash::of("3")), (7, Hash::of("4"))]);
        assert_eq!(told(lines_behind(3, b"\n\n3\n4\n")), whole[2..]);
        for nothing in ["", "\n", "\n\n"] {
            assert!(lines(nothing.as_bytes()).is_empty());
        }
    }

    #[test]
    fn a_line_that_names_no_line_before_it_is_no_entry() {
        let entry = |previous: &str| {
            let text = format!(
                r#"{{"version":1,"sequence":1,"previous":"{previous}","written":"2026-11-20T09:00:00Z","body":{{"pruned":{{"ranges":[],"records":0,"tool":"t","command":[]}}}}}}"#
            );
            line(1, text.as_bytes()).entry
        };
        assert!(entry(&"0".repeat(64)).is_ok());
        for wrong in ["", "ab", &"x".repeat(64)] {
            assert!(matches!(entry(wrong), Err(Unread::Foreign(_))), "{wrong}");
        }
    }

    #[test]
    fn nothing_lies_between_neighbours_and_no_ring_is_walked() {
        let none = Gaps::default();
        assert_eq!(none.between(Hash::NOTHING, Hash::NOTHING).map(|ranges| ranges.len()), Some(0));
        assert!(none.between(Hash::NOTHING, Hash::of("1")).is_none());
    }
}
