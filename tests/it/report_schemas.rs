//! The published schemas: what the tool writes is valid, and what it would never write is not.

use jsonschema::Validator;
use preflight::domain::record::Kind;
use preflight::report::json;
use serde_json::{Value, json};

use crate::sample;

pub fn schema(name: &str) -> Validator {
    let path = format!("{}/schemas/preflight/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("a schema file");
    let document: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(document["$id"], format!("urn:preflight:schema:{name}:1"));
    jsonschema::options().should_validate_formats(true).build(&document).expect("a schema")
}

pub fn complaints(validator: &Validator, document: &Value) -> Vec<String> {
    validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

fn record() -> Value {
    let (_, mut records) = sample::small();
    let twin = records.remove(0);
    serde_json::from_str(&json::record(&twin).expect("a document")).expect("JSON")
}

fn readiness() -> Value {
    serde_json::from_str(&json::readiness(&sample::small().0).expect("a document")).expect("JSON")
}

fn entry() -> Value {
    let (_, records) = sample::small();
    serde_json::to_value(&sample::history(&records[1..]).entries[1]).expect("JSON")
}

#[test]
fn what_is_written_is_valid() {
    let (_, records) = sample::small();
    for record in &records {
        let document: Value = serde_json::from_str(&json::record(record).expect("a document")).expect("JSON");
        assert_eq!(complaints(&schema("record"), &document), Vec::<String>::new());
    }
    for entry in sample::history(&records).entries {
        let line = serde_json::to_value(entry).expect("JSON");
        assert_eq!(complaints(&schema("ledger"), &line), Vec::<String>::new());
    }
    assert_eq!(complaints(&schema("readiness"), &readiness()), Vec::<String>::new());
}

#[test]
fn every_kind_of_work_has_its_word_in_the_files() {
    for kind in Kind::ALL {
        let word = serde_json::to_value(kind).expect("JSON");
        assert_eq!(word, kind.as_str());
        let entry = with(entry(), "/body/evidence/kind", Some(word.clone()));
        assert_eq!(complaints(&schema("ledger"), &entry), Vec::<String>::new());
        assert_eq!(complaints(&schema("record"), &with(record(), "/kind", Some(word))), Vec::<String>::new());
    }
    let stranger = with(entry(), "/body/evidence/kind", Some(json!("guess")));
    assert!(!complaints(&schema("ledger"), &stranger).is_empty());
}

/// Sets what a JSON Pointer names to another value, or removes it.
fn with(mut document: Value, pointer: &str, value: Option<Value>) -> Value {
    let (parent, member) = pointer.rsplit_once('/').expect("a pointer");
    let parent = document.pointer_mut(parent).and_then(Value::as_object_mut).expect("an object");
    match value {
        Some(value) => parent.insert(member.to_owned(), value),
        None => parent.remove(member),
    };
    document
}

/// The schema, a good document, where it is spoiled and what with.
type Flaw = (&'static str, fn() -> Value, &'static str, Option<Value>);

#[test]
fn what_would_never_be_written_is_not_valid() {
    let table: [Flaw; 20] = [
        ("record", record, "/version", Some(json!(2))),
        ("record", record, "/surprise", Some(json!(1))),
        ("record", record, "/contracts", None),
        ("record", record, "/target", Some(json!("mock"))),
        ("record", record, "/started", Some(json!("yesterday"))),
        ("record", record, "/environment", Some(json!("staging"))),
        ("record", record, "/contracts/0/integration", Some(json!("Chatwoot"))),
        ("record", record, "/contracts/0/scenarios/0/outcome", Some(json!("passed"))),
        ("record", record, "/contracts/0/scenarios/1/reason", None),
        ("record", record, "/contracts/0/scenarios/0/place/line", Some(json!(0))),
        ("record", record, "/contracts/2/scenarios/2/findings/0/code", Some(json!("oops"))),
        (
            "record",
            record,
            "/contracts/2/scenarios/2/exchanges/1/no_answer",
            Some(json!({"kind": "reset", "detail": 1})),
        ),
        ("readiness", readiness, "/environments/0/verdict", Some(json!("MAYBE"))),
        ("readiness", readiness, "/environments/2/verdict", Some(json!("GO"))),
        ("readiness", readiness, "/environments/0/rows/0/cells/0/state", Some(json!("green"))),
        ("readiness", readiness, "/environments/0/rows/0/cells", Some(json!([]))),
        ("ledger", entry, "/previous", Some(json!("0"))),
        ("ledger", entry, "/sequence", Some(json!(0))),
        ("ledger", entry, "/body/evidence/exit_code", Some(json!(4))),
        ("ledger", entry, "/body/evidence/target", Some(json!("twin"))),
    ];
    for (name, document, pointer, value) in table {
        let changed = with(document(), pointer, value.clone());
        assert!(!complaints(&schema(name), &changed).is_empty(), "{name} {pointer} {value:?} was accepted");
    }
}
