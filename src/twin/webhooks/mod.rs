//! A reference receiver of Shopify's and Chatwoot's webhooks: what the app's own endpoints must do.
//!
//! It implements the webhook security framework that HotDash wrote in October 2025 (raw body, 401/400/403/429,
//! idempotency, rates for each source, audit log) against the deliveries that Shopify (2026-10) and Chatwoot (4.15)
//! really make. Where the framework is silent or contradicts itself, the choice is marked where it is made.

mod event;
mod journal;
mod rate;
mod refusal;
mod secrets;
mod source;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::domain::json;
use crate::twin::answer::{Answer, Reply};
use crate::twin::kit::{credentials, ids::Ids, reply, request};
use crate::twin::setting::{Setting, Unarranged};
use crate::twin::webhooks::event::Event;
use crate::twin::webhooks::journal::{Entry, Journal, Novelty};
use crate::twin::webhooks::rate::Rates;
use crate::twin::webhooks::refusal::Refusal;
use crate::twin::webhooks::secrets::Secrets;
use crate::twin::webhooks::source::Source;
use crate::twin::{Identity, Start, Twin};

const AUDIT_TOKEN_VARIABLE: &str = "WEBHOOK_AUDIT_TOKEN";

/// The version that the app's subscriptions are made for; deliveries name it, the receiver only wants it named.
const SHOPIFY_API_VERSION: (&str, &str) = ("SHOPIFY_API_VERSION", "2026-10");

const SETTINGS: [Setting; 5] = [
    Setting { name: "env:NAME", meaning: "an environment variable of the receiver; null removes it" },
    Setting { name: "previous-secret:shopify", meaning: "a secret that is still accepted for a day" },
    Setting { name: "previous-secret:chatwoot", meaning: "a secret that is still accepted for a day" },
    Setting { name: "max-body-bytes", meaning: "bytes that a delivery's body may have" },
    Setting { name: "processing-ms", meaning: "milliseconds that it takes before it answers" },
];

/// How long the receiver takes to answer: it verifies, notes and hands over; the work comes later. Our figure.
const ANSWER_TIME: Duration = Duration::from_millis(15);

/// The framework names no limit for a body; ours.
const MOST_BODY_BYTES: usize = 1 << 20;

/// An id that nobody vouches for is logged no longer than this (letters).
const LOGGED_ID: usize = 64;

/// The receiver.
#[derive(Clone, Debug)]
pub struct Webhooks {
    secrets: BTreeMap<Source, Secrets>,
    /// For whom it receives: the shop, the account.
    tenants: BTreeMap<Source, String>,
    audit_token: String,
    rates: Rates,
    journal: Journal,
    most_body_bytes: usize,
    work: Duration,
}

/// What became of an acceptable delivery.
enum Accepted {
    Processed,
    Filtered(&'static str),
    Duplicate(Novelty),
}

/// An acceptable delivery.
struct Receipt {
    delivery_id: String,
    event: String,
    accepted: Accepted,
}

impl Webhooks {
    pub fn new(start: &Start) -> Self {
        let secret = |source| match source {
            Source::Shopify => credentials::SHOPIFY_API_SECRET,
            Source::Chatwoot => credentials::CHATWOOT_WEBHOOK_SECRET,
        };
        let tenant = |source| match source {
            Source::Shopify => credentials::SHOPIFY_SHOP_DOMAIN,
            Source::Chatwoot => credentials::CHATWOOT_ACCOUNT_ID,
        };
        Self {
            secrets: Source::ALL.map(|source| (source, Secrets::new(secret(source)))).into(),
            tenants: Source::ALL.map(|source| (source, tenant(source).to_owned())).into(),
            audit_token: Ids::new(start.seed).base58(32),
            rates: Rates::new(),
            journal: Journal::default(),
            most_body_bytes: MOST_BODY_BYTES,
            work: Duration::ZERO,
        }
    }

    fn receive(&mut self, now: Timestamp, source_name: &str, request: &Request<Bytes>) -> Answer {
        let source = Source::named(source_name);
        let outcome = self.judge(now, source, request);
        let claimed = source.and_then(|source| source.delivery_id(request.headers()));
        let mut entry = Entry {
            at: now,
            source,
            delivery_id: claimed.map(|id| id.chars().take(LOGGED_ID).collect()),
            event: None,
            verified: false,
            outcome: "",
            took: ANSWER_TIME,
        };
        let response = match outcome {
            Ok(receipt) => {
                entry.verified = true;
                entry.outcome = receipt.accepted.code();
                let response = reply::json(StatusCode::OK, &receipt.shown());
                entry.event = Some(receipt.event);
                response
            }
            Err(refusal) => {
                entry.verified = refusal.is_after_verification();
                entry.outcome = refusal.code();
                refusal.response()
            }
        };
        self.journal.note(entry);
        let mut reply = Reply::new(response);
        reply.delay = ANSWER_TIME;
        reply.into()
    }

    /// The checks in the order in which they cost least and tell a stranger least.
    fn judge(&mut self, now: Timestamp, source: Option<Source>, request: &Request<Bytes>) -> Result<Receipt, Refusal> {
        if request.method() != Method::POST {
            return Err(Refusal::WrongMethod { allow: "POST" });
        }
        self.rates.admit(source, now).map_err(|retry_after| Refusal::TooMany { retry_after })?;
        let source = source.ok_or(Refusal::UnknownSource)?;
        if !is_json(request) {
            return Err(Refusal::WrongMediaType);
        }
        if request.body().len() > self.most_body_bytes {
            return Err(Refusal::TooLarge { most: self.most_body_bytes });
        }
        let (headers, body) = (request.headers(), request.body());
        let secrets = self.secrets.get(&source).ok_or(Refusal::NoSecret)?;
        secrets.verify(source, headers, body, now)?;
        source.check_headers(headers)?;
        let parsed = json::parse(body).ok().filter(Value::is_object).ok_or(Refusal::InvalidJson)?;
        let tenant = self.tenants.get(&source).ok_or(Refusal::UnknownTenant)?;
        source.check_tenant(headers, &parsed, tenant)?;
        let event = Event::read(source, headers, &parsed)?;
        let id = source.delivery_id(headers).unwrap_or_default();
        Ok(self.accept(now, source, id, event, body))
    }

    fn accept(&mut self, now: Timestamp, source: Source, id: &str, event: Event, body: &[u8]) -> Receipt {
        let name = event.name.clone();
        let accepted = match (self.journal.see(source, id, body, now), event.filtered) {
            (Novelty::New, None) => {
                self.journal.apply(source, id, event, now, self.work);
                Accepted::Processed
            }
            (Novelty::New, Some(reason)) => Accepted::Filtered(reason),
            (known, _) => Accepted::Duplicate(known),
        };
        Receipt { delivery_id: id.to_owned(), event: name, accepted }
    }

    /// The log and the effects, for whoever has the token.
    fn show(&self, request: &Request<Bytes>, shown: impl Fn() -> Value) -> Answer {
        if request.method() != Method::GET {
            return Refusal::WrongMethod { allow: "GET" }.response().into();
        }
        if request::bearer(request) != Some(self.audit_token.as_str()) {
            return Refusal::NotAuditor.response().into();
        }
        reply::json(StatusCode::OK, &shown()).into()
    }

    fn set_variable(&mut self, now: Timestamp, name: &str, value: &Value) -> Result<(), Unarranged> {
        let setting = format!("env:{name}");
        if let Some(source) = Source::ALL.into_iter().find(|source| source.secret_variable() == name) {
            let secrets = self.secrets.entry(source).or_default();
            match value {
                Value::Null => secrets.forget(),
                Value::String(secret) => secrets.rotate(secret, now),
                other => return Err(Unarranged::bad_value(&setting, other, "use a text, or null for none")),
            }
            return Ok(());
        }
        let Some(source) = Source::ALL.into_iter().find(|source| source.tenant_variable() == name) else {
            let known: Vec<_> = Source::ALL.iter().flat_map(|s| [s.secret_variable(), s.tenant_variable()]).collect();
            return Err(Unarranged::bad_value("env", &name.into(), format!("use {}", known.join(", "))));
        };
        match value {
            Value::Null => drop(self.tenants.remove(&source)),
            Value::String(tenant) => drop(self.tenants.insert(source, tenant.clone())),
            other => return Err(Unarranged::bad_value(&setting, other, "use a text, or null for none")),
        }
        Ok(())
    }
}

impl Accepted {
    fn code(&self) -> &'static str {
        match self {
            Self::Processed => "processed",
            Self::Filtered(_) => "filtered",
            Self::Duplicate(Novelty::Conflict) => "conflicting-duplicate",
            Self::Duplicate(_) => "duplicate",
        }
    }
}

impl Receipt {
    fn shown(&self) -> Value {
        let mut shown = json!({ "ok": true, "outcome": self.accepted.code(), "delivery_id": self.delivery_id });
        if let Accepted::Filtered(reason) = self.accepted {
            shown["reason"] = reason.into();
        }
        shown
    }
}

/// `application/json`, with or without parameters.
fn is_json(request: &Request<Bytes>) -> bool {
    let value = request::header(request, "content-type").unwrap_or_default();
    let media_type = value.split(';').next().unwrap_or_default().trim();
    media_type.eq_ignore_ascii_case("application/json")
}

impl Twin for Webhooks {
    fn identity(&self) -> Identity {
        let (name, value) = SHOPIFY_API_VERSION;
        let mut variables = BTreeMap::from([
            (AUDIT_TOKEN_VARIABLE.to_owned(), self.audit_token.clone()),
            (name.to_owned(), value.to_owned()),
        ]);
        for source in Source::ALL {
            let secret = self.secrets.get(&source).and_then(Secrets::present).unwrap_or_default();
            variables.insert(source.secret_variable().to_owned(), secret.to_owned());
            let tenant = self.tenants.get(&source).cloned().unwrap_or_default();
            variables.insert(source.tenant_variable().to_owned(), tenant);
        }
        Identity {
            version: "2025-10".to_owned(),
            variables,
            base_url_variable: "WEBHOOK_RECEIVER_URL",
            header_spelling: &[],
        }
    }

    fn answer(&mut self, now: Timestamp, request: &Request<Bytes>) -> Answer {
        let segments = request::segments(request);
        let segments: Vec<_> = segments.iter().map(String::as_str).collect();
        match segments[..] {
            ["webhooks", "audit"] => self.show(request, || self.journal.audit()),
            ["webhooks", "effects"] => self.show(request, || self.journal.effects(now)),
            ["webhooks", source] => self.receive(now, source, request),
            _ => Reply::gap("this path", request).into(),
        }
    }

    fn arrange(&mut self, now: Timestamp, setting: &str, value: &Value) -> Result<(), Unarranged> {
        if let Some(name) = setting.strip_prefix("env:") {
            return self.set_variable(now, name, value);
        }
        if let Some(source) = setting.strip_prefix("previous-secret:").and_then(Source::named) {
            let secret = value.as_str().ok_or_else(|| Unarranged::bad_value(setting, value, "use a text"))?;
            self.secrets.entry(source).or_default().retire(secret, now);
            return Ok(());
        }
        let number = || value.as_u64().ok_or_else(|| Unarranged::bad_value(setting, value, "use a whole number"));
        match setting {
            "max-body-bytes" => self.most_body_bytes = usize::try_from(number()?).unwrap_or(usize::MAX),
            "processing-ms" => self.work = Duration::from_millis(number()?),
            _ => return Err(Unarranged::unknown(setting, &SETTINGS)),
        }
        Ok(())
    }

    fn settings(&self) -> &'static [Setting] {
        &SETTINGS
    }

    fn fork(&self) -> Box<dyn Twin> {
        Box::new(self.clone())
    }
}
