//! The judgement as tables: what was shown, and what may be said of it.

mod newest;
mod past;
mod work;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::domain::chain::hash::Hash;
use crate::domain::contract::ContractHash;
use crate::domain::entry::{Body, Entry, History};
use crate::domain::evidence::{Class, Coverage, Evidence};
use crate::domain::integration::Name;
use crate::domain::inventory::Inventory;
use crate::domain::readiness::{Cell, Criterion, CurrentContract, EnvironmentReadiness, State, Verdict, judge};
use crate::domain::record::{Counts, HostEvidence, Kind, Outcome};
use crate::domain::target::Target;

const HASH: &str = "today";

fn now() -> Timestamp {
    "2026-11-20T12:00:00Z".parse().expect("a timestamp")
}

fn name(text: &str) -> Name {
    text.parse().expect("a good name")
}

/// A workspace with `shopify` and an environment `staging`, and what is merged over it.
fn inventory(changes: Value) -> Inventory {
    let mut whole = json!({
        "version": 1, "name": "test", "environments": {"staging": {}}, "integrations": {"shopify": {}},
    });
    if let (Some(whole), Value::Object(changes)) = (whole.as_object_mut(), changes) {
        whole.extend(changes);
    }
    serde_json::from_value(whole).expect("an inventory")
}

fn requiring(criteria: &[&str]) -> Inventory {
    inventory(json!({"policy": {"staging": {"require": criteria}}}))
}

fn contracts() -> BTreeMap<Name, CurrentContract> {
    let contract = CurrentContract {
        title: "Shopify".into(),
        hash: ContractHash(HASH.into()),
        has_twin: true,
        webhook_scheme: Some("shopify".into()),
    };
    BTreeMap::from([(name("shopify"), contract)])
}

/// A whole run on the twin, an hour ago, of which everything was kept.
fn kept() -> Evidence {
    let finished = now() - SignedDuration::from_hours(1);
    Evidence {
        kind: Kind::ContractRun,
        class: Class::Measured,
        integration: name("shopify"),
        target: Target::Twin,
        environment: None,
        record: "records/1.json".into(),
        digest: "0".repeat(64),
        contract_hash: Some(ContractHash(HASH.into())),
        outcome: Outcome::Kept,
        counts: Counts { kept: 10, ..Counts::default() },
        coverage: Coverage { operations: 4, asked: 4, kept: 4 },
        score: None,
        stands_for: None,
        partial: false,
        tool: "preflight 0.1.0".into(),
        command: vec!["preflight".into(), "check".into()],
        exit_code: 0,
        started: finished,
        finished,
        host: None,
    }
}

/// The same against the live service of `staging`.
fn live() -> Evidence {
    let host = HostEvidence {
        base_url: "https://shop.example".into(),
        addresses: vec!["203.0.113.7:443".into()],
        ..HostEvidence::default()
    };
    Evidence { target: Target::Live, environment: Some("staging".into()), host: Some(host), ..kept() }
}

/// What was shown, one after the other.
fn history(evidence: &[Evidence]) -> History {
    let entry = |(sequence, evidence): (u64, &Evidence)| Entry {
        version: 1,
        sequence,
        previous: Hash::NOTHING,
        written: evidence.finished,
        body: Body::Evidence(Box::new(evidence.clone())),
    };
    History { entries: (1..).zip(evidence).map(entry).collect(), ..History::default() }
}

fn staging(inventory: &Inventory, evidence: &[Evidence]) -> EnvironmentReadiness {
    judge(inventory, &contracts(), &history(evidence), now()).environments.remove(0)
}

fn cell(inventory: &Inventory, evidence: &[Evidence], criterion: Criterion) -> Cell {
    staging(inventory, evidence).rows[0].cell(criterion).expect("a cell for every criterion").clone()
}

fn on_twin(evidence: &[Evidence]) -> Cell {
    cell(&inventory(json!({})), evidence, Criterion::ContractTwin)
}

#[test]
fn a_run_on_the_twin_is_weighed() {
    let counts = |kept, broken, unasked, untested| Counts { kept, broken, unasked, untested };
    let hours = |hours| now() - SignedDuration::from_hours(hours);
    let table: [(&str, Evidence, State); 19] = [
        ("everything kept", kept(), State::Ready),
        ("one broken", Evidence { outcome: Outcome::Broken, counts: counts(9, 1, 0, 0), ..kept() }, State::Failing),
        ("one unasked", Evidence { outcome: Outcome::Unasked, counts: counts(9, 0, 1, 0), ..kept() }, State::Unknown),
        ("one untested", Evidence { outcome: Outcome::Untested, counts: counts(9, 0, 0, 1), ..kept() }, State::Unknown),
        ("nothing ran", Evidence { outcome: Outcome::Untested, counts: counts(0, 0, 0, 0), ..kept() }, State::Unknown),
        ("kept, of nothing", Evidence { counts: counts(0, 0, 0, 0), ..kept() }, State::Unknown),
        ("kept over a broken one", Evidence { counts: counts(9, 1, 0, 0), ..kept() }, State::Failing),
        ("kept over an unasked one", Evidence { counts: counts(9, 0, 1, 0), ..kept() }, State::Unknown),
        ("kept over an untested one", Evidence { counts: counts(9, 0, 0, 1), ..kept() }, State::Unknown),
        ("broken without a broken one", Evidence { outcome: Outcome::Broken, ..kept() }, State::Failing),
        ("a file was unreadable", Evidence { outcome: Outcome::Unasked, ..kept() }, State::Unknown),
        ("no operation kept", Evidence { coverage: Coverage { kept: 0, ..kept().coverage }, ..kept() }, State::Unknown),
        ("no operation declared", Evidence { coverage: Coverage::default(), ..kept() }, State::Ready),
        (
            "another contract",
            Evidence { contract_hash: Some(ContractHash("yesterday".into())), ..kept() },
            State::Stale,
        ),
        ("a week old to the second", Evidence { finished: hours(24 * 7), ..kept() }, State::Ready),
        (
            "a second over a week old",
            Evidence { finished: hours(24 * 7) - SignedDuration::from_secs(1), ..kept() },
            State::Stale,
        ),
        ("from the future", Evidence { finished: hours(-1), ..kept() }, State::Unknown),
        ("partial", Evidence { partial: true, ..kept() }, State::Unknown),
        (
            "partial and broken",
            Evidence { partial: true, outcome: Outcome::Broken, counts: counts(0, 1, 0, 0), ..kept() },
            State::Failing,
        ),
    ];
    for (what, evidence, state) in table {
        let cell = on_twin(&[evidence]);
        assert_eq!(cell.state, state, "{what}: {}", cell.reason);
        assert_eq!(cell.next.is_none(), state == State::Ready, "{what} names the command that changes it");
    }
    assert_eq!(on_twin(&[]).reason, "never run against twin");
    assert_eq!(on_twin(&[Evidence { partial: true, ..kept() }]).reason, "only part of it ever ran against twin");
    let spoiled = Evidence { partial: true, counts: counts(9, 1, 0, 0), ..kept() };
    assert_eq!(on_twin(&[spoiled]).state, State::Failing, "partial, kept over a broken one");
}

#[test]
fn a_broken_run_that_is_old_or_of_another_contract_is_stale() {
    let broken = Evidence { outcome: Outcome::Broken, counts: Counts { broken: 1, ..Counts::default() }, ..kept() };
    let old = Evidence { finished: now() - SignedDuration::from_hours(24 * 30), ..broken.clone() };
    let other = Evidence { contract_hash: Some(ContractHash("yesterday".into())), ..broken };
    assert_eq!([on_twin(&[old]).state, on_twin(&[other]).state], [State::Stale, State::Stale]);
}

#[test]
fn the_last_word_in_the_ledger_counts() {
    let broken = |partial| Evidence {
        partial,
        outcome: Outcome::Broken,
        counts: Counts { broken: 1, ..Counts::default() },
        ..kept()
    };
    let part = || Evidence { partial: true, ..kept() };
    let lost = |mut evidence: Evidence| {
        evidence.shows_nothing();
        evidence
    };
    let unasked = Evidence { outcome: Outcome::Unasked, ..kept() };
    for (what, evidence, state) in [
        ("mended", vec![broken(false), kept()], State::Ready),
        ("broken since", vec![kept(), broken(false)], State::Failing),
        ("broken since, in part", vec![kept(), broken(true)], State::Failing),
        ("a partial run mends nothing", vec![broken(false), part()], State::Failing),
        ("a partial run spoils nothing", vec![kept(), part()], State::Ready),
        ("not reachable since", vec![kept(), unasked], State::Unknown),
        ("its record is lost", vec![kept(), lost(kept())], State::Unknown),
        ("a part of which the record is lost", vec![kept(), lost(part())], State::Unknown),
        ("run again since", vec![lost(kept()), kept()], State::Ready),
        ("of another class", vec![broken(false), Evidence { class: Class::Declared, ..kept() }], State::Failing),
    ] {
        assert_eq!(on_twin(&evidence).state, state, "{what}");
    }
}

#[test]
fn what_stands_before_a_lost_line_is_in_doubt() {
    let broken = Evidence { counts: Counts { broken: 1, ..Counts::default() }, ..kept() };
    for (what, evidence, doubted, state) in [
        ("lost behind it", vec![kept()], 1, State::Unknown),
        ("lost behind it, broken all the same", vec![broken], 1, State::Failing),
        ("run again since", vec![kept(), kept()], 1, State::Ready),
        ("nothing lost", vec![kept()], 0, State::Ready),
    ] {
        let history = History { doubted, ..history(&evidence) };
        let judged = judge(&inventory(json!({})), &contracts(), &history, now());
        let cell = judged.environments[0].rows[0].cell(Criterion::ContractTwin).expect("a cell");
        assert_eq!(cell.state, state, "{what}: {}", cell.reason);
    }
}

#[test]
fn what_a_twin_answered_never_colours_a_live_cell() {
    let of = |evidence: &[Evidence], criterion| cell(&inventory(json!({})), evidence, criterion).state;
    assert_eq!(of(&[kept()], Criterion::ContractLive), State::Unknown);
    assert_eq!(of(&[live()], Criterion::ContractTwin), State::Unknown);
    assert_eq!(of(&[live()], Criterion::ContractLive), State::Ready);
    for (what, evidence) in [
        ("a twin with an environment", Evidence { environment: Some("staging".into()), ..kept() }),
        ("another environment", Evidence { environment: Some("production".into()), ..live() }),
        ("no environment", Evidence { environment: None, ..live() }),
        ("a replay", Evidence { target: Target::Replay, ..live() }),
        ("another integration", Evidence { integration: name("supabase"), ..live() }),
        ("no host", Evidence { host: None, ..live() }),
        ("a host that never answered", {
            let host = HostEvidence { base_url: "https://shop.example".into(), ..HostEvidence::default() };
            Evidence { host: Some(host), ..live() }
        }),
    ] {
        assert_eq!(of(&[evidence], Criterion::ContractLive), State::Unknown, "{what}");
    }
}

#[test]
fn live_evidence_holds_for_the_base_url_that_it_came_from() {
    for (declared, state) in [
        ("https://shop.example", State::Ready),
        ("https://shop.example/", State::Ready),
        ("https://shop.example:443/admin/api", State::Ready),
        ("http://shop.example", State::Stale),
        ("not a URL", State::Stale),
        ("${SHOP_URL}", State::Ready),
        ("https://other.example", State::Stale),
    ] {
        let moved = inventory(json!({"environments": {"staging": {"base_urls": {"shopify": declared}}}}));
        assert_eq!(cell(&moved, &[live()], Criterion::ContractLive).state, state, "{declared}");
    }
}

#[test]
fn the_policy_sets_age_and_coverage() {
    let three_of_four = Evidence { coverage: Coverage { operations: 4, asked: 4, kept: 3 }, ..kept() };
    let none_declared = Evidence { coverage: Coverage::default(), ..kept() };
    for (policy, evidence, state) in [
        (json!({"require": [], "max_age_hours": {"contract-twin": 1}}), kept(), State::Ready),
        (json!({"require": [], "max_age_hours": {"contract-twin": 0}}), kept(), State::Stale),
        (json!({"require": [], "max_age_hours": {"contract-live": 0}}), kept(), State::Ready),
        (json!({"require": [], "min_coverage": 0.75}), three_of_four.clone(), State::Ready),
        (json!({"require": [], "min_coverage": 0.76}), three_of_four, State::Failing),
        (json!({"require": [], "min_coverage": 0.1}), none_declared, State::Failing),
    ] {
        let inventory = inventory(json!({"policy": {"staging": policy}}));
        assert_eq!(cell(&inventory, &[evidence], Criterion::ContractTwin).state, state, "{:?}", inventory.policy);
    }
}

#[test]
fn a_coverage_that_is_no_number_is_not_reached() {
    let mut inventory = requiring(&["contract-twin"]);
    inventory.policy.entry("staging".into()).or_default().min_coverage = Some(f64::NAN);
    assert_eq!(cell(&inventory, &[kept()], Criterion::ContractTwin).state, State::Failing);
}

#[test]
fn an_integration_without_contract_or_twin_is_unknown_and_not_hidden() {
    let two = inventory(json!({"integrations": {"redis": {}, "shopify": {}}}));
    let judged = staging(&two, &[kept()]);
    let names: Vec<&str> = judged.rows.iter().map(|row| row.integration.as_str()).collect();
    assert_eq!(names, ["redis", "shopify"]);
    assert!(judged.rows.iter().all(|row| row.cells.len() == Criterion::ALL.len()));
    let twin = judged.rows[0].cell(Criterion::ContractTwin).expect("a cell");
    assert_eq!((twin.state, twin.reason.as_str()), (State::Unknown, "no contract is written for it"));

    let mut without_twin = contracts();
    for contract in without_twin.values_mut() {
        contract.has_twin = false;
    }
    let judged = judge(&inventory(json!({})), &without_twin, &history(&[kept()]), now());
    let twin = judged.environments[0].rows[0].cell(Criterion::ContractTwin).expect("a cell");
    assert_eq!((twin.state, twin.reason.as_str()), (State::Unknown, "no twin models it"));
}

#[test]
fn an_open_blocker_blocks_where_and_as_long_as_it_says() {
    let blocker = |changes: Value| {
        let mut whole = json!({"integration": "shopify", "title": "t", "owner": "o", "opened": "2026-11-01"});
        if let (Some(whole), Value::Object(changes)) = (whole.as_object_mut(), changes) {
            whole.extend(changes);
        }
        inventory(json!({"blockers": {"OCC-1": whole}}))
    };
    for (changes, state) in [
        (json!({}), State::Blocked),
        (json!({"environments": ["staging"]}), State::Blocked),
        (json!({"environments": ["production"]}), State::NotApplicable),
        (json!({"integration": "redis"}), State::NotApplicable),
        (json!({"resolved": "2026-11-19"}), State::NotApplicable),
        (json!({"resolved": "2026-11-20"}), State::NotApplicable),
        (json!({"resolved": "2026-11-21"}), State::Blocked),
    ] {
        let inventory = blocker(changes.clone());
        assert_eq!(cell(&inventory, &[], Criterion::Blockers).state, state, "{changes}");
    }
}

#[test]
fn not_applicable_excuses_what_is_not_known_and_nothing_else() {
    let excused = |criterion: &str, reason: &str| {
        inventory(json!({"integrations": {"shopify": {"not_applicable": {criterion: reason}}}}))
    };
    let broken = Evidence { outcome: Outcome::Broken, counts: Counts { broken: 1, ..Counts::default() }, ..kept() };
    let twin = |inventory: &Inventory, evidence: &[Evidence]| cell(inventory, evidence, Criterion::ContractTwin).state;
    assert_eq!(twin(&excused("contract-twin", "no twin is needed"), &[]), State::NotApplicable);
    assert_eq!(twin(&excused("contract-twin", " "), &[]), State::Unknown);
    assert_eq!(twin(&excused("contract-twin", "no twin is needed"), &[broken]), State::Failing);
    let mut blocked = excused("blockers", "we never look");
    blocked.blockers = serde_json::from_value::<Inventory>(json!({
        "version": 1, "name": "", "environments": {}, "integrations": {},
        "blockers": {"OCC-1": {"integration": "shopify", "title": "t", "owner": "o", "opened": "2026-11-01"}},
    }))
    .expect("an inventory")
    .blockers;
    assert_eq!(cell(&blocked, &[], Criterion::Blockers).state, State::Blocked);
}

#[test]
fn a_flag_is_unproven_whichever_side_names_it() {
    let declared = json!({"idea": {"integrations": ["shopify"], "parser": {"names": ["FEATURE_IDEA"]}}});
    for (changes, state) in [
        (json!({}), State::NotApplicable),
        (json!({"integrations": {"shopify": {"flag": "idea"}}}), State::Unknown),
        (json!({"flags": declared}), State::Unknown),
    ] {
        assert_eq!(cell(&inventory(changes.clone()), &[], Criterion::Flag).state, state, "{changes}");
    }
}

#[test]
fn webhooks_do_not_apply_to_a_service_that_is_known_to_send_none() {
    let mut silent = contracts();
    for contract in silent.values_mut() {
        contract.webhook_scheme = None;
    }
    for (contracts, state) in
        [(contracts(), State::Unknown), (silent, State::NotApplicable), (BTreeMap::new(), State::Unknown)]
    {
        let judged = judge(&inventory(json!({})), &contracts, &history(&[]), now());
        let cell = judged.environments[0].rows[0].cell(Criterion::Webhooks).expect("a cell");
        assert_eq!(cell.state, state);
    }
}

#[test]
fn what_nothing_looks_at_yet_is_unknown() {
    for criterion in [Criterion::Credentials, Criterion::Resilience, Criterion::Health] {
        assert_eq!(cell(&inventory(json!({})), &[kept(), live()], criterion).state, State::Unknown, "{criterion}");
    }
}

#[test]
fn credentials_rest_on_an_audit_of_the_secrets_that_are_declared_today() {
    let declaring = |secrets: Value| inventory(json!({"secrets": secrets}));
    let two = declaring(json!({
        "A": {"service": "shopify"}, "B": {"service": "shopify"}, "C": {"service": "shopify", "required": false},
        "D": {"service": "shopify", "environments": ["production"]},
    }));
    let audit = |counts: Counts, outcome: Outcome| Evidence {
        kind: Kind::Secrets,
        contract_hash: None,
        counts,
        outcome,
        host: None,
        ..live()
    };
    let right = || audit(Counts { kept: 2, ..Counts::default() }, Outcome::Kept);
    let absent = || audit(Counts { kept: 1, broken: 1, ..Counts::default() }, Outcome::Broken);
    let untold = || audit(Counts { kept: 1, unasked: 1, ..Counts::default() }, Outcome::Unasked);
    let part = |evidence: Evidence, counts: Counts| Evidence { partial: true, counts, ..evidence };
    let one_right = part(right(), Counts { kept: 1, ..Counts::default() });
    let one_absent = part(absent(), Counts { broken: 1, ..Counts::default() });
    let elsewhere = Evidence { environment: Some("production".into()), ..right() };
    let table: [(&Inventory, Vec<Evidence>, State); 8] = [
        (&two, vec![right()], State::Ready),
        (&two, vec![absent()], State::Failing),
        (&two, vec![untold()], State::Unknown),
        (&two, vec![right(), absent()], State::Failing),
        (&two, vec![one_right], State::Unknown),
        (&two, vec![right(), one_absent], State::Failing),
        (&two, vec![elsewhere], State::Unknown),
        (&declaring(json!({"A": {"service": "shopify"}})), vec![right()], State::Stale),
    ];
    for (inventory, evidence, state) in table {
        let cell = cell(inventory, &evidence, Criterion::Credentials);
        assert_eq!(cell.state, state, "{} {evidence:?}", cell.reason);
    }
    let none = cell(&inventory(json!({})), &[], Criterion::Credentials);
    assert_eq!((none.state, none.reason.as_str()), (State::Unknown, "no secret is declared for it here"));
}

#[test]
fn the_verdict_is_the_worst_of_what_is_required() {
    let broken = Evidence { outcome: Outcome::Broken, counts: Counts { broken: 1, ..Counts::default() }, ..kept() };
    let old = Evidence { finished: now() - SignedDuration::from_hours(24 * 30), ..kept() };
    let blocked = |require: &[&str]| {
        inventory(json!({
            "policy": {"staging": {"require": require}},
            "blockers": {"OCC-1": {"integration": "shopify", "title": "t", "owner": "o", "opened": "2026-11-01"}},
        }))
    };
    let table = [
        ("all that is required is ready", requiring(&["contract-twin", "blockers"]), vec![kept()], Verdict::Go),
        ("what is not required may be unknown", requiring(&["contract-twin"]), vec![kept()], Verdict::Go),
        ("and may even fail", requiring(&["contract-live"]), vec![broken.clone(), live()], Verdict::Go),
        ("nothing ran", requiring(&["contract-twin"]), vec![], Verdict::Unknown),
        ("stale", requiring(&["contract-twin"]), vec![old], Verdict::Unknown),
        ("broken", requiring(&["contract-twin"]), vec![broken.clone()], Verdict::NoGo),
        ("broken beside unknown", requiring(&["contract-live", "contract-twin"]), vec![broken], Verdict::NoGo),
        ("blocked beside ready", blocked(&["contract-twin", "blockers"]), vec![kept()], Verdict::NoGo),
        ("a blocker that is not required", blocked(&["contract-twin"]), vec![kept()], Verdict::Go),
        ("nothing is required", requiring(&[]), vec![kept(), live()], Verdict::Unknown),
        ("no policy", inventory(json!({})), vec![kept(), live()], Verdict::Unknown),
        (
            "no integration",
            inventory(json!({"integrations": {}, "policy": {"staging": {"require": ["contract-twin"]}}})),
            vec![kept()],
            Verdict::Unknown,
        ),
        (
            "nothing that is required rests on evidence",
            requiring(&["blockers", "flag"]),
            vec![kept()],
            Verdict::Unknown,
        ),
    ];
    for (what, inventory, evidence, verdict) in table {
        let judged = staging(&inventory, &evidence);
        assert_eq!(judged.verdict, verdict, "{what}: {:?}", judged.reasons);
        if verdict == Verdict::Go {
            assert!(judged.reasons.is_empty(), "{what}");
        }
    }
}

#[test]
fn reasons_begin_with_what_is_broken_or_blocked() {
    let both = inventory(json!({
        "integrations": {"a": {}, "shopify": {}},
        "policy": {"staging": {"require": ["contract-twin"]}},
    }));
    let broken = Evidence { outcome: Outcome::Broken, counts: Counts { broken: 1, ..Counts::default() }, ..kept() };
    let judged = staging(&both, &[broken]);
    let told: Vec<(&str, State)> =
        judged.reasons.iter().map(|reason| (reason.integration.as_str(), reason.state)).collect();
    assert_eq!(told, [("shopify", State::Failing), ("a", State::Unknown)]);
    assert_eq!(judged.reasons[0].next.as_deref(), Some("preflight check shopify"));
}

#[test]
fn the_verdict_is_about_the_integrations_that_the_policy_names() {
    let named = |names: &[&str]| {
        inventory(json!({
            "integrations": {"redis": {}, "shopify": {}},
            "policy": {"staging": {"require": ["contract-twin"], "integrations": names}},
        }))
    };
    for (names, verdict) in [
        (&["shopify"][..], Verdict::Go),
        (&["redis"], Verdict::Unknown),
        (&["redis", "shopify"], Verdict::Unknown),
        (&["shopify", "shopfy"], Verdict::Unknown),
        (&["shopfy"], Verdict::Unknown),
    ] {
        assert_eq!(staging(&named(names), &[kept()]).verdict, verdict, "{names:?}");
    }
    let judged = staging(&named(&["shopify"]), &[kept()]);
    let required = |row: usize| judged.rows[row].cells.iter().any(|cell| cell.required);
    assert_eq!((required(0), required(1)), (false, true), "only a concerned row is required");
}

#[test]
fn each_environment_is_judged_by_its_own_policy() {
    let two = inventory(json!({
        "environments": {"production": {}, "staging": {}},
        "policy": {"production": {"require": ["contract-live"]}, "staging": {"require": ["contract-live"]}},
    }));
    let judged = judge(&two, &contracts(), &history(&[live()]), now());
    let verdicts: Vec<(&str, Verdict)> =
        judged.environments.iter().map(|e| (e.environment.as_str(), e.verdict)).collect();
    assert_eq!(verdicts, [("production", Verdict::Unknown), ("staging", Verdict::Go)]);
}

#[test]
fn only_three_states_let_pass() {
    let passing: Vec<&str> = State::ALL.into_iter().filter(|state| state.lets_pass()).map(State::as_str).collect();
    assert_eq!(passing, ["ready", "waived", "n/a"]);
}
