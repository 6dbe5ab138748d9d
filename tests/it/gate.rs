//! `preflight gate`: the verdict, its reasons and its exit code, as a user sees them.

use insta::assert_snapshot;
use serde_json::Value;

use crate::report_schemas::{complaints, schema};
use crate::shell::{Folder, Ran};

const WORKSPACE: &str = "\
version: 1
name: test
environments:
  local:
  production:
  staging:
integrations:
  idea-pool: {flag: live, not_applicable: {webhooks: it sends none}}
  redis:
flags:
  live: {parser: {names: [LIVE]}}
blockers:
  OPS-1: {integration: idea-pool, environments: [production], title: no account, owner: ops, opened: 2026-10-01}
policy:
  local: {require: [contract-twin, blockers], integrations: [idea-pool]}
  production: {require: [contract-twin, flag, health, blockers], max_age_hours: {health: 1}}
";

const KEPT: &str = "
  Scenario: It answers
    When I GET \"/api/analytics/idea-pool\"
    Then the status is 200
";

/// A workspace whose contract ran once on its twin.
fn checked(feature: &str) -> Folder {
    let feature = format!("Feature: own\n{feature}");
    let folder = Folder::with(&[("preflight.yaml", WORKSPACE), ("features/idea-pool/own.feature", &feature)]);
    folder.preflight(&["check", "idea-pool", "--quiet"]);
    folder
}

/// Records and hashes differ with each change of the contract, and ages with the clock.
fn screen(ran: &Ran) -> String {
    let mut screen = ran.screen();
    for (pattern, with) in [
        (r"\d+\s+s\s+old", "<age>"),
        (r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", "<time>"),
        (r"\d+ scenarios kept, \d+ of \d+", "<n> scenarios kept, <n> of <n>"),
        (r"\d+ of \d+ scenarios broken", "<n> of <n> scenarios broken"),
    ] {
        screen = regex::Regex::new(pattern).expect("a pattern").replace_all(&screen, with).into_owned();
    }
    screen
}

#[test]
fn go_rests_on_evidence() {
    let folder = checked(KEPT);
    let ran = folder.preflight(&["gate", "--env", "local"]).exits(0);
    assert_snapshot!("gate_go", screen(&ran));
}

#[test]
fn no_go_says_what_is_missing_and_what_blocks() {
    let folder = checked(KEPT);
    let ran = folder.preflight(&["gate", "--env", "production"]).exits(1);
    assert_snapshot!("gate_no_go", screen(&ran));
    folder.preflight(&["gate", "--env", "production", "redis"]).exits(3).says("redis UNKNOWN");
}

#[test]
fn a_broken_promise_is_no_go_and_nothing_at_all_is_unknown() {
    let folder = checked(&KEPT.replace("200", "418"));
    folder.preflight(&["gate", "--env", "local"]).exits(1).says("failing contract-twin");
    let bare = Folder::with(&[("preflight.yaml", WORKSPACE)]);
    bare.preflight(&["gate", "--env", "local"]).exits(3).says("never run against twin");
    // Nothing is required where no policy is written: that is no GO, with the best evidence.
    let ran = checked(KEPT).preflight(&["gate", "--env", "staging"]).exits(3);
    ran.says("nothing is required in staging: write `policy.staging.require` in preflight.yaml");
}

#[test]
fn the_gate_writes_nothing() {
    let folder = checked(KEPT);
    let before = folder.files();
    folder.preflight(&["gate", "--env", "local"]).exits(0);
    assert_eq!(folder.files(), before);
}

#[test]
fn the_derivation_of_a_cell_names_evidence_and_lines() {
    let folder = checked(KEPT);
    folder.preflight(&["check", "idea-pool", "--quiet", "--name", "It answers"]);
    let ran = folder.preflight(&["gate", "--env", "local", "--explain", "idea-pool"]).exits(0);
    assert_snapshot!("gate_explain", screen(&ran));
}

#[test]
fn a_mistyped_gate_says_what_would_be_right() {
    let folder = Folder::with(&[("preflight.yaml", WORKSPACE)]);
    for (name, arguments) in [
        ("gate_without_environment", &["gate"][..]),
        ("gate_unknown_environment", &["gate", "--env", "prodution"]),
        ("gate_unknown_integration", &["gate", "--env", "local", "idea-pol"]),
        ("gate_explains_nobody", &["gate", "--env", "local", "--explain", "redi"]),
    ] {
        assert_snapshot!(name, folder.preflight(arguments).exits(2).screen());
    }
}

#[test]
fn the_document_satisfies_its_schema() {
    let folder = checked(KEPT);
    for (arguments, code) in [
        (&["gate", "--json", "--env", "local", "--explain", "idea-pool"][..], 0),
        (&["gate", "--json", "--env", "production"], 1),
        (&["gate", "--json", "--env", "staging"], 3),
    ] {
        let ran = folder.preflight(arguments).exits(code);
        let document: Value = serde_json::from_str(&ran.out).expect("JSON on stdout");
        assert_eq!(complaints(&schema("gate"), &document), Vec::<String>::new());
    }
    let ran = folder.preflight(&["gate", "--json", "--env", "local"]);
    let good: Value = serde_json::from_str(&ran.out).expect("JSON");
    for (pointer, value) in
        [("/integrations", "[]"), ("/integrations/0/verdict", "\"UNKNOWN\""), ("/verdict", "\"OK\"")]
    {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).expect("a member") = serde_json::from_str(value).expect("JSON");
        assert!(!complaints(&schema("gate"), &bad).is_empty(), "{pointer} {value} was accepted");
    }
}
