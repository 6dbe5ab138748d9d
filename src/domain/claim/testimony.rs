//! What the ledger knows, by the names that a text may use.

use crate::domain::evidence::{Class, Evidence};
use crate::domain::integration::Name;
use crate::domain::moment::Moment;
use crate::domain::record::Kind;
use crate::domain::target::Target;

/// The ledger's entries, and the integrations that a text may speak of.
#[derive(Clone, Debug, Default)]
pub struct Testimony {
    pub integrations: Vec<Known>,
    /// In the order of the ledger.
    pub evidence: Vec<Evidence>,
}

/// An integration and what it is called.
#[derive(Clone, Debug)]
pub struct Known {
    pub name: Name,
    /// In lower case.
    pub words: Vec<String>,
}

impl Testimony {
    /// The integrations that a text names.
    pub fn named(&self, text: &str) -> Vec<&Name> {
        let lower = text.to_lowercase();
        self.integrations
            .iter()
            .filter(|known| known.words.iter().any(|word| says(&lower, word)))
            .map(|known| &known.name)
            .collect()
    }

    /// Each target's newest whole run of an integration, up to a moment.
    pub fn newest(&self, name: &Name, until: Option<Moment>) -> Vec<&Evidence> {
        let known = |entry: &&Evidence| {
            (entry.kind, entry.class) == (Kind::ContractRun, Class::Measured)
                && entry.integration == *name
                && !entry.partial
                && until.is_none_or(|until| entry.started <= until.end())
        };
        let mut newest: Vec<&Evidence> = Vec::new();
        for entry in self.evidence.iter().filter(known) {
            newest.retain(|other| (other.target, &other.environment) != (entry.target, &entry.environment));
            newest.push(entry);
        }
        newest
    }
}

/// The targets that a text speaks of; all when it names none.
pub fn targets(text: &str) -> Vec<Target> {
    let lower = text.to_lowercase();
    let named: Vec<Target> = [(Target::Twin, "twin"), (Target::Live, "live")]
        .into_iter()
        .filter(|(_, word)| says(&lower, word))
        .map(|(target, _)| target)
        .collect();
    if named.is_empty() { vec![Target::Twin, Target::Live, Target::Replay] } else { named }
}

/// Tells whether a text holds a word as a word of its own.
fn says(text: &str, word: &str) -> bool {
    let joins =
        |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '/' || letter == '_');
    text.match_indices(word)
        .any(|(at, found)| !joins(text[..at].chars().next_back()) && !joins(text[at + found.len()..].chars().next()))
}

#[cfg(test)]
mod tests {
    use super::{Known, Testimony};

    #[test]
    fn a_name_is_a_word_of_its_own() {
        let known = |name: &str, words: &[&str]| Known {
            name: name.parse().unwrap(),
            words: words.iter().map(|word| (*word).to_owned()).collect(),
        };
        let testimony = Testimony {
            integrations: vec![known("idea-pool", &["idea-pool", "idea pool"]), known("shopify", &["shopify"])],
            evidence: vec![],
        };
        let named = |text| testimony.named(text).into_iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(named("The Idea Pool and Shopify"), ["idea-pool", "shopify"]);
        assert_eq!(named("docs/shopify/x, shopifys"), Vec::<String>::new());
    }
}
