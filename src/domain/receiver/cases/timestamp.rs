//! Timestamps: within the window, and outside of it.

use crate::domain::receiver::case::{Answer, Case, Dating, Effect, Family, Trick};

const fn dated(name: &'static str, dating: Dating, sent: &'static str, shows: &'static str) -> Case {
    Case {
        name,
        family: Family::Timestamp,
        trick: Trick::Dating(dating),
        sent,
        shows,
        answer: Answer::Refused,
        effect: Effect::None,
    }
}

const fn accepted(name: &'static str, dating: Dating, sent: &'static str, shows: &'static str) -> Case {
    Case { answer: Answer::Accepted, effect: Effect::Exactly(1), ..dated(name, dating, sent, shows) }
}

pub(super) const CASES: &[Case] = &[
    accepted(
        "late-within-window",
        Dating::WithinPast,
        "a right delivery, dated ten seconds before the end of the window",
        "deliveries that were late on their way are lost",
    ),
    accepted(
        "clock-slightly-ahead",
        Dating::SlightlyAhead,
        "a right delivery, dated three seconds ahead, as by a sender's clock that runs fast",
        "two clocks that differ by seconds lose deliveries",
    ),
    dated(
        "no-timestamp",
        Dating::Missing,
        "a delivery without its timestamp",
        "who leaves the timestamp out may play a delivery again for ever",
    ),
    dated(
        "stale-timestamp",
        Dating::Stale,
        "a right delivery, dated a minute before the window",
        "a delivery that somebody kept can be played again",
    ),
    dated(
        "very-stale-timestamp",
        Dating::VeryStale,
        "a right delivery of last year",
        "a delivery that somebody kept can be played again for ever",
    ),
    dated(
        "future-timestamp",
        Dating::Ahead,
        "a right delivery, dated a minute behind the window's end ahead",
        "a delivery that is dated ahead stays fresh for as long as its maker wants",
    ),
    dated(
        "far-future-timestamp",
        Dating::FarAhead,
        "a right delivery, dated in a hundred years",
        "a delivery that is dated ahead never becomes stale; or the receiver's arithmetic overflows",
    ),
    dated(
        "timestamp-that-is-no-number",
        Dating::NoNumber,
        "a delivery that is rightly signed for a timestamp in words",
        "what is no number is taken for zero or for now, or makes the receiver fail",
    ),
    dated(
        "timestamp-with-plus",
        Dating::Plus,
        "a delivery that is rightly signed for a timestamp with a plus sign",
        "one moment has several texts, so what remembers texts can be deceived",
    ),
    dated(
        "timestamp-with-a-tail",
        Dating::Trailing,
        "a delivery that is rightly signed for a timestamp with letters behind it",
        "a parser that stops at the first letter reads another timestamp than the one that was signed",
    ),
    dated(
        "changed-timestamp",
        Dating::Resigned,
        "a delivery of last year with today's timestamp beside its old signature",
        "the timestamp is not part of what is verified: any kept delivery can be dated anew",
    ),
];
