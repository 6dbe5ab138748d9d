//! A run that is split over machines: the parts are the run, and joined they say what the run says.

use std::fmt::Write as _;

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::shell::{Folder, TWIN_WORKSPACE};

fn feature(count: usize) -> String {
    let one = |number: usize| {
        let status = if number == 5 { 418 } else { 200 };
        format!("  Scenario: s{number}\n    When I GET \"/api/analytics/idea-pool\"\n    Then the status is {status}\n")
    };
    (1..=count).fold("@own\nFeature: own\n".to_owned(), |text, number| text + &one(number))
}

fn folder(text: &str) -> Folder {
    Folder::with(&[("preflight.yaml", TWIN_WORKSPACE), ("features/idea-pool/own.feature", text)])
}

/// Runs a part on a machine of its own, and brings its record here.
fn part(here: &Folder, share: &str, text: &str, code: i32, more: &[&str]) -> String {
    let machine = folder(text);
    machine.preflight(&[&["check", "idea-pool", "--shard", share][..], more].concat()).exits(code);
    let name = format!("parts/{}.json", share.replace('/', "-"));
    here.write(&name, &serde_json::to_string(&machine.record()).expect("JSON"));
    name
}

fn readiness(folder: &Folder) -> Value {
    let readiness: Value = serde_json::from_str(&folder.read("reports/readiness.json")).expect("JSON");
    let cells = readiness["environments"][0]["rows"][0]["cells"].as_array().expect("cells").iter();
    let cells: Vec<Value> = cells.map(|cell| json!([cell["criterion"], cell["state"], cell["reason"]])).collect();
    json!([readiness["environments"][0]["verdict"], cells])
}

/// What a record says, without when and how long.
fn said(record: &Value) -> Value {
    let contract = &record["contracts"][0];
    let scenario = |run: &Value| json!([run["place"], run["name"], run["outcome"], run["checks"], run["findings"]]);
    let scenarios: Vec<Value> = contract["scenarios"].as_array().expect("a list").iter().map(scenario).collect();
    let (operations, unseen) = (&contract["operations"], &contract["unseen"]);
    let sorted = |list: &Value| {
        let mut texts: Vec<String> = list.as_array().expect("a list").iter().map(ToString::to_string).collect();
        texts.sort();
        texts
    };
    let unseen_in_schemas = &contract["unseen_in_schemas"];
    json!([scenarios, operations, unseen, unseen_in_schemas, sorted(&contract["left_out"]), record["partial"]])
}

#[test]
fn three_parts_joined_say_what_the_run_says() {
    let text = feature(7);
    let whole = folder(&text);
    whole.preflight(&["check", "idea-pool"]).exits(1);
    let here = folder(&text);
    // The fifth of the seven is broken; which part has it depends on the shipped scenarios before it.
    let mut names = Vec::new();
    for share in ["1/3", "2/3", "3/3"] {
        let machine = folder(&text);
        let ran = machine.preflight(&["check", "idea-pool", "--shard", share]);
        assert!(matches!(ran.code, Some(0 | 1)), "{}", ran.screen());
        let name = format!("parts/{}.json", share.replace('/', "-"));
        here.write(&name, &serde_json::to_string(&machine.record()).expect("JSON"));
        assert_ne!(readiness(&machine)[1][0][1], "ready", "a part alone proves nothing");
        names.push(name);
    }
    let merge: Vec<&str> = ["merge"].into_iter().chain(names.iter().map(String::as_str)).collect();
    here.preflight(&merge).exits(1).says("idea-pool on twin: broken");
    assert_eq!(said(&here.record()), said(&whole.record()));
    assert_eq!(readiness(&here), readiness(&whole));
    let schema: Value = serde_json::from_str(include_str!("../../schemas/preflight/record.json")).expect("JSON");
    let schema = jsonschema::validator_for(&schema).expect("a schema");
    let wrong: Vec<_> = schema.iter_errors(&here.record()).map(|error| error.to_string()).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");

    let lines = here.read("reports/ledger.jsonl").lines().count();
    let backwards: Vec<&str> = ["merge"].into_iter().chain(names.iter().rev().map(String::as_str)).collect();
    here.preflight(&backwards).exits(1).says("these parts were joined before");
    assert_eq!(here.read("reports/ledger.jsonl").lines().count(), lines, "once is as good as twice");
}

#[test]
fn a_missing_part_is_named_and_proves_nothing() {
    let text = feature(4);
    let here = folder(&text);
    let one = part(&here, "1/3", &text, 0, &["--tags", "@own"]);
    let three = part(&here, "3/3", &text, 0, &["--tags", "@own"]);
    here.preflight(&["merge", &one, &three])
        .exits(3)
        .says("missing: 2/3; what is joined is a part, and proves nothing");
    assert_eq!(here.record()["partial"], true);
    assert_eq!(readiness(&here)[1][0][1], "unknown");
}

#[test]
fn what_is_not_of_one_run_is_not_joined() {
    let text = feature(4);
    let here = folder(&text);
    let tagged = ["--tags", "@own"];
    let one = part(&here, "1/2", &text, 0, &tagged);
    let changed = part(&here, "2/2", &text.replace("s3", "s4"), 0, &tagged);
    let mut screens = String::new();
    let mut refused = |records: &[&str]| {
        let ran = here.preflight(&[&["merge"], records].concat()).exits(2);
        let _ = write!(screens, "{}\n\n", ran.screen());
    };
    refused(&[&one, &changed]);
    let seeded = part(&here, "2/2", &text, 0, &["--tags", "@own", "--seed", "7"]);
    refused(&[&one, &seeded]);
    let selected = part(&here, "2/2", &text, 0, &["--tags", "@own and not @x", "--name", "s[123]"]);
    refused(&[&one, &selected]);
    here.write("parts/plain.json", "{}");
    refused(&[&one, "parts/plain.json"]);
    refused(&["parts/nowhere.json"]);
    let record: Value = serde_json::from_str(&here.read(&one)).expect("JSON");
    let mut forged = record.clone();
    forged["contracts"][0]["scenarios"][0]["name"] = "another".into();
    here.write("parts/forged.json", &forged.to_string());
    refused(&["parts/forged.json"]);
    let mut newer = record.clone();
    newer["version"] = 2.into();
    here.write("parts/newer.json", &newer.to_string());
    refused(&["parts/newer.json"]);
    let mut unsplit = record;
    unsplit.as_object_mut().expect("an object").remove("details");
    here.write("parts/unsplit.json", &unsplit.to_string());
    refused(&["parts/unsplit.json"]);
    assert_snapshot!("merged_wrongly", screens);
    assert!(!here.path().join("reports/ledger.jsonl").exists(), "nothing was written");
}

#[test]
fn a_record_that_its_ledger_does_not_know_so_is_not_joined() {
    let machine = folder(&feature(4));
    machine.preflight(&["check", "idea-pool", "--shard", "1/1", "--tags", "@own"]).exits(0);
    let path = machine.files().into_iter().find(|path| path.parent().is_some_and(|up| up.ends_with("records")));
    let path = path.expect("a record");
    let shown = path.display().to_string();
    machine.preflight(&["merge", &shown]).exits(0);
    let forged = std::fs::read_to_string(&path).expect("it is read").replace("\"seed\":0", "\"seed\":1");
    std::fs::write(&path, forged).expect("it is written");
    machine.preflight(&["merge", &shown]).exits(2).says("the record's digest is not the one in the ledger beside it");
}

#[test]
fn a_part_of_nothing_is_no_success() {
    let here = folder(&feature(2));
    let empty = ["check", "idea-pool", "--tags", "@own", "--shard", "3/3"];
    here.preflight(&empty).exits(3).says("nothing ran: this part of the run is empty; split it into fewer");
    for share in ["0/3", "4/3", "x"] {
        here.preflight(&["check", "--shard", share]).exits(2).says("is no shard: write 1/3 for the first of three");
    }
}
