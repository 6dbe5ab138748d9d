//! The parts of a schema: words that every validator ignores, members that may be anything.

use serde_json::Value;

use crate::adapter::contracts::Contract;
use crate::domain::nearest::nearest;
use crate::engine::lint::finding::Code;
use crate::engine::lint::{Bench, place_of, pointer_of};

/// The keywords of JSON Schema 2020-12 (all vocabularies).
const KEYWORDS: [&str; 58] = [
    "$schema",
    "$id",
    "$ref",
    "$anchor",
    "$dynamicRef",
    "$dynamicAnchor",
    "$vocabulary",
    "$comment",
    "$defs",
    "prefixItems",
    "items",
    "contains",
    "additionalProperties",
    "properties",
    "patternProperties",
    "dependentSchemas",
    "propertyNames",
    "if",
    "then",
    "else",
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "unevaluatedItems",
    "unevaluatedProperties",
    "type",
    "enum",
    "const",
    "multipleOf",
    "maximum",
    "exclusiveMaximum",
    "minimum",
    "exclusiveMinimum",
    "maxLength",
    "minLength",
    "pattern",
    "maxItems",
    "minItems",
    "uniqueItems",
    "maxContains",
    "minContains",
    "maxProperties",
    "minProperties",
    "required",
    "dependentRequired",
    "title",
    "description",
    "default",
    "deprecated",
    "readOnly",
    "writeOnly",
    "examples",
    "format",
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
    "definitions",
];

/// Keywords that only describe.
const ANNOTATIONS: [&str; 16] = [
    "$schema",
    "$id",
    "$anchor",
    "$dynamicAnchor",
    "$vocabulary",
    "$comment",
    "$defs",
    "definitions",
    "title",
    "description",
    "default",
    "deprecated",
    "readOnly",
    "writeOnly",
    "examples",
    "contentMediaType",
];

/// The formats of JSON Schema 2020-12.
const FORMATS: [&str; 19] = [
    "date-time",
    "date",
    "time",
    "duration",
    "email",
    "idn-email",
    "hostname",
    "idn-hostname",
    "ipv4",
    "ipv6",
    "uri",
    "uri-reference",
    "iri",
    "iri-reference",
    "uuid",
    "uri-template",
    "json-pointer",
    "relative-json-pointer",
    "regex",
];

/// What is wrong inside a schema.
pub fn look(bench: &mut Bench, contract: &Contract, file: String, schema: &Value) {
    Walk { bench, contract, file }.schema(schema, &mut Vec::new(), true);
}

/// Walks through the subschemas of a schema, which the validator compiles without a word about what it ignores.
struct Walk<'b, 'a> {
    bench: &'b mut Bench<'a>,
    contract: &'b Contract,
    file: String,
}

impl Walk<'_, '_> {
    fn add(&mut self, code: Code, keys: &[String], message: String, hint: Option<String>) {
        let borrowed: Vec<&str> = keys.iter().map(String::as_str).collect();
        let place = place_of(self.contract, &self.file, &borrowed);
        let pointer = pointer_of(&borrowed);
        let message = if pointer.is_empty() { message } else { format!("{pointer}: {message}") };
        self.bench.add(code, place, message, hint);
    }

    fn schema(&mut self, schema: &Value, keys: &mut Vec<String>, root: bool) {
        let Value::Object(members) = schema else { return };
        // Another dialect has other keywords.
        let other = members.get("$schema").and_then(Value::as_str).is_some_and(|dialect| !dialect.contains("2020-12"));
        if root && other {
            let hint = Some("write it for https://json-schema.org/draft/2020-12/schema".to_owned());
            self.add(Code::BadSchema, keys, "it is written for another version of JSON Schema".to_owned(), hint);
            return;
        }
        for (keyword, value) in members {
            if !KEYWORDS.contains(&keyword.as_str()) && !keyword.starts_with("x-") {
                let hint = nearest(keyword, KEYWORDS).map(|near| format!("did you mean `{near}`?"));
                keys.push(keyword.clone());
                self.add(Code::IgnoredKeyword, keys, format!("`{keyword}` is no keyword, so it is ignored"), hint);
                keys.pop();
            }
            self.inside(keyword, value, keys);
        }
        if let Some(format) = members.get("format").and_then(Value::as_str)
            && !FORMATS.contains(&format)
        {
            let hint = nearest(format, FORMATS).map(|near| format!("did you mean `{near}`?"));
            self.add(Code::IgnoredKeyword, keys, format!("`{format}` is no format, so it is ignored"), hint);
        }
        self.undescribed(members, keys);
    }

    fn inside(&mut self, keyword: &str, value: &Value, keys: &mut Vec<String>) {
        keys.push(keyword.to_owned());
        match (keyword, value) {
            (
                "properties" | "patternProperties" | "$defs" | "definitions" | "dependentSchemas",
                Value::Object(members),
            ) => {
                for (name, schema) in members {
                    keys.push(name.clone());
                    if matches!(keyword, "properties" | "patternProperties") {
                        self.open(schema, keys);
                    }
                    self.schema(schema, keys, false);
                    keys.pop();
                }
            }
            ("prefixItems" | "allOf" | "anyOf" | "oneOf", Value::Array(schemas)) => {
                for (index, schema) in schemas.iter().enumerate() {
                    keys.push(index.to_string());
                    if keyword != "allOf" {
                        self.open(schema, keys);
                    }
                    self.schema(schema, keys, false);
                    keys.pop();
                }
            }
            ("items", schema) => {
                self.open(schema, keys);
                self.schema(schema, keys, false);
            }
            (
                "contains"
                | "additionalProperties"
                | "propertyNames"
                | "not"
                | "if"
                | "then"
                | "else"
                | "unevaluatedItems"
                | "unevaluatedProperties"
                | "contentSchema",
                schema,
            ) => self.schema(schema, keys, false),
            _ => {}
        }
        keys.pop();
    }

    /// A member whose schema holds no constraint is promised nothing.
    fn open(&mut self, schema: &Value, keys: &[String]) {
        let open = match schema {
            Value::Bool(accepts) => *accepts,
            Value::Object(members) => members.keys().all(|keyword| ANNOTATIONS.contains(&keyword.as_str())),
            _ => false,
        };
        if open {
            self.add(
                Code::OpenMember,
                keys,
                "it accepts anything".to_owned(),
                Some("name its type; all of them, if it may be anything".to_owned()),
            );
        }
    }

    fn undescribed(&mut self, members: &serde_json::Map<String, Value>, keys: &[String]) {
        let (Some(Value::Array(required)), Some(Value::Object(described))) =
            (members.get("required"), members.get("properties"))
        else {
            return;
        };
        for name in required.iter().filter_map(Value::as_str).filter(|name| !described.contains_key(*name)) {
            // To require a member of any kind is a promise too; to misspell one is not.
            let near = nearest(name, described.keys().map(String::as_str));
            if let Some(near) = near.filter(|near| strsim::damerau_levenshtein(name, near) <= 2) {
                let hint = Some(format!("did you mean `{near}`?"));
                self.add(Code::UndescribedMember, keys, format!("it requires `{name}` and does not describe it"), hint);
            }
        }
    }
}
