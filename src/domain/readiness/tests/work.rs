//! Evidence of other work than contract runs, and what the policy asks of it.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{cell, contracts, history, inventory, kept, live, name, now, staging};
use crate::domain::contract::ContractHash;
use crate::domain::entry::History;
use crate::domain::evidence::{Class, Evidence};
use crate::domain::inventory::Inventory;
use crate::domain::readiness::gate::gate;
use crate::domain::readiness::{Criterion, State, Verdict, judge};
use crate::domain::record::{Counts, Kind, Outcome, Record};
use crate::domain::target::Target;

/// Work of a kind in `staging`, an hour ago, all kept and about no contract.
fn work(kind: Kind) -> Evidence {
    let command = vec!["preflight".into(), "flip".into(), "idea".into()];
    Evidence { kind, contract_hash: None, command, ..live() }
}

/// Another tool's word for a criterion.
fn declared(criterion: Criterion) -> Evidence {
    Evidence { class: Class::Declared, stands_for: Some(criterion), ..work(Kind::Import) }
}

fn with_policy(policy: &Value) -> Inventory {
    // As many as the evidence of these tables counts.
    let secrets: serde_json::Map<String, Value> =
        (0..10).map(|number| (format!("SECRET_{number}"), json!({"service": "shopify"}))).collect();
    inventory(json!({
        "integrations": {"shopify": {"flag": "idea"}}, "policy": {"staging": policy}, "secrets": secrets,
    }))
}

/// Each criterion with the kind of work that shows it.
const SHOWN: [(Criterion, Kind); 5] = [
    (Criterion::Credentials, Kind::Secrets),
    (Criterion::Webhooks, Kind::WebhookSuite),
    (Criterion::Resilience, Kind::Gauntlet),
    (Criterion::Health, Kind::Probe),
    (Criterion::Flag, Kind::Flip),
];

#[test]
fn each_criterion_is_shown_by_work_of_its_own_kind_alone() {
    let policy = with_policy(&json!({"require": []}));
    for (criterion, own) in SHOWN {
        for kind in Kind::ALL {
            let state = if kind == own { State::Ready } else { State::Unknown };
            let found = cell(&policy, &[work(kind)], criterion);
            assert_eq!(found.state, state, "{} for {criterion}: {}", kind.as_str(), found.reason);
        }
    }
}

#[test]
fn work_is_weighed_like_a_contract_run() {
    let counts = |kept, broken, unasked, untested| Counts { kept, broken, unasked, untested };
    let policy = with_policy(&json!({"require": [], "min_score": {"health": 0.9}}));
    let probe = || Evidence { score: Some(1.0), ..work(Kind::Probe) };
    let table = [
        ("all kept", probe(), State::Ready),
        ("one broken", Evidence { counts: counts(9, 1, 0, 0), ..probe() }, State::Failing),
        ("one unasked", Evidence { counts: counts(9, 0, 1, 0), ..probe() }, State::Unknown),
        ("nothing asked", Evidence { counts: counts(0, 0, 0, 0), ..probe() }, State::Unknown),
        ("errors alone", Evidence { outcome: Outcome::Unasked, counts: counts(0, 0, 9, 0), ..probe() }, State::Unknown),
        ("in part", Evidence { partial: true, ..probe() }, State::Unknown),
        ("another environment", Evidence { environment: Some("production".into()), ..probe() }, State::Unknown),
        ("a twin", Evidence { target: Target::Twin, environment: None, ..probe() }, State::Unknown),
        ("nobody answered", Evidence { host: None, ..probe() }, State::Unknown),
        ("too old", Evidence { finished: now() - SignedDuration::from_hours(24 * 8), ..probe() }, State::Stale),
        ("dated tomorrow", Evidence { finished: now() + SignedDuration::from_hours(24), ..probe() }, State::Unknown),
        (
            "about another contract",
            Evidence { contract_hash: Some(ContractHash("yesterday".into())), ..probe() },
            State::Stale,
        ),
        ("a score too low", Evidence { score: Some(0.89), ..probe() }, State::Failing),
        ("no score", Evidence { score: None, ..probe() }, State::Unknown),
        ("a score that is no number", Evidence { score: Some(f64::NAN), ..probe() }, State::Failing),
    ];
    for (what, evidence, state) in table {
        let found = cell(&policy, &[evidence], Criterion::Health);
        assert_eq!(found.state, state, "{what}: {}", found.reason);
    }
}

#[test]
fn a_client_is_tried_against_a_twin_and_that_holds_everywhere() {
    let on_twin = Evidence { target: Target::Twin, environment: None, host: None, ..work(Kind::Gauntlet) };
    assert_eq!(cell(&with_policy(&json!({"require": []})), &[on_twin], Criterion::Resilience).state, State::Ready);
}

#[test]
fn a_flip_of_another_flag_proves_nothing() {
    let other = Evidence { command: vec!["preflight".into(), "flip".into(), "other".into()], ..work(Kind::Flip) };
    let policy = with_policy(&json!({"require": []}));
    let found = cell(&policy, std::slice::from_ref(&other), Criterion::Flag);
    assert_eq!((found.state, found.next.as_deref()), (State::Unknown, Some("preflight flip idea --env staging")));
    assert_eq!(cell(&policy, &[work(Kind::Flip), other], Criterion::Flag).state, State::Ready);
    // Where two flags switch it, both must be proven.
    let flag = json!({"integrations": ["shopify"], "parser": {"names": ["X"]}});
    let two = inventory(json!({"flags": {"idea": flag, "more": flag}}));
    assert_eq!(cell(&two, &[work(Kind::Flip)], Criterion::Flag).state, State::Unknown);
}

#[test]
fn a_flip_that_another_one_answered_is_no_dead_end() {
    let canary = json!({"integration": "idea-pool", "request": "GET /", "live": {}, "mock": {}});
    let flag = json!({"integrations": ["idea-pool", "shopify"], "parser": {"names": ["X"]}, "canary": canary});
    let found = cell(&inventory(json!({"flags": {"idea": flag}})), &[], Criterion::Flag);
    assert_eq!(found.state, State::Unknown);
    assert_eq!(
        found.reason,
        "no flip of `idea` has shown it: the canary asks idea-pool, and shows what that stands on"
    );
    let next = "preflight flip idea --env staging, where idea-pool stands on shopify; else give it a flag of its own";
    assert_eq!(found.next.as_deref(), Some(next));
}

#[test]
fn what_is_declared_counts_where_the_policy_takes_it() {
    let word = declared(Criterion::Health);
    let broken =
        Evidence { outcome: Outcome::Broken, counts: Counts { broken: 1, ..Counts::default() }, ..word.clone() };
    let takes = with_policy(&json!({"require": ["health"], "accept_declared": ["health"]}));
    let refuses = with_policy(&json!({"require": ["health"]}));
    for (what, policy, evidence, state) in [
        ("taken", &takes, vec![word.clone()], State::Ready),
        ("not taken", &refuses, vec![word.clone()], State::Unknown),
        ("taken, and broken", &takes, vec![broken], State::Failing),
        ("for another criterion", &takes, vec![declared(Criterion::Flag)], State::Unknown),
        ("for none", &takes, vec![Evidence { stands_for: None, ..word.clone() }], State::Unknown),
        ("measured since", &takes, vec![word.clone(), work(Kind::Probe)], State::Ready),
    ] {
        let found = cell(policy, &evidence, Criterion::Health);
        assert_eq!(found.state, state, "{what}: {}", found.reason);
    }
    let proof = cell(&takes, &[word], Criterion::Health).proof.expect("what it rests on");
    assert_eq!(proof.class, Class::Declared, "and it says so");
}

#[test]
fn a_contract_that_was_never_proven_to_bite_is_unknown() {
    let policy = with_policy(&json!({"require": ["contract-twin"], "min_bite": 0.9}));
    let proof = |score| Evidence { kind: Kind::Proof, score, ..kept() };
    let other = Evidence { contract_hash: Some(ContractHash("yesterday".into())), ..proof(Some(1.0)) };
    for (what, evidence, state) in [
        ("never proven", vec![kept()], State::Unknown),
        ("bites", vec![kept(), proof(Some(0.9))], State::Ready),
        ("bites too little", vec![kept(), proof(Some(0.89))], State::Failing),
        ("no score", vec![kept(), proof(None)], State::Unknown),
        ("a proof of another contract", vec![kept(), other], State::Stale),
        ("in part", vec![kept(), Evidence { partial: true, ..proof(Some(1.0)) }], State::Unknown),
        ("a proof alone", vec![proof(Some(1.0))], State::Unknown),
    ] {
        let found = cell(&policy, &evidence, Criterion::ContractTwin);
        assert_eq!(found.state, state, "{what}: {}", found.reason);
    }
}

#[test]
fn what_is_not_known_names_the_command_that_would_show_it() {
    let policy = with_policy(&json!({"require": ["contract-twin"], "min_bite": 0.9}));
    let next = |evidence: &[Evidence], criterion| cell(&policy, evidence, criterion).next.unwrap_or_default();
    let attack = "preflight webhook attack URL --scheme shopify --secret-env NAME --env staging";
    for (criterion, command) in [
        (Criterion::Webhooks, attack),
        (Criterion::Resilience, "preflight gauntlet shopify -- COMMAND"),
        (Criterion::Credentials, "preflight secrets --env staging"),
    ] {
        assert_eq!(next(&[], criterion), command, "{criterion}");
    }
    assert_eq!(next(&[kept()], Criterion::ContractTwin), "preflight prove shopify");
    let proof = Evidence { kind: Kind::Proof, score: Some(0.9), ..kept() };
    assert_eq!(next(&[kept(), proof], Criterion::ContractTwin), "", "what is ready needs none");
    // A receiver of our own, whose scheme the manifest does not name.
    let judged = judge(&policy, &BTreeMap::new(), &history(&[]), now());
    let unknown = judged.environments[0].rows[0].cell(Criterion::Webhooks).expect("a cell");
    let general = "preflight webhook attack URL --scheme SCHEME --secret-env NAME --integration shopify --env staging";
    assert_eq!(unknown.next.as_deref(), Some(general));
}

#[test]
fn a_condition_is_asked_of_the_record() {
    let policy = with_policy(&json!({"require": ["contract-live"], "conditions": [
        {"name": "in time", "criterion": "contract-live", "p95_ms": 300},
    ]}));
    let record = |us: u64| -> Record {
        serde_json::from_value(json!({
            "version": 1, "kind": "contract-run", "id": "1", "tool": "preflight", "command": [], "workspace": "w",
            "target": "live", "environment": "staging", "started": now(), "finished": now(), "seed": 1, "contracts": [{
                "integration": "shopify", "title": "S", "contract_hash": "today", "operations": [], "scenarios": [{
                    "place": {"file": "f", "line": 1}, "feature": "F", "name": "s", "outcome": "kept", "checks": 1,
                    "duration_us": us, "exchanges": [{"method": "GET", "path": "/", "status": 200, "duration_us": us}],
                }],
            }],
        }))
        .expect("a record")
    };
    for (records, state) in
        [(Some(record(173_000)), State::Ready), (Some(record(349_000)), State::Failing), (None, State::Unknown)]
    {
        let mut history = history(&[live()]);
        history.records.extend(records.map(|record| ("records/1.json".to_owned(), record)));
        let judged = judge(&policy, &contracts(), &history, now());
        let found = judged.environments[0].rows[0].cell(Criterion::ContractLive).expect("a cell");
        assert_eq!(found.state, state, "{}", found.reason);
    }
}

#[test]
fn an_integration_that_rests_on_nothing_keeps_the_whole_from_going() {
    let two = inventory(json!({
        "integrations": {"redis": {"not_applicable": {"contract-twin": "a cache has no contract"}}, "shopify": {}},
        "policy": {"staging": {"require": ["contract-twin", "blockers"]}},
    }));
    let judged = staging(&two, &[kept()]);
    assert_eq!(judged.verdict, Verdict::Unknown);
    assert_eq!(judged.reasons.len(), 1);
    assert_eq!(judged.reasons[0].text, "nothing that is required of it rests on evidence");
    let verdicts: Vec<_> = judged.rows.iter().map(super::super::Row::verdict).collect();
    assert_eq!(verdicts, [Some(Verdict::Unknown), Some(Verdict::Go)]);
}

#[test]
fn the_gate_is_the_worst_of_what_was_asked_for() {
    let two = inventory(json!({
        "integrations": {"redis": {}, "shopify": {}, "slack": {}},
        "policy": {"staging": {"require": ["contract-twin"], "integrations": ["redis", "shopify"]}},
    }));
    let judged = judge(&two, &contracts(), &history(&[kept()]), now());
    let verdict = |names: &[&str]| {
        let names: Vec<_> = names.iter().map(|text| name(text)).collect();
        gate(&judged, "staging", &names).expect("a gate").verdict
    };
    assert_eq!(verdict(&[]), Verdict::Unknown);
    assert_eq!(verdict(&["shopify"]), Verdict::Go);
    assert_eq!(verdict(&["shopify", "redis"]), Verdict::Unknown);
    assert_eq!(verdict(&["slack"]), Verdict::Unknown, "nothing is required of it");
    assert_eq!(verdict(&["nobody"]), Verdict::Unknown);
    assert!(gate(&judged, "moon", &[]).is_none());
    let gated = gate(&judged, "staging", &[]).expect("a gate");
    assert_eq!(gated.integrations.len(), 2, "what the policy is not about is not gated");
}

/// What gates of the field have been seen to pass on, and what ours says.
#[test]
fn no_data_is_never_go() {
    let requiring = |changes: Value| {
        let mut policy = json!({"require": ["contract-live", "health"]});
        if let (Some(policy), Value::Object(changes)) = (policy.as_object_mut(), changes) {
            policy.extend(changes);
        }
        with_policy(&policy)
    };
    let none = || Counts::default();
    let errored = |evidence: Evidence| Evidence {
        outcome: Outcome::Unasked,
        counts: Counts { unasked: 5, ..none() },
        ..evidence
    };
    let old = |evidence: Evidence| Evidence { finished: now() - SignedDuration::from_hours(24 * 30), ..evidence };
    let good = || vec![live(), work(Kind::Probe)];
    assert_eq!(
        staging(&requiring(json!({})), &good()).verdict,
        Verdict::Go,
        "all there: the others fail for their own reason"
    );
    for (what, policy, evidence) in [
        ("nothing was ever measured", requiring(json!({})), vec![]),
        ("every measurement was an error", requiring(json!({})), good().into_iter().map(errored).collect()),
        (
            "measurements of nothing",
            requiring(json!({})),
            vec![Evidence { counts: none(), ..live() }, work(Kind::Probe)],
        ),
        ("an average of no values", requiring(json!({"min_score": {"health": 0.95}})), good()),
        ("the traffic stopped", requiring(json!({})), vec![live(), old(work(Kind::Probe))]),
        (
            "a version that was never verified",
            requiring(json!({})),
            vec![Evidence { contract_hash: Some(ContractHash("new".into())), ..live() }, work(Kind::Probe)],
        ),
        ("the selection matched nothing", requiring(json!({"integrations": ["shopfy"]})), good()),
        ("a part was selected", requiring(json!({})), vec![Evidence { partial: true, ..live() }, work(Kind::Probe)]),
        ("one of two was left out of the sum", requiring(json!({})), vec![live()]),
        (
            "the other environment was measured",
            requiring(json!({})),
            vec![Evidence { environment: Some("production".into()), ..live() }, work(Kind::Probe)],
        ),
        ("a mock was measured", requiring(json!({})), vec![kept(), work(Kind::Probe)]),
        ("a dashboard says so", requiring(json!({})), vec![live(), declared(Criterion::Health)]),
        (
            "a condition on a record that is gone",
            requiring(json!({"conditions": [
            {"name": "in time", "criterion": "contract-live", "p95_ms": 300}]})),
            good(),
        ),
        ("a coverage of nothing", requiring(json!({"min_bite": 0.5})), good()),
        ("a policy of another environment", inventory(json!({"policy": {}})), good()),
    ] {
        let judged = staging(&policy, &evidence);
        assert_eq!(judged.verdict, Verdict::Unknown, "{what}: {:?}", judged.reasons);
    }
    let lost = History { doubted: 2, ..history(&good()) };
    let judged = judge(&requiring(json!({})), &contracts(), &lost, now());
    assert_eq!(judged.environments[0].verdict, Verdict::Unknown, "the ledger was cut");
}
