//! Twilio: address and form parameters, by SHA-1.

use std::borrow::Cow;

use crate::wire::webhook::conduct::{Cause, Conduct};
use crate::wire::webhook::scheme::{Algorithm, Certainty, ContentType, Encoding, Field, KeyForm, Scheme, Signed, text};
use crate::wire::webhook::template::Template;

/// Twilio signs its whole address with the form's parameters after it; of other bodies the digest stands in the address.
pub static TWILIO: Scheme = Scheme {
    name: text("twilio"),
    source: text("twilio-python tests/unit/test_request_validator.py; twilio.com/docs/usage/security"),
    certainty: Certainty::Read,
    algorithm: Algorithm::HmacSha1,
    encoding: Encoding::Base64,
    key: KeyForm::Text,
    key_prefix: text(""),
    signature: Field { header: text("x-twilio-signature"), prefix: text(""), separator: None },
    signed: Signed::Template(Template::known("{url}{form}")),
    timestamp: None,
    delivery_id: Some(text("i-twilio-idempotency-token")),
    topic: None,
    body_digest: Some(text("bodySHA256")),
    secret_variable: text("TWILIO_AUTH_TOKEN"),
    headers: Cow::Borrowed(&[]),
    content_type: ContentType::Form,
    handshakes: Cow::Borrowed(&[]),
    conduct: Conduct {
        answer_within_ms: Some(15_000),
        retried: Cow::Borrowed(&[Cause::Unreachable]),
        most_retries: Some(1),
        retry_number: None,
        delays: Cow::Borrowed(&[0]),
        within: None,
        disables: None,
        refuse_with: Cow::Borrowed(&[403]),
        source: text("twilio.com/docs/usage/webhooks"),
        certainty: Certainty::Remembered,
    },
};
