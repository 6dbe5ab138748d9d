//! Totals, and the items above them that they are the sum of.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::domain::claim::amount::Duration;
use crate::domain::claim::block::{Block, Kind};
use crate::domain::claim::document::What;
use crate::domain::claim::figure::number;

/// What has been read since the last heading, and the totals since the last grand one.
#[derive(Default)]
pub struct Sums {
    /// Of each outermost item: its only length, in minutes.
    lengths: Vec<Option<f64>>,
    /// Of each outermost item: the count that it begins with, or that follows its label.
    counts: Vec<Option<u64>>,
    /// Minutes.
    totals: Vec<f64>,
}

static COUNT: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^(?:[^:0-9]{1,40}:\s+)?([0-9][0-9,]*)\s+[A-Za-z]").ok());
static TOTAL: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^(?i:total):?\s+([0-9][0-9,]*)\s+[A-Za-z]").ok());

impl Sums {
    pub fn heading(&mut self) {
        self.lengths.clear();
        self.counts.clear();
    }

    /// What a block claims as a total of those before it.
    pub fn block(
        &mut self,
        block: &Block,
        lengths: &[(Range<usize>, Duration)],
        title: &str,
    ) -> Vec<(Range<usize>, What)> {
        let text = block.prose.text.as_str();
        let mut claims = Vec::new();
        let label = text.split_once(':').map_or("", |(label, _)| label).to_lowercase();
        if label.contains("duration") && ["session", "elapsed"].iter().any(|word| label.contains(word)) {
            claims.extend(lengths.first().map(|(range, length)| (range.clone(), What::Lasted(length.minutes))));
        }
        if let Some(claim) = self.total_of_counts(text) {
            claims.push(claim);
        } else if label.ends_with("total") || title.contains("grand total") && label.starts_with("all ") {
            claims
                .extend(self.total_of_lengths(lengths, title.contains("grand total") || label.contains("grand total")));
        } else {
            self.part(block, lengths);
        }
        claims
    }

    fn part(&mut self, block: &Block, lengths: &[(Range<usize>, Duration)]) {
        let text = block.prose.text.as_str();
        let bare = text.trim_start_matches(|letter: char| !letter.is_ascii_alphanumeric());
        match block.kind {
            Kind::Item { depth: 1, .. } => {
                let only = if let [(_, length)] = lengths { Some(length.minutes) } else { None };
                self.lengths.push(only);
                let count = COUNT
                    .as_ref()
                    .and_then(|pattern| pattern.captures(bare))
                    .and_then(|hit| number(hit.get(1)?.as_str()));
                self.counts.push(count);
            }
            Kind::Paragraph => self.counts.clear(),
            _ => {}
        }
    }

    fn total_of_counts(&mut self, text: &str) -> Option<(Range<usize>, What)> {
        let hit = TOTAL.as_ref()?.captures(text)?;
        let group = hit.get(1)?;
        let total = number(group.as_str())?;
        let counts = std::mem::take(&mut self.counts);
        let parts: u64 = counts.iter().copied().sum::<Option<u64>>()?;
        (counts.len() > 1).then(|| (0..group.end(), What::Summed { total, parts }))
    }

    fn total_of_lengths(&mut self, lengths: &[(Range<usize>, Duration)], grand: bool) -> Option<(Range<usize>, What)> {
        let (range, length) = lengths.first()?;
        let parts = if grand {
            (self.totals.len() > 1).then(|| self.totals.drain(..).sum())
        } else {
            self.totals.push(length.minutes);
            let parts = std::mem::take(&mut self.lengths);
            if parts.is_empty() { None } else { parts.into_iter().sum::<Option<f64>>() }
        };
        Some((range.clone(), What::Total { minutes: length.minutes, parts, grand }))
    }
}
