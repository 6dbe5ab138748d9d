//! Inventory: `inventoryAdjustQuantities`, `inventorySetQuantities`, `inventoryItemUpdate`.
//!
//! Since 2026-04 the quantity mutations must carry `@idempotent` and say `changeFromQuantity`, even if null (their
//! descriptions in the schema). The words of both refusals come from luke-selrai/openclaw-workshop-kit#218 (live, May 2026).

use serde_json::{Value, json};

use crate::twin::kit::clock;
use crate::twin::shopify::graphql::resolve::Failure;
use crate::twin::shopify::mutation::{Call, UserError, payload, refuse};
use crate::twin::shopify::rest::render;
use crate::twin::shopify::shop::Shop;
use crate::twin::shopify::store::{Record, level_quantity, text};

/// The first version that demands an idempotency key and `changeFromQuantity`.
const STRICT_SINCE: &str = "2026-04";

/// Reasons that may be given (shopify.dev, manage inventory quantities and states) (remembered).
const REASONS: [&str; 17] = [
    "correction",
    "cycle_count_available",
    "damaged",
    "movement_created",
    "movement_updated",
    "movement_received",
    "movement_canceled",
    "other",
    "promotion",
    "quality_control",
    "received",
    "reservation_created",
    "reservation_deleted",
    "reservation_updated",
    "restock",
    "safety_stock",
    "shrinkage",
];

/// One change of one quantity.
struct Change {
    item: String,
    location: String,
    /// The level that it changes.
    level: Option<Record>,
    delta: i64,
    given: Value,
}

/// Changes quantities by a difference.
pub fn adjust(shop: &mut Shop, call: &Call) -> Result<Record, Failure> {
    let names = ["available", "damaged", "incoming", "on_hand", "quality_control", "reserved", "safety_stock"];
    change(shop, call, &Kind { list: "changes", amount: "delta", input: "InventoryChangeInput", names: &names })
}

/// Sets quantities to a number.
pub fn set(shop: &mut Shop, call: &Call) -> Result<Record, Failure> {
    let names = ["available", "on_hand"];
    change(shop, call, &Kind { list: "quantities", amount: "quantity", input: "InventoryQuantityInput", names: &names })
}

/// In which words one of the two mutations asks for a change.
struct Kind<'a> {
    list: &'static str,
    amount: &'static str,
    input: &'static str,
    names: &'a [&'static str],
}

fn change(shop: &mut Shop, call: &Call, kind: &Kind) -> Result<Record, Failure> {
    let input = call.input("input").cloned().unwrap_or_default();
    let items = input.get(kind.list).and_then(Value::as_array).cloned().unwrap_or_default();
    strict(call, &items, kind.input)?;
    if let Some(key) = call.idempotency_key
        && let Some(known) = replay(shop, call.name, key, &json!(input))
    {
        return Ok(known);
    }
    let name = input.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
    let reason = input.get("reason").and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut errors = Vec::new();
    if !kind.names.contains(&name.as_str()) {
        let code = if kind.list == "changes" { "INVALID_QUANTITY_NAME" } else { "INVALID_NAME" };
        errors.push(UserError::new(&["input", "name"], "The specified quantity name is invalid.").coded(code));
    }
    if !REASONS.contains(&reason.as_str()) {
        errors.push(UserError::new(&["input", "reason"], "The specified reason is invalid.").coded("INVALID_REASON"));
    }
    let changes: Vec<_> = items.iter().map(|given| read(shop, kind, &name, given)).collect();
    for (index, change) in changes.iter().enumerate() {
        errors.extend(check(shop, call, kind, &name, index, change));
    }
    if !errors.is_empty() {
        return Ok(payload("inventoryAdjustmentGroup", Value::Null, &errors));
    }
    let drawn: Vec<_> = changes.iter().map(|change| apply(shop, call, &name, change)).collect();
    let number: u64 = 1_290_380_001 + u64::try_from(shop.events.len()).unwrap_or_default();
    let group = json!({
        "id": format!("gid://shopify/InventoryAdjustmentGroup/{number}"),
        "reason": reason,
        "referenceDocumentUri": input.get("referenceDocumentUri"),
        "createdAt": clock::iso_seconds(call.now),
        "changes": drawn,
    });
    let answer = payload("inventoryAdjustmentGroup", group, &[]);
    if let Some(key) = call.idempotency_key {
        shop.idempotent.insert(format!("{}:{key}", call.name), (json!(input), answer.clone()));
    }
    Ok(answer)
}

/// What every version since 2026-04 demands of the request as a whole.
fn strict(call: &Call, items: &[Value], input: &str) -> Result<(), Failure> {
    if call.version < STRICT_SINCE {
        return Ok(());
    }
    if items.iter().any(|item| item.get("changeFromQuantity").is_none()) {
        let message = format!("{input} must include the following argument: changeFromQuantity");
        return Err(refuse(message, "INVALID_FIELD_ARGUMENTS"));
    }
    match call.idempotency_key.map(str::trim) {
        None => {
            Err(refuse("The @idempotent directive is required for this mutation but was not provided.", "BAD_REQUEST"))
        }
        Some("") => Err(refuse("The idempotency key cannot be empty.", "BAD_REQUEST")),
        Some(_) => Ok(()),
    }
}

/// The answer that a key already had; the same key with other parameters is an error of its own.
fn replay(shop: &Shop, mutation: &str, key: &str, input: &Value) -> Option<Record> {
    let (known, answer) = shop.idempotent.get(&format!("{mutation}:{key}"))?;
    if known == input {
        return Some(answer.clone());
    }
    let error = UserError::new(&["input"], "The idempotency key was already used with different parameters.")
        .coded("IDEMPOTENCY_KEY_PARAMETER_MISMATCH");
    Some(payload("inventoryAdjustmentGroup", Value::Null, &[error]))
}

fn read(shop: &Shop, kind: &Kind, name: &str, given: &Value) -> Change {
    let text_of = |member: &str| given.get(member).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (item, location) = (text_of("inventoryItemId"), text_of("locationId"));
    let level =
        shop.store.pointing("InventoryLevel", "item", &item).find(|level| text(level, "location") == location).cloned();
    let amount = given.get(kind.amount).and_then(Value::as_i64).unwrap_or_default();
    let before = level.as_ref().map_or(0, |level| level_quantity(level, name));
    let delta = if kind.amount == "delta" { amount } else { amount - before };
    Change { item, location, level, delta, given: given.clone() }
}

fn check(shop: &Shop, call: &Call, kind: &Kind, name: &str, index: usize, change: &Change) -> Option<UserError> {
    let index = index.to_string();
    let at = |member: &str, message: &str, code| {
        Some(UserError::new(&["input", kind.list, &index, member], message).coded(code))
    };
    if shop.store.get(&change.item).is_none() {
        return at("inventoryItemId", "The specified inventory item could not be found.", "INVALID_INVENTORY_ITEM");
    }
    if shop.store.get(&change.location).is_none() {
        return at("locationId", "The specified location could not be found.", "INVALID_LOCATION");
    }
    let Some(level) = &change.level else {
        // 2026-10 no longer refuses an item that is not stocked at a location; the twin does not model stocking it.
        return at(
            "locationId",
            "The specified inventory item is not stocked at the location.",
            "ITEM_NOT_STOCKED_AT_LOCATION",
        );
    };
    let held = level_quantity(level, name);
    let compared =
        ["changeFromQuantity", "compareQuantity"].into_iter().find_map(|member| change.given.get(member)?.as_i64());
    if compared.is_some_and(|expected| expected != held) {
        return at(
            "changeFromQuantity",
            "The specified compare quantity does not match the current quantity.",
            "CHANGE_FROM_QUANTITY_STALE",
        );
    }
    let ignored = call
        .input("input")
        .and_then(|input| input.get("ignoreCompareQuantity"))
        .and_then(Value::as_bool)
        .unwrap_or(false);
    let demanded = kind.amount == "quantity" && call.version < STRICT_SINCE && !ignored;
    if demanded && compared.is_none() && change.given.get("changeFromQuantity").is_none() {
        return at(
            "compareQuantity",
            "The compareQuantity argument must be given to each quantity or ignored using ignoreCompareQuantity.",
            "COMPARE_QUANTITY_REQUIRED",
        );
    }
    let reached = held + change.delta;
    if reached > 1_000_000_000 {
        return at(kind.amount, "The quantity can't be higher than 1,000,000,000.", "INVALID_QUANTITY_TOO_HIGH");
    }
    if reached < -1_000_000_000 {
        return at(kind.amount, "The quantity can't be lower than -1,000,000,000.", "INVALID_QUANTITY_TOO_LOW");
    }
    None
}

/// Changes one level: what is on hand moves with what is available.
fn apply(shop: &mut Shop, call: &Call, name: &str, change: &Change) -> Value {
    let id = change.level.as_ref().map(|level| text(level, "id").to_owned()).unwrap_or_default();
    let mut quantities =
        change.level.as_ref().and_then(|level| level.get("quantities")).cloned().unwrap_or_else(|| json!({}));
    let mut moved = vec![name];
    moved.extend(match name {
        "available" => Some("on_hand"),
        "on_hand" => Some("available"),
        _ => None,
    });
    for state in moved {
        let held = quantities.get(state).and_then(Value::as_i64).unwrap_or(0);
        quantities[state] = json!(held + change.delta);
    }
    let after = quantities.get(name).cloned().unwrap_or_default();
    shop.update(&id, &[("quantities", Some(&quantities))], call.now);
    let body = render::inventory_level(&shop.store, &id);
    shop.emit("INVENTORY_LEVELS_UPDATE", body);
    json!({
        "name": name,
        "delta": change.delta,
        "quantityAfterChange": after,
        "item": change.item,
        "location": change.location,
        "ledgerDocumentUri": change.given.get("ledgerDocumentUri"),
    })
}

/// Changes cost, SKU and tracking of an inventory item. The messages are remembered (remembered).
pub fn update_item(shop: &mut Shop, call: &Call) -> Result<Record, Failure> {
    let id = call.text("id").to_owned();
    if shop.store.get(&id).is_none() {
        return Ok(payload(
            "inventoryItem",
            Value::Null,
            &[UserError::new(&["id"], "The product couldn't be updated because it does not exist.")],
        ));
    }
    let input = call.input("input").cloned().unwrap_or_default();
    let cost = input.get("cost").map(|cost| match cost {
        Value::Number(number) => json!(format!("{:.2}", number.as_f64().unwrap_or_default())),
        other => other.clone(),
    });
    if cost.as_ref().and_then(Value::as_str).and_then(|cost| cost.parse::<f64>().ok()).is_some_and(|cost| cost < 0.0) {
        return Ok(payload(
            "inventoryItem",
            Value::Null,
            &[UserError::new(&["input", "cost"], "Cost must be greater than or equal to 0")],
        ));
    }
    let members = [
        ("unitCost", cost.as_ref()),
        ("sku", input.get("sku")),
        ("tracked", input.get("tracked")),
        ("requiresShipping", input.get("requiresShipping")),
    ];
    shop.update(&id, &members, call.now);
    if let Some(sku) = input.get("sku") {
        let variant =
            shop.store.pointing("ProductVariant", "inventoryItem", &id).next().map(|row| text(row, "id").to_owned());
        if let Some(variant) = variant {
            shop.update(&variant, &[("sku", Some(sku))], call.now);
        }
    }
    let body = render::inventory_item(&shop.store, &id);
    shop.emit("INVENTORY_ITEMS_UPDATE", body);
    Ok(payload("inventoryItem", json!(id), &[]))
}
