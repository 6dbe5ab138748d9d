//! What an audit finds: a code, a place, what is claimed and what is true.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::codes::codes;

/// How sure a finding is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The claim is false.
    False,
    /// Nothing here can show whether it is true.
    CannotTell,
}

impl Verdict {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::False => "false",
            Self::CannotTell => "cannot tell",
        }
    }
}

codes! {
    Verdict verdict;
    /// A cited file or folder does not exist.
    ArtifactMissing = "document-artifact-missing", False;
    /// A cited file or folder holds nothing.
    ArtifactEmpty = "document-artifact-empty", False;
    /// A cited artifact is older than allowed, seen from the text that cites it.
    ArtifactStale = "document-artifact-stale", False;
    /// A cited artifact was made after the text that cites it.
    ArtifactMadeLater = "document-artifact-made-later", False;
    /// A cited file has another length or digest than the text says, or no such line.
    ArtifactDiffers = "document-artifact-differs", False;
    /// A count is not that of the rows or parts that it is about.
    CountWrong = "count-does-not-add-up", False;
    /// A percentage is not that of the count beside it.
    PercentageWrong = "percentage-wrong", False;
    /// A total is not the sum of its parts.
    SumWrong = "sum-wrong", False;
    /// A length of time is not that of the span or effort beside it.
    DurationWrong = "duration-wrong", False;
    /// A document says two things that cannot both be true.
    ContradictsItself = "contradicts-itself", False;
    /// Two documents say things that cannot both be true.
    ContradictsDocument = "contradicts-document", False;
    /// The ledger's newest evidence says something else.
    ContradictsLedger = "contradicts-ledger", False;
    /// A date or time that no calendar or clock has.
    DateImpossible = "date-impossible", False;
    /// What is said to have happened lies in the future.
    DateInFuture = "date-in-future", False;
    /// The document is past the day until which it says that it holds.
    DocumentExpired = "document-expired", False;
    /// A path is mentioned, not cited as evidence, and nothing is there.
    PathNotFound = "path-not-found", CannotTell;
    /// Nothing shows reliably when a cited artifact was made or changed.
    ArtifactTimeUnknown = "artifact-time-unknown", CannotTell;
    /// A cited artifact lies where the audit does not look, or cannot be read.
    ArtifactUnread = "artifact-unread", CannotTell;
    /// The rows below a count are too few, or too mixed, to show it.
    CountNotShown = "count-not-shown", CannotTell;
    /// No artifact that exists is cited beside a figure of status.
    FigureWithoutArtifact = "figure-without-artifact", CannotTell;
    /// The ledger has no evidence for what is said of an integration's scenarios, or of a record.
    NotInLedger = "not-in-ledger", CannotTell;
    /// Dated entries stand neither in the order of time nor against it.
    OutOfOrder = "sections-out-of-order", CannotTell;
    /// The document holds more claims than are read.
    TooManyClaims = "too-many-claims", CannotTell;
    /// The document cannot be read as text.
    Unreadable = "document-unreadable", CannotTell;
    /// The document claims nothing that can be checked.
    NoClaim = "no-claim", CannotTell;
}

/// Where a claim stands.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct Place {
    /// As the user named it, or below the folder that was named.
    pub file: String,
    /// Counted from 1.
    pub line: usize,
    /// Characters, counted from 1.
    pub column: usize,
}

/// One claim that is false, or that nothing here can show.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    pub code: Code,
    pub verdict: Verdict,
    pub place: Place,
    /// What the document says.
    pub claimed: String,
    /// What is true, or why that cannot be told.
    pub actual: String,
}

impl fmt::Display for Finding {
    /// `status.md:14:3: false[percentage-wrong]: “7/8 (98%)”: …`
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        let Place { file, line, column } = &self.place;
        write!(formatter, "{file}:{line}:{column}: {}[{}]: ", self.verdict.as_str(), self.code)?;
        if !self.claimed.is_empty() {
            write!(formatter, "“{}”: ", self.claimed)?;
        }
        formatter.write_str(&self.actual)
    }
}
