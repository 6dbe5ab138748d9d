//! `webhookSubscriptionCreate`, `…Update` and `…Delete`

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::twin::kit::clock;
use crate::twin::shopify::graphql::resolve::Failure;
use crate::twin::shopify::graphql::schema::Schema;
use crate::twin::shopify::mutation::{Call, UserError, payload};
use crate::twin::shopify::shop::Shop;
use crate::twin::shopify::store::{Record, text, type_of};

/// Subscribes to a topic.
pub fn create(shop: &mut Shop, call: &Call) -> Result<Record, Failure> {
    let input = call.input("webhookSubscription").cloned().unwrap_or_default();
    let topic = call.text("topic").to_owned();
    let errors = problems(call.schema, shop, &topic, &input, None);
    if !errors.is_empty() {
        return Ok(payload("webhookSubscription", Value::Null, &errors));
    }
    let id = subscribe(shop, &topic, &input, call.now);
    Ok(payload("webhookSubscription", json!(id), &[]))
}

/// Changes a subscription's address, filter or format.
pub fn update(shop: &mut Shop, call: &Call) -> Result<Record, Failure> {
    let id = call.text("id").to_owned();
    let Some(known) = found(shop, &id) else {
        return Ok(payload("webhookSubscription", Value::Null, &[missing()]));
    };
    let mut input = call.input("webhookSubscription").cloned().unwrap_or_default();
    if address(&input).is_none() {
        input.insert("uri".into(), json!(text(&known, "uri")));
    }
    let errors = problems(call.schema, shop, text(&known, "topic"), &input, Some(&id));
    if !errors.is_empty() {
        return Ok(payload("webhookSubscription", Value::Null, &errors));
    }
    let uri = address(&input).map(|(_, uri)| json!(uri));
    let mut members = vec![("uri", uri.as_ref())];
    members.extend(
        ["name", "format", "filter", "includeFields", "metafieldNamespaces"].map(|name| (name, input.get(name))),
    );
    shop.update(&id, &members, call.now);
    Ok(payload("webhookSubscription", json!(id), &[]))
}

/// Ends a subscription.
pub fn delete(shop: &mut Shop, call: &Call) -> Result<Record, Failure> {
    let id = call.text("id").to_owned();
    if found(shop, &id).is_none() {
        return Ok(payload("deletedWebhookSubscriptionId", Value::Null, &[missing()]));
    }
    shop.change().remove(&id);
    Ok(payload("deletedWebhookSubscriptionId", json!(id), &[]))
}

fn found(shop: &Shop, id: &str) -> Option<Record> {
    shop.store.get(id).filter(|_| type_of(id) == Some("WebhookSubscription")).cloned()
}

fn missing() -> UserError {
    UserError::new(&["id"], "Webhook subscription does not exist")
}

/// The address that an input gives, and under which name.
fn address(input: &Map<String, Value>) -> Option<(&'static str, &str)> {
    ["uri", "callbackUrl"].into_iter().find_map(|name| Some((name, input.get(name)?.as_str()?)))
}

/// What keeps a subscription from being made.
///
/// "Address for this topic has already been taken": `Shopify/shopify_app#263`. "You cannot create a webhook subscription with
/// the specified topic": Shopify/shopify-cli#311. The others are remembered (remembered).
pub fn problems(
    schema: &Schema,
    shop: &Shop,
    topic: &str,
    input: &Map<String, Value>,
    own: Option<&str>,
) -> Vec<UserError> {
    let Some((name, uri)) = address(input) else {
        return vec![UserError::new(&["webhookSubscription", "callbackUrl"], "Address can't be blank")];
    };
    let at = ["webhookSubscription", name];
    let mut errors = Vec::new();
    if schema.access_to_topic(topic).is_some_and(|access| !shop.scopes.opens(access)) {
        errors.push(UserError::new(&["topic"], "You cannot create a webhook subscription with the specified topic"));
    }
    if let Some(problem) = bad_address(uri) {
        errors.push(UserError::new(&at, problem));
    }
    let taken = |row: &Record| text(row, "uri") == uri && text(row, "topic") == topic && Some(text(row, "id")) != own;
    if shop.store.rows("WebhookSubscription").iter().any(taken) {
        errors.push(UserError::new(&at, "Address for this topic has already been taken"));
    }
    let label = input.get("name").and_then(Value::as_str).unwrap_or_default();
    let plain = label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    if label.len() > 50 || !plain {
        errors.push(UserError::new(&["webhookSubscription", "name"], "Name is invalid"));
    }
    errors
}

fn bad_address(uri: &str) -> Option<&'static str> {
    if uri.starts_with("pubsub://") || uri.starts_with("arn:aws:events:") {
        return None;
    }
    match url::Url::parse(uri) {
        Err(_) => Some("Address is invalid"),
        Ok(url) if url.scheme() != "https" => Some("Address protocol http:// is not supported"),
        Ok(url) if matches!(url.host_str(), Some("localhost" | "127.0.0.1") | None) => {
            Some("Address cannot be a local address")
        }
        Ok(_) => None,
    }
}

/// Writes a subscription and gives its id.
pub fn subscribe(shop: &mut Shop, topic: &str, input: &Map<String, Value>, now: Timestamp) -> String {
    let id = format!("gid://shopify/WebhookSubscription/{}", shop.store.next_number("WebhookSubscription"));
    let at = clock::iso_seconds(now);
    let list = |name: &str| input.get(name).filter(|value| value.is_array()).cloned().unwrap_or_else(|| json!([]));
    let record = json!({
        "id": id,
        "topic": topic,
        "uri": address(input).map(|(_, uri)| uri),
        "name": input.get("name"),
        "format": input.get("format").and_then(Value::as_str).unwrap_or("JSON"),
        "filter": input.get("filter"),
        "includeFields": list("includeFields"),
        "metafieldNamespaces": list("metafieldNamespaces"),
        "apiVersion": shop.supported.newest,
        "createdAt": at,
        "updatedAt": at,
    });
    shop.change().push("WebhookSubscription", record.as_object().cloned().unwrap_or_default());
    id
}
