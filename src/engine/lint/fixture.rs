//! Fixtures that violate the schema that they should satisfy.

use serde_json::Value;

use crate::adapter::contracts::{Contract, MANIFEST};
use crate::check::schema::BadSchema;
use crate::domain::json;
use crate::engine::lint::finding::Code;
use crate::engine::lint::{Bench, at, place_of, pointer_of, suggestion};

/// What is wrong with a contract's fixtures.
pub fn look(bench: &mut Bench, contract: &Contract) {
    for (name, bytes) in &contract.fixtures {
        if !is_json(name) {
            continue;
        }
        match json::parse(bytes) {
            Ok(document) => own_schema(bench, contract, name, document),
            Err(error) => {
                let place = at(&format!("fixtures/{}/{name}", contract.name), error.line().max(1));
                let hint = "a payload that is broken on purpose is better not called .json".to_owned();
                bench.add(Code::BadFixture, place, format!("it is not JSON: {error}"), Some(hint));
            }
        }
    }
    for (part, schema) in &contract.manifest.fixture_schemas {
        mapped(bench, contract, part, schema);
    }
}

fn is_json(name: &str) -> bool {
    std::path::Path::new(name).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
}

/// A document that names its schema by `"$schema": "../../schemas/chatwoot/conversation.json"`.
fn own_schema(bench: &mut Bench, contract: &Contract, name: &str, mut document: Value) {
    let Some(named) = document.get("$schema").and_then(Value::as_str).map(str::to_owned) else { return };
    let Some((_, schema)) = named.rsplit_once("schemas/") else { return };
    let schema = schema.trim_end_matches(".json").to_owned();
    if let Value::Object(members) = &mut document {
        // The schema describes the payload, not our pointer to it.
        members.shift_remove("$schema");
    }
    validate(bench, contract, name, &schema, &[(Vec::new(), &document)]);
}

/// `conversations.json#/data/payload/*` under `fixture_schemas` in the manifest.
fn mapped(bench: &mut Bench, contract: &Contract, part: &str, schema: &str) {
    let (name, pointer) = part.split_once('#').unwrap_or((part, ""));
    let manifest = format!("fixtures/{}/{MANIFEST}", contract.name);
    let Some(bytes) = contract.fixtures.get(name) else {
        let place = place_of(contract, &manifest, &["fixture_schemas", part]);
        let known = contract.fixtures.keys().map(String::as_str);
        let hint = Some(suggestion(name, known, "the integration has no fixture"));
        bench.add(Code::UnknownFixture, place, format!("there is no fixture `{name}`"), hint);
        return;
    };
    // One that is no JSON was told already, unless its name says that it is something else.
    let Ok(document) = json::parse(bytes) else { return };
    let keys: Vec<&str> = pointer.split('/').skip(1).collect();
    let selected = select(&document, &keys);
    if selected.is_empty() {
        let place = place_of(contract, &manifest, &["fixture_schemas", part]);
        bench.add(Code::BadFixture, place, format!("`{pointer}` selects nothing in {name}"), None);
    }
    validate(bench, contract, name, schema, &selected);
}

type Selected<'d> = (Vec<String>, &'d Value);

/// The values under a JSON Pointer in which `*` stands for every element.
fn select<'d>(document: &'d Value, keys: &[&str]) -> Vec<Selected<'d>> {
    let Some((key, rest)) = keys.split_first() else {
        return vec![(Vec::new(), document)];
    };
    let key = key.replace("~1", "/").replace("~0", "~");
    let inner: Vec<(String, &Value)> = match document {
        Value::Array(items) if key == "*" => items.iter().enumerate().map(|(i, item)| (i.to_string(), item)).collect(),
        Value::Object(members) if key == "*" => members.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Value::Array(items) => {
            key.parse::<usize>().ok().and_then(|i| items.get(i)).map(|item| (key, item)).into_iter().collect()
        }
        Value::Object(members) => members.get(&key).map(|value| (key.clone(), value)).into_iter().collect(),
        _ => Vec::new(),
    };
    let mut all = Vec::new();
    for (key, value) in inner {
        for (mut path, value) in select(value, rest) {
            path.insert(0, key.clone());
            all.push((path, value));
        }
    }
    all
}

fn validate(bench: &mut Bench, contract: &Contract, name: &str, schema: &str, values: &[Selected]) {
    let file = format!("fixtures/{}/{name}", contract.name);
    let validator = match bench.schemas.get(schema) {
        Ok(validator) => validator,
        Err(error @ BadSchema::Unknown { .. }) => {
            let place = place_of(contract, &file, &["$schema"]);
            bench.add(Code::UnknownSchema, place, format!("{name}: {error}"), None);
            return;
        }
        // That it does not compile is told at the schema itself.
        Err(BadSchema::Invalid { .. }) => return,
    };
    for (path, value) in values {
        for error in validator.iter_errors(value).take(3) {
            let inner = error.instance_path().to_string();
            let keys: Vec<&str> = path.iter().map(String::as_str).chain(inner.split('/').skip(1)).collect();
            let place = place_of(contract, &file, &keys);
            let pointer = pointer_of(&keys);
            let text: String = error.to_string().chars().take(240).collect();
            bench.add(Code::BadFixture, place, format!("{pointer} is not valid against {schema}: {text}"), None);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::select;

    #[test]
    fn a_star_selects_every_element() {
        let document = json!({"data": [{"id": 1}, {"id": 2}]});
        let pointers = |keys: &[&str]| -> Vec<String> {
            select(&document, keys).into_iter().map(|(path, _)| path.join("/")).collect()
        };
        assert_eq!(pointers(&["data", "*", "id"]), ["data/0/id", "data/1/id"]);
        assert_eq!(pointers(&["data", "1"]), ["data/1"]);
        assert_eq!(pointers(&[]), [""]);
        assert!(pointers(&["nothing", "*"]).is_empty());
    }
}
