//! How the cells of one integration came about: what evidence was looked at, and which lines of the policy decided.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::blocker::case::resolved;
use crate::domain::declaration::standing::Court;
use crate::domain::entry::History;
use crate::domain::evidence::{Class, Evidence};
use crate::domain::integration::Name;
use crate::domain::inventory::Inventory;
use crate::domain::policy::{MAX_AGE_HOURS, Policy};
use crate::domain::readiness::bench::Bench;
use crate::domain::readiness::shown::Shown;
use crate::domain::readiness::waive::waive;
use crate::domain::readiness::wanted;
use crate::domain::readiness::{Cell, Criterion, CurrentContract};
use crate::domain::record::{Kind, Outcome};
use crate::domain::target::Target;

/// How one cell came about.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Derivation {
    pub integration: Name,
    pub cell: Cell,
    pub policy: Vec<Rule>,
    /// The newest first, at most [`MOST`].
    pub looked_at: Vec<LookedAt>,
    /// Evidence of this kind that is older still.
    pub older: usize,
    /// Evidence of the integration that is of other work.
    pub of_other_work: usize,
}

/// A line of `preflight.yaml` that decided, or what holds where there is none.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Rule {
    /// The keys that lead there, empty where nothing is written.
    pub keys: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    pub says: String,
}

/// One piece of evidence that was looked at.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LookedAt {
    pub sequence: u64,
    pub kind: Kind,
    pub class: Class,
    pub target: Target,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    pub finished: Timestamp,
    pub outcome: Outcome,
    /// The cell rests on it.
    pub used: bool,
    /// Why it was used, or passed over.
    pub why: String,
}

/// How many pieces of evidence a derivation shows.
pub const MOST: usize = 8;

/// Derives every cell of one integration in one environment again, and says how.
pub fn explain(
    inventory: &Inventory,
    contracts: &BTreeMap<Name, CurrentContract>,
    history: &History,
    environment: &str,
    name: &Name,
    now: Timestamp,
) -> Vec<Derivation> {
    let policy = inventory.policy.get(environment).cloned().unwrap_or_default();
    let shown = Shown::new(history);
    let inventory = &resolved(inventory, history, environment, now);
    let bench = Bench { inventory, shown: &shown, environment, policy: &policy, now };
    let mut rows = [bench.row(name, contracts.get(name))];
    waive(&mut rows, &Court { inventory, history, environment, now });
    let [row] = rows;
    row.cells.into_iter().map(|cell| derive(&bench, name, cell)).collect()
}

fn derive(bench: &Bench<'_>, name: &Name, cell: Cell) -> Derivation {
    let criterion = cell.criterion;
    let all = bench.shown.of(name);
    let own = |shown: &Evidence| {
        let declared = shown.class == Class::Declared && shown.stands_for == Some(criterion);
        declared || (shown.class == Class::Measured && wanted::kind(criterion) == Some(shown.kind))
    };
    let concerned: Vec<_> = all.iter().rev().filter(|(_, shown)| own(shown)).collect();
    let looked_at = concerned.iter().take(MOST).map(|(sequence, shown)| looked_at(bench, &cell, *sequence, shown));
    Derivation {
        integration: name.clone(),
        policy: rules(bench, name, criterion),
        looked_at: looked_at.collect(),
        older: concerned.len().saturating_sub(MOST),
        of_other_work: all.len() - concerned.len(),
        cell,
    }
}

fn looked_at(bench: &Bench<'_>, cell: &Cell, sequence: u64, shown: &Evidence) -> LookedAt {
    let used = cell.proof.as_ref().map(|proof| proof.sequence);
    let why = match (bench.wanted(cell.criterion).passes_over(shown), used) {
        (Some(why), _) => why,
        (None, Some(used)) if used == sequence => cell.reason.clone(),
        (None, Some(used)) if sequence < used => format!("#{used} is newer"),
        (None, Some(_)) => "of other work than the cell rests on".to_owned(),
        (None, None) => "it cannot speak for this cell: see the reason".to_owned(),
    };
    LookedAt {
        sequence,
        kind: shown.kind,
        class: shown.class,
        target: shown.target,
        environment: shown.environment.clone(),
        finished: shown.finished,
        outcome: shown.outcome,
        used: used == Some(sequence),
        why,
    }
}

/// What the policy, and what else is written in the inventory, says of one cell.
fn rules(bench: &Bench<'_>, name: &Name, criterion: Criterion) -> Vec<Rule> {
    let (policy, environment) = (bench.policy, bench.environment);
    if !bench.inventory.policy.contains_key(environment) {
        return vec![unwritten(format!("no policy is written for {environment}, so nothing is required"))];
    }
    let written = |keys: &[&str], says: String| {
        let keys = ["policy", environment].iter().chain(keys).map(|key| (*key).to_owned()).collect();
        Rule { keys, line: None, says }
    };
    let mut rules = vec![match policy.require.iter().position(|required| *required == criterion) {
        Some(index) if policy.concerns(name) => {
            written(&["require", &index.to_string()], format!("{criterion} is required"))
        }
        Some(_) => written(&["integrations"], format!("the verdict is not about {name}")),
        None => written(&["require"], format!("{criterion} is not required")),
    }];
    if criterion != Criterion::Blockers {
        rules.push(match policy.max_age_hours.get(&criterion) {
            Some(hours) => written(&["max_age_hours", criterion.as_str()], format!("evidence holds for {hours} h")),
            None => unwritten(format!("evidence holds for {MAX_AGE_HOURS} h (the default)")),
        });
        rules.push(match policy.accept_declared.iter().position(|accepted| *accepted == criterion) {
            Some(index) => written(&["accept_declared", &index.to_string()], "declared evidence counts".to_owned()),
            None => unwritten("measured evidence alone counts (the default)".to_owned()),
        });
    }
    rules.extend(thresholds(policy, name, criterion).into_iter().map(|(keys, says)| {
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        written(&keys, says)
    }));
    rules.extend(declarations(bench, name, criterion));
    rules
}

fn thresholds(policy: &Policy, name: &Name, criterion: Criterion) -> Vec<(Vec<String>, String)> {
    let mut found = Vec::new();
    let mut add = |keys: &[&str], says: String| found.push((keys.iter().map(|key| (*key).to_owned()).collect(), says));
    if matches!(criterion, Criterion::ContractTwin | Criterion::ContractLive) {
        for (key, value, what) in [
            ("min_coverage", policy.min_coverage, "of the operations must be kept"),
            ("min_bite", policy.min_bite, "of mutated answers must be noticed"),
        ] {
            if let Some(value) = value {
                add(&[key], format!("{:.0} % {what}", value * 100.0));
            }
        }
    }
    if let Some(least) = policy.min_score.get(&criterion) {
        add(&["min_score", criterion.as_str()], format!("the score must reach {:.0} %", least * 100.0));
    }
    for (index, condition) in policy.conditions.iter().enumerate() {
        if condition.criterion == criterion && policy.concerns(name) && condition.concerns(name) {
            add(&["conditions", &index.to_string()], format!("condition `{}` must hold", condition.name));
        }
    }
    found
}

/// What people declare beside the policy.
fn declarations(bench: &Bench<'_>, name: &Name, criterion: Criterion) -> Vec<Rule> {
    let keys = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect();
    let mut rules = Vec::new();
    let integration = bench.inventory.integrations.get(name);
    if let Some(reason) = integration.and_then(|integration| integration.not_applicable.get(&criterion)) {
        rules.push(Rule {
            keys: keys(&["integrations", name.as_str(), "not_applicable", criterion.as_str()]),
            line: None,
            says: format!("declared n/a: {reason}"),
        });
    }
    if criterion == Criterion::Blockers {
        for (ticket, blocker) in bench.inventory.blockers.iter().filter(|(_, b)| b.integration == name.as_str()) {
            let open = blocker.blocks(bench.now, name.as_str(), bench.environment);
            let says = format!("{} ({})", blocker.title, if open { "open" } else { "not open here" });
            rules.push(Rule { keys: keys(&["blockers", ticket]), line: None, says });
        }
    }
    rules
}

fn unwritten(says: String) -> Rule {
    Rule { keys: Vec::new(), line: None, says }
}
