//! What a delivery tells: its event, what it is about and when it happened, and whether anything is to be done.

use http::HeaderMap;
use jiff::Timestamp;
use serde_json::Value;

use crate::twin::webhooks::refusal::Refusal;
use crate::twin::webhooks::source::Source;

/// An event as the receiver understands it.
#[derive(Clone, Debug)]
pub(super) struct Event {
    /// In the vendor's words: `orders/create`, `message_created`.
    pub(super) name: String,
    /// `shopify/orders/820982911946154508`: the id with every digit.
    pub(super) subject: String,
    /// When it happened, as the vendor says; None when it does not say.
    pub(super) occurred: Option<Timestamp>,
    /// The state that the event tells of (`resolved`), for events that tell of one.
    pub(super) state: Option<String>,
    /// Why there is nothing to do.
    pub(super) filtered: Option<&'static str>,
}

/// Topics with a handler: those that HotDash's app registers or has code for, and the three that Shopify makes every
/// app answer.
const SHOPIFY_TOPICS: [&str; 8] = [
    "app/scopes_update",
    "app/uninstalled",
    "customers/data_request",
    "customers/redact",
    "inventory_levels/update",
    "orders/create",
    "orders/updated",
    "shop/redact",
];

const CHATWOOT_EVENTS: [&str; 3] = ["conversation_created", "conversation_status_changed", "message_created"];

const NO_HANDLER: &str = "no handler for this event";

impl Event {
    pub(super) fn read(source: Source, headers: &HeaderMap, body: &Value) -> Result<Self, Refusal> {
        match source {
            Source::Shopify => Ok(Self::shopify(headers, body)),
            Source::Chatwoot => Self::chatwoot(body),
        }
    }

    fn shopify(headers: &HeaderMap, body: &Value) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let name = text("x-shopify-topic").unwrap_or_default().to_owned();
        let resource = name.split('/').next().unwrap_or_default();
        let id = ["/customer/id", "/inventory_item_id", "/id", "/shop_id"].iter().find_map(|path| {
            // An order names its customer too; it is about the order.
            let own = *path != "/customer/id" || resource == "customers";
            own.then(|| body.pointer(path)).flatten()
        });
        let occurred = text("x-shopify-triggered-at").or(body["updated_at"].as_str());
        let handled = SHOPIFY_TOPICS.contains(&name.as_str());
        Self {
            subject: format!("shopify/{resource}/{}", shown(id)),
            occurred: occurred.and_then(|moment| moment.parse().ok()),
            state: body["financial_status"].as_str().map(str::to_owned),
            filtered: (!handled).then_some(NO_HANDLER),
            name,
        }
    }

    fn chatwoot(body: &Value) -> Result<Self, Refusal> {
        let name = body["event"].as_str().filter(|name| !name.is_empty()).ok_or(Refusal::NoEvent)?.to_owned();
        let resource = name.split('_').next().unwrap_or_default();
        let filtered = match name.as_str() {
            "message_created" => not_for_us(body),
            known if CHATWOOT_EVENTS.contains(&known) => None,
            _ => Some(NO_HANDLER),
        };
        let occurred = match (&body["updated_at"], &body["created_at"]) {
            (Value::Number(seconds), _) => seconds.as_f64().and_then(moment),
            (_, Value::String(text)) => text.parse().ok(),
            _ => None,
        };
        Ok(Self {
            subject: format!("chatwoot/{resource}/{}", shown(body.get("id"))),
            occurred,
            state: body["status"].as_str().map(str::to_owned),
            filtered,
            name,
        })
    }
}

/// Whether a message is one to draft a reply to: a customer's, told by Chatwoot's top-level `message_type`, a text
/// (Chatwoot 4.15; HotDash looks for a number under `message`, and so drops every real message).
fn not_for_us(body: &Value) -> Option<&'static str> {
    match body["message_type"].as_str() {
        _ if body["private"] == true => Some("a private note"),
        Some("incoming") => None,
        Some(_) => Some("not from a customer"),
        None => Some("no message_type in words"),
    }
}

fn shown(id: Option<&Value>) -> String {
    match id {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => "-".to_owned(),
    }
}

/// Seconds since 1970 with a fraction, as Chatwoot writes `updated_at`.
fn moment(seconds: f64) -> Option<Timestamp> {
    jiff::SignedDuration::try_from_secs_f64(seconds)
        .ok()
        .and_then(|since| Timestamp::UNIX_EPOCH.checked_add(since).ok())
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use serde_json::json;

    use super::Event;
    use crate::twin::webhooks::source::Source;

    #[test]
    fn a_subject_keeps_every_digit_of_its_id() {
        let headers = HeaderMap::from_iter([("x-shopify-topic".parse().unwrap(), "orders/create".parse().unwrap())]);
        let body = serde_json::from_str(r#"{"id":820982911946154508,"customer":{"id":7}}"#).unwrap();
        let event = Event::read(Source::Shopify, &headers, &body).unwrap();
        assert_eq!(event.subject, "shopify/orders/820982911946154508");
        assert_eq!(event.filtered, None);
    }

    #[test]
    fn a_message_is_read_as_chatwoot_sends_it() {
        let table = [
            (json!({ "message_type": "incoming", "private": false }), None),
            (json!({ "message_type": "incoming" }), None),
            (json!({ "message_type": "incoming", "private": true }), Some("a private note")),
            (json!({ "message_type": "outgoing", "private": false }), Some("not from a customer")),
            (json!({ "message_type": "template" }), Some("not from a customer")),
            (json!({ "message_type": 0 }), Some("no message_type in words")),
            (json!({ "message": { "message_type": 0 } }), Some("no message_type in words")),
        ];
        for (mut body, expected) in table {
            body["event"] = json!("message_created");
            body["id"] = json!(42);
            body["created_at"] = json!("2026-01-01T00:00:00.000Z");
            let event = Event::read(Source::Chatwoot, &HeaderMap::new(), &body).unwrap();
            assert_eq!(event.filtered, expected, "{body}");
            assert_eq!(event.subject, "chatwoot/message/42");
            assert_eq!(event.occurred, "2026-01-01T00:00:00Z".parse().ok());
        }
    }

    #[test]
    fn a_conversation_says_when_in_seconds() {
        let body = json!({ "event": "conversation_status_changed", "id": 1, "status": "resolved", "updated_at": 1_767_225_600.5 });
        let event = Event::read(Source::Chatwoot, &HeaderMap::new(), &body).unwrap();
        assert_eq!(event.occurred, "2026-01-01T00:00:00.5Z".parse().ok());
        assert_eq!(event.state.as_deref(), Some("resolved"));
        assert!(Event::read(Source::Chatwoot, &HeaderMap::new(), &json!({ "id": 1 })).is_err());
    }
}
