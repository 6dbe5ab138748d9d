//! The twins on sockets: one listener a twin, HTTP/1.1, plain or TLS.
//!
//! Connections are driven by hyper itself, because header names go out in the vendor's own letter case and
//! because a fault has to reach down to the connection.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt as _;
use futures::future::BoxFuture;
use http::header::CONTENT_LENGTH;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, Limited, StreamBody};
use hyper::body::{Body as _, Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::adapter::breakable::{Breakable, Ending};
use crate::adapter::clock;
use crate::adapter::director::{Door, Pass};
use crate::adapter::spelling::Spelling;
use crate::adapter::stage::{SCENE_HEADER, Stage, lock};
use crate::domain::delivery::Delivery;
use crate::domain::fault::{Fault, WireFault};
use crate::domain::integration::Name;
use crate::domain::timeline::End;
use crate::twin::answer::{Ask, AskFailure, Reply};
use crate::twin::scene::{Scene, SceneAnswer};

/// How long behind a whole answer a connection is reset: the answer must have been read.
const AFTER_ANSWER: Duration = Duration::from_millis(50);

/// Bytes of a request that are read at most.
const MOST_REQUEST_BYTES: usize = 64 * 1024 * 1024;

/// How the time of a scene passes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Pace {
    /// A run: delays are added to the scene's clock and not waited for.
    Modelled,
    /// A server: the scene follows the clock of the machine, and delays are waited for.
    Real,
}

/// Answers what a twin asks of a service outside its scene.
pub type Outside = Arc<dyn Fn(Ask) -> BoxFuture<'static, Result<http::Response<Bytes>, AskFailure>> + Send + Sync>;

/// Does something with the webhooks that a reply set off.
pub type Courier = Arc<dyn Fn(Vec<Delivery>) + Send + Sync>;

/// Told of each request that the twin does not model.
pub type Gaps = Arc<dyn Fn(&str) + Send + Sync>;

/// How a twin is served.
#[derive(Clone)]
pub struct Service {
    pub stage: Arc<Stage>,
    pub at: Name,
    pub pace: Pace,
    /// The scene of requests that name none; without it they are refused.
    pub common: Option<Arc<Mutex<Scene>>>,
    pub outside: Option<Outside>,
    pub courier: Option<Courier>,
    pub gaps: Option<Gaps>,
    /// Notes requests, and strikes them with faults.
    pub door: Option<Door>,
}

/// A port cannot be had.
#[derive(Debug, thiserror::Error)]
#[error("could not listen on {address}")]
pub struct BindError {
    pub address: SocketAddr,
    #[source]
    pub source: io::Error,
}

impl BindError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self.source.kind() {
            io::ErrorKind::AddrInUse => Some(format!(
                "another program listens on port {}: stop it, or choose another first port with --port",
                self.address.port()
            )),
            io::ErrorKind::PermissionDenied => Some("choose a port above 1023 with --port".to_owned()),
            _ => None,
        }
    }
}

/// Binds a loopback port; 0 lets the system choose.
///
/// # Errors
/// The port is in use or not allowed.
pub async fn bind(port: u16) -> Result<(TcpListener, SocketAddr), BindError> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let failed = |source| BindError { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}

/// A loopback port that is kept, and at which nobody listens.
pub struct Reserved {
    pub address: SocketAddr,
    _socket: TcpSocket,
}

impl Reserved {
    /// # Errors
    /// No port can be had.
    pub fn port() -> Result<Self, BindError> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let failed = |source| BindError { address, source };
        let socket = TcpSocket::new_v4().map_err(failed)?;
        socket.bind(address).map_err(failed)?;
        Ok(Self { address: socket.local_addr().map_err(failed)?, _socket: socket })
    }
}

/// Serves until the future is dropped, and every connection ends with it.
pub async fn run(listener: TcpListener, service: Service, tls: Option<TlsAcceptor>) {
    let spelling = Spelling::learn(service.stage.identity(&service.at).map_or(&[][..], |i| i.header_spelling)).await;
    let service = Arc::new(service);
    let (mut connections, mut number) = (JoinSet::new(), 0_u32);
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else {
                    // Out of file descriptors: give the open connections time to close.
                    tokio::time::sleep(Duration::from_millis(10)).await;
                    continue;
                };
                let (service, tls, spelling) = (Arc::clone(&service), tls.clone(), spelling.clone());
                number = number.wrapping_add(1);
                connections.spawn(welcome(stream, service, tls, spelling, number));
            }
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
        }
    }
}

async fn welcome(stream: TcpStream, service: Arc<Service>, tls: Option<TlsAcceptor>, spelling: Spelling, number: u32) {
    let _ = stream.set_nodelay(true);
    let (stream, ending) = Breakable::new(stream);
    match tls {
        None => converse(stream, ending, service, spelling, ("http", number)).await,
        Some(acceptor) => {
            if let Ok(secured) = acceptor.accept(stream).await {
                converse(secured, ending, service, spelling, ("https", number)).await;
            }
        }
    }
}

/// The scheme, and the number of the connection from 1.
type Line = (&'static str, u32);

async fn converse<S>(stream: S, ending: Ending, service: Arc<Service>, spelling: Spelling, line: Line)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let cut = ending.clone();
    let handler = service_fn(move |request| {
        let (service, spelling, ending) = (Arc::clone(&service), spelling.clone(), ending.clone());
        async move { respond(&service, &spelling, &ending, line, request).await }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .title_case_headers(true)
        .serve_connection(TokioIo::new(stream), handler);
    tokio::select! {
        // A connection that ends badly is the client's to notice.
        _ = connection => {}
        () = cut.was_cut() => {}
    }
}

/// Ends a connection without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection was reset as asked")]
struct HangUp;

type Body = UnsyncBoxBody<Bytes, HangUp>;

async fn respond(
    service: &Service,
    spelling: &Spelling,
    ending: &Ending,
    (scheme, connection): Line,
    request: http::Request<Incoming>,
) -> Result<http::Response<Body>, HangUp> {
    let (mut head, body) = request.into_parts();
    let key = head.headers.remove(SCENE_HEADER).and_then(|value| value.to_str().ok()?.parse().ok());
    if scheme == "https" {
        head.headers.insert("x-forwarded-proto", http::HeaderValue::from_static("https"));
    }
    let body = if body.is_end_stream() {
        Bytes::new()
    } else {
        let Ok(body) = Limited::new(body, MOST_REQUEST_BYTES).collect().await else {
            return Ok(plain(http::StatusCode::PAYLOAD_TOO_LARGE, "the request's body could not be read"));
        };
        body.to_bytes()
    };
    let request = http::Request::from_parts(head, body);
    let scene = match key {
        Some(key) => service.stage.scene(key),
        None => service.common.clone(),
    };
    let Some(scene) = scene else {
        return Ok(plain(http::StatusCode::MISDIRECTED_REQUEST, "the request names no scene that is being played"));
    };
    let (mut pass, fault) = match service.door.as_ref().map(|door| door.arrive(connection, &request)) {
        Some((pass, fault)) => (Some(pass), fault),
        None => (None, None),
    };
    let mut reply = perform(service, &scene, &request, fault).await;
    if reply.fault == Some(WireFault::Hang) {
        // Until the client goes away, or the server ends.
        std::future::pending::<()>().await;
    }
    if service.pace == Pace::Real && !reply.delay.is_zero() && reply.fault != Some(WireFault::SlowBody) {
        tokio::time::sleep(reply.delay).await;
    }
    if let Some(pass) = &pass {
        pass.answering(&reply);
    }
    if let (Some(gaps), Some(gap)) = (&service.gaps, &reply.gap) {
        gaps(gap);
    }
    if let Some(courier) = service.courier.as_ref().filter(|_| !reply.deliveries.is_empty()) {
        courier(std::mem::take(&mut reply.deliveries));
    }
    // A reset overtakes what the peer has not read yet, so in a run, which has to be repeatable, half a body just ends.
    let resets = match reply.fault {
        Some(WireFault::ResetBeforeAnswer) => true,
        Some(WireFault::ResetInBody) => service.pace == Pace::Real,
        _ => false,
    };
    if resets {
        ending.reset();
    }
    if reply.fault == Some(WireFault::ResetAfterAnswer) {
        let ending = ending.clone();
        tokio::spawn(async move {
            tokio::time::sleep(AFTER_ANSWER).await;
            ending.cut();
        });
    }
    // To a question for the head alone nothing of the body is sent.
    if let Some(pass) = pass.as_mut().filter(|_| request.method() == http::Method::HEAD) {
        pass.finish(End::Whole);
    }
    emit(reply, spelling, service.pace, pass)
}

/// Plays the request in its scene, asking the outside where a twin says so.
pub async fn perform(
    service: &Service,
    scene: &Mutex<Scene>,
    request: &http::Request<Bytes>,
    fault: Option<Fault>,
) -> Reply {
    let mut answer = {
        let mut scene = lock(scene);
        if service.pace == Pace::Real {
            scene.set_now(clock::now());
        }
        match fault {
            Some(fault) => scene.answer_struck(&service.at, request, fault),
            None => scene.answer(&service.at, request),
        }
    };
    loop {
        let (ask, pending) = match answer {
            SceneAnswer::Reply(reply) => {
                if service.pace == Pace::Real {
                    // A server goes on for ever: what it did is passed on, not kept.
                    let mut scene = lock(scene);
                    scene.forget_deliveries();
                    scene.take_gaps();
                }
                return reply;
            }
            SceneAnswer::Outside(asking) => *asking,
        };
        let outcome = match &service.outside {
            Some(outside) => outside(ask).await,
            None => Err(AskFailure::Unreachable),
        };
        answer = lock(scene).resume(&pending, outcome);
    }
}

fn plain(status: http::StatusCode, text: &'static str) -> http::Response<Body> {
    let mut response = http::Response::new(Full::from(text).map_err(never).boxed_unsync());
    *response.status_mut() = status;
    response
}

fn never(never: Infallible) -> HangUp {
    match never {}
}

/// Turns a reply into what goes over the wire, misbehaving as it says.
fn emit(reply: Reply, spelling: &Spelling, pace: Pace, mut pass: Option<Pass>) -> Result<http::Response<Body>, HangUp> {
    use futures::StreamExt as _;

    let (mut head, body) = reply.response.into_parts();
    spelling.apply(&mut head.extensions);
    let breaks = matches!(
        reply.fault,
        Some(WireFault::ResetBeforeAnswer | WireFault::ResetInBody | WireFault::TruncatedBody | WireFault::Hang)
    );
    if let Some(pass) = pass.as_mut().filter(|_| breaks) {
        pass.finish(End::Broken);
    }
    let body: Body = match reply.fault {
        None | Some(WireFault::ResetAfterAnswer) => Full::from(body).map_err(never).boxed_unsync(),
        Some(WireFault::ResetBeforeAnswer | WireFault::Hang) => return Err(HangUp),
        Some(WireFault::ResetInBody | WireFault::TruncatedBody) => {
            head.headers.insert(CONTENT_LENGTH, http::HeaderValue::from(body.len().max(2)));
            let half = body.slice(..body.len() / 2);
            let pieces = futures::stream::once(async { Ok(Frame::data(half)) }).chain(futures::stream::once(async {
                // hyper sends what it has when the body makes it wait, and nothing when the body fails at once.
                tokio::task::yield_now().await;
                Err(HangUp)
            }));
            StreamBody::new(pieces).boxed_unsync()
        }
        Some(WireFault::SlowBody) => slowly(&body, reply.delay, pace),
    };
    let body = match pass {
        Some(pass) => Watched::new(body, pass).boxed_unsync(),
        None => body,
    };
    Ok(http::Response::from_parts(head, body))
}

/// A body whose end is noted.
struct Watched {
    inner: Body,
    pass: Pass,
}

impl Watched {
    fn new(inner: Body, mut pass: Pass) -> Self {
        if inner.is_end_stream() {
            pass.finish(End::Whole);
        }
        Self { inner, pass }
    }
}

impl hyper::body::Body for Watched {
    type Data = Bytes;
    type Error = HangUp;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context) -> Poll<Option<Result<Frame<Bytes>, HangUp>>> {
        let frame = std::task::ready!(Pin::new(&mut self.inner).poll_frame(context));
        if frame.is_none() || self.inner.is_end_stream() {
            self.pass.finish(End::Whole);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        self.inner.size_hint()
    }
}

/// A body in four pieces with pauses that add up to `delay`.
fn slowly(body: &Bytes, delay: Duration, pace: Pace) -> Body {
    let piece = body.len().div_ceil(4).max(1);
    let pieces: Vec<Bytes> =
        (0..body.len()).step_by(piece).map(|at| body.slice(at..(at + piece).min(body.len()))).collect();
    let pause =
        if pace == Pace::Real { delay / u32::try_from(pieces.len().max(1)).unwrap_or(1) } else { Duration::ZERO };
    let stream = futures::stream::iter(pieces).then(move |piece| async move {
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
        Ok(Frame::data(piece))
    });
    StreamBody::new(stream).boxed_unsync()
}
