//! An endpoint that receives webhooks: a rightly signed event has to be taken, and the same wrongly signed refused.

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use url::Url;

use crate::adapter::client::{Client, Sent};
use crate::adapter::clock;
use crate::adapter::delivery::{Clearance, Pace};
use crate::adapter::permits::Speaker;
use crate::domain::exchange::{Exchange, Request};
use crate::domain::finding::{Code, Finding};
use crate::domain::probe::ask::Webhook;
use crate::domain::probe::cannot::{CannotTell, Word};
use crate::domain::probe::heard::{Answer, Heard};
use crate::engine::probe::plan::Planned;
use crate::engine::probe::ward::Ward;
use crate::engine::webhook::delivery::{Order, sign_with};
use crate::steps::world::{Stop, World, no_answer};
use crate::wire::webhook::key::Key;
use crate::wire::webhook::scheme::Scheme;

/// What the wrong one is signed with: no secret of anybody.
const NOT_THE_SECRET: &[u8] = b"preflight: a signature that is wrong on purpose";

/// Delivers both.
pub async fn ask(
    ward: &Ward,
    planned: &Planned,
    world: &World,
    webhook: &Webhook,
    timeout: Duration,
) -> Result<Heard, Stop> {
    let scheme = Scheme::find(&webhook.scheme).map_err(|error| Stop::BadStep(error.to_string()))?;
    let right = scheme.key(&world.fill(&webhook.secret)?).map_err(|error| {
        // The reason says what is wrong with the form, and shows nothing of the value.
        Stop::Unasked(format!("the value of {} is no key: {error}", webhook.secret))
    })?;
    let party = world.party()?;
    let url = format!("{}{}", party.base_url.as_str().trim_end_matches('/'), world.fill(&webhook.path)?);
    let url = Url::parse(&url).map_err(|error| Stop::BadStep(format!("`{}` is no path: {error}", webhook.path)))?;
    let sender = Sender { ward, planned, world, webhook, scheme, url, timeout };
    let first = sender.deliver(&right).await?;
    if let Some(cannot) = cannot(&first) {
        return Ok(Heard::nothing(cannot));
    }
    let second = sender.deliver(&scheme.key_of(NOT_THE_SECRET)).await?;
    if let Some(cannot) = cannot(&second) {
        return Ok(Heard::nothing(cannot));
    }
    let address = first.sent.peer.address.map(|address| address.to_string());
    let heard =
        Heard { took: first.sent.took, address, certificate: first.sent.peer.certificate.clone(), ..Heard::default() };
    let heard = heard.promise(not_taken(&first)).promise(not_refused(&second, &webhook.refused_with));
    // Sentences are about the answer to the right one, which stands last.
    Ok(Heard { answer: Answer::Exchanges(vec![second.exchange(), first.exchange()]), ..heard })
}

struct Sender<'a> {
    ward: &'a Ward,
    planned: &'a Planned,
    world: &'a World,
    webhook: &'a Webhook,
    scheme: &'static Scheme,
    url: Url,
    timeout: Duration,
}

/// A delivery and its answer.
struct Delivered {
    request: Request,
    sent: Sent,
    started: jiff::Timestamp,
}

impl Delivered {
    fn exchange(self) -> Exchange {
        let Sent { outcome, took, approval, .. } = self.sent;
        Exchange { request: self.request, outcome, started: self.started, duration: took, approval }
    }
}

impl Sender<'_> {
    async fn deliver(&self, key: &Key) -> Result<Delivered, Stop> {
        let body = match &self.webhook.body {
            serde_json::Value::String(text) => self.world.fill(text)?,
            document => self.world.fill(&document.to_string())?,
        };
        let order = Order {
            method: Method::POST,
            url: self.url.to_string(),
            event: self.webhook.topic.clone(),
            content_type: Some("application/json".to_owned()),
            id: None,
            body: body.into(),
        };
        let started = clock::now();
        let variable = |name: &str| self.world.lookup(name);
        let signed = sign_with(self.scheme, key, &order, started, &variable);
        let signed = signed.map_err(|error| Stop::Unasked(format!("the event cannot be signed: {error}")))?;
        let url = Url::parse(&signed.url).map_err(|error| Stop::BadStep(error.to_string()))?;
        let mut request = Request { method: signed.method, url, headers: signed.headers, body: signed.body };
        for (name, value) in &self.webhook.headers {
            let value = self.world.fill(value)?;
            let pair = name.parse::<http::HeaderName>().ok().zip(value.parse().ok());
            let (name, value) = pair.ok_or_else(|| Stop::BadStep(format!("`{name}` cannot stand in a header")))?;
            request.headers.insert(name, value);
        }
        let sent = self.send(&request).await?;
        Ok(Delivered { request, sent, started })
    }

    /// A receiver on this machine may be sent to freely, any other as an approval opens it.
    async fn send(&self, request: &Request) -> Result<Sent, Stop> {
        let client: &Client = &self.ward.run.client;
        if let Some(clearance) = Clearance::of_loopback(&self.url) {
            return Ok(client.deliver(request, Pace::Whole, &clearance, self.timeout).await);
        }
        let base_url = self.world.party()?.base_url.clone();
        let speaker = Speaker { integration: self.planned.integration.clone(), base_url, tags: Arc::from(Vec::new()) };
        Ok(client.speaking(speaker).send(request, None, self.timeout).await)
    }
}

/// Why nothing can be told of a delivery.
fn cannot(delivered: &Delivered) -> Option<CannotTell> {
    if let Some(refusal) = &delivered.sent.refused {
        return Some(CannotTell::new(Word::NoApproval, refusal.clone()));
    }
    let reason = delivered.sent.outcome.as_ref().err()?;
    Some(CannotTell::new(Word::of(reason)?, reason.to_string()))
}

fn not_taken(delivered: &Delivered) -> Option<Finding> {
    match &delivered.sent.outcome {
        Err(reason) => Some(no_answer(reason)),
        Ok(answer) if answer.status.is_success() => None,
        Ok(answer) => {
            let status = answer.status.as_u16();
            let told = format!("a rightly signed event was answered {status}: the vendor's events do not arrive");
            Some(Finding::new(Code::Signature, told).expected("2xx").actual(status.to_string()))
        }
    }
}

fn not_refused(delivered: &Delivered, refusals: &[u16]) -> Option<Finding> {
    let status = match &delivered.sent.outcome {
        Err(reason) => return Some(no_answer(reason)),
        Ok(answer) => answer.status,
    };
    if refusals.contains(&status.as_u16()) {
        return None;
    }
    let wanted = refusals.iter().map(u16::to_string).collect::<Vec<_>>().join(", ");
    let told = if status.is_success() {
        format!("a wrongly signed event was answered {}: anybody can send what the app believes", status.as_u16())
    } else {
        format!("a wrongly signed event was answered {}, which is no refusal", status.as_u16())
    };
    Some(Finding::new(Code::Signature, told).expected(wanted).actual(status.as_u16().to_string()))
}
