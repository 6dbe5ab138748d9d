//! Chatwoot: time and body, signed with the webhook's own secret since 4.11.2.

use std::borrow::Cow;

use crate::wire::webhook::conduct::Conduct;
use crate::wire::webhook::scheme::{
    Algorithm, Certainty, ContentType, Encoding, Extra, Field, KeyForm, Scheme, Signed, Topic, text,
};
use crate::wire::webhook::stamp::{Format, Stamp};
use crate::wire::webhook::template::Template;

/// Chatwoot signs `{timestamp}.{raw body}` with the webhook's secret as it is, since 4.11.2.
pub static CHATWOOT: Scheme = Scheme {
    name: text("chatwoot"),
    source: text("chatwoot 4.15.1, lib/webhooks/trigger.rb"),
    certainty: Certainty::Read,
    algorithm: Algorithm::HmacSha256,
    encoding: Encoding::Hex,
    key: KeyForm::Text,
    key_prefix: text(""),
    signature: Field { header: text("x-chatwoot-signature"), prefix: text("sha256="), separator: None },
    signed: Signed::Template(Template::known("{timestamp}.{body}")),
    timestamp: Some(Stamp::header("x-chatwoot-timestamp", Format::UnixSeconds, Some(300), Some(300))),
    delivery_id: Some(text("x-chatwoot-delivery")),
    topic: Some(Topic { header: None, pointer: Some(text("/event")) }),
    body_digest: None,
    secret_variable: text("CHATWOOT_WEBHOOK_SECRET"),
    headers: Cow::Borrowed(&[Extra { name: text("accept"), variable: text(""), value: text("application/json") }]),
    content_type: ContentType::Json,
    handshakes: Cow::Borrowed(&[]),
    conduct: Conduct {
        answer_within_ms: Some(5_000),
        retried: Cow::Borrowed(&[]),
        most_retries: None,
        retry_number: None,
        delays: Cow::Borrowed(&[]),
        within: None,
        disables: None,
        refuse_with: Cow::Borrowed(&[401]),
        source: text("chatwoot 4.15.1, lib/webhooks/trigger.rb: webhooks of accounts are never sent again"),
        certainty: Certainty::Read,
    },
};
