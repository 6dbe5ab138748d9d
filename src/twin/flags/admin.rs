//! As much of Unleash's admin API as making, reading, switching and archiving a flag takes.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::twin::answer::{Answer, Reply};
use crate::twin::flags::store::{ENVIRONMENTS, Environment, Flag, PROJECT, Store};
use crate::twin::flags::{Caller, refusal};
use crate::twin::kit::{clock, reply, request};

/// `/api/admin/…`
pub(super) fn answer(
    store: &mut Store,
    now: Timestamp,
    caller: Caller,
    path: &[&str],
    request: &Request<Bytes>,
) -> Answer {
    if caller != Caller::Admin {
        return refusal::admin(caller, &store.id()).into();
    }
    match (request.method(), path) {
        (&Method::GET, ["search", "events"]) => events(store, request).into(),
        (_, ["projects", project, ..]) if *project != PROJECT => {
            refusal::not_found(&format!("Active project with id {project} does not exist")).into()
        }
        (&Method::POST, ["projects", _, "features"]) => create(store, now, request).into(),
        (method, ["projects", _, "features", name, rest @ ..]) => {
            if store.flag(name).is_none() {
                let message = format!("There's no feature named \"{name}\" in project \"{PROJECT}\".");
                return refusal::not_found(&message).into();
            }
            flag(store, now, method, (name, rest), request)
        }
        _ => Reply::gap("this path of the admin API", request).into(),
    }
}

fn flag(store: &mut Store, now: Timestamp, method: &Method, path: (&str, &[&str]), request: &Request<Bytes>) -> Answer {
    match (method, path) {
        (&Method::GET, (name, [])) => shown(store, name).into(),
        (&Method::DELETE, (name, [])) => {
            store.remove(name, now);
            reply::empty(StatusCode::ACCEPTED).into()
        }
        (&Method::POST, (name, ["environments", environment, word @ ("on" | "off" | "strategies")])) => {
            if !store.flag(name).is_some_and(|flag| flag.environments.contains_key(*environment)) {
                let message = format!("Could not find environment {environment} for feature: {name}");
                return refusal::not_found(&message).into();
            }
            if *word == "strategies" {
                return strategy(store, now, name, environment, request);
            }
            store.switch(name, environment, *word == "on", now);
            reply::empty(StatusCode::OK).into()
        }
        _ => Reply::gap("this path of the admin API", request).into(),
    }
}

fn create(store: &mut Store, now: Timestamp, request: &Request<Bytes>) -> Response<Bytes> {
    let body = request::json(request).unwrap_or_default();
    let Some(name) = body.get("name").and_then(Value::as_str) else { return refusal::required("name", store.id()) };
    if !name.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_.~".contains(letter)) || name.is_empty() {
        let message = format!("\"name\" must be URL friendly. You provided \"{name}\".");
        return refusal::bad_data(&json!({ "message": message }), None);
    }
    if store.flag(name).is_some() {
        return refusal::named(StatusCode::CONFLICT, "NameExistsError", "A flag with that name already exists");
    }
    let environment = |name: &str| (name.to_owned(), Environment::default());
    let flag = Flag {
        name: name.to_owned(),
        kind: body.get("type").and_then(Value::as_str).unwrap_or("release").to_owned(),
        description: body.get("description").and_then(Value::as_str).map(str::to_owned),
        environments: ENVIRONMENTS.map(environment).into_iter().collect::<BTreeMap<_, _>>(),
        created: now,
    };
    let answer = json!({
        "name": flag.name, "description": flag.description, "type": flag.kind, "project": PROJECT, "stale": false,
        "createdAt": clock::iso_millis(now), "impressionData": false, "archived": false,
    });
    store.add(flag, now);
    reply::json(StatusCode::CREATED, &answer)
}

fn strategy(store: &mut Store, now: Timestamp, name: &str, environment: &str, request: &Request<Bytes>) -> Answer {
    let body = request::json(request).unwrap_or_default();
    let Some(kind) = body.get("name").and_then(Value::as_str) else {
        return refusal::required("name", store.id()).into();
    };
    let or_empty = |member: &str, empty: Value| body.get(member).cloned().unwrap_or(empty);
    let strategy = json!({
        "name": kind, "constraints": or_empty("constraints", json!([])),
        "parameters": or_empty("parameters", json!({})), "variants": or_empty("variants", json!([])),
    });
    let mut answer = json!({ "id": store.id() });
    if let (Some(answer), Some(members)) = (answer.as_object_mut(), strategy.as_object()) {
        answer.extend(members.clone());
        answer.extend([("segments".to_owned(), json!([])), ("title".to_owned(), Value::Null)]);
        answer.extend([("disabled".to_owned(), false.into())]);
    }
    store.add_strategy(name, environment, strategy, now);
    reply::json(StatusCode::OK, &answer).into()
}

fn shown(store: &Store, name: &str) -> Response<Bytes> {
    let Some(flag) = store.flag(name) else { return reply::empty(StatusCode::NOT_FOUND) };
    let environments: Vec<Value> = flag
        .environments
        .iter()
        .map(|(name, here)| json!({ "name": name, "enabled": here.is_enabled(), "type": name, "strategies": here.strategies }))
        .collect();
    let body = json!({
        "environments": environments, "name": flag.name, "impressionData": false, "description": flag.description,
        "project": PROJECT, "stale": false, "createdAt": clock::iso_millis(flag.created), "type": flag.kind,
        "archived": false,
    });
    reply::json(StatusCode::OK, &body)
}

fn events(store: &Store, request: &Request<Bytes>) -> Response<Bytes> {
    let most = request::query_value(request, "limit").and_then(|text| text.parse().ok()).unwrap_or(50);
    let newest: Vec<&Value> = store.events.iter().rev().take(most).collect();
    reply::json(StatusCode::OK, &json!({ "events": newest, "total": store.events.len() }))
}
