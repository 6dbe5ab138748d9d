//! Which scenarios of a plan are run: by tag expression, by name, by place.

use gherkin::tagexpr::TagOperation;
use regex::Regex;

use crate::domain::contract::Place;
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

#[cfg(test)]
mod tests {
    use super::holds;

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
