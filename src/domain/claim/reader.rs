//! Reads a text once, from top to bottom, and keeps its claims with their time and their rows.

mod context;
mod sums;

use std::ops::Range;

use crate::domain::claim::amount::{durations, slips};
use crate::domain::claim::block::{Block, Kind, Lines, Prose, Spot};
use crate::domain::claim::citation::{Manner, citations, is_source, shown, tells_of_the_past};
use crate::domain::claim::date::{Dated, When, dates};
use crate::domain::claim::document::{Claim, Document, Section, What};
use crate::domain::claim::figure::{figures, parts};
use crate::domain::claim::finding::Code;
use crate::domain::claim::mark::State;
use crate::domain::claim::markdown::blocks;
use crate::domain::claim::reader::context::{Field, all_done, field, later, own_time, plans, shows};
use crate::domain::claim::reader::sums::Sums;
use crate::domain::claim::row::{self, Rows, Table};
use crate::domain::moment::Moment;

/// Claims that are read of one document; more are counted and told.
pub const MOST_CLAIMS: usize = 100_000;

/// Reads a document.
pub fn read(text: &str) -> Document {
    read_up_to(text, MOST_CLAIMS)
}

/// Reads a document's first claims, and counts the others.
pub fn read_up_to(text: &str, most: usize) -> Document {
    let mut reader = Reader {
        most,
        lines: Lines::new(text),
        document: Document { sections: vec![Section::default()], ..Document::default() },
        path: Vec::new(),
        open: Vec::new(),
        table: None,
        sums: Sums::default(),
    };
    blocks(text, &mut |block| reader.block(&block));
    reader.end_table();
    reader.document.lines = reader.lines.count();
    reader.document
}

/// A count that waits for its rows.
struct Open {
    /// Index of its claim.
    claim: usize,
    scope: Scope,
    /// What kind of block its first row was: the others are of the same kind.
    of: Option<Kind>,
}

enum Scope {
    /// Up to the next heading of this level.
    Heading(u8),
    /// The list or table that follows.
    Next { begun: bool },
}

struct Reader<'t> {
    most: usize,
    lines: Lines<'t>,
    document: Document,
    /// The sections that hold the present one.
    path: Vec<usize>,
    open: Vec<Open>,
    table: Option<Table>,
    sums: Sums,
}

impl Reader<'_> {
    fn block(&mut self, block: &Block) {
        if block.kind == Kind::Tear {
            return self.torn();
        }
        let found = dates(&block.prose);
        if !matches!(block.kind, Kind::Row { .. }) {
            self.end_table();
        }
        match block.kind {
            Kind::Heading(level) => self.heading(level, block, &found),
            Kind::Paragraph => self.open.retain(|open| !matches!(open.scope, Scope::Next { .. })),
            _ => {}
        }
        self.rows(block);
        self.time_claims(block, &found);
        self.cited(block, &found);
        self.counted(block);
        self.calculated(block);
    }

    /// Of rows that were torn apart nobody knows how many there are.
    fn torn(&mut self) {
        self.end_table();
        for open in &self.open {
            if let Some(Claim { what: What::Counted { rows, .. }, .. }) = self.document.claims.get_mut(open.claim) {
                rows.get_or_insert_default().mixed = true;
            }
        }
    }

    fn spot(&self, prose: &Prose, at: usize) -> Spot {
        self.lines.spot(prose.source(at))
    }

    fn claim(&mut self, prose: &Prose, range: &Range<usize>, what: What) -> Option<usize> {
        if self.document.claims.len() >= self.most {
            self.document.left_out += 1;
            return None;
        }
        let line = prose.text[prose.line(range.start)].trim();
        let cut = line.char_indices().nth(240).map_or(line.len(), |(at, _)| at);
        let claim = Claim {
            spot: self.spot(prose, range.start),
            section: self.document.sections.len() - 1,
            said: shown(prose, range).chars().take(160).collect(),
            line: line[..cut].to_owned(),
            what,
        };
        self.document.claims.push(claim);
        Some(self.document.claims.len() - 1)
    }

    fn heading(&mut self, level: u8, block: &Block, found: &[Dated]) {
        self.open.retain(|open| matches!(open.scope, Scope::Heading(own) if own < level));
        self.sums.heading();
        while self.path.last().is_some_and(|index| self.document.sections[*index].level >= level) {
            self.path.pop();
        }
        let above = self.path.last().and_then(|index| self.document.sections[*index].when);
        let own = own_time(found, above.or(self.document.written));
        let index = self.document.sections.len();
        let top = self.path.iter().copied().find(|index| self.document.sections[*index].level == 2).unwrap_or(index);
        let dated = own.is_some() && !plans(&block.prose.text);
        if index >= self.most {
            // What stands below it still stands in the last section that was kept.
            self.document.left_out += 1;
            return;
        }
        self.document.sections.push(Section {
            title: block.prose.text.chars().take(160).collect(),
            level,
            spot: self.spot(&block.prose, 0),
            when: if dated { own } else { above },
            dated,
            top,
        });
        self.path.push(index);
    }

    fn when(&self) -> Option<Moment> {
        self.document.sections.last().and_then(|section| section.when)
    }

    fn time_claims(&mut self, block: &Block, found: &[Dated]) {
        let prose = &block.prose;
        for dated in found {
            let line = prose.text[prose.line(dated.range.start)].to_owned();
            let before = &prose.text[prose.line(dated.range.start).start..dated.range.start];
            match &dated.when {
                When::Impossible(reason) => {
                    let what = What::Slip { code: Code::DateImpossible, actual: reason.clone() };
                    self.claim(prose, &dated.range, what);
                }
                When::Known(moment) => match field(before) {
                    Some(Field::Written) => {
                        self.document.written = later(self.document.written, Some(*moment));
                        self.claim(prose, &dated.range, What::Happened(*moment));
                    }
                    Some(Field::Expires) => {
                        self.document.expires = Some((self.spot(prose, dated.range.start), *moment));
                    }
                    None if plans(&line) => {}
                    None if matches!(block.kind, Kind::Heading(_)) || tells_of_the_past(&line) => {
                        self.claim(prose, &dated.range, What::Happened(*moment));
                    }
                    None => {}
                },
                When::Clock(_) => {}
            }
        }
    }

    fn cited(&mut self, block: &Block, found: &[Dated]) {
        let prose = &block.prose;
        let listed = matches!(block.kind, Kind::Item { .. })
            && self.path.iter().any(|index| shows(&self.document.sections[*index].title));
        let done = matches!(row::of_block(block), Some((State::Done, _)));
        for mut citation in citations(block) {
            // A list of what was delivered, a row that is done, and a file whose length is given are there to show it.
            let shown = (listed && citation.line.is_none())
                || ((done || citation.extent.is_some()) && !is_source(&citation.path));
            if citation.manner == Manner::Mention && shown {
                citation.manner = Manner::Evidence;
            }
            let mut at = self.when();
            let line = prose.line(citation.range.start);
            for dated in found.iter().filter(|dated| line.contains(&dated.range.start)) {
                at = later(at, own_time(std::slice::from_ref(dated), at.or(self.document.written)));
            }
            let range = citation.range.clone();
            self.claim(prose, &range, What::Cited { citation, at });
        }
    }

    fn counted(&mut self, block: &Block) {
        let prose = &block.prose;
        let found = figures(prose);
        let only = found.len() == 1;
        for figure in found {
            let range = figure.range.clone();
            let counts_done = !figure.counts_open;
            let Some(claim) = self.claim(prose, &range, What::Counted { figure, rows: None }) else { return };
            let scope = match block.kind {
                Kind::Heading(level) => Scope::Heading(level),
                Kind::Paragraph => Scope::Next { begun: false },
                _ => continue,
            };
            // Of two counts in one line nobody knows which one the rows are about.
            if only && counts_done {
                self.open.push(Open { claim, scope, of: None });
            }
        }
        for parts in parts(prose) {
            let range = parts.range.clone();
            self.claim(prose, &range, What::Parted(parts));
        }
        if let Some((range, noun)) = all_done(prose) {
            self.claim(prose, &range, What::AllDone { noun });
        }
    }

    fn calculated(&mut self, block: &Block) {
        let prose = &block.prose;
        for slip in slips(prose) {
            self.claim(prose, &slip.range, What::Slip { code: slip.code, actual: slip.actual });
        }
        let lengths = durations(prose);
        let title = self.document.sections.last().map(|section| section.title.to_lowercase()).unwrap_or_default();
        for (range, what) in self.sums.block(block, &lengths, &title) {
            self.claim(prose, &range, what);
        }
    }

    fn rows(&mut self, block: &Block) {
        if matches!(block.kind, Kind::Row { .. }) {
            self.table.get_or_insert_default().add(block);
            return;
        }
        let is_item = matches!(block.kind, Kind::Item { .. });
        let state = row::of_block(block);
        let kind = match &block.kind {
            Kind::Item { depth, .. } => Kind::Item { depth: *depth, checked: None },
            other => other.clone(),
        };
        for open in &mut self.open {
            if let Scope::Next { begun } = &mut open.scope {
                *begun |= is_item;
            }
            let Some(state) = state else { continue };
            if matches!(kind, Kind::Heading(_) | Kind::Field) || *open.of.get_or_insert_with(|| kind.clone()) != kind {
                continue;
            }
            if let Some(Claim { what: What::Counted { rows, .. }, .. }) = self.document.claims.get_mut(open.claim) {
                rows.get_or_insert_with(Rows::default).rows.push(state);
            }
        }
    }

    fn end_table(&mut self) {
        let Some(rows) = self.table.take().and_then(|table| table.rows()) else { return };
        for open in &mut self.open {
            let Some(Claim { what: What::Counted { rows: own, .. }, .. }) = self.document.claims.get_mut(open.claim)
            else {
                continue;
            };
            let table = Kind::Row { head: false };
            if *open.of.get_or_insert_with(|| table.clone()) == table {
                // A second table under one heading is a second list of the same, or of something else.
                match own {
                    None => *own = Some(rows.clone()),
                    Some(own) => own.mixed = true,
                }
            }
        }
        self.open.retain(|open| matches!(open.scope, Scope::Heading(_)));
    }
}

#[cfg(test)]
mod tests;
