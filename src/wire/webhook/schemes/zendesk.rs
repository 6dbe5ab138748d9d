//! Zendesk: time and body, run together.

use std::borrow::Cow;

use crate::wire::webhook::conduct::{ANY_FAILURE, Cause, Conduct, Disabling};
use crate::wire::webhook::scheme::{
    Algorithm, Certainty, ContentType, Encoding, Field, KeyForm, Scheme, Signed, Topic, text,
};
use crate::wire::webhook::stamp::{Format, Stamp};
use crate::wire::webhook::template::Template;

/// Zendesk signs time and body without a joint. An older copy of its page has them the other way round.
pub static ZENDESK: Scheme = Scheme {
    name: text("zendesk"),
    source: text("developer.zendesk.com, webhooks/verifying (current)"),
    certainty: Certainty::Read,
    algorithm: Algorithm::HmacSha256,
    encoding: Encoding::Base64,
    key: KeyForm::Text,
    key_prefix: text(""),
    signature: Field { header: text("x-zendesk-webhook-signature"), prefix: text(""), separator: None },
    signed: Signed::Template(Template::known("{timestamp}{body}")),
    timestamp: Some(Stamp::header("x-zendesk-webhook-signature-timestamp", Format::Rfc3339, None, None)),
    delivery_id: Some(text("x-zendesk-webhook-invocation-id")),
    topic: Some(Topic { header: None, pointer: Some(text("/type")) }),
    body_digest: None,
    secret_variable: text("ZENDESK_WEBHOOK_SECRET"),
    headers: Cow::Borrowed(&[]),
    content_type: ContentType::Json,
    handshakes: Cow::Borrowed(&[]),
    conduct: Conduct {
        answer_within_ms: Some(12_000),
        retried: Cow::Borrowed(&[Cause::Status(409), Cause::Status(429), Cause::Status(503), Cause::Timeout]),
        most_retries: Some(5),
        retry_number: None,
        delays: Cow::Borrowed(&[]),
        within: None,
        disables: Some(Disabling {
            on: Cow::Borrowed(&ANY_FAILURE),
            after: None,
            effect: text("a circuit breaker opens for seconds at 70 % errors"),
        }),
        refuse_with: Cow::Borrowed(&[401]),
        source: text("developer.zendesk.com, webhooks"),
        certainty: Certainty::Remembered,
    },
};
