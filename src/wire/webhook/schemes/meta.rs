//! Meta: Graph, WhatsApp, Instagram.

use std::borrow::Cow;

use crate::wire::webhook::conduct::{ANY_FAILURE, Conduct};
use crate::wire::webhook::scheme::{
    Algorithm, Certainty, ContentType, Encoding, Field, Handshake, KeyForm, Scheme, Signed, Topic, text,
};
use crate::wire::webhook::template::Template;

/// Meta signs the bytes that it sends, with letters outside of ASCII escaped in lower case.
pub static META: Scheme = Scheme {
    name: text("meta"),
    source: text("developers.facebook.com, graph-api/webhooks, as several programs read it"),
    certainty: Certainty::Secondary,
    algorithm: Algorithm::HmacSha256,
    encoding: Encoding::Hex,
    key: KeyForm::Text,
    key_prefix: text(""),
    signature: Field { header: text("x-hub-signature-256"), prefix: text("sha256="), separator: None },
    signed: Signed::Template(Template::known("{body}")),
    timestamp: None,
    delivery_id: None,
    topic: Some(Topic { header: None, pointer: Some(text("/object")) }),
    body_digest: None,
    secret_variable: text("META_APP_SECRET"),
    headers: Cow::Borrowed(&[]),
    content_type: ContentType::Json,
    handshakes: Cow::Borrowed(&[Handshake::HubChallenge]),
    conduct: Conduct {
        answer_within_ms: None,
        retried: Cow::Borrowed(&ANY_FAILURE),
        most_retries: None,
        retry_number: None,
        delays: Cow::Borrowed(&[]),
        within: Some(129_600),
        disables: None,
        refuse_with: Cow::Borrowed(&[401, 403]),
        source: text("developers.facebook.com, graph-api/webhooks: again at once, then ever more rarely over 36 h"),
        certainty: Certainty::Remembered,
    },
};
