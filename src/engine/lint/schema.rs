//! Schemas that don't compile, or that accept anything.

use serde_json::{Value, json};

use crate::adapter::contracts::Contract;
use crate::check::schema::BadSchema;
use crate::domain::nearest::nearest;
use crate::engine::lint::finding::Code;
use crate::engine::lint::{Bench, place_of, subschema};

/// What is wrong with a contract's schemas.
pub fn look(bench: &mut Bench, contract: &Contract) {
    for (name, schema) in &contract.schemas {
        let file = format!("schemas/{name}.json");
        match bench.schemas.get(name) {
            Ok(validator) => {
                if let Some(what) = vacuous(&|instance| validator.is_valid(instance)) {
                    let place = place_of(contract, &file, &[]);
                    let hint = "name its type, its members and which of them are required".to_owned();
                    bench.add(Code::VacuousSchema, place, format!("it accepts {what}"), Some(hint));
                }
            }
            Err(BadSchema::Invalid { reason, .. }) => {
                uncompiled(bench, contract, &file, schema, &reason);
            }
            Err(unknown @ BadSchema::Unknown { .. }) => {
                let place = place_of(contract, &file, &[]);
                bench.add(Code::BadSchema, place, unknown.to_string(), None);
            }
        }
        subschema::look(bench, contract, file, schema);
    }
}

/// A schema that is none, or that refers to what is not there.
fn uncompiled(bench: &mut Bench, contract: &Contract, file: &str, schema: &Value, reason: &str) {
    let Some((_, address)) = reason.rsplit_once(NO_ADDRESS) else {
        bench.add(Code::BadSchema, place_of(contract, file, &[]), format!("it does not compile: {reason}"), None);
        return;
    };
    let missing = address.trim_start_matches("preflight:///");
    let last = missing.rsplit('/').next().unwrap_or_default();
    let keys = reference(schema, last).unwrap_or_default();
    let place = place_of(contract, file, &keys.iter().map(String::as_str).collect::<Vec<_>>());
    let stem = |path: &str| path.rsplit('/').next().unwrap_or_default().trim_end_matches(".json").to_owned();
    let known: Vec<String> = contract.schemas.keys().map(|name| stem(name)).collect();
    let hint =
        nearest(&stem(missing), known.iter().map(String::as_str)).map(|near| format!("did you mean `{near}.json`?"));
    bench.add(Code::BadSchema, place, format!("it refers to {missing}, which does not exist"), hint);
}

/// How the schema compiler names an address that our own shelf does not have.
const NO_ADDRESS: &str = "no schema has the address ";

/// The keys that lead to the `$ref` of a file.
fn reference(schema: &Value, file: &str) -> Option<Vec<String>> {
    let inner: Vec<(String, &Value)> = match schema {
        Value::Object(members) => members.iter().map(|(key, value)| (key.clone(), value)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(index, item)| (index.to_string(), item)).collect(),
        _ => return None,
    };
    inner.into_iter().find_map(|(key, value)| {
        let is_it = key == "$ref" && value.as_str().is_some_and(|target| target.contains(file));
        let mut keys = if is_it { Vec::new() } else { reference(value, file)? };
        keys.insert(0, key);
        Some(keys)
    })
}

/// Names what a schema accepts that no useful one does, by trying absurd values.
fn vacuous(accepts: &dyn Fn(&Value) -> bool) -> Option<&'static str> {
    let objects = [json!({}), json!({ "preflight absurd": [{ "x": null }] })];
    let lists = [json!([null]), json!(["preflight absurd", { "x": [] }, -1.5])];
    let others = [json!(null), json!(false), json!(-1.5), json!("preflight absurd")];
    let all = |values: &[Value]| values.iter().all(accepts);
    match (all(&objects), all(&lists), all(&others)) {
        (true, true, true) => Some("anything"),
        (true, ..) => Some("any object, also `{}`"),
        (_, true, _) => Some("any list"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::vacuous;

    #[test]
    fn a_schema_that_cannot_refuse_is_found() {
        let table = [
            (json!({}), Some("anything")),
            (json!(true), Some("anything")),
            (json!({"title": "x"}), Some("anything")),
            (json!({"type": "object"}), Some("any object, also `{}`")),
            (json!({"properties": {"id": {"type": "integer"}}}), Some("anything")),
            (
                json!({"type": ["object", "null"], "properties": {"id": {"type": "integer"}}}),
                Some("any object, also `{}`"),
            ),
            (json!({"type": "array"}), Some("any list")),
            (json!({"type": "object", "required": ["id"]}), None),
            (json!({"type": "object", "additionalProperties": false}), None),
            (json!({"type": "array", "items": {"type": "integer"}}), None),
            (json!({"type": "string"}), None),
            (json!(false), None),
        ];
        for (schema, what) in table {
            let validator = jsonschema::draft202012::new(&schema).unwrap();
            assert_eq!(vacuous(&|instance| validator.is_valid(instance)), what, "{schema}");
        }
    }
}
