//! Holds what documents claim against facts, the ledger, the time, and each other.

pub mod artifact;
mod count;
mod ledger;
mod paragraph;
mod time;
mod together;

use jiff::{SignedDuration, Timestamp};

use crate::domain::claim::audit::Claims;
use crate::domain::claim::block::Spot;
use crate::domain::claim::document::{Claim, Document, What};
use crate::domain::claim::fact::{Fact, Made, Present};
use crate::domain::claim::finding::{Code, Finding, Place};
use crate::domain::claim::testimony::Testimony;

/// A document with what was found out about it.
#[derive(Clone, Debug)]
pub struct Subject {
    pub file: String,
    pub document: Document,
    /// One for each claim; None for claims that are about no file.
    pub facts: Vec<Option<Fact>>,
    /// When the document itself was made.
    pub made: Option<Made>,
    /// The user named it; otherwise it was found below a folder, where not every document claims something.
    pub named: bool,
}

/// By what an audit judges.
#[derive(Clone, Copy, Debug)]
pub struct Measure {
    pub now: Timestamp,
    /// How much older than the text that cites it an artifact may be.
    pub max_age: SignedDuration,
}

impl Subject {
    /// The claims, each with what is at the path that it cites.
    fn claims(&self) -> impl Iterator<Item = (&Claim, Option<&Fact>)> {
        self.document
            .claims
            .iter()
            .enumerate()
            .map(|(index, claim)| (claim, self.facts.get(index).and_then(Option::as_ref)))
    }

    fn finding(&self, code: Code, claim: &Claim, actual: impl Into<String>) -> Finding {
        self.at(code, claim.spot, claim.said.clone(), actual)
    }

    fn at(&self, code: Code, spot: Spot, claimed: impl Into<String>, actual: impl Into<String>) -> Finding {
        let place = Place { file: self.file.clone(), line: spot.line.max(1), column: spot.column.max(1) };
        Finding { code, verdict: code.verdict(), place, claimed: claimed.into(), actual: actual.into() }
    }
}

/// Every claim that is false or cannot be told, in the order of documents and places.
pub fn judge(subjects: &[Subject], testimony: &Testimony, measure: Measure) -> Vec<Finding> {
    let mut found = Vec::new();
    for subject in subjects {
        let mut own = artifact::judge(subject, measure);
        let judged = ledger::judge(subject, testimony, &mut own);
        own.extend(count::judge(subject));
        own.extend(paragraph::judge(subject));
        own.extend(time::judge(subject, measure));
        own.extend(unsupported(subject, &judged));
        own.extend(whole(subject));
        found.push(own);
    }
    for (index, finding) in together::judge(subjects) {
        if let Some(own) = found.get_mut(index) {
            own.push(finding);
        }
    }
    for own in &mut found {
        own.sort_by(|one, other| (&one.place, one.code).cmp(&(&other.place, other.code)));
        own.dedup();
    }
    found.concat()
}

/// What is to be said of a document as a whole.
fn whole(subject: &Subject) -> Vec<Finding> {
    let document = &subject.document;
    let start = Spot { line: 1, column: 1 };
    let mut found = Vec::new();
    if subject.named && Claims::of(document).total() == 0 {
        found.push(subject.at(
            Code::NoClaim,
            start,
            "",
            "it cites no file, counts nothing and dates nothing, so there is nothing to check",
        ));
    }
    if document.left_out > 0 {
        let actual =
            format!("{} more claims stand behind the {} that were read", document.left_out, document.claims.len());
        found.push(subject.at(Code::TooManyClaims, start, "", actual));
    }
    found
}

/// Figures of status in whose chapter no artifact is cited that exists. `judged` are the claims that the ledger has spoken of.
fn unsupported(subject: &Subject, judged: &[usize]) -> Vec<Finding> {
    let chapter = |claim: &Claim| subject.document.chapter(claim);
    let stands = |fact: Option<&Fact>| matches!(fact, Some(Fact::Present(Present { empty: false, .. })));
    let mut supported: Vec<usize> =
        subject.claims().filter(|(_, fact)| stands(*fact)).map(|(claim, _)| chapter(claim)).collect();
    supported.sort_unstable();
    let mut cited: Vec<usize> =
        subject.claims().filter(|(_, fact)| fact.is_some()).map(|(claim, _)| chapter(claim)).collect();
    cited.sort_unstable();
    let mut told = std::collections::BTreeSet::new();
    let mut found = Vec::new();
    for (index, claim) in subject.document.claims.iter().enumerate() {
        let What::Counted { figure, .. } = &claim.what else { continue };
        let chapter = chapter(claim);
        if !figure.status
            || figure.all
            || judged.contains(&index)
            || supported.binary_search(&chapter).is_ok()
            || !told.insert((figure.done, figure.of))
        {
            continue;
        }
        let actual = if cited.binary_search(&chapter).is_ok() {
            "none of the files that are cited beside it exists"
        } else {
            "no file is cited beside it that would show it"
        };
        found.push(subject.finding(Code::FigureWithoutArtifact, claim, actual));
    }
    found
}

#[cfg(test)]
mod tests;
