//! How a vendor signs its webhooks, as data: the same description for those that are known and for a user's own.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::domain::nearest::nearest;
use crate::wire::webhook::conduct::Conduct;
use crate::wire::webhook::schemes::SCHEMES;
use crate::wire::webhook::stamp::Stamp;
use crate::wire::webhook::template::{Part, Template};

/// A text of a description: in the binary for what is known, from a file for a user's own.
pub type Text = Cow<'static, str>;

/// A list of a description.
pub type List<T> = Cow<'static, [T]>;

/// A text that is known when this is compiled.
pub const fn text(text: &'static str) -> Text {
    Cow::Borrowed(text)
}

/// How a vendor signs its webhooks.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Scheme {
    /// Lower-case word by which it is called.
    pub name: Text,
    /// Where the signature's rules were read: vendor, document or program, version.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub source: Text,
    #[serde(default)]
    pub certainty: Certainty,
    #[serde(default)]
    pub algorithm: Algorithm,
    #[serde(default)]
    pub encoding: Encoding,
    /// How bytes are made of the secret's text.
    #[serde(default)]
    pub key: KeyForm,
    /// Taken off the secret's text where it stands before it (`whsec_`).
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub key_prefix: Text,
    pub signature: Field,
    pub signed: Signed,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<Stamp>,
    /// The header that names one delivery; the same on every retry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery_id: Option<Text>,
    /// Where the event's name stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<Topic>,
    /// The query parameter with the hex SHA-256 of a body that is not itself signed (Twilio's `bodySHA256`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_digest: Option<Text>,
    /// The environment variable that usually holds the secret.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub secret_variable: Text,
    /// Further headers of each delivery.
    #[serde(default, skip_serializing_if = "<[Extra]>::is_empty")]
    pub headers: List<Extra>,
    #[serde(default)]
    pub content_type: ContentType,
    #[serde(default, skip_serializing_if = "<[Handshake]>::is_empty")]
    pub handshakes: List<Handshake>,
    /// What the vendor does with an answer.
    #[serde(default)]
    pub conduct: Conduct,
}

/// How sure a fact is.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Certainty {
    /// Read in the vendor's own document or program, or recomputed against a published signature.
    #[default]
    Read,
    /// Read in what others wrote about the vendor.
    Secondary,
    /// Remembered, and found in no source.
    Remembered,
}

/// What makes the signature.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Algorithm {
    HmacSha1,
    #[default]
    HmacSha256,
    HmacSha384,
    HmacSha512,
    Ed25519,
    /// ECDSA on P-256 with SHA-256, written as ASN.1 DER.
    EcdsaP256,
    /// The same, written as the two numbers of 32 bytes (RFC 9421 §3.3.4).
    EcdsaP256Raw,
}

/// How signature bytes are written.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// Lower-case hexadecimal.
    #[default]
    Hex,
    /// Upper-case hexadecimal.
    HexUpper,
    /// Standard alphabet, padded.
    Base64,
    /// URL-safe alphabet, unpadded.
    Base64Url,
}

/// How key bytes are made of a secret's text.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyForm {
    /// The text itself, in UTF-8.
    #[default]
    Text,
    Base64,
    Hex,
}

/// The header that carries the signature, and how it is written there.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    pub header: Text,
    /// Stands before the encoded signature, or before each of a list (`sha256=`, `v1,`).
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub prefix: Text,
    /// Between the entries where there may be several; one alone where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub separator: Option<char>,
}

/// What is signed.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Signed {
    /// Parts and their joints in order, as in `v0:{timestamp}:{body}`.
    Template(Template),
    /// Components of an HTTP message (RFC 9421 §2), which every signature must cover at least.
    Components(List<Text>),
}

/// Where the event's name stands.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Topic {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<Text>,
    /// A JSON pointer into the body (`/event/event_type`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pointer: Option<Text>,
}

/// A further header of each delivery.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Extra {
    pub name: Text,
    /// The variable that holds its value.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub variable: Text,
    /// Its value where no variable holds one.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub value: Text,
}

/// How the body of a delivery is written.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ContentType {
    #[default]
    Json,
    Form,
}

/// What a vendor asks of an endpoint before it delivers, or apart from deliveries.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Handshake {
    /// A signed POST of `{"type":"url_verification","challenge":"…"}`; the challenge is to be answered (Slack).
    UrlVerification,
    /// An unsigned form `ssl_check=1`; to be answered 200 (Slack).
    SslCheck,
    /// GET with `hub.mode`, `hub.verify_token` and `hub.challenge`; the challenge is the whole answer (Meta).
    HubChallenge,
}

/// No scheme has this name.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("there is no webhook scheme `{name}`")]
pub struct UnknownScheme {
    pub name: String,
    pub nearest: Option<&'static str>,
}

impl UnknownScheme {
    /// What to do about it.
    pub fn hint(&self) -> String {
        match self.nearest {
            Some(near) => format!("did you mean `{near}`? `preflight webhook schemes` lists them all"),
            None => format!("known: {}", SCHEMES.map(|scheme| scheme.name.as_ref()).join(", ")),
        }
    }
}

impl Scheme {
    pub fn named(name: &str) -> Option<&'static Self> {
        SCHEMES.into_iter().find(|scheme| scheme.name == name)
    }

    /// # Errors
    /// There is none of this name; the error knows the nearest.
    pub fn find(name: &str) -> Result<&'static Self, UnknownScheme> {
        Self::named(name).ok_or_else(|| UnknownScheme {
            name: name.to_owned(),
            nearest: nearest(name, SCHEMES.into_iter().map(|scheme| scheme.name.as_ref())),
        })
    }

    /// Whether it signs by RFC 9421.
    pub fn is_message(&self) -> bool {
        matches!(self.signed, Signed::Components(_))
    }

    /// Whether the delivery's id is part of what is signed.
    pub fn signs_id(&self) -> bool {
        matches!(&self.signed, Signed::Template(template) if template.parts().any(|part| part == Part::Id))
    }

    /// The header in which the timestamp stands, where it has one of its own.
    pub fn timestamp_header(&self) -> Option<&str> {
        self.timestamp.as_ref()?.header.as_deref()
    }

    /// The header in which the event's name stands, where it stands in one.
    pub fn topic_header(&self) -> Option<&str> {
        self.topic.as_ref()?.header.as_deref()
    }
}

impl Algorithm {
    /// Whether signer and verifier share one secret.
    pub fn is_shared(self) -> bool {
        matches!(self, Self::HmacSha1 | Self::HmacSha256 | Self::HmacSha384 | Self::HmacSha512)
    }

    /// Bytes of a signature; None where they differ from one to the next.
    pub fn length(self) -> Option<usize> {
        match self {
            Self::HmacSha1 => Some(20),
            Self::HmacSha256 => Some(32),
            Self::HmacSha384 => Some(48),
            Self::HmacSha512 | Self::Ed25519 | Self::EcdsaP256Raw => Some(64),
            Self::EcdsaP256 => None,
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::HmacSha1 => "HMAC-SHA1",
            Self::HmacSha256 => "HMAC-SHA256",
            Self::HmacSha384 => "HMAC-SHA384",
            Self::HmacSha512 => "HMAC-SHA512",
            Self::Ed25519 => "Ed25519",
            Self::EcdsaP256 | Self::EcdsaP256Raw => "ECDSA P-256",
        }
    }
}

impl Encoding {
    pub const ALL: [Self; 4] = [Self::Hex, Self::HexUpper, Self::Base64, Self::Base64Url];

    pub fn write(self, bytes: &[u8]) -> String {
        use base64::Engine as _;
        use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
        match self {
            Self::Hex => hex::encode(bytes),
            Self::HexUpper => hex::encode_upper(bytes),
            Self::Base64 => STANDARD.encode(bytes),
            Self::Base64Url => URL_SAFE_NO_PAD.encode(bytes),
        }
    }

    /// None where the text is not written exactly so: two texts of one signature would be one too many.
    pub fn read(self, text: &str) -> Option<Vec<u8>> {
        use base64::Engine as _;
        use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
        let bytes = match self {
            Self::Hex if text.bytes().any(|letter| letter.is_ascii_uppercase()) => None,
            Self::HexUpper if text.bytes().any(|letter| letter.is_ascii_lowercase()) => None,
            Self::Hex | Self::HexUpper => hex::decode(text).ok(),
            Self::Base64 => STANDARD.decode(text).ok(),
            Self::Base64Url => URL_SAFE_NO_PAD.decode(text).ok(),
        };
        bytes.filter(|bytes| !bytes.is_empty())
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hex => "lower-case hex",
            Self::HexUpper => "upper-case hex",
            Self::Base64 => "base64",
            Self::Base64Url => "URL-safe base64 without padding",
        }
    }
}

impl ContentType {
    /// The header's value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Form => "application/x-www-form-urlencoded",
        }
    }
}
