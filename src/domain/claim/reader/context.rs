//! What a line says of time and of itself: its moment, its label, whether it plans, whether it says that all is done.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::domain::claim::block::Prose;
use crate::domain::claim::date::{Dated, When, on};
use crate::domain::moment::Moment;

/// What a labelled date is the date of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Field {
    /// When the document was written or last reviewed.
    Written,
    Expires,
}

/// The field that a date stands in, by the text before it in its line.
pub fn field(before: &str) -> Option<Field> {
    let label = before.trim_end().strip_suffix(':')?.trim().trim_matches(['*', '_', '`']).to_lowercase();
    match label.trim_matches(['-', ' ']) {
        "date" | "created" | "document created" | "generated" | "updated" | "last updated" | "last_updated"
        | "last reviewed" | "last_reviewed" | "reviewed" | "as of" | "effective" => Some(Field::Written),
        "expires" | "expiry" | "valid until" | "valid_until" => Some(Field::Expires),
        _ => None,
    }
}

/// The later one of two moments.
pub fn later(one: Option<Moment>, other: Option<Moment>) -> Option<Moment> {
    match (one, other) {
        (Some(one), Some(other)) => Some(if one.end() >= other.end() { one } else { other }),
        (one, other) => one.or(other),
    }
}

/// The moment that a heading or a line gives itself: its first date, with its first time of day; the day may come from above.
pub fn own_time(found: &[Dated], above: Option<Moment>) -> Option<Moment> {
    let known = found.iter().find_map(|dated| match dated.when {
        When::Known(moment) => Some(moment),
        _ => None,
    });
    let clock = found.iter().find_map(|dated| match dated.when {
        When::Clock(minutes) => Some(minutes),
        _ => None,
    });
    match (known, clock) {
        (Some(Moment::Time(time)), _) => Some(Moment::Time(time)),
        (Some(day), Some(minutes)) => on(day, minutes).or(Some(day)),
        (Some(day), None) => Some(day),
        (None, Some(minutes)) => on(above?, minutes),
        (None, None) => None,
    }
}

/// Words by which a date is one that is yet to come, or not a date of anything done.
const PLANS: [&str; 27] = [
    "by",
    "due",
    "until",
    "expires",
    "expire",
    "scheduled",
    "schedule",
    "target",
    "plan",
    "planned",
    "eta",
    "deadline",
    "next",
    "upcoming",
    "roadmap",
    "release",
    "version",
    "sunset",
    "before",
    "will",
    "escalate",
    "window",
    "ahead",
    "milestone",
    "forecast",
    "valid",
    "review",
];

/// Tells whether a line speaks of what is to come.
pub fn plans(line: &str) -> bool {
    line.to_lowercase().split(|letter: char| !letter.is_alphanumeric()).any(|word| PLANS.contains(&word))
}

/// Tells whether what is listed under a title is said to be there.
pub fn shows(title: &str) -> bool {
    let shown = ["created", "delivered", "deliverables", "artifacts", "artefacts", "evidence", "produced"];
    let rules = [
        "conventions",
        "convention",
        "format",
        "formats",
        "rules",
        "policy",
        "template",
        "templates",
        "how",
        "guide",
        "required",
    ];
    let lower = title.to_lowercase();
    let says = |list: &[&str]| lower.split(|letter: char| !letter.is_alphanumeric()).any(|word| list.contains(&word));
    says(&shown) && !says(&rules) && !plans(title)
}

static ALL_DONE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\ball\s+(?:(?:the|of|our)\s+)*(work|tasks?|items?|checks?|tests?|services?|integrations?|secrets?|scenarios?|steps?)\s+(?:is\s+|are\s+|now\s+)*(?:complete|completed|done|finished|passing|passed|green|healthy|ready|kept)\b",
    )
    .ok()
});

/// A line that says, without a reservation, that everything of a kind is done.
pub fn all_done(prose: &Prose) -> Option<(Range<usize>, String)> {
    ["all", "All", "ALL"].iter().any(|word| prose.text.contains(word)).then_some(())?;
    let hit = ALL_DONE.as_ref()?.captures(&prose.text)?;
    let noun = hit.get(1)?.as_str().to_lowercase();
    let range = hit.get(0)?.range();
    let before = prose.text[prose.line(range.start).start..range.start].to_lowercase();
    // `once all tasks are done`, `not all`, `when all`
    let reserved = ["once", "when", "until", "if", "not", "after", "before", "unless", "should", "must", "that"];
    let said = before.split(|letter: char| !letter.is_alphanumeric()).any(|word| reserved.contains(&word));
    (!said && !prose.is_code(&range)).then_some((range, noun))
}

#[cfg(test)]
mod tests {
    use super::{Field, all_done, field};
    use crate::domain::claim::block::Prose;

    #[test]
    fn a_label_says_what_a_date_is_of() {
        for (before, expected) in [
            ("last_reviewed: ", Some(Field::Written)),
            ("Date: ", Some(Field::Written)),
            ("Document Created: ", Some(Field::Written)),
            ("expires: ", Some(Field::Expires)),
            ("due: ", None),
            ("on ", None),
        ] {
            assert_eq!(field(before), expected, "{before}");
        }
    }

    #[test]
    fn all_is_done_only_without_a_reservation() {
        for (text, noun) in [
            ("Status: ✅ ALL WORK COMPLETE - READY", Some("work")),
            ("All tasks are done", Some("tasks")),
            ("ALL EXECUTABLE WORK COMPLETE", None),
            ("All core tasks complete", None),
            ("Once all tasks are done", None),
        ] {
            let mut prose = Prose::default();
            prose.push(text, 0);
            assert_eq!(all_done(&prose).map(|(_, noun)| noun).as_deref(), noun, "{text}");
        }
    }
}
