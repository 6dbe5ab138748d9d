//! `orderUpdate` and `orderMarkAsPaid`

use serde_json::{Value, json};

use crate::twin::shopify::graphql::resolve::Failure;
use crate::twin::shopify::mutation::{Call, UserError, payload};
use crate::twin::shopify::rest::render;
use crate::twin::shopify::shop::Shop;
use crate::twin::shopify::store::{Record, text, type_of};

fn order_of(shop: &Shop, call: &Call) -> Option<String> {
    let id = call.input("input")?.get("id")?.as_str()?;
    (type_of(id) == Some("Order") && shop.store.get(id).is_some()).then(|| id.to_owned())
}

/// Changes note, tags or e-mail address of an order. The messages are remembered (remembered).
pub fn update(shop: &mut Shop, call: &Call) -> Result<Record, Failure> {
    let Some(id) = order_of(shop, call) else {
        return Ok(payload("order", Value::Null, &[UserError::new(&["id"], "Order does not exist")]));
    };
    let Some(input) = call.input("input") else { return Ok(payload("order", json!(id), &[])) };
    let email = input.get("email").and_then(Value::as_str);
    if email.is_some_and(|email| !email.contains('@')) {
        return Ok(payload("order", Value::Null, &[UserError::new(&["email"], "Email is invalid")]));
    }
    let members: Vec<_> = ["note", "tags", "email"].into_iter().map(|name| (name, input.get(name))).collect();
    shop.update(&id, &members, call.now);
    let body = render::order(&shop.store, &id);
    shop.emit("ORDERS_UPDATED", body);
    Ok(payload("order", json!(id), &[]))
}

/// Marks an order that awaits payment as paid. The messages are remembered (remembered).
pub fn mark_as_paid(shop: &mut Shop, call: &Call) -> Result<Record, Failure> {
    let Some(id) = order_of(shop, call) else {
        return Ok(payload("order", Value::Null, &[UserError::new(&["id"], "Order does not exist")]));
    };
    let status = shop.store.get(&id).map(|order| text(order, "displayFinancialStatus").to_owned()).unwrap_or_default();
    if !matches!(status.as_str(), "PENDING" | "PARTIALLY_PAID" | "AUTHORIZED") {
        return Ok(payload("order", Value::Null, &[UserError::new(&["id"], "Order cannot be marked as paid.")]));
    }
    let total = shop.store.get(&id).and_then(|order| order.get("currentTotalPriceSet")).cloned();
    shop.update(
        &id,
        &[("displayFinancialStatus", Some(&json!("PAID"))), ("totalReceivedSet", total.as_ref())],
        call.now,
    );
    let body = render::order(&shop.store, &id);
    shop.emit("ORDERS_PAID", body.clone());
    shop.emit("ORDERS_UPDATED", body);
    Ok(payload("order", json!(id), &[]))
}
