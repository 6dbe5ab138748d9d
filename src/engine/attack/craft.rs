//! From a case to the request that is sent: signed rightly, or wrongly in exactly one way.

mod dated;
pub mod forged;
mod shaped;

use std::collections::BTreeMap;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method};
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::adapter::delivery::Pace;
use crate::domain::exchange::Request;
use crate::domain::receiver::case::{Body, Trick};
use crate::engine::attack::body::{self, Event};
use crate::wire::webhook::key::Key;
use crate::wire::webhook::scheme::Scheme;
use crate::wire::webhook::sign::{Headers, Unsignable, Unsigned};

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
}

impl Delivery {
    fn honest(self) -> Self {
        Self { honest: true, ..self }
    }
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
