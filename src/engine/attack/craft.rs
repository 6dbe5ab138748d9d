//! From a case to the request that is sent: signed rightly, or wrongly in exactly one way.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::adapter::delivery::Pace;
use crate::domain::exchange::Request;
use crate::domain::receiver::case::{Body, Dating, Forgery, Handshake, Shape, Trick};
use crate::engine::attack::body::{self, Event};
use crate::wire::webhook::key::Key;
use crate::wire::webhook::scheme::{Algorithm, Encoding, KeyForm, Scheme};
use crate::wire::webhook::sign::{Headers, Unsignable, Unsigned};

/// Letters that are no encoding of anything.
const NO_ENCODING: &str = "%%%not-a-signature%%%";

/// Bytes that a stranger sends.
const OVERSIZE: usize = 4 * 1024 * 1024;

/// An event that no sender has.
const UNKNOWN_EVENT: &str = "preflight_unknown.event";

/// Makes the requests of one suite.
pub struct Crafter {
    pub scheme: Scheme,
    pub key: Key,
    pub secret: SecretString,
    pub url: Url,
    pub event: Event,
    /// Values of the further headers that the sender writes, by variable.
    pub variables: BTreeMap<String, String>,
    /// Makes the ids of this run others than those of any other.
    pub run: u64,
    /// What hub.challenge is asked with.
    pub verify_token: Option<SecretString>,
    /// Bytes of a large delivery.
    pub large: usize,
}

/// A request that is ready to be sent.
#[derive(Clone)]
pub struct Delivery {
    pub request: Request,
    pub pace: Pace,
    /// The signature that is, or would have been, right: no answer may hold it.
    pub right: Option<String>,
    /// What the answer has to hold.
    pub challenge: Option<String>,
    /// It is one that the sender could have sent.
    pub honest: bool,
}

/// What a delivery is made of; every part as it is sent.
struct Parts {
    method: Method,
    id: String,
    topic: String,
    timestamp: String,
    body: Bytes,
    content_type: Option<&'static str>,
}

impl Crafter {
    /// An id that no other delivery of any run has.
    pub fn id(&self, number: u64) -> String {
        let (high, low) = (self.run >> 32 & 0xffff_ffff, self.run & 0xffff);
        format!("{high:08x}-{low:04x}-4000-8000-{number:012x}")
    }

    /// The delivery of a case that is one delivery.
    ///
    /// # Errors
    /// The scheme cannot sign it.
    pub fn craft(&self, trick: Trick, number: u64, now: Timestamp) -> Result<Delivery, Unsignable> {
        match trick {
            Trick::Body(body) => self.bodied(body, number, now),
            Trick::Forgery(forgery) => self.forged(forgery, number, now),
            Trick::Dating(dating) => self.dated(dating, number, now),
            Trick::Shape(shape) => self.shaped(shape, number, now),
            Trick::Handshake(handshake) => self.handshake(handshake, number, now),
            Trick::Repeat(_) | Trick::Overall(_) | Trick::Flood(_) => self.right(number, now),
        }
    }

    /// A right delivery.
    ///
    /// # Errors
    /// The scheme cannot sign it.
    pub fn right(&self, number: u64, now: Timestamp) -> Result<Delivery, Unsignable> {
        self.named(&self.id(number), number, now)
    }

    /// A right delivery under an id, with a body of its own number.
    ///
    /// # Errors
    /// The scheme cannot sign it.
    pub fn named(&self, id: &str, number: u64, now: Timestamp) -> Result<Delivery, Unsignable> {
        let mut parts = self.parts(number, now);
        parts.body = self.event.of(id, number).plain();
        id.clone_into(&mut parts.id);
        self.build(&parts, |unsigned| self.scheme.sign(&self.key, unsigned)).map(Delivery::honest)
    }

    /// A delivery under an id that is signed with another secret.
    ///
    /// # Errors
    /// The scheme cannot sign it.
    pub fn forged_under(&self, id: &str, number: u64, now: Timestamp) -> Result<Delivery, Unsignable> {
        let mut parts = self.parts(number, now);
        parts.body = self.event.of(id, number).plain();
        id.clone_into(&mut parts.id);
        self.build(&parts, |unsigned| self.scheme.dress(&[self.wrong(unsigned)?], unsigned))
    }

    /// A delivery whose signature is wrong from its first letter on, or in its last alone.
    ///
    /// # Errors
    /// The scheme cannot sign it.
    pub fn nearly(&self, wrong_at_the_end: bool, number: u64, now: Timestamp) -> Result<Delivery, Unsignable> {
        self.build(&self.parts(number, now), |unsigned| {
            let mut signature = self.scheme.signature_of(&self.key, unsigned)?.into_bytes();
            // The last letter before the padding of base64 may hold bits that nobody reads: the one before it does not.
            let last = signature.iter().rposition(|letter| *letter != b'=').unwrap_or_default().saturating_sub(1);
            let place = if wrong_at_the_end { last } else { 0 };
            if let Some(letter) = signature.get_mut(place) {
                *letter = if *letter == b'a' { b'b' } else { b'a' };
            }
            self.scheme.dress(&[String::from_utf8_lossy(&signature).into_owned()], unsigned)
        })
    }

    fn parts(&self, number: u64, now: Timestamp) -> Parts {
        let id = self.id(number);
        Parts {
            method: Method::POST,
            topic: self.event.topic.clone(),
            timestamp: self.scheme.stamp(now),
            body: self.event.of(&id, number).plain(),
            id,
            content_type: None,
        }
    }

    fn build(
        &self,
        parts: &Parts,
        seal: impl FnOnce(&Unsigned<'_>) -> Result<Headers, Unsignable>,
    ) -> Result<Delivery, Unsignable> {
        let none = HeaderMap::new();
        let url = self.scheme.address(self.url.as_str(), &none, &parts.body);
        let bare = Unsigned {
            method: &parts.method,
            url: &url,
            headers: &none,
            id: &parts.id,
            timestamp: &parts.timestamp,
            body: &parts.body,
        };
        let lookup = |name: &str| self.variables.get(name).cloned();
        let mut headers: HeaderMap = self.scheme.envelope(&bare, &parts.topic, &lookup)?.into_iter().collect();
        if let Some(content_type) = parts.content_type {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
        let (right, sealed) = {
            let unsigned = Unsigned { headers: &headers, ..bare };
            (self.scheme.signature_of(&self.key, &unsigned).ok(), seal(&unsigned)?)
        };
        for (name, value) in sealed {
            headers.insert(name, value);
        }
        let url = Url::parse(&url).unwrap_or_else(|_| self.url.clone());
        let request = Request { method: parts.method.clone(), url, headers, body: parts.body.clone() };
        Ok(Delivery { request, pace: Pace::Whole, right, challenge: None, honest: false })
    }

    fn bodied(&self, body: Body, number: u64, now: Timestamp) -> Result<Delivery, Unsignable> {
        let mut parts = self.parts(number, now);
        let draft = self.event.of(&parts.id, number);
        parts.body = match body {
            Body::NonAscii => draft.non_ascii(),
            Body::EscapedUnicode => draft.escaped(),
            Body::CrLf => draft.crlf(),
            Body::Unusual => draft.unusual(),
            Body::Large => draft.large(self.large),
            Body::Empty => Bytes::new(),
            Body::NoJson => Bytes::from_static(b"this is no JSON {"),
            Body::NoUtf8 => draft.no_utf8(),
            Body::Deep => body::deep(),
            Body::UnknownEvent => {
                UNKNOWN_EVENT.clone_into(&mut parts.topic);
                self.event.unknown(&parts.id, number, UNKNOWN_EVENT).plain()
            }
            Body::Plain | Body::OtherContentType | Body::SeveralRightLast | Body::SeveralRightFirst => draft.plain(),
        };
        if body == Body::OtherContentType {
            parts.content_type = Some("text/plain; charset=utf-8");
        }
        let sealed = self.build(&parts, |unsigned| {
            let right = self.scheme.signature_of(&self.key, unsigned)?;
            match body {
                Body::SeveralRightLast => self.scheme.dress(&[self.wrong(unsigned)?, right], unsigned),
                Body::SeveralRightFirst => self.scheme.dress(&[right, self.wrong(unsigned)?], unsigned),
                _ => self.scheme.dress(&[right], unsigned),
            }
        });
        sealed.map(Delivery::honest)
    }

    /// What another secret makes of it.
    fn wrong(&self, unsigned: &Unsigned<'_>) -> Result<String, Unsignable> {
        let digest = Sha256::digest([b"another secret than ", self.secret.expose_secret().as_bytes()].concat());
        let content = self.scheme.content(unsigned)?;
        let length = self.scheme.algorithm.length().unwrap_or(70);
        let mut bytes = self.scheme.key_of(&digest).sign(&content)?;
        bytes.resize(length, 0x5a);
        Ok(self.scheme.encoding.write(&bytes))
    }

    fn forged(&self, forgery: Forgery, number: u64, now: Timestamp) -> Result<Delivery, Unsignable> {
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
    fn edited(&self, headers: Headers, edit: impl Fn(&str) -> String) -> Headers {
        let edited = |(name, value): (http::HeaderName, HeaderValue)| {
            let text = value.to_str().map(&edit).ok();
            let own = name.as_str().eq_ignore_ascii_case(&self.scheme.signature.header);
            let value = text.filter(|_| own).and_then(|text| HeaderValue::from_str(&text).ok()).unwrap_or(value);
            (name, value)
        };
        headers.into_iter().map(edited).collect()
    }

    fn dated(&self, dating: Dating, number: u64, now: Timestamp) -> Result<Delivery, Unsignable> {
        let stamp = self.scheme.timestamp.as_ref();
        let past = i64::from(stamp.and_then(|stamp| stamp.past).unwrap_or(300));
        let future = i64::from(stamp.and_then(|stamp| stamp.future).unwrap_or(300));
        let at =
            |seconds: i64| self.scheme.stamp(now.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(now));
        let mut parts = self.parts(number, now);
        let year = 365 * 24 * 3600;
        parts.timestamp = match dating {
            Dating::Missing | Dating::Resigned => at(0),
            Dating::Stale => at(-past - 60),
            Dating::VeryStale => at(-year),
            Dating::WithinPast => at(10 - past),
            Dating::Ahead => at(future + 60),
            Dating::FarAhead => at(100 * year),
            Dating::SlightlyAhead => at(3),
            Dating::NoNumber => "yesterday".to_owned(),
            Dating::Plus => format!("+{}", at(0)),
            Dating::Trailing => format!("{}abc", at(0)),
        };
        let old = at(-year);
        let delivery = self.build(&parts, |unsigned| match dating {
            Dating::Resigned => {
                let then = Unsigned { timestamp: &old, ..*unsigned };
                self.scheme.dress(&[self.scheme.signature_of(&self.key, &then)?], unsigned)
            }
            Dating::Missing => {
                let sealed = self.scheme.sign(&self.key, unsigned)?;
                Ok(self.without_stamp(sealed, unsigned.timestamp))
            }
            _ => self.scheme.sign(&self.key, unsigned),
        })?;
        let honest = matches!(dating, Dating::WithinPast | Dating::SlightlyAhead);
        Ok(if honest { delivery.honest() } else { delivery })
    }

    /// Takes the timestamp out, wherever it stands.
    fn without_stamp(&self, headers: Headers, timestamp: &str) -> Headers {
        if self.scheme.is_message() {
            // RFC 9421 writes it as a parameter of what is signed.
            let created = format!(";created={timestamp}");
            let cut = |value: &HeaderValue| HeaderValue::from_str(&value.to_str().ok()?.replace(&created, "")).ok();
            return headers.into_iter().map(|(name, value)| (name, cut(&value).unwrap_or(value))).collect();
        }
        let own = self.scheme.timestamp_header().map(str::to_ascii_lowercase);
        let kept: Headers = headers.into_iter().filter(|(name, _)| own.as_deref() != Some(name.as_str())).collect();
        let entry = self.scheme.timestamp.as_ref().and_then(|stamp| stamp.entry.as_deref());
        let Some(entry) = entry else { return kept };
        let separator = self.scheme.signature.separator.unwrap_or(',');
        self.edited(kept, |value| {
            let piece = format!("{entry}{timestamp}");
            let pieces: Vec<&str> = value.split(separator).filter(|part| part.trim() != piece).collect();
            pieces.join(&separator.to_string())
        })
    }

    fn shaped(&self, shape: Shape, number: u64, now: Timestamp) -> Result<Delivery, Unsignable> {
        let mut parts = self.parts(number, now);
        match shape {
            Shape::Get | Shape::Head => {
                parts.method = if shape == Shape::Get { Method::GET } else { Method::HEAD };
                parts.body = Bytes::new();
                self.build(&parts, |unsigned| self.scheme.sign(&self.key, unsigned))
            }
            Shape::Oversize => {
                parts.body = format!("{{\"preflight\":\"{}\"}}", "x".repeat(OVERSIZE)).into();
                let mut delivery = self.build(&parts, |unsigned| self.scheme.stamped(unsigned))?;
                delivery.right = None;
                Ok(delivery)
            }
            Shape::SlowBody | Shape::CutBody | Shape::Afterwards => {
                let delivery = self.build(&parts, |unsigned| self.scheme.sign(&self.key, unsigned))?;
                let pace = match shape {
                    Shape::SlowBody => Pace::Dripped,
                    Shape::CutBody => Pace::Cut,
                    _ => Pace::Whole,
                };
                let honest = shape == Shape::Afterwards;
                Ok(Delivery { pace, honest, ..delivery })
            }
        }
    }

    fn handshake(&self, handshake: Handshake, number: u64, now: Timestamp) -> Result<Delivery, Unsignable> {
        let challenge = format!("preflight{:x}{number}", self.run);
        let mut parts = self.parts(number, now);
        match handshake {
            Handshake::UrlVerification => {
                let body =
                    serde_json::json!({ "token": "preflight", "challenge": challenge, "type": "url_verification" });
                parts.body = body.to_string().into();
                let mut delivery = self.build(&parts, |unsigned| self.scheme.sign(&self.key, unsigned))?;
                delivery.challenge = Some(challenge);
                Ok(delivery)
            }
            Handshake::SslCheck => {
                parts.body = Bytes::from_static(b"ssl_check=1&token=preflight");
                parts.content_type = Some("application/x-www-form-urlencoded");
                self.build(&parts, |_| Ok(Vec::new()))
            }
            Handshake::HubChallenge | Handshake::HubWrongToken => {
                let token = match (&self.verify_token, handshake) {
                    (Some(token), Handshake::HubChallenge) => token.expose_secret(),
                    _ => "preflight-wrong-token",
                };
                let mut url = self.url.clone();
                url.query_pairs_mut()
                    .append_pair("hub.mode", "subscribe")
                    .append_pair("hub.verify_token", token)
                    .append_pair("hub.challenge", &challenge);
                let request = Request { method: Method::GET, url, headers: HeaderMap::new(), body: Bytes::new() };
                Ok(Delivery { request, pace: Pace::Whole, right: None, challenge: Some(challenge), honest: false })
            }
        }
    }
}

impl Delivery {
    fn honest(self) -> Self {
        Self { honest: true, ..self }
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

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use ring::rand::SystemRandom;
    use secrecy::ExposeSecret as _;

    use super::Crafter;
    use crate::adapter::environment::Environment;
    use crate::adapter::workspace::Workspace;
    use crate::domain::inventory;
    use crate::domain::receiver::case::{Answer, Case, Trick};
    use crate::domain::receiver::cases;
    use crate::domain::receiver::traits::{Asks, Given, asks, fitted};
    use crate::engine::attack::prepare::{Wish, prepare};
    use crate::wire::webhook::schemes::SCHEMES;
    use crate::wire::webhook::verify::Received;

    /// Whether a right verifier trusts the delivery of a case.
    fn is_trusted(crafter: &Crafter, case: &Case, number: u64, now: Timestamp) -> Result<(), String> {
        let delivery = crafter.craft(case.trick, number, now).map_err(|error| error.to_string())?;
        let request = delivery.request;
        let received = Received {
            method: &request.method,
            url: request.url.as_str(),
            headers: &request.headers,
            body: &request.body,
        };
        crafter.scheme.verify(&crafter.key, &received, now).map_err(|refusal| refusal.to_string())
    }

    #[test]
    fn of_every_scheme_what_is_right_verifies_and_what_is_wrong_does_not() {
        let nowhere = tempfile::tempdir().unwrap();
        let workspace = Workspace::open(nowhere.path(), None).unwrap();
        let environment = Environment::load(None, "", &inventory::Environment::default()).unwrap();
        let now: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        let given = Given { observer: true, verify_token: false, flood: false };
        let mut wrong = Vec::new();
        for scheme in SCHEMES {
            let secret = scheme.make_pair(&SystemRandom::new()).unwrap().secret;
            let wish = Wish {
                scheme: std::borrow::Cow::Borrowed(scheme),
                secret: secret.expose_secret().into(),
                url: "https://app.example/hook".parse().unwrap(),
                body: None,
                topic: None,
                verify_token: None,
                now,
            };
            let (crafter, traits, _) = prepare(&workspace, &environment, wish).unwrap();
            let asked = cases::all().map(|case| fitted(case, &traits, &scheme.name));
            for (number, case) in (1..).zip(asked.filter(|case| asks(case, &traits, given) == Asks::Yes)) {
                let single = matches!(case.trick, Trick::Body(_) | Trick::Forgery(_) | Trick::Dating(_));
                let trusted = match case.answer {
                    Answer::Accepted if single => true,
                    Answer::Refused if single => false,
                    _ => continue,
                };
                let verified = is_trusted(&crafter, &case, number, now);
                if verified.is_ok() != trusted {
                    wrong.push(format!("{} {}: {verified:?}", scheme.name, case.name));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
