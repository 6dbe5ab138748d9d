//! The HTTP client: one connection pool for a run, safe requests only on a live target, answers bounded in size and time.

pub mod caller;
mod failure;
pub mod habits;

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_LENGTH, HOST};
use http::{HeaderMap, Method, StatusCode};
use reqwest::redirect::Policy;
use reqwest::tls::TlsInfo;
use sha2::{Digest, Sha256};

use crate::adapter::client::failure::{explain, root_cause, through, timed_out};
use crate::adapter::clock;
use crate::adapter::delivery::{self, Clearance, Pace};
use crate::adapter::permits::{Permits, Speaker, has_override_header, names_graphql};
use crate::adapter::proxy::Proxies;
use crate::adapter::stage::SCENE_HEADER;
use crate::domain::exchange::{NoAnswer, Request, Response};
use crate::domain::flag::change::Permit;
use crate::wire::flags::ofrep;
use crate::wire::graphql;
use crate::wire::mcp::question::Question;
use crate::wire::mcp::version::Era;

/// Whether the server may be changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Safety {
    /// A twin: nothing is at stake.
    Anything,
    /// A live service: only what reads (GET, HEAD, OPTIONS, a GraphQL query, the evaluation of a flag).
    SafeOnly,
    /// A service that a *served* twin asks on behalf of the client that its user runs: the user's own traffic, not ours.
    Outgoing,
}

/// How a client behaves.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    pub safety: Safety,
    /// For the whole answer.
    pub timeout: Duration,
    /// Bytes of an answer's body that are read at most.
    pub most_bytes: u64,
}

impl Options {
    pub const TIMEOUT: Duration = Duration::from_secs(10);
    pub const MOST_BYTES: u64 = 10 * 1024 * 1024;

    pub fn new(safety: Safety) -> Self {
        Self { safety, timeout: Self::TIMEOUT, most_bytes: Self::MOST_BYTES }
    }
}

/// The client could not be made.
#[derive(Debug, thiserror::Error)]
#[error("could not set up the HTTP client")]
pub struct SetupError {
    #[source]
    source: reqwest::Error,
}

/// Sends requests and brings back whole answers.
#[derive(Clone)]
pub struct Client {
    inner: reqwest::Client,
    options: Arc<Options>,
    /// None for twins, which are asked without one.
    proxies: Option<Arc<Proxies>>,
    /// What may open an unsafe request to a live service; nothing where it is absent.
    permits: Option<Arc<Permits>>,
    speaker: Option<Speaker>,
}

/// Where on our own server a request goes.
#[derive(Clone, Copy, Debug)]
pub struct Address<'a> {
    pub key: u64,
    /// What the twin takes for its host name: links that it writes do not change with the port of a run.
    pub host: &'a str,
}

/// What is said to an MCP server, and where.
#[derive(Debug)]
pub struct Said<'a> {
    pub url: &'a url::Url,
    pub headers: HeaderMap,
    pub message: Message<'a>,
}

/// What is said.
#[derive(Clone, Copy, Debug)]
pub enum Message<'a> {
    Ask {
        question: &'a Question,
        era: Era,
        id: u64,
    },
    /// A GET, by which an old server shows where it would be asked (HTTP+SSE, 2024-11-05).
    Listen,
    /// The end of our own session, by its name in the headers.
    Leave,
}

/// Whether a piece of a body, behind its headers, was the last that is needed.
pub type Enough<'a> = dyn FnMut(&HeaderMap, &[u8]) -> bool + Send + 'a;

/// What came of one request, with the time that it really took.
pub struct Sent {
    pub outcome: Result<Response, NoAnswer>,
    pub took: Duration,
    /// Who answered, where anyone did.
    pub peer: Peer,
    /// The approval that opened it, where it needed one.
    pub approval: Option<u64>,
    /// Why it was not sent; nobody was asked then.
    pub refused: Option<String>,
}

/// The other end of a connection.
#[derive(Clone, Debug, Default)]
pub struct Peer {
    pub address: Option<std::net::SocketAddr>,
    /// The proxy whose address that is, where the host was not asked directly.
    pub proxy: Option<String>,
    /// SHA-256 of the leaf certificate (hex), on a live TLS connection.
    pub certificate: Option<String>,
}

impl Sent {
    fn refused(reason: String) -> Self {
        let outcome = Err(NoAnswer::Other(reason.clone()));
        Self { outcome, took: Duration::ZERO, peer: Peer::default(), approval: None, refused: Some(reason) }
    }
}

impl Client {
    /// # Errors
    /// The platform's certificate roots cannot be read.
    pub fn new(options: Options) -> Result<Self, SetupError> {
        let inner = connections(&options)?;
        let proxies = (options.safety != Safety::Anything).then(|| Arc::new(Proxies::of_the_system()));
        Ok(Self { inner, options: Arc::new(options), proxies, permits: None, speaker: None })
    }

    /// One that trusts this certificate (PEM) and no other.
    ///
    /// # Errors
    /// The certificate is none.
    pub fn trusting(options: Options, certificate: &str) -> Result<Self, SetupError> {
        let failed = |source| SetupError { source };
        let certificate = reqwest::Certificate::from_pem(certificate.as_bytes()).map_err(failed)?;
        let inner = builder(&options).no_proxy().tls_certs_only([certificate]).build().map_err(failed)?;
        Ok(Self { inner, options: Arc::new(options), proxies: None, permits: None, speaker: None })
    }

    /// The same with connections of its own, for a thread that drives its own.
    ///
    /// # Errors
    /// The platform's certificate roots cannot be read.
    pub fn apart(&self) -> Result<Self, SetupError> {
        Ok(Self { inner: connections(&self.options)?, ..self.clone() })
    }

    /// The same, but what approvals of a ledger cover may be sent.
    #[must_use]
    pub fn permitted(self, permits: Permits) -> Self {
        Self { permits: Some(Arc::new(permits)), ..self }
    }

    /// The same, on behalf of an integration's scenario: approvals are given to these.
    #[must_use]
    pub fn speaking(&self, speaker: Speaker) -> Self {
        Self { speaker: Some(speaker), ..self.clone() }
    }

    pub fn timeout(&self) -> Duration {
        self.options.timeout
    }

    /// Why this request would be refused (law: nothing live is changed without an approval); None when it may be sent.
    pub fn refuses(&self, request: &Request) -> Option<String> {
        let (permits, speaker) = match self.needs(request)? {
            Ok(both) => both,
            Err(refusal) => return Some(refusal),
        };
        permits.would_open(speaker, request).err().map(|reason| refusal(request, &reason))
    }

    /// None when the request needs no approval, else who gives one; or that nobody does.
    fn needs(&self, request: &Request) -> Option<Result<(&Arc<Permits>, &Speaker), String>> {
        if self.options.safety != Safety::SafeOnly || is_safe(request) {
            return None;
        }
        let both = self.permits.as_ref().zip(self.speaker.as_ref());
        Some(both.ok_or_else(|| refusal(request, "")))
    }

    /// The approval under which a request goes out, if it needs one.
    async fn approval(&self, request: &Request) -> Result<Option<u64>, String> {
        let Some(needed) = self.needs(request) else { return Ok(None) };
        let (permits, speaker) = needed?;
        let (permits, speaker, sent) = (Arc::clone(permits), speaker.clone(), request.clone());
        // The ledger waits for its lock and for the disk.
        let opened = tokio::task::spawn_blocking(move || permits.open(&speaker, &sent)).await;
        let opened = opened.unwrap_or_else(|_| Err(" (the ledger could not be asked)".to_owned()));
        opened.map(Some).map_err(|reason| refusal(request, &reason))
    }

    /// Sends a request, with `scene` named where the peer is our own server.
    pub async fn send(&self, request: &Request, scene: Option<Address<'_>>, timeout: Duration) -> Sent {
        match self.approval(request).await {
            Ok(approval) => Sent { approval, ..self.carry(request, scene, timeout).await },
            Err(reason) => Sent::refused(reason),
        }
    }

    /// Sends a request that may change a live flag store, under a permit that was granted for it.
    pub async fn send_permitted(&self, request: &Request, _permit: &Permit, timeout: Duration) -> Sent {
        self.carry(request, None, timeout).await
    }

    /// Sends a delivery to a webhook receiver, as its clearance allows.
    pub async fn deliver(&self, request: &Request, pace: Pace, clearance: &Clearance, timeout: Duration) -> Sent {
        if !clearance.covers(&request.url) {
            return Sent::refused(refusal(request, ": it goes elsewhere than the receiver"));
        }
        self.carry_paced(request, pace, None, timeout).await
    }

    /// Puts a question to an MCP server. There are only questions that change nothing there, so that none of them needs an
    /// approval. Of the answer no more is read than `enough` says, which sees each piece as it comes.
    pub async fn converse(&self, said: &Said<'_>, timeout: Duration, enough: &mut Enough<'_>) -> Sent {
        let (method, body) = match said.message {
            Message::Ask { question, era, id } => (Method::POST, question.message(id, era).to_string().into()),
            Message::Listen => (Method::GET, Bytes::new()),
            Message::Leave => (Method::DELETE, Bytes::new()),
        };
        let request = Request { method, url: said.url.clone(), headers: said.headers.clone(), body };
        if has_override_header(&request) {
            return Sent::refused(refusal(&request, ": it asks the server to take it for another method"));
        }
        self.carry_until(&request, Pace::Whole, None, timeout, Some(enough)).await
    }

    async fn carry(&self, request: &Request, scene: Option<Address<'_>>, timeout: Duration) -> Sent {
        self.carry_paced(request, Pace::Whole, scene, timeout).await
    }

    async fn carry_paced(&self, request: &Request, pace: Pace, scene: Option<Address<'_>>, timeout: Duration) -> Sent {
        self.carry_until(request, pace, scene, timeout, None).await
    }

    async fn carry_until(
        &self,
        request: &Request,
        pace: Pace,
        scene: Option<Address<'_>>,
        timeout: Duration,
        enough: Option<&mut Enough<'_>>,
    ) -> Sent {
        let start = clock::start();
        let mut outgoing = self
            .inner
            .request(request.method.clone(), request.url.clone())
            .headers(request.headers.clone())
            .timeout(timeout);
        if !request.body.is_empty() || !matches!(request.method, Method::GET | Method::HEAD | Method::OPTIONS) {
            outgoing = outgoing.body(delivery::body(&request.body, pace));
        }
        if pace != Pace::Whole {
            // A body that comes in pieces is as long as it says, and is not chunked: a sender knows its length.
            outgoing = outgoing.header(CONTENT_LENGTH, request.body.len());
        }
        if let Some(scene) = scene {
            outgoing = outgoing.header(SCENE_HEADER, scene.key).header(HOST, scene.host);
        }
        let proxy = self.proxies.as_ref().and_then(|proxies| proxies.of(&request.url));
        let (outcome, peer) = match (outgoing.send().await, proxy) {
            // Only a proxy asks for its credentials so (RFC 9110 §15.5.8); the host was never reached.
            (Ok(response), Some(proxy)) if response.status() == StatusCode::PROXY_AUTHENTICATION_REQUIRED => {
                (Err(through(NoAnswer::Refused("it asks for credentials".to_owned()), &proxy)), Peer::default())
            }
            (Ok(response), proxy) => {
                let peer = Peer { proxy, ..peer(&response) };
                (self.read(response, timeout, enough).await, peer)
            }
            (Err(error), None) => (Err(explain(&error, timeout)), Peer::default()),
            (Err(error), Some(proxy)) => (Err(through(explain(&error, timeout), &proxy)), Peer::default()),
        };
        Sent { outcome, took: start.elapsed(), peer, approval: None, refused: None }
    }

    async fn read(
        &self,
        mut response: reqwest::Response,
        timeout: Duration,
        mut enough: Option<&mut Enough<'_>>,
    ) -> Result<Response, NoAnswer> {
        let most = self.options.most_bytes;
        let status = response.status();
        let headers = response.headers().clone();
        // Asked for before the first chunk: afterwards it is what is left, and half a body would look whole.
        let whole = response.content_length();
        let mut body = BytesMut::new();
        loop {
            match response.chunk().await {
                Ok(None) => break,
                Ok(Some(chunk)) if body.is_empty() && whole == Some(chunk.len() as u64) => {
                    return Ok(Response { status, headers, body: chunk });
                }
                Ok(Some(chunk)) => {
                    if (body.len() + chunk.len()) as u64 > most {
                        return Err(NoAnswer::TooLong(most));
                    }
                    body.extend_from_slice(&chunk);
                    if enough.as_mut().is_some_and(|enough| enough(&headers, &chunk)) {
                        break;
                    }
                }
                Err(error) if error.is_timeout() => return Err(timed_out(timeout)),
                Err(error) => return Err(NoAnswer::CutOff(root_cause(&error))),
            }
        }
        Ok(Response { status, headers, body: body.freeze() })
    }
}

/// A connection that was idle for longer is not used again: servers close theirs after a while (Node after 5 s, hyper after
/// 30 s), and a request that is sent at that moment is lost.
const IDLE: Duration = Duration::from_secs(4);

/// A pool of connections that behaves so.
fn connections(options: &Options) -> Result<reqwest::Client, SetupError> {
    builder(options).build().map_err(|source| SetupError { source })
}

fn builder(options: &Options) -> reqwest::ClientBuilder {
    // A second call finds the provider installed, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .redirect(Policy::none())
        .tcp_nodelay(true)
        .pool_idle_timeout(IDLE)
        .user_agent(concat!("preflight/", env!("CARGO_PKG_VERSION")));
    if options.safety == Safety::Anything {
        // Twins are spoken to in plain HTTP on the loopback: no roots, no proxy.
        builder = builder.tls_certs_only([]).no_proxy().pool_max_idle_per_host(256);
    } else {
        // Who cannot be connected to is told apart from who does not answer, so it has less time than the whole.
        builder = builder.tls_info(true).connect_timeout(options.timeout.mul_f64(0.8));
    }
    builder
}

fn peer(response: &reqwest::Response) -> Peer {
    let tls = response.extensions().get::<TlsInfo>();
    let certificate = tls.and_then(TlsInfo::peer_certificate).map(|der| hex::encode(Sha256::digest(der)));
    Peer { address: response.remote_addr(), proxy: None, certificate }
}

fn refusal(request: &Request, reason: &str) -> String {
    format!("{} {} may change the live service, and no approval covers it{reason}", request.method, request.url.path())
}

/// Tells whether a request only reads.
pub fn is_safe(request: &Request) -> bool {
    !has_override_header(request)
        && match request.method {
            Method::GET | Method::HEAD | Method::OPTIONS => !mutates_by_query(&request.url),
            Method::POST => {
                names_graphql(&request.url) && graphql::only_reads(&request.body)
                    || ofrep::only_evaluates(request.url.path())
            }
            _ => false,
        }
}

/// A GraphQL document may also travel in the query of a GET, where a mutation is forbidden but not impossible.
fn mutates_by_query(url: &url::Url) -> bool {
    names_graphql(url)
        && url.query_pairs().any(|(name, text)| {
            let envelope = serde_json::json!({ "query": text });
            name == "query" && !graphql::only_reads(envelope.to_string().as_bytes())
        })
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{HeaderMap, Method};

    use super::{Client, Options, Request, Safety, is_safe};

    fn request(method: Method, path: &str, header: Option<&'static str>, body: &'static str) -> Request {
        let mut headers = HeaderMap::new();
        if let Some(name) = header {
            headers.insert(name, "DELETE".parse().unwrap());
        }
        let url = format!("https://shop.example{path}").parse().unwrap();
        Request { method, url, headers, body: Bytes::from_static(body.as_bytes()) }
    }

    #[test]
    fn only_what_reads_is_safe() {
        let query = r#"{"query":"{ shop { name } }"}"#;
        let mutation = r#"{"query":"mutation { x }"}"#;
        let override_header = Some("x-http-method-override");
        let table = [
            (Method::GET, "/items", None, "", true),
            (Method::HEAD, "/items", None, "", true),
            (Method::OPTIONS, "/items", None, "", true),
            (Method::POST, "/items", None, "{}", false),
            (Method::PUT, "/items/1", None, "{}", false),
            (Method::PATCH, "/items/1", None, "{}", false),
            (Method::DELETE, "/items/1", None, "", false),
            (Method::POST, "/admin/api/2026-10/graphql.json", None, query, true),
            (Method::POST, "/graphql", None, query, true),
            (Method::POST, "/graphql", None, mutation, false),
            (Method::POST, "/graphql", override_header, query, false),
            (Method::POST, "/items", None, query, false),
            (Method::POST, "/ofrep/v1/evaluate/flags/live", None, "{}", true),
            (Method::POST, "/ofrep/v1/evaluate/flags/live", override_header, "{}", false),
            (Method::POST, "/api/admin/projects/default/features/live/environments/production/on", None, "", false),
            (Method::GET, "/items", override_header, "", false),
            (Method::GET, "/graphql?query=%7Bshop%7Bname%7D%7D", None, "", true),
            (Method::GET, "/graphql?query=mutation%7Bx%7D", None, "", false),
            (Method::GET, "/items?query=mutation%7Bx%7D", None, "", true),
        ];
        let live = Client::new(Options::new(Safety::SafeOnly)).unwrap();
        let twin = Client::new(Options::new(Safety::Anything)).unwrap();
        for (method, path, header, body, safe) in table {
            let request = request(method, path, header, body);
            assert_eq!(is_safe(&request), safe, "{} {path} {body}", request.method);
            assert_eq!(live.refuses(&request).is_none(), safe);
            assert_eq!(twin.refuses(&request), None);
        }
    }
}
