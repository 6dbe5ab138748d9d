//! Stripe: a list of names and values, with the time in it.

use std::borrow::Cow;

use crate::wire::webhook::conduct::{ANY_FAILURE, Conduct};
use crate::wire::webhook::scheme::{
    Algorithm, Certainty, ContentType, Encoding, Field, KeyForm, Scheme, Signed, Topic, text,
};
use crate::wire::webhook::stamp::Stamp;
use crate::wire::webhook::template::Template;

/// Stripe keys with the whole secret as text, `whsec_` and all; `v0` is a decoy.
pub static STRIPE: Scheme = Scheme {
    name: text("stripe"),
    source: text("npm stripe 23.1.0, Webhooks.js"),
    certainty: Certainty::Read,
    algorithm: Algorithm::HmacSha256,
    encoding: Encoding::Hex,
    key: KeyForm::Text,
    key_prefix: text(""),
    signature: Field { header: text("stripe-signature"), prefix: text("v1="), separator: Some(',') },
    signed: Signed::Template(Template::known("{timestamp}.{body}")),
    timestamp: Some(Stamp::entry("t=", Some(300), None)),
    delivery_id: None,
    topic: Some(Topic { header: None, pointer: Some(text("/type")) }),
    body_digest: None,
    secret_variable: text("STRIPE_WEBHOOK_SECRET"),
    headers: Cow::Borrowed(&[]),
    content_type: ContentType::Json,
    handshakes: Cow::Borrowed(&[]),
    conduct: Conduct {
        answer_within_ms: None,
        retried: Cow::Borrowed(&ANY_FAILURE),
        most_retries: None,
        retry_number: None,
        delays: Cow::Borrowed(&[]),
        within: Some(259_200),
        disables: None,
        refuse_with: Cow::Borrowed(&[400]),
        source: text(
            "docs.stripe.com/webhooks: up to three days in live mode, intervals unpublished; stripe-node accepts times ahead",
        ),
        certainty: Certainty::Read,
    },
};
