//! Readiness over time: what was known at each run, and what changed.

use jiff::SignedDuration;
use serde_json::json;

use super::{contracts, history, inventory, kept, now};
use crate::domain::contract::ContractHash;
use crate::domain::entry::History;
use crate::domain::evidence::Evidence;
use crate::domain::readiness::timeline::{Beginning, MOST, Timeline, sequence_at, timeline};
use crate::domain::readiness::{Criterion, State, Verdict};
use crate::domain::record::{Counts, Outcome};

/// A run some hours ago.
fn ran(hours: i64, outcome: Outcome) -> Evidence {
    let counts = match outcome {
        Outcome::Broken => Counts { broken: 1, ..Counts::default() },
        _ => Counts { kept: 1, ..Counts::default() },
    };
    let finished = now() - SignedDuration::from_hours(hours);
    Evidence { outcome, counts, started: finished, finished, record: format!("records/{hours}.json"), ..kept() }
}

fn over(history: &History, beginnings: &[Beginning]) -> Timeline {
    let policy = inventory(json!({"policy": {"staging": {"require": ["contract-twin"]}}}));
    timeline(&policy, &contracts(), history, now(), beginnings)
}

fn twin(timeline: &Timeline) -> &[State] {
    let strip = timeline.strips.iter().find(|strip| strip.criterion == Criterion::ContractTwin);
    &strip.expect("a strip").states
}

#[test]
fn each_run_is_judged_by_what_was_known_then() {
    let told = over(&history(&[ran(48, Outcome::Kept), ran(24, Outcome::Broken), ran(2, Outcome::Kept)]), &[]);
    assert_eq!(twin(&told), [State::Ready, State::Failing, State::Ready, State::Ready]);
    assert_eq!(told.verdicts[0].verdicts, [Verdict::Go, Verdict::NoGo, Verdict::Go, Verdict::Go]);
    assert_eq!(told.moments.len(), 4);
    let change = &told.since[0].changes[0];
    assert_eq!((change.from, change.to, change.required), (State::Failing, State::Ready, true));
}

#[test]
fn what_was_ready_then_and_old_now_is_a_change() {
    let told = over(&history(&[ran(24 * 9, Outcome::Kept)]), &[]);
    assert_eq!(twin(&told), [State::Ready, State::Stale]);
    assert!(told.since.is_empty(), "there is no run before the only one");
}

#[test]
fn a_contract_that_changed_since_was_not_stale_then() {
    let old = Evidence { contract_hash: Some(ContractHash("yesterday".into())), ..ran(24, Outcome::Kept) };
    let told = over(&history(&[old]), &[]);
    assert_eq!(twin(&told), [State::Ready, State::Stale]);
}

#[test]
fn before_the_first_entry_nothing_was_known() {
    let history = history(&[ran(3, Outcome::Kept)]);
    let at = now() - SignedDuration::from_hours(4);
    assert_eq!(sequence_at(&history, at), 0);
    assert_eq!(sequence_at(&history, now()), 1);
    let told = over(&history, &[Beginning { label: "v1".into(), sequence: 0, at }]);
    let change = &told.since[0].changes[0];
    assert_eq!((told.since[0].label.as_str(), change.from, change.to), ("v1", State::Unknown, State::Ready));
    assert!(over(&History::default(), &[]).since.is_empty());
}

#[test]
fn a_loss_that_came_later_was_not_known_then() {
    let history = History { doubted: 2, ..history(&[ran(24, Outcome::Kept), ran(2, Outcome::Kept)]) };
    let told = over(&history, &[]);
    assert_eq!(twin(&told), [State::Ready, State::Unknown, State::Unknown]);
}

#[test]
fn only_the_last_runs_are_looked_back_on_and_the_entries_of_one_run_are_one() {
    let many: Vec<_> = (1..=40).rev().map(|hour| ran(hour, Outcome::Kept)).collect();
    assert_eq!(over(&history(&many), &[]).moments.len(), MOST + 1);
    let one = [ran(1, Outcome::Kept), ran(1, Outcome::Kept)];
    assert_eq!(over(&history(&one), &[]).moments.len(), 2);
}
