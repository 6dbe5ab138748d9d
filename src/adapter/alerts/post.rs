//! Alerts over HTTP: each vendor's body, sent on the client kit.

use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use jiff::SignedDuration;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use url::Url;

use crate::adapter::client::caller::{Called, Caller, Stopped};
use crate::adapter::clock;
use crate::domain::alert::letter::{Fate, Letter};
use crate::domain::alert::message::{Action, Message};
use crate::domain::exchange::Request;
use crate::wire::alert::{alertmanager, answer, pagerduty, slack, webhook};
use crate::wire::webhook::key::Key;
use crate::wire::webhook::schemes::standard::STANDARD;
use crate::wire::webhook::sign::Unsigned;

/// By it the client kit knows that a request does no more twice than once (draft-ietf-httpapi-idempotency-key-header).
const KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// One letter on its way.
pub struct Post<'a> {
    pub caller: &'a Caller,
    pub letter: &'a Letter,
}

/// What may be sent again within one call: a vendor that joins by a key takes it for the same.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Twice {
    IsOnce,
    IsTwice,
}

impl Post<'_> {
    pub async fn pagerduty(&self, url: &Url, routing_key: &str) -> Fate {
        let url = below(url, pagerduty::PATH);
        let sent = self.json(&url, &pagerduty::event(self.message(), routing_key), None, Twice::IsOnce).await;
        // A test wakes nobody for longer than it takes to see that it came.
        if self.message().action == Action::Test && matches!(sent, Fate::Delivered(_)) {
            let over = Message { action: Action::Resolve, ..self.message().clone() };
            return self.json(&url, &pagerduty::event(&over, routing_key), None, Twice::IsOnce).await;
        }
        sent
    }

    /// In blocks, and on any 400 once more in plain text: a message without form is better than none.
    pub async fn slack(&self, url: &Url) -> Fate {
        let sent = self.send(url, slack::blocks(self.message()).to_string(), HeaderMap::new(), Twice::IsTwice).await;
        if sent.last.as_ref().and_then(|sent| sent.outcome.as_ref().ok()).is_some_and(|it| it.status.as_u16() == 400) {
            return self.json(url, &slack::text(self.message()), None, Twice::IsTwice).await;
        }
        fate(sent)
    }

    pub async fn webhook(&self, url: &Url, key: &Key) -> Fate {
        let now = clock::now();
        let body = webhook::event(self.message(), now).to_string();
        let stamp = STANDARD.stamp(now);
        let unsigned = Unsigned { id: &self.letter.id, ..Unsigned::of(&stamp, body.as_bytes()) };
        match STANDARD.sign(key, &unsigned) {
            Ok(headers) => {
                let headers: HeaderMap = headers.into_iter().collect();
                fate(self.send(url, body, headers, Twice::IsOnce).await)
            }
            Err(error) => Fate::Never(error.to_string()),
        }
    }

    pub async fn alertmanager(&self, url: &Url, token: Option<&SecretString>) -> Fate {
        let alerts = alertmanager::alerts(self.message(), clock::now());
        self.json(&below(url, alertmanager::PATH), &alerts, token, Twice::IsOnce).await
    }

    fn message(&self) -> &Message {
        &self.letter.message
    }

    async fn json(&self, url: &Url, body: &Value, token: Option<&SecretString>, twice: Twice) -> Fate {
        let mut headers = HeaderMap::new();
        if let Some(token) = token {
            let Ok(mut value) = HeaderValue::try_from(format!("Bearer {}", token.expose_secret())) else {
                return Fate::Never("the token cannot stand in a header".to_owned());
            };
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        fate(self.send(url, body.to_string(), headers, twice).await)
    }

    async fn send(&self, url: &Url, body: String, mut headers: HeaderMap, twice: Twice) -> Called {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if twice == Twice::IsOnce
            && let Ok(id) = HeaderValue::try_from(&self.letter.id)
        {
            headers.insert(KEY, id);
        }
        let request = Request { method: Method::POST, url: url.clone(), headers, body: body.into() };
        self.caller.call(&request).await
    }
}

/// An address with a path behind it.
fn below(url: &Url, path: &str) -> Url {
    let mut whole = url.clone();
    whole.set_path(&format!("{}{path}", url.path().trim_end_matches('/')));
    whole
}

fn fate(called: Called) -> Fate {
    let stopped = called.stopped;
    let Some(sent) = called.last else {
        let wait = match stopped {
            Some(Stopped::BreakerOpen(wait) | Stopped::WaitTooLong(wait)) => SignedDuration::try_from(wait).ok(),
            _ => None,
        };
        let why = stopped.map_or_else(|| "it was not asked".to_owned(), |why| format!("it was not asked: {why}"));
        return Fate::Later { why, wait };
    };
    if let Some(refused) = sent.refused {
        return Fate::Never(refused);
    }
    match &sent.outcome {
        Ok(response) => answer::fate(response, clock::now()),
        Err(reason) => Fate::Later { why: reason.to_string(), wait: None },
    }
}
