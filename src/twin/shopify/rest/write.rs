//! Writing: products, orders, inventory levels and webhooks.

use http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use crate::twin::kit::{reply, request as read};
use crate::twin::shopify::mutation::webhook;
use crate::twin::shopify::rest::list::Resource;
use crate::twin::shopify::rest::{Call, Outcome, answered, errors, not_found, ok, render};
use crate::twin::shopify::shop::Shop;
use crate::twin::shopify::store::{level_quantity, text};
use crate::twin::shopify::topics;

/// Answers POST, PUT and DELETE.
pub fn answer(shop: &mut Shop, call: &Call, resource: &Resource) -> Outcome {
    let method = call.request.method();
    match (method.as_str(), resource.ty, call.path) {
        ("PUT", "Product" | "Order", [_, number]) => update(shop, call, resource, number),
        ("POST", "InventoryLevel", [_, action @ ("adjust" | "set")]) => level(shop, call, action),
        ("POST", "WebhookSubscription", [_]) => subscribe(shop, call),
        ("PUT", "WebhookSubscription", [_, number]) => move_webhook(shop, call, number),
        ("DELETE", "WebhookSubscription", [_, number]) => {
            match shop.store.numbered("WebhookSubscription", number).map(|row| text(row, "id").to_owned()) {
                Some(id) => {
                    shop.change().remove(&id);
                    ok(&json!({}))
                }
                None => not_found(),
            }
        }
        _ if *method == Method::PATCH => answered(errors(StatusCode::NOT_ACCEPTABLE, &json!("Not Acceptable"))),
        _ => Outcome::Gap(format!("{method} {}", call.path.join("/"))),
    }
}

/// The members under the resource's name; 400 where they are missing, worded as Shopify words it (remembered).
fn given(call: &Call, name: &str) -> Result<Map<String, Value>, Outcome> {
    let body = read::json(call.request);
    if let Some(members) = body.as_ref().and_then(|body| body.get(name)).and_then(Value::as_object) {
        return Ok(members.clone());
    }
    let reason = Value::Object(Map::from_iter([(name.to_owned(), json!("Required parameter missing or invalid"))]));
    Err(answered(errors(StatusCode::BAD_REQUEST, &reason)))
}

fn unprocessable(member: &str, reason: &str) -> Outcome {
    let reasons = Value::Object(Map::from_iter([(member.to_owned(), json!([reason]))]));
    answered(errors(StatusCode::UNPROCESSABLE_ENTITY, &reasons))
}

fn update(shop: &mut Shop, call: &Call, resource: &Resource, number: &str) -> Outcome {
    let Some(id) = shop.store.numbered(resource.ty, number).map(|row| text(row, "id").to_owned()) else {
        return not_found();
    };
    let given = match given(call, resource.singular) {
        Ok(given) => given,
        Err(refusal) => return refusal,
    };
    if given.get("title").is_some_and(|title| title.as_str().is_none_or(|title| title.trim().is_empty())) {
        return unprocessable("title", "can't be blank");
    }
    let names: &[(&str, &str)] = match resource.ty {
        "Product" => &[
            ("title", "title"),
            ("body_html", "descriptionHtml"),
            ("vendor", "vendor"),
            ("product_type", "productType"),
            ("handle", "handle"),
        ],
        _ => &[("note", "note"), ("email", "email")],
    };
    // Clients send a resource back as they got it; what is as it was is no change.
    let before = resource.draw(&shop.store, &id);
    let changed = |name: &str| !given.get(name).is_none_or(|now| unchanged(now, &before[name]));
    let modelled = |name: &str| matches!(name, "tags" | "status") || names.iter().any(|(rest, _)| *rest == name);
    if let Some(unknown) = given.keys().find(|name| changed(name) && !modelled(name)) {
        return Outcome::Gap(format!("change of {unknown} of a {}", resource.singular));
    }
    let tags = given
        .get("tags")
        .and_then(Value::as_str)
        .map(|tags| tags.split(',').map(str::trim).filter(|tag| !tag.is_empty()).collect::<Value>());
    let status = given.get("status").and_then(Value::as_str).map(|status| json!(status.to_uppercase()));
    let mut members: Vec<_> = names.iter().map(|(rest, graphql)| (*graphql, given.get(*rest))).collect();
    members.push(("tags", tags.as_ref()));
    members.push(("status", status.as_ref()));
    shop.update(&id, &members, call.now);
    let drawn = resource.draw(&shop.store, &id);
    shop.emit(if resource.ty == "Product" { "PRODUCTS_UPDATE" } else { "ORDERS_UPDATED" }, drawn.clone());
    ok(&resource.wrap(drawn))
}

/// Tells whether what is given says nothing new; members that are left out stay as they are.
fn unchanged(given: &Value, before: &Value) -> bool {
    match (given, before) {
        (Value::Object(given), Value::Object(before)) => {
            given.iter().all(|(name, value)| unchanged(value, before.get(name).unwrap_or(&Value::Null)))
        }
        (Value::Array(given), Value::Array(before)) => {
            given.len() == before.len() && given.iter().zip(before).all(|(given, before)| unchanged(given, before))
        }
        _ => given == before,
    }
}

/// `inventory_levels/adjust.json` and `inventory_levels/set.json`
fn level(shop: &mut Shop, call: &Call, action: &str) -> Outcome {
    let body = read::json(call.request).unwrap_or_default();
    let number = |name: &str| body.get(name).and_then(Value::as_i64);
    let amount = if action == "adjust" { "available_adjustment" } else { "available" };
    let (Some(item), Some(location), Some(amount)) =
        (number("inventory_item_id"), number("location_id"), number(amount))
    else {
        let missing = ["inventory_item_id", "location_id", amount].into_iter().find(|name| number(name).is_none());
        let reason =
            Map::from_iter([(missing.unwrap_or(amount).to_owned(), json!("Required parameter missing or invalid"))]);
        return answered(errors(StatusCode::BAD_REQUEST, &Value::Object(reason)));
    };
    let (item, location) =
        (format!("gid://shopify/InventoryItem/{item}"), format!("gid://shopify/Location/{location}"));
    let found =
        shop.store.pointing("InventoryLevel", "item", &item).find(|level| text(level, "location") == location).cloned();
    let Some(level) = found else { return not_found() };
    let held = level_quantity(&level, "available");
    let delta = if action == "adjust" { amount } else { amount - held };
    let mut quantities = level.get("quantities").cloned().unwrap_or_default();
    quantities["available"] = json!(held + delta);
    quantities["on_hand"] = json!(level_quantity(&level, "on_hand") + delta);
    let id = text(&level, "id");
    shop.update(id, &[("quantities", Some(&quantities))], call.now);
    let drawn = render::inventory_level(&shop.store, id);
    shop.emit("INVENTORY_LEVELS_UPDATE", drawn.clone());
    ok(&json!({ "inventory_level": drawn }))
}

fn subscribe(shop: &mut Shop, call: &Call) -> Outcome {
    let given = match given(call, "webhook") {
        Ok(given) => given,
        Err(refusal) => return refusal,
    };
    let part = |name: &str| given.get(name).and_then(Value::as_str).unwrap_or_default();
    let mut topics_known = call.schema.values("WebhookSubscriptionTopic", call.version);
    let allowed = |topic: &str| call.schema.access_to_topic(topic).is_none_or(|access| shop.scopes.opens(access));
    let topic = topics::of_slug(part("topic"), &mut topics_known).filter(|topic| allowed(topic));
    let Some(topic) = topic else {
        let names: Vec<_> = call
            .schema
            .values("WebhookSubscriptionTopic", call.version)
            .filter(|topic| allowed(topic))
            .map(topics::slug)
            .collect();
        return unprocessable("topic", &format!("Invalid topic specified. Topics allowed: {}", names.join(", ")));
    };
    let input = Map::from_iter([
        ("callbackUrl".to_owned(), json!(part("address"))),
        ("format".to_owned(), json!(if part("format") == "xml" { "XML" } else { "JSON" })),
        ("includeFields".to_owned(), given.get("fields").cloned().unwrap_or_default()),
    ]);
    if part("address").is_empty() {
        return unprocessable("address", "can't be blank");
    }
    if let Some(problem) = webhook::problems(call.schema, shop, topic, &input, None).first() {
        return unprocessable("address", &rest_words(&problem.message));
    }
    let id = webhook::subscribe(shop, topic, &input, call.now);
    answered(reply::json(StatusCode::CREATED, &json!({ "webhook": render::webhook(&shop.store, &id, topics::slug) })))
}

/// In REST the member is named by its key: `for this topic has already been taken`.
fn rest_words(message: &str) -> String {
    message.strip_prefix("Address ").unwrap_or(message).to_owned()
}

fn move_webhook(shop: &mut Shop, call: &Call, number: &str) -> Outcome {
    let Some(known) = shop.store.numbered("WebhookSubscription", number).cloned() else { return not_found() };
    let given = match given(call, "webhook") {
        Ok(given) => given,
        Err(refusal) => return refusal,
    };
    let id = text(&known, "id");
    if let Some(address) = given.get("address") {
        let input = Map::from_iter([("callbackUrl".to_owned(), address.clone())]);
        if let Some(problem) = webhook::problems(call.schema, shop, text(&known, "topic"), &input, Some(id)).first() {
            return unprocessable("address", &rest_words(&problem.message));
        }
        shop.update(id, &[("uri", Some(address))], call.now);
    }
    ok(&json!({ "webhook": render::webhook(&shop.store, id, topics::slug) }))
}
