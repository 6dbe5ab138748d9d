//! Standard Webhooks: symmetric (v1), asymmetric (v1a), and under Svix's header names.

use std::borrow::Cow;

use crate::wire::webhook::conduct::{ANY_FAILURE, Cause, Conduct, Disabling};
use crate::wire::webhook::scheme::{
    Algorithm, Certainty, ContentType, Encoding, Field, KeyForm, Scheme, Signed, Topic, text,
};
use crate::wire::webhook::stamp::{Format, Stamp};
use crate::wire::webhook::template::Template;

/// Symmetric: `whsec_` and base64 is the secret, `v1,` stands before each signature.
pub static STANDARD: Scheme = Scheme {
    name: text("standard-webhooks"),
    source: text("standard-webhooks spec b2fa7b8; npm standardwebhooks 1.1.1"),
    certainty: Certainty::Read,
    algorithm: Algorithm::HmacSha256,
    encoding: Encoding::Base64,
    key: KeyForm::Base64,
    key_prefix: text("whsec_"),
    signature: Field { header: text("webhook-signature"), prefix: text("v1,"), separator: Some(' ') },
    signed: Signed::Template(Template::known("{id}.{timestamp}.{body}")),
    timestamp: Some(Stamp::header("webhook-timestamp", Format::UnixSeconds, Some(300), Some(300))),
    delivery_id: Some(text("webhook-id")),
    topic: Some(Topic { header: None, pointer: Some(text("/type")) }),
    body_digest: None,
    secret_variable: text("WEBHOOK_SECRET"),
    headers: Cow::Borrowed(&[]),
    content_type: ContentType::Json,
    handshakes: Cow::Borrowed(&[]),
    conduct: Conduct {
        answer_within_ms: Some(15_000),
        retried: Cow::Borrowed(&ANY_FAILURE),
        most_retries: Some(9),
        retry_number: None,
        delays: Cow::Borrowed(&[5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]),
        within: None,
        disables: Some(Disabling {
            on: Cow::Borrowed(&[Cause::Status(410)]),
            after: Some(1),
            effect: text("410 switches the endpoint off"),
        }),
        refuse_with: Cow::Borrowed(&[401, 400]),
        source: text("standard-webhooks spec b2fa7b8: the schedule is its example; 15 to 30 s to answer"),
        certainty: Certainty::Read,
    },
};

/// Asymmetric: Ed25519, `v1a,` stands before each signature.
pub static STANDARD_V1A: Scheme = Scheme {
    name: text("standard-webhooks-v1a"),
    source: text("standard-webhooks spec b2fa7b8; no library and no vector of it are published"),
    certainty: Certainty::Read,
    algorithm: Algorithm::Ed25519,
    encoding: Encoding::Base64,
    key: KeyForm::Base64,
    key_prefix: text("whsk_"),
    signature: Field { header: text("webhook-signature"), prefix: text("v1a,"), separator: Some(' ') },
    signed: Signed::Template(Template::known("{id}.{timestamp}.{body}")),
    timestamp: Some(Stamp::header("webhook-timestamp", Format::UnixSeconds, Some(300), Some(300))),
    delivery_id: Some(text("webhook-id")),
    topic: Some(Topic { header: None, pointer: Some(text("/type")) }),
    body_digest: None,
    secret_variable: text("WEBHOOK_PRIVATE_KEY"),
    headers: Cow::Borrowed(&[]),
    content_type: ContentType::Json,
    handshakes: Cow::Borrowed(&[]),
    conduct: Conduct {
        answer_within_ms: Some(15_000),
        retried: Cow::Borrowed(&ANY_FAILURE),
        most_retries: Some(9),
        retry_number: None,
        delays: Cow::Borrowed(&[5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]),
        within: None,
        disables: Some(Disabling {
            on: Cow::Borrowed(&[Cause::Status(410)]),
            after: Some(1),
            effect: text("410 switches the endpoint off"),
        }),
        refuse_with: Cow::Borrowed(&[401, 400]),
        source: text("standard-webhooks spec b2fa7b8: the schedule is its example; 15 to 30 s to answer"),
        certainty: Certainty::Read,
    },
};

/// The same as symmetric, under the names that Svix sends.
pub static SVIX: Scheme = Scheme {
    name: text("svix"),
    source: text("svix/svix-webhooks, rust/src/webhooks.rs"),
    certainty: Certainty::Read,
    algorithm: Algorithm::HmacSha256,
    encoding: Encoding::Base64,
    key: KeyForm::Base64,
    key_prefix: text("whsec_"),
    signature: Field { header: text("svix-signature"), prefix: text("v1,"), separator: Some(' ') },
    signed: Signed::Template(Template::known("{id}.{timestamp}.{body}")),
    timestamp: Some(Stamp::header("svix-timestamp", Format::UnixSeconds, Some(300), Some(300))),
    delivery_id: Some(text("svix-id")),
    topic: Some(Topic { header: None, pointer: Some(text("/type")) }),
    body_digest: None,
    secret_variable: text("SVIX_SECRET"),
    headers: Cow::Borrowed(&[]),
    content_type: ContentType::Json,
    handshakes: Cow::Borrowed(&[]),
    conduct: Conduct {
        answer_within_ms: Some(15_000),
        retried: Cow::Borrowed(&ANY_FAILURE),
        most_retries: Some(9),
        retry_number: None,
        delays: Cow::Borrowed(&[5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]),
        within: None,
        disables: Some(Disabling {
            on: Cow::Borrowed(&[Cause::Status(410)]),
            after: Some(1),
            effect: text("410 switches the endpoint off"),
        }),
        refuse_with: Cow::Borrowed(&[401, 400]),
        source: text("standard-webhooks spec b2fa7b8: the schedule is its example; 15 to 30 s to answer"),
        certainty: Certainty::Read,
    },
};
