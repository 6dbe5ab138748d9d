//! An audit: what was read, what was left out and why, and what is false or cannot be told.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::claim::citation::Manner;
use crate::domain::claim::document::{Document, What};
use crate::domain::claim::finding::{Code, Finding, Verdict};

/// The version of an audit's format.
pub const VERSION: u32 = 1;

/// One audit.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Audit {
    pub version: u32,
    /// The time as of which it judges.
    pub at: Timestamp,
    /// The folder that cited paths were looked for in.
    pub root: String,
    pub max_age_days: u32,
    pub documents: Vec<Read>,
    pub skipped: Vec<Skipped>,
    /// Files of folders that are neither Markdown nor text.
    pub others: usize,
    /// In the order of documents and lines.
    pub findings: Vec<Finding>,
}

/// A document that was read.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Read {
    pub file: String,
    pub lines: usize,
    pub claims: Claims,
    /// Paths that are named in passing, where nothing is reported, and not found: no claims, and no findings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<Mention>,
}

/// A path that is named in passing.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Mention {
    /// Counted from 1.
    pub line: usize,
    pub path: String,
}

/// How many claims of each kind a document holds.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct Claims {
    /// Files that are cited as evidence or linked.
    pub artifacts: usize,
    /// Counts, percentages, totals and durations.
    pub figures: usize,
    /// Dates of what happened, of the document and of its sections.
    pub dates: usize,
}

impl Claims {
    pub fn of(document: &Document) -> Self {
        let mut claims = Self::default();
        for claim in &document.claims {
            match &claim.what {
                What::Cited { citation, .. } if citation.manner >= Manner::Evidence => claims.artifacts += 1,
                What::Cited { .. } => {}
                What::Happened(_) => claims.dates += 1,
                What::Slip { code, .. } if *code == Code::DateImpossible => claims.dates += 1,
                _ => claims.figures += 1,
            }
        }
        claims.dates += usize::from(document.expires.is_some());
        claims
    }

    pub fn total(self) -> usize {
        self.artifacts + self.figures + self.dates
    }
}

/// A file that was not read, and why.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Skipped {
    pub file: String,
    pub reason: String,
}

impl Audit {
    pub fn count(&self, verdict: Verdict) -> usize {
        self.findings.iter().filter(|finding| finding.verdict == verdict).count()
    }

    pub fn claims(&self) -> usize {
        self.documents.iter().map(|document| document.claims.total()).sum()
    }

    /// The worst that was found; None when every claim stands.
    pub fn worst(&self) -> Option<Verdict> {
        if self.count(Verdict::False) > 0 {
            Some(Verdict::False)
        } else if self.count(Verdict::CannotTell) > 0 || self.claims() == 0 || !self.skipped.is_empty() {
            Some(Verdict::CannotTell)
        } else {
            None
        }
    }
}
