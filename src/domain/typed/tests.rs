//! Typed tables beside a judgement: what claims more, what claims less, and what is missing.

use serde_json::json;

use super::{Comparison, Kind, compare};
use crate::domain::readiness::Readiness;

/// `shopify` is ready on its twin and has an open blocker, `supabase` is ready live in staging, `zoho` is unknown.
fn readiness() -> Readiness {
    let row = |name: &str, title: &str, states: [&str; 8], reason: &str| {
        let criteria =
            ["contract-twin", "contract-live", "credentials", "webhooks", "resilience", "health", "flag", "blockers"];
        let cells: Vec<_> = criteria
            .iter()
            .zip(states)
            .map(|(criterion, state)| {
                json!({"criterion": criterion, "state": state, "reason": reason, "required": *criterion == "contract-live"})
            })
            .collect();
        json!({"integration": name, "title": title, "cells": cells})
    };
    let unknown = "unknown";
    let rows = |live: &str| {
        json!([
            row(
                "shopify",
                "Shopify Admin",
                ["ready", unknown, unknown, unknown, unknown, unknown, "n/a", "blocked"],
                "open: DEPLOY-147"
            ),
            row("supabase", "Supabase", ["ready", live, live, "n/a", unknown, unknown, "n/a", "n/a"], "none declared"),
            row("zoho", "Zoho CRM and Mail", [unknown; 8], "nothing"),
        ])
    };
    serde_json::from_value(json!({
        "version": 1, "workspace": "w", "judged": "2026-11-20T12:00:00Z", "environments": [
            {"environment": "production", "verdict": "UNKNOWN", "reasons": [], "rows": rows(unknown)},
            {"environment": "staging", "verdict": "UNKNOWN", "reasons": [], "rows": rows("ready")},
        ],
    }))
    .expect("a judgement")
}

fn compared(text: &str) -> Comparison {
    compare(text, &readiness(), &["DEPLOY-147".to_owned()]).expect("a table")
}

fn kinds(text: &str) -> Vec<(Kind, String)> {
    let told = compared(text).differences.into_iter();
    told.map(|difference| (difference.kind, difference.column.unwrap_or(difference.row))).collect()
}

const HEAD: &str = "| Integration | Environment Status | Credentials | Testing | Blockers |\n|---|---|---|---|---|\n";

#[test]
fn a_green_cell_without_evidence_claims_more() {
    let text = format!(
        "{HEAD}| Shopify Admin | READY | current | Sandbox verified | none |\n| Supabase | Blocked | pending | not started | - |\n| Zoho CRM | Draft | not requested | none | none |\n"
    );
    assert_eq!(
        kinds(&text),
        [
            (Kind::More, "Environment Status".to_owned()),
            (Kind::More, "Credentials".to_owned()),
            (Kind::More, "Testing".to_owned()),
            (Kind::More, "Blockers".to_owned()),
        ]
    );
}

#[test]
fn a_cell_is_held_against_the_environments_that_it_names() {
    let cells = |credentials: &str| {
        let text = format!("{HEAD}| Supabase | blocked | {credentials} | partial | none |\n");
        kinds(&text).into_iter().filter(|(_, place)| place == "Credentials").map(|(kind, _)| kind).collect::<Vec<_>>()
    };
    assert_eq!(cells("Staging credentials live"), []);
    assert_eq!(cells("Staging pending"), [Kind::Less]);
    assert_eq!(cells("production current"), [Kind::More]);
    assert_eq!(cells("current"), [Kind::More], "no environment is all of them");
    assert_eq!(cells("see the vault"), [Kind::Unclear]);
}

#[test]
fn rows_and_tickets_that_nobody_knows_or_typed_are_told() {
    let text = format!(
        "{HEAD}| Shopify | blocked | pending | partial | DEPLOY-147 and HS-44721 |\n| Supabse | live | live | live | none |\n"
    );
    let found = compared(&text).differences;
    let told: Vec<_> = found.iter().map(|difference| (difference.kind, difference.row.as_str())).collect();
    assert_eq!(
        told,
        [
            (Kind::UndeclaredBlocker, "Shopify"),
            (Kind::UnknownRow, "Supabse"),
            (Kind::MissingRow, "supabase"),
            (Kind::MissingRow, "zoho"),
        ]
    );
    assert!(found[1].truth.ends_with("the nearest is `supabase`"), "{}", found[1].truth);
    assert_eq!(found[1].line, 4);
}

#[test]
fn the_vendor_table_is_read_by_its_own_headings() {
    let text = "| Vendor | Sandbox Status | Live Status | Credentials | Tests | Blockers / Next Action |\n|---|---|---|---|---|---|\n| Shopify | Mock dataset healthy | 🚫 Blocked | pending | staged | DEPLOY-147 |\n| Supabase | Existing instance in use | live in staging | staging live | covered in staging | none |\n| Zoho CRM | No sandbox | N/A | not requested | not defined | - |\n";
    assert_eq!(kinds(text), [(Kind::Unclear, "Sandbox Status".to_owned())]);
}

#[test]
fn a_text_without_such_a_table_compares_nothing() {
    for text in ["", "READY", "| a | b |\n|---|---|\n| x | y |\n", "| Vendor | Price |\n|---|---|\n| Zoho | 1 |\n"] {
        assert!(compare(text, &readiness(), &[]).is_none(), "{text}");
    }
}
