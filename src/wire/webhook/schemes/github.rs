//! GitHub: the raw body.

use std::borrow::Cow;

use crate::wire::webhook::conduct::Conduct;
use crate::wire::webhook::scheme::{
    Algorithm, Certainty, ContentType, Encoding, Extra, Field, KeyForm, Scheme, Signed, Topic, text,
};
use crate::wire::webhook::template::Template;

/// GitHub signs the raw body; it never delivers again of itself.
pub static GITHUB: Scheme = Scheme {
    name: text("github"),
    source: text("github/docs, validating-webhook-deliveries.md"),
    certainty: Certainty::Read,
    algorithm: Algorithm::HmacSha256,
    encoding: Encoding::Hex,
    key: KeyForm::Text,
    key_prefix: text(""),
    signature: Field { header: text("x-hub-signature-256"), prefix: text("sha256="), separator: None },
    signed: Signed::Template(Template::known("{body}")),
    timestamp: None,
    delivery_id: Some(text("x-github-delivery")),
    topic: Some(Topic { header: Some(text("x-github-event")), pointer: None }),
    body_digest: None,
    secret_variable: text("GITHUB_WEBHOOK_SECRET"),
    headers: Cow::Borrowed(&[Extra {
        name: text("user-agent"),
        variable: text(""),
        value: text("GitHub-Hookshot/preflight"),
    }]),
    content_type: ContentType::Json,
    handshakes: Cow::Borrowed(&[]),
    conduct: Conduct {
        answer_within_ms: Some(10_000),
        retried: Cow::Borrowed(&[]),
        most_retries: None,
        retry_number: None,
        delays: Cow::Borrowed(&[]),
        within: None,
        disables: None,
        refuse_with: Cow::Borrowed(&[401, 403]),
        source: text("github/docs, webhooks: 2xx within 10 s, no redelivery"),
        certainty: Certainty::Read,
    },
};
