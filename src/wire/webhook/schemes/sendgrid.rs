//! SendGrid's event webhook.

use std::borrow::Cow;

use crate::wire::webhook::conduct::{ANY_FAILURE, Conduct};
use crate::wire::webhook::scheme::{
    Algorithm, Certainty, ContentType, Encoding, Field, KeyForm, Scheme, Signed, Topic, text,
};
use crate::wire::webhook::stamp::{Format, Stamp};
use crate::wire::webhook::template::Template;

/// SendGrid signs time and body, the CRLF at its end with it, by ECDSA; the body is a list of events.
pub static SENDGRID: Scheme = Scheme {
    name: text("sendgrid"),
    source: text("sendgrid-nodejs, packages/eventwebhook"),
    certainty: Certainty::Read,
    algorithm: Algorithm::EcdsaP256,
    encoding: Encoding::Base64,
    key: KeyForm::Text,
    key_prefix: text(""),
    signature: Field { header: text("x-twilio-email-event-webhook-signature"), prefix: text(""), separator: None },
    signed: Signed::Template(Template::known("{timestamp}{body}")),
    timestamp: Some(Stamp::header("x-twilio-email-event-webhook-timestamp", Format::UnixSeconds, None, None)),
    delivery_id: None,
    topic: Some(Topic { header: None, pointer: Some(text("/0/event")) }),
    body_digest: None,
    secret_variable: text("SENDGRID_WEBHOOK_PRIVATE_KEY"),
    headers: Cow::Borrowed(&[]),
    content_type: ContentType::Json,
    handshakes: Cow::Borrowed(&[]),
    conduct: Conduct {
        answer_within_ms: None,
        retried: Cow::Borrowed(&ANY_FAILURE),
        most_retries: None,
        retry_number: None,
        delays: Cow::Borrowed(&[]),
        within: Some(86_400),
        disables: None,
        refuse_with: Cow::Borrowed(&[403, 401]),
        source: text("SendGrid's event webhook documentation: again for 24 h"),
        certainty: Certainty::Remembered,
    },
};
