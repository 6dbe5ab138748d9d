//! What a document says against itself in its own lines: calculations, totals, sessions, `all is done`.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::domain::claim::amount::{plain, told};
use crate::domain::claim::citation::{Citation, Extent};
use crate::domain::claim::document::{Claim, What};
use crate::domain::claim::figure::Figure;
use crate::domain::claim::finding::{Code, Finding};
use crate::domain::claim::judge::Subject;
use crate::domain::moment::Moment;

pub fn judge(subject: &Subject) -> Vec<Finding> {
    let mut found = Vec::new();
    let (entries, unfinished) = (entries(subject), unfinished(subject));
    for claim in &subject.document.claims {
        match &claim.what {
            What::Slip { code, actual } => found.push(subject.finding(*code, claim, actual.clone())),
            What::Summed { total, parts } if total != parts => {
                found.push(subject.finding(Code::SumWrong, claim, format!("the items above it add up to {parts}")));
            }
            What::Total { minutes, parts, grand } => found.extend(total(subject, claim, *minutes, *parts, *grand)),
            What::Lasted(minutes) => found.extend(lasted(subject, claim, *minutes, &entries)),
            What::AllDone { noun } => found.extend(all_done(subject, claim, noun, &unfinished)),
            _ => {}
        }
    }
    found.extend(extents(subject));
    found.extend(labels(subject));
    found
}

fn total(subject: &Subject, claim: &Claim, minutes: f64, parts: Option<f64>, grand: bool) -> Option<Finding> {
    let Some(parts) = parts else {
        return (!grand)
            .then(|| subject.finding(Code::CountNotShown, claim, "not every item above it says how long it takes"));
    };
    let wrong = (minutes - parts).abs() > 0.01 * minutes;
    let of = if grand { "totals" } else { "items" };
    wrong.then(|| {
        subject.finding(Code::SumWrong, claim, format!("the {of} above it add up to {} hours", plain(parts / 60.0)))
    })
}

/// The times that the document's headings bear, in order.
fn entries(subject: &Subject) -> Vec<Timestamp> {
    let dated = subject.document.sections.iter().filter(|section| section.dated);
    let mut times: Vec<Timestamp> = dated
        .filter_map(|section| if let Some(Moment::Time(time)) = section.when { Some(time) } else { None })
        .collect();
    times.sort_unstable();
    times
}

/// The time that a session took, against the first and the last time in the document's headings.
fn lasted(subject: &Subject, claim: &Claim, minutes: f64, entries: &[Timestamp]) -> Option<Finding> {
    let [first, _, .., last] = entries else { return None };
    #[expect(clippy::cast_precision_loss, reason = "a span of minutes is far below 2^52")]
    let span = last.duration_since(*first).as_mins() as f64;
    (minutes > span * 1.5 + 30.0).then(|| {
        let actual = format!(
            "its entries run from {} to {}: {}",
            first.strftime("%Y-%m-%d %H:%M"),
            last.strftime("%Y-%m-%d %H:%M UTC"),
            told(span)
        );
        subject.finding(Code::ContradictsItself, claim, actual)
    })
}

/// Counts that are looked at for one that contradicts `all is done`.
const MOST_COUNTS: usize = 1000;

/// Counts of what is not all done.
fn unfinished(subject: &Subject) -> Vec<(&Claim, &Figure)> {
    let unfinished = |claim: &'_ Claim| matches!(&claim.what, What::Counted { figure, .. } if figure.done < figure.of && figure.status && !figure.counts_open);
    let counts = subject.document.claims.iter().filter(|claim| unfinished(claim)).take(MOST_COUNTS);
    counts
        .filter_map(|claim| if let What::Counted { figure, .. } = &claim.what { Some((claim, figure)) } else { None })
        .collect()
}

fn all_done(subject: &Subject, claim: &Claim, noun: &str, unfinished: &[(&Claim, &Figure)]) -> Option<Finding> {
    const TASKS: [&str; 3] = ["task", "work", "item"];
    let stem = |word: &str| word.trim_end_matches('s').to_owned();
    let noun = stem(noun);
    let same = |figure: &Figure| {
        figure
            .noun
            .split(' ')
            .map(stem)
            .any(|word| word == noun || TASKS.contains(&word.as_str()) && TASKS.contains(&noun.as_str()))
    };
    let day = |claim: &Claim| {
        subject.document.sections.get(claim.section).and_then(|section| section.when).map(Moment::start)
    };
    let (other, _) = unfinished.iter().find(|(other, figure)| same(figure) && day(other) == day(claim))?;
    Some(subject.finding(Code::ContradictsItself, claim, format!("line {} says {}", other.spot.line, other.said)))
}

/// One file that is given two lengths.
fn extents(subject: &Subject) -> Vec<Finding> {
    let mut known: BTreeMap<&str, (Extent, usize)> = BTreeMap::new();
    let mut found = Vec::new();
    for claim in &subject.document.claims {
        let What::Cited { citation: Citation { path, extent: Some(extent), .. }, .. } = &claim.what else { continue };
        match known.get(path.as_str()) {
            Some((other, line)) if !other.agrees(*extent) => {
                let shown = |extent: &Extent| format!("{}{}", extent.lines, if extent.at_least { "+" } else { "" });
                let actual = format!("here it has {} lines, in line {line} it had {}", shown(extent), shown(other));
                found.push(subject.finding(Code::ContradictsItself, claim, actual));
            }
            Some(_) => {}
            None => drop(known.insert(path, (*extent, claim.spot.line))),
        }
    }
    found
}

/// One label with two counts of the same whole, on one day.
fn labels(subject: &Subject) -> Vec<Finding> {
    let mut known = BTreeMap::new();
    let mut found = Vec::new();
    for claim in &subject.document.claims {
        let What::Counted { figure, .. } = &claim.what else { continue };
        let Some((label, _)) = claim.line.split_once(':').filter(|_| figure.status && !figure.all) else { continue };
        let label: Vec<String> = label
            .split(|letter: char| !letter.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_lowercase)
            .collect();
        let when = subject.document.sections.get(claim.section).and_then(|section| section.when).map(Moment::start);
        if label.is_empty() || label.len() > 5 {
            continue;
        }
        let key = (label, figure.of, when, figure.noun.clone());
        match known.get(&key) {
            Some((done, line)) if *done != figure.done => {
                found.push(subject.finding(
                    Code::ContradictsItself,
                    claim,
                    format!("line {line} says {done} of {}", figure.of),
                ));
            }
            Some(_) => {}
            None => drop(known.insert(key, (figure.done, claim.spot.line))),
        }
    }
    found
}
