//! Records and archives held against the entries that speak of them.

use std::collections::{BTreeMap, HashSet};

use crate::domain::chain::Line;
use crate::domain::chain::hash::Hash;
use crate::domain::entry::Body;
use crate::domain::evidence::Evidence;
use crate::domain::ledger_audit::{Code, Flaw};
use crate::domain::probe::run::Probes;
use crate::domain::record::{Counts, Details, Kind, Record};

/// What stands in the place that an entry names.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Kept {
    /// Of the file.
    Digest(Hash),
    Gone,
    /// Not below the reports folder; it was not looked at.
    Outside,
    Unreadable(String),
}

/// What was found beside the ledger.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// By the path that entries name.
    pub records: BTreeMap<String, Kept>,
    /// Files among the records that no entry names.
    pub unlisted: Vec<String>,
    /// What the entry of the last line says that its record does not: nothing stands behind it that would vouch for it.
    pub disagreement: Option<String>,
    /// By the path that entries name.
    pub archives: BTreeMap<String, Kept>,
    /// Lines that stand in an archive.
    pub archived: HashSet<Hash>,
    /// Some lines were pruned and kept nowhere, or in an archive that cannot be read.
    pub discarded: bool,
}

/// What is wrong with records and archives.
pub fn flaws(lines: &[Line], found: &Found) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    for line in lines {
        let Ok(entry) = &line.entry else { continue };
        if let Some(shown) = entry.evidence() {
            if let Some(kept) = found.records.get(&shown.record) {
                let flaw = RECORD.flaw(&shown.record, |hash| hash.to_string() == shown.digest, kept);
                flaws.extend(flaw.map(|flaw| flaw.at(line)));
            }
        } else if let Body::Pruned(pruned) = &entry.body
            && let Some(archive) = &pruned.archive
            && let Some(kept) = found.archives.get(&archive.file)
        {
            let flaw = ARCHIVE.flaw(&archive.file, |hash| hash == archive.sha256, kept);
            flaws.extend(flaw.map(|flaw| flaw.at(line)));
        }
    }
    if let (Some(says), Some(line)) = (&found.disagreement, lines.last()) {
        flaws.push(Flaw::new(Code::RecordDisagrees, says.clone()).at(line));
    }
    let unlisted =
        found.unlisted.iter().map(|path| Flaw::new(Code::RecordUnlisted, format!("no entry speaks of {path}")));
    flaws.extend(unlisted);
    flaws
}

/// What an entry says that its record does not.
pub fn disagreement(shown: &Evidence, record: &Record) -> Option<String> {
    if let Some(Details::Probe(probes)) = &record.details {
        return disagreement_with(probes, shown);
    }
    // Work of another kind has an outcome of its own making.
    if !matches!(record.kind, Kind::ContractRun | Kind::Import | Kind::WebhookSuite) {
        return (shown.kind != record.kind).then(|| format!("its kind of work is not the one of {}", shown.record));
    }
    let frame = [
        ("kind of work", shown.kind == record.kind),
        ("target", shown.target == record.target),
        ("environment", shown.environment == record.environment),
        ("beginning", shown.started == record.started),
        ("end", shown.finished == record.finished),
        ("command", shown.command == record.command),
        ("completeness", shown.partial == (record.partial || record.interrupted)),
    ];
    if let Some((what, _)) = frame.iter().find(|(_, same)| !same) {
        return Some(format!("its {what} is not the one of {}", shown.record));
    }
    let (outcome, counts) = if let Some(Details::Import(import)) = &record.details {
        (import.outcome, import.counts)
    } else if let Some(Details::WebhookSuite(suite)) = &record.details {
        (suite.outcome(), suite.counts())
    } else if let Some(ran) = record.contracts.iter().find(|contract| contract.integration == shown.integration) {
        (ran.outcome(), ran.counts())
    } else {
        return Some(format!("{} holds no run of {}", shown.record, shown.integration));
    };
    if shown.outcome != outcome {
        let (says, is) = (shown.outcome.as_str(), outcome.as_str());
        return Some(format!("it says {says}, and {} says {is}", shown.record));
    }
    (shown.counts != counts).then(|| format!("its counts are not those of {}", shown.record))
}

/// What an entry says that the probes of its record do not.
fn disagreement_with(probes: &Probes, shown: &Evidence) -> Option<String> {
    if shown.kind != Kind::Probe {
        return Some(format!("its kind of work is not the one of {}", shown.record));
    }
    let own: Vec<_> = probes.runs.iter().filter(|run| run.integration == shown.integration).collect();
    let Some(outcome) = own.iter().map(|run| run.outcome).max() else {
        return Some(format!("{} holds no probe of {}", shown.record, shown.integration));
    };
    if shown.outcome != outcome {
        let (says, is) = (shown.outcome.as_str(), outcome.as_str());
        return Some(format!("it says {says}, and {} says {is}", shown.record));
    }
    let counts = Counts::of_outcomes(own.iter().map(|run| run.outcome));
    (shown.counts != counts).then(|| format!("its counts are not those of {}", shown.record))
}

/// A kind of file that entries name, and the codes of what can be wrong with one.
struct Named {
    noun: &'static str,
    changed: Code,
    gone: Code,
}

const RECORD: Named =
    Named { noun: "the record that it was made for", changed: Code::RecordChanged, gone: Code::RecordGone };

const ARCHIVE: Named =
    Named { noun: "the archive that was written", changed: Code::ArchiveChanged, gone: Code::ArchiveGone };

impl Named {
    fn flaw(&self, path: &str, is_it: impl FnOnce(Hash) -> bool, kept: &Kept) -> Option<Flaw> {
        let (code, says) = match kept {
            Kept::Digest(hash) if is_it(*hash) => return None,
            Kept::Digest(_) => (self.changed, format!("{path} is not {}", self.noun)),
            Kept::Gone => (self.gone, format!("{path} is gone")),
            Kept::Outside => (Code::RecordOutside, format!("{path} lies outside of the reports folder")),
            Kept::Unreadable(why) => (self.gone, why.clone()),
        };
        Some(Flaw::new(code, says))
    }
}
