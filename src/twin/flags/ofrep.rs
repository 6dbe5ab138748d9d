//! The OpenFeature Remote Evaluation Protocol: one flag, or all of them with an `ETag` that knows the context.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::twin::answer::{Answer, Reply};
use crate::twin::flags::Caller;
use crate::twin::flags::store::Store;
use crate::twin::kit::{reply, reply::WithHeader as _, request};

/// The environment of a caller without a token.
const OPEN: &str = "development";

/// Who asks, in which environment, and a text that stands for both.
struct Question {
    environment: &'static str,
    context: BTreeMap<String, String>,
    asked: String,
}

pub(super) fn one(store: &Store, now: Timestamp, caller: Caller, key: &str, request: &Request<Bytes>) -> Answer {
    let question = match question(caller, Some(key), request) {
        Ok(question) => question,
        Err(refusal) => return (*refusal).into(),
    };
    match evaluation(store, now, key, &question) {
        None => {
            let body = json!({ "key": key, "errorCode": "FLAG_NOT_FOUND", "errorDetails": format!("flag `{key}` does not exist") });
            reply::json(StatusCode::NOT_FOUND, &body).into()
        }
        Some(Ok(flag)) => reply::json(StatusCode::OK, &flag).into(),
        Some(Err(what)) => Reply::gap(&what, request).into(),
    }
}

pub(super) fn all(store: &Store, now: Timestamp, caller: Caller, request: &Request<Bytes>) -> Answer {
    let question = match question(caller, None, request) {
        Ok(question) => question,
        Err(refusal) => return (*refusal).into(),
    };
    let (etag, _) = store.etag(now, &question.asked);
    if request::header(request, "if-none-match") == Some(etag.as_str()) {
        return reply::empty(StatusCode::NOT_MODIFIED).with_header("etag", &etag).into();
    }
    let mut flags = Vec::new();
    for name in store.names() {
        match evaluation(store, now, name, &question) {
            Some(Ok(flag)) => flags.push(flag),
            Some(Err(what)) => return Reply::gap(&what, request).into(),
            None => {}
        }
    }
    let body = json!({ "flags": flags, "metadata": { "version": store.revision(now).to_string() } });
    reply::json(StatusCode::OK, &body).with_header("etag", &etag).into()
}

fn question(caller: Caller, key: Option<&str>, request: &Request<Bytes>) -> Result<Question, Box<Response<Bytes>>> {
    let environment = match caller {
        Caller::Nobody => OPEN,
        Caller::Backend(environment) => environment,
        Caller::Stranger => return Err(Box::new(reply::empty(StatusCode::UNAUTHORIZED))),
        Caller::Admin | Caller::Frontend => return Err(Box::new(reply::empty(StatusCode::FORBIDDEN))),
    };
    let refused = |code: &str, detail: &str| {
        let mut body = json!({ "errorCode": code, "errorDetails": detail });
        if let Some(key) = key {
            body["key"] = key.into();
        }
        Box::new(reply::json(StatusCode::BAD_REQUEST, &body))
    };
    let body = request::json(request).ok_or_else(|| refused("PARSE_ERROR", "the body is no JSON"))?;
    let members =
        body["context"].as_object().ok_or_else(|| refused("INVALID_CONTEXT", "there is no object `context`"))?;
    let Some(user) = members.get("targetingKey").and_then(Value::as_str) else {
        return Err(refused("TARGETING_KEY_MISSING", "context.targetingKey is required"));
    };
    let mut context: BTreeMap<String, String> =
        members.iter().map(|(name, value)| (name.clone(), text(value))).collect();
    // What the protocol calls the targeting key is the user of a strategy.
    context.entry("userId".to_owned()).or_insert_with(|| user.to_owned());
    let asked = format!("{environment} {context:?}");
    Ok(Question { environment, context, asked })
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Value, variant and reason are always there.
fn evaluation(store: &Store, now: Timestamp, key: &str, question: &Question) -> Option<Result<Value, String>> {
    let verdict = store.evaluate(key, question.environment, &question.context, now)?;
    Some(verdict.map(|verdict| {
        let variant = if verdict.on { "on" } else { "off" };
        json!({ "key": key, "value": verdict.on, "reason": verdict.reason, "variant": variant, "metadata": {} })
    }))
}
