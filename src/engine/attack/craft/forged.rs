//! Deliveries that nobody should trust: the signature, or what was signed, is wrong in exactly one way.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use jiff::Timestamp;
use secrecy::ExposeSecret as _;
use sha2::{Digest as _, Sha256};

use crate::domain::receiver::case::Forgery;
use crate::engine::attack::craft::{Crafter, Delivery};
use crate::wire::webhook::scheme::{Algorithm, Encoding, KeyForm, Scheme};
use crate::wire::webhook::sign::{Headers, Unsignable, Unsigned};

/// Letters that are no encoding of anything.
const NO_ENCODING: &str = "%%%not-a-signature%%%";

impl Crafter {
    pub(super) fn forged(&self, forgery: Forgery, number: u64, now: Timestamp) -> Result<Delivery, Unsignable> {
        let mut parts = self.parts(number, now);
        let signed_body = parts.body.clone();
        let draft = self.event.of(&parts.id, number);
        match forgery {
            Forgery::Reserialised => parts.body = draft.crlf(),
            Forgery::FlippedByte => parts.body = draft.flipped(),
            Forgery::AddedNewline => parts.body = [signed_body.as_ref(), b"\n"].concat().into(),
            _ => {}
        }
        let mut delivery = self.build(&parts, |unsigned| match forgery {
            Forgery::Reserialised | Forgery::FlippedByte | Forgery::AddedNewline => {
                let signed = Unsigned { body: &signed_body, ..*unsigned };
                self.scheme.sign(&self.key, &signed)
            }
            Forgery::Missing => self.scheme.stamped(unsigned),
            Forgery::OtherScheme => self.other_scheme(unsigned),
            Forgery::Sha1 => self.weaker(unsigned),
            Forgery::OtherLabel => self.relabelled(unsigned),
            Forgery::Bare => {
                let sealed = self.scheme.sign(&self.key, unsigned)?;
                Ok(self.edited(sealed, |value| value.replacen(self.scheme.signature.prefix.as_ref(), "", 1)))
            }
            Forgery::SeveralAllWrong => {
                let wrong = self.wrong(unsigned)?;
                let reversed: String = wrong.chars().rev().collect();
                self.scheme.dress(&[wrong, reversed], unsigned)
            }
            Forgery::MissingId | Forgery::OtherId => self.scheme.sign(&self.key, unsigned),
            _ => self.scheme.dress(&[self.spoiled(forgery, unsigned)?], unsigned),
        })?;
        if let Some(name) = &self.scheme.delivery_id {
            let headers = &mut delivery.request.headers;
            match forgery {
                Forgery::MissingId => drop(headers.remove(name.as_ref())),
                Forgery::OtherId => {
                    if let Some(value) = headers.get_mut(name.as_ref()) {
                        *value = HeaderValue::from_static("preflight-other-id");
                    }
                }
                _ => {}
            }
        }
        Ok(delivery)
    }

    /// A signature that is wrong in one way.
    fn spoiled(&self, forgery: Forgery, unsigned: &Unsigned<'_>) -> Result<String, Unsignable> {
        let content = self.scheme.content(unsigned)?;
        let bytes = self.key.sign(&content)?;
        let encoding = self.scheme.encoding;
        let right = encoding.write(&bytes);
        let is_hex = matches!(encoding, Encoding::Hex | Encoding::HexUpper);
        let prefix = self.scheme.signature.prefix.as_ref();
        Ok(match forgery {
            Forgery::Empty => String::new(),
            Forgery::Truncated => encoding.write(&bytes[..bytes.len() / 2]),
            Forgery::OneTooShort => encoding.write(&bytes[..bytes.len().saturating_sub(3)]),
            Forgery::TooLong => encoding.write(&[bytes.as_slice(), &[0; 3]].concat()),
            Forgery::Prefixed if prefix.is_empty() => format!("sha256={right}"),
            Forgery::Prefixed => format!("{prefix}{right}"),
            Forgery::WrongCase => right.chars().map(swapped).collect(),
            Forgery::WrongEncoding if is_hex => STANDARD.encode(&bytes),
            Forgery::WrongEncoding => hex::encode(&bytes),
            Forgery::NoEncoding => NO_ENCODING.to_owned(),
            Forgery::EmptySecret => encoding.write(&self.scheme.key_of(b"").sign(&content)?),
            Forgery::Unkeyed => encoding.write(&Sha256::digest(&content)),
            Forgery::MisreadSecret => encoding.write(&self.scheme.key_of(&self.misread()).sign(&content)?),
            Forgery::BodyAlone => encoding.write(&self.key.sign(unsigned.body)?),
            _ => self.wrong(unsigned)?,
        })
    }

    /// The secret's bytes, read as the sender does not read them.
    fn misread(&self) -> Vec<u8> {
        let secret = self.secret.expose_secret();
        match self.scheme.key {
            KeyForm::Base64 | KeyForm::Hex => secret.as_bytes().to_vec(),
            KeyForm::Text => other_reading(secret).unwrap_or_else(|| b"misread".to_vec()),
        }
    }

    /// Another sender's headers, with the right secret.
    fn other_scheme(&self, unsigned: &Unsigned<'_>) -> Result<Headers, Unsignable> {
        // Meta signs as GitHub does.
        let as_github = self.scheme.signature.header == "x-hub-signature-256";
        let mut headers = self.scheme.stamped(unsigned)?;
        if let Some(other) = Scheme::named(if as_github { "shopify" } else { "github" }) {
            let key = other.key_of(self.secret.expose_secret().as_bytes());
            headers.extend(other.sign(&key, unsigned)?);
        }
        Ok(headers)
    }

    /// The same with SHA-1, said so where the scheme names its algorithm.
    fn weaker(&self, unsigned: &Unsigned<'_>) -> Result<Headers, Unsignable> {
        let mut weaker = self.scheme.clone();
        weaker.algorithm = Algorithm::HmacSha1;
        if weaker.signature.prefix.contains("sha256") {
            weaker.signature.prefix = weaker.signature.prefix.replace("sha256", "sha1").into();
        }
        let key = weaker.key(self.secret.expose_secret()).unwrap_or_else(|_| weaker.key_of(b""));
        weaker.sign(&key, unsigned)
    }

    /// The right digest under another version's label: `v1=` as `v0=`, `v0=` as `v1=`, `v1,` as `v1a,`.
    fn relabelled(&self, unsigned: &Unsigned<'_>) -> Result<Headers, Unsignable> {
        let mut other = self.scheme.clone();
        other.signature.prefix = match self.scheme.signature.prefix.as_ref() {
            "v1," => "v1a,".into(),
            "v1=" => "v0=".into(),
            _ => "v1=".into(),
        };
        let right = self.scheme.signature_of(&self.key, unsigned)?;
        other.dress(&[right], unsigned)
    }

    /// Changes the value of the signature's header.
    pub(super) fn edited(&self, headers: Headers, edit: impl Fn(&str) -> String) -> Headers {
        let edited = |(name, value): (http::HeaderName, HeaderValue)| {
            let text = value.to_str().map(&edit).ok();
            let own = name.as_str().eq_ignore_ascii_case(&self.scheme.signature.header);
            let value = text.filter(|_| own).and_then(|text| HeaderValue::from_str(&text).ok()).unwrap_or(value);
            (name, value)
        };
        headers.into_iter().map(edited).collect()
    }
}

/// What is behind `whsec_` or another such prefix, or the whole, decoded from base64.
pub fn other_reading(secret: &str) -> Option<Vec<u8>> {
    let bare = secret.split_once('_').map_or(secret, |(_, bare)| bare);
    STANDARD.decode(bare).ok().filter(|bytes| bytes.len() >= 12)
}

fn swapped(letter: char) -> char {
    if letter.is_ascii_lowercase() { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() }
}
