//! What browsers ask and are told (CORS), as PostgREST 12.0.2 tells it.

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};

use crate::twin::kit::reply::{self, WithHeader};
use crate::twin::kit::request::header;

/// The headers that a page may read besides the simple ones.
const EXPOSED: &str = "Content-Encoding, Content-Location, Content-Range, Content-Type, Date, Location, Server, \
                       Transfer-Encoding, Range-Unit";

/// Whether a browser asks if it may ask.
pub fn is_preflight(request: &Request<Bytes>) -> bool {
    *request.method() == Method::OPTIONS
        && header(request, "origin").is_some()
        && header(request, "access-control-request-method").is_some()
}

/// What a browser asks before it sends a request with an `apikey` header.
pub fn preflight(request: &Request<Bytes>) -> Response<Bytes> {
    let asked = header(request, "access-control-request-headers").unwrap_or_default();
    let mut headers = vec!["Authorization"];
    headers.extend(asked.split(',').map(str::trim).filter(|name| !name.is_empty()));
    headers.extend(["Accept", "Accept-Language", "Content-Language"]);
    reply::empty(StatusCode::OK)
        .with_header("access-control-allow-origin", "*")
        .with_header("access-control-allow-methods", "GET, POST, PATCH, PUT, DELETE, OPTIONS, HEAD")
        .with_header("access-control-allow-headers", headers.join(", "))
        .with_header("access-control-max-age", "86400")
}

/// Lets a page of any origin read the answer.
pub fn allowed(request: &Request<Bytes>, response: Response<Bytes>) -> Response<Bytes> {
    if header(request, "origin").is_none() || response.headers().contains_key("access-control-allow-origin") {
        return response;
    }
    response.with_header("access-control-allow-origin", "*").with_header("access-control-expose-headers", EXPOSED)
}
