//! Cited files: there, not empty, not stale, not made later than they are cited, and as long as the text says.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};

use crate::domain::claim::citation::{Citation, Manner, is_evidence};
use crate::domain::claim::date::stamp;
use crate::domain::claim::document::{Claim, What};
use crate::domain::claim::fact::{Fact, Made, Present, Witness};
use crate::domain::claim::finding::{Code, Finding};
use crate::domain::claim::judge::{Measure, Subject};
use crate::domain::moment::Moment;

/// How much later than an entry's time a file may bear in its name: an entry is dated when its writing begins.
const LENIENCE: SignedDuration = SignedDuration::from_mins(15);

/// How much later than an entry a file may be committed first.
const COMMIT_LENIENCE: SignedDuration = SignedDuration::from_hours(24);

pub fn judge(subject: &Subject, measure: Measure) -> Vec<Finding> {
    let mut found = Vec::new();
    let reporting = Reporting::of(subject);
    let mut absent = Absent::default();
    for (claim, fact) in subject.claims() {
        let (What::Cited { citation, at }, Some(fact)) = (&claim.what, fact) else { continue };
        match fact {
            Fact::Absent { ignored } => absent.add(
                &reporting,
                claim,
                citation,
                if *ignored { " (git would ignore it: no clone has it)" } else { "" },
            ),
            Fact::Unknown(reason) => absent.add_as(Code::ArtifactUnread, claim, citation, reason.clone()),
            Fact::Present(present) => {
                let case = Case { subject, claim, citation, present, at: at.or(subject.document.written), measure };
                found.extend(case.judge());
            }
        }
        if let Some(stamp) = stamp(&citation.path).filter(|_| citation.manner >= Manner::Evidence) {
            found.extend(stamped_ahead(subject, claim, stamp, measure));
        }
    }
    found.extend(absent.findings(subject));
    found
}

/// Paths at which nothing is, each told once however often it is cited.
#[derive(Default)]
struct Absent<'a> {
    paths: BTreeMap<&'a str, (Code, &'a Claim, String, Vec<usize>)>,
}

impl<'a> Absent<'a> {
    fn add(&mut self, reporting: &Reporting, claim: &'a Claim, citation: &'a Citation, why: &str) {
        match citation.manner {
            Manner::Planned => {}
            // In a text that is no report a path in passing is no claim; see `passing`.
            Manner::Mention if !reporting.holds(claim) => {}
            Manner::Mention => self.add_as(
                Code::PathNotFound,
                claim,
                citation,
                format!("nothing is there{why}; whether it should be, the text does not say"),
            ),
            Manner::Evidence | Manner::Link => {
                self.add_as(Code::ArtifactMissing, claim, citation, format!("nothing is there{why}"));
            }
        }
    }

    fn add_as(&mut self, code: Code, claim: &'a Claim, citation: &'a Citation, actual: String) {
        let line = claim.spot.line;
        let (known, first, told, lines) =
            self.paths.entry(&citation.path).or_insert_with(|| (code, claim, actual.clone(), Vec::new()));
        lines.push(line);
        if code < *known {
            (*known, *first, *told) = (code, claim, actual);
        }
    }

    fn findings(self, subject: &Subject) -> Vec<Finding> {
        let found = |(code, claim, mut actual, mut lines): (Code, &Claim, String, Vec<usize>)| {
            lines.dedup();
            lines.retain(|line| *line != claim.spot.line);
            if !lines.is_empty() {
                let shown = lines.iter().take(6).map(ToString::to_string).collect::<Vec<_>>().join(", ");
                let more = if lines.len() > 6 { ", …" } else { "" };
                let _ = write!(actual, "; cited again in line {shown}{more}");
            }
            subject.finding(code, claim, actual)
        };
        self.paths.into_values().map(found).collect()
    }
}

/// The chapters that report something: by a date, a count of status, or cited evidence.
struct Reporting<'a> {
    subject: &'a Subject,
    chapters: BTreeSet<usize>,
}

impl<'a> Reporting<'a> {
    fn of(subject: &'a Subject) -> Self {
        let reports = |claim: &&Claim| match &claim.what {
            What::Counted { figure, .. } => figure.status,
            What::Cited { citation, .. } => citation.manner == Manner::Evidence,
            _ => false,
        };
        let chapters =
            subject.document.claims.iter().filter(reports).map(|claim| subject.document.chapter(claim)).collect();
        Self { subject, chapters }
    }

    fn holds(&self, claim: &Claim) -> bool {
        self.subject.document.when(claim).is_some() || self.chapters.contains(&self.subject.document.chapter(claim))
    }
}

/// Paths that are mentioned in passing, where nothing is reported, and not found: no claims, and yet worth knowing.
pub fn passing(subject: &Subject) -> Vec<(usize, String)> {
    let reporting = Reporting::of(subject);
    let mention = |(claim, fact): (&Claim, Option<&Fact>)| match (&claim.what, fact) {
        (What::Cited { citation, .. }, Some(Fact::Absent { .. }))
            if citation.manner == Manner::Mention && !reporting.holds(claim) =>
        {
            Some((claim.spot.line, citation.path.clone()))
        }
        _ => None,
    };
    let mut seen = BTreeSet::new();
    subject.claims().filter_map(mention).filter(|(_, path)| seen.insert(path.clone())).collect()
}

fn stamped_ahead(subject: &Subject, claim: &Claim, stamp: Moment, measure: Measure) -> Option<Finding> {
    let ahead = stamp.start() > measure.now.saturating_add(SignedDuration::from_hours(24)).unwrap_or(Timestamp::MAX);
    ahead.then(|| {
        subject.finding(
            Code::DateInFuture,
            claim,
            format!("its name bears {stamp}, and it is {} now", second(measure.now)),
        )
    })
}

struct Case<'a> {
    subject: &'a Subject,
    claim: &'a Claim,
    citation: &'a Citation,
    present: &'a Present,
    /// When the line can have been written at the latest, as far as it says so.
    at: Option<Moment>,
    measure: Measure,
}

impl Case<'_> {
    fn judge(&self) -> Vec<Finding> {
        let mut found = Vec::new();
        if self.present.empty && self.citation.manner >= Manner::Evidence {
            let what = if self.present.folder { "the folder holds no file" } else { "the file holds no byte" };
            found.push(self.found(Code::ArtifactEmpty, what));
        }
        found.extend(self.differs());
        if self.citation.manner >= Manner::Mention {
            found.extend(self.later());
        }
        if self.citation.manner == Manner::Evidence || is_evidence(&self.citation.path) {
            found.extend(self.stale());
        }
        found
    }

    fn found(&self, code: Code, actual: impl Into<String>) -> Finding {
        self.subject.finding(code, self.claim, actual)
    }

    fn differs(&self) -> Vec<Finding> {
        let mut found = Vec::new();
        if let (Some(said), Some(actual)) = (&self.citation.digest, &self.present.digest)
            && said != actual
        {
            found.push(self.found(Code::ArtifactDiffers, format!("its SHA-256 is {actual}, not {said}")));
        }
        let Some(lines) = self.present.lines else { return found };
        if let Some(extent) = self.citation.extent.filter(|extent| !extent.fits(lines)) {
            let said = format!("{}{} lines", extent.lines, if extent.at_least { "+" } else { "" });
            found.push(match self.changed_since() {
                Some(last) => self.found(
                    Code::ArtifactTimeUnknown,
                    format!("it has {lines} lines now, not {said}; it was changed since ({})", second(last)),
                ),
                None => self.found(Code::ArtifactDiffers, format!("it has {lines} lines, not {said}")),
            });
        }
        if let Some(line) = self.citation.line.filter(|line| *line > lines.max(1)) {
            found.push(match self.changed_since() {
                Some(last) => self.found(
                    Code::ArtifactTimeUnknown,
                    format!(
                        "it has {lines} lines now, so there is no line {line}; it was changed since ({})",
                        second(last)
                    ),
                ),
                None => self.found(Code::ArtifactDiffers, format!("it has {lines} lines, so there is no line {line}")),
            });
        }
        found
    }

    /// When it was changed, if that was after the text.
    fn changed_since(&self) -> Option<Timestamp> {
        let made = self.present.made.filter(|made| made.witness == Witness::Git)?;
        self.at.is_some_and(|at| made.last > at.end()).then_some(made.last)
    }

    /// Made after the text that cites it: by the time in its name, by its first commit, or, less surely, by the file system.
    fn later(&self) -> Option<Finding> {
        let at = self.at?;
        let beyond = |moment: Timestamp, lenience: SignedDuration| {
            moment > at.end().saturating_add(lenience).unwrap_or(Timestamp::MAX)
        };
        if let Some(stamp) = stamp(&self.citation.path).filter(|stamp| beyond(stamp.start(), LENIENCE)) {
            return Some(
                self.found(Code::ArtifactMadeLater, format!("its name bears {stamp}, the text that cites it {at}")),
            );
        }
        if self.present.folder {
            return None;
        }
        match self.present.made? {
            Made { first: Some(first), .. } => {
                // A repository that was imported later has both in its first commit.
                let known = self.subject.made.and_then(|made| made.first).is_none_or(|document| first > document);
                (known && beyond(first, COMMIT_LENIENCE)).then(|| {
                    self.found(Code::ArtifactMadeLater, format!("it was first committed at {}, the text that cites it bears {at}", second(first)))
                })
            }
            Made { last, witness: Witness::FileSystem, .. } => {
                (self.is_shown_by_time() && beyond(last, COMMIT_LENIENCE)).then(|| {
                    let actual = format!("the file was changed at {}, the text that cites it bears {at}; without git that may be the time of a copy", second(last));
                    self.found(Code::ArtifactTimeUnknown, actual)
                })
            }
            Made { .. } => None,
        }
    }

    /// A file that shows something, whose own name bears no time.
    fn is_shown_by_time(&self) -> bool {
        is_evidence(&self.citation.path) && stamp(&self.citation.path).is_none()
    }

    fn stale(&self) -> Option<Finding> {
        if !is_evidence(&self.citation.path) && self.citation.manner != Manner::Evidence || self.present.folder {
            return None;
        }
        let text = self.subject.document.when(self.claim);
        let seen = text.map_or(self.measure.now, Moment::start);
        let stamp = stamp(&self.citation.path);
        // What is kept up to date is not evidence of a day: only files that are made once can be stale.
        if stamp.is_none() && !is_evidence(&self.citation.path) {
            return None;
        }
        let made = stamp.map(Moment::end).or(self.present.made.map(|made| made.last))?;
        let age = seen.duration_since(made);
        (age > self.measure.max_age).then(|| {
            let from =
                stamp.map_or_else(|| format!("was last changed at {}", second(made)), |stamp| format!("bears {stamp}"));
            let by = text.map_or_else(
                || format!("seen from {}", second(seen)),
                |text| format!("the text that cites it bears {text}"),
            );
            let days = self.measure.max_age.as_hours() / 24;
            self.found(
                Code::ArtifactStale,
                format!("it {from}, and {by}: {} days, more than {days}", age.as_hours() / 24),
            )
        })
    }
}

/// To the second, as people read it.
fn second(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
