//! Deliveries that come more than once, or in another order: only a count of effects can tell.

use crate::domain::receiver::case::{Answer, Case, Effect, Family, Repeat, Trick};

const fn repeated(name: &'static str, repeat: Repeat, sent: &'static str, shows: &'static str) -> Case {
    Case {
        name,
        family: Family::Once,
        trick: Trick::Repeat(repeat),
        sent,
        shows,
        answer: Answer::Accepted,
        effect: Effect::Exactly(1),
    }
}

pub(super) const CASES: &[Case] = &[
    repeated(
        "duplicate-at-once",
        Repeat::AtOnce,
        "one delivery twice, the second right after the answer to the first",
        "a sender that retries makes everything happen twice",
    ),
    repeated(
        "duplicate-later",
        Repeat::Later,
        "one delivery again after all others, dated and signed anew as a retry is",
        "a retry is not known again because its timestamp and signature are new ones, or because others came between",
    ),
    Case {
        answer: Answer::OneAccepted,
        ..repeated(
            "duplicate-concurrently",
            Repeat::Concurrently,
            "one delivery eight times at the same moment",
            "two workers each find that the delivery is new: it is looked up and noted in two steps",
        )
    },
    Case {
        answer: Answer::FirstAccepted,
        ..repeated(
            "same-id-other-body",
            Repeat::OtherBody,
            "two deliveries with one id and two bodies",
            "deliveries are known again by their body: a retry that differs in a space happens twice",
        )
    },
    Case {
        effect: Effect::Between(1, 2),
        ..repeated(
            "out-of-order",
            Repeat::OutOfOrder,
            "two events of one subject, the newer one first",
            "no sender promises an order; a receiver that fails on the older event has it sent again and again",
        )
    },
    repeated(
        "id-after-forgery",
        Repeat::AfterForgery,
        "a forged delivery under an id, then the right one under the same id",
        "ids are noted before signatures are verified: who guesses an id makes the real delivery disappear",
    ),
];
