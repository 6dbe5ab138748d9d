//! Intercom: the raw body, by SHA-1.

use std::borrow::Cow;

use crate::wire::webhook::conduct::{ANY_FAILURE, Cause, Conduct, Disabling};
use crate::wire::webhook::scheme::{
    Algorithm, Certainty, ContentType, Encoding, Field, KeyForm, Scheme, Signed, Topic, text,
};
use crate::wire::webhook::template::Template;

/// Intercom signs the raw body by SHA-1 with the app's client secret.
pub static INTERCOM: Scheme = Scheme {
    name: text("intercom"),
    source: text("developers.intercom.com, webhooks; hookdeck/webhook-skills"),
    certainty: Certainty::Secondary,
    algorithm: Algorithm::HmacSha1,
    encoding: Encoding::Hex,
    key: KeyForm::Text,
    key_prefix: text(""),
    signature: Field { header: text("x-hub-signature"), prefix: text("sha1="), separator: None },
    signed: Signed::Template(Template::known("{body}")),
    timestamp: None,
    delivery_id: None,
    topic: Some(Topic { header: None, pointer: Some(text("/topic")) }),
    body_digest: None,
    secret_variable: text("INTERCOM_CLIENT_SECRET"),
    headers: Cow::Borrowed(&[]),
    content_type: ContentType::Json,
    handshakes: Cow::Borrowed(&[]),
    conduct: Conduct {
        answer_within_ms: Some(5_000),
        retried: Cow::Borrowed(&ANY_FAILURE),
        most_retries: Some(1),
        retry_number: None,
        delays: Cow::Borrowed(&[60]),
        within: None,
        disables: Some(Disabling {
            on: Cow::Borrowed(&[Cause::Class(4), Cause::Class(5)]),
            after: Some(1000),
            effect: text(
                "over 1000 error statuses in a row within 15 minutes pause a topic for 15 minutes; over seven days of them suspend a private app's subscription",
            ),
        }),
        refuse_with: Cow::Borrowed(&[401, 403]),
        source: text(
            "developers.intercom.com, webhook-notifications (pause, suspension); time limit and retry remembered",
        ),
        certainty: Certainty::Remembered,
    },
};
