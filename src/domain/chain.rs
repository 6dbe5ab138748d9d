//! The ledger's lines: what each says, and the hash that the line after it must name.

use std::collections::HashMap;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::domain::entry::{Body, Entry, NOTHING_BEFORE, VERSION};
use crate::domain::pruned::Range;

/// SHA-256 of a line, without its line feed.
pub type Hash = [u8; 32];

/// What the first line names as the one before it.
pub const NOTHING: Hash = [0; 32];

/// A ledger of fewer bytes is read by one thread.
const WORTH_A_THREAD: usize = 256 * 1024;

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

/// What every version of an entry says of its place.
#[derive(Deserialize)]
struct Frame {
    version: u32,
    #[serde(default)]
    sequence: Option<u64>,
    #[serde(default)]
    previous: Option<String>,
}

/// Reads the lines of a ledger, those that are no entries with them; blank ones are left out. A large one is read by two threads.
pub fn lines(text: &[u8]) -> Vec<Line> {
    let middle = text.len() / 2;
    let cut = text[middle..].iter().position(|byte| *byte == b'\n').map(|found| middle + found + 1);
    let Some(cut) = cut.filter(|_| text.len() >= WORTH_A_THREAD) else {
        return part(text, 0);
    };
    let (first, second) = text.split_at(cut);
    std::thread::scope(|scope| {
        let ahead = scope.spawn(|| part(second, 0));
        let mut lines = part(first, 0);
        let before = first.split(|byte| *byte == b'\n').count() - 1;
        // A thread that panicked would have lost lines without a word.
        let behind = ahead.join().unwrap_or_else(|_| part(second, 0));
        lines.extend(behind.into_iter().map(|line| Line { number: line.number + before, ..line }));
        lines
    })
}

fn part(text: &[u8], before: usize) -> Vec<Line> {
    let numbered = text.split(|byte| *byte == b'\n').enumerate().filter(|(_, line)| !line.is_empty());
    numbered.map(|(index, bytes)| line(before + index + 1, bytes)).collect()
}

/// Reads one line.
pub fn line(number: usize, bytes: &[u8]) -> Line {
    let hash = Sha256::digest(bytes).into();
    match serde_json::from_slice::<Entry>(bytes) {
        Ok(entry) if entry.version <= VERSION => {
            let (previous, sequence) = (unhex(&entry.previous), Some(entry.sequence));
            Line { number, hash, previous, sequence, entry: Ok(entry) }
        }
        Ok(entry) => {
            let (previous, sequence) = (unhex(&entry.previous), Some(entry.sequence));
            Line { number, hash, previous, sequence, entry: Err(Unread::Newer { version: entry.version }) }
        }
        Err(error) => unread(number, hash, bytes, &error),
    }
}

/// A newer program may have changed what an entry says, but not where it stands.
fn unread(number: usize, hash: Hash, bytes: &[u8], error: &serde_json::Error) -> Line {
    let frame = serde_json::from_slice::<Frame>(bytes).ok();
    let why = match &frame {
        Some(Frame { version, .. }) if *version > VERSION => Unread::Newer { version: *version },
        _ if error.is_eof() => Unread::Half(error.to_string()),
        _ => Unread::Foreign(error.to_string()),
    };
    let previous = frame.as_ref().and_then(|frame| unhex(frame.previous.as_deref()?));
    Line { number, hash, previous, sequence: frame.and_then(|frame| frame.sequence), entry: Err(why) }
}

/// 64 hex digits as a hash.
pub fn unhex(text: &str) -> Option<Hash> {
    let mut hash = NOTHING;
    hex::decode_to_slice(text, &mut hash).ok().map(|()| hash)
}

/// The ranges that the ledger itself says were pruned, by the hash of their last line.
#[derive(Debug, Default)]
pub struct Gaps(HashMap<Hash, (Hash, Range)>);

impl Gaps {
    pub fn of(lines: &[Line]) -> Self {
        let mut gaps = HashMap::new();
        for entry in lines.iter().filter_map(|line| line.entry.as_ref().ok()) {
            if let Body::Pruned(pruned) = &entry.body {
                for range in &pruned.ranges {
                    if let (Some(head), Some(before)) = (unhex(&range.head), unhex(&range.before)) {
                        gaps.insert(head, (before, range.clone()));
                    }
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
            let (before, range) = self.0.get(&at)?;
            found.push(range);
            // A ring of ranges leads nowhere.
            if found.len() > self.0.len() {
                return None;
            }
            at = *before;
        }
        Some(found)
    }

    /// A line of this hash was the last of a pruned range.
    pub fn ends_with(&self, hash: Hash) -> bool {
        self.0.contains_key(&hash)
    }
}

/// The hash as the ledger writes it.
pub fn hex(hash: Hash) -> String {
    if hash == NOTHING { NOTHING_BEFORE.to_owned() } else { hex::encode(hash) }
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::{Gaps, NOTHING, Unread, line, lines};

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
        assert_eq!((newer.sequence, newer.previous), (Some(4), Some(NOTHING)));
    }

    #[test]
    fn two_threads_read_what_one_reads() {
        let text: Vec<u8> = (0..40_000).flat_map(|number| format!("{number}\n\n").into_bytes()).collect();
        let read = lines(&text);
        assert_eq!(read.len(), 40_000);
        for (index, line) in read.iter().enumerate() {
            assert_eq!(line.number, 2 * index + 1);
            assert_eq!(line.hash, <[u8; 32]>::from(Sha256::digest(index.to_string())));
        }
    }

    #[test]
    fn nothing_lies_between_neighbours_and_no_ring_is_walked() {
        let none = Gaps::default();
        assert_eq!(none.between(NOTHING, NOTHING).map(|ranges| ranges.len()), Some(0));
        assert!(none.between(NOTHING, [1; 32]).is_none());
    }
}
