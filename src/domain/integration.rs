//! One service that the app depends on: its name and its manifest.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::domain::contract::Operation;

/// The lower-case name (`idea-pool`) under which an integration is found everywhere.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(String);

impl Name {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0
    }
}

impl TryFrom<String> for Name {
    type Error = BadName;

    fn try_from(text: String) -> Result<Self, BadName> {
        let mut letters = text.chars();
        let starts = letters.next().is_some_and(|first| first.is_ascii_lowercase());
        if starts && letters.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') {
            Ok(Self(text))
        } else {
            Err(BadName(text))
        }
    }
}

impl FromStr for Name {
    type Err = BadName;

    fn from_str(text: &str) -> Result<Self, BadName> {
        Self::try_from(text.to_owned())
    }
}

/// A word that cannot name an integration.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not an integration name: use lower-case letters, digits and `-`, beginning with a letter")]
pub struct BadName(String);

/// Who answers for the API.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A third party's service.
    #[default]
    Vendor,
    /// An API of the app itself.
    Own,
}

/// What is known of an integration before anything runs: `fixtures/<name>/manifest.yaml`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    pub title: String,
    #[serde(default)]
    pub kind: Kind,
    /// Integrations that this one asks itself: their twins play in its scenarios, which may arrange them and use their
    /// variables. Of others a contract cannot speak.
    #[serde(default)]
    pub stands_on: BTreeSet<Name>,
    /// What the twin models.
    pub models: Modelled,
    #[serde(default)]
    pub documentation: Vec<String>,
    /// The request shapes that the app uses: the unit of contract coverage.
    #[serde(default)]
    pub operations: Vec<Operation>,
    /// Names the contract may use as `${NAME}`; on a twin the twin provides them, live they come from the environment.
    #[serde(default)]
    pub variables: BTreeMap<String, Variable>,
    /// Ways to authenticate, by the name that a step uses (`Given I authenticate as "agent"`).
    #[serde(default)]
    pub credentials: BTreeMap<String, Credential>,
    /// The credential a scenario starts with; none when absent.
    #[serde(default)]
    pub default_credential: Option<String>,
    /// The signature scheme of the webhooks that the service sends.
    #[serde(default)]
    pub webhook_scheme: Option<String>,
    /// The events of it that the app registers for.
    #[serde(default)]
    pub webhook_topics: Vec<String>,
    #[serde(default)]
    pub rate_limit: Option<RateLimit>,
    /// Fixture file to the schema that it must satisfy; `conversations.json#/data/payload/*` is every element of a part.
    #[serde(default)]
    pub fixture_schemas: BTreeMap<String, String>,
}

/// The vendor versions that a twin models, the first being the one a scenario starts with.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Modelled {
    pub versions: Vec<String>,
    /// Where the behaviour was read: document, source tree or capture, with its version.
    pub source: String,
}

/// One `${NAME}` of a contract.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variable {
    pub description: String,
    /// A secret's value is redacted wherever it would appear.
    #[serde(default)]
    pub secret: bool,
}

/// Headers and query parameters that authenticate a request; values may hold `${NAME}`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credential {
    pub description: String,
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    #[serde(default)]
    pub query: BTreeMap<String, String>,
}

/// The vendor's documented limit; a live run stays under it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateLimit {
    /// Requests.
    pub requests: u32,
    /// Seconds.
    pub per_seconds: u32,
    /// Where the limit was read.
    pub source: String,
}
