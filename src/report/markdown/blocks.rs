//! A page that never grows over its limit and says what it left out.

use std::fmt::Write;

use crate::report::digest;
use crate::report::markdown::MOST_BYTES;

/// What is kept free for the line that says what was cut.
const RESERVE: usize = 400;

/// Whole blocks up to the limit: a table or a code fence is never cut in the middle.
#[derive(Default)]
pub struct Blocks {
    page: String,
    /// How many blocks of each kind did not fit.
    cut: Vec<(&'static str, usize)>,
}

impl Blocks {
    /// Bytes that are left for another block.
    pub fn room(&self) -> usize {
        MOST_BYTES.saturating_sub(self.page.len() + RESERVE)
    }

    /// Adds a block, or counts it among what was cut.
    pub fn add(&mut self, kind: &'static str, block: impl AsRef<str>) {
        if block.as_ref().len() <= self.room() {
            self.page.push_str(block.as_ref());
            return;
        }
        match self.cut.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, count)) => *count += 1,
            None => self.cut.push((kind, 1)),
        }
    }

    /// The page, with a last line for what was cut.
    pub fn finish(mut self) -> String {
        if !self.cut.is_empty() {
            let list = self.cut.iter().map(|(kind, count)| digest::number(*count, kind)).collect::<Vec<_>>().join(", ");
            let _ = write!(self.page, "\n> **Cut to fit {MOST_BYTES} bytes:** {list}. The HTML dashboard shows all.\n");
        }
        self.page
    }
}
