//! What mutated answers showed of contracts: which promises bite, and what no scenario would notice.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::contract::{ContractHash, Place};
use crate::domain::finding::Code;
use crate::domain::integration::Name;
use crate::domain::mutation::{Kind, Mutation};
use crate::domain::record::{Counts, Outcome};

/// One proof: all contracts that were asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Proof {
    /// The share (0 to 1) that a contract has to notice.
    pub least: f64,
    /// Where that share comes from: an option, the policy of an environment, or nobody.
    pub least_by: String,
    /// Kinds that were asked for; all when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub only: Vec<Kind>,
    /// The most runs that were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<u64>,
    /// What chose among the runs where not all were wanted.
    #[serde(default)]
    pub sample: u64,
    /// Runs of a scenario with one answer mutated: planned, and done.
    pub planned: u64,
    pub ran: u64,
    pub bites: Vec<Bite>,
}

/// How many mutations had which fate.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    pub noticed: u32,
    pub survived: u32,
    /// Equivalent by contract: no promise is about it.
    pub unpromised: u32,
}

impl Tally {
    /// The share of mutations that were noticed, of those that should have been; None where there was none.
    pub fn score(&self) -> Option<f64> {
        let all = self.noticed + self.survived;
        (all > 0).then(|| f64::from(self.noticed) / f64::from(all))
    }
}

/// What came of one contract.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Bite {
    pub integration: Name,
    pub title: String,
    pub contract_hash: ContractHash,
    pub tally: Tally,
    /// Noticed ÷ (noticed + survived); absent where nothing was proven.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// Runs that were done with an answer mutated.
    pub ran: u64,
    /// Runs that are left, where a budget or an interruption ended it.
    #[serde(default)]
    pub left: u64,
    pub scenarios: Vec<ScenarioBite>,
    pub promises: BTreeMap<String, Tally>,
    pub operations: BTreeMap<String, Tally>,
    pub kinds: BTreeMap<Kind, Tally>,
    pub noticed: Vec<Noticed>,
    pub survivors: Vec<Survivor>,
    pub unpromised: Vec<Unpromised>,
    /// Scenarios that say the same of the same answers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub duplicates: Vec<Vec<Place>>,
    /// Scenarios that expect what the twin was given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub selfsame: Vec<Selfsame>,
    /// Scenarios that were not kept, and so could not be proven.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unproven: Vec<Unproven>,
    /// Answers that no sentence looks at: they prepare something. Nothing was mutated there.
    #[serde(default)]
    pub unlooked: u32,
}

/// What one scenario notices.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ScenarioBite {
    pub place: Place,
    pub name: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub promises: Vec<String>,
    pub tally: Tally,
    /// Mutations of its answers that it did not notice and another scenario of the contract does.
    #[serde(default)]
    pub elsewhere: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// It noticed nothing of all that was done to its answers.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub vacuous: bool,
}

/// Mutations that one sentence noticed first.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Noticed {
    pub operation: String,
    pub status: String,
    /// The sentence.
    pub by: Place,
    pub code: Code,
    pub mutations: Vec<String>,
}

/// A mutation that no scenario noticed, though a promise is about it or nothing at all is said of the place.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Survivor {
    pub operation: String,
    /// Of the answer: a status, or `no answer`.
    pub status: String,
    #[serde(flatten)]
    pub mutation: Mutation,
    pub why: Why,
    /// Scenarios that got the mutated answer and were kept.
    pub scenarios: Vec<Place>,
    /// The sentence that would notice it.
    pub sentence: String,
}

/// Why a mutation should have been noticed.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// A sentence looks at the place, and not hard enough.
    LookedAt,
    /// No schema describes the place and no sentence looks there: nobody has decided that it may change.
    Undescribed,
    /// What an answer as a whole must be: its status, its type, that it is complete.
    Whole,
    /// The scenario could not go on, and did not say that a promise was broken.
    CouldNotAsk,
}

impl Why {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LookedAt => "a sentence looks there and takes it",
            Self::Undescribed => "no schema describes it and no sentence looks there",
            Self::Whole => "no sentence about this answer minds",
            Self::CouldNotAsk => "the scenario could not go on and broke no promise",
        }
    }
}

/// A place of an answer about which the contract has decided to say nothing more.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Unpromised {
    pub operation: String,
    pub status: String,
    pub at: String,
    /// What may happen there unnoticed.
    pub kinds: Vec<Kind>,
}

/// A promise whose expectation is a fixture of the twin that answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Selfsame {
    pub place: Place,
    /// The sentence.
    pub line: usize,
    /// The fixture's file, or what the scenario gave its twin.
    pub fixture: String,
}

/// A scenario that could not be proven.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Unproven {
    pub place: Place,
    pub outcome: Outcome,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Bite {
    pub fn vacuous(&self) -> impl Iterator<Item = &ScenarioBite> {
        self.scenarios.iter().filter(|scenario| scenario.vacuous)
    }

    /// Kept: it notices enough, and every scenario notices something. This is about what ran: of a part, the record and
    /// the evidence say that it is one.
    pub fn outcome(&self, least: f64) -> Outcome {
        let few = self.score.is_some_and(|score| score < least);
        if few || self.vacuous().next().is_some() {
            Outcome::Broken
        } else if self.score.is_none() {
            Outcome::Untested
        } else if !self.unproven.is_empty() {
            Outcome::Unasked
        } else {
            Outcome::Kept
        }
    }

    /// Mutations noticed are kept; those that survived are broken where the contract does not notice enough, and the
    /// price of a limit that is not 1 where it does.
    pub fn counts(&self, least: f64) -> Counts {
        let broken = if self.outcome(least) == Outcome::Broken { self.tally.survived.max(1) } else { 0 };
        let unasked = u32::try_from(self.unproven.len()).unwrap_or(u32::MAX);
        Counts { kept: self.tally.noticed, broken, unasked, untested: 0 }
    }
}

impl Proof {
    /// The worst of its contracts; untested where there is none.
    pub fn outcome(&self) -> Outcome {
        self.bites.iter().map(|bite| bite.outcome(self.least)).max().unwrap_or(Outcome::Untested)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Bite, Proof};
    use crate::domain::record::Outcome;

    fn bite(changes: Value) -> Bite {
        let mut bite = json!({
            "integration": "shop", "title": "Shop", "contract_hash": "0", "ran": 10,
            "tally": {"noticed": 9, "survived": 1, "unpromised": 5}, "score": 0.9, "scenarios": [],
            "promises": {}, "operations": {}, "kinds": {}, "noticed": [], "survivors": [], "unpromised": [],
        });
        if let (Some(bite), Value::Object(changes)) = (bite.as_object_mut(), changes) {
            bite.extend(changes);
        }
        serde_json::from_value(bite).unwrap()
    }

    fn vacuous() -> Value {
        json!([{"place": {"file": "f", "line": 3}, "name": "s", "vacuous": true,
                "tally": {"noticed": 0, "survived": 0, "unpromised": 0}}])
    }

    #[test]
    fn only_a_whole_contract_that_notices_enough_is_kept() {
        let unproven = json!([{"place": {"file": "f", "line": 3}, "outcome": "broken"}]);
        for (what, changes, least, outcome) in [
            ("enough", json!({}), 0.9, Outcome::Kept),
            ("too little", json!({}), 0.91, Outcome::Broken),
            ("a vacuous scenario", json!({"scenarios": vacuous()}), 0.5, Outcome::Broken),
            ("nothing proven", json!({"score": null}), 0.0, Outcome::Untested),
            ("a part that is bad already", json!({"left": 1}), 0.95, Outcome::Broken),
            ("a scenario that was not kept", json!({"unproven": unproven}), 0.9, Outcome::Unasked),
        ] {
            assert_eq!(bite(changes).outcome(least), outcome, "{what}");
        }
        assert_eq!(bite(json!({})).counts(0.95).broken, 1);
        assert_eq!(bite(json!({})).counts(0.9).broken, 0);
    }

    #[test]
    fn a_proof_of_nothing_is_untested_and_the_worst_contract_speaks() {
        let proof = |bites| Proof {
            least: 0.9,
            least_by: "--min".into(),
            only: Vec::new(),
            budget: None,
            sample: 0,
            planned: 0,
            ran: 0,
            bites,
        };
        assert_eq!(proof(Vec::new()).outcome(), Outcome::Untested);
        let both = vec![bite(json!({})), bite(json!({"score": 0.5}))];
        assert_eq!(proof(both).outcome(), Outcome::Broken);
    }
}
