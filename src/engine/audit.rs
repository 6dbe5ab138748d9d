//! Audits documents: reads their claims, finds out what is true, and judges.

use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};

use crate::adapter::artifacts::{Artifacts, Asked};
use crate::adapter::documents::{self, Found, Unread};
use crate::adapter::encoding;
use crate::adapter::ledger::{Ledger, LedgerError};
use crate::adapter::workspace::Workspace;
use crate::domain::chain::reading::{Lost, Reading};
use crate::domain::claim::audit::{Audit, Claims, Mention, Read, Skipped, VERSION};
use crate::domain::claim::document::{Document, What};
use crate::domain::claim::finding::{Code, Finding, Place};
use crate::domain::claim::judge::artifact::passing;
use crate::domain::claim::judge::{Measure, Subject, judge};
use crate::domain::claim::reader::read;
use crate::domain::claim::testimony::{Known, Testimony};
use crate::domain::evidence::Evidence;
use crate::domain::integration::Name;

/// What to audit, and by what.
#[derive(Clone, Debug)]
pub struct Order {
    /// Files and folders.
    pub paths: Vec<PathBuf>,
    /// Where cited paths are looked for.
    pub root: PathBuf,
    pub now: Timestamp,
    pub max_age_days: u32,
    /// Also documents that git would ignore.
    pub ignored: bool,
}

/// Audits documents against their files and the ledger.
///
/// # Errors
/// A path that is named does not exist.
pub fn audit(order: &Order, testimony: &Testimony) -> anyhow::Result<Audit> {
    let Found { documents, others, unread } = documents::find(&order.paths, order.ignored)?;
    let mut skipped: Vec<Skipped> = unread.into_iter().map(|(file, reason)| Skipped { file, reason }).collect();
    let (mut subjects, mut paths, mut unreadable) = (Vec::new(), Vec::new(), Vec::new());
    for (path, named) in documents {
        let file = path.display().to_string();
        match document(&path) {
            Ok(document) => {
                subjects.push(Subject { file, facts: vec![None; document.claims.len()], document, made: None, named });
                paths.push(path);
            }
            Err(Unread::Binary) => skipped.push(Skipped { file, reason: Unread::Binary.to_string() }),
            Err(error) => unreadable.push(not_read(file, &error)),
        }
    }
    find_out(order, &mut subjects, &paths);
    let max_age = SignedDuration::from_hours(i64::from(order.max_age_days) * 24);
    let mut findings = judge(&subjects, testimony, Measure { now: order.now, max_age });
    findings.extend(unreadable);
    let documents = subjects.into_iter().map(summed).collect();
    let root = order.root.display().to_string();
    Ok(Audit {
        version: VERSION,
        at: order.now,
        root,
        max_age_days: order.max_age_days,
        documents,
        skipped,
        others,
        findings,
    })
}

fn summed(subject: Subject) -> Read {
    let mentions = passing(&subject).into_iter().map(|(line, path)| Mention { line, path }).collect();
    Read { file: subject.file, lines: subject.document.lines, claims: Claims::of(&subject.document), mentions }
}

fn document(path: &Path) -> Result<Document, Unread> {
    let bytes = documents::read(path)?;
    Ok(read(encoding::text(&bytes)?))
}

fn not_read(file: String, error: &Unread) -> Finding {
    let line = if let Unread::NotText(error) = error { error.line() } else { 1 };
    let code = Code::Unreadable;
    Finding {
        code,
        verdict: code.verdict(),
        place: Place { file, line, column: 1 },
        claimed: String::new(),
        actual: error.to_string(),
    }
}

/// Asks for every path that is cited, at once.
fn find_out(order: &Order, subjects: &mut [Subject], paths: &[PathBuf]) {
    let artifacts = Artifacts::below(&order.root);
    let (mut asked, mut whose) = (Vec::new(), Vec::new());
    for (index, (subject, path)) in subjects.iter().zip(paths).enumerate() {
        let beside = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        for (at, claim) in subject.document.claims.iter().enumerate() {
            let What::Cited { citation, .. } = &claim.what else { continue };
            let record = citation.path.contains("records/") && citation.path.to_lowercase().ends_with(".json");
            asked.push(Asked {
                beside: beside.to_owned(),
                path: citation.path.clone(),
                lines: citation.extent.is_some() || citation.line.is_some(),
                digest: citation.digest.is_some() || record,
            });
            whose.push((index, at));
        }
    }
    for ((index, at), fact) in whose.into_iter().zip(artifacts.facts(&asked)) {
        if let Some(own) = subjects.get_mut(index).and_then(|subject| subject.facts.get_mut(at)) {
            *own = Some(fact);
        }
    }
    for (subject, made) in subjects.iter_mut().zip(artifacts.made(paths)) {
        subject.made = made;
    }
}

/// What the ledger of a workspace knows, and the lines of it that are none.
///
/// # Errors
/// The ledger is there and cannot be read.
pub fn testimony(workspace: &Workspace, ledger: &Ledger) -> Result<(Testimony, Vec<Lost>), LedgerError> {
    let Reading { history, lost } = ledger.read()?;
    let evidence: Vec<Evidence> = history.evidence().map(|(_, evidence)| evidence.clone()).collect();
    let known = |name: &Name| {
        let title = workspace.contracts.get(name).map(|contract| contract.manifest.title.clone());
        let declared = workspace.inventory.integrations.get(name).and_then(|integration| integration.title.clone());
        let plain = name.as_str().replace('-', " ");
        let words = [Some(name.as_str().to_owned()), Some(plain), title, declared].into_iter().flatten();
        Known { name: name.clone(), words: words.map(|word| word.to_lowercase()).collect() }
    };
    let names: std::collections::BTreeSet<&Name> = workspace
        .inventory
        .integrations
        .keys()
        .chain(workspace.contracts.keys())
        .chain(evidence.iter().map(|entry| &entry.integration))
        .collect();
    let integrations = names.into_iter().map(known).collect();
    Ok((Testimony { integrations, evidence }, lost))
}
