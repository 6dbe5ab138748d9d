//! The end of the ledger: all that an appended line has to know, read without reading the rest.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};

use crate::domain::chain::hash::Hash;
use crate::domain::chain::{self, Line};

/// Bytes that are read first; entries are seldom longer than a few thousand.
const FIRST: u64 = 16 * 1024;

/// Where the next line goes on.
#[derive(Debug, Eq, PartialEq)]
pub struct Tail {
    /// Of the last entry that can be read; 0 where there is none.
    pub sequence: u64,
    /// Of the last line, whatever it is.
    pub previous: Hash,
    /// The last line has no end.
    pub torn: bool,
}

/// Reads the last line, and as many before it as it takes to find one that has a sequence.
pub fn read(file: &mut File) -> io::Result<Tail> {
    let length = file.metadata()?.len();
    let mut take = FIRST;
    loop {
        let from = length.saturating_sub(take);
        let mut text = Vec::with_capacity(usize::try_from(length - from).unwrap_or_default());
        file.seek(SeekFrom::Start(from))?;
        file.read_to_end(&mut text)?;
        if let Some(tail) = end(&text, from == 0) {
            return Ok(tail);
        }
        take = take.saturating_mul(8);
    }
}

/// The tail as this end of the file shows it; `None` where more of it must be read.
fn end(text: &[u8], whole: bool) -> Option<Tail> {
    let torn = text.last().is_some_and(|byte| *byte != b'\n');
    // The first line of a part may have begun before it.
    let start = if whole { 0 } else { text.iter().position(|byte| *byte == b'\n')? + 1 };
    let mut lines = text[start..].rsplit(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let mut last: Option<Line> = None;
    let found = lines.by_ref().map(|bytes| chain::line(0, bytes)).find_map(|line| {
        let sequence = line.sequence;
        last.get_or_insert(line);
        sequence
    });
    let previous = match &last {
        Some(line) => line.hash,
        None if whole => Hash::NOTHING,
        None => return None,
    };
    match found {
        None if !whole => None,
        found => Some(Tail { sequence: found.unwrap_or(0), previous, torn }),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::{Tail, read};
    use crate::domain::chain::hash::Hash;

    fn tail(text: &str) -> Tail {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        read(&mut file).unwrap()
    }

    fn frame(sequence: u64) -> String {
        format!(r#"{{"version":1,"sequence":{sequence}}}"#)
    }

    #[test]
    fn the_last_line_is_found_whatever_stands_before_it() {
        let long = "x".repeat(100_000);
        for (text, sequence, last, torn) in [
            (String::new(), 0, None, false),
            ("\n\n".to_owned(), 0, None, false),
            (format!("{}\n", frame(1)), 1, Some(frame(1)), false),
            (format!("{}\n{}", frame(1), frame(2)), 2, Some(frame(2)), true),
            (format!("{}\n{{\"half", frame(7)), 7, Some("{\"half".to_owned()), true),
            (format!("{}\n{long}\n", frame(7)), 7, Some(long.clone()), false),
            (format!("{long}\n"), 0, Some(long.clone()), false),
            (format!("{long}\n{}\n\n", frame(9)), 9, Some(frame(9)), false),
        ] {
            let previous = last.map_or(Hash::NOTHING, Hash::of);
            assert_eq!(tail(&text), Tail { sequence, previous, torn }, "{}", &text[..text.len().min(60)]);
        }
    }
}
