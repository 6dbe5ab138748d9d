//! Which branches of promises and schemas the answers of a run have shown: what is needed to join runs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::record::schema_gaps::SchemaGaps;

/// What was promised with branches, and which of them were seen. What was never reached is not in it.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct Witness {
    /// Promise -> branch -> seen.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub promises: BTreeMap<String, BTreeMap<String, bool>>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub schemas: BTreeMap<String, SchemaWitness>,
}

/// What documents showed of one schema.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct SchemaWitness {
    /// Word (`null`, `present` …) -> pointer -> seen.
    pub branches: BTreeMap<String, BTreeMap<String, bool>>,
    /// Its branches were too many to look at each.
    #[serde(default)]
    pub too_large: bool,
}

/// Seen by either is seen.
fn either(mine: &mut BTreeMap<String, BTreeMap<String, bool>>, theirs: &BTreeMap<String, BTreeMap<String, bool>>) {
    for (name, branches) in theirs {
        let known = mine.entry(name.clone()).or_default();
        for (branch, seen) in branches {
            *known.entry(branch.clone()).or_default() |= *seen;
        }
    }
}

fn missing(branches: &BTreeMap<String, bool>) -> Vec<String> {
    branches.iter().filter(|(_, seen)| !**seen).map(|(branch, _)| branch.clone()).collect()
}

impl Witness {
    pub fn join(&mut self, other: &Self) {
        either(&mut self.promises, &other.promises);
        for (name, theirs) in &other.schemas {
            let mine = self.schemas.entry(name.clone()).or_default();
            either(&mut mine.branches, &theirs.branches);
            mine.too_large |= theirs.too_large;
        }
    }

    /// One line for each promise of which a branch was not seen: `features/x.feature:12 $.a (##string): never null`.
    pub fn unseen(&self) -> Vec<String> {
        let told = |(label, branches): (&String, &BTreeMap<String, bool>)| {
            let missing = missing(branches);
            (!missing.is_empty()).then(|| format!("{label}: never {}", missing.join(", ")))
        };
        self.promises.iter().filter_map(told).collect()
    }

    /// The schemas of which a branch was not seen, by name.
    pub fn unseen_in_schemas(&self) -> Vec<SchemaGaps> {
        let gaps = |(schema, witness): (&String, &SchemaWitness)| {
            let never: BTreeMap<String, Vec<String>> = witness
                .branches
                .iter()
                .map(|(word, pointers)| (word.clone(), missing(pointers)))
                .filter(|(_, pointers)| !pointers.is_empty())
                .collect();
            let gaps = SchemaGaps { schema: schema.clone(), never, too_large: witness.too_large };
            (gaps.too_large || !gaps.never.is_empty()).then_some(gaps)
        };
        self.schemas.iter().filter_map(gaps).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{SchemaWitness, Witness};

    fn witness(null: bool, reached: &[(&str, bool)]) -> Witness {
        let one = |name: &str, seen| BTreeMap::from([(name.to_owned(), seen)]);
        let pointers = reached.iter().map(|(pointer, seen)| ((*pointer).to_owned(), *seen)).collect();
        let schema = SchemaWitness { branches: BTreeMap::from([("null".to_owned(), pointers)]), too_large: false };
        Witness {
            promises: BTreeMap::from([("f:1 $.a".to_owned(), one("null", null))]),
            schemas: BTreeMap::from([("shop/a".to_owned(), schema)]),
        }
    }

    #[test]
    fn what_one_saw_is_seen_and_what_one_reached_is_reached() {
        let mut joined = witness(false, &[("/x", false)]);
        assert_eq!(joined.unseen(), ["f:1 $.a: never null"]);
        joined.join(&witness(true, &[("/x", true), ("/y", false)]));
        assert_eq!(joined.unseen(), Vec::<String>::new());
        let gaps: Vec<String> = joined.unseen_in_schemas().iter().map(ToString::to_string).collect();
        assert_eq!(gaps, ["schemas/shop/a.json: never null /y"]);
    }
}
