//! The door of the live page: under which name it may be asked for and by whom, and what every answer says to the browser.

use std::convert::Infallible;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, HOST, HeaderName, HeaderValue, RETRY_AFTER};
use axum::http::{Request, Response, StatusCode};
use bytes::Bytes;
use hyper::body::{Body as HyperBody, Frame, Incoming, SizeHint};
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;

use crate::adapter::clock;
use crate::adapter::halt::Halt;
use crate::adapter::page::access::{Access, Policy, Tried};
use crate::adapter::page::ask::Pages;
use crate::adapter::page::routes;
use crate::adapter::page::seats::{Seat, Seats, Working};

/// Nothing from elsewhere, nothing inline, nobody around it. Frames, forms and bases are named, because `default-src` does not cover them
/// (CSP level 3, W3C).
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const ALWAYS: [(&str, &str); 7] = [
    ("content-security-policy", POLICY),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
];

/// What a request brings along besides itself.
#[derive(Clone)]
pub struct Guest {
    pub from: IpAddr,
    pub seats: Arc<Seats>,
    pub seat: Arc<Seat>,
}

pub struct Door {
    access: Arc<Access>,
    router: TowerToHyperService<Router>,
}

impl Door {
    pub fn new(access: Arc<Access>, pages: Arc<dyn Pages>, halt: Halt) -> Self {
        let router = routes::router(Arc::clone(&access), pages, halt);
        Self { access, router: TowerToHyperService::new(router) }
    }

    /// Answers one request.
    pub async fn enter(
        &self,
        mut request: Request<Incoming>,
        from: IpAddr,
        seats: Arc<Seats>,
        seat: Arc<Seat>,
    ) -> Result<Response<Watched>, Infallible> {
        let working = seats.work(&seat);
        let path = request.uri().path().to_owned();
        let mut response = if let Some(refused) = self.refusal(&request, from, &path) {
            refused
        } else {
            request.extensions_mut().insert(Guest { from, seats, seat });
            let Ok(response) = self.router.call(request).await;
            response
        };
        let headers = response.headers_mut();
        for (name, value) in ALWAYS {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
        Ok(response.map(|body| Watched { body, _working: working }))
    }

    /// What is answered to who asks under a foreign name, or without the token where one is needed.
    fn refusal(&self, request: &Request<Incoming>, from: IpAddr, path: &str) -> Option<Response<Body>> {
        let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()).or_else(|| request.uri().host());
        if !host.is_some_and(|host| self.access.is_host(host)) {
            let told = "this page is asked for under another name than its own; name it with --host if it is one";
            return Some(plain(StatusCode::MISDIRECTED_REQUEST, told));
        }
        let viewer = match self.access.viewer(request.headers(), from, clock::now()) {
            Ok(viewer) => viewer,
            Err(Tried::Wait(seconds)) => return Some(wait(seconds)),
            Err(_) => return Some(unauthorised()),
        };
        let is_open = ["/healthz", "/sign-in", "/live.css", "/live.js", "/icon.svg"].contains(&path);
        if self.access.policy != Policy::Guarded || viewer.signed_in || is_open {
            return None;
        }
        let wants_page = request.headers().get("accept").and_then(|accept| accept.to_str().ok());
        if wants_page.is_some_and(|accept| accept.contains("text/html")) {
            let mut response = plain(StatusCode::SEE_OTHER, "sign in");
            let next: String = url::form_urlencoded::byte_serialize(path.as_bytes()).collect();
            if let Ok(place) = HeaderValue::from_str(&format!("/sign-in?next={next}")) {
                response.headers_mut().insert("location", place);
            }
            return Some(response);
        }
        Some(unauthorised())
    }
}

/// A short text, of a status.
pub fn plain(status: StatusCode, text: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert("content-type", HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

fn unauthorised() -> Response<Body> {
    let mut response = plain(StatusCode::UNAUTHORIZED, "this needs the token of the monitor");
    response.headers_mut().insert("www-authenticate", HeaderValue::from_static("Bearer realm=\"preflight\""));
    response
}

pub fn wait(seconds: i64) -> Response<Body> {
    let mut response = plain(StatusCode::TOO_MANY_REQUESTS, "too many wrong tokens came from there");
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// A body whose connection counts as at work until it is sent.
pub struct Watched {
    body: Body,
    _working: Working,
}

impl HyperBody for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
