//! Published signatures, and what holds for every scheme.

mod custom;
mod diagnosis;
mod message;
mod properties;
mod vectors;

use http::{HeaderMap, HeaderName, Method};
use jiff::Timestamp;
use ring::rand::SystemRandom;
use secrecy::ExposeSecret as _;

use crate::wire::webhook::key::Key;
use crate::wire::webhook::scheme::Scheme;
use crate::wire::webhook::sign::Unsigned;
use crate::wire::webhook::verify::Received;

const URL: &str = "https://app.example/hooks?a=1";

fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
    pairs.iter().map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse().unwrap())).collect()
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// A signing key and the one that verifies, made anew.
fn keys(scheme: &Scheme) -> (Key, Key) {
    let pair = scheme.make_pair(&SystemRandom::new()).unwrap();
    let secret = scheme.key(pair.secret.expose_secret()).unwrap();
    let public = match &pair.public {
        Some(public) => scheme.public_key(public).unwrap(),
        None => scheme.key(pair.secret.expose_secret()).unwrap(),
    };
    (secret, public)
}

/// A delivery of a scheme: address, headers and body.
struct Delivery {
    url: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Delivery {
    fn signed(scheme: &Scheme, key: &Key, now: Timestamp, body: &[u8]) -> Self {
        let nothing = HeaderMap::new();
        let (url, stamp) = (scheme.address(URL, &nothing, body), scheme.stamp(now));
        let unsigned =
            Unsigned { method: &Method::POST, url: &url, headers: &nothing, id: "msg_1", timestamp: &stamp, body };
        let mut headers: HeaderMap = scheme.envelope(&unsigned, "made", &|_| None).unwrap().into_iter().collect();
        headers.extend(scheme.sign(key, &unsigned).unwrap());
        Self { url, headers, body: body.to_vec() }
    }

    fn received(&self) -> Received<'_> {
        Received { method: &Method::POST, url: &self.url, headers: &self.headers, body: &self.body }
    }
}
