//! What one execution produced, versioned and serialisable. Every report is drawn from it.

pub mod recorded_exchange;
pub mod schema_gaps;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::contract::{ContractHash, Operation, Place};
use crate::domain::finding::Finding;
use crate::domain::flip::FlipRun;
use crate::domain::gauntlet::GauntletRun;
use crate::domain::import::Import;
use crate::domain::integration::Name;
use crate::domain::probe::run::Probes;
use crate::domain::proof::Proof;
use crate::domain::record::recorded_exchange::RecordedExchange;
use crate::domain::record::schema_gaps::SchemaGaps;
use crate::domain::secret::audit::SecretsAudit;
use crate::domain::shard::Shard;
use crate::domain::suite::Suite;
use crate::domain::target::Target;

/// The version of the record's format. A reader refuses a higher one.
pub const VERSION: u32 = 1;

/// Which verb of work produced a record.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A contract against a twin or a live service.
    ContractRun,
    /// The inventory of secrets against where they are kept.
    Secrets,
    /// A flag switched, shown to be effective, and taken back.
    Flip,
    /// What another tool reported.
    Import,
    /// Mutated answers against a contract: which promises bite.
    Proof,
    /// Good and bad deliveries against a webhook receiver.
    WebhookSuite,
    /// A client against a twin that misbehaves.
    Gauntlet,
    /// A health question to a service.
    Probe,
}

impl Kind {
    pub const ALL: [Self; 8] = [
        Self::ContractRun,
        Self::Secrets,
        Self::Flip,
        Self::Import,
        Self::Proof,
        Self::WebhookSuite,
        Self::Gauntlet,
        Self::Probe,
    ];

    /// The word used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ContractRun => "contract-run",
            Self::Secrets => "secrets",
            Self::Flip => "flip",
            Self::Import => "import",
            Self::Proof => "proof",
            Self::WebhookSuite => "webhook-suite",
            Self::Gauntlet => "gauntlet",
            Self::Probe => "probe",
        }
    }
}

/// The outcome of a scenario, and of anything that is made of scenarios.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Every promise was asked and held.
    Kept,
    /// Nothing was asked.
    Untested,
    /// It could not be asked.
    Unasked,
    /// A promise was asked and did not hold.
    Broken,
}

impl Outcome {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Untested => "untested",
            Self::Unasked => "unasked",
            Self::Broken => "broken",
        }
    }
}

/// One execution.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Record {
    pub version: u32,
    pub kind: Kind,
    /// `<UTC start, compact>-<8 hex of the seed>`, with `-2`, `-3` … behind it where more runs began in that millisecond:
    /// unique in a workspace, sortable by time.
    pub id: String,
    /// `preflight 0.1.0`
    pub tool: String,
    /// The command line, redacted.
    pub command: Vec<String>,
    pub workspace: String,
    /// SHA-256 of `preflight.yaml` (hex); absent without a workspace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace_hash: Option<String>,
    pub target: Target,
    /// None for a twin: what a twin answers holds for no environment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    pub started: Timestamp,
    pub finished: Timestamp,
    pub seed: u64,
    /// The run was stopped before its end.
    #[serde(default)]
    pub interrupted: bool,
    /// Only part of the contracts was asked for (a tag, a name): shows failures, proves nothing.
    #[serde(default)]
    pub partial: bool,
    /// The contracts that ran, in work that runs any.
    #[serde(default)]
    pub contracts: Vec<ContractRun>,
    /// What the work brought beside contract runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<Details>,
}

/// What work of a kind of its own brought; the member's name in the file is the kind of work.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Details {
    Secrets(Box<SecretsAudit>),
    Flip(Box<FlipRun>),
    Gauntlet(Box<GauntletRun>),
    Import(Import),
    Probe(Box<Probes>),
    Proof(Box<Proof>),
    /// It is a part of a run that was split over machines, or was joined from such parts.
    Shard(Box<Shard>),
    WebhookSuite(Box<Suite>),
}

/// The part of a run that concerns one integration.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ContractRun {
    pub integration: Name,
    pub title: String,
    pub contract_hash: ContractHash,
    /// The vendor version that the twin models; absent on a live target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modelled: Option<String>,
    /// Sorted by file and line.
    pub scenarios: Vec<ScenarioRun>,
    pub operations: Vec<OperationCoverage>,
    /// Scenarios that are not meant for this target (`@twin-only` on a live one, `@live-only` on a twin).
    #[serde(default)]
    pub left_out: Vec<LeftOut>,
    /// Branches of optional, nullable and one-of promises that no answer showed.
    #[serde(default)]
    pub unseen: Vec<String>,
    /// Branches of schemas that no answer showed, by schema.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unseen_in_schemas: Vec<SchemaGaps>,
    /// Requests that the twin does not model.
    #[serde(default)]
    pub gaps: Vec<String>,
    /// Files that could not be read as contracts.
    #[serde(default)]
    pub unreadable: Vec<Unreadable>,
    /// Who answered, on a live target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<HostEvidence>,
}

/// A scenario that is not meant for the target of the run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LeftOut {
    pub place: Place,
    pub name: String,
    pub reason: String,
}

/// A contract file that cannot be read.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Unreadable {
    pub place: Place,
    pub message: String,
}

/// What shows that a live host answered.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct HostEvidence {
    pub base_url: String,
    /// Resolved socket addresses.
    #[serde(default)]
    pub addresses: Vec<String>,
    /// SHA-256 of the leaf certificate (hex).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<String>,
    /// Values of the vendor's request id headers.
    #[serde(default)]
    pub request_ids: Vec<String>,
}

/// One scenario's run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ScenarioRun {
    pub place: Place,
    pub feature: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    pub name: String,
    /// Without `@`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Ids of the promises that the scenario stands for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub promises: Vec<String>,
    pub outcome: Outcome,
    /// Why it was not asked; always there when the outcome is `unasked` or `untested`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
    /// How many promises were asked.
    pub checks: u32,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exchanges: Vec<RecordedExchange>,
    /// Exchanges that were made and are not kept here, because they are many.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub exchanges_left_out: u32,
    /// Microseconds.
    pub duration_us: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// How an operation fared in a run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OperationCoverage {
    pub id: String,
    pub request: String,
    /// Requests made.
    pub asked: u32,
    /// Requests made by scenarios that were kept.
    pub kept: u32,
}

impl OperationCoverage {
    /// An operation of which nothing was asked.
    pub fn unasked(operation: &Operation) -> Self {
        let request = match &operation.graphql {
            Some(field) => format!("{} {{ {field} }}", operation.request),
            None => operation.request.clone(),
        };
        Self { id: operation.id.clone(), request, asked: 0, kept: 0 }
    }
}

/// How many scenarios had each outcome.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct Counts {
    pub kept: u32,
    pub broken: u32,
    pub unasked: u32,
    pub untested: u32,
}

impl Counts {
    pub fn of<'a>(scenarios: impl IntoIterator<Item = &'a ScenarioRun>) -> Self {
        Self::of_outcomes(scenarios.into_iter().map(|scenario| scenario.outcome))
    }

    pub fn of_outcomes(outcomes: impl IntoIterator<Item = Outcome>) -> Self {
        let mut counts = Self::default();
        for outcome in outcomes {
            match outcome {
                Outcome::Kept => counts.kept += 1,
                Outcome::Broken => counts.broken += 1,
                Outcome::Unasked => counts.unasked += 1,
                Outcome::Untested => counts.untested += 1,
            }
        }
        counts
    }

    pub fn total(self) -> u32 {
        self.kept + self.broken + self.unasked + self.untested
    }
}

impl std::ops::Add for Counts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            kept: self.kept + other.kept,
            broken: self.broken + other.broken,
            unasked: self.unasked + other.unasked,
            untested: self.untested + other.untested,
        }
    }
}

impl ContractRun {
    pub fn counts(&self) -> Counts {
        Counts::of(&self.scenarios)
    }

    /// The worst outcome of its scenarios; `untested` when there are none. What stands in a file that
    /// cannot be read was not asked, so such a run is `unasked` at the least.
    pub fn outcome(&self) -> Outcome {
        let unread = (!self.unreadable.is_empty()).then_some(Outcome::Unasked);
        self.scenarios.iter().map(|scenario| scenario.outcome).chain(unread).max().unwrap_or(Outcome::Untested)
    }

    /// Promise ids with the worst outcome of the scenarios that stand for them.
    pub fn promises(&self) -> BTreeMap<&str, Outcome> {
        let mut promises = BTreeMap::new();
        for scenario in &self.scenarios {
            for id in &scenario.promises {
                let worst = promises.entry(id.as_str()).or_insert(scenario.outcome);
                *worst = (*worst).max(scenario.outcome);
            }
        }
        promises
    }
}

impl Record {
    pub fn counts(&self) -> Counts {
        self.contracts.iter().map(ContractRun::counts).fold(Counts::default(), std::ops::Add::add)
    }

    pub fn unreadable(&self) -> impl Iterator<Item = &Unreadable> {
        self.contracts.iter().flat_map(|contract| &contract.unreadable)
    }
}
