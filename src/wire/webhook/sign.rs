//! Signing: a delivery that is not yet signed in, headers out.

use std::sync::LazyLock;

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use jiff::Timestamp;

use crate::wire::webhook::content::{self, Parts};
use crate::wire::webhook::entries;
use crate::wire::webhook::key::{Key, NoSignature};
use crate::wire::webhook::message;
use crate::wire::webhook::scheme::{Scheme, Signed};

/// Headers in the order in which they are sent.
pub type Headers = Vec<(HeaderName, HeaderValue)>;

/// A delivery that is not yet signed. Every text is taken as it is, so that wrong ones can be signed too.
#[derive(Clone, Copy, Debug)]
pub struct Unsigned<'a> {
    pub method: &'a Method,
    /// The whole address; only some schemes sign it.
    pub url: &'a str,
    /// What is sent besides; only some schemes sign any of it.
    pub headers: &'a HeaderMap,
    pub id: &'a str,
    /// As [`Scheme::stamp`] writes it, or wrong.
    pub timestamp: &'a str,
    pub body: &'a [u8],
}

/// Why a delivery cannot be signed.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Unsignable {
    #[error(transparent)]
    Key(#[from] NoSignature),
    #[error("the header {0} is signed and is missing")]
    NoHeader(String),
    #[error("`{0}` cannot be covered: it is no component that is known")]
    Component(String),
    #[error("the value of {0} cannot stand in a header")]
    Header(String),
}

impl Scheme {
    /// How the scheme writes a time; empty where it sends none.
    pub fn stamp(&self, at: Timestamp) -> String {
        self.timestamp.as_ref().map(|stamp| stamp.format.write(at)).unwrap_or_default()
    }

    /// The headers that make the delivery trusted: the signature, and the timestamp and the id where they are signed.
    ///
    /// # Errors
    /// The key cannot sign, or a text cannot stand in a header.
    pub fn sign(&self, key: &Key, unsigned: &Unsigned<'_>) -> Result<Headers, Unsignable> {
        let signature = self.signature_of(key, unsigned)?;
        self.dress(&[signature], unsigned)
    }

    /// The encoded signature alone, without what stands before it.
    ///
    /// # Errors
    /// As [`Scheme::sign`].
    pub fn signature_of(&self, key: &Key, unsigned: &Unsigned<'_>) -> Result<String, Unsignable> {
        Ok(self.encoding.write(&key.sign(&self.content(unsigned)?)?))
    }

    /// The bytes that are signed.
    ///
    /// # Errors
    /// A header that is signed is missing.
    pub fn content(&self, unsigned: &Unsigned<'_>) -> Result<Vec<u8>, Unsignable> {
        let parts = unsigned.parts();
        match &self.signed {
            Signed::Template(template) => {
                content::bytes(self, template, &parts).map_err(|missing| Unsignable::NoHeader(missing.0))
            }
            Signed::Components(components) => message::to_sign(self, components, &parts).map(String::into_bytes),
        }
    }

    /// The headers that carry these encoded signatures, right or wrong; where the scheme has lists, in this order.
    ///
    /// # Errors
    /// A text cannot stand in a header.
    pub fn dress(&self, signatures: &[String], unsigned: &Unsigned<'_>) -> Result<Headers, Unsignable> {
        let mut headers = Vec::new();
        if let Signed::Components(components) = &self.signed {
            for (name, value) in message::fields(self, components, signatures, &unsigned.parts()) {
                headers.push(header(&name, &value)?);
            }
            return Ok(headers);
        }
        headers.push(header(&self.signature.header, &entries::write(self, signatures, unsigned.timestamp))?);
        headers.extend(self.stamped(unsigned)?);
        Ok(headers)
    }

    /// The timestamp's header and the id's where it is signed: what is sent even without a signature.
    ///
    /// # Errors
    /// A text cannot stand in a header.
    pub fn stamped(&self, unsigned: &Unsigned<'_>) -> Result<Headers, Unsignable> {
        let stamp = self.timestamp_header().map(|name| header(name, unsigned.timestamp));
        let id = self.delivery_id.as_deref().filter(|_| self.signs_id()).map(|name| header(name, unsigned.id));
        stamp.into_iter().chain(id).collect()
    }

    /// Every header that the vendor sends with this delivery but the signature's: content type, id, event, and the
    /// further ones, whose variables `lookup` knows.
    ///
    /// # Errors
    /// A text cannot stand in a header.
    pub fn envelope(
        &self,
        unsigned: &Unsigned<'_>,
        event: &str,
        lookup: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Headers, Unsignable> {
        let mut headers = vec![header("content-type", self.content_type.as_str())?];
        if let Some(name) = self.delivery_id.as_deref().filter(|_| !self.signs_id()) {
            headers.push(header(name, unsigned.id)?);
        }
        if let Some(name) = self.topic_header() {
            headers.push(header(name, event)?);
        }
        for extra in self.headers.iter() {
            let value = Some(&extra.variable).filter(|name| !name.is_empty()).and_then(|name| lookup(name));
            headers.push(header(&extra.name, value.as_deref().unwrap_or(&extra.value))?);
        }
        Ok(headers)
    }
}

pub(super) static POST: Method = Method::POST;
static NO_HEADERS: LazyLock<HeaderMap> = LazyLock::new(HeaderMap::new);

impl<'a> Unsigned<'a> {
    /// A POST for schemes that sign neither address nor id nor other headers.
    pub fn of(timestamp: &'a str, body: &'a [u8]) -> Self {
        Self { method: &POST, url: "", headers: &NO_HEADERS, id: "", timestamp, body }
    }

    fn parts(&self) -> Parts<'a> {
        let Self { method, url, headers, id, timestamp, body } = *self;
        Parts { method, url, headers, id, timestamp, body }
    }
}

fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), Unsignable> {
    let bad = || Unsignable::Header(name.to_owned());
    Ok((name.parse().map_err(|_| bad())?, HeaderValue::from_str(value).map_err(|_| bad())?))
}
