//! Another tool's report: declared evidence, of which Preflight saw nothing itself.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::integration::Name;
use crate::domain::readiness::Criterion;
use crate::domain::record::{Counts, Outcome};

/// Names of cases that are kept in a record; the others are counted.
pub const MOST_CASES: usize = 200;

/// Whose report it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    Junit,
    Har,
    K6,
    Playwright,
}

impl fmt::Display for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.pad(match self {
            Self::Junit => "JUnit",
            Self::Har => "HAR",
            Self::K6 => "k6",
            Self::Playwright => "Playwright",
        })
    }
}

/// One case that was not kept.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Case {
    pub name: String,
    pub outcome: Outcome,
    /// What the report says of it, on one line, redacted.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub says: String,
}

/// What a report says.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Told {
    pub counts: Counts,
    /// Every case that was not kept.
    pub cases: Vec<Case>,
    /// When the work that it reports began and ended, where it tells.
    pub started: Option<Timestamp>,
    pub finished: Option<Timestamp>,
}

impl Told {
    /// Counts a case, and keeps it where it was not kept.
    pub fn add(&mut self, name: &str, outcome: Outcome, says: &str) {
        self.count(outcome, 1);
        if outcome != Outcome::Kept {
            self.cases.push(Case { name: name.to_owned(), outcome, says: says.to_owned() });
        }
    }

    pub fn count(&mut self, outcome: Outcome, cases: u32) {
        let counted = match outcome {
            Outcome::Kept => &mut self.counts.kept,
            Outcome::Broken => &mut self.counts.broken,
            Outcome::Unasked => &mut self.counts.unasked,
            Outcome::Untested => &mut self.counts.untested,
        };
        *counted = counted.saturating_add(cases);
    }

    /// Takes a moment into the time that the report covers.
    pub fn covers(&mut self, moment: Timestamp) {
        self.started = Some(self.started.map_or(moment, |known| known.min(moment)));
        self.finished = Some(self.finished.map_or(moment, |known| known.max(moment)));
    }

    /// The worst outcome of its cases; `untested` where there are none.
    pub fn outcome(&self) -> Outcome {
        match self.counts {
            Counts { broken: 1.., .. } => Outcome::Broken,
            Counts { unasked: 1.., .. } => Outcome::Unasked,
            Counts { untested: 1.., .. } | Counts { kept: 0, .. } => Outcome::Untested,
            Counts { .. } => Outcome::Kept,
        }
    }
}

/// What was taken from a report, who says that it holds, and for what.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Import {
    pub format: Format,
    /// The file's path as it was typed.
    pub file: String,
    /// SHA-256 (hex) of the file.
    pub sha256: String,
    pub integration: Name,
    pub criterion: Criterion,
    /// Who declares it.
    pub by: String,
    pub outcome: Outcome,
    pub counts: Counts,
    /// The cases that were not kept, the broken ones first.
    pub cases: Vec<Case>,
    /// Cases that were not kept and are not named here, because they are many.
    #[serde(default)]
    pub cases_left_out: u32,
}

impl Import {
    /// Puts the worst cases first and leaves out what is too much for a record.
    pub fn keep_worst(cases: &mut Vec<Case>) -> u32 {
        cases.sort_by_key(|case| std::cmp::Reverse(case.outcome));
        let left_out = cases.len().saturating_sub(MOST_CASES);
        cases.truncate(MOST_CASES);
        u32::try_from(left_out).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::{Import, MOST_CASES, Told};
    use crate::domain::record::Outcome;

    #[test]
    fn an_empty_report_is_untested_and_the_worst_case_decides() {
        use Outcome::{Broken, Kept, Unasked, Untested};
        for (cases, outcome) in [
            (&[][..], Untested),
            (&[Kept], Kept),
            (&[Kept, Untested], Untested),
            (&[Kept, Unasked, Untested], Unasked),
            (&[Kept, Broken, Unasked], Broken),
            (&[Unasked], Unasked),
        ] {
            let mut told = Told::default();
            for case in cases {
                told.add("case", *case, "");
            }
            assert_eq!(told.outcome(), outcome, "{cases:?}");
        }
    }

    #[test]
    fn the_worst_cases_are_named_and_the_others_counted() {
        let mut told = Told::default();
        for number in 0..MOST_CASES + 5 {
            told.add(&number.to_string(), Outcome::Unasked, "");
        }
        told.add("broken", Outcome::Broken, "");
        assert_eq!(Import::keep_worst(&mut told.cases), 6);
        assert_eq!(told.cases[0].name, "broken");
        assert_eq!(told.cases.len(), MOST_CASES);
    }
}
