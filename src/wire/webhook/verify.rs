//! Verifying: a delivery as it was received in; trusted, or refused with a reason.

use http::{HeaderMap, Method};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::wire::webhook::content::{self, Parts, is_form};
use crate::wire::webhook::entries;
use crate::wire::webhook::key::Key;
use crate::wire::webhook::message;
use crate::wire::webhook::refusal::Refusal;
use crate::wire::webhook::scheme::{Scheme, Signed};
use crate::wire::webhook::sign::POST;
use crate::wire::webhook::template::{Part, Template};

/// A delivery as it was received.
#[derive(Clone, Copy, Debug)]
pub struct Received<'a> {
    pub method: &'a Method,
    /// The whole address that was asked, as the sender knows it; only some schemes sign it.
    pub url: &'a str,
    pub headers: &'a HeaderMap,
    /// Raw: byte for byte as it came.
    pub body: &'a [u8],
}

impl<'a> Received<'a> {
    /// A POST for schemes that do not sign the address.
    pub fn of(headers: &'a HeaderMap, body: &'a [u8]) -> Self {
        Self { method: &POST, url: "", headers, body }
    }
}

impl Scheme {
    /// Whether the delivery may be trusted at `now`. Signatures are compared in constant time; the time is looked at last,
    /// so that a stale delivery is known to have been a right one.
    ///
    /// # Errors
    /// Why it may not.
    pub fn verify(&self, key: &Key, received: &Received<'_>, now: Timestamp) -> Result<(), Refusal> {
        match &self.signed {
            Signed::Template(template) => self.verify_template(template, key, received, now),
            Signed::Components(components) => message::verify(self, components, key, received, now),
        }
    }

    fn verify_template(
        &self,
        template: &Template,
        key: &Key,
        received: &Received<'_>,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let name = self.signature.header.as_ref();
        let value = one(received.headers, name)?.ok_or_else(|| Refusal::NoSignature(name.to_owned()))?;
        let entries = entries::read(self, value)?;
        let timestamp = match self.timestamp_header() {
            Some(name) => one(received.headers, name)?,
            None => entries.timestamp,
        };
        let timestamp = match &self.timestamp {
            Some(stamp) => {
                let text = timestamp.filter(|text| !text.is_empty()).ok_or(Refusal::NoTimestamp)?;
                stamp.format.read(text).ok_or(Refusal::BadTimestamp)?;
                text
            }
            None => "",
        };
        let id = self.signed_id(template, received.headers)?;
        let Received { method, url, headers, body } = *received;
        let parts = Parts { method, url, headers, id, timestamp, body };
        let content = content::bytes(self, template, &parts).map_err(|missing| Refusal::NoHeader(missing.0))?;
        self.check_signatures(&entries.signatures, key, &content)?;
        self.check_body_digest(received)?;
        self.timestamp.as_ref().map_or(Ok(()), |stamp| stamp.check(timestamp, now))
    }

    /// Any one of them has to be right; all are looked at, and the reason is that of the one that came nearest.
    fn check_signatures(&self, signatures: &[&str], key: &Key, content: &[u8]) -> Result<(), Refusal> {
        let (mut right, mut reason) = (false, None);
        for signature in signatures {
            match self.decoded(signature) {
                Ok(bytes) => {
                    right |= key.verifies(content, &bytes);
                    reason = Some(Refusal::WrongSignature);
                }
                Err(refusal) => reason = reason.or(Some(refusal)),
            }
        }
        if right { Ok(()) } else { Err(reason.unwrap_or(Refusal::WrongSignature)) }
    }

    fn decoded(&self, signature: &str) -> Result<Vec<u8>, Refusal> {
        let bytes = self.encoding.read(signature).ok_or(Refusal::WrongEncoding(self.encoding))?;
        match self.algorithm.length() {
            Some(expected) if bytes.len() != expected => Err(Refusal::WrongLength { found: bytes.len(), expected }),
            _ => Ok(bytes),
        }
    }

    /// The id, where it is signed.
    fn signed_id<'a>(&self, template: &Template, headers: &'a HeaderMap) -> Result<&'a str, Refusal> {
        let name = self.delivery_id.as_deref().unwrap_or_default();
        if !template.parts().any(|part| part == Part::Id) {
            return Ok("");
        }
        let id = one(headers, name)?.filter(|id| !id.is_empty()).ok_or_else(|| Refusal::NoId(name.to_owned()))?;
        // Standard Webhooks forbids it: `a.1` and `2` would be signed as `a` and `1.2`.
        if id.contains('.') { Err(Refusal::BadId) } else { Ok(id) }
    }

    /// A body that is not signed itself is held against the digest in the address, which is.
    fn check_body_digest(&self, received: &Received<'_>) -> Result<(), Refusal> {
        let Some(name) = &self.body_digest else { return Ok(()) };
        if is_form(self, received.headers) || received.body.is_empty() {
            return Ok(());
        }
        let url = Url::parse(received.url).ok();
        let query = url.as_ref().and_then(Url::query).unwrap_or_default();
        let mut digests = url::form_urlencoded::parse(query.as_bytes()).filter(|(known, _)| known == name.as_ref());
        let (_, digest) = digests.next().ok_or_else(|| Refusal::NotCovered("the body".to_owned()))?;
        if digest == hex::encode(Sha256::digest(received.body)) {
            return Ok(());
        }
        Err(Refusal::OtherBody(name.to_string()))
    }
}

/// A header's value; it must not stand twice, or two readers would see two.
pub(super) fn one<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, Refusal> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(Refusal::Repeated(name.to_owned()));
    }
    value.to_str().map(Some).map_err(|_| Refusal::NotText(name.to_owned()))
}
