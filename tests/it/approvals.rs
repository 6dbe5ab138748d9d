//! Approvals end to end: what one opens, and everything that it does not.

use std::fmt::Write as _;
use std::path::Path;

use insta::assert_snapshot;
use serde_json::Value;

use crate::server::{Server, files};
use crate::shell::{Folder, Ran};

const LIVE: [&str; 5] = ["check", "--target", "live", "--env", "staging"];

const ITEMS: &str = r#"{"items":[{"id":1}]}"#;

/// Two environments and two integrations at one address.
fn workspace(server: &Server, more: &str) -> String {
    let url = format!("http://127.0.0.1:{}", server.port);
    format!(
        "version: 1\nname: test\nenvironments:\n  production: {{base_urls: {{shop: '{url}'}}}}\n  staging:\n    \
         base_urls: {{shop: '{url}', other: '{url}'}}\n    dotenv: .env.staging\nintegrations:\n  shop:\n  other:\n\
         policy:\n  staging: {{require: [contract-live]}}\n{more}"
    )
}

fn adds(count: usize) -> String {
    let one = |number: usize| {
        format!(
            "  @SHOP-{number}\n  Scenario: add {number}\n    When I POST \"/items\" with the body:\n      \"\"\"\n      \
             {{\"name\": \"x\"}}\n      \"\"\"\n    Then the status is 200\n"
        )
    };
    (1..=count).fold("Feature: f\n".to_owned(), |feature, number| feature + &one(number))
}

fn sends(step: &str) -> String {
    format!("Feature: f\n  Scenario: s\n    When {step}\n    Then the status is 200\n")
}

fn folder(server: &Server, more: &str, feature: &str) -> Folder {
    let folder = Folder::with(&files(&workspace(server, more), feature));
    folder.write("fixtures/other/manifest.yaml", "title: Other\nmodels: {versions: ['1'], source: a test}\n");
    folder
}

fn approve(folder: &Folder, words: &[&str]) -> Ran {
    approve_on(folder, "staging", words)
}

fn approve_on(folder: &Folder, environment: &str, words: &[&str]) -> Ran {
    let common = ["--env", environment, "--by", "ana", "--why", "the launch", "--until", "1h"];
    folder.preflight(&[&["approve"], words, &common].concat())
}

#[test]
fn what_holds_a_secret_is_not_declared() {
    let server = Server::of_json(ITEMS);
    let folder = folder(&server, "", &sends("I GET \"/items\""));
    for (why, code) in [("opened with dotenv-token-value", 2), ("opened with the token of staging", 0)] {
        let words =
            ["approve", "shop", "POST", "/items", "--env", "staging", "--by", "ana", "--until", "1h", "--why", why];
        let ran = folder.preflight(&words).exits(code);
        if code == 2 {
            ran.says("this approval holds the value of a secret");
            assert!(!folder.path().join("reports/ledger.jsonl").exists(), "nothing was written");
        }
    }
}

fn entries(folder: &Folder) -> Vec<Value> {
    let ledger = folder.read("reports/ledger.jsonl");
    ledger.lines().map(|line| serde_json::from_str(line).expect("an entry")).collect()
}

/// Rewrites the only line of the ledger.
fn forge(folder: &Folder, change: impl Fn(&mut Value)) {
    let mut entry = entries(folder).remove(0);
    change(&mut entry["body"]["declaration"]);
    folder.write("reports/ledger.jsonl", &format!("{entry}\n"));
}

#[track_caller]
fn refused(server: &Server, folder: &Folder, told: &str) {
    folder.preflight(&LIVE).exits(3).says("may change the live service, and no approval covers it").says(told);
    assert!(server.asked().is_empty(), "the server saw {:?}", server.asked());
}

/// A change to a declaration, and what is said of it.
type Forgery = (fn(&mut Value), &'static str);

#[test]
fn what_is_approved_is_sent_and_stands_in_record_and_ledger() {
    let server = Server::of_json(ITEMS);
    let folder = folder(&server, "", &adds(1));
    refused(&server, &folder, "");
    let before = entries(&folder).len() as u64;
    approve(&folder, &["shop", "POST", "/items"]).exits(0).says("opened: shop POST /items on staging until");
    folder.preflight(&LIVE).exits(0);
    assert_eq!(server.asked().len(), 1);
    let exchange = &folder.record()["contracts"][0]["scenarios"][0]["exchanges"][0];
    assert_eq!(exchange["approval"], before + 1);
    let entries = entries(&folder);
    let opened = &entries[usize::try_from(before).expect("few") + 1]["body"]["opened"];
    assert_eq!((&opened["method"], &opened["path"]), (&"POST".into(), &"/items".into()), "written before it was sent");
    let schema: Value = serde_json::from_str(include_str!("../../schemas/preflight/ledger.json")).expect("JSON");
    let schema = jsonschema::validator_for(&schema).expect("a schema");
    for entry in &entries {
        let wrong: Vec<_> = schema.iter_errors(entry).map(|error| error.to_string()).collect();
        assert!(wrong.is_empty(), "{wrong:#?} in {entry}");
    }
}

#[test]
fn an_approval_opens_nothing_beside_what_it_names() {
    let server = Server::of_json(ITEMS);
    let table: [(&str, &[&str], &str, &str); 11] = [
        ("staging", &["shop", "PUT", "/items"], "I POST \"/items\"", ""),
        ("staging", &["shop", "POST", "/items"], "I DELETE \"/items\"", ""),
        ("staging", &["shop", "POST", "/items"], "I POST \"/items/1\"", ""),
        ("staging", &["shop", "POST", "/items/{id}"], "I POST \"/items/1/price\"", ""),
        ("staging", &["shop", "POST", "/items/{id}"], "I POST \"/items/1%2Fprice\"", ""),
        ("staging", &["shop", "POST", "/items"], "I POST \"/items?_method=DELETE\"", "take it for another method"),
        ("staging", &["shop", "DELETE", "/items?id=eq.1"], "I DELETE \"/items\"", ""),
        ("staging", &["other", "POST", "/items"], "I POST \"/items\"", ""),
        ("production", &["shop", "POST", "/items"], "I POST \"/items\"", "(approval 1 is for production)"),
        ("staging", &["shop", "@SHOP-9"], "I POST \"/items\"", ""),
        ("staging", &["shop", "POST", "/graphql.json"], "I POST \"/graphql.json\"", ""),
    ];
    for (environment, words, step, told) in table {
        let folder = folder(&server, "", &sends(step));
        if words[1] == "@SHOP-9" {
            approve_on(&folder, environment, words).exits(2).says("no scenario of shop is tagged @SHOP-9");
        } else {
            approve_on(&folder, environment, words).exits(0);
        }
        refused(&server, &folder, told);
    }
}

#[test]
fn a_header_that_names_another_method_opens_nothing() {
    let server = Server::of_json(ITEMS);
    let feature = "Feature: f\n  Scenario: s\n    Given the header \"X-HTTP-Method-Override\" is \"DELETE\"\n    When I POST \"/items\"\n    Then the status is 200\n";
    let folder = folder(&server, "", feature);
    approve(&folder, &["shop", "POST", "/items"]).exits(0);
    refused(&server, &folder, "take it for another method");
}

#[test]
fn a_mutation_is_approved_by_its_name() {
    let server = Server::of_json(r#"{"data":{}}"#);
    let steps = |fields: &str| {
        format!(
            "Feature: f\n  Scenario: s\n    When I query GraphQL at \"/graphql.json\":\n      \"\"\"\n      mutation {{ {fields} }}\n      \"\"\"\n    Then the status is 200\n"
        )
    };
    for (fields, sent) in [("productUpdate { id }", 1), ("productUpdate { id } productDelete { id }", 1)] {
        let folder = folder(&server, "", &steps(fields));
        approve(&folder, &["shop", "POST", "/graphql.json", "mutation", "productUpdate"]).exits(0);
        folder.preflight(&LIVE);
        assert_eq!(server.asked().len(), sent, "{fields}");
    }
}

#[test]
fn an_expired_a_revoked_and_a_doubted_approval_open_nothing() {
    let server = Server::of_json(ITEMS);
    let approved = || {
        let folder = folder(&server, "", &adds(1));
        approve(&folder, &["shop", "POST", "/items"]).exits(0);
        folder
    };
    let expired = approved();
    forge(&expired, |declaration| {
        declaration["at"] = "2026-01-01T00:00:00Z".into();
        declaration["until"] = "2026-01-01T01:00:00Z".into();
    });
    refused(&server, &expired, "(approval 1 expired at 2026-01-01T01:00:00Z)");
    let endless = approved();
    forge(&endless, |declaration| {
        declaration.as_object_mut().expect("an object").remove("until");
    });
    refused(&server, &endless, "(approval 1 has no expiry)");
    endless.preflight(&["report"]).exits(0).says("the approval of entry 1 counts for nothing: it has no expiry");
    let tomorrow = approved();
    forge(&tomorrow, |declaration| {
        declaration["at"] = "2999-01-01T00:00:00Z".into();
        declaration["until"] = "2999-01-01T01:00:00Z".into();
    });
    refused(&server, &tomorrow, "(approval 1 is dated in the future");
    let revoked = approved();
    revoked.preflight(&["approve", "--revoke", "1", "--by", "bob", "--why", "too early"]).exits(0);
    refused(&server, &revoked, "(approval 1 was revoked (entry 2))");
    let doubted = approved();
    let line = doubted.read("reports/ledger.jsonl");
    doubted.write("reports/ledger.jsonl", &format!("{line}{{\"half\n"));
    refused(&server, &doubted, "(approval 1 stands before a lost line of the ledger, which may have revoked it)");
}

#[test]
fn an_approval_is_used_up() {
    let server = Server::of_json(ITEMS);
    let folder = folder(&server, "", &adds(3));
    approve(&folder, &["shop", "add", "--uses", "2"]).exits(0);
    folder
        .preflight(&LIVE)
        .exits(3)
        .says("(2 kept, 1 unasked;")
        .says("(approval 1 was good for 2 requests, which were sent)");
    folder.preflight(&LIVE).exits(3).says("(3 unasked;");
    assert_eq!(server.asked().len(), 2);
}

#[test]
fn a_tag_is_approved_with_the_contract_as_it_is() {
    let server = Server::of_json(ITEMS);
    let folder = folder(&server, "", &adds(2));
    approve(&folder, &["shop", "@SHOP-1"]).exits(0).says("@SHOP-1 marks 1 of the 2 scenarios of shop");
    folder.preflight(&LIVE).exits(3).says("(1 kept, 1 unasked;");
    folder.write("features/shop/own.feature", &adds(2).replace("\"x\"", "\"y\""));
    folder.preflight(&LIVE).exits(3).says("(2 unasked;");
    assert_eq!(server.asked().len(), 1);
}

/// A private key, and the public half as it stands in `preflight.yaml`.
fn key(folder: &Path, name: &str, algorithm: &'static rcgen::SignatureAlgorithm) -> String {
    let pair = rcgen::KeyPair::generate_for(algorithm).expect("a key");
    std::fs::write(folder.join(name), pair.serialize_pem()).expect("it is written");
    pair.public_key_pem().replace("\r\n", "\n").trim_end().replace('\n', "\n      ")
}

#[test]
fn where_a_key_is_configured_only_its_owner_opens() {
    for algorithm in [&rcgen::PKCS_ED25519, &rcgen::PKCS_ECDSA_P256_SHA256] {
        let server = Server::of_json(ITEMS);
        let keys = tempfile::tempdir().expect("a folder");
        let ana = key(keys.path(), "ana.pem", algorithm);
        key(keys.path(), "eve.pem", algorithm);
        let approvers = format!("approvers:\n  ana:\n    environments: [staging]\n    key: |\n      {ana}\n");
        let folder = folder(&server, &approvers, &adds(1));
        let path = |name: &str| keys.path().join(name).display().to_string();
        let said = approve(&folder, &["shop", "POST", "/items"]).exits(2);
        said.says("would count for nothing: it is not signed").says("asks for a signature of: ana");
        let said = approve(&folder, &["shop", "POST", "/items", "--key", &path("eve.pem")]).exits(2);
        said.says("it has a signature that no approver's key made");
        assert!(!folder.path().join("reports/ledger.jsonl").exists(), "nothing was written");
        approve(&folder, &["shop", "POST", "/items", "--key", &path("ana.pem")]).exits(0);
        folder.preflight(&LIVE).exits(0);
        assert_eq!(server.asked().len(), 1);

        let signed = entries(&folder).remove(0);
        let forgeries: [Forgery; 4] = [
            (|d| d["what"]["approval"]["scope"]["request"]["request"] = "POST /{any}".into(), "no approver's key made"),
            (|d| d["until"] = "2027-01-01T00:00:00Z".into(), "no approver's key made"),
            (|d| d["by"] = "bob".into(), "no approver's key made"),
            (
                |d| {
                    d.as_object_mut().expect("an object").remove("signature");
                },
                "is not signed",
            ),
        ];
        for (change, told) in forgeries {
            folder.write("reports/ledger.jsonl", &format!("{signed}\n"));
            forge(&folder, change);
            folder.preflight(&LIVE).exits(3).says(told);
            folder.preflight(&["report"]).exits(0).says("the approval of entry 1 counts for nothing");
        }
        assert_eq!(server.asked().len(), 1);
        let production = approve_on(&folder, "production", &["shop", "POST", "/items"]);
        production.exits(0);
    }
}

#[test]
fn what_is_declared_is_listed_with_whether_it_stands() {
    let server = Server::of_json(ITEMS);
    let folder = folder(&server, "", &adds(1));
    folder.preflight(&["approve", "--list"]).exits(0).says("nothing is approved or waived");
    approve(&folder, &["shop", "POST", "/items", "--uses", "1"]).exits(0);
    approve(&folder, &["shop", "add"]).exits(0);
    folder.preflight(&["approve", "--revoke", "2", "--by", "bob", "--why", "a mistake"]).exits(0);
    let ran = folder.preflight(&["approve", "--list"]).exits(0);
    ran.says("by ana: the launch [stands; opened 0]").says("[was revoked (entry 3); opened 0]");
    let ran = folder.preflight(&["approve", "--list", "--json", "--quiet"]).exits(0);
    let items: Value = serde_json::from_str(&ran.out).expect("one document");
    assert_eq!((&items[0]["stands"], &items[1]["stands"]), (&true.into(), &false.into()));
    let ran = folder.preflight(&["approve", "--list", "--env", "production"]).exits(0);
    ran.says("nothing is approved or waived");
}

#[test]
fn what_makes_no_sense_is_not_declared() {
    let server = Server::of_json(ITEMS);
    let folder = folder(&server, "", &adds(1));
    let until = ["--by", "ana", "--why", "w", "--until", "1h", "--env", "staging"];
    let mut screens = String::new();
    for words in [
        &["approve", "shop", "POST", "/items", "--by", "ana", "--why", "w", "--env", "staging"][..],
        &["approve", "shop", "POST", "/items", "--by", "ana", "--until", "1h", "--env", "staging"],
        &["approve", "shop", "POST", "/items", "--why", "w", "--until", "1h", "--env", "staging"],
        &["approve", "shop", "POST", "/items", "--by", "ana", "--why", "w", "--until", "1h"],
        &[
            "approve",
            "shop",
            "POST",
            "/items",
            "--by",
            "ana",
            "--why",
            "w",
            "--until",
            "2025-01-01",
            "--env",
            "staging",
        ],
        &["approve", "shop", "POST", "/items", "--by", "ana", "--why", "w", "--until", "500d", "--env", "staging"],
        &["approve", "shop", "POST", "/items", "--by", "ana", "--why", "w", "--until", "1h", "--env", "stagin"],
        &[&["approve", "shop", "GET", "/items"][..], &until].concat(),
        &[&["approve", "shop", "POST", "items"][..], &until].concat(),
        &[&["approve", "shpo", "POST", "/items"][..], &until].concat(),
        &[&["approve", "shop", "remove"][..], &until].concat(),
        &[&["approve", "shop", "POST", "/graphql", "query", "shop"][..], &until].concat(),
        &[&["approve", "flip", "live"][..], &until].concat(),
        &[&["approve"][..], &until].concat(),
        &["approve", "--revoke", "7", "--by", "ana", "--why", "w"],
        &["waive", "shop", "webhooks", "--by", "ana", "--why", "w", "--env", "staging"],
        &["waive", "shop", "webhook", "--by", "ana", "--why", "w", "--env", "staging", "--until", "1d"],
    ] {
        let _ = write!(screens, "{}\n\n", folder.preflight(words).exits(2).screen());
    }
    let screens = regex::Regex::new(r"\d{4}-\d\d-\d\dT[0-9:.]+Z")
        .expect("a pattern")
        .replace_all(&screens, "<time>")
        .into_owned();
    assert_snapshot!("declared_wrongly", screens);
    assert!(!folder.path().join("reports/ledger.jsonl").exists(), "nothing was written");
}

#[test]
fn a_waived_criterion_is_waived_and_never_ready() {
    let server = Server::of_json(ITEMS);
    let folder = folder(&server, "", &sends("I GET \"/elsewhere\"").replace("200", "418"));
    folder.preflight(&LIVE).exits(1);
    let cell = |folder: &Folder| {
        let readiness: Value = serde_json::from_str(&folder.read("reports/readiness.json")).expect("JSON");
        let environments = readiness["environments"].as_array().expect("a list");
        let staging = environments.iter().find(|judged| judged["environment"] == "staging").expect("staging").clone();
        let rows = staging["rows"].as_array().expect("a list");
        let row = rows.iter().find(|row| row["integration"] == "shop").expect("a row");
        (staging["verdict"].clone(), row["cells"][1].clone())
    };
    assert_eq!(cell(&folder).1["state"], "failing");
    let words =
        ["waive", "shop", "contract-live", "--env", "staging", "--by", "ana", "--why", "a pilot", "--until", "1d"];
    folder.preflight(&words).exits(0).says("shop contract-live is waived on staging until").says("it is not ready");
    folder.preflight(&["report"]).exits(0);
    let (verdict, waived) = cell(&folder);
    assert_eq!((&waived["state"], &waived["proof"]), (&"waived".into(), &Value::Null));
    assert!(waived["reason"].as_str().expect("a reason").contains("by ana: a pilot (it is failing: "), "{waived}");
    assert_eq!(verdict, "UNKNOWN", "nothing that is required is proven");
    folder.preflight(&["report", "--at", "2036-01-01T00:00:00Z"]).exits(0);
    assert_ne!(cell(&folder).1["state"], "waived", "it expired");
    let sequence = entries(&folder).len().to_string();
    folder.preflight(&["approve", "--revoke", &sequence, "--by", "bob", "--why", "no"]).exits(0);
    folder.preflight(&["report"]).exits(0);
    assert_eq!(cell(&folder).1["state"], "failing");
}
