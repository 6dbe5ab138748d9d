//! What a schema's documents have shown: schemas, documents, and what is left unseen.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::check::branches::Branches;
use crate::check::schema::Schemas;

/// What is unseen after documents that are valid against `shop/a`.
fn unseen(schemas: &[(&str, Value)], documents: &[Value]) -> Vec<String> {
    let named = schemas.iter().map(|(name, schema)| ((*name).to_owned(), schema.clone()));
    let schemas = Schemas::new(named.collect::<BTreeMap<_, _>>());
    let mut all = Branches::default();
    for document in documents {
        // As a run does: each scenario notes its own, and they are merged.
        let mut branches = Branches::default();
        let finding = schemas.check("shop/a", [(document, "")], &mut branches).unwrap();
        assert_eq!(finding, None, "{document}");
        all.merge(branches);
    }
    all.witness().unseen_in_schemas().iter().map(ToString::to_string).collect()
}

#[test]
fn each_kind_of_branch_is_found_until_it_was_seen() {
    let optional = json!({"properties": {"a": {"type": "string"}, "b": true}, "required": ["b"]});
    let nullable = json!({"properties": {"a": {"type": ["string", "null"]}}, "required": ["a"]});
    let listed = json!({"enum": ["x", "y", null]});
    let one_of = json!({"oneOf": [{"type": "string"}, {"type": "array"}, {"const": 0}]});
    let table = [
        (&optional, vec![json!({"b": 1})], vec!["schemas/shop/a.json: never present /a"]),
        (&optional, vec![json!({"b": 1, "a": ""})], vec!["schemas/shop/a.json: never absent /a"]),
        (&optional, vec![json!({"b": 1, "a": ""}), json!({"b": 1})], vec![]),
        (&nullable, vec![json!({"a": "x"})], vec!["schemas/shop/a.json: never null /a"]),
        (&nullable, vec![json!({"a": null})], vec!["schemas/shop/a.json: never string /a"]),
        (&nullable, vec![json!({"a": null}), json!({"a": ""})], vec![]),
        (&listed, vec![json!("x")], vec!["schemas/shop/a.json: never null at the top"]),
        (&listed, vec![json!("x"), json!(null)], vec![]),
        (&one_of, vec![json!("x")], vec!["schemas/shop/a.json: never 0 at the top; never array at the top"]),
        (&one_of, vec![json!("x"), json!([]), json!(0)], vec![]),
    ];
    for (schema, documents, expected) in table {
        assert_eq!(unseen(&[("shop/a", schema.clone())], &documents), expected, "{schema} {documents:?}");
    }
}

#[test]
fn the_alternative_that_holds_is_told_from_one_of_the_same_type() {
    let schema = json!({"anyOf": [
        {"title": "card", "required": ["number"], "properties": {"number": {"type": "string"}}},
        {"title": "cash", "required": ["coins"], "properties": {"coins": {"type": "integer"}, "note": true}},
        {"required": ["voucher"]},
    ]});
    let paid = |document| unseen(&[("shop/a", schema.clone())], &[document]);
    assert_eq!(
        paid(json!({"number": "1"})),
        ["schemas/shop/a.json: never cash at the top; never with voucher at the top"]
    );
    // What stands within an alternative counts once the alternative was seen.
    assert_eq!(
        paid(json!({"coins": 2})),
        ["schemas/shop/a.json: never card at the top; never present  as cash/note; never with voucher at the top"]
    );
}

#[test]
fn references_lists_and_entries_are_followed() {
    let schemas = [
        (
            "shop/a",
            json!({"type": "object", "required": ["list", "by_name", "pair"], "properties": {
                "list": {"type": "array", "items": {"$ref": "item.json"}},
                "by_name": {"additionalProperties": {"$ref": "item.json#/$defs/price"}},
                "pair": {"prefixItems": [{"type": "string"}, {"type": ["integer", "null"]}]},
            }}),
        ),
        (
            "shop/item",
            json!({"required": ["price"], "properties": {
            "price": {"$ref": "#/$defs/price"}, "owner": {"anyOf": [{"$ref": "#/$defs/owner"}, {"type": "null"}]}},
            "$defs": {"price": {"type": ["number", "null"]}, "owner": {"properties": {"name": {"type": "string"}}}}}),
        ),
    ];
    // An empty list hides what is in its items, and says so.
    assert_eq!(
        unseen(&schemas, &[json!({"list": [], "by_name": {}, "pair": ["a", 1]})]),
        ["schemas/shop/a.json: never null /pair/1; never with an entry /by_name; never with an item /list",]
    );
    // A part is one, wherever it is referred to.
    let document = json!({"list": [{"price": 1, "owner": {}}], "by_name": {"x": null}, "pair": ["a", null]});
    assert_eq!(
        unseen(&schemas, &[document]),
        [
            "schemas/shop/a.json: never integer /pair/1",
            "schemas/shop/item.json: never absent /owner; never null /owner; never present $defs/owner/name",
        ]
    );
}

#[test]
fn a_schema_on_top_of_another_adds_what_it_requires_and_forbids() {
    let base = json!({"properties": {"a": {"type": ["string", "null"]}, "b": true, "c": true}, "required": ["b"]});
    let top = json!({"$ref": "base.json", "required": ["a"], "properties": {"a": {"type": "string"}, "c": false}});
    assert_eq!(unseen(&[("shop/a", top), ("shop/base", base.clone())], &[json!({"a": "", "b": 1})]), [""; 0]);
    let open = json!({"allOf": [{"$ref": "base.json"}, {"properties": {"d": true}}]});
    assert_eq!(
        unseen(&[("shop/a", open), ("shop/base", base)], &[json!({"b": 1})]),
        ["schemas/shop/a.json: never present /d", "schemas/shop/base.json: never present /a, /c",]
    );
}

#[test]
fn a_schema_that_refers_to_itself_ends() {
    let tree = json!({"properties": {"children": {"type": "array", "items": {"$ref": "#"}}}});
    let seen = [json!({"children": [{"children": []}, {}]})];
    assert_eq!(unseen(&[("shop/a", tree)], &seen), [""; 0]);
    let odd = json!({"anyOf": [{"$ref": "#/$defs/x"}, {"type": "null"}], "$defs": {"x": {"$ref": "#/$defs/y"}, "y": {
        "type": "object", "anyOf": [{"$ref": "#/$defs/z"}, {"type": "string"}]}, "z": {"properties": {"n": {"$ref": "#"}}}}});
    assert_eq!(
        unseen(&[("shop/a", odd)], &[json!({"n": {"n": null}})]),
        ["schemas/shop/a.json: never absent $defs/z/n"]
    );
}

#[test]
fn what_is_not_valid_shows_nothing() {
    let schemas = Schemas::new(BTreeMap::from([("shop/a".to_owned(), json!({"type": ["string", "null"]}))]));
    let mut branches = Branches::default();
    assert!(schemas.check("shop/a", [(&json!(1), "")], &mut branches).unwrap().is_some());
    assert_eq!(branches.witness().unseen_in_schemas(), []);
}

#[test]
fn what_is_too_large_to_follow_is_said() {
    let mut defs = serde_json::Map::new();
    for at in 0..400 {
        defs.insert(format!("d{at}"), json!({"properties": {"next": {"$ref": format!("#/$defs/d{}", at + 1)}}}));
    }
    defs.insert("d400".to_owned(), json!(true));
    let schema = json!({"$ref": "#/$defs/d0", "$defs": defs});
    let told = unseen(&[("shop/a", schema)], &[json!({})]);
    assert_eq!(told, ["schemas/shop/a.json: never present $defs/d0/next; too large to look at every branch",]);
}
