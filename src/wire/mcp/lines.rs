//! Lines out of bytes that come in pieces, with a bound on what is kept of a line that does not end.

/// What has come and is no whole line yet.
#[derive(Debug)]
pub struct Lines {
    kept: Vec<u8>,
    /// Bytes of `kept` in which no end of a line was found.
    searched: usize,
    most: usize,
}

/// A line is longer than may be kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a line is longer than {most} bytes")]
pub struct TooLong {
    pub most: usize,
}

impl Lines {
    pub fn new(most: usize) -> Self {
        Self { kept: Vec::new(), searched: 0, most }
    }

    /// Adds what has come. Lines are to be taken out before more is added.
    pub fn push(&mut self, bytes: &[u8]) {
        self.kept.extend_from_slice(bytes);
    }

    /// The next whole line, without its end (LF or CRLF).
    ///
    /// # Errors
    /// What has come is longer than a line may be, and has no end.
    pub fn next(&mut self) -> Result<Option<Vec<u8>>, TooLong> {
        let Some(at) = memchr::memchr(b'\n', &self.kept[self.searched..]) else {
            self.searched = self.kept.len();
            return if self.kept.len() > self.most { Err(TooLong { most: self.most }) } else { Ok(None) };
        };
        let end = self.searched + at;
        if end > self.most {
            return Err(TooLong { most: self.most });
        }
        let mut line: Vec<u8> = self.kept.drain(..=end).collect();
        self.searched = 0;
        line.pop();
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        Ok(Some(line))
    }

    /// What came last and was never ended.
    pub fn rest(&self) -> &[u8] {
        &self.kept
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop, proptest};

    use super::{Lines, TooLong};

    fn all(lines: &mut Lines) -> Vec<String> {
        std::iter::from_fn(|| lines.next().unwrap()).map(|line| String::from_utf8(line).unwrap()).collect()
    }

    #[test]
    fn lines_come_out_however_they_came_in() {
        let mut lines = Lines::new(100);
        lines.push(b"one\ntw");
        assert_eq!(all(&mut lines), ["one"]);
        lines.push(b"o\r\n\nthree");
        assert_eq!(all(&mut lines), ["two", ""]);
        assert_eq!(lines.rest(), b"three");
    }

    #[test]
    fn a_line_without_end_is_not_kept_for_ever() {
        for text in ["aaaaaa", "aaaaaa\n"] {
            let mut lines = Lines::new(5);
            lines.push(text.as_bytes());
            assert_eq!(lines.next(), Err(TooLong { most: 5 }), "{text}");
        }
        let mut lines = Lines::new(5);
        lines.push(b"aaaaa\n");
        assert_eq!(lines.next(), Ok(Some(b"aaaaa".to_vec())));
    }

    proptest! {
        #[test]
        fn pieces_do_not_matter(text in "[a\r\n]{0,60}", cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6)) {
            let whole = { let mut lines = Lines::new(100); lines.push(text.as_bytes()); all(&mut lines) };
            let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(text.len() + 1)).collect();
            places.extend([0, text.len()]);
            places.sort_unstable();
            let (mut lines, mut found) = (Lines::new(100), Vec::new());
            for pair in places.windows(2) {
                lines.push(&text.as_bytes()[pair[0]..pair[1]]);
                found.extend(all(&mut lines));
            }
            assert_eq!(found, whole);
        }
    }
}
