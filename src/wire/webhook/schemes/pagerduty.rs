//! PagerDuty webhooks of version 3.

use std::borrow::Cow;

use crate::wire::webhook::conduct::{Cause, Conduct, Disabling};
use crate::wire::webhook::scheme::{
    Algorithm, Certainty, ContentType, Encoding, Field, KeyForm, Scheme, Signed, Topic, text,
};
use crate::wire::webhook::template::Template;

/// PagerDuty uses the secret as text, though it looks like base64; several signatures while it is rotated.
pub static PAGERDUTY: Scheme = Scheme {
    name: text("pagerduty"),
    source: text("PagerDuty/developer-docs 9422439; go-pagerduty webhookv3"),
    certainty: Certainty::Read,
    algorithm: Algorithm::HmacSha256,
    encoding: Encoding::Hex,
    key: KeyForm::Text,
    key_prefix: text(""),
    signature: Field { header: text("x-pagerduty-signature"), prefix: text("v1="), separator: Some(',') },
    signed: Signed::Template(Template::known("{body}")),
    timestamp: None,
    delivery_id: Some(text("x-webhook-id")),
    topic: Some(Topic { header: None, pointer: Some(text("/event/event_type")) }),
    body_digest: None,
    secret_variable: text("PAGERDUTY_WEBHOOK_SECRET"),
    headers: Cow::Borrowed(&[]),
    content_type: ContentType::Json,
    handshakes: Cow::Borrowed(&[]),
    conduct: Conduct {
        answer_within_ms: Some(5_000),
        retried: Cow::Borrowed(&[Cause::Class(5), Cause::Status(429), Cause::Timeout, Cause::Unreachable]),
        most_retries: None,
        retry_number: None,
        delays: Cow::Borrowed(&[]),
        within: Some(172_800),
        disables: Some(Disabling {
            on: Cow::Borrowed(&[Cause::Class(3), Cause::Class(4)]),
            after: Some(3),
            effect: text("three deliveries dropped in a row switch the subscription off for 24 h; 429 is no drop"),
        }),
        refuse_with: Cow::Borrowed(&[403, 401, 400]),
        source: text("PagerDuty/developer-docs 9422439, webhooks v3"),
        certainty: Certainty::Read,
    },
};
