//! What a JSON Schema says of one place of the documents that it describes.

use regex::Regex;
use serde_json::Value;

use crate::check::shape::reader::Library;

/// What a schema says of a place.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Said {
    /// It does not look there: no member of that object is described, or it takes anything.
    Nothing,
    /// It describes the object and leaves this member open.
    Open,
    /// It says what may stand there.
    Declared,
    /// It lists the values that may stand there.
    Enumerated,
}

/// Schemas that are followed for one value: no vendor's has more that apply together.
const MOST_PARTS: usize = 256;

/// A schema with the document that it stands in.
type Part<'a> = (&'a str, &'a Value);

/// What the schema of a name says of a place, given by the tokens of its general pointer.
pub fn said<L: Library>(library: &L, name: &str, place: &[String]) -> Said {
    let Some((document, _, root)) = library.find(name, "#") else { return Said::Nothing };
    let mut parts = together(library, vec![(document, root)]);
    for token in place {
        let next = below(&parts, token);
        if next.is_empty() {
            let closed_or_open = token != "*" && parts.iter().any(|(_, schema)| describes_members(schema));
            return if closed_or_open { Said::Open } else { Said::Nothing };
        }
        parts = together(library, next);
    }
    let has = |words: &[&str]| parts.iter().any(|(_, schema)| words.iter().any(|word| schema.get(word).is_some()));
    if has(&["enum", "const"]) {
        Said::Enumerated
    } else if parts.iter().any(|(_, schema)| says_something(schema)) {
        Said::Declared
    } else {
        Said::Nothing
    }
}

/// The schemas that apply where these do: what they refer to, and all their alternatives.
fn together<'a, L: Library>(library: &'a L, mut waiting: Vec<Part<'a>>) -> Vec<Part<'a>> {
    let mut parts: Vec<Part<'a>> = Vec::new();
    while let Some((document, schema)) = waiting.pop() {
        if parts.len() >= MOST_PARTS || parts.iter().any(|(_, known)| std::ptr::eq(*known, schema)) {
            continue;
        }
        parts.push((document, schema));
        let reference = schema.get("$ref").or_else(|| schema.get("$dynamicRef")).and_then(Value::as_str);
        if let Some((other, _, found)) = reference.and_then(|reference| library.find(document, reference)) {
            waiting.push((other, found));
        }
        for word in ["allOf", "anyOf", "oneOf"] {
            let list = schema.get(word).and_then(Value::as_array).into_iter().flatten();
            waiting.extend(list.map(|schema| (document, schema)));
        }
        for word in ["if", "then", "else"] {
            waiting.extend(schema.get(word).map(|schema| (document, schema)));
        }
    }
    parts
}

/// The schemas of a member or of the elements.
fn below<'a>(parts: &[Part<'a>], token: &str) -> Vec<Part<'a>> {
    let mut next = Vec::new();
    for (document, schema) in parts {
        let mut add = |found: Option<&'a Value>| next.extend(found.map(|found| (*document, found)));
        if token == "*" {
            add(schema.get("items").filter(|items| !items.is_boolean()));
            add(schema.get("contains"));
            schema.get("prefixItems").and_then(Value::as_array).into_iter().flatten().for_each(|item| add(Some(item)));
            continue;
        }
        let declared = schema.get("properties").and_then(|properties| properties.get(token));
        add(declared);
        let mut named = declared.is_some();
        for (pattern, found) in schema.get("patternProperties").and_then(Value::as_object).into_iter().flatten() {
            if Regex::new(pattern).is_ok_and(|pattern| pattern.is_match(token)) {
                add(Some(found));
                named = true;
            }
        }
        if !named {
            add(schema.get("additionalProperties").filter(|found| found.is_object()));
        }
    }
    next
}

fn describes_members(schema: &Value) -> bool {
    ["properties", "required", "additionalProperties", "patternProperties", "unevaluatedProperties", "propertyNames"]
        .iter()
        .any(|word| schema.get(word).is_some())
}

/// It has a keyword that some value breaks, and not annotations alone.
fn says_something(schema: &Value) -> bool {
    const SILENT: [&str; 12] = [
        "$schema",
        "$id",
        "$anchor",
        "$comment",
        "$defs",
        "title",
        "description",
        "default",
        "examples",
        "deprecated",
        "readOnly",
        "writeOnly",
    ];
    match schema {
        Value::Bool(takes) => !takes,
        Value::Object(words) => words.keys().any(|word| !SILENT.contains(&word.as_str()) && !word.starts_with("$ref")),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::{Value, json};

    use super::{Said, said};
    use crate::check::schema::Schemas;

    fn of(schema: Value, place: &str) -> Said {
        let other = json!({"type": "object", "properties": {"id": {"type": "integer"}}});
        let schemas = Schemas::new(BTreeMap::from([("shop/a".into(), schema), ("shop/b".into(), other)]));
        let place: Vec<String> = place.split('/').skip(1).map(str::to_owned).collect();
        said(&schemas, "shop/a", &place)
    }

    #[test]
    fn a_schema_speaks_of_what_it_describes_and_of_nothing_else() {
        let schema = json!({
            "type": "object",
            "properties": {
                "data": {"type": "array", "items": {"$ref": "b.json"}},
                "kind": {"enum": ["a", "b"]},
                "any": {"description": "whatever"},
                "bag": {"type": "object"},
                "map": {"additionalProperties": {"type": "string"}},
                "either": {"anyOf": [{"type": "null"}, {"properties": {"x": {"const": 1}}}]},
            },
        });
        for (place, expected) in [
            ("", Said::Declared),
            ("/data", Said::Declared),
            ("/data/*/id", Said::Declared),
            ("/data/*/other", Said::Open),
            ("/unknown", Said::Open),
            ("/unknown/deep", Said::Open),
            ("/kind", Said::Enumerated),
            ("/any", Said::Nothing),
            ("/any/x", Said::Nothing),
            ("/bag", Said::Declared),
            ("/bag/x", Said::Nothing),
            ("/map/x", Said::Declared),
            ("/either/x", Said::Enumerated),
        ] {
            assert_eq!(of(schema.clone(), place), expected, "{place}");
        }
    }

    #[test]
    fn a_schema_that_takes_anything_says_nothing() {
        for schema in [json!(true), json!({}), json!({"title": "A"}), json!({"$ref": "nowhere.json"})] {
            assert_eq!(of(schema.clone(), ""), Said::Nothing, "{schema}");
            assert_eq!(of(schema, "/id"), Said::Nothing);
        }
        assert_eq!(of(json!({"type": "object"}), "/id"), Said::Nothing);
        assert_eq!(of(json!({"$ref": "a.json"}), "/id"), Said::Nothing);
    }
}
