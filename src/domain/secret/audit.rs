//! The audit of an inventory of secrets: pure, from declarations and sightings to states and a score per environment.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::integration::Name;
use crate::domain::inventory::Inventory;
use crate::domain::record::{Counts, Outcome};
use crate::domain::secret::category::{Category, CategoryState, Proof, Standing};
use crate::domain::secret::declared::Declared;
use crate::domain::secret::sighting::{Fingerprint, Presence, Sighting};
use crate::domain::secret::weigh::Scale;

/// The version of [`SecretsAudit`] as a file.
pub const VERSION: u32 = 1;

/// What is true of the secrets of a workspace. It holds no value.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct SecretsAudit {
    pub version: u32,
    pub workspace: String,
    pub audited: Timestamp,
    pub environments: Vec<EnvironmentAudit>,
    /// Names that the sources or a contract use, or that a store holds, and that the inventory does not know.
    pub strangers: Vec<Stranger>,
    pub sources: SourcesRead,
}

/// What was read of the app's sources.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct SourcesRead {
    pub files: usize,
    /// What was not found is not there.
    pub whole: bool,
    /// Why not; empty when it is.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// One environment.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct EnvironmentAudit {
    pub environment: String,
    pub production: bool,
    pub score: Score,
    pub secrets: Vec<SecretAudit>,
    pub categories: Vec<CategoryState>,
}

/// How many of the required secrets are right. Nothing else counts.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Score {
    pub right: usize,
    pub required: usize,
    /// Required ones of which it cannot be told.
    pub unknown: usize,
    /// Rounded down; None where nothing is required.
    pub percent: Option<u8>,
}

/// One secret in one environment.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct SecretAudit {
    pub name: String,
    pub service: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    pub required: bool,
    /// Contracts that need it: declared, or by the variables of their manifest.
    pub required_by: Vec<String>,
    pub state: State,
    pub findings: Vec<Finding>,
    pub places: Vec<PlaceAudit>,
    /// Days since it was last renewed, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age_days: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rotation_days: Option<u32>,
}

/// One place of one secret.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct PlaceAudit {
    pub place: String,
    #[serde(flatten)]
    pub presence: Presence,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found_as: Option<String>,
    /// The value was looked at; else the store answered without it.
    pub value_seen: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renewed: Option<Timestamp>,
}

/// What a secret is in an environment. The worst finding decides.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Right,
    Unknown,
    Wrong,
    Absent,
}

impl State {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::Unknown => "unknown",
            Self::Wrong => "wrong",
            Self::Absent => "absent",
        }
    }
}

/// One thing that is so, and what it means for the secret.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Finding {
    pub code: Code,
    pub weight: Weight,
    /// In one sentence, without a value.
    pub text: String,
}

/// What a finding does to the state.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Weight {
    /// Worth knowing.
    Note,
    Unknown,
    Wrong,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    Absent,
    Unreachable,
    NoPlace,
    Placeholder,
    Shape,
    ShapeUnseen,
    /// Production has another environment's value.
    Shared,
    /// Two secrets have one value.
    Duplicate,
    /// Two places of one secret have different values.
    Differs,
    Overdue,
    AgeUnknown,
    Permissions,
    AliasDrift,
    SeveralNames,
    Leaked,
    Unused,
}

/// A name that the inventory does not know.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Stranger {
    pub name: String,
    /// Where it is used: `app/x.ts:3`, `the contract of shop`, `fly:hotdash`.
    pub seen_in: Vec<String>,
}

/// Everything that an audit rests on, beside the inventory.
#[derive(Debug, Default)]
pub struct Grounds {
    pub sightings: Vec<Sighting>,
    /// By the name that the sources read: where.
    pub readers: BTreeMap<String, Vec<String>>,
    pub sources: SourcesRead,
    /// Secret variables of the manifests: name to integrations.
    pub contracts: BTreeMap<String, Vec<Name>>,
    pub strangers: Vec<Stranger>,
    /// Values that stand in files that people share: where.
    pub leaks: BTreeMap<Fingerprint, Vec<String>>,
    /// Which of the documents of the categories are there, by path.
    pub documents: BTreeMap<String, bool>,
}

/// Audits the secrets of the environments that were asked for.
pub fn audit(
    inventory: &Inventory,
    asked: &[String],
    only: &[String],
    grounds: &Grounds,
    now: Timestamp,
) -> SecretsAudit {
    let environments = asked.iter().map(|environment| one(inventory, environment, only, grounds, now)).collect();
    SecretsAudit {
        version: VERSION,
        workspace: inventory.name.clone(),
        audited: now,
        environments,
        strangers: grounds.strangers.clone(),
        sources: grounds.sources.clone(),
    }
}

fn one(
    inventory: &Inventory,
    environment: &str,
    only: &[String],
    grounds: &Grounds,
    now: Timestamp,
) -> EnvironmentAudit {
    let production = inventory.environments.get(environment).is_some_and(|declared| declared.production);
    let concerned = |(name, declared): &(&String, &Declared)| {
        declared.concerns(environment)
            && (only.is_empty() || declared.names(name).any(|own| only.iter().any(|o| o == own)))
    };
    let secrets: Vec<SecretAudit> = inventory
        .secrets
        .iter()
        .filter(concerned)
        .map(|(name, declared)| Scale { inventory, grounds, environment, production, name, declared, now }.weigh())
        .collect();
    let categories = inventory
        .secret_categories
        .iter()
        .filter(|(_, category)| {
            category.environments.is_empty() || category.environments.iter().any(|e| e == environment)
        })
        .map(|(title, category)| stand(title, category, &secrets, inventory, grounds))
        .collect();
    EnvironmentAudit { environment: environment.to_owned(), production, score: score(&secrets), secrets, categories }
}

fn score(secrets: &[SecretAudit]) -> Score {
    let required = || secrets.iter().filter(|secret| secret.required);
    let count = |state: State| required().filter(|secret| secret.state == state).count();
    let (right, required) = (count(State::Right), required().count());
    let percent = (required > 0).then(|| u8::try_from(right * 100 / required).unwrap_or_default());
    Score { right, required, unknown: count(State::Unknown), percent }
}

fn stand(
    title: &str,
    category: &Category,
    secrets: &[SecretAudit],
    inventory: &Inventory,
    grounds: &Grounds,
) -> CategoryState {
    let (state, reason) = match category.proof {
        Proof::Statement => {
            let by = category.said_by.as_deref().unwrap_or("nobody");
            let at = category.said_at.map(|at| format!(" on {at}")).unwrap_or_default();
            (Standing::Written, format!("said by {by}{at}; nothing was looked at"))
        }
        Proof::Document => document(category, grounds),
        Proof::Inventory => inventoried(grounds),
        Proof::Rotation => rotation(inventory),
        Proof::Generated => share(secrets, |secret| {
            let own = !secret.findings.iter().any(|finding| matches!(finding.code, Code::Shared | Code::Placeholder));
            own && secret.places.iter().any(|place| place.presence == Presence::Present)
        }),
        Proof::Deployed => share(secrets, |secret| secret.state == State::Right),
    };
    CategoryState { title: title.to_owned(), proof: category.proof, state, reason }
}

fn document(category: &Category, grounds: &Grounds) -> (Standing, String) {
    let path = category.document.as_deref().unwrap_or_default();
    match grounds.documents.get(path) {
        Some(true) => (Standing::Written, format!("{path} is there; a document is no secret")),
        _ => (Standing::Missing, format!("{path} is not there, or is empty")),
    }
}

fn inventoried(grounds: &Grounds) -> (Standing, String) {
    match grounds.strangers.len() {
        0 if grounds.sources.whole => (Standing::Shown, "every secret that the sources read is in it".to_owned()),
        0 => (Standing::Unknown, grounds.sources.reason.clone()),
        1 => (Standing::Missing, "one name that is used is not in it".to_owned()),
        count => (Standing::Missing, format!("{count} names that are used are not in it")),
    }
}

/// A secret that nobody renews says so by `rotation_days: 0`; what is no credential has a shape instead.
fn rotation(inventory: &Inventory) -> (Standing, String) {
    let silent: BTreeSet<&str> = inventory
        .secrets
        .iter()
        .filter(|(_, declared)| declared.rotation_days.is_none() && declared.shape.is_none())
        .map(|(name, _)| name.as_str())
        .collect();
    match silent.len() {
        0 => (Standing::Written, "each says after how many days it is renewed, or has a shape".to_owned()),
        _ => (
            Standing::Missing,
            format!("no rotation is declared for {}", silent.into_iter().collect::<Vec<_>>().join(", ")),
        ),
    }
}

fn share(secrets: &[SecretAudit], is_so: impl Fn(&SecretAudit) -> bool) -> (Standing, String) {
    let required: Vec<&SecretAudit> = secrets.iter().filter(|secret| secret.required).collect();
    let so = required.iter().filter(|secret| is_so(secret)).count();
    let unknown = required.iter().filter(|secret| !is_so(secret)).all(|secret| secret.state == State::Unknown);
    let reason = format!("{so} of {} required secrets", required.len());
    match required.len() {
        0 => (Standing::Unknown, "no secret is required".to_owned()),
        all if all == so => (Standing::Shown, reason),
        _ if unknown => (Standing::Unknown, reason),
        _ => (Standing::Missing, reason),
    }
}

impl EnvironmentAudit {
    /// The integrations that need a secret here, with how many of those are right (kept), cannot be told (unasked), or are
    /// absent or wrong (broken). Optional secrets prove nothing and break nothing.
    pub fn integrations(&self) -> BTreeMap<&str, Counts> {
        let mut integrations: BTreeMap<&str, Counts> = BTreeMap::new();
        for secret in self.secrets.iter().filter(|secret| secret.required) {
            let counts = integrations.entry(&secret.service).or_default();
            match secret.state {
                State::Right => counts.kept += 1,
                State::Unknown => counts.unasked += 1,
                State::Wrong | State::Absent => counts.broken += 1,
            }
        }
        integrations
    }

    /// The worst of its required secrets; untested where nothing is required.
    pub fn outcome(&self) -> Outcome {
        self.integrations().into_values().map(outcome).max().unwrap_or(Outcome::Untested)
    }
}

/// What counts of required secrets show.
pub fn outcome(counts: Counts) -> Outcome {
    match counts {
        Counts { broken: 1.., .. } => Outcome::Broken,
        Counts { unasked: 1.., .. } => Outcome::Unasked,
        Counts { kept: 1.., .. } => Outcome::Kept,
        _ => Outcome::Untested,
    }
}

#[cfg(test)]
mod tests;
