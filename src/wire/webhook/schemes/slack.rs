//! Slack: events, commands and interactions, signed by version 0.

use std::borrow::Cow;

use crate::wire::webhook::conduct::{ANY_FAILURE, Conduct, Disabling};
use crate::wire::webhook::scheme::{
    Algorithm, Certainty, ContentType, Encoding, Field, Handshake, KeyForm, Scheme, Signed, Topic, text,
};
use crate::wire::webhook::stamp::{Format, Stamp};
use crate::wire::webhook::template::Template;

/// Slack signs `v0:{timestamp}:{raw body}`.
pub static SLACK: Scheme = Scheme {
    name: text("slack"),
    source: text("PyPI slack_sdk 3.47, signature; npm @slack/bolt 5.1.0"),
    certainty: Certainty::Read,
    algorithm: Algorithm::HmacSha256,
    encoding: Encoding::Hex,
    key: KeyForm::Text,
    key_prefix: text(""),
    signature: Field { header: text("x-slack-signature"), prefix: text("v0="), separator: None },
    signed: Signed::Template(Template::known("v0:{timestamp}:{body}")),
    timestamp: Some(Stamp::header("x-slack-request-timestamp", Format::UnixSeconds, Some(300), Some(300))),
    delivery_id: None,
    topic: Some(Topic { header: None, pointer: Some(text("/event/type")) }),
    body_digest: None,
    secret_variable: text("SLACK_SIGNING_SECRET"),
    headers: Cow::Borrowed(&[]),
    content_type: ContentType::Json,
    handshakes: Cow::Borrowed(&[Handshake::UrlVerification, Handshake::SslCheck]),
    conduct: Conduct {
        answer_within_ms: Some(3_000),
        retried: Cow::Borrowed(&ANY_FAILURE),
        most_retries: Some(3),
        retry_number: Some(text("x-slack-retry-num")),
        delays: Cow::Borrowed(&[0, 60, 300]),
        within: None,
        disables: Some(Disabling {
            on: Cow::Borrowed(&ANY_FAILURE),
            after: None,
            effect: text("the subscription is switched off when under 5 % of an hour's deliveries succeed"),
        }),
        refuse_with: Cow::Borrowed(&[401]),
        source: text(
            "docs.slack.dev Events API, as others quote it; the 3 s in npm @slack/bolt 5.1.0; the switching off is remembered",
        ),
        certainty: Certainty::Secondary,
    },
};
