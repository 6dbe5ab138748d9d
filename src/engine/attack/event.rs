//! The event that a suite delivers: its user's own, or the sender's usual one.

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::Value;

use crate::adapter::workspace::Workspace;
use crate::domain::json as strict;
use crate::engine::attack::body::{Event, Payload};
use crate::engine::webhook::payload::{self, NoPayload};
use crate::wire::webhook::scheme::{ContentType, Scheme};

/// The event of a scheme's sender; the body and the topic that a user gives win.
///
/// # Errors
/// No body of the topic is known.
pub fn event(
    workspace: &Workspace,
    scheme: &Scheme,
    body: Option<Bytes>,
    topic: Option<String>,
    now: Timestamp,
) -> Result<Event, NoPayload> {
    let wanted = topic.clone().unwrap_or_else(|| usual(scheme).to_owned());
    let bytes = match body {
        Some(bytes) => bytes,
        None => match payload::body(workspace, scheme, &wanted, now) {
            Ok((body, _)) => body,
            // Nobody asked for this event by name, so any body will do.
            Err(_) if topic.is_none() => Bytes::from_static(br#"{"id":"preflight-1","type":"contact.created"}"#),
            Err(error) => return Err(error),
        },
    };
    let body = match strict::parse(&bytes) {
        Ok(value) if scheme.content_type == ContentType::Json => Payload::Json(value),
        _ => Payload::Raw(bytes),
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
    Ok(Event { topic: topic.or(told).unwrap_or(wanted), body, id_at: id_at.map(str::to_owned), topic_at })
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

/// The event that most receivers of a sender know.
fn usual(scheme: &Scheme) -> &'static str {
    match scheme.name.as_ref() {
        "shopify" | "shopify-events" => "orders/create",
        "chatwoot" => "message_created",
        "slack" | "twilio" => "message",
        "stripe" => "payment_intent.succeeded",
        "github" => "issues",
        "pagerduty" => "incident.triggered",
        "meta" => "page",
        "sendgrid" => "delivered",
        "intercom" => "conversation.user.created",
        "zendesk" => "zen:event-type:ticket.created",
        "klaviyo" => "event:klaviyo.opened_email",
        _ => "contact.created",
    }
}

#[cfg(test)]
mod tests {
    use super::event;
    use crate::adapter::workspace::Workspace;
    use crate::wire::webhook::scheme::Scheme;
    use crate::wire::webhook::schemes::SCHEMES;

    #[test]
    fn every_sender_has_a_usual_event_and_a_users_own_wins() {
        let nowhere = tempfile::tempdir().unwrap();
        let workspace = Workspace::open(nowhere.path(), None).unwrap();
        let now = "2026-01-01T00:00:00Z".parse().unwrap();
        for scheme in SCHEMES {
            let usual = event(&workspace, scheme, None, None, now).unwrap();
            assert!(!usual.topic.is_empty(), "{}", scheme.name);
        }
        let own = bytes::Bytes::from_static(br#"{"id":"evt_own","type":"charge.refunded"}"#);
        let stripe = event(&workspace, Scheme::named("stripe").unwrap(), Some(own), None, now).unwrap();
        assert_eq!((stripe.topic.as_str(), stripe.id_at.as_deref()), ("charge.refunded", Some("/id")));
    }
}
