//! `metafieldsSet` and `metafieldsDelete`, and the metafields of other inputs.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::twin::kit::clock;
use crate::twin::shopify::access::required;
use crate::twin::shopify::graphql::resolve::Failure;
use crate::twin::shopify::graphql::resolve::derived::digest;
use crate::twin::shopify::graphql::schema::Access;
use crate::twin::shopify::mutation::{Call, UserError, payload, refuse};
use crate::twin::shopify::shop::Shop;
use crate::twin::shopify::store::{Record, text, type_of};

/// At most this many are set at a time (description of `metafieldsSet`).
const MOST: usize = 25;

/// Sets metafields, all or none of them. The messages are remembered (remembered).
pub fn set(shop: &mut Shop, call: &Call) -> Result<Record, Failure> {
    let wanted = call.arguments.get("metafields").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut errors = Vec::new();
    if wanted.len() > MOST {
        let message = format!("Exceeded the maximum metafields input limit of {MOST}.");
        errors.push(UserError::new(&["metafields"], message).coded("LESS_THAN_OR_EQUAL_TO"));
    }
    for (index, input) in wanted.iter().enumerate() {
        let owner = input.get("ownerId").and_then(Value::as_str).unwrap_or_default();
        may_write(shop, owner)?;
        errors.extend(check(shop, owner, input, &["metafields", &index.to_string()]));
    }
    if !errors.is_empty() {
        return Ok(payload("metafields", Value::Null, &errors));
    }
    let ids: Vec<_> = wanted
        .iter()
        .map(|input| write(shop, input.get("ownerId").and_then(Value::as_str).unwrap_or_default(), input, call.now))
        .collect();
    Ok(payload("metafields", json!(ids), &[]))
}

/// Deletes metafields by owner, namespace and key; one that is not there gives null.
pub fn delete(shop: &mut Shop, call: &Call) -> Result<Record, Failure> {
    let wanted = call.arguments.get("metafields").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut gone = Vec::new();
    for input in &wanted {
        let part = |name: &str| input.get(name).and_then(Value::as_str).unwrap_or_default();
        may_write(shop, part("ownerId"))?;
        let id = find(shop, part("ownerId"), part("namespace"), part("key"));
        let removed = id.is_some_and(|id| shop.change().remove(&id).is_some());
        gone.push(if removed { input.clone() } else { Value::Null });
    }
    Ok(payload("deletedMetafields", json!(gone), &[]))
}

/// Setting a metafield needs the write scope of what owns it.
fn may_write(shop: &Shop, owner: &str) -> Result<(), Failure> {
    let scope = match type_of(owner) {
        Some("Product" | "ProductVariant") => "write_products",
        Some("Order") => "write_orders",
        Some("Customer") => "write_customers",
        Some("Shop") => return Ok(()),
        other => return Err(Failure::Gap(format!("metafields of {}", other.unwrap_or("an unknown owner")))),
    };
    if shop.scopes.allows(scope) {
        return Ok(());
    }
    let needed = required(&Access { scopes: vec![scope.to_owned()], also: None });
    Err(refuse(format!("Access denied for metafieldsSet field. Required access: {needed}"), "ACCESS_DENIED"))
}

fn find(shop: &Shop, owner: &str, namespace: &str, key: &str) -> Option<String> {
    let mut known = shop.store.pointing("Metafield", "owner", owner);
    known
        .find(|row| text(row, "namespace") == namespace && text(row, "key") == key)
        .map(|row| text(row, "id").to_owned())
}

fn check(shop: &Shop, owner: &str, input: &Value, at: &[&str]) -> Option<UserError> {
    let part = |name: &str| input.get(name).and_then(Value::as_str).unwrap_or_default();
    let error = |member: &str, message: &str, code| {
        let field: Vec<_> = at.iter().copied().chain([member]).collect();
        Some(UserError::new(&field, message).coded(code))
    };
    if shop.store.get(owner).is_none() {
        return error("ownerId", "Owner does not exist.", "INVALID");
    }
    let known = find(shop, owner, part("namespace"), part("key")).and_then(|id| shop.store.get(&id).cloned());
    if known.is_none() && part("type").is_empty() {
        return error("type", "Type can't be blank", "BLANK");
    }
    if let Some(compare) = input.get("compareDigest") {
        let held = known.as_ref().map(|row| json!(digest(text(row, "value")))).unwrap_or_default();
        if *compare != held {
            return error(
                "compareDigest",
                "The resource has been updated since it was loaded. Try again with an updated `compareDigest` value.",
                "STALE_OBJECT",
            );
        }
    }
    let ty = known.as_ref().map(|row| text(row, "type").to_owned()).filter(|ty| !ty.is_empty());
    value_problem(&ty.unwrap_or_else(|| part("type").to_owned()), part("value"))
        .and_then(|(message, code)| error("value", message, code))
}

fn value_problem(ty: &str, value: &str) -> Option<(&'static str, &'static str)> {
    if value.is_empty() {
        return Some(("Value can't be blank.", "BLANK"));
    }
    let fits = match ty {
        "number_integer" => value.parse::<i64>().is_ok(),
        "number_decimal" => value.parse::<f64>().is_ok(),
        "boolean" => matches!(value, "true" | "false"),
        "json" => serde_json::from_str::<Value>(value).is_ok(),
        _ => true,
    };
    if fits {
        return None;
    }
    Some(match ty {
        "number_integer" => ("Value must be an integer.", "INVALID_VALUE"),
        "number_decimal" => ("Value must be a decimal.", "INVALID_VALUE"),
        "boolean" => ("Value must be true or false.", "INVALID_VALUE"),
        _ => ("Value is invalid JSON.", "INVALID_VALUE"),
    })
}

/// Checks the metafields of a product's input.
pub fn check_inputs(wanted: &[Value], argument: &str) -> Vec<UserError> {
    let part = |input: &Value, name: &str| input.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let problems = wanted.iter().enumerate().filter_map(|(index, input)| {
        let (message, _) = value_problem(&part(input, "type"), &part(input, "value"))?;
        Some(UserError::new(&[argument, "metafields", &index.to_string(), "value"], message))
    });
    problems.collect()
}

/// Writes one metafield, new or known, and gives its id.
pub fn write(shop: &mut Shop, owner: &str, input: &Value, now: Timestamp) -> String {
    let part = |name: &str| input.get(name).and_then(Value::as_str).unwrap_or_default();
    if let Some(id) = find(shop, owner, part("namespace"), part("key")) {
        shop.update(&id, &[("value", input.get("value"))], now);
        return id;
    }
    let id = format!("gid://shopify/Metafield/{}", shop.store.next_number("Metafield"));
    let at = clock::iso_seconds(now);
    let record = json!({
        "id": id, "owner": owner, "namespace": part("namespace"), "key": part("key"), "type": part("type"),
        "value": part("value"), "description": null, "createdAt": at, "updatedAt": at,
    });
    shop.change().push("Metafield", record.as_object().cloned().unwrap_or_default());
    id
}
