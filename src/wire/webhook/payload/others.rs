//! What the other vendors send: their usual events, not all that they have.

use jiff::Timestamp;
use serde_json::{Value, json};

const STRIPE: [&str; 10] = [
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
    "charge.succeeded",
    "charge.refunded",
    "checkout.session.completed",
    "invoice.paid",
    "invoice.payment_failed",
    "customer.subscription.created",
    "customer.subscription.updated",
    "customer.subscription.deleted",
];
const SLACK: [&str; 4] = ["message", "app_mention", "reaction_added", "app_home_opened"];
const GITHUB: [&str; 6] = ["ping", "push", "pull_request", "issues", "issue_comment", "release"];
const ZENDESK: [&str; 4] = [
    "zen:event-type:ticket.created",
    "zen:event-type:ticket.status_changed",
    "zen:event-type:ticket.comment_added",
    "zen:event-type:user.created",
];
const PAGERDUTY: [&str; 8] = [
    "incident.triggered",
    "incident.acknowledged",
    "incident.unacknowledged",
    "incident.resolved",
    "incident.reopened",
    "incident.escalated",
    "incident.priority_updated",
    "pagey.ping",
];
const META: [&str; 4] = ["page", "instagram", "whatsapp_business_account", "user"];
const KLAVIYO: [&str; 3] =
    ["event:klaviyo.opened_email", "event:klaviyo.clicked_email", "event:klaviyo.received_email"];
const INTERCOM: [&str; 5] =
    ["ping", "conversation.user.created", "conversation.user.replied", "conversation.admin.closed", "contact.created"];
const TWILIO: [&str; 2] = ["message", "call"];
const SENDGRID: [&str; 8] =
    ["processed", "delivered", "open", "click", "bounce", "dropped", "spamreport", "unsubscribe"];

pub fn names(scheme: &str) -> &'static [&'static str] {
    match scheme {
        "stripe" => &STRIPE,
        "slack" => &SLACK,
        "github" => &GITHUB,
        "zendesk" => &ZENDESK,
        "pagerduty" => &PAGERDUTY,
        "meta" => &META,
        "klaviyo" => &KLAVIYO,
        "intercom" => &INTERCOM,
        "twilio" => &TWILIO,
        "sendgrid" => &SENDGRID,
        _ => &[],
    }
}

pub fn body(scheme: &str, event: &str, at: Timestamp) -> Option<Value> {
    if !names(scheme).contains(&event) {
        return None;
    }
    let (seconds, iso) = (at.as_second(), at.to_string());
    Some(match scheme {
        "stripe" => json!({
            "id": "evt_preflight1", "object": "event", "api_version": "2026-10-28.endive", "created": seconds,
            "data": { "object": stripe(event, seconds) }, "livemode": false, "pending_webhooks": 1,
            "request": { "id": null, "idempotency_key": null }, "type": event,
        }),
        "slack" => json!({
            "token": "preflight-verification", "team_id": "T00000000", "api_app_id": "A00000000",
            "event": { "type": event, "user": "U00000000", "text": "Grüße <@U1> & more", "ts": format!("{seconds}.000200"), "channel": "C00000000", "event_ts": format!("{seconds}.000200") },
            "type": "event_callback", "event_id": "Ev00000000", "event_time": seconds,
        }),
        "github" => github(event, &iso),
        "zendesk" => json!({
            "account_id": 22_129_848, "detail": { "id": "35436", "subject": "Größe & Farbe", "status": "OPEN", "created_at": iso },
            "event": { "current": "OPEN", "previous": "NEW" }, "id": "2b24ef10-preflight", "subject": "zen:ticket:35436",
            "time": iso, "type": event, "zendesk_event_version": "2022-11-06",
        }),
        "pagerduty" => json!({ "event": {
            "id": "01PREFLIGHT", "event_type": event, "resource_type": if event == "pagey.ping" { "pagey" } else { "incident" },
            "occurred_at": iso, "agent": { "id": "PLH1HKV", "type": "user_reference", "summary": "Tenex Engineer" }, "client": null,
            "data": { "id": "PGR0VU2", "type": "incident", "number": 2, "status": "triggered", "title": "A little bump in the road", "urgency": "high" },
        } }),
        "meta" => json!({
            "object": event,
            "entry": [{ "id": "0", "time": seconds, "changes": [{ "field": "messages", "value": { "from": "15550100", "text": "Grüße" } }] }],
        }),
        "klaviyo" => json!({
            "data": [{ "topic": event, "payload": { "type": "event", "id": "4vRpBT", "attributes": { "timestamp": seconds, "datetime": iso } } }],
            "meta": { "timestamp": iso, "klaviyo_account_id": "ABC123", "version": "2026-07-15", "klaviyo_webhook_id": "01PREFLIGHT" },
        }),
        "intercom" => json!({
            "type": "notification_event", "app_id": "preflight", "id": "notif_preflight", "topic": event,
            "data": { "type": "notification_event_data", "item": { "type": "conversation", "id": "215469057437911", "title": "Größe" } },
            "delivery_attempts": 1, "delivery_status": "pending", "first_sent_at": seconds, "created_at": seconds,
        }),
        "sendgrid" => json!([{
            "email": "zoe@example.com", "event": event, "timestamp": seconds, "sg_event_id": "preflight-1",
            "sg_message_id": "preflight.filter-1.0", "smtp-id": "<preflight@example.com>",
        }]),
        _ => return None,
    })
}

fn stripe(event: &str, seconds: i64) -> Value {
    let kind = match event.rsplit_once('.').map_or(event, |(kind, _)| kind) {
        "customer.subscription" => "subscription",
        kind => kind,
    };
    json!({ "id": format!("{}_preflight1", kind.replace('.', "_")), "object": kind, "amount": 1999, "currency": "usd",
        "created": seconds, "customer": "cus_preflight", "livemode": false, "metadata": { "note": "Größe / L" } })
}

fn github(event: &str, iso: &str) -> Value {
    let repository = json!({ "id": 1, "name": "preflight", "full_name": "example/preflight", "private": false });
    let sender = json!({ "login": "octocat", "id": 1, "type": "User" });
    let mut body = match event {
        "ping" => {
            json!({ "zen": "Keep it logically awesome.", "hook_id": 1, "hook": { "type": "Repository", "active": true } })
        }
        "push" => json!({
            "ref": "refs/heads/main", "before": "0".repeat(40), "after": "a".repeat(40), "created": false, "forced": false,
            "commits": [{ "id": "a".repeat(40), "message": "Größe ändern", "timestamp": iso }],
        }),
        "release" => {
            json!({ "action": "published", "release": { "id": 1, "tag_name": "v1.0.0", "published_at": iso } })
        }
        other => {
            let object = json!({ "id": 1, "number": 7, "title": "Größe", "state": "open", "created_at": iso });
            let member = if other == "pull_request" { "pull_request" } else { "issue" };
            let mut body = json!({ "action": if other == "issue_comment" { "created" } else { "opened" } });
            body[member] = object;
            body
        }
    };
    body["repository"] = repository;
    body["sender"] = sender;
    body
}

/// A form, as Twilio's messages and calls are.
pub fn twilio(event: &str) -> Option<String> {
    let pairs: &[(&str, &str)] = match event {
        "message" => &[
            ("MessageSid", "SM00000000000000000000000000000001"),
            ("AccountSid", "AC00000000000000000000000000000001"),
            ("From", "+15550100"),
            ("To", "+15550101"),
            ("Body", "Grüße & more"),
            ("NumMedia", "0"),
        ],
        "call" => &[
            ("CallSid", "CA00000000000000000000000000000001"),
            ("AccountSid", "AC00000000000000000000000000000001"),
            ("From", "+15550100"),
            ("To", "+15550101"),
            ("CallStatus", "ringing"),
            ("Direction", "inbound"),
        ],
        _ => return None,
    };
    Some(url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish())
}
