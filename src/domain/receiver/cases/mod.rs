//! All cases, family by family, in the order in which they are told.

mod accept;
mod once;
mod protocol;
mod signature;
mod timestamp;

use crate::domain::receiver::case::Case;

/// Every case.
pub fn all() -> impl Iterator<Item = &'static Case> {
    [accept::CASES, signature::CASES, timestamp::CASES, once::CASES, protocol::CASES].into_iter().flatten()
}

/// The case of a name.
pub fn named(name: &str) -> Option<&'static Case> {
    all().find(|case| case.name == name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{all, named};
    use crate::domain::receiver::case::{Answer, Effect, Family};

    #[test]
    fn every_case_has_a_name_of_its_own_and_says_what_it_shows() {
        let names: BTreeSet<&str> = all().map(|case| case.name).collect();
        assert_eq!(names.len(), all().count());
        for case in all() {
            assert!(
                case.name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'),
                "{}",
                case.name
            );
            assert!(case.sent.len() > 8 && case.shows.len() > 12, "{}", case.name);
            assert!(!case.sent.ends_with('.') && !case.shows.ends_with('.'), "{}", case.name);
        }
        assert!(named("valid").is_some() && named("valide").is_none());
    }

    #[test]
    fn what_is_refused_has_no_effect() {
        for case in all() {
            // What is said of all answers is about no delivery.
            let of_one = case.family != Family::Answers;
            if of_one && matches!(case.answer, Answer::Refused | Answer::TurnedAway) {
                assert_eq!(case.effect, Effect::None, "{}", case.name);
            }
            if case.family == Family::Once {
                assert_ne!(case.effect, Effect::Unasked, "{}", case.name);
            }
        }
    }
}
