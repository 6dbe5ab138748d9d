//! A server on the loopback that answers what it is told to, and can break off, hang, or have an old certificate.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use futures::StreamExt as _;
use futures::future::BoxFuture;
use http::header::CONTENT_LENGTH;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, Limited, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::adapter::serve::{self, BindError};
use crate::domain::exchange::Response;

/// Bytes of a request that are read.
const MOST_REQUEST_BYTES: usize = 1024 * 1024;

/// What is said to one request.
pub enum Said {
    Answer(Response),
    /// Its head and half of its body.
    Half(Response),
    /// Nothing, for as long as the client waits.
    Nothing,
}

/// Decides what is said.
pub type Mouth = Arc<dyn Fn(http::Request<Bytes>) -> BoxFuture<'static, Said> + Send + Sync>;

/// A server that runs until it is dropped.
pub struct Liar {
    /// `http://127.0.0.1:41234`
    pub url: String,
    _connections: JoinSet<()>,
}

/// The connection ends here.
#[derive(Debug, thiserror::Error)]
#[error("broken off on purpose")]
struct BrokenOff;

type Body = UnsyncBoxBody<Bytes, BrokenOff>;

impl Liar {
    /// Begins to answer, over TLS where there is an identity for it.
    ///
    /// # Errors
    /// No port can be had.
    pub async fn serve(mouth: Mouth, tls: Option<TlsAcceptor>) -> Result<Self, BindError> {
        let (listener, address) = serve::bind(0).await?;
        let scheme = if tls.is_some() { "https" } else { "http" };
        let mut connections = JoinSet::new();
        connections.spawn(accept(listener, mouth, tls));
        Ok(Self { url: format!("{scheme}://localhost:{}", address.port()), _connections: connections })
    }
}

async fn accept(listener: TcpListener, mouth: Mouth, tls: Option<TlsAcceptor>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            Ok((stream, _)) = listener.accept() => {
                connections.spawn(welcome(stream, Arc::clone(&mouth), tls.clone()));
            }
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            else => tokio::task::yield_now().await,
        }
    }
}

async fn welcome(stream: TcpStream, mouth: Mouth, tls: Option<TlsAcceptor>) {
    match tls {
        None => talk(stream, mouth).await,
        Some(tls) => {
            if let Ok(stream) = tls.accept(stream).await {
                talk(stream, mouth).await;
            }
        }
    }
}

async fn talk(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, mouth: Mouth) {
    let service = service_fn(move |request: http::Request<Incoming>| {
        let mouth = Arc::clone(&mouth);
        async move {
            let (head, body) = request.into_parts();
            let body = Limited::new(body, MOST_REQUEST_BYTES).collect().await;
            let body = body.map(http_body_util::Collected::to_bytes).unwrap_or_default();
            Ok::<_, Infallible>(say(mouth(http::Request::from_parts(head, body)).await).await)
        }
    });
    // How a connection ends is what the client is to see.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn say(said: Said) -> http::Response<Body> {
    match said {
        Said::Nothing => std::future::pending().await,
        Said::Answer(answer) => {
            let whole = Full::from(answer.body.clone()).map_err(|never: Infallible| match never {}).boxed_unsync();
            with(&answer, whole)
        }
        Said::Half(answer) => {
            let half = answer.body.slice(..answer.body.len() / 2);
            let pieces = futures::stream::once(async { Ok(Frame::data(half)) }).chain(futures::stream::once(async {
                // What was written goes out when the body makes the server wait.
                tokio::task::yield_now().await;
                Err(BrokenOff)
            }));
            let mut response = with(&answer, StreamBody::new(pieces).boxed_unsync());
            response.headers_mut().insert(CONTENT_LENGTH, http::HeaderValue::from(answer.body.len().max(2)));
            response
        }
    }
}

fn with(answer: &Response, body: Body) -> http::Response<Body> {
    let mut response = http::Response::new(body);
    *response.status_mut() = answer.status;
    for (name, value) in &answer.headers {
        if ![CONTENT_LENGTH, http::header::TRANSFER_ENCODING, http::header::CONNECTION].contains(name) {
            response.headers_mut().append(name.clone(), value.clone());
        }
    }
    response
}
