//! Standard Webhooks: symmetric (v1), asymmetric (v1a), and under Svix's header names.

use std::borrow::Cow;

use crate::wire::webhook::conduct::{ANY_FAILURE, Cause, Conduct, Disabling};
use crate::wire::webhook::scheme::{
    Algorithm, Certainty, ContentType, Encoding, Field, KeyForm, Scheme, Signed, Topic, text,
};
use crate::wire::webhook::stamp::{Format, Stamp};
use crate::wire::webhook::template::Template;

/// Symmetric: `whsec_` and base64 is the secret, `v1,` stands before each signature.
pub static STANDARD: Scheme = symmetric(&Names {
    scheme: "standard-webhooks",
    source: "standard-webhooks spec b2fa7b8; npm standardwebhooks 1.1.1",
    signature: "webhook-signature",
    timestamp: "webhook-timestamp",
    id: "webhook-id",
    secret: "WEBHOOK_SECRET",
});

/// Asymmetric: Ed25519, `v1a,` stands before each signature.
pub static STANDARD_V1A: Scheme = written(
    &Names {
        scheme: "standard-webhooks-v1a",
        source: "standard-webhooks spec b2fa7b8; no library and no vector of it are published",
        signature: "webhook-signature",
        timestamp: "webhook-timestamp",
        id: "webhook-id",
        secret: "WEBHOOK_PRIVATE_KEY",
    },
    Algorithm::Ed25519,
    "whsk_",
    "v1a,",
);

/// The same as symmetric, under the names that Svix sends.
pub static SVIX: Scheme = symmetric(&Names {
    scheme: "svix",
    source: "svix/svix-webhooks, rust/src/webhooks.rs",
    signature: "svix-signature",
    timestamp: "svix-timestamp",
    id: "svix-id",
    secret: "SVIX_SECRET",
});

/// What differs between those who write it.
struct Names {
    scheme: &'static str,
    source: &'static str,
    signature: &'static str,
    timestamp: &'static str,
    id: &'static str,
    secret: &'static str,
}

const fn symmetric(names: &Names) -> Scheme {
    written(names, Algorithm::HmacSha256, "whsec_", "v1,")
}

const fn written(names: &Names, algorithm: Algorithm, key_prefix: &'static str, prefix: &'static str) -> Scheme {
    Scheme {
        name: text(names.scheme),
        source: text(names.source),
        certainty: Certainty::Read,
        algorithm,
        encoding: Encoding::Base64,
        key: KeyForm::Base64,
        key_prefix: text(key_prefix),
        signature: Field { header: text(names.signature), prefix: text(prefix), separator: Some(' ') },
        signed: Signed::Template(Template::known("{id}.{timestamp}.{body}")),
        timestamp: Some(Stamp::header(names.timestamp, Format::UnixSeconds, Some(300), Some(300))),
        delivery_id: Some(text(names.id)),
        topic: Some(Topic { header: None, pointer: Some(text("/type")) }),
        body_digest: None,
        secret_variable: text(names.secret),
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
    }
}
