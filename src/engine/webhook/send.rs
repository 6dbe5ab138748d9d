//! Sends deliveries to a receiver as the vendor would, its retries too, and tells what became of each attempt.

use std::time::Duration;

use bytes::Bytes;
use http::Method;
use serde::Serialize;
use url::{Host, Url};

use crate::adapter::client::{Client, Options, Safety};
use crate::adapter::clock;
use crate::adapter::environment::Environment;
use crate::adapter::ledger::Ledger;
use crate::adapter::permits::{Permits, Speaker};
use crate::adapter::workspace::Workspace;
use crate::domain::exchange::{NoAnswer, Request};
use crate::domain::integration::Name;
use crate::domain::secret::Redactor;
use crate::engine::webhook::delivery::{DeliveryError, Order, sign};
use crate::wire::webhook::conduct::{Conduct, Delay, Fate};
use crate::wire::webhook::key::Key;
use crate::wire::webhook::scheme::Scheme;

/// How long an answer may take where the vendor says nothing.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is sent, and how often.
pub struct Round<'a> {
    pub scheme: &'a Scheme,
    pub key: &'a Key,
    pub order: Order,
    /// Deliveries, each with an id of its own.
    pub count: u32,
    /// Between two deliveries.
    pub every: Duration,
    /// Whether what fails is sent again as the vendor does.
    pub retry: bool,
    /// By how much the vendor's waits are shortened.
    pub speed: f64,
}

/// One attempt, and what the vendor makes of it.
#[derive(Clone, Debug, Serialize)]
pub struct Attempt {
    pub delivery: u32,
    pub attempt: u32,
    pub id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Why there was no answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_answer: Option<String>,
    pub took_ms: u64,
    pub accepted: bool,
    /// What the vendor does now.
    pub then: String,
}

/// What became of all.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Sent {
    pub scheme: String,
    pub url: String,
    pub event: String,
    pub attempts: Vec<Attempt>,
    pub accepted: u32,
    pub refused: u32,
    /// Deliveries that nobody answered.
    pub unanswered: u32,
}

/// Why nothing was sent.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    #[error("{host} is not this machine, and nothing live is changed without an approval")]
    NotLoopback { host: String },
    #[error("{url} belongs to no integration of environment `{environment}`")]
    NobodyS { url: String, environment: String },
    #[error("{0}")]
    Refused(String),
    #[error(transparent)]
    Delivery(#[from] DeliveryError),
}

impl SendError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NotLoopback { .. } => Some(
                "name the environment with --env, and approve it: preflight approve INTEGRATION POST /path".to_owned(),
            ),
            Self::NobodyS { environment, .. } => {
                Some(format!("declare the receiver under environments.{environment}.base_urls, and approve it"))
            }
            Self::Refused(_) => {
                Some("preflight approve INTEGRATION POST /path --env ENVIRONMENT --until 1h --uses N".to_owned())
            }
            Self::Delivery(error) => error.hint(),
        }
    }
}

/// Whether an address is on this machine, by what is written in it.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

/// A client that may send to this address: any on this machine; elsewhere what an approval of the ledger covers.
///
/// # Errors
/// It is elsewhere, and no environment, or no integration of it, is meant.
pub fn client(workspace: &Workspace, ledger: &Ledger, environment: Option<&str>, url: &Url) -> anyhow::Result<Client> {
    if is_loopback(url) {
        let safety = if url.scheme() == "https" { Safety::Outgoing } else { Safety::Anything };
        return Ok(Client::new(Options::new(safety))?);
    }
    let host = url.host_str().unwrap_or_default().to_owned();
    let Some(environment) = environment else { return Err(SendError::NotLoopback { host }.into()) };
    let speaker = speaker(workspace, environment, url)?;
    let permits = Permits {
        ledger: ledger.clone(),
        inventory: workspace.inventory.clone(),
        environment: environment.to_owned(),
        contracts: workspace.contracts.iter().map(|(name, known)| (name.clone(), known.hash.clone())).collect(),
        redactor: Redactor::default(),
    };
    Ok(Client::new(Options::new(Safety::SafeOnly))?.permitted(permits).speaking(speaker))
}

/// The integration below whose base URL the address lies, the nearest one.
fn speaker(workspace: &Workspace, environment: &str, url: &Url) -> anyhow::Result<Speaker> {
    let inventory = &workspace.inventory;
    let nobody = || SendError::NobodyS { url: url.to_string(), environment: environment.to_owned() };
    let declared = inventory.environments.get(environment).ok_or_else(nobody)?;
    let loaded = Environment::load(workspace.root.as_deref(), environment, declared)?;
    let mut best: Option<(Name, Url)> = None;
    for name in declared.base_urls.keys() {
        // One whose variable is not set is not the one that is meant.
        let Ok(base) = loaded.base_url(name) else { continue };
        let path = base.path().trim_end_matches('/');
        let below = url.origin() == base.origin()
            && url.path().strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        if below && best.as_ref().is_none_or(|(_, known)| known.path().len() < base.path().len()) {
            best = Some((name.clone(), base));
        }
    }
    let (integration, base_url) = best.ok_or_else(nobody)?;
    Ok(Speaker { integration, base_url, tags: Vec::new().into() })
}

/// Sends all, telling each attempt when it is done.
///
/// # Errors
/// A delivery cannot be signed, or may not be sent.
pub async fn send(round: &Round<'_>, client: &Client, tell: &dyn Fn(&Attempt)) -> Result<Sent, SendError> {
    let mut sent = Sent {
        scheme: round.scheme.name.to_string(),
        url: round.order.url.clone(),
        event: round.order.event.clone(),
        ..Sent::default()
    };
    for delivery in 1..=round.count {
        if delivery > 1 {
            tokio::time::sleep(round.every).await;
        }
        let last = one(round, client, delivery, &mut sent.attempts, tell).await?;
        match last {
            Fate::Answered(200..=299) => sent.accepted += 1,
            Fate::Answered(_) => sent.refused += 1,
            Fate::Timeout | Fate::Unreachable => sent.unanswered += 1,
        }
    }
    Ok(sent)
}

/// One delivery with its retries; how it ended.
async fn one(
    round: &Round<'_>,
    client: &Client,
    delivery: u32,
    attempts: &mut Vec<Attempt>,
    tell: &dyn Fn(&Attempt),
) -> Result<Fate, SendError> {
    let conduct = &round.scheme.conduct;
    let mut order = round.order.clone();
    let mut delays = conduct.delays().into_iter();
    let mut number = 0;
    loop {
        number += 1;
        // Signed anew: a scheme with a time dates every attempt, its id stays.
        let signed = sign(round.scheme, round.key, &order, clock::now())?;
        order.id = Some(signed.id.clone());
        let mut request = Request {
            method: signed.method,
            url: signed.url.parse().map_err(|_| SendError::Refused(format!("`{}` is no address", signed.url)))?,
            headers: signed.headers,
            body: signed.body,
        };
        if let (Some(name), 2..) = (&conduct.retry_number, number)
            && let (Ok(name), value) = (name.parse::<http::HeaderName>(), number - 1)
        {
            request.headers.insert(name, value.into());
        }
        let (fate, mut attempt) = attempt(client, &request, conduct).await?;
        attempt.delivery = delivery;
        attempt.attempt = number;
        attempt.id = signed.id;
        let wait = if conduct.is_success(fate) || !conduct.retries(fate) { None } else { delays.next() };
        attempt.then = then(conduct, fate, wait, round);
        tell(&attempt);
        attempts.push(attempt);
        match wait.filter(|_| round.retry) {
            Some(delay) => tokio::time::sleep(delay.wait.div_f64(round.speed)).await,
            None => return Ok(fate),
        }
    }
}

async fn attempt(client: &Client, request: &Request, conduct: &Conduct) -> Result<(Fate, Attempt), SendError> {
    let sent = client.send(request, None, conduct.answer_within().unwrap_or(PATIENCE)).await;
    if let Some(reason) = sent.refused {
        return Err(SendError::Refused(reason));
    }
    let (fate, no_answer) = match &sent.outcome {
        Ok(response) => (Fate::Answered(response.status.as_u16()), None),
        Err(reason @ NoAnswer::TimedOut(_)) => (Fate::Timeout, Some(reason.to_string())),
        Err(reason) => (Fate::Unreachable, Some(reason.to_string())),
    };
    let attempt = Attempt {
        delivery: 0,
        attempt: 0,
        id: String::new(),
        status: if let Fate::Answered(status) = fate { Some(status) } else { None },
        no_answer,
        took_ms: u64::try_from(sent.took.as_millis()).unwrap_or(u64::MAX),
        accepted: conduct.is_success(fate),
        then: String::new(),
    };
    Ok((fate, attempt))
}

/// What the vendor does after an attempt, in words.
fn then(conduct: &Conduct, fate: Fate, wait: Option<Delay>, round: &Round<'_>) -> String {
    if conduct.is_success(fate) {
        return "delivered".to_owned();
    }
    let name = &round.scheme.name;
    let mut said = match wait {
        Some(delay) => {
            let spread = if delay.is_published { "" } else { ", our spread of what is published" };
            format!("{name} sends it again in {} s{spread}", delay.wait.as_secs())
        }
        None if conduct.retries(fate) && conduct.delays().is_empty() => {
            format!("{name} sends it again, when is not published")
        }
        None if conduct.retries(fate) => format!("{name} gives it up"),
        None if conduct.source.is_empty() => "what happens next is not known".to_owned(),
        None => format!("{name} does not send it again"),
    };
    if conduct.disables(fate)
        && let Some(disabling) = &conduct.disables
    {
        said.push_str("; ");
        said.push_str(&disabling.effect);
    }
    said
}

/// What an order of no special kind is.
pub fn post(url: &Url, event: &str, body: Bytes, content_type: Option<String>) -> Order {
    Order { method: Method::POST, url: url.to_string(), event: event.to_owned(), content_type, id: None, body }
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn only_this_machine_is_this_machine() {
        for url in [
            "http://127.0.0.1:3000/x",
            "http://localhost/",
            "https://[::1]/",
            "http://app.localhost:1/",
            "http://127.9.9.9/",
        ] {
            assert!(is_loopback(&url.parse().unwrap()), "{url}");
        }
        for url in [
            "http://127.0.0.1.example/",
            "https://localhost.example/",
            "http://10.0.0.1/",
            "http://0.0.0.0/",
            "http://[::]/",
        ] {
            assert!(!is_loopback(&url.parse().unwrap()), "{url}");
        }
    }
}
