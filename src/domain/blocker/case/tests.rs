//! Blockers as tables: the yaml's word, the ledger's, and the users' own as they truly were.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Case, cases, resolved};
use crate::domain::blocker::draft::draft;
use crate::domain::blocker::ladder::{Step, documented, next};
use crate::domain::blocker::overdue::Due;
use crate::domain::chain::hash::Hash;
use crate::domain::declaration::{Declaration, What};
use crate::domain::entry::{Body, Entry, History};
use crate::domain::inventory::Inventory;

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn inventory(more: &Value) -> Inventory {
    let mut whole = json!({
        "version": 1, "name": "w", "environments": {"staging": {}, "production": {}}, "integrations": {"shop": {}},
        "blockers": {"T-1": {"integration": "shop", "title": "t", "owner": "o", "opened": "2025-10-07", "ladder": ["a", "b"]}},
    });
    if let (Some(whole), Some(more)) = (whole.as_object_mut(), more.as_object()) {
        whole.extend(more.clone());
    }
    serde_json::from_value(whole).unwrap()
}

fn declared(what: What) -> Declaration {
    Declaration {
        what,
        workspace: "w".into(),
        environment: None,
        by: "ana".into(),
        why: "because".into(),
        at: time("2025-10-08T10:00:00Z"),
        until: None,
        signature: None,
        signed_by: None,
    }
}

fn attempt(made: &str) -> Declaration {
    declared(What::Attempt {
        ticket: "T-1".into(),
        made: made.parse().unwrap(),
        what: "asked".into(),
        rung: Some("a".into()),
        evidence: vec!["log.txt".into()],
    })
}

fn resolution(at: &str) -> Declaration {
    declared(What::Resolution { ticket: "T-1".into(), resolved: at.parse().unwrap(), evidence: Vec::new() })
}

fn history(declarations: Vec<Declaration>) -> History {
    let entry = |(sequence, declaration)| Entry {
        version: 1,
        sequence,
        previous: Hash::NOTHING,
        written: time("2025-10-08T10:00:00Z"),
        body: Body::Declaration(Box::new(declaration)),
    };
    History { entries: (1..).zip(declarations).map(entry).collect(), ..History::default() }
}

fn only(inventory: &Inventory, declarations: Vec<Declaration>, environment: Option<&str>) -> Case {
    cases(inventory, &history(declarations), environment, time("2025-10-10T12:00:00Z")).remove(0)
}

#[test]
fn attempts_of_the_ledger_stand_beside_those_of_the_file() {
    let case = only(&inventory(&json!({})), vec![attempt("2025-10-09T10:00Z"), attempt("2025-10-08T10:00Z")], None);
    let at: Vec<String> = case.blocker.attempts.iter().map(|attempt| attempt.at.to_string()).collect();
    assert_eq!(at, ["2025-10-08T10:00:00Z", "2025-10-09T10:00:00Z"], "in order of time");
    assert_eq!((documented(&case.blocker), next(&case.blocker)), (2, Step::Escalate { rung: "b".into() }));
    assert_eq!(case.blocker.attempts[0].by.as_deref(), Some("ana"));
}

#[test]
fn what_cannot_have_been_counts_for_nothing() {
    let table = [
        (attempt("2025-10-10T12:01Z"), "the attempt of entry 1 is of 2025-10-10T12:01:00Z, which is in the future"),
        (attempt("2025-10-06"), "the attempt of entry 1 is of 2025-10-06, before it was opened (2025-10-07)"),
        (resolution("2025-10-06"), "the resolution of entry 1 is of 2025-10-06, before it was opened"),
        (
            Declaration { by: String::new(), ..resolution("2025-10-09") },
            "the resolution of entry 1 does not say by whom",
        ),
        (Declaration { workspace: "v".into(), ..resolution("2025-10-09") }, "was declared for the workspace `v`"),
    ];
    for (declaration, told) in table {
        let case = only(&inventory(&json!({})), vec![declaration], None);
        assert!(case.is_open(time("2025-10-10T12:00:00Z")) && case.blocker.attempts.is_empty());
        assert!(case.doubts[0].contains(told), "{:?} is not {told}", case.doubts);
    }
}

#[test]
fn a_resolution_closes_where_it_is_believed() {
    let now = time("2025-10-10T12:00:00Z");
    let plain = inventory(&json!({}));
    let said = || vec![resolution("2025-10-09")];
    assert!(!only(&plain, said(), None).is_open(now));
    assert!(only(&plain, Vec::new(), None).is_open(now));
    let of_another = Declaration {
        what: What::Resolution { ticket: "T-2".into(), resolved: "2025-10-09".parse().unwrap(), evidence: Vec::new() },
        ..resolution("2025-10-09")
    };
    assert!(only(&plain, vec![of_another], None).is_open(now));
    let revoked = declared(What::Revocation { sequence: 1, digest: resolution("2025-10-09").digest() });
    assert!(only(&plain, vec![resolution("2025-10-09"), revoked], None).is_open(now));
    let signed = inventory(&json!({"approvers": {"ana": {"key": "k", "environments": ["production"]}}}));
    assert!(!only(&signed, said(), Some("staging")).is_open(now));
    assert!(only(&signed, said(), Some("production")).is_open(now));
    assert!(only(&signed, said(), None).is_open(now), "not in every environment that it blocks");
    let judged = resolved(&signed, &history(said()), "staging", now);
    assert!(judged.blockers["T-1"].resolved.is_some());
    assert!(resolved(&signed, &history(said()), "production", now).blockers["T-1"].resolved.is_none());
}

/// `preflight.yaml` of the users.
fn own() -> Inventory {
    let blockers = json!({
        "OCC-INF-221": {
            "integration": "shop", "title": "Host and credentials", "owner": "infrastructure",
            "opened": "2025-10-07", "due": "2025-10-10T17:00Z", "deliverables": ["GA_MCP_HOST"],
            "ladder": ["#infra-requests", "direct message", "manager", "CIO"],
            "attempts": [{"at": "2025-10-11T00:58Z", "what": "note to the CIO", "by": "manager", "rung": "CIO", "evidence": ["note.md"]}],
        },
    });
    inventory(&json!({"blockers": blockers}))
}

#[test]
fn a_deadline_that_lies_ahead_is_not_sixteen_hours_past() {
    let inventory = own();
    let at = |now: &str| Due::of(inventory.blockers["OCC-INF-221"].due, time(now));
    // The manager escalated again at 17:20, and the note to the CIO went out at 00:58.
    assert_eq!(at("2025-10-10T17:20:00Z"), Due::Overdue(20));
    assert_eq!(at("2025-10-11T00:58:00Z"), Due::Overdue(7 * 60 + 58));
    assert_eq!(at("2025-10-11T09:00:00Z"), Due::Overdue(16 * 60));
}

#[test]
fn a_draft_says_what_is_on_record_and_nothing_more() {
    let case = cases(&own(), &History::default(), None, time("2025-10-11T00:58:00Z")).remove(0);
    insta::assert_snapshot!(draft(&case, time("2025-10-11T00:58:00Z")), @r"
    To: CIO
    Subject: OCC-INF-221: Host and credentials (overdue by 7 h 58 min)

    OCC-INF-221 (Host and credentials) blocks shop (everywhere). It was opened 2025-10-07 and was due 2025-10-10T17:00:00Z: overdue by 7 h 58 min (as of 2025-10-11T00:58:00Z, all times in UTC).

    We need from infrastructure:
    - GA_MCP_HOST

    Tried so far (1 on record, 1 documented):
    - 2025-10-11T00:58:00Z manager: note to the CIO [note.md]

    Please give a date, to the minute and in UTC. (Of the 2 documented attempts that an escalation needs, 1 is missing.)
    ");
}
