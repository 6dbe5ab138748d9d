//! Readiness over time: the judgement as of each run, and what has changed since one of them.
//!
//! The past is judged by today's inventory and policy, by what the ledger held then, and by the contract that the evidence
//! of then speaks of.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::entry::History;
use crate::domain::evidence::{Class, Evidence};
use crate::domain::integration::Name;
use crate::domain::inventory::Inventory;
use crate::domain::readiness::shown::Shown;
use crate::domain::readiness::{Cell, Criterion, CurrentContract, Readiness, State, Verdict, judge_shown};
use crate::domain::record::Kind;

/// The version of [`Timeline`] as a file.
pub const VERSION: u32 = 1;

/// How many runs are looked back on.
pub const MOST: usize = 30;

/// Readiness as of each of the last runs, the oldest first, and now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Timeline {
    pub version: u32,
    pub judged: Timestamp,
    pub moments: Vec<Moment>,
    /// What was ever required or ever known, in the order of environments, integrations and criteria.
    pub strips: Vec<Strip>,
    pub verdicts: Vec<Verdicts>,
    /// What changed since the run before the last one, and since the moment that was asked for.
    pub since: Vec<Since>,
}

/// A moment at which was judged: behind a run, or now.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Moment {
    /// The last entry that was known.
    pub sequence: u64,
    pub at: Timestamp,
    /// The run's record; absent for now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
}

/// One cell at every moment.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Strip {
    pub environment: String,
    pub integration: Name,
    pub criterion: Criterion,
    pub states: Vec<State>,
}

/// One environment's verdict at every moment.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Verdicts {
    pub environment: String,
    pub verdicts: Vec<Verdict>,
}

/// Where a comparison begins.
#[derive(Clone, Debug)]
pub struct Beginning {
    /// What it is called: `the last run`, `v1.2.0`.
    pub label: String,
    /// The last entry that was known.
    pub sequence: u64,
    pub at: Timestamp,
}

/// What is not as it was.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Since {
    pub label: String,
    pub at: Timestamp,
    /// The last entry that was known; 0 when the ledger had none.
    pub sequence: u64,
    pub changes: Vec<Change>,
}

/// One cell that has another state, or one verdict.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Change {
    pub environment: String,
    pub integration: Name,
    pub criterion: Criterion,
    pub required: bool,
    pub from: State,
    pub to: State,
    /// Why it is so now.
    pub reason: String,
}

/// Judges the last [`MOST`] runs and now, and compares now with the run before the last one and with `beginnings`.
pub fn timeline(
    inventory: &Inventory,
    contracts: &BTreeMap<Name, CurrentContract>,
    history: &History,
    now: Timestamp,
    beginnings: &[Beginning],
) -> Timeline {
    let mut past = Past { inventory, contracts, shown: Shown::new(history) };
    let runs = runs(history);
    let mut moments: Vec<Moment> = runs[runs.len().saturating_sub(MOST)..].to_vec();
    let mut judged: Vec<Readiness> = moments.iter().map(|moment| past.judge(moment.sequence, moment.at)).collect();
    past.shown.look_back_to(u64::MAX);
    let today = judge_shown(inventory, contracts, &past.shown, now);
    let mut since = Vec::new();
    // The last run is the newest entry; what changed since then is what came with it.
    if let Some(before) = runs.len().checked_sub(2).map(|index| &runs[index]) {
        let then = past.judge(before.sequence, before.at);
        let beginning = Beginning { label: "the run before".into(), sequence: before.sequence, at: before.at };
        since.push(changed(&beginning, &then, &today));
    }
    for beginning in beginnings {
        let then = past.judge(beginning.sequence, beginning.at);
        since.push(changed(beginning, &then, &today));
    }
    moments.push(Moment { sequence: history.entries.last().map_or(0, |entry| entry.sequence), at: now, record: None });
    judged.push(today);
    Timeline { version: VERSION, judged: now, strips: strips(&judged), verdicts: verdicts(&judged), moments, since }
}

/// The last entry that was written at or before a time.
pub fn sequence_at(history: &History, at: Timestamp) -> u64 {
    history.entries.iter().filter(|entry| entry.written <= at).map(|entry| entry.sequence).max().unwrap_or(0)
}

/// Every run that left evidence, by its last entry.
fn runs(history: &History) -> Vec<Moment> {
    let mut runs: Vec<Moment> = Vec::new();
    let mut known: BTreeMap<&str, usize> = BTreeMap::new();
    for entry in &history.entries {
        let Some(shown) = entry.evidence() else { continue };
        let moment = Moment { sequence: entry.sequence, at: entry.written, record: Some(shown.record.clone()) };
        match known.get(shown.record.as_str()).copied() {
            // A run's entries stand together; an older record that is spoken of again is a run of its own.
            Some(index) if index + 1 == runs.len() => runs[index] = moment,
            _ => {
                known.insert(&shown.record, runs.len());
                runs.push(moment);
            }
        }
    }
    runs
}

struct Past<'a> {
    inventory: &'a Inventory,
    contracts: &'a BTreeMap<Name, CurrentContract>,
    shown: Shown<'a>,
}

impl Past<'_> {
    fn judge(&mut self, until: u64, at: Timestamp) -> Readiness {
        self.shown.look_back_to(until);
        let contracts = self.contracts.iter().map(|(name, contract)| (name.clone(), self.then(name, contract)));
        judge_shown(self.inventory, &contracts.collect(), &self.shown, at)
    }

    /// The contract as the newest run of then knew it: today's hash would call all of the past stale.
    fn then(&self, name: &Name, contract: &CurrentContract) -> CurrentContract {
        let of_contract = |shown: &&Evidence| shown.kind == Kind::ContractRun && shown.class == Class::Measured;
        let newest = self.shown.of(name).iter().rev().map(|(_, shown)| *shown).find(of_contract);
        let hash = newest.and_then(|shown| shown.contract_hash.clone());
        CurrentContract { hash: hash.unwrap_or_else(|| contract.hash.clone()), ..contract.clone() }
    }
}

/// Each cell in a judgement's order, with where it stands.
fn cells(readiness: &Readiness) -> impl Iterator<Item = (&str, &Name, &Cell)> {
    readiness.environments.iter().flat_map(|judged| {
        judged.rows.iter().flat_map(move |row| {
            row.cells.iter().map(move |cell| (judged.environment.as_str(), &row.integration, cell))
        })
    })
}

/// All judgements are of one inventory, so that the same cell stands at the same place in each.
fn strips(judged: &[Readiness]) -> Vec<Strip> {
    let mut strips: Vec<Strip> = Vec::new();
    let mut told: BTreeSet<usize> = BTreeSet::new();
    for readiness in judged {
        for (index, (environment, integration, cell)) in cells(readiness).enumerate() {
            if index == strips.len() {
                strips.push(Strip {
                    environment: environment.to_owned(),
                    integration: integration.clone(),
                    criterion: cell.criterion,
                    states: Vec::with_capacity(judged.len()),
                });
            }
            if cell.required || !matches!(cell.state, State::Unknown | State::NotApplicable) {
                told.insert(index);
            }
            strips[index].states.push(cell.state);
        }
    }
    strips.into_iter().enumerate().filter(|(index, _)| told.contains(index)).map(|(_, strip)| strip).collect()
}

fn verdicts(judged: &[Readiness]) -> Vec<Verdicts> {
    let mut verdicts: Vec<Verdicts> = Vec::new();
    for readiness in judged {
        for (index, environment) in readiness.environments.iter().enumerate() {
            if index == verdicts.len() {
                verdicts.push(Verdicts { environment: environment.environment.clone(), verdicts: Vec::new() });
            }
            verdicts[index].verdicts.push(environment.verdict);
        }
    }
    verdicts
}

fn changed(beginning: &Beginning, then: &Readiness, today: &Readiness) -> Since {
    let changes = cells(then)
        .zip(cells(today))
        .filter(|((_, _, before), (_, _, now))| before.state != now.state)
        .map(|((_, _, before), (environment, integration, now))| Change {
            environment: environment.to_owned(),
            integration: integration.clone(),
            criterion: now.criterion,
            required: now.required,
            from: before.state,
            to: now.state,
            reason: now.reason.clone(),
        })
        .collect();
    Since { label: beginning.label.clone(), at: beginning.at, sequence: beginning.sequence, changes }
}
