//! A judgement rests on the newest evidence alone: what a reading lets go of changes nothing.

use jiff::SignedDuration;
use proptest::collection::vec;
use proptest::prelude::{prop_assert_eq, proptest};
use serde_json::json;

use super::{HASH, contracts, inventory, kept, name, now};
use crate::domain::chain::hash::Hash;
use crate::domain::chain::lines;
use crate::domain::chain::reading::{Reading, newest};
use crate::domain::contract::ContractHash;
use crate::domain::entry::{Body, Entry};
use crate::domain::evidence::{Class, Evidence};
use crate::domain::inventory::Inventory;
use crate::domain::readiness::{Criterion, judge};
use crate::domain::record::{Counts, Kind, Outcome};
use crate::domain::target::Target;

/// Evidence of many kinds, made of the digits of a number.
fn evidence(mut number: u32) -> Evidence {
    let mut pick = |of: usize| {
        let digit = number as usize % of;
        number /= u32::try_from(of).unwrap();
        digit
    };
    let live = pick(2) == 1;
    let class = [Class::Measured, Class::Measured, Class::Declared][pick(3)];
    Evidence {
        kind: Kind::ALL[pick(Kind::ALL.len())],
        class,
        stands_for: (class == Class::Declared).then_some([Criterion::Health, Criterion::Flag][pick(2)]),
        integration: name(["shopify", "chatwoot"][pick(2)]),
        target: if live { Target::Live } else { Target::Twin },
        environment: live.then(|| ["staging", "production"][pick(2)].to_owned()),
        outcome: [Outcome::Kept, Outcome::Broken, Outcome::Unasked][pick(3)],
        counts: [Counts { kept: 9, ..Counts::default() }, Counts { kept: 8, broken: 1, ..Counts::default() }][pick(2)],
        partial: pick(3) == 0,
        command: ["preflight", "flip", ["idea", "more"][pick(2)]].map(str::to_owned).to_vec(),
        contract_hash: [Some(HASH), Some("yesterday"), None][pick(3)].map(|hash| ContractHash(hash.to_owned())),
        score: [Some(0.9), Some(0.1), None][pick(3)],
        finished: now() - SignedDuration::from_hours([1, 500, -5][pick(3)]),
        ..kept()
    }
}

/// A ledger's text.
fn ledger(numbers: &[u32]) -> String {
    let (mut text, mut previous) = (String::new(), Hash::NOTHING);
    for (sequence, number) in (1..).zip(numbers) {
        let body = Body::Evidence(Box::new(evidence(*number)));
        let line = serde_json::to_string(&Entry { version: 1, sequence, previous, written: now(), body }).unwrap();
        previous = Hash::of(&line);
        text.push_str(&line);
        text.push('\n');
    }
    text
}

fn policy() -> Inventory {
    let flag = json!({"integrations": ["shopify"], "parser": {"names": ["X"]}});
    inventory(json!({
        "integrations": {"shopify": {}, "chatwoot": {}},
        "flags": {"idea": flag, "more": flag},
        "policy": {"staging": {"require": ["contract-live", "health", "flag"], "min_bite": 0.5, "accept_declared": ["health"]}},
    }))
}

proptest! {
    #[test]
    fn what_is_let_go_changes_no_judgement(numbers in vec(0..u32::MAX, 0..60)) {
        let text = ledger(&numbers);
        let whole = Reading::of(lines(text.as_bytes())).history;
        let few = Reading::of_newest(newest(lines(text.as_bytes()))).expect("nothing is lost").history;
        let judged = |history| serde_json::to_value(judge(&policy(), &contracts(), history, now())).unwrap();
        prop_assert_eq!(judged(&few), judged(&whole));
    }
}

#[test]
fn old_evidence_is_let_go_and_only_where_nothing_is_lost() {
    let numbers = [7; 50];
    let text = ledger(&numbers);
    let few = |text: &str| Reading::of_newest(newest(lines(text.as_bytes())));
    assert_eq!(few(&text).expect("nothing is lost").history.entries.len(), 1);
    assert_eq!(few("").expect("nothing is lost").history.entries.len(), 0);
    let half = text.lines().nth(20).unwrap();
    for (what, wrong) in [
        ("a line is cut off", text.replace(half, &half[..90])),
        ("a line was changed", text.replace(half, &half.replace("idea", "more"))),
        ("a line is gone", text.replace(&format!("{half}\n"), "")),
        ("the last line is cut off", text[..text.len() - 20].to_owned()),
        ("the sequence goes back", ledger(&[7]) + &ledger(&[7])),
    ] {
        assert_ne!(wrong, text, "{what}");
        assert!(few(&wrong).is_none(), "{what}: everything must be read");
    }
}
