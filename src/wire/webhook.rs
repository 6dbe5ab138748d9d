//! Webhook signature schemes, described as data: which headers, what is signed, how it is written.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, HeaderValue};
use jiff::Timestamp;
use sha2::Sha256;

/// How a vendor signs its webhooks.
#[derive(Clone, Copy, Debug)]
pub struct Scheme {
    pub name: &'static str,
    pub signature_header: &'static str,
    /// Written before the encoded digest (`sha256=`).
    pub prefix: &'static str,
    pub encoding: Encoding,
    /// The parts that are signed, joined by `.`.
    pub signed: &'static [Part],
    pub timestamp_header: Option<&'static str>,
    /// How far a timestamp may lie from now, in both directions.
    pub tolerance: Option<Duration>,
    /// Names one delivery; the same on every retry.
    pub delivery_header: &'static str,
    /// Names the event; in the body where None.
    pub topic_header: Option<&'static str>,
    /// The environment variable that usually holds the secret.
    pub secret_variable: &'static str,
    /// Further headers of each delivery, with the variable that holds their value.
    pub variable_headers: &'static [(&'static str, &'static str)],
    /// Where this was read.
    pub source: &'static str,
}

/// How a digest is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Encoding {
    /// Lower-case hexadecimal.
    Hex,
    /// Standard alphabet, padded.
    Base64,
}

/// One part of what is signed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Part {
    Timestamp,
    Body,
}

/// Shopify signs the raw body with the app's client secret.
pub const SHOPIFY: Scheme = Scheme {
    name: "shopify",
    signature_header: "x-shopify-hmac-sha256",
    prefix: "",
    encoding: Encoding::Base64,
    signed: &[Part::Body],
    timestamp_header: None,
    tolerance: None,
    delivery_header: "x-shopify-webhook-id",
    topic_header: Some("x-shopify-topic"),
    secret_variable: "SHOPIFY_API_SECRET",
    variable_headers: &[
        ("x-shopify-shop-domain", "SHOPIFY_SHOP_DOMAIN"),
        ("x-shopify-api-version", "SHOPIFY_API_VERSION"),
    ],
    source: "npm @shopify/shopify-api 13.1.0",
};

/// Chatwoot signs `{timestamp}.{raw body}` with the webhook's secret as it is, since 4.11.2.
pub const CHATWOOT: Scheme = Scheme {
    name: "chatwoot",
    signature_header: "x-chatwoot-signature",
    prefix: "sha256=",
    encoding: Encoding::Hex,
    signed: &[Part::Timestamp, Part::Body],
    timestamp_header: Some("x-chatwoot-timestamp"),
    tolerance: Some(Duration::from_mins(5)),
    delivery_header: "x-chatwoot-delivery",
    topic_header: None,
    secret_variable: "CHATWOOT_WEBHOOK_SECRET",
    variable_headers: &[],
    source: "chatwoot 4.15.1 lib/webhooks/trigger.rb",
};

/// Every scheme that is known.
pub const SCHEMES: [Scheme; 2] = [SHOPIFY, CHATWOOT];

/// Why a delivery is not to be trusted.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Refusal {
    #[error("the signature header is missing")]
    NoSignature,
    #[error("the signature does not match the body")]
    WrongSignature,
    #[error("the timestamp header is missing or is no number of seconds")]
    NoTimestamp,
    #[error("the timestamp is too far from now")]
    OutsideWindow,
}

impl Scheme {
    pub fn named(name: &str) -> Option<&'static Self> {
        SCHEMES.iter().find(|scheme| scheme.name == name)
    }

    /// The signature header's value for a body sent at `timestamp` (Unix seconds, as text).
    pub fn sign(&self, secret: &str, timestamp: &str, body: &[u8]) -> String {
        let digest = self.mac(secret, timestamp, body).finalize().into_bytes();
        let encoded = match self.encoding {
            Encoding::Hex => hex::encode(digest),
            Encoding::Base64 => STANDARD.encode(digest),
        };
        format!("{}{encoded}", self.prefix)
    }

    /// The headers that sign a delivery sent at `now`.
    pub fn headers(&self, secret: &str, now: Timestamp, body: &[u8]) -> Vec<(&'static str, String)> {
        let timestamp = now.as_second().to_string();
        let mut headers = vec![(self.signature_header, self.sign(secret, &timestamp, body))];
        headers.extend(self.timestamp_header.map(|name| (name, timestamp)));
        headers
    }

    /// Checks a delivery over its raw body, in constant time.
    ///
    /// # Errors
    /// Why it is not to be trusted.
    pub fn verify(&self, secret: &str, headers: &HeaderMap, body: &Bytes, now: Timestamp) -> Result<(), Refusal> {
        let text = |name: &str| headers.get(name).map(HeaderValue::to_str).and_then(Result::ok);
        let signature = text(self.signature_header).ok_or(Refusal::NoSignature)?;
        let timestamp = match self.timestamp_header {
            Some(name) => text(name).filter(|value| is_seconds(value)).ok_or(Refusal::NoTimestamp)?,
            None => "",
        };
        let encoded = signature.strip_prefix(self.prefix).ok_or(Refusal::WrongSignature)?;
        let digest = match self.encoding {
            Encoding::Hex if encoded.bytes().any(|b| b.is_ascii_uppercase()) => None,
            Encoding::Hex => hex::decode(encoded).ok(),
            Encoding::Base64 => STANDARD.decode(encoded).ok(),
        };
        let digest = digest.ok_or(Refusal::WrongSignature)?;
        self.mac(secret, timestamp, body).verify_slice(&digest).map_err(|_| Refusal::WrongSignature)?;
        self.check_window(timestamp, now)
    }

    fn check_window(&self, timestamp: &str, now: Timestamp) -> Result<(), Refusal> {
        let Some(tolerance) = self.tolerance else { return Ok(()) };
        let sent: i64 = timestamp.parse().map_err(|_| Refusal::NoTimestamp)?;
        if sent.abs_diff(now.as_second()) <= tolerance.as_secs() { Ok(()) } else { Err(Refusal::OutsideWindow) }
    }

    fn mac(&self, secret: &str, timestamp: &str, body: &[u8]) -> Hmac<Sha256> {
        #[expect(clippy::expect_used, reason = "HMAC takes a key of any length (RFC 2104 §2)")]
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any key length");
        for (index, part) in self.signed.iter().enumerate() {
            if index > 0 {
                mac.update(b".");
            }
            mac.update(match part {
                Part::Timestamp => timestamp.as_bytes(),
                Part::Body => body,
            });
        }
        mac
    }
}

/// Digits alone: a sign or a space would let two readers see two numbers.
fn is_seconds(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::HeaderMap;
    use jiff::Timestamp;

    use super::{CHATWOOT, Refusal, SHOPIFY};

    fn headers(pairs: &[(&'static str, String)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn known_vectors_are_signed_as_the_vendors_sign_them() {
        assert_eq!(
            SHOPIFY.sign("hush", "", br#"{"id":820982911946154508}"#),
            "qBvrsZF7RfB1iS6BX6IHqJTp5L911P7intnPeTPsH0I="
        );
        assert_eq!(
            CHATWOOT.sign("chatwoot-secret", "1767225600", br#"{"event":"message_created","id":1,"content":"hi"}"#),
            "sha256=a17b4d24e77fd3fd541e823db700014b23a26fba1617fdfdc83183ff833ae13c"
        );
    }

    #[test]
    fn what_is_signed_verifies_and_nothing_else_does() {
        let now = Timestamp::from_second(1_767_225_600).unwrap();
        let body = Bytes::from_static(b"{}");
        let signed = headers(&CHATWOOT.headers("s3cret", now, &body));
        assert_eq!(CHATWOOT.verify("s3cret", &signed, &body, now), Ok(()));
        assert_eq!(CHATWOOT.verify("other", &signed, &body, now), Err(Refusal::WrongSignature));
        assert_eq!(CHATWOOT.verify("s3cret", &signed, &Bytes::from_static(b"{ }"), now), Err(Refusal::WrongSignature));
        assert_eq!(CHATWOOT.verify("s3cret", &HeaderMap::new(), &body, now), Err(Refusal::NoSignature));
        for (seconds, expected) in
            [(300, Ok(())), (301, Err(Refusal::OutsideWindow)), (-300, Ok(())), (-301, Err(Refusal::OutsideWindow))]
        {
            let later = Timestamp::from_second(now.as_second() + seconds).unwrap();
            assert_eq!(CHATWOOT.verify("s3cret", &signed, &body, later), expected, "{seconds}");
        }
    }

    #[test]
    fn a_signature_written_otherwise_is_refused() {
        let now = Timestamp::from_second(1_767_225_600).unwrap();
        let body = Bytes::from_static(b"{}");
        let good = CHATWOOT.sign("s", "1767225600", &body);
        for bad in ["", "sha256=", &good[7..], &good.to_uppercase(), &good[..20], "sha1=00"] {
            let forged =
                headers(&[("x-chatwoot-signature", bad.to_owned()), ("x-chatwoot-timestamp", "1767225600".to_owned())]);
            assert_eq!(CHATWOOT.verify("s", &forged, &body, now), Err(Refusal::WrongSignature), "{bad}");
        }
        let signed_plus = headers(&[
            ("x-chatwoot-signature", CHATWOOT.sign("s", "+1767225600", &body)),
            ("x-chatwoot-timestamp", "+1767225600".to_owned()),
        ]);
        assert_eq!(CHATWOOT.verify("s", &signed_plus, &body, now), Err(Refusal::NoTimestamp));
    }
}
