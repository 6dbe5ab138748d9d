//! Requests of another shape than a delivery's: another method, too large, slow or cut, or a handshake.

use bytes::Bytes;
use http::{HeaderMap, Method};
use jiff::Timestamp;
use secrecy::ExposeSecret as _;

use crate::adapter::delivery::Pace;
use crate::domain::exchange::Request;
use crate::domain::receiver::case::{Handshake, Shape};
use crate::engine::attack::craft::{Crafter, Delivery};
use crate::wire::webhook::sign::Unsignable;

/// Bytes that a stranger sends.
const OVERSIZE: usize = 4 * 1024 * 1024;

impl Crafter {
    pub(super) fn shaped(&self, shape: Shape, number: u64, now: Timestamp) -> Result<Delivery, Unsignable> {
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

    pub(super) fn handshake(&self, handshake: Handshake, number: u64, now: Timestamp) -> Result<Delivery, Unsignable> {
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
