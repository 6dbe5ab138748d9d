//! Joins the records of the parts of one run: in any order, and twice as well as once; what is not of one run is refused.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use sha2::{Digest, Sha256};

use crate::domain::integration::Name;
use crate::domain::record::{ContractRun, Details, HostEvidence, Kind, OperationCoverage, Record};
use crate::domain::shard::{Piece, Shard};

/// Parts of one run began and ended within this: evidence ages, and an old part would look young.
const WITHIN: SignedDuration = SignedDuration::from_hours(24);

/// Request ids that are kept of a host, as in a run of one piece.
const MOST_REQUEST_IDS: usize = 10;

/// Why records cannot be joined.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Unmergeable {
    #[error("there is nothing to join")]
    Nothing,
    #[error("{0} is no part of a run that was split with --shard")]
    NoShard(String),
    #[error("{0} was changed after it was made")]
    Changed(String),
    #[error("{one} and {other} differ in {what}")]
    Differ { what: String, one: String, other: String },
    #[error("part {index}/{of} is there twice, with two different outcomes: {one} and {other}")]
    Twice { index: u32, of: u32, one: String, other: String },
    #[error("{one} and {other} share some parts and not others")]
    Overlap { one: String, other: String },
    #[error("the parts were run more than {} hours apart", WITHIN.as_hours())]
    Apart,
}

impl Unmergeable {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Nothing | Self::NoShard(_) => "name the records that `preflight check --shard i/n` wrote",
            Self::Changed(_) => "run that part again",
            Self::Differ { .. } => "join parts of one run: the same contracts, program, target, environment and seed",
            Self::Twice { .. } => "leave out the one that does not count: which one is for you to say, and not for us",
            Self::Overlap { .. } => "join the parts themselves, and not what was joined of them",
            Self::Apart => "run the old parts again: joined with young ones they would look as young",
        }
    }
}

/// Makes a record the record of a part.
pub fn part(mut record: Record, shard: Shard, index: u32) -> Record {
    settle(&mut record, &shard);
    let piece = Piece { digest: digest(&record), started: record.started, finished: record.finished };
    let partial = true;
    let shard = Shard { partial: record.partial, pieces: BTreeMap::from([(index, piece)]), ..shard };
    Record { partial, details: Some(Details::Shard(Box::new(shard))), ..record }
}

/// Puts everything where it stands in whatever is joined, so that a part that is joined with nothing stays what it is.
fn settle(record: &mut Record, shard: &Shard) {
    record.contracts.sort_by(|one, other| one.integration.cmp(&other.integration));
    for run in &mut record.contracts {
        run.scenarios.sort_by(|one, other| (&one.place, &one.name).cmp(&(&other.place, &other.name)));
        run.left_out.sort_by(|one, other| (&one.place, &one.name).cmp(&(&other.place, &other.name)));
        let witness = shard.witness.get(&run.integration).cloned().unwrap_or_default();
        (run.unseen, run.unseen_in_schemas) = (witness.unseen(), witness.unseen_in_schemas());
    }
}

/// Of what a part brought.
fn digest(record: &Record) -> String {
    // Everything in it was made to be written as JSON.
    hex::encode(Sha256::digest(serde_json::to_vec(&record.contracts).unwrap_or_default()))
}

/// Joins records. Whole when all parts are there, partial else.
///
/// # Errors
/// They are not parts of one run.
pub fn merge(records: Vec<Record>) -> Result<Record, Unmergeable> {
    let mut parts = Vec::new();
    for record in records {
        let shard = match &record.details {
            Some(Details::Shard(shard)) if !shard.pieces.is_empty() => (**shard).clone(),
            _ => return Err(Unmergeable::NoShard(record.id)),
        };
        let mut pieces = shard.pieces.values();
        if let (Some(only), None) = (pieces.next(), pieces.next())
            && only.digest != digest(&record)
        {
            return Err(Unmergeable::Changed(record.id));
        }
        parts.push((shard, record));
    }
    // Whatever is found and made does not depend on the order in which they were named.
    parts.sort_by(|one, other| one.0.pieces.cmp(&other.0.pieces));
    let parts = apart(parts)?;
    let first = parts.first().ok_or(Unmergeable::Nothing)?;
    for other in &parts[1..] {
        same(first, other)?;
    }
    joined(parts)
}

/// Leaves out what is wholly within another.
fn apart(parts: Vec<(Shard, Record)>) -> Result<Vec<(Shard, Record)>, Unmergeable> {
    let mut kept: Vec<(Shard, Record)> = Vec::new();
    // The largest first, so that what is within another comes after it.
    let mut largest = parts;
    largest.sort_by_key(|(shard, _)| std::cmp::Reverse(shard.pieces.len()));
    'parts: for (shard, record) in largest {
        for (other, known) in &kept {
            let shared: Vec<u32> =
                shard.pieces.keys().filter(|index| other.pieces.contains_key(index)).copied().collect();
            if let Some(index) = shared.iter().find(|index| shard.pieces.get(index) != other.pieces.get(index)) {
                let (one, other) = (known.id.clone(), record.id);
                return Err(Unmergeable::Twice { index: *index, of: shard.of, one, other });
            }
            if shared.len() == shard.pieces.len() {
                same(&(other.clone(), known.clone()), &(shard, record))?;
                continue 'parts;
            }
            if !shared.is_empty() {
                return Err(Unmergeable::Overlap { one: known.id.clone(), other: record.id });
            }
        }
        kept.push((shard, record));
    }
    kept.sort_by(|one, other| one.0.pieces.cmp(&other.0.pieces));
    Ok(kept)
}

/// Refuses what was not asked of the same contracts, in the same way.
fn same((shard, one): &(Shard, Record), (other_shard, other): &(Shard, Record)) -> Result<(), Unmergeable> {
    let hashes = |record: &Record| -> BTreeMap<Name, String> {
        record.contracts.iter().map(|run| (run.integration.clone(), run.contract_hash.to_string())).collect()
    };
    let table = [
        ("what they are records of", one.kind == other.kind && one.kind == Kind::ContractRun),
        ("their format", one.version == other.version),
        ("the program that made them", one.tool == other.tool),
        ("their workspace", one.workspace == other.workspace && one.workspace_hash == other.workspace_hash),
        ("their target", one.target == other.target),
        ("their environment", one.environment == other.environment),
        ("their seed", one.seed == other.seed),
        ("their contracts", hashes(one) == hashes(other)),
        ("how many parts there are", shard.of == other_shard.of),
        ("the scenarios that were asked for", shard.plan == other_shard.plan && shard.partial == other_shard.partial),
    ];
    match table.into_iter().find(|(_, same)| !same) {
        None => Ok(()),
        Some((what, _)) => {
            let (one, other) = (one.id.clone(), other.id.clone());
            Err(Unmergeable::Differ { what: what.to_owned(), one, other })
        }
    }
}

fn joined(parts: Vec<(Shard, Record)>) -> Result<Record, Unmergeable> {
    let mut parts = parts.into_iter();
    let (mut shard, mut whole) = parts.next().ok_or(Unmergeable::Nothing)?;
    for (other, record) in parts {
        for (name, witness) in &other.witness {
            shard.witness.entry(name.clone()).or_default().join(witness);
        }
        shard.pieces.extend(other.pieces);
        whole.interrupted |= record.interrupted;
        for run in record.contracts {
            match whole.contracts.iter_mut().find(|known| known.integration == run.integration) {
                Some(known) => absorb(known, run),
                None => whole.contracts.push(run),
            }
        }
    }
    let started = shard.pieces.values().map(|piece| piece.started).min().ok_or(Unmergeable::Nothing)?;
    let finished = shard.pieces.values().map(|piece| piece.finished).max().ok_or(Unmergeable::Nothing)?;
    if finished.duration_since(started) > WITHIN {
        return Err(Unmergeable::Apart);
    }
    settle(&mut whole, &shard);
    let pieces = shard
        .pieces
        .iter()
        .map(|(index, piece)| format!("{index}/{}:{}", shard.of, &piece.digest[..piece.digest.len().min(12)]));
    whole.command = ["preflight".to_owned(), "merge".to_owned()].into_iter().chain(pieces).collect();
    whole.id = format!("{}-{:08x}", started.strftime("%Y%m%dT%H%M%S%3fZ"), whole.seed & 0xffff_ffff);
    (whole.started, whole.finished) = (started, finished);
    whole.partial = shard.partial || !shard.missing().is_empty();
    whole.details = Some(Details::Shard(Box::new(shard)));
    Ok(whole)
}

/// Takes in what another part of the run brought of the same contract.
fn absorb(whole: &mut ContractRun, part: ContractRun) {
    whole.scenarios.extend(part.scenarios);
    whole.left_out.extend(part.left_out);
    whole.modelled = whole.modelled.take().or(part.modelled);
    // A part that had no scenario of this contract knows none of its operations.
    for operation in part.operations {
        match whole.operations.iter_mut().find(|known| known.id == operation.id) {
            Some(known) => *known = sum(known, &operation),
            None => whole.operations.push(operation),
        }
    }
    let gaps: BTreeSet<String> = whole.gaps.drain(..).chain(part.gaps).collect();
    whole.gaps = gaps.into_iter().collect();
    for unreadable in part.unreadable {
        let known =
            whole.unreadable.iter().any(|known| known.place == unreadable.place && known.message == unreadable.message);
        if !known {
            whole.unreadable.push(unreadable);
        }
    }
    whole.host = match (whole.host.take(), part.host) {
        (Some(one), Some(other)) => Some(same_host(one, other)),
        (one, other) => one.or(other),
    };
}

fn sum(one: &OperationCoverage, other: &OperationCoverage) -> OperationCoverage {
    let (asked, kept) = (one.asked.saturating_add(other.asked), one.kept.saturating_add(other.kept));
    OperationCoverage { asked, kept, ..one.clone() }
}

/// Who answered both; a part that asked nobody knows no address.
fn same_host(one: HostEvidence, other: HostEvidence) -> HostEvidence {
    let all = |one: Vec<String>, other: Vec<String>| -> Vec<String> {
        one.into_iter().chain(other).collect::<BTreeSet<String>>().into_iter().collect()
    };
    let mut request_ids = all(one.request_ids, other.request_ids);
    request_ids.truncate(MOST_REQUEST_IDS);
    HostEvidence {
        addresses: all(one.addresses, other.addresses),
        request_ids,
        certificate: one.certificate.max(other.certificate),
        ..HostEvidence { base_url: one.base_url.max(other.base_url), ..HostEvidence::default() }
    }
}

#[cfg(test)]
mod tests;
