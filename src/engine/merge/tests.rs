//! Parts of runs: joined in any order and grouping they are one run, and what is not of one run is refused.

use std::collections::BTreeMap;

use proptest::prelude::{Just, Strategy, any, proptest};
use serde_json::{Value, json};

use super::{Unmergeable, merge, part};
use crate::domain::record::{Details, Record};
use crate::domain::shard::Shard;
use crate::domain::witness::Witness;

/// A run of `shop`, whose scenarios are these; each asked an operation once and showed a branch.
fn record(scenarios: &[usize]) -> Record {
    let scenario = |number: &usize| {
        json!({
            "place": {"file": "features/shop/a.feature", "line": number * 3}, "feature": "f", "name": format!("s{number}"),
            "outcome": if number % 5 == 4 { "broken" } else { "kept" }, "checks": 1, "duration_us": 7,
        })
    };
    let kept = scenarios.iter().filter(|number| *number % 5 != 4).count();
    serde_json::from_value(json!({
        "version": 1, "kind": "contract-run", "id": "20261120T090000000Z-00000000", "tool": "preflight 0.1.0",
        "command": ["preflight", "check"], "workspace": "w", "workspace_hash": "a", "target": "live", "environment": "staging",
        "started": "2026-11-20T09:00:00Z", "finished": "2026-11-20T09:01:00Z", "seed": 0,
        "contracts": [{
            "integration": "shop", "title": "Shop", "contract_hash": "h",
            "scenarios": scenarios.iter().map(scenario).collect::<Vec<Value>>(),
            "operations": [{"id": "list", "request": "GET /items", "asked": scenarios.len(), "kept": kept}],
            "gaps": scenarios.iter().map(|number| format!("gap {}", number % 2)).collect::<std::collections::BTreeSet<_>>(),
            "host": {"base_url": "https://s.example", "addresses": ["203.0.113.7:443"], "request_ids": []},
        }],
    }))
    .unwrap()
}

fn shard(scenarios: &[usize], of: u32) -> Shard {
    let seen: BTreeMap<String, bool> = [("even".to_owned(), scenarios.iter().any(|number| number % 2 == 0))].into();
    let witness = Witness { promises: [("f:1 $.a".to_owned(), seen)].into(), ..Witness::default() };
    let witness = [("shop".parse().unwrap(), witness)].into();
    Shard { of, plan: "p".into(), partial: false, pieces: BTreeMap::new(), witness }
}

/// The parts of a run of so many scenarios.
fn parts(count: usize, of: u32) -> Vec<Record> {
    (1..=of)
        .map(|index| {
            let mine: Vec<usize> = (0..count).filter(|number| number % of as usize == index as usize - 1).collect();
            let made = Record { id: format!("20261120T090000000Z-0000000{index}"), ..record(&mine) };
            part(made, shard(&mine, of), index)
        })
        .collect()
}

fn text(record: &Record) -> String {
    serde_json::to_string(record).unwrap()
}

#[test]
fn all_parts_are_the_run() {
    let merged = merge(parts(10, 3)).unwrap();
    let whole = record(&(0..10).collect::<Vec<_>>());
    assert!(!merged.partial);
    assert_eq!(merged.counts(), whole.counts());
    assert_eq!(
        serde_json::to_value(&merged.contracts[0].scenarios).unwrap(),
        serde_json::to_value(&whole.contracts[0].scenarios).unwrap()
    );
    assert_eq!((merged.contracts[0].operations[0].asked, merged.contracts[0].operations[0].kept), (10, 8));
    assert_eq!(merged.contracts[0].gaps, ["gap 0", "gap 1"]);
    assert_eq!(merged.contracts[0].unseen, Vec::<String>::new(), "one part saw it");
    assert_eq!(merged.contracts[0].host.as_ref().unwrap().addresses, ["203.0.113.7:443"]);
}

#[test]
fn what_is_missing_leaves_a_part() {
    let mut some = parts(10, 3);
    some.remove(1);
    let merged = merge(some).unwrap();
    let Some(Details::Shard(shard)) = &merged.details else { panic!("it says what it was joined from") };
    assert_eq!((merged.partial, shard.missing()), (true, vec![2]));
    assert!(parts(10, 3).iter().all(|part| part.partial), "a part alone is one");
}

#[test]
fn a_run_of_a_part_of_the_contract_stays_one() {
    let partial = |made: Record| part(Record { partial: true, details: None, ..made }, shard(&[0], 1), 1);
    assert!(merge(vec![partial(record(&[0]))]).unwrap().partial);
}

#[test]
fn what_is_not_of_one_run_is_refused() {
    let change = |change: fn(&mut Record)| {
        let mut all = parts(10, 3);
        change(&mut all[1]);
        merge(all).unwrap_err().to_string()
    };
    let shard = |change: fn(&mut Shard)| {
        let mut all = parts(10, 3);
        if let Some(Details::Shard(shard)) = &mut all[1].details {
            change(shard);
        }
        merge(all).unwrap_err().to_string()
    };
    let table = [
        (change(|record| record.tool = "preflight 0.2.0".into()), "the program that made them"),
        (change(|record| record.workspace = "v".into()), "their workspace"),
        (change(|record| record.workspace_hash = None), "their workspace"),
        (change(|record| record.target = crate::domain::target::Target::Twin), "their target"),
        (change(|record| record.environment = Some("production".into())), "their environment"),
        (change(|record| record.seed = 7), "their seed"),
        (shard(|shard| shard.of = 4), "how many parts there are"),
        (shard(|shard| shard.plan = "q".into()), "the scenarios that were asked for"),
        (shard(|shard| shard.partial = true), "the scenarios that were asked for"),
    ];
    for (told, what) in table {
        assert!(told.contains(&format!("differ in {what}")), "{told} is not {what}");
    }
    let hash = |made: Record| {
        let mut made = made;
        made.contracts[0].contract_hash.0 = "other".into();
        part(Record { partial: false, details: None, ..made }, super::tests::shard(&[1], 3), 2)
    };
    let mut all = parts(10, 3);
    all[1] = hash(all[1].clone());
    assert!(merge(all).unwrap_err().to_string().contains("differ in their contracts"));
}

#[test]
fn what_was_changed_or_stands_there_twice_is_refused() {
    let mut changed = parts(10, 3);
    changed[0].contracts[0].operations[0].kept = 99;
    assert!(matches!(merge(changed), Err(Unmergeable::Changed(_))));
    let mut twice = parts(10, 3);
    twice.push(part(Record { partial: false, details: None, ..record(&[1, 4]) }, shard(&[1, 4], 3), 2));
    assert!(matches!(merge(twice), Err(Unmergeable::Twice { index: 2, of: 3, .. })));
    let [one, two, three] = &parts(10, 3)[..] else { panic!("three") };
    let left = merge(vec![one.clone(), two.clone()]).unwrap();
    let right = merge(vec![two.clone(), three.clone()]).unwrap();
    assert!(matches!(merge(vec![left, right]), Err(Unmergeable::Overlap { .. })));
    assert!(matches!(merge(Vec::new()), Err(Unmergeable::Nothing)));
    assert!(matches!(merge(vec![record(&[0])]), Err(Unmergeable::NoShard(_))));
    let mut old = record(&[1, 4, 7]);
    old.started = "2026-11-19T08:59:00Z".parse().unwrap();
    let old = part(old, shard(&[1, 4, 7], 3), 2);
    assert_eq!(merge(vec![one.clone(), old]).unwrap_err(), Unmergeable::Apart);
}

/// A run, an order of its parts with some of them twice, and where to join half of them first.
fn case() -> impl Strategy<Value = (usize, u32, Vec<usize>, usize)> {
    (0_usize..30, 1_u32..6).prop_flat_map(|(count, of)| {
        let all: Vec<usize> = (0..of as usize).collect();
        let order = (Just(all).prop_shuffle(), proptest::collection::vec(0..of as usize, 0..4))
            .prop_map(|(order, again)| order.into_iter().chain(again).collect::<Vec<usize>>());
        (Just(count), Just(of), order, any::<proptest::sample::Index>())
            .prop_map(|(count, of, order, at)| (count, of, order.clone(), at.index(of as usize + 1)))
    })
}

proptest! {
    #![proptest_config(proptest::test_runner::Config { cases: 64, failure_persistence: None, ..Default::default() })]
    #[test]
    fn neither_order_nor_repetition_nor_grouping_matters((count, of, order, at) in case()) {
        let all = parts(count, of);
        let whole = text(&merge(all.clone()).unwrap());
        let ordered: Vec<Record> = order.iter().map(|index| all[*index].clone()).collect();
        assert_eq!(text(&merge(ordered.clone()).unwrap()), whole);
        let merged = merge(ordered.clone()).unwrap();
        assert_eq!(text(&merge(vec![merged.clone(), merged.clone()]).unwrap()), whole);
        assert_eq!(text(&merge(vec![merged, ordered[0].clone()]).unwrap()), whole);
        // The first `of` of the order are each part once: any two groups of them.
        let (left, right) = ordered[..of as usize].split_at(at.min(of as usize));
        let groups: Vec<Record> = [left, right].iter().filter(|group| !group.is_empty()).map(|group| merge(group.to_vec()).unwrap()).collect();
        assert_eq!(text(&merge(groups).unwrap()), whole);
    }
}
