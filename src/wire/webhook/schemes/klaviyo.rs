//! Klaviyo: body and time, run together.

use std::borrow::Cow;

use crate::wire::webhook::conduct::Conduct;
use crate::wire::webhook::scheme::{
    Algorithm, Certainty, ContentType, Encoding, Extra, Field, KeyForm, Scheme, Signed, Topic, text,
};
use crate::wire::webhook::stamp::{Format, Stamp};
use crate::wire::webhook::template::Template;

/// Klaviyo signs body and time, the body first, without a joint.
pub static KLAVIYO: Scheme = Scheme {
    name: text("klaviyo"),
    source: text("developers.klaviyo.com, system-webhooks (headers); the order from three programs"),
    certainty: Certainty::Secondary,
    algorithm: Algorithm::HmacSha256,
    encoding: Encoding::Hex,
    key: KeyForm::Text,
    key_prefix: text(""),
    signature: Field { header: text("klaviyo-signature"), prefix: text(""), separator: None },
    signed: Signed::Template(Template::known("{body}{timestamp}")),
    timestamp: Some(Stamp::header("klaviyo-timestamp", Format::Rfc3339, None, None)),
    delivery_id: None,
    topic: Some(Topic { header: None, pointer: Some(text("/data/0/topic")) }),
    body_digest: None,
    secret_variable: text("KLAVIYO_WEBHOOK_SECRET"),
    headers: Cow::Borrowed(&[Extra {
        name: text("klaviyo-webhook-id"),
        variable: text(""),
        value: text("01PREFLIGHT"),
    }]),
    content_type: ContentType::Json,
    handshakes: Cow::Borrowed(&[]),
    conduct: Conduct::untold("not published where we looked", Certainty::Remembered),
};
