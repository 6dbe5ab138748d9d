//! The branches of schemas that no answer of a run showed.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// The branches of one schema that no valid answer of a run showed.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct SchemaGaps {
    /// `chatwoot/conversation` for `schemas/chatwoot/conversation.json`.
    pub schema: String,
    /// What was never seen (`null`, `present`, `with an item`, the name of an alternative) -> where: JSON Pointers into
    /// what the schema describes, with `*` for each item.
    pub never: BTreeMap<String, Vec<String>>,
    /// The schema has too many places to look at each.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub too_large: bool,
}

impl SchemaGaps {
    pub fn count(&self) -> usize {
        self.never.values().map(Vec::len).sum()
    }
}

impl fmt::Display for SchemaGaps {
    /// `schemas/shop/idea.json: never null /owner; never present /note, /tags/*/colour`
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        let at = |pointer: &String| if pointer.is_empty() { "at the top".to_owned() } else { pointer.clone() };
        let never = |(word, pointers): (&String, &Vec<String>)| {
            format!("never {word} {}", pointers.iter().map(at).collect::<Vec<_>>().join(", "))
        };
        let mut told: Vec<_> = self.never.iter().map(never).collect();
        if self.too_large {
            told.push("too large to look at every branch".to_owned());
        }
        write!(formatter, "schemas/{}.json: {}", self.schema, told.join("; "))
    }
}
