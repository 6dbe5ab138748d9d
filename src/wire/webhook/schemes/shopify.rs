//! Shopify: the raw body, signed with the app's client secret.

use std::borrow::Cow;

use crate::wire::webhook::conduct::{ANY_FAILURE, Conduct, Disabling};
use crate::wire::webhook::scheme::{
    Algorithm, Certainty, ContentType, Encoding, Extra, Field, KeyForm, Scheme, Signed, Topic, text,
};
use crate::wire::webhook::template::Template;

/// Shopify signs the raw body with the app's client secret.
pub static SHOPIFY: Scheme = signed(
    "shopify",
    "npm @shopify/shopify-api 13.1.0 and 15.0.0, lib/webhooks",
    &Headers {
        signature: "x-shopify-hmac-sha256",
        id: "x-shopify-webhook-id",
        topic: "x-shopify-topic",
        further: &FURTHER,
    },
);

/// The same under the names of Shopify's Events, which have no prefix (a developer preview).
pub static SHOPIFY_EVENTS: Scheme = signed(
    "shopify-events",
    "shopify.dev, build/events/verify-deliveries; npm @shopify/shopify-api 15.0.0",
    &Headers {
        signature: "shopify-hmac-sha256",
        id: "shopify-webhook-id",
        topic: "shopify-topic",
        further: &FURTHER_OF_EVENTS,
    },
);

/// What both call otherwise.
struct Headers {
    signature: &'static str,
    id: &'static str,
    topic: &'static str,
    further: &'static [Extra],
}

static FURTHER: [Extra; 2] = [domain("x-shopify-shop-domain"), version("x-shopify-api-version")];
static FURTHER_OF_EVENTS: [Extra; 2] = [domain("shopify-shop-domain"), version("shopify-api-version")];

const fn domain(name: &'static str) -> Extra {
    Extra { name: text(name), variable: text("SHOPIFY_SHOP_DOMAIN"), value: text("preflight.myshopify.com") }
}

const fn version(name: &'static str) -> Extra {
    Extra { name: text(name), variable: text("SHOPIFY_API_VERSION"), value: text("2026-10") }
}

const fn signed(name: &'static str, source: &'static str, headers: &Headers) -> Scheme {
    Scheme {
        name: text(name),
        source: text(source),
        certainty: Certainty::Read,
        algorithm: Algorithm::HmacSha256,
        encoding: Encoding::Base64,
        key: KeyForm::Text,
        key_prefix: text(""),
        signature: Field { header: text(headers.signature), prefix: text(""), separator: None },
        signed: Signed::Template(Template::known("{body}")),
        timestamp: None,
        delivery_id: Some(text(headers.id)),
        topic: Some(Topic { header: Some(text(headers.topic)), pointer: None }),
        body_digest: None,
        secret_variable: text("SHOPIFY_API_SECRET"),
        headers: Cow::Borrowed(headers.further),
        content_type: ContentType::Json,
        handshakes: Cow::Borrowed(&[]),
        conduct: Conduct {
            answer_within_ms: Some(5_000),
            retried: Cow::Borrowed(&ANY_FAILURE),
            most_retries: Some(8),
            retry_number: None,
            delays: Cow::Borrowed(&[]),
            within: Some(14_400),
            disables: Some(Disabling {
                on: Cow::Borrowed(&ANY_FAILURE),
                after: Some(8),
                effect: text(
                    "a subscription made through the Admin API is deleted after 8 failures in a row; one of shopify.app.toml stays",
                ),
            }),
            refuse_with: Cow::Borrowed(&[401]),
            source: text("shopify.dev webhooks: delivery, retries since 2024-09-10; app review wants 401"),
            certainty: Certainty::Read,
        },
    }
}
