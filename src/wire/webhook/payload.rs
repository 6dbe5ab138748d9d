//! Bodies as the vendors send them, for each event: the shape is the vendor's, the values are made up.

mod chatwoot;
mod others;
mod shopify;

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::wire::webhook::scheme::{ContentType, Scheme};

/// The events of a scheme that bodies are made for.
pub struct Events {
    pub names: &'static [&'static str],
    /// Whether the vendor has no others.
    pub is_whole: bool,
}

/// A body of an event at a time; None where the scheme has no such event, or none that is known here.
pub fn of(scheme: &Scheme, event: &str, at: Timestamp) -> Option<Bytes> {
    let value = match scheme.name.as_ref() {
        "shopify" | "shopify-events" => shopify::body(event, at)?,
        "chatwoot" => chatwoot::body(event, at)?,
        "twilio" => return others::twilio(event).map(Bytes::from),
        name => match others::body(name, event, at) {
            Some(body) => body,
            // Where the vendor is anybody, an event may have any name.
            None if events(scheme).names.is_empty() => any(event, at),
            None => return None,
        },
    };
    match scheme.content_type {
        ContentType::Json if scheme.name == "sendgrid" => Some(Bytes::from(format!("{value}\r\n"))),
        ContentType::Json => Some(Bytes::from(value.to_string())),
        ContentType::Form => None,
    }
}

/// What is known of a scheme's events. Shopify's are those of its schema and stand elsewhere.
pub fn events(scheme: &Scheme) -> Events {
    match scheme.name.as_ref() {
        "chatwoot" => Events { names: &chatwoot::EVENTS, is_whole: true },
        name => Events { names: others::names(name), is_whole: false },
    }
}

/// The form that Standard Webhooks recommends (spec b2fa7b8, "Payload structure").
fn any(event: &str, at: Timestamp) -> Value {
    json!({
        "type": event,
        "timestamp": at.to_string(),
        "data": { "id": "preflight_1", "name": "Zoë Söhne", "amount": "19.99", "url": "https://shop.example/a/b" },
    })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::{events, of};
    use crate::wire::webhook::scheme::ContentType;
    use crate::wire::webhook::schemes::{CHATWOOT, GITHUB, SCHEMES, SENDGRID, SHOPIFY, STANDARD};

    fn now() -> Timestamp {
        "2026-01-01T00:00:00Z".parse().unwrap()
    }

    #[test]
    fn every_known_event_has_a_body_that_names_it() {
        for scheme in SCHEMES {
            for event in events(scheme).names {
                let body = of(scheme, event, now()).unwrap_or_else(|| panic!("{} {event}", scheme.name));
                if scheme.content_type == ContentType::Form {
                    continue;
                }
                let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
                let pointer = scheme.topic.as_ref().and_then(|topic| topic.pointer.as_deref());
                if let Some(pointer) = pointer {
                    let named = body.pointer(pointer).and_then(serde_json::Value::as_str);
                    assert_eq!(named, Some(*event), "{} {event}", scheme.name);
                }
            }
        }
    }

    #[test]
    fn an_event_that_the_vendor_does_not_have_has_no_body() {
        assert_eq!(of(&CHATWOOT, "conversation_resolved", now()), None);
        assert_eq!(of(&GITHUB, "pushed", now()), None);
        assert!(of(&STANDARD, "anything.at_all", now()).is_some());
    }

    #[test]
    fn vendors_bodies_end_as_theirs_do() {
        assert!(of(&SENDGRID, "delivered", now()).unwrap().ends_with(b"}]\r\n"));
        let order = of(&SHOPIFY, "orders/create", now()).unwrap();
        assert!(order.starts_with(b"{\"id\":820982911946154508,"));
        assert_eq!(&of(&SHOPIFY, "products/delete", now()).unwrap()[..], b"{\"id\":788032119674292922}");
    }
}
