//! What the ledger says of scenarios and records.

use crate::domain::claim::document::{Claim, What};
use crate::domain::claim::fact::{Fact, Present};
use crate::domain::claim::figure::Figure;
use crate::domain::claim::finding::{Code, Finding};
use crate::domain::claim::judge::Subject;
use crate::domain::claim::testimony::{Testimony, targets};
use crate::domain::evidence::Evidence;
use crate::domain::integration::Name;

/// Adds what contradicts the ledger, and returns the claims of which it speaks.
pub fn judge(subject: &Subject, testimony: &Testimony, found: &mut Vec<Finding>) -> Vec<usize> {
    let mut judged = Vec::new();
    for (index, (claim, fact)) in subject.claims().enumerate() {
        match (&claim.what, fact) {
            (What::Counted { figure, .. }, _) => match counted(subject, testimony, claim, figure) {
                Some(Ok(())) => judged.push(index),
                Some(Err(finding)) => {
                    judged.push(index);
                    found.push(*finding);
                }
                None => {}
            },
            (What::Cited { .. }, Some(Fact::Present(present))) => {
                found.extend(record(subject, testimony, claim, present));
            }
            _ => {}
        }
    }
    judged
}

/// Confirmed, contradicted, or no business of the ledger's.
fn counted(
    subject: &Subject,
    testimony: &Testimony,
    claim: &Claim,
    figure: &Figure,
) -> Option<Result<(), Box<Finding>>> {
    let about = |words: &[&str]| {
        figure
            .noun
            .split(' ')
            .chain(claim.line.split(|letter: char| !letter.is_alphanumeric()))
            .any(|word| words.contains(&word.to_lowercase().as_str()))
    };
    if figure.all || figure.counts_open || !about(&["scenario", "scenarios", "promises"]) {
        return None;
    }
    let named = match testimony.named(&claim.line).as_slice() {
        [] => testimony.named(subject.document.title(claim)),
        named => named.to_vec(),
    };
    let [name] = named.as_slice() else { return None };
    let until = subject.document.when(claim);
    let newest: Vec<&Evidence> = testimony
        .newest(name, until)
        .into_iter()
        .filter(|entry| targets(&claim.line).contains(&entry.target))
        .collect();
    if newest.is_empty() {
        return Some(Err(Box::new(subject.finding(Code::NotInLedger, claim, unknown(name, testimony)))));
    }
    let (done, of) = (figure.done, figure.of);
    let same = |entry: &&&Evidence| (u64::from(entry.counts.kept), u64::from(entry.counts.total())) == (done, of);
    if newest.iter().any(|entry| same(&entry)) {
        return Some(Ok(()));
    }
    let told = newest.iter().map(|entry| said(entry)).collect::<Vec<_>>().join("; ");
    Some(Err(Box::new(subject.finding(
        Code::ContradictsLedger,
        claim,
        format!("the newest evidence of {name}: {told}"),
    ))))
}

fn unknown(name: &Name, testimony: &Testimony) -> String {
    if testimony.evidence.iter().any(|entry| entry.integration == *name) {
        format!("the ledger has no whole run of {name} on that target and up to that time")
    } else {
        format!("the ledger has no run of {name}")
    }
}

fn said(entry: &Evidence) -> String {
    let counts = entry.counts;
    let target = format!("{:?}", entry.target).to_lowercase();
    let wheres = entry.environment.as_ref().map(|environment| format!(" in {environment}")).unwrap_or_default();
    format!(
        "{} of {} scenarios kept, {target}{wheres}, {} ({})",
        counts.kept,
        counts.total(),
        entry.started.strftime("%Y-%m-%dT%H:%M:%SZ"),
        entry.record
    )
}

/// A record is what its entry says it is.
fn record(subject: &Subject, testimony: &Testimony, claim: &Claim, present: &Present) -> Option<Finding> {
    let digest = present.digest.as_ref()?;
    let path = present.path.as_str();
    path.contains("records/").then_some(())?;
    match testimony.evidence.iter().find(|entry| path == entry.record || path.ends_with(&format!("/{}", entry.record)))
    {
        Some(entry) if entry.digest != *digest => Some(subject.finding(
            Code::ContradictsLedger,
            claim,
            "the ledger's entry was made for a record with another digest: this one was changed",
        )),
        Some(_) => None,
        None => Some(subject.finding(Code::NotInLedger, claim, "no entry of the ledger speaks of this record")),
    }
}
