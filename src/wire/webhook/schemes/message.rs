//! HTTP message signatures (RFC 9421) with the coverage that a webhook needs: method, address and body.

use std::borrow::Cow;

use crate::wire::webhook::conduct::Conduct;
use crate::wire::webhook::scheme::{
    Algorithm, Certainty, ContentType, Encoding, Field, KeyForm, Scheme, Signed, Text, text,
};
use crate::wire::webhook::stamp::{Format, Stamp};

/// With a shared secret.
pub static RFC9421: Scheme = signed_by("rfc9421", Algorithm::HmacSha256, "MESSAGE_SIGNATURE_KEY");

/// With an Ed25519 key.
pub static RFC9421_ED25519: Scheme = signed_by("rfc9421-ed25519", Algorithm::Ed25519, "MESSAGE_SIGNATURE_PRIVATE_KEY");

/// With an ECDSA key on P-256.
pub static RFC9421_P256: Scheme = signed_by("rfc9421-p256", Algorithm::EcdsaP256Raw, "MESSAGE_SIGNATURE_PRIVATE_KEY");

static COVERED: [Text; 4] = [text("@method"), text("@authority"), text("@path"), text("content-digest")];

const fn signed_by(name: &'static str, algorithm: Algorithm, secret_variable: &'static str) -> Scheme {
    Scheme {
        name: text(name),
        source: text("RFC 9421, RFC 9530"),
        certainty: Certainty::Read,
        algorithm,
        encoding: Encoding::Base64,
        key: KeyForm::Base64,
        key_prefix: text(""),
        signature: Field { header: text("signature"), prefix: text(""), separator: None },
        signed: Signed::Components(Cow::Borrowed(&COVERED)),
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
        secret_variable: text(secret_variable),
        headers: Cow::Borrowed(&[]),
        content_type: ContentType::Json,
        handshakes: Cow::Borrowed(&[]),
        conduct: Conduct::untold("no vendor: the RFC says nothing of deliveries", Certainty::Read),
    }
}
