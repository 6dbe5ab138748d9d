//! Feature flags: what the workspace declares of them.

pub mod audit;
pub mod canary;
pub mod change;
pub mod keeper;
pub mod names;
pub mod parser;
pub mod prerequisite;
pub mod readers;
pub mod sighting;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::flag::canary::Canary;
use crate::domain::flag::parser::Parser;
use crate::domain::flip::Proof;

/// A flag's place in the inventory.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declared {
    /// Which integrations it takes from mock to live.
    #[serde(default)]
    pub integrations: Vec<String>,
    #[serde(default)]
    pub owner: Option<String>,
    #[serde(default)]
    pub default: bool,
    /// How the app reads it.
    pub parser: Parser,
    /// How other parts of the app read the same names, by what a person calls them.
    #[serde(default)]
    pub other_parsers: BTreeMap<String, Parser>,
    /// Other names of the flag in the source tree: what its code calls it.
    #[serde(default)]
    pub symbols: Vec<String>,
    /// Its mode when it is on is the mock, not the live service.
    #[serde(default)]
    pub on_means_mock: bool,
    /// Documented for later: that nothing reads it is no contradiction.
    #[serde(default)]
    pub planned: bool,
    /// What must be in place before it is switched on; see [`prerequisite`].
    #[serde(default)]
    pub prerequisites: Vec<String>,
    /// Every name that a rollback must unset.
    #[serde(default)]
    pub rollback: Vec<String>,
    /// Seconds that a rollback may take.
    #[serde(default)]
    pub rollback_seconds: Option<u32>,
    /// Where its value is kept; see [`keeper`]. `{environment}` stands for the environment's name.
    #[serde(default)]
    pub kept_in: Vec<String>,
    /// The same for one environment, instead of `kept_in`.
    #[serde(default)]
    pub stores: BTreeMap<String, Vec<String>>,
    /// Commands that switch it where its store cannot be written otherwise; see [`Commands`].
    #[serde(default)]
    pub commands: Option<Commands>,
    /// What a store that evaluates is told of who asks; `targetingKey` is `preflight` when absent.
    #[serde(default)]
    pub context: BTreeMap<String, Value>,
    /// The request whose answer tells the live path from the mock one.
    #[serde(default)]
    pub canary: Option<Canary>,
    /// How its flip is proven.
    #[serde(default)]
    pub flip: Proof,
    #[serde(default)]
    pub note: Option<String>,
}

/// Programs with their arguments, run without a shell. `{flag}` and `{environment}` are replaced.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Commands {
    pub on: Vec<String>,
    pub off: Vec<String>,
}

impl Declared {
    /// The integration that answers the canary: the one that it names, or the flag's first.
    pub fn consumer(&self) -> Option<&str> {
        let named = self.canary.as_ref().and_then(|canary| canary.integration.as_ref());
        named.or(self.integrations.first()).map(String::as_str)
    }

    /// Where the flag is kept in an environment, as written.
    pub fn kept_in(&self, environment: &str) -> &[String] {
        self.stores.get(environment).unwrap_or(&self.kept_in)
    }

    /// Every parser with its name; the flag's own is the first one.
    pub fn parsers(&self) -> impl Iterator<Item = (&str, &Parser)> {
        let own = (self.parser.rule.map_or("parser", parser::Rule::as_str), &self.parser);
        std::iter::once(own).chain(self.other_parsers.iter().map(|(name, parser)| (name.as_str(), parser)))
    }

    /// The word by which it is switched on: one that every parser takes for on that reads the flag's first name, and
    /// the word of its own parser where there is none.
    pub fn word_for_on(&self) -> &str {
        let name = self.parser.names.first();
        let takes = |word: &&String| {
            let mut readers = self.parsers().filter(|(_, parser)| name.is_some_and(|name| parser.names.contains(name)));
            readers.all(|(_, parser)| parser.means_on(word, parser.default.unwrap_or(self.default)))
        };
        let own = self.parser.truthy.iter();
        own.clone().find(takes).or(own.clone().next()).map_or("1", String::as_str)
    }

    /// Every variable that any parser reads, once, the flag's own first.
    pub fn variables(&self) -> Vec<&str> {
        let mut names = Vec::new();
        for name in self.parsers().flat_map(|(_, parser)| &parser.names).chain(&self.rollback) {
            if !names.contains(&name.as_str()) {
                names.push(name.as_str());
            }
        }
        names
    }
}
