//! The REST Admin API (legacy since October 2024): resources, paging, and the errors of its own.

pub mod list;
pub mod page;
pub mod render;
pub mod write;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::twin::kit::reply::{self, WithHeader as _};
use crate::twin::shopify::graphql::schema::Schema;
use crate::twin::shopify::rest::list::Resource;
use crate::twin::shopify::shop::Shop;

/// What a REST request comes to.
pub enum Outcome {
    /// Boxed, so that an outcome is small enough to be returned as an error.
    Answer(Box<Response<Bytes>>),
    /// What is not modelled.
    Gap(String),
}

/// One REST request below `/admin/api/{version}/`.
pub struct Call<'a> {
    pub schema: &'a Schema,
    pub version: &'a str,
    pub now: Timestamp,
    pub request: &'a Request<Bytes>,
    /// `["products", "1"]` of `products/1.json`
    pub path: &'a [&'a str],
}

/// Answers a REST request.
pub fn answer(shop: &mut Shop, call: &Call) -> Outcome {
    if call.path == ["shop"] {
        return match *call.request.method() {
            Method::GET => ok(&json!({ "shop": render::shop(&shop.store) })),
            _ => answered(errors(StatusCode::NOT_ACCEPTABLE, &json!("Not Acceptable"))),
        };
    }
    let Some(resource) = call.path.first().and_then(|name| Resource::named(name)) else {
        return Outcome::Gap(format!("REST resource {}", call.path.join("/")));
    };
    let writes = !matches!(*call.request.method(), Method::GET | Method::HEAD);
    if let Some(refusal) = closed(shop, resource, writes) {
        return answered(refusal);
    }
    if writes { write::answer(shop, call, resource) } else { list::answer(shop, call, resource) }
}

/// The scope that a resource needs is missing: 403, worded as Shopify words it (remembered).
fn closed(shop: &Shop, resource: &Resource, writes: bool) -> Option<Response<Bytes>> {
    let scope = format!("{}_{}", if writes { "write" } else { "read" }, resource.scope?);
    let reason = format!("[API] This action requires merchant approval for {scope} scope.");
    (!shop.scopes.allows(&scope)).then(|| errors(StatusCode::FORBIDDEN, &json!(reason)))
}

pub fn ok(body: &Value) -> Outcome {
    answered(reply::json(StatusCode::OK, body))
}

/// An outcome that is an answer, good or bad.
pub fn answered(response: Response<Bytes>) -> Outcome {
    Outcome::Answer(Box::new(response))
}

/// `{"errors": …}`: a text, or lists of texts by member.
pub fn errors(status: StatusCode, errors: &Value) -> Response<Bytes> {
    reply::json(status, &json!({ "errors": errors }))
}

pub fn not_found() -> Outcome {
    answered(errors(StatusCode::NOT_FOUND, &json!("Not Found")))
}

/// A page of a list with its `Link` header.
pub fn page_of(body: &Value, link: Option<String>) -> Outcome {
    let response = reply::json(StatusCode::OK, body);
    answered(match link {
        Some(link) => response.with_header("link", link),
        None => response,
    })
}
