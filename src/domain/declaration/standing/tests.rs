//! Declarations as tables: what was declared, and what it opens.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Court, Doubt, disbelieved};
use crate::domain::chain::hash::Hash;
use crate::domain::declaration::scope::{Asked, Scope};
use crate::domain::declaration::{Algorithm, Declaration, Opened, Signature, What};
use crate::domain::entry::{Body, Entry, History};
use crate::domain::integration::Name;
use crate::domain::inventory::Inventory;
use crate::domain::readiness::Criterion;

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn now() -> Timestamp {
    time("2026-11-20T12:00:00Z")
}

#[expect(clippy::needless_pass_by_value, reason = "each call makes its value")]
fn inventory(approvers: Value) -> Inventory {
    serde_json::from_value(json!({
        "version": 1, "name": "w", "environments": {"staging": {}, "production": {}},
        "integrations": {"shop": {}}, "approvers": approvers,
    }))
    .unwrap()
}

fn shop() -> Name {
    "shop".parse().unwrap()
}

/// `POST /items` of the shop on staging, from eleven to one.
fn approval() -> Declaration {
    let scope = Scope::Request { integration: shop(), request: "POST /items".into(), graphql: None };
    Declaration {
        what: What::Approval { scope, uses: None },
        workspace: "w".into(),
        environment: Some("staging".into()),
        by: "ana".into(),
        why: "the order of 20 November".into(),
        at: time("2026-11-20T11:00:00Z"),
        until: Some(time("2026-11-20T13:00:00Z")),
        signature: None,
        signed_by: None,
    }
}

fn waiver() -> Declaration {
    Declaration { what: What::Waiver { integration: shop(), criterion: Criterion::Webhooks }, ..approval() }
}

fn history(bodies: Vec<Body>) -> History {
    let entry = |(sequence, body)| Entry {
        version: 1,
        sequence,
        previous: Hash::NOTHING,
        written: time("2026-11-20T11:00:00Z"),
        body,
    };
    History { entries: (1..).zip(bodies).map(entry).collect(), ..History::default() }
}

fn declared(declarations: Vec<Declaration>) -> History {
    history(declarations.into_iter().map(|declaration| Body::Declaration(Box::new(declaration))).collect())
}

fn asks(inventory: &Inventory, history: &History, environment: &str) -> Result<u64, Vec<(u64, Doubt)>> {
    let integration = shop();
    let asked = Asked {
        integration: &integration,
        method: "POST",
        path: "/items",
        query: None,
        graphql: None,
        tags: &[],
        contract: None,
    };
    Court { inventory, history, environment, now: now() }.opens(&asked)
}

fn alone(declaration: Declaration) -> Option<Doubt> {
    match asks(&inventory(json!({})), &declared(vec![declaration]), "staging") {
        Ok(_) => None,
        Err(doubts) => doubts.into_iter().next().map(|(_, doubt)| doubt),
    }
}

#[test]
fn an_approval_opens_until_it_expires() {
    let until = |text: &str| Declaration { until: Some(time(text)), ..approval() };
    let table = [
        (approval(), None),
        (until("2026-11-20T12:00:00.001Z"), None),
        (until("2026-11-20T12:00:00Z"), Some(Doubt::Expired(now()))),
        (Declaration { until: None, ..approval() }, Some(Doubt::NoExpiry)),
        (until("2026-11-20T11:00:00Z"), Some(Doubt::EndsBeforeItBegins)),
        (until("2027-11-21T11:00:00Z"), None),
        (until("2027-11-21T11:00:01Z"), Some(Doubt::TooLong)),
        (
            Declaration { at: time("2026-11-20T12:00:01Z"), ..approval() },
            Some(Doubt::Future(time("2026-11-20T12:00:01Z"))),
        ),
        (Declaration { by: " ".into(), ..approval() }, Some(Doubt::Nobody)),
        (Declaration { why: String::new(), ..approval() }, Some(Doubt::NoReason)),
        (Declaration { workspace: "v".into(), ..approval() }, Some(Doubt::OtherWorkspace("v".into()))),
        (Declaration { environment: None, ..approval() }, Some(Doubt::OtherEnvironment(None))),
        (
            Declaration { environment: Some("production".into()), ..approval() },
            Some(Doubt::OtherEnvironment(Some("production".into()))),
        ),
    ];
    for (declaration, doubt) in table {
        assert_eq!(alone(declaration.clone()), doubt, "{declaration:?}");
    }
}

#[test]
fn what_is_revoked_or_doubted_opens_nothing() {
    let plain = inventory(json!({}));
    let what = What::Revocation { sequence: 1, digest: approval().digest() };
    let revocation = Declaration { what, environment: None, until: None, ..approval() };
    let revoked = declared(vec![approval(), revocation.clone()]);
    assert_eq!(asks(&plain, &revoked, "staging"), Err(vec![(1, Doubt::Revoked(2))]));
    let copied = declared(vec![approval(), revocation, approval()]);
    let doubts = asks(&plain, &copied, "staging").unwrap_err();
    assert_eq!(doubts[1], (3, Doubt::Revoked(2)), "a copy of what is revoked is revoked");
    let anew = Declaration { at: time("2026-11-20T11:30:00Z"), ..approval() };
    let mut again = revoked;
    again.entries.extend(declared(vec![anew]).entries.into_iter().map(|entry| Entry { sequence: 3, ..entry }));
    assert_eq!(asks(&plain, &again, "staging"), Ok(3), "a new word is a new one");
    again.doubted = 3;
    assert_eq!(asks(&plain, &again, "staging").unwrap_err()[1], (3, Doubt::Lost));
}

#[test]
fn what_was_used_is_used() {
    let What::Approval { scope, .. } = approval().what else { panic!("an approval") };
    let once = Declaration { what: What::Approval { scope, uses: Some(1) }, ..approval() };
    let opened = Opened {
        approval: 1,
        digest: once.digest(),
        integration: shop(),
        environment: "staging".into(),
        method: "POST".into(),
        path: "/items".into(),
        at: now(),
    };
    let plain = inventory(json!({}));
    let said = || Body::Declaration(Box::new(once.clone()));
    assert_eq!(asks(&plain, &history(vec![said()]), "staging"), Ok(1));
    let used = history(vec![said(), Body::Opened(Box::new(opened.clone()))]);
    assert_eq!(asks(&plain, &used, "staging"), Err(vec![(1, Doubt::UsedUp(1))]));
    let copied = history(vec![said(), Body::Opened(Box::new(opened)), said()]);
    assert_eq!(asks(&plain, &copied, "staging").unwrap_err()[1], (3, Doubt::UsedUp(1)), "a copy opens no more");
}

#[test]
fn where_a_key_is_configured_only_its_owner_opens() {
    let signature = Signature { key: "0".repeat(64), algorithm: Algorithm::Ed25519, value: String::new() };
    let signed = |by: Option<&str>| Declaration {
        signature: Some(signature.clone()),
        signed_by: by.map(str::to_owned),
        ..approval()
    };
    let everywhere = json!({"ana": {"key": "k"}, "bob": {"key": "k"}});
    let production = json!({"ana": {"key": "k", "environments": ["production"]}});
    let bob_elsewhere = json!({"ana": {"key": "k", "environments": ["production"]}, "bob": {"key": "k"}});
    let table = [
        (&everywhere, signed(Some("ana")), None),
        (&everywhere, approval(), Some(Doubt::Unsigned)),
        (&everywhere, Declaration { signed_by: Some("ana".into()), ..approval() }, Some(Doubt::Unsigned)),
        (&everywhere, signed(None), Some(Doubt::BadSignature)),
        (&everywhere, signed(Some("eve")), Some(Doubt::BadSignature)),
        (&everywhere, signed(Some("bob")), Some(Doubt::OthersSignature("bob".into()))),
        (&production, approval(), None),
        (&bob_elsewhere, signed(Some("ana")), Some(Doubt::BadSignature)),
    ];
    for (approvers, declaration, doubt) in table {
        let outcome = asks(&inventory(approvers.clone()), &declared(vec![declaration.clone()]), "staging");
        let found = outcome.err().and_then(|doubts| doubts.into_iter().next()).map(|(_, doubt)| doubt);
        assert_eq!(found, doubt, "{approvers} {declaration:?}");
    }
}

#[test]
fn a_waiver_is_for_its_criterion_and_the_longest_holds() {
    let plain = inventory(json!({}));
    let longer = Declaration { until: Some(time("2026-11-20T14:00:00Z")), ..waiver() };
    let history = declared(vec![waiver(), longer, waiver()]);
    let court = Court { inventory: &plain, history: &history, environment: "staging", now: now() };
    assert_eq!(court.waived(&shop(), Criterion::Webhooks).map(|(sequence, _)| sequence), Ok(2));
    assert!(court.waived(&shop(), Criterion::Health).is_err_and(|doubts| doubts.is_empty()));
    let late = Court { now: time("2026-11-20T15:00:00Z"), ..court };
    assert_eq!(late.waived(&shop(), Criterion::Webhooks).unwrap_err().len(), 3);
    let elsewhere = Court { environment: "production", ..court };
    assert!(elsewhere.waived(&shop(), Criterion::Webhooks).is_err());
}

#[test]
fn a_flip_is_opened_by_its_flag_alone() {
    let plain = inventory(json!({}));
    let flip = What::Approval { scope: Scope::Flip { flag: "live".into() }, uses: None };
    let history = declared(vec![Declaration { what: flip, ..approval() }]);
    let court = Court { inventory: &plain, history: &history, environment: "staging", now: now() };
    assert_eq!(court.opens_flip("live"), Ok(1));
    assert_eq!(court.opens_flip("other"), Err(Vec::new()));
    assert_eq!(asks(&plain, &history, "staging"), Err(Vec::new()));
}

#[test]
fn what_can_never_count_is_told_and_what_is_over_is_not() {
    let over = Declaration { until: Some(time("2026-11-20T11:30:00Z")), ..approval() };
    let endless = Declaration { until: None, ..waiver() };
    let told = disbelieved(&inventory(json!({})), &declared(vec![approval(), over, endless]), now());
    assert_eq!(told, ["the waiver of entry 3 counts for nothing: it has no expiry"]);
    let signed = inventory(json!({"ana": {"key": "k", "environments": ["staging"]}}));
    let told = disbelieved(&signed, &declared(vec![approval()]), now());
    let wanted =
        "the approval of entry 1 counts for nothing: it is not signed, and this environment asks for a signature";
    assert_eq!(told, [wanted]);
}
