//! HTTP message signatures (RFC 9421) with the coverage that a webhook needs: method, address and body.

use std::borrow::Cow;

use crate::wire::webhook::conduct::Conduct;
use crate::wire::webhook::scheme::{Algorithm, Certainty, ContentType, Encoding, Field, KeyForm, Scheme, Signed, text};
use crate::wire::webhook::stamp::{Format, Stamp};

/// With a shared secret.
pub static RFC9421: Scheme = Scheme {
    name: text("rfc9421"),
    source: text("RFC 9421, RFC 9530"),
    certainty: Certainty::Read,
    algorithm: Algorithm::HmacSha256,
    encoding: Encoding::Base64,
    key: KeyForm::Base64,
    key_prefix: text(""),
    signature: Field { header: text("signature"), prefix: text(""), separator: None },
    signed: Signed::Components(Cow::Borrowed(&[
        text("@method"),
        text("@authority"),
        text("@path"),
        text("content-digest"),
    ])),
    timestamp: Some(Stamp {
        header: None,
        entry: None,
        format: Format::UnixSeconds,
        past: Some(300),
        future: Some(300),
    }),
    delivery_id: None,
    topic: None,
    body_digest: None,
    secret_variable: text("MESSAGE_SIGNATURE_KEY"),
    headers: Cow::Borrowed(&[]),
    content_type: ContentType::Json,
    handshakes: Cow::Borrowed(&[]),
    conduct: Conduct {
        answer_within_ms: None,
        retried: Cow::Borrowed(&[]),
        most_retries: None,
        retry_number: None,
        delays: Cow::Borrowed(&[]),
        within: None,
        disables: None,
        refuse_with: Cow::Borrowed(&[401]),
        source: text("no vendor: the RFC says nothing of deliveries"),
        certainty: Certainty::Read,
    },
};

/// With an Ed25519 key.
pub static RFC9421_ED25519: Scheme = Scheme {
    name: text("rfc9421-ed25519"),
    source: text("RFC 9421, RFC 9530"),
    certainty: Certainty::Read,
    algorithm: Algorithm::Ed25519,
    encoding: Encoding::Base64,
    key: KeyForm::Base64,
    key_prefix: text(""),
    signature: Field { header: text("signature"), prefix: text(""), separator: None },
    signed: Signed::Components(Cow::Borrowed(&[
        text("@method"),
        text("@authority"),
        text("@path"),
        text("content-digest"),
    ])),
    timestamp: Some(Stamp {
        header: None,
        entry: None,
        format: Format::UnixSeconds,
        past: Some(300),
        future: Some(300),
    }),
    delivery_id: None,
    topic: None,
    body_digest: None,
    secret_variable: text("MESSAGE_SIGNATURE_PRIVATE_KEY"),
    headers: Cow::Borrowed(&[]),
    content_type: ContentType::Json,
    handshakes: Cow::Borrowed(&[]),
    conduct: Conduct {
        answer_within_ms: None,
        retried: Cow::Borrowed(&[]),
        most_retries: None,
        retry_number: None,
        delays: Cow::Borrowed(&[]),
        within: None,
        disables: None,
        refuse_with: Cow::Borrowed(&[401]),
        source: text("no vendor: the RFC says nothing of deliveries"),
        certainty: Certainty::Read,
    },
};

/// With an ECDSA key on P-256.
pub static RFC9421_P256: Scheme = Scheme {
    name: text("rfc9421-p256"),
    source: text("RFC 9421, RFC 9530"),
    certainty: Certainty::Read,
    algorithm: Algorithm::EcdsaP256Raw,
    encoding: Encoding::Base64,
    key: KeyForm::Base64,
    key_prefix: text(""),
    signature: Field { header: text("signature"), prefix: text(""), separator: None },
    signed: Signed::Components(Cow::Borrowed(&[
        text("@method"),
        text("@authority"),
        text("@path"),
        text("content-digest"),
    ])),
    timestamp: Some(Stamp {
        header: None,
        entry: None,
        format: Format::UnixSeconds,
        past: Some(300),
        future: Some(300),
    }),
    delivery_id: None,
    topic: None,
    body_digest: None,
    secret_variable: text("MESSAGE_SIGNATURE_PRIVATE_KEY"),
    headers: Cow::Borrowed(&[]),
    content_type: ContentType::Json,
    handshakes: Cow::Borrowed(&[]),
    conduct: Conduct {
        answer_within_ms: None,
        retried: Cow::Borrowed(&[]),
        most_retries: None,
        retry_number: None,
        delays: Cow::Borrowed(&[]),
        within: None,
        disables: None,
        refuse_with: Cow::Borrowed(&[401]),
        source: text("no vendor: the RFC says nothing of deliveries"),
        certainty: Certainty::Read,
    },
};
