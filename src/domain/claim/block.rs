//! A block of a document: its prose without markup, and where each letter of it stands in the source.

use std::cell::Cell;
use std::ops::Range;

/// What kind of block a prose stands in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Kind {
    /// 1 to 6.
    Heading(u8),
    Paragraph,
    Item {
        /// 1 for the outermost list.
        depth: u8,
        /// `- [x]`, `- [ ]`.
        checked: Option<bool>,
    },
    Row {
        head: bool,
    },
    /// A line of the front matter.
    Field,
    /// No block: here one was torn apart, because it is many megabytes long.
    Tear,
}

/// Bytes of a prose that is looked at as one.
const MOST: usize = 4096;

/// A link, or an image.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Link {
    pub range: Range<usize>,
    pub target: String,
}

/// Text without markup. Ranges are bytes of `text`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Prose {
    pub text: String,
    /// Pairs of a position in `text` and the position in the source that it came from, ascending.
    pieces: Vec<(usize, usize)>,
    pub codes: Vec<Range<usize>>,
    pub links: Vec<Link>,
    /// The cells of a table's row.
    pub cells: Vec<Range<usize>>,
}

impl Prose {
    /// Appends text that stands at `source`, and says where it stands now.
    pub fn push(&mut self, text: &str, source: usize) -> Range<usize> {
        let start = self.text.len();
        self.pieces.push((start, source));
        self.text.push_str(text);
        start..self.text.len()
    }

    /// Where a position of `text` stands in the source.
    pub fn source(&self, at: usize) -> usize {
        let index = self.pieces.partition_point(|(start, _)| *start <= at).saturating_sub(1);
        self.pieces.get(index).map_or(0, |(start, source)| source + at.saturating_sub(*start))
    }

    /// Tells whether a range lies in a code span.
    pub fn is_code(&self, range: &Range<usize>) -> bool {
        let index = self.codes.partition_point(|code| code.start <= range.start);
        index.checked_sub(1).and_then(|index| self.codes.get(index)).is_some_and(|code| range.end <= code.end)
    }

    /// The prose itself, or parts of it that are short enough to look at each word's line again and again.
    pub fn pieces(self) -> Vec<Self> {
        if self.text.len() <= MOST {
            return vec![self];
        }
        let mut pieces = Vec::new();
        let mut start = 0;
        while start < self.text.len() {
            let most = self.text.floor_char_boundary((start + MOST).min(self.text.len()));
            let end = if most == self.text.len() {
                most
            } else {
                self.text[start..most].rfind(char::is_whitespace).map_or(most, |at| start + at + 1)
            };
            pieces.push(self.part(start..end));
            start = end;
        }
        pieces
    }

    /// What lies wholly in a range of the text.
    fn part(&self, range: Range<usize>) -> Self {
        fn within<T>(list: &[T], whole: &Range<usize>, own: impl Fn(&T) -> Range<usize>) -> Vec<Range<usize>> {
            let first = list.partition_point(|one| own(one).start < whole.start);
            let ranges = list[first..].iter().map(own).take_while(|range| range.start < whole.end);
            ranges
                .filter(|range| range.end <= whole.end)
                .map(|range| range.start - whole.start..range.end - whole.start)
                .collect()
        }
        let first = self.pieces.partition_point(|(at, _)| *at <= range.start);
        let inner = self.pieces[first..].iter().take_while(|(at, _)| *at < range.end);
        let pieces = std::iter::once((0, self.source(range.start)))
            .chain(inner.map(|(at, source)| (at - range.start, *source)))
            .collect();
        let first = self.links.partition_point(|link| link.range.start < range.start);
        let inner = self.links[first..]
            .iter()
            .take_while(|link| link.range.start < range.end)
            .filter(|link| link.range.end <= range.end);
        let moved = |link: &Link| Link {
            range: link.range.start - range.start..link.range.end - range.start,
            target: link.target.clone(),
        };
        Self {
            text: self.text[range.clone()].to_owned(),
            pieces,
            codes: within(&self.codes, &range, Range::clone),
            links: inner.map(moved).collect(),
            cells: within(&self.cells, &range, Range::clone),
        }
    }

    /// The text of the sentence or line around a position.
    pub fn line(&self, at: usize) -> Range<usize> {
        let start = self.text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let end = self.text[at..].find('\n').map_or(self.text.len(), |newline| at + newline);
        start..end
    }
}

/// One block.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Block {
    pub kind: Kind,
    pub prose: Prose,
}

/// A position for people.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Spot {
    /// Counted from 1.
    pub line: usize,
    /// Characters, counted from 1.
    pub column: usize,
}

/// Turns positions of a text into lines and columns.
pub struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
    /// The last position that was asked for, and its column: in a line of megabytes nobody counts twice.
    last: Cell<(usize, usize)>,
}

impl<'t> Lines<'t> {
    pub fn new(text: &'t str) -> Self {
        let newlines = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Self { text, starts: std::iter::once(0).chain(newlines).collect(), last: Cell::new((0, 1)) }
    }

    pub fn spot(&self, at: usize) -> Spot {
        let line = self.starts.partition_point(|start| *start <= at);
        let start = self.starts.get(line.saturating_sub(1)).copied().unwrap_or_default();
        let (from, known) = match self.last.get() {
            (last, column) if (start..=at).contains(&last) => (last, column),
            _ => (start, 1),
        };
        let column = known + self.text.get(from..at).map_or(0, |between| between.chars().count());
        self.last.set((at, column));
        Spot { line, column }
    }

    pub fn count(&self) -> usize {
        self.text.lines().count()
    }
}

#[cfg(test)]
mod tests {
    use super::{Lines, Prose, Spot};

    #[test]
    fn a_letter_of_the_prose_is_found_in_the_source() {
        // `**a** é b`
        let mut prose = Prose::default();
        prose.push("a", 2);
        prose.push(" é b", 5);
        assert_eq!(prose.text, "a é b");
        assert_eq!([0, 1, 2, 4, 5].map(|at| prose.source(at)), [2, 5, 6, 8, 9]);
    }

    #[test]
    fn a_long_prose_is_cut_between_words_and_each_part_knows_its_place() {
        let mut prose = Prose::default();
        for number in 0..2000 {
            let text = format!("{number:04} ");
            let word = prose.push(&text, number * 10);
            prose.codes.push(word.start..word.end - 1);
        }
        let pieces = prose.clone().pieces();
        assert_eq!(pieces.iter().map(|piece| piece.text.as_str()).collect::<String>(), prose.text);
        for piece in &pieces {
            let code = piece.codes[0].clone();
            let number: usize = piece.text[code.clone()].parse().unwrap();
            assert_eq!((piece.source(code.start), code.start), (number * 10, 0));
            assert!(piece.text.len() <= super::MOST);
        }
        assert_eq!(pieces.iter().map(|piece| piece.codes.len()).sum::<usize>(), 2000);
    }

    #[test]
    fn columns_are_characters() {
        let lines = Lines::new("é b\n\nx");
        let spot = |line, column| Spot { line, column };
        assert_eq!([0, 3, 5, 6].map(|at| lines.spot(at)), [spot(1, 1), spot(1, 3), spot(2, 1), spot(3, 1)]);
    }
}
