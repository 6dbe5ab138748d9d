//! A document as its claims: what each says, where it stands, and when it can have been written.

use crate::domain::claim::block::Spot;
use crate::domain::claim::citation::Citation;
use crate::domain::claim::figure::{Figure, Parts};
use crate::domain::claim::finding::Code;
use crate::domain::claim::row::Rows;
use crate::domain::moment::Moment;

/// Everything that a document claims.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document {
    /// The first one is what stands before any heading.
    pub sections: Vec<Section>,
    pub claims: Vec<Claim>,
    /// The day that the document gives itself.
    pub written: Option<Moment>,
    /// Until when it says that it holds.
    pub expires: Option<(Spot, Moment)>,
    pub lines: usize,
    /// Claims that were not read, because they are too many.
    pub left_out: usize,
}

/// What stands under one heading.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Section {
    pub title: String,
    /// 0 before any heading.
    pub level: u8,
    pub spot: Spot,
    /// When its heading says that it was written, or the heading above it.
    pub when: Option<Moment>,
    /// Its own heading says so.
    pub dated: bool,
    /// The section of level 2 or 1 that it belongs to.
    pub top: usize,
}

/// One claim.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    pub spot: Spot,
    /// Index into the document's sections.
    pub section: usize,
    /// The words of the claim.
    pub said: String,
    /// The line that it stands in, at most 240 bytes.
    pub line: String,
    pub what: What,
}

/// What is claimed.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// A file shows it, or is there.
    Cited {
        citation: Citation,
        /// The latest moment that the line or its section bears.
        at: Option<Moment>,
    },
    /// So many of so many.
    Counted { figure: Figure, rows: Option<Rows> },
    /// A whole and its parts.
    Parted(Parts),
    /// Something happened then.
    Happened(Moment),
    /// The calculation or the date is wrong in itself.
    Slip { code: Code, actual: String },
    /// The work took so many minutes.
    Lasted(f64),
    /// A total of minutes with the parts that stand above it; None where not every part has a length.
    Total { minutes: f64, parts: Option<f64>, grand: bool },
    /// A total of things, and the sum of those that stand above it.
    Summed { total: u64, parts: u64 },
    /// Everything is done.
    AllDone { noun: String },
}

impl Document {
    /// When the section that a claim stands in was written, as far as the document says it.
    pub fn when(&self, claim: &Claim) -> Option<Moment> {
        self.sections.get(claim.section).and_then(|section| section.when).or(self.written)
    }

    /// The section of level 2, or 1, that a claim stands in.
    pub fn chapter(&self, claim: &Claim) -> usize {
        self.sections.get(claim.section).map_or(0, |section| section.top)
    }

    pub fn title(&self, claim: &Claim) -> &str {
        self.sections.get(claim.section).map_or("", |section| section.title.as_str())
    }
}
