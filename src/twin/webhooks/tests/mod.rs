//! The receiver as sequences of deliveries.

mod audit;
mod delivery;
mod refusal;
mod signature;

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, Request, StatusCode};
use jiff::Timestamp;
use serde_json::Value;

use crate::twin::answer::{Answer, Reply};
use crate::twin::kit::credentials::{CHATWOOT_WEBHOOK_SECRET, SHOPIFY_API_SECRET, SHOPIFY_SHOP_DOMAIN};
use crate::twin::kit::schemas::Schemas;
use crate::twin::webhooks::Webhooks;
use crate::twin::{Start, Twin};
use crate::wire::webhook::schemes::{CHATWOOT, SHOPIFY};
use crate::wire::webhook::sign::Unsigned;

const MESSAGE: &str = include_str!("../../../../fixtures/webhooks/chatwoot-message-created.json");
const MESSAGE_ESCAPED: &str = include_str!("../../../../fixtures/webhooks/chatwoot-message-created-escaped.json");
const STATUS: &str = include_str!("../../../../fixtures/webhooks/chatwoot-conversation-status-changed.json");
const ORDER: &str = include_str!("../../../../fixtures/webhooks/shopify-orders-create.json");
const UNINSTALLED: &str = include_str!("../../../../fixtures/webhooks/shopify-app-uninstalled.json");
const DATA_REQUEST: &str = include_str!("../../../../fixtures/webhooks/shopify-customers-data-request.json");

const SCHEMAS: Schemas = Schemas(&[
    ("receipt.json", include_str!("../../../../schemas/webhooks/receipt.json")),
    ("refusal.json", include_str!("../../../../schemas/webhooks/refusal.json")),
    ("audit.json", include_str!("../../../../schemas/webhooks/audit.json")),
    ("audit-entry.json", include_str!("../../../../schemas/webhooks/audit-entry.json")),
    ("effects.json", include_str!("../../../../schemas/webhooks/effects.json")),
    ("chatwoot-message.json", include_str!("../../../../schemas/webhooks/chatwoot-message.json")),
    ("chatwoot-conversation.json", include_str!("../../../../schemas/webhooks/chatwoot-conversation.json")),
    ("shopify-order.json", include_str!("../../../../schemas/webhooks/shopify-order.json")),
    ("shopify-shop.json", include_str!("../../../../schemas/webhooks/shopify-shop.json")),
    ("shopify-data-request.json", include_str!("../../../../schemas/webhooks/shopify-data-request.json")),
]);

fn start() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

fn after(seconds: u64) -> Timestamp {
    start() + Duration::from_secs(seconds)
}

fn twin() -> Webhooks {
    Webhooks::new(&Start { now: start(), seed: 1, fixtures: &BTreeMap::new() })
}

/// A Chatwoot delivery signed at the scene's start.
fn chatwoot(id: &str, body: &str) -> Request<Bytes> {
    chatwoot_at(start(), id, body)
}

fn chatwoot_at(now: Timestamp, id: &str, body: &str) -> Request<Bytes> {
    let mut request = Request::post("/webhooks/chatwoot")
        .header("content-type", "application/json")
        .header("x-chatwoot-delivery", id)
        .body(Bytes::copy_from_slice(body.as_bytes()))
        .unwrap();
    let value = chatwoot_signature(CHATWOOT_WEBHOOK_SECRET, &CHATWOOT.stamp(now), body);
    set(&mut request, "x-chatwoot-signature", &value);
    set(&mut request, "x-chatwoot-timestamp", &CHATWOOT.stamp(now));
    request
}

fn chatwoot_signature(secret: &str, timestamp: &str, body: &str) -> String {
    let unsigned = Unsigned::of(timestamp, body.as_bytes());
    format!("sha256={}", CHATWOOT.signature_of(&CHATWOOT.key_of(secret.as_bytes()), &unsigned).unwrap())
}

fn shopify_signature(secret: &str, body: &str) -> String {
    SHOPIFY.signature_of(&SHOPIFY.key_of(secret.as_bytes()), &Unsigned::of("", body.as_bytes())).unwrap()
}

fn shopify(topic: &str, id: &str, body: &str) -> Request<Bytes> {
    Request::post("/webhooks/shopify")
        .header("content-type", "application/json")
        .header("x-shopify-topic", topic)
        .header("x-shopify-webhook-id", id)
        .header("x-shopify-api-version", "2026-10")
        .header("x-shopify-shop-domain", SHOPIFY_SHOP_DOMAIN)
        .header("x-shopify-hmac-sha256", shopify_signature(SHOPIFY_API_SECRET, body))
        .body(Bytes::copy_from_slice(body.as_bytes()))
        .unwrap()
}

fn set(request: &mut Request<Bytes>, name: &str, value: &str) {
    let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
    request.headers_mut().insert(name, value.parse().unwrap());
}

fn reply(twin: &mut Webhooks, now: Timestamp, request: &Request<Bytes>) -> Reply {
    match twin.answer(now, request) {
        Answer::Reply(reply) => reply,
        Answer::Ask(ask) => panic!("asked {}", ask.request.uri()),
    }
}

/// Delivers, holds the answer against the contract's schema, and tells its status and outcome.
fn deliver(twin: &mut Webhooks, now: Timestamp, request: &Request<Bytes>) -> (u16, String) {
    let reply = reply(twin, now, request);
    let body: Value = serde_json::from_slice(reply.response.body()).unwrap();
    let status = reply.response.status();
    let (schema, member) =
        if status == StatusCode::OK { ("receipt.json", "outcome") } else { ("refusal.json", "error") };
    assert!(SCHEMAS.allow(schema, &body), "{body}");
    (status.as_u16(), body[member].as_str().unwrap().to_owned())
}

fn shown(twin: &mut Webhooks, now: Timestamp, path: &str, schema: &str) -> Value {
    let token = twin.identity().variables["WEBHOOK_AUDIT_TOKEN"].clone();
    let request = Request::get(path).header("authorization", format!("Bearer {token}")).body(Bytes::new()).unwrap();
    let reply = reply(twin, now, &request);
    assert_eq!(reply.response.status(), StatusCode::OK);
    let body: Value = serde_json::from_slice(reply.response.body()).unwrap();
    assert!(SCHEMAS.allow(schema, &body), "{body}");
    body
}

fn effects(twin: &mut Webhooks, now: Timestamp) -> Value {
    shown(twin, now, "/webhooks/effects", "effects.json")
}

fn audit(twin: &mut Webhooks, now: Timestamp) -> Value {
    shown(twin, now, "/webhooks/audit", "audit.json")
}

fn accepted(outcome: &str) -> (u16, String) {
    (200, outcome.to_owned())
}

fn refused(status: u16, error: &str) -> (u16, String) {
    (status, error.to_owned())
}
