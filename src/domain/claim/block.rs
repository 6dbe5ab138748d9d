//! A block of a document: its prose without markup, and where each letter of it stands in the source.

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
}

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
        self.codes.iter().any(|code| code.start <= range.start && range.end <= code.end)
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

/// Turns positions of a text into lines and columns; positions are best asked in ascending order.
pub struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    pub fn new(text: &'t str) -> Self {
        let newlines = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Self { text, starts: std::iter::once(0).chain(newlines).collect() }
    }

    pub fn spot(&self, at: usize) -> Spot {
        let line = self.starts.partition_point(|start| *start <= at);
        let start = self.starts.get(line.saturating_sub(1)).copied().unwrap_or_default();
        let column = self.text.get(start..at).map_or(0, |before| before.chars().count()) + 1;
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
    fn columns_are_characters() {
        let lines = Lines::new("é b\n\nx");
        let spot = |line, column| Spot { line, column };
        assert_eq!([0, 3, 5, 6].map(|at| lines.spot(at)), [spot(1, 1), spot(1, 3), spot(2, 1), spot(3, 1)]);
    }
}
