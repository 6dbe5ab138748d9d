//! Which scenarios of a plan are run: by tag expression, by name, by place.

use gherkin::tagexpr::TagOperation;
use regex::Regex;
use sha2::{Digest, Sha256};

use crate::domain::contract::Place;
use crate::domain::shard::Share;
use crate::domain::target::Target;
use crate::engine::plan::Planned;

/// What the user asked for.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    pub tags: Option<TagOperation>,
    /// Matched anywhere in the scenario's name.
    pub name: Option<Regex>,
    /// Only these scenarios (`--rerun-failed`).
    pub places: Option<Vec<Place>>,
}

impl Selection {
    /// Tells whether the user narrowed the contract down.
    pub fn is_partial(&self) -> bool {
        self.tags.is_some() || self.name.is_some() || self.places.is_some()
    }

    pub fn takes(&self, planned: &Planned) -> bool {
        self.tags.as_ref().is_none_or(|tags| holds(tags, &planned.tags))
            && self.name.as_ref().is_none_or(|name| name.is_match(&planned.scenario.name))
            && self.places.as_ref().is_none_or(|places| places.contains(&planned.place))
    }
}

fn holds(expression: &TagOperation, tags: &[String]) -> bool {
    match expression {
        TagOperation::And(one, other) => holds(one, tags) && holds(other, tags),
        TagOperation::Or(one, other) => holds(one, tags) || holds(other, tags),
        TagOperation::Not(inner) => !holds(inner, tags),
        TagOperation::Tag(tag) => tags.iter().any(|known| known == tag.trim_start_matches('@')),
    }
}

/// Why a scenario is not meant for a target; None when it is.
pub fn not_meant_for(target: Target, tags: &[String]) -> Option<&'static str> {
    let tagged = |tag: &str| tags.iter().any(|known| known == tag);
    match target {
        Target::Twin if tagged("live-only") => Some("it is tagged @live-only"),
        Target::Live | Target::Replay if tagged("twin-only") => Some("it is tagged @twin-only"),
        _ => None,
    }
}

/// The scenarios of one part of a run, and the SHA-256 (hex) of the whole. The scenarios are dealt like cards, in the
/// order of their places: each part gets its share of every file, none gets two of what another has, and all together
/// get everything.
pub fn deal(mut scenarios: Vec<Planned>, share: Share) -> (Vec<Planned>, String) {
    let key = |one: &Planned| (one.integration.clone(), one.place.clone(), one.scenario.name.clone());
    scenarios.sort_by_key(key);
    let mut plan = Sha256::new();
    for one in &scenarios {
        plan.update(format!("{}\0{}\0{}\n", one.integration, one.place, one.scenario.name));
    }
    let (index, of) = (share.index as usize - 1, share.of as usize);
    let taken = scenarios.into_iter().enumerate().filter(|(at, _)| at % of == index).map(|(_, one)| one).collect();
    (taken, hex::encode(plan.finalize()))
}

#[cfg(test)]
mod tests {
    use super::{deal, holds};
    use crate::adapter::contracts::Source;
    use crate::domain::shard::Share;
    use crate::engine::playbill::Playbill;

    /// Nine scenarios, three of them rows of one outline.
    fn scenarios() -> Playbill {
        let one = |number: usize| format!("  Scenario: s{number}\n    When I GET \"/\"\n    Then the status is 200\n");
        let outline = "  Scenario Outline: o\n    When I GET \"<p>\"\n    Then the status is 200\n    Examples:\n      | p |\n      | 1 |\n      | 2 |\n      | 3 |\n";
        let text = (1..=6).fold("Feature: f\n".to_owned(), |text, number| text + &one(number)) + outline;
        let source = Source { path: "features/echo/a.feature".into(), text };
        let files = [
            (source.path.clone(), Ok(source.text.clone().into())),
            (
                "fixtures/echo/manifest.yaml".to_owned(),
                Ok("title: Echo\nmodels: {versions: ['1'], source: none}\n".into()),
            ),
        ];
        let (contracts, _) = crate::adapter::contracts::assemble(&files.into());
        Playbill::of(contracts.values(), |_| true)
    }

    #[test]
    fn all_parts_together_are_the_run_and_no_two_share_a_scenario() {
        let names = |index, of| -> Vec<String> {
            let dealt = deal(scenarios().scenarios, Share { index, of }).0;
            dealt.iter().map(|one| format!("{} {}", one.place, one.scenario.name)).collect()
        };
        for of in [1, 2, 3, 4, 9, 20] {
            let mut all: Vec<String> = (1..=of).flat_map(|index| names(index, of)).collect();
            assert_eq!(all.len(), 9, "{of}");
            all.sort();
            let mut whole = names(1, 1);
            whole.sort();
            assert_eq!(all, whole, "{of}");
        }
        let plan = |index, of| deal(scenarios().scenarios, Share { index, of }).1;
        assert_eq!(plan(1, 3), plan(2, 3));
        let mut fewer = scenarios().scenarios;
        fewer.pop();
        assert_ne!(deal(fewer, Share { index: 1, of: 3 }).1, plan(1, 3));
    }

    #[test]
    fn tag_expressions_select() {
        let tags = ["slow".to_owned(), "IDP4-1".to_owned()];
        for (expression, taken) in
            [("@slow", true), ("@slow and @IDP4-1", true), ("not @slow", false), ("@fast or (@slow and not @x)", true)]
        {
            assert_eq!(holds(&expression.parse().unwrap(), &tags), taken, "{expression}");
        }
    }
}
