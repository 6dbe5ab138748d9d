//! The event that a suite delivers where its user names none: one of each sender, small and in the sender's shape.

use bytes::Bytes;
use serde_json::{Value, json};

use crate::adapter::workspace::Workspace;
use crate::domain::json as strict;
use crate::engine::attack::body::{Event, Payload};
use crate::wire::webhook::scheme::{ContentType, Scheme};

/// The event of a scheme's sender; the body and the topic that a user gives win.
pub fn event(workspace: &Workspace, scheme: &Scheme, body: Option<Bytes>, topic: Option<String>) -> Event {
    let (usual, own) = usual(workspace, scheme);
    let body = match body {
        Some(bytes) => match strict::parse(&bytes) {
            Ok(value) if scheme.content_type == ContentType::Json => Payload::Json(value),
            _ => Payload::Raw(bytes),
        },
        None => own,
    };
    let topic_at = scheme.topic.as_ref().and_then(|topic| topic.pointer.as_deref()).map(str::to_owned);
    let told = match (&body, &topic_at) {
        (Payload::Json(value), Some(pointer)) => value.pointer(pointer).and_then(Value::as_str).map(str::to_owned),
        _ => None,
    };
    let id_at = id_at(scheme).filter(|pointer| match &body {
        Payload::Json(value) => value.pointer(pointer).is_some(),
        Payload::Raw(_) => false,
    });
    Event { topic: topic.or(told).unwrap_or(usual), body, id_at: id_at.map(str::to_owned), topic_at }
}

/// Where a sender that names its deliveries in no header names them.
fn id_at(scheme: &Scheme) -> Option<&'static str> {
    match scheme.name.as_ref() {
        _ if scheme.delivery_id.is_some() => None,
        "slack" => Some("/event_id"),
        "sendgrid" => Some("/0/sg_event_id"),
        "meta" | "twilio" | "klaviyo" => None,
        "pagerduty" => Some("/event/id"),
        _ => Some("/id"),
    }
}

fn usual(workspace: &Workspace, scheme: &Scheme) -> (String, Payload) {
    let fixture = |name: &str| -> Value {
        let receiver = "webhooks".parse().ok().and_then(|name| workspace.contracts.get(&name));
        let bytes = receiver.and_then(|contract| contract.fixtures.get(name));
        bytes.and_then(|bytes| serde_json::from_slice(bytes).ok()).unwrap_or_else(|| json!({ "id": 1 }))
    };
    let (topic, body) = match scheme.name.as_ref() {
        "shopify" => ("orders/create", fixture("shopify-orders-create.json")),
        "chatwoot" => ("message_created", fixture("chatwoot-message-created.json")),
        "slack" => ("message", slack()),
        "stripe" => ("payment_intent.succeeded", stripe()),
        "github" => ("issues", github()),
        "pagerduty" => ("incident.triggered", pagerduty()),
        "meta" => ("page", meta()),
        "sendgrid" => ("delivered", sendgrid()),
        "intercom" => ("conversation.user.created", intercom()),
        "zendesk" => ("zen:event-type:ticket.created", zendesk()),
        "klaviyo" => ("event:klaviyo.sent_sms", klaviyo()),
        "twilio" => {
            let form = "MessageSid=SM00000000000000000000000000000001&From=%2B15005550006&To=%2B15005550001&Body=hi";
            return ("message".to_owned(), Payload::Raw(Bytes::from_static(form.as_bytes())));
        }
        _ => ("contact.created", standard()),
    };
    (topic.to_owned(), Payload::Json(body))
}

fn slack() -> Value {
    json!({
        "token": "preflight", "team_id": "T00000001", "api_app_id": "A00000001",
        "event": {
            "type": "message", "channel": "C00000001", "user": "U00000001", "text": "hi",
            "ts": "1767225600.000100", "event_ts": "1767225600.000100", "channel_type": "channel",
        },
        "type": "event_callback", "event_id": "Ev00000001", "event_time": 1_767_225_600,
    })
}

fn stripe() -> Value {
    json!({
        "id": "evt_1", "object": "event", "api_version": "2026-10-28.endive", "created": 1_767_225_600,
        "data": { "object": { "id": "pi_1", "object": "payment_intent", "amount": 2000, "currency": "usd" } },
        "livemode": false, "pending_webhooks": 1, "request": { "id": null, "idempotency_key": null },
        "type": "payment_intent.succeeded",
    })
}

fn github() -> Value {
    json!({
        "action": "opened", "issue": { "id": 1, "number": 1, "title": "A title", "state": "open" },
        "repository": { "id": 1, "name": "hello", "full_name": "octo/hello" }, "sender": { "id": 1, "login": "octo" },
    })
}

fn pagerduty() -> Value {
    json!({ "event": {
        "id": "01PREFLIGHT", "event_type": "incident.triggered", "resource_type": "incident",
        "occurred_at": "2026-01-01T00:00:00.000Z", "agent": null, "client": null,
        "data": { "id": "P000001", "type": "incident", "number": 1, "status": "triggered", "title": "A title" },
    } })
}

fn meta() -> Value {
    json!({ "object": "page", "entry": [{
        "id": "1", "time": 1_767_225_600,
        "changes": [{ "field": "feed", "value": { "item": "status", "verb": "add", "post_id": "1_1" } }],
    }] })
}

fn sendgrid() -> Value {
    json!([{
        "email": "ann@example.com", "timestamp": 1_767_225_600, "event": "delivered",
        "sg_event_id": "ev-1", "sg_message_id": "m-1", "smtp-id": "<m-1@example.com>",
    }])
}

fn intercom() -> Value {
    json!({
        "type": "notification_event", "app_id": "abc", "id": "notif_1", "topic": "conversation.user.created",
        "created_at": 1_767_225_600, "delivery_attempts": 1, "first_sent_at": 1_767_225_600,
        "data": { "type": "notification_event_data", "item": { "type": "conversation", "id": "1" } },
    })
}

fn zendesk() -> Value {
    json!({
        "type": "zen:event-type:ticket.created", "account_id": 1, "id": "ev-1", "time": "2026-01-01T00:00:00Z",
        "zendesk_event_version": "2022-11-06", "subject": "zen:ticket:1", "detail": { "id": "1", "status": "OPEN" },
        "event": {},
    })
}

fn klaviyo() -> Value {
    json!({
        "data": [{ "type": "event", "id": "1", "topic": "event:klaviyo.sent_sms", "payload": { "data": {} } }],
        "meta": { "klaviyo_account_id": "abc", "version": "2026-07-15" },
    })
}

fn standard() -> Value {
    json!({ "id": "ev-1", "type": "contact.created", "timestamp": "2026-01-01T00:00:00Z", "data": { "name": "Ann" } })
}
