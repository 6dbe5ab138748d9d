//! Readiness: `judge(inventory, history, now)`, pure, from evidence to a matrix and a verdict per environment.

mod bench;
pub mod condition;
pub mod explain;
pub mod gate;
mod shown;
pub mod timeline;
mod waive;
mod wanted;
mod weigh;

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::blocker::case::resolved;
use crate::domain::contract::ContractHash;
use crate::domain::declaration::standing::Court;
use crate::domain::entry::History;
use crate::domain::evidence::{Class, Coverage};
use crate::domain::integration::Name;
use crate::domain::inventory::Inventory;
use crate::domain::policy::Policy;
use crate::domain::readiness::bench::Bench;
use crate::domain::readiness::shown::Shown;
use crate::domain::readiness::waive::waive;
use crate::domain::record::Counts;

/// One column of readiness.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Criterion {
    ContractTwin,
    ContractLive,
    Credentials,
    Webhooks,
    Resilience,
    Health,
    Flag,
    Blockers,
}

impl Criterion {
    pub const ALL: [Self; 8] = [
        Self::ContractTwin,
        Self::ContractLive,
        Self::Credentials,
        Self::Webhooks,
        Self::Resilience,
        Self::Health,
        Self::Flag,
        Self::Blockers,
    ];

    /// The word used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ContractTwin => "contract-twin",
            Self::ContractLive => "contract-live",
            Self::Credentials => "credentials",
            Self::Webhooks => "webhooks",
            Self::Resilience => "resilience",
            Self::Health => "health",
            Self::Flag => "flag",
            Self::Blockers => "blockers",
        }
    }

    /// The heading used in reports.
    pub fn title(self) -> &'static str {
        match self {
            Self::ContractTwin => "Contract on twin",
            Self::ContractLive => "Contract live",
            Self::Credentials => "Credentials",
            Self::Webhooks => "Webhooks",
            Self::Resilience => "Resilience",
            Self::Health => "Health",
            Self::Flag => "Flag",
            Self::Blockers => "Blockers",
        }
    }
}

impl fmt::Display for Criterion {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// The state of one cell. Only `ready`, `waived` and `n/a` let a launch pass; only `ready` is green.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Ready,
    Failing,
    Blocked,
    Unknown,
    Stale,
    Waived,
    #[serde(rename = "n/a")]
    NotApplicable,
}

impl State {
    pub const ALL: [Self; 7] =
        [Self::Ready, Self::Failing, Self::Blocked, Self::Unknown, Self::Stale, Self::Waived, Self::NotApplicable];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Failing => "failing",
            Self::Blocked => "blocked",
            Self::Unknown => "unknown",
            Self::Stale => "stale",
            Self::Waived => "waived",
            Self::NotApplicable => "n/a",
        }
    }

    /// It was looked at, and stands in the way.
    pub fn is_against(self) -> bool {
        matches!(self, Self::Failing | Self::Blocked)
    }

    pub fn lets_pass(self) -> bool {
        matches!(self, Self::Ready | Self::Waived | Self::NotApplicable)
    }
}

impl fmt::Display for State {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// One criterion of one integration in one environment.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Cell {
    pub criterion: Criterion,
    pub state: State,
    /// Why it is so, in one sentence.
    pub reason: String,
    /// The verdict depends on it.
    pub required: bool,
    /// The command that would change an unready state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<Proof>,
}

/// The evidence that a cell rests on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Proof {
    /// Position in the ledger.
    pub sequence: u64,
    pub record: String,
    #[serde(default)]
    pub class: Class,
    pub finished: Timestamp,
    /// Seconds at the time of judgement.
    pub age_seconds: i64,
    pub counts: Counts,
    pub coverage: Coverage,
}

/// One integration in one environment.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Row {
    pub integration: Name,
    pub title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// In the order of [`Criterion::ALL`].
    pub cells: Vec<Cell>,
}

impl Row {
    pub fn cell(&self, criterion: Criterion) -> Option<&Cell> {
        self.cells.iter().find(|cell| cell.criterion == criterion)
    }

    pub fn required(&self) -> impl Iterator<Item = &Cell> {
        self.cells.iter().filter(|cell| cell.required)
    }

    /// NO-GO if a required cell fails or is blocked; else UNKNOWN if one does not let pass, or if none is ready by
    /// evidence; else GO. None where the policy requires nothing of it.
    pub fn verdict(&self) -> Option<Verdict> {
        self.required().next()?;
        Some(if self.required().any(|cell| cell.state.is_against()) {
            Verdict::NoGo
        } else if self.required().all(|cell| cell.state.lets_pass()) && self.rests_on_evidence() {
            Verdict::Go
        } else {
            Verdict::Unknown
        })
    }

    fn rests_on_evidence(&self) -> bool {
        self.required().any(|cell| cell.state == State::Ready && cell.proof.is_some())
    }
}

/// Whether an environment may go.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub enum Verdict {
    #[serde(rename = "GO")]
    Go,
    #[serde(rename = "NO-GO")]
    NoGo,
    #[serde(rename = "UNKNOWN")]
    Unknown,
}

impl Verdict {
    /// The worse of two, in the order NO-GO, UNKNOWN, GO.
    #[must_use]
    pub fn or_worse(self, other: Self) -> Self {
        let rank = |verdict: Self| match verdict {
            Self::NoGo => 0,
            Self::Unknown => 1,
            Self::Go => 2,
        };
        if rank(other) < rank(self) { other } else { self }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Go => "GO",
            Self::NoGo => "NO-GO",
            Self::Unknown => "UNKNOWN",
        }
    }
}

/// One reason for a verdict.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Reason {
    pub integration: Name,
    pub criterion: Criterion,
    pub state: State,
    pub text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// One environment judged.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EnvironmentReadiness {
    pub environment: String,
    pub verdict: Verdict,
    /// What stands between the environment and GO, the worst first; empty for GO.
    pub reasons: Vec<Reason>,
    pub rows: Vec<Row>,
}

/// The whole judgement.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Readiness {
    pub version: u32,
    pub workspace: String,
    pub judged: Timestamp,
    pub environments: Vec<EnvironmentReadiness>,
}

/// The version of [`Readiness`] as a file.
pub const VERSION: u32 = 1;

/// What is known of a contract today, to tell evidence for it from evidence for an older one.
#[derive(Clone, Debug)]
pub struct CurrentContract {
    pub title: String,
    pub hash: ContractHash,
    /// A twin exists for it.
    pub has_twin: bool,
    /// How the webhooks are signed that it sends; None where it sends none.
    pub webhook_scheme: Option<String>,
}

/// Judges every integration in every environment. Pure: time, inventory and history come in.
///
/// `contracts` holds the integrations that have a contract today; an integration without one is
/// unknown, not hidden.
pub fn judge(
    inventory: &Inventory,
    contracts: &BTreeMap<Name, CurrentContract>,
    history: &History,
    now: Timestamp,
) -> Readiness {
    judge_shown(inventory, contracts, &Shown::new(history), now)
}

fn judge_shown(
    inventory: &Inventory,
    contracts: &BTreeMap<Name, CurrentContract>,
    shown: &Shown<'_>,
    now: Timestamp,
) -> Readiness {
    let environments = inventory
        .environments
        .keys()
        .map(|environment| judge_environment(inventory, contracts, shown, environment, now))
        .collect();
    Readiness { version: VERSION, workspace: inventory.name.clone(), judged: now, environments }
}

fn judge_environment(
    inventory: &Inventory,
    contracts: &BTreeMap<Name, CurrentContract>,
    shown: &Shown<'_>,
    environment: &str,
    now: Timestamp,
) -> EnvironmentReadiness {
    let policy = inventory.policy.get(environment).cloned().unwrap_or_default();
    let inventory = &resolved(inventory, shown.declared(), environment, now);
    let bench = Bench { inventory, shown, environment, policy: &policy, now };
    let mut rows: Vec<Row> = inventory.integrations.keys().map(|name| bench.row(name, contracts.get(name))).collect();
    waive(&mut rows, &Court { inventory, history: shown.declared(), environment, now });
    let (verdict, reasons) = decide(&rows, &policy);
    EnvironmentReadiness { environment: environment.to_owned(), verdict, reasons, rows }
}

/// The worst verdict of the rows that the policy concerns, in the order NO-GO, UNKNOWN, GO; UNKNOWN where there is none.
fn decide(rows: &[Row], policy: &Policy) -> (Verdict, Vec<Reason>) {
    let mut reasons: Vec<Reason> = rows.iter().flat_map(reasons).collect();
    // A misspelt name must not shrink what the verdict is about.
    for name in policy.integrations.iter().filter(|name| !rows.iter().any(|row| row.integration == **name)) {
        reasons.push(Reason {
            integration: name.clone(),
            criterion: policy.require.first().copied().unwrap_or(Criterion::ContractTwin),
            state: State::Unknown,
            text: "the policy names it, but no integration of that name is declared".to_owned(),
            next: None,
        });
    }
    reasons.sort_by_key(|reason| !reason.state.is_against());
    let concerned = rows.iter().any(|row| row.verdict().is_some());
    let verdict = match reasons.first() {
        Some(worst) if worst.state.is_against() => Verdict::NoGo,
        Some(_) => Verdict::Unknown,
        None if !concerned => Verdict::Unknown,
        None => Verdict::Go,
    };
    (verdict, reasons)
}

/// What stands between one row and GO: none for GO, and at least one otherwise.
fn reasons(row: &Row) -> Vec<Reason> {
    let reason = |cell: &Cell, text: &str| Reason {
        integration: row.integration.clone(),
        criterion: cell.criterion,
        state: if cell.state.lets_pass() { State::Unknown } else { cell.state },
        text: text.to_owned(),
        next: cell.next.clone(),
    };
    let mut reasons: Vec<Reason> =
        row.required().filter(|cell| !cell.state.lets_pass()).map(|cell| reason(cell, &cell.reason)).collect();
    // Waived, n/a and "none declared" all let pass, and together they show nothing.
    if let Some(first) = row.required().next()
        && reasons.is_empty()
        && !row.rests_on_evidence()
    {
        reasons.push(reason(first, "nothing that is required of it rests on evidence"));
    }
    reasons
}

#[cfg(test)]
mod tests;
