//! A secret as the workspace declares it; never its value.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use crate::domain::integration::Name;
use crate::domain::moment::Moment;

/// A secret's place in the inventory.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declared {
    /// The integration that it opens.
    pub service: String,
    /// Other names under which the same secret is known.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// A word by which people group secrets: `api-key`, `database`.
    #[serde(default)]
    pub category: Option<String>,
    /// Environments that need it; all when empty.
    #[serde(default)]
    pub environments: Vec<String>,
    #[serde(default = "yes")]
    pub required: bool,
    /// The integrations whose contracts need it; makes it required.
    #[serde(default)]
    pub required_by: Vec<Name>,
    /// Every place where it must be; the app's variable when empty.
    #[serde(default)]
    pub kept_in: KeptIn,
    /// A regular expression that the value must match.
    #[serde(default)]
    pub shape: Option<String>,
    #[serde(default)]
    pub rotation_days: Option<u32>,
    /// When it was last renewed, by environment, where its store cannot tell.
    #[serde(default)]
    pub rotated: BTreeMap<String, Moment>,
    /// Why production may have the value of another environment, or of another secret.
    #[serde(default)]
    pub shared: Option<String>,
    #[serde(default)]
    pub owner: Option<String>,
    #[serde(default)]
    pub note: Option<String>,
}

fn yes() -> bool {
    true
}

impl Declared {
    /// Whether an environment needs it.
    pub fn concerns(&self, environment: &str) -> bool {
        self.environments.is_empty() || self.environments.iter().any(|own| own == environment)
    }

    pub fn is_required(&self) -> bool {
        self.required || !self.required_by.is_empty()
    }

    /// Its name and its aliases.
    pub fn names<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        std::iter::once(name).chain(self.aliases.iter().map(String::as_str))
    }
}

/// Where a secret is kept: the same places in every environment, or other ones in each.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum KeptIn {
    Everywhere(Vec<String>),
    ByEnvironment(BTreeMap<String, Vec<String>>),
}

impl Default for KeptIn {
    fn default() -> Self {
        Self::Everywhere(Vec::new())
    }
}

impl KeptIn {
    /// The places in one environment, as they are written.
    pub fn places(&self, environment: &str) -> &[String] {
        match self {
            Self::Everywhere(places) => places,
            Self::ByEnvironment(places) => places.get(environment).map_or(&[], Vec::as_slice),
        }
    }

    /// Every place, with its environment where it has one of its own, and its position there.
    pub fn all(&self) -> Vec<(Option<&str>, usize, &str)> {
        match self {
            Self::Everywhere(places) => indexed(None, places),
            Self::ByEnvironment(by) => {
                by.iter().flat_map(|(environment, places)| indexed(Some(environment), places)).collect()
            }
        }
    }
}

fn indexed<'a>(environment: Option<&'a str>, places: &'a [String]) -> Vec<(Option<&'a str>, usize, &'a str)> {
    places.iter().enumerate().map(|(index, place)| (environment, index, place.as_str())).collect()
}

impl<'de> Deserialize<'de> for KeptIn {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ListOrMap)
    }
}

/// Told apart by hand: serde's untagged enums lose the place of an error.
struct ListOrMap;

impl<'de> Visitor<'de> for ListOrMap {
    type Value = KeptIn;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("a list of places, or a mapping from environment to such a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, places: A) -> Result<KeptIn, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(places)).map(KeptIn::Everywhere)
    }

    fn visit_map<A: MapAccess<'de>>(self, places: A) -> Result<KeptIn, A::Error> {
        BTreeMap::deserialize(MapAccessDeserializer::new(places)).map(KeptIn::ByEnvironment)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Declared;

    fn declared(kept_in: &serde_json::Value) -> Result<Declared, serde_json::Error> {
        serde_json::from_value(json!({"service": "shop", "kept_in": kept_in}))
    }

    #[test]
    fn places_hold_everywhere_or_by_environment() {
        let everywhere = declared(&json!(["env:A", "fly"])).unwrap();
        assert_eq!(everywhere.kept_in.places("production"), ["env:A", "fly"]);
        let by = declared(&json!({"staging": ["env:A"], "production": ["fly:app/A"]})).unwrap();
        assert_eq!(by.kept_in.places("production"), ["fly:app/A"]);
        assert!(by.kept_in.places("local").is_empty());
        assert_eq!(by.kept_in.all(), [(Some("production"), 0, "fly:app/A"), (Some("staging"), 0, "env:A")]);
        let error = declared(&json!("fly")).unwrap_err().to_string();
        assert!(error.contains("a list of places, or a mapping"), "{error}");
        assert!(declared(&json!([5])).is_err());
    }

    #[test]
    fn a_contract_that_needs_it_makes_it_required() {
        let secret: Declared =
            serde_json::from_value(json!({"service": "s", "required": false, "required_by": ["shop"]})).unwrap();
        assert!(secret.is_required());
        assert!(secret.concerns("any"));
    }
}
