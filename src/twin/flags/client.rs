//! What Unleash's own clients ask: all features of an environment, evaluated ones for a browser, and their metrics.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::twin::answer::{Answer, Reply};
use crate::twin::flags::store::{PROJECT, Store};
use crate::twin::flags::{Caller, refusal};
use crate::twin::kit::{reply, reply::WithHeader as _, request};

pub(super) fn health() -> Answer {
    reply::json(StatusCode::OK, &json!({ "health": "GOOD" })).into()
}

/// `/api/client/…`
pub(super) fn answer(
    store: &mut Store,
    now: Timestamp,
    caller: Caller,
    path: &[&str],
    request: &Request<Bytes>,
) -> Answer {
    let Caller::Backend(environment) = caller else { return refusal::token(caller).into() };
    match (request.method(), path) {
        (&Method::GET, ["features"]) => features(store, now, environment, request).into(),
        (&Method::GET, ["features", name]) => match store.feature(name, environment, now) {
            Some(feature) => reply::json(StatusCode::OK, &feature).into(),
            None => refusal::not_found(&format!("Could not find feature flag {name}")).into(),
        },
        (&Method::POST, ["register"]) => accepted(store, request, &["appName", "interval", "started", "strategies"]),
        (&Method::POST, ["metrics"]) => accepted(store, request, &["appName", "bucket"]),
        // The open-source server has neither: clients fall back to asking again and again.
        (&Method::GET, ["delta" | "streaming"]) => {
            let path = request.uri().path();
            refusal::not_found(&format!("The path you were looking for ({path}) is not available.")).into()
        }
        _ => Reply::gap("this path of the client API", request).into(),
    }
}

fn features(store: &Store, now: Timestamp, environment: &str, request: &Request<Bytes>) -> Response<Bytes> {
    let (etag, hash) = store.etag(now, &format!("{PROJECT} {environment}"));
    if request::header(request, "if-none-match") == Some(etag.as_str()) {
        return reply::empty(StatusCode::NOT_MODIFIED);
    }
    let features: Vec<Value> = store.names().filter_map(|name| store.feature(name, environment, now)).collect();
    let body = json!({
        "version": 2, "features": features,
        "query": { "project": [PROJECT], "environment": environment, "inlineSegmentConstraints": true },
        "meta": { "revisionId": store.revision(now), "etag": etag, "queryHash": hash },
    });
    reply::json(StatusCode::OK, &body).with_header("etag", &etag)
}

/// 202 to what has these members.
fn accepted(store: &mut Store, request: &Request<Bytes>, members: &[&str]) -> Answer {
    let body = request::json(request).unwrap_or_default();
    match members.iter().find(|name| body.get(**name).is_none()) {
        Some(missing) => refusal::required(missing, store.id()).into(),
        None => reply::empty(StatusCode::ACCEPTED).into(),
    }
}

/// `/api/frontend…`: only what is on is told.
pub(super) fn frontend(
    store: &Store,
    now: Timestamp,
    caller: Caller,
    path: &[&str],
    request: &Request<Bytes>,
) -> Answer {
    if caller != Caller::Frontend {
        return refusal::token(caller).into();
    }
    match (request.method(), path) {
        (&Method::GET, []) => evaluated(store, now, request),
        (&Method::POST, ["client", "metrics" | "register"]) => {
            reply::typed(StatusCode::OK, "text/plain; charset=utf-8", "OK").into()
        }
        _ => Reply::gap("this path of the frontend API", request).into(),
    }
}

fn evaluated(store: &Store, now: Timestamp, request: &Request<Bytes>) -> Answer {
    let mut context: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in request::query(request) {
        let property = name.strip_prefix("properties[").and_then(|name| name.strip_suffix(']')).map(str::to_owned);
        context.insert(property.unwrap_or(name), value);
    }
    let mut toggles = Vec::new();
    for name in store.names() {
        match store.evaluate(name, "development", &context, now) {
            Some(Err(what)) => return Reply::gap(&what, request).into(),
            Some(Ok(verdict)) if verdict.on => toggles.push(json!({
                "name": name, "enabled": true,
                "variant": { "name": "disabled", "enabled": false, "feature_enabled": true, "featureEnabled": true },
                "impressionData": false,
            })),
            _ => {}
        }
    }
    reply::json(StatusCode::OK, &json!({ "toggles": toggles })).with_header("cache-control", "no-cache").into()
}
