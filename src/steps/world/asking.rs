//! How a scenario asks: a request is made from what was given, sent, and its exchange kept.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::Value;
use url::Url;

use crate::adapter::client::{Address, Client};
use crate::adapter::clock;
use crate::adapter::permits::Speaker;
use crate::check::mutation::apply::Change;
use crate::domain::exchange::{Exchange, NoAnswer, Request};
use crate::domain::integration::Name;
use crate::domain::target::Target;
use crate::steps::run::Party;
use crate::steps::world::{Staged, StepResult, Stop, World};

/// What is given for the next request.
#[derive(Clone, Default)]
pub struct Draft {
    pub headers: HeaderMap,
    pub query: Vec<(String, String)>,
    pub body: Option<Bytes>,
    pub graphql_variables: Option<Value>,
}

/// What of a scenario comes changed; the first is 0.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Tampered {
    Answer(usize),
    /// A webhook that its twins deliver.
    Delivery(usize),
}

/// One answer of the scenario, or one webhook, comes changed.
pub struct Tampering {
    pub at: Tampered,
    pub change: Arc<Change>,
    /// It came, and was another one.
    pub done: bool,
}

/// Bytes of answers that one scenario holds on to: it keeps them all, for promises about all of them.
const MOST_RECEIVED: usize = 256 * 1024 * 1024;

impl World {
    /// Makes the next request from what is given, and sends it.
    ///
    /// # Errors
    /// It cannot be made, or may not or cannot be sent.
    pub async fn ask(&mut self, method: &str, path: &str) -> StepResult {
        let request = self.build(method, path)?;
        self.send(request).await
    }

    fn build(&mut self, method: &str, path: &str) -> Result<Request, Stop> {
        let party = self.party()?;
        // A link that a twin wrote names the twin's host; its server is at the base URL.
        let own = format!("http://{}", twin_host(self.integration()?));
        let path = path.strip_prefix(&own).filter(|rest| self.has_seat() && rest.starts_with('/')).unwrap_or(path);
        let mut url = address(&party.base_url, path)?;
        let mut headers = HeaderMap::new();
        if let Some(name) = &self.credential {
            let credential = party.manifest.credentials.get(name).ok_or_else(|| unknown_credential(name, party))?;
            for (header, template) in &credential.headers {
                insert(&mut headers, header, &self.fill(template)?)?;
            }
            for (key, template) in &credential.query {
                let value = self.fill(template)?;
                url.query_pairs_mut().append_pair(key, &value);
            }
        }
        let draft = std::mem::take(&mut self.draft);
        if !draft.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&draft.query);
        }
        for (name, value) in &draft.headers {
            headers.insert(name.clone(), value.clone());
        }
        let method =
            Method::from_bytes(method.as_bytes()).map_err(|_| Stop::BadStep(format!("`{method}` is no method")))?;
        Ok(Request { method, url, headers, body: draft.body.unwrap_or_default() })
    }

    /// The whole address of a path, as the service that is asked takes it.
    ///
    /// # Errors
    /// It leads to another host.
    pub fn address_of(&self, path: &str) -> Result<String, Stop> {
        let own = format!("http://{}", twin_host(self.integration()?));
        match self.has_seat() {
            true if path.starts_with('/') => Ok(format!("{own}{path}")),
            true => Ok(path.to_owned()),
            false => Ok(address(&self.party()?.base_url, path)?.into()),
        }
    }

    /// The client, speaking for this scenario.
    fn client(&self) -> Result<Client, Stop> {
        let Staged { run, client, .. } = self.staged()?;
        // A twin asks for no approval, nor for whom we speak.
        if run.target == Target::Twin {
            return Ok(client.clone());
        }
        let (integration, base_url) = (self.integration()?.clone(), self.party()?.base_url.clone());
        Ok(client.speaking(Speaker { integration, base_url, tags: Arc::clone(&self.tags) }))
    }

    /// Sends a request and keeps the exchange.
    ///
    /// # Errors
    /// It may not be sent, or nobody could be reached.
    pub async fn send(&mut self, request: Request) -> StepResult {
        if let Some(script) = &mut self.script {
            let turn = self.exchanges.len();
            let known = script.recall(turn, &request);
            let took = known.ok_or_else(|| Stop::Unasked("the script has another request here".to_owned()))?.duration;
            self.seat()?.scene().advance(took);
            self.exchanges.share(turn + 1);
            // Thousands of answers without a wait between them would keep others of this thread from theirs.
            tokio::task::coop::consume_budget().await;
            return Ok(());
        }
        let mut exchange = self.exchange(request).await?;
        let turn = Tampered::Answer(self.exchanges.len());
        if let Some(tampering) = self.tampering.as_mut().filter(|tampering| tampering.at == turn) {
            tampering.done = tampering.change.apply(&mut exchange);
        }
        self.received += exchange.outcome.as_ref().map_or(0, |response| response.body.len());
        if self.received > MOST_RECEIVED {
            return Err(Stop::Unasked(format!("its answers are longer than {MOST_RECEIVED} bytes together")));
        }
        let unreachable =
            exchange.outcome.as_ref().err().filter(|reason| reason.is_unreachable()).map(ToString::to_string);
        self.exchanges.push(exchange);
        match unreachable {
            Some(reason) => Err(Stop::Unasked(format!("{} could not be reached: {reason}", self.integration()?))),
            None => Ok(()),
        }
    }

    /// Sends a request and hears the answer, or that none came.
    async fn exchange(&self, request: Request) -> Result<Exchange, Stop> {
        let run = Arc::clone(self.run()?);
        let integration = self.integration()?.clone();
        let client = self.client()?;
        if let Some(refusal) = client.refuses(&request) {
            return Err(Stop::Unasked(refusal));
        }
        let timeout = self.timeout.unwrap_or(client.timeout());
        let host = twin_host(&integration);
        let scene = self.staged()?.seat.as_ref().map(|seat| Address { key: seat.key(), host: &host });
        let started = self.now();
        let asking = async {
            let wait = run.wait_before(&integration, clock::start());
            if !wait.is_zero() {
                tokio::time::sleep(wait).await;
            }
            match run.caller.as_ref().filter(|_| !self.looks_at_throttling) {
                None => Ok(client.send(&request, scene, timeout).await),
                // A scenario has a time of its own for each answer.
                Some(caller) => {
                    let answered = caller.call_by(&request, |_| client.send(&request, None, timeout)).await;
                    let stopped = answered.stopped.map_or_else(String::new, |stopped| stopped.to_string());
                    answered.last.ok_or_else(|| Stop::Unasked(format!("{integration} was not asked: {stopped}")))
                }
            }
        };
        let sent = tokio::select! {
            biased;
            () = run.halt.called() => return Err(Stop::Unasked("the run was stopped before its answer came".to_owned())),
            sent = asking => sent?,
        };
        if let Some(refusal) = sent.refused {
            return Err(Stop::Unasked(refusal));
        }
        let approval = sent.approval;
        if run.target == Target::Live && sent.peer.address.is_some() {
            let mut hosts = crate::adapter::stage::lock(&run.hosts);
            hosts.entry(integration).or_default().note(&sent.peer, sent.outcome.as_ref().ok());
        }
        Ok(match &self.staged()?.seat {
            None => Exchange { request, outcome: sent.outcome, started, duration: sent.took, approval },
            Some(own) => {
                // What a twin takes is what it models; the machine's own noise is no fact about the vendor.
                let delay = own.scene().take_delay();
                let late = delay > timeout;
                let outcome = if late { Err(NoAnswer::TimedOut(millis(timeout))) } else { sent.outcome };
                Exchange { request, outcome, started, duration: delay.min(timeout), approval }
            }
        })
    }

    /// Sends the last request again.
    ///
    /// # Errors
    /// There is none, or it cannot be sent.
    pub async fn repeat(&mut self) -> StepResult {
        let last = self.exchanges.len().checked_sub(1).and_then(|last| self.exchanges.request(last)).cloned();
        self.send(last.ok_or_else(no_request)?).await
    }

    /// Gives a header to the next request.
    ///
    /// # Errors
    /// It cannot stand in a header.
    pub fn give_header(&mut self, name: &str, value: &str) -> StepResult {
        insert(&mut self.draft.headers, name, value)
    }
}

fn no_request() -> Stop {
    Stop::BadStep("no request was made that could be repeated".to_owned())
}

fn unknown_credential(name: &str, party: &Party) -> Stop {
    let known: Vec<_> = party.manifest.credentials.keys().map(String::as_str).collect();
    Stop::BadStep(format!("the manifest has no credential `{name}`; it has {}", known.join(", ")))
}

fn insert(headers: &mut HeaderMap, name: &str, value: &str) -> StepResult {
    let bad = |what: &str| Stop::BadStep(format!("`{what}` cannot stand in a header"));
    let key = HeaderName::from_bytes(name.as_bytes()).map_err(|_| bad(name))?;
    let value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| bad(name))?;
    headers.insert(key, value);
    Ok(())
}

/// What a twin of a run takes for its host name (RFC 6761 keeps `.test` for such use).
fn twin_host(integration: &Name) -> String {
    format!("{integration}.test")
}

/// A path under the base URL, or a link that the service gave; never another host, which would be handed our credentials.
fn address(base: &Url, path: &str) -> Result<Url, Stop> {
    if path.starts_with('/') {
        let text = format!("{}{path}", base.as_str().trim_end_matches('/'));
        return Url::parse(&text).map_err(|error| Stop::BadStep(format!("`{path}` is no path: {error}")));
    }
    match Url::parse(path) {
        Ok(url) if url.origin() == base.origin() => Ok(url),
        Ok(url) => Err(Stop::BadStep(format!(
            "{} is another host than the contract's ({})",
            url.origin().ascii_serialization(),
            base.origin().ascii_serialization()
        ))),
        Err(_) => Err(Stop::BadStep(format!("`{path}` is no path: write it from the root, as in \"/{path}\""))),
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
