//! What the stores that are asked over HTTP share: one client, credentials as headers, one way to send.

use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use url::Url;

use crate::adapter::client::caller::{Caller, Stopped};
use crate::adapter::client::habits::Habits;
use crate::adapter::client::{Client, Sent};
use crate::domain::exchange::{NoAnswer, Request, Response};
use crate::domain::flag::change::Permit;
use crate::domain::flag::sighting::{Sighting, Unseen};
use crate::wire::flags::unanswered;

/// A server that keeps flags.
pub struct Remote {
    caller: Caller,
    /// Without a slash at its end.
    base: Url,
    timeout: Duration,
}

impl Remote {
    /// A server at an address; `timeout` is for one question.
    pub fn new(client: Client, base: Url, timeout: Duration) -> Self {
        Self { caller: Caller::new(client, Habits::store(timeout)), base, timeout }
    }

    /// The server's address without anything that could be a secret.
    pub fn host(&self) -> String {
        self.base.origin().ascii_serialization()
    }

    /// A request to a path below the base URL; segments are escaped.
    pub fn request(&self, method: Method, segments: &[&str], body: Option<&Value>) -> Request {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let body = body.map(|body| Bytes::from(body.to_string()));
        if body.is_some() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        Request { method, url, headers, body: body.unwrap_or_default() }
    }

    /// Asks what only reads, more than once where that helps; without an answer, the unknown that it leaves. A server that
    /// asked to be left alone for longer than there is time is not asked.
    pub async fn ask(&self, request: &Request) -> Result<Response, Box<Sighting>> {
        let called = self.caller.call(request).await;
        match (called.last, called.stopped) {
            (Some(sent), _) => sent.outcome.map_err(|reason| Box::new(unanswered(&reason))),
            (None, Some(stopped @ Stopped::WaitTooLong(_))) => {
                Err(Box::new(Sighting::unknown(Unseen::Throttled, stopped.to_string())))
            }
            (None, stopped) => {
                let told = stopped.map_or_else(String::new, |stopped| stopped.to_string());
                Err(Box::new(unanswered(&NoAnswer::Other(told))))
            }
        }
    }

    /// Sends what changes something, once: whether it was done is seen by reading.
    pub async fn send_permitted(&self, request: &Request, permit: &Permit) -> Sent {
        self.caller.client().send_permitted(request, permit, self.timeout).await
    }
}

/// Puts a credential into a header, marked so that nothing prints it. One that no header can hold is left out.
pub fn credential(request: &mut Request, name: HeaderName, before: &str, value: &SecretString) {
    if let Ok(mut value) = HeaderValue::from_str(&format!("{before}{}", value.expose_secret())) {
        value.set_sensitive(true);
        request.headers.insert(name, value);
    }
}
