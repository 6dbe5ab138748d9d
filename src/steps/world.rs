//! The state of one scenario: what is being prepared, what was asked, what was promised and broken.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use jiff::Timestamp;
use serde_json::Value;
use url::Url;

use crate::adapter::client::{Address, Client};
use crate::adapter::clock;
use crate::adapter::permits::Speaker;
use crate::adapter::stage::Seat;
use crate::check::body;
use crate::check::branches::Branches;
use crate::check::path::{Node, select};
use crate::domain::contract::Place;
use crate::domain::exchange::{Exchange, NoAnswer, Request, Response};
use crate::domain::finding::{Code, Finding};
use crate::domain::integration::Name;
use crate::domain::target::Target;
use crate::steps::args::fill;
use crate::steps::receiving::Hook;
use crate::steps::run::{Party, Run};

/// Why a scenario goes no further.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Stop {
    /// It cannot be asked, and that is nobody's broken promise.
    Unasked(String),
    /// The sentence makes no sense as it stands.
    BadStep(String),
}

impl From<String> for Stop {
    fn from(reason: String) -> Self {
        Self::BadStep(reason)
    }
}

pub type StepResult = Result<(), Stop>;

/// What is given for the next request.
#[derive(Default)]
pub struct Draft {
    pub headers: HeaderMap,
    pub query: Vec<(String, String)>,
    pub body: Option<Bytes>,
    pub graphql_variables: Option<Value>,
}

/// Bytes of answers that one scenario holds on to: it keeps them all, for promises about all of them.
const MOST_RECEIVED: usize = 256 * 1024 * 1024;

/// One scenario's state.
#[derive(Default)]
pub struct World {
    stage: Option<Staged>,
    pub draft: Draft,
    /// The name of the manifest's credential that requests carry.
    pub credential: Option<String>,
    pub timeout: Option<Duration>,
    pub remembered: BTreeMap<String, Value>,
    /// Values that were remembered from where a secret stands.
    pub secrets: Vec<String>,
    pub exchanges: Vec<Exchange>,
    /// Which exchanges were pages of one list.
    pub pages: Vec<usize>,
    pub hook: Option<Hook>,
    pub findings: Vec<Finding>,
    /// How many promises were asked.
    pub checks: u32,
    pub branches: Branches,
    pub stop: Option<(Stop, Place)>,
    /// The scenario's, without `@`.
    pub tags: Arc<[String]>,
    /// The body of the last answer as JSON, read once.
    document: Option<(usize, Arc<Value>)>,
    place: Option<Place>,
}

/// A world that a scenario has entered.
struct Staged {
    run: Arc<Run>,
    integration: Name,
    file: String,
    seat: Option<Seat>,
}

impl cucumber::World for World {
    type Error = Infallible;

    async fn new() -> Result<Self, Infallible> {
        Ok(Self::default())
    }
}

impl fmt::Debug for World {
    /// Shows where the scenario stands and nothing that it holds: that may be secret.
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        write!(formatter, "World({} exchanges, {} findings)", self.exchanges.len(), self.findings.len())
    }
}

impl World {
    /// Enters a scenario of an integration's contract.
    pub fn enter(&mut self, run: &Arc<Run>, integration: &Name, file: &str) {
        let seat = run.stage.as_ref().map(crate::adapter::stage::Stage::open);
        self.credential = run.parties.get(integration).and_then(|party| party.manifest.default_credential.clone());
        self.stage =
            Some(Staged { run: Arc::clone(run), integration: integration.clone(), file: file.to_owned(), seat });
    }

    fn staged(&self) -> Result<&Staged, Stop> {
        self.stage.as_ref().ok_or_else(|| Stop::Unasked("the scenario was never entered".to_owned()))
    }

    pub fn run(&self) -> Result<&Arc<Run>, Stop> {
        Ok(&self.staged()?.run)
    }

    /// The integration whose contract this is.
    pub fn integration(&self) -> Result<&Name, Stop> {
        Ok(&self.staged()?.integration)
    }

    pub fn party(&self) -> Result<&Party, Stop> {
        let staged = self.staged()?;
        staged
            .run
            .parties
            .get(&staged.integration)
            .ok_or_else(|| Stop::Unasked(format!("{} has no base URL here", staged.integration)))
    }

    /// The twins' scene.
    ///
    /// # Errors
    /// On a live target nothing can be arranged.
    pub fn seat(&self) -> Result<&Seat, Stop> {
        self.staged()?.seat.as_ref().ok_or_else(|| {
            Stop::Unasked(
                "the scenario arranges its twin, which a live service does not allow (tag it @twin-only)".to_owned(),
            )
        })
    }

    pub fn has_seat(&self) -> bool {
        self.stage.as_ref().is_some_and(|staged| staged.seat.is_some())
    }

    /// The time where the scenario plays.
    pub fn now(&self) -> Timestamp {
        match &self.stage {
            Some(Staged { seat: Some(seat), .. }) => seat.scene().now(),
            _ => clock::now(),
        }
    }

    /// Where the sentence stands that is being performed.
    pub fn place(&self) -> Place {
        self.place.clone().unwrap_or(Place { file: String::new(), line: 0 })
    }

    pub fn at_line(&mut self, line: usize) {
        let file = self.stage.as_ref().map(|staged| staged.file.clone()).unwrap_or_default();
        self.place = Some(Place { file, line });
    }

    /// The value of `${name}`: what was remembered, then the variables of the integration and of all others.
    pub fn lookup(&self, name: &str) -> Option<String> {
        if let Some(value) = self.remembered.get(name) {
            return Some(crate::check::matcher::plain(value));
        }
        let staged = self.stage.as_ref()?;
        let own = staged.run.parties.get(&staged.integration).and_then(|party| party.variables.get(name));
        own.or_else(|| staged.run.parties.values().find_map(|party| party.variables.get(name))).cloned()
    }

    /// Fills `${NAME}` in.
    ///
    /// # Errors
    /// A name without a value: the scenario cannot be asked.
    pub fn fill(&self, text: &str) -> Result<String, Stop> {
        fill(text, |name| self.lookup(name))
            .map_err(|name| Stop::Unasked(format!("needs ${{{name}}}, which has no value")))
    }

    /// Counts a promise that was asked, and what it found.
    pub fn promise(&mut self, finding: Option<Finding>) {
        self.checks += 1;
        if let Some(finding) = finding {
            let place = self.place();
            self.findings.push(if finding.place.is_some() { finding } else { finding.at(place) });
        }
    }

    /// The last exchange.
    ///
    /// # Errors
    /// Nothing was asked yet.
    pub fn last(&self) -> Result<&Exchange, Stop> {
        self.exchanges.last().ok_or_else(|| Stop::BadStep("no request was made before this promise".to_owned()))
    }

    /// The last answer; where none came, that is the finding.
    ///
    /// # Errors
    /// Nothing was asked yet.
    pub fn answer(&mut self) -> Result<Option<Response>, Stop> {
        match &self.last()?.outcome {
            Ok(response) => Ok(Some(response.clone())),
            Err(reason) => {
                let finding = no_answer(reason);
                self.promise(Some(finding));
                Ok(None)
            }
        }
    }

    /// The body of the last answer as JSON; where it is none, that is the finding.
    ///
    /// # Errors
    /// Nothing was asked yet.
    pub fn document(&mut self) -> Result<Option<Arc<Value>>, Stop> {
        let index = self.exchanges.len();
        if let Some((of, document)) = &self.document
            && *of == index
        {
            return Ok(Some(Arc::clone(document)));
        }
        let Some(response) = self.answer()? else { return Ok(None) };
        match body::json(&response) {
            Ok(value) => {
                let value = Arc::new(value);
                self.document = Some((index, Arc::clone(&value)));
                Ok(Some(value))
            }
            Err(finding) => {
                self.promise(Some(*finding));
                Ok(None)
            }
        }
    }

    /// What a JSONPath selects in the last answer. `judge` sees the nodes and says what is wrong with them.
    ///
    /// # Errors
    /// Nothing was asked yet, or the path is none.
    pub fn judge_nodes(
        &mut self,
        path: &str,
        judge: impl FnOnce(&[Node]) -> Result<Option<Finding>, String>,
    ) -> StepResult {
        let Some(document) = self.document()? else { return Ok(()) };
        let nodes = select(path, &document)?;
        let finding = judge(&nodes)?;
        self.promise(finding);
        Ok(())
    }

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

    /// The client, speaking for this scenario.
    fn client(&self) -> Result<Client, Stop> {
        let run = self.run()?;
        // A twin asks for no approval, nor for whom we speak.
        if run.target == Target::Twin {
            return Ok(run.client.clone());
        }
        let (integration, base_url) = (self.integration()?.clone(), self.party()?.base_url.clone());
        Ok(run.client.speaking(Speaker { integration, base_url, tags: Arc::clone(&self.tags) }))
    }

    /// Sends a request and keeps the exchange.
    ///
    /// # Errors
    /// It may not be sent, or nobody could be reached.
    pub async fn send(&mut self, request: Request) -> StepResult {
        let run = Arc::clone(self.run()?);
        let integration = self.integration()?.clone();
        let client = self.client()?;
        if let Some(refusal) = client.refuses(&request) {
            return Err(Stop::Unasked(refusal));
        }
        let timeout = self.timeout.unwrap_or(run.client.timeout());
        let host = twin_host(&integration);
        let scene = self.staged()?.seat.as_ref().map(|seat| Address { key: seat.key(), host: &host });
        let started = self.now();
        let asking = async {
            let wait = run.wait_before(&integration, clock::start());
            if !wait.is_zero() {
                tokio::time::sleep(wait).await;
            }
            client.send(&request, scene, timeout).await
        };
        let sent = tokio::select! {
            biased;
            () = run.halt.called() => return Err(Stop::Unasked("the run was stopped before its answer came".to_owned())),
            sent = asking => sent,
        };
        if let Some(refusal) = sent.refused {
            return Err(Stop::Unasked(refusal));
        }
        let approval = sent.approval;
        if run.target == Target::Live && sent.peer.address.is_some() {
            let mut hosts = crate::adapter::stage::lock(&run.hosts);
            hosts.entry(integration).or_default().note(&sent.peer, sent.outcome.as_ref().ok());
        }
        let exchange = match &self.staged()?.seat {
            None => Exchange { request, outcome: sent.outcome, started, duration: sent.took, approval },
            Some(own) => {
                // What a twin takes is what it models; the machine's own noise is no fact about the vendor.
                let delay = own.scene().take_delay();
                let late = delay > timeout;
                let outcome = if late { Err(NoAnswer::TimedOut(millis(timeout))) } else { sent.outcome };
                Exchange { request, outcome, started, duration: delay.min(timeout), approval }
            }
        };
        let unreachable =
            exchange.outcome.as_ref().err().filter(|reason| reason.is_unreachable()).map(ToString::to_string);
        let received: usize = self
            .exchanges
            .iter()
            .chain([&exchange])
            .filter_map(|it| it.outcome.as_ref().ok())
            .map(|it| it.body.len())
            .sum();
        if received > MOST_RECEIVED {
            return Err(Stop::Unasked(format!("its answers are longer than {MOST_RECEIVED} bytes together")));
        }
        self.exchanges.push(exchange);
        match unreachable {
            Some(reason) => Err(Stop::Unasked(format!("{} could not be reached: {reason}", self.integration()?))),
            None => Ok(()),
        }
    }

    /// Sends the last request again.
    ///
    /// # Errors
    /// There is none, or it cannot be sent.
    pub async fn repeat(&mut self) -> StepResult {
        let request = self.last()?.request.clone();
        self.send(request).await
    }

    /// Gives a header to the next request.
    ///
    /// # Errors
    /// It cannot stand in a header.
    pub fn give_header(&mut self, name: &str, value: &str) -> StepResult {
        insert(&mut self.draft.headers, name, value)
    }

    /// Requests that the twins of the scene do not model.
    pub fn gaps(&self) -> Vec<String> {
        self.stage
            .as_ref()
            .and_then(|staged| staged.seat.as_ref())
            .map(|seat| seat.scene().take_gaps())
            .unwrap_or_default()
    }
}

/// The finding that no whole answer came.
pub fn no_answer(reason: &NoAnswer) -> Finding {
    Finding::new(Code::NoAnswer, format!("no answer came: {reason}")).expected("an answer").actual(reason.to_string())
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
pub fn address(base: &Url, path: &str) -> Result<Url, Stop> {
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
