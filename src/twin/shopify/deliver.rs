//! Webhook deliveries: what happened, told to everyone who subscribed, signed with the app's secret.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request};
use jiff::Timestamp;
use serde_json::Value;

use crate::domain::delivery::Delivery;
use crate::twin::kit::clock;
use crate::twin::shopify::graphql::search;
use crate::twin::shopify::rest::render;
use crate::twin::shopify::shop::{Event, Shop};
use crate::twin::shopify::store::{Record, text};
use crate::twin::shopify::topics;
use crate::wire::webhook::schemes::SHOPIFY;
use crate::wire::webhook::sign::Unsigned;

/// The deliveries that the events of one request set off. All of them share one event id (one merchant action).
pub fn deliveries(shop: &mut Shop, secret: &str, now: Timestamp) -> Vec<Delivery> {
    let events = std::mem::take(&mut shop.events);
    if events.is_empty() {
        return Vec::new();
    }
    let event_id = shop.ids.uuid();
    let mut deliveries = Vec::new();
    for event in &events {
        let subscribed: Vec<_> =
            shop.store.rows("WebhookSubscription").iter().filter(|row| wants(shop, row, event)).cloned().collect();
        for subscription in subscribed {
            let id = shop.ids.uuid();
            deliveries.extend(delivery(
                shop,
                event,
                &subscription,
                &Told { secret, now, id: &id, event_id: &event_id },
            ));
        }
    }
    deliveries
}

/// What a delivery says of itself besides its body.
struct Told<'a> {
    secret: &'a str,
    now: Timestamp,
    id: &'a str,
    event_id: &'a str,
}

/// A subscription hears of its topic over HTTPS; buses of other vendors are not modelled and get nothing here.
fn wants(shop: &Shop, subscription: &Record, event: &Event) -> bool {
    let topic = text(subscription, "topic") == event.topic && text(subscription, "uri").starts_with("http");
    topic && filtered(shop, subscription, event)
}

/// `filter` is written in search syntax over the payload's members; only products and orders are modelled.
fn filtered(shop: &Shop, subscription: &Record, event: &Event) -> bool {
    let filter = text(subscription, "filter");
    let id = event.body.get("admin_graphql_api_id").and_then(Value::as_str);
    let Some(record) = id.and_then(|id| shop.store.get(id)).filter(|_| !filter.is_empty()) else { return true };
    let ty = if event.topic.starts_with("PRODUCTS_") { "Product" } else { "Order" };
    !search::filter(&shop.store, ty, vec![record.clone()], filter).rows.is_empty()
}

fn delivery(shop: &Shop, event: &Event, subscription: &Record, told: &Told) -> Option<Delivery> {
    let fields = subscription.get("includeFields").and_then(Value::as_array);
    let wanted: Vec<_> = fields.into_iter().flatten().filter_map(Value::as_str).collect();
    let fields = (!wanted.is_empty()).then(|| wanted.join(","));
    let body = Bytes::from(render::only(event.body.clone(), fields.as_deref()).to_string());
    let topic = topics::slug(event.topic);
    let mut headers = vec![
        ("content-type", "application/json".to_owned()),
        ("x-shopify-topic", topic.clone()),
        ("x-shopify-shop-domain", shop.domain()),
        ("x-shopify-api-version", text(subscription, "apiVersion").to_owned()),
        ("x-shopify-webhook-id", told.id.to_owned()),
        ("x-shopify-event-id", told.event_id.to_owned()),
        // Written with nanoseconds.
        ("x-shopify-triggered-at", clock::format(told.now, "%Y-%m-%dT%H:%M:%S%.9fZ")),
    ];
    if !text(subscription, "name").is_empty() {
        headers.push(("x-shopify-name", text(subscription, "name").to_owned()));
    }
    let signed = SHOPIFY.sign(&SHOPIFY.key_of(told.secret.as_bytes()), &Unsigned::of("", &body)).ok()?;
    let mut request = Request::post(text(subscription, "uri")).body(body).ok()?;
    request.headers_mut().extend(signed);
    for (name, value) in headers {
        request.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_str(&value).ok()?);
    }
    Some(Delivery { event: topic, request })
}
