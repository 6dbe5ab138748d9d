//! Cuts a long text into segments that can be parsed one after the other, so that memory does not grow with the text.

/// From this size on a segment ends at the next blank line before unindented text, outside of fenced code and comments.
const ENOUGH: usize = 256 * 1024;

/// A segment that finds no such place is cut here, at the end of a line.
const MOST: usize = 2 * 1024 * 1024;

/// A part of the text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Segment<'t> {
    pub text: &'t str,
    /// Where it begins.
    pub start: usize,
    /// It had to be cut within a block.
    pub torn: bool,
}

/// The segments of a text, in its order; a short text is one.
pub fn segments(text: &str) -> Vec<Segment<'_>> {
    let mut found = Vec::new();
    let (mut start, mut at, mut blank) = (0, 0, false);
    let mut quiet = Quiet::default();
    for line in text.split_inclusive('\n') {
        let size = at - start;
        let calm = blank && quiet.over() && !line.starts_with([' ', '\t', '\n', '\r']);
        if (size >= ENOUGH && calm) || size >= MOST {
            found.push(Segment { text: &text[start..at], start, torn: !calm });
            start = at;
        }
        for (part, end) in pieces(line) {
            if at + end - start > 2 * MOST {
                found.push(Segment { text: &text[start..at + part], start, torn: true });
                start = at + part;
            }
        }
        quiet.line(line);
        blank = line.trim().is_empty();
        at += line.len();
    }
    found.push(Segment { text: &text[start..], start, torn: false });
    found
}

/// A line of many megabytes is cut too: pairs of where a piece of it begins and ends.
fn pieces(line: &str) -> impl Iterator<Item = (usize, usize)> {
    let count = if line.len() > MOST { line.len() / MOST + 1 } else { 0 };
    (0..count).map(move |index| (line.floor_char_boundary(index * MOST), line.len().min((index + 1) * MOST)))
}

/// Whether a fence or a comment is open.
#[derive(Default)]
struct Quiet {
    /// The sign of the fence and its length.
    fence: Option<(char, usize)>,
    comment: bool,
}

impl Quiet {
    fn over(&self) -> bool {
        self.fence.is_none() && !self.comment
    }

    fn line(&mut self, line: &str) {
        let bare = line.trim_start();
        let sign = bare.chars().next().filter(|sign| ['`', '~'].contains(sign));
        let length = sign.map_or(0, |sign| bare.chars().take_while(|letter| *letter == sign).count());
        match (self.fence, sign) {
            (Some((open, least)), Some(sign)) if open == sign && length >= least => self.fence = None,
            (None, Some(sign)) if length >= 3 && !self.comment => self.fence = Some((sign, length)),
            (None, _) => {
                let (open, close) = (line.rfind("<!--"), line.rfind("-->"));
                self.comment = if self.comment { close.is_none() } else { open.is_some() && close < open };
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ENOUGH, MOST, segments};

    #[test]
    fn a_text_is_cut_where_nothing_is_torn() {
        assert_eq!(segments("a\n\nb\n").len(), 1);
        let paragraph = format!("{}\n\n", "words ".repeat(100));
        let text = paragraph.repeat(3 * ENOUGH / paragraph.len());
        let cut = segments(&text);
        assert_eq!(cut.len(), 3);
        assert!(cut.iter().all(|segment| !segment.torn
            && segment.text.starts_with("words")
            && text[segment.start..].starts_with(segment.text)));
        assert_eq!(cut.iter().map(|segment| segment.text).collect::<String>(), text);
    }

    #[test]
    fn fences_and_comments_stay_whole_and_what_has_no_end_is_torn() {
        for (open, close) in [("```\n", "```\n"), ("<!--\n", "-->\n")] {
            let text = format!("{open}{}{close}\nafter\n\nend\n", "x\n\n".repeat(ENOUGH / 2));
            let cut = segments(&text);
            assert_eq!(cut.len(), 2, "{open}");
            assert_eq!((cut[1].text, cut[0].torn), ("after\n\nend\n", false));
        }
        for text in ["- x\n".repeat(MOST), "x".repeat(6 * MOST), "é".repeat(3 * MOST)] {
            let cut = segments(&text);
            assert!(cut.len() > 1 && cut[0].torn && cut.iter().all(|segment| segment.text.len() <= 3 * MOST));
            assert_eq!(cut.iter().map(|segment| segment.text).collect::<String>(), text);
        }
    }
}
