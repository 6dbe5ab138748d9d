//! The flag store as a sequence of requests.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::twin::answer::Answer;
use crate::twin::flags::{ADMIN_TOKEN, BACKEND_TOKENS, FRONTEND_TOKEN, Flags};
use crate::twin::kit::schemas::Schemas;
use crate::twin::{Start, Twin as _};

const BACKEND: &str = BACKEND_TOKENS[0].1;
const NOW: Timestamp = Timestamp::UNIX_EPOCH;

const SCHEMAS: Schemas = Schemas(&[
    ("evaluation.json", include_str!("../../../schemas/flags/evaluation.json")),
    ("evaluations.json", include_str!("../../../schemas/flags/evaluations.json")),
    ("feature.json", include_str!("../../../schemas/flags/feature.json")),
    ("features.json", include_str!("../../../schemas/flags/features.json")),
    ("frontend.json", include_str!("../../../schemas/flags/frontend.json")),
    ("not-evaluated.json", include_str!("../../../schemas/flags/not-evaluated.json")),
    ("refusal.json", include_str!("../../../schemas/flags/refusal.json")),
]);

fn twin() -> Flags {
    let text = Bytes::from_static(include_bytes!("../../../fixtures/flags/flags.json"));
    let fixtures = BTreeMap::from([("flags.json".to_owned(), text)]);
    Flags::new(&Start { now: NOW, seed: 0, fixtures: &fixtures }).unwrap()
}

fn ask(twin: &mut Flags, now: Timestamp, line: &str, token: &str, body: &Value) -> Response<Bytes> {
    asked(twin, now, line, &[("authorization", token)], body)
}

fn asked(twin: &mut Flags, now: Timestamp, line: &str, headers: &[(&str, &str)], body: &Value) -> Response<Bytes> {
    let (method, path) = line.split_once(' ').unwrap();
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers.iter().filter(|(_, value)| !value.is_empty()) {
        request = request.header(*name, *value);
    }
    let body = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
    match twin.answer(now, &request.body(body).unwrap()) {
        Answer::Reply(reply) => reply.response,
        Answer::Ask(_) => panic!("it asks nobody"),
    }
}

fn read(response: &Response<Bytes>) -> Value {
    serde_json::from_slice(response.body()).unwrap()
}

fn evaluate(twin: &mut Flags, now: Timestamp, key: &str) -> Value {
    let body = json!({ "context": { "targetingKey": "123" } });
    read(&ask(twin, now, &format!("POST /ofrep/v1/evaluate/flags/{key}"), BACKEND, &body))
}

const SWITCH: &str = "POST /api/admin/projects/default/features/supabase_idea_pool/environments/development";

fn switch(twin: &mut Flags, now: Timestamp, word: &str) -> Response<Bytes> {
    ask(twin, now, &format!("{SWITCH}/{word}"), ADMIN_TOKEN, &Value::Null)
}

#[test]
fn a_switch_is_seen_by_every_protocol_and_only_in_its_environment() {
    let mut twin = twin();
    assert_eq!(evaluate(&mut twin, NOW, "supabase_idea_pool")["value"], false);
    assert_eq!(switch(&mut twin, NOW, "on").status(), StatusCode::OK);
    let seen = evaluate(&mut twin, NOW, "supabase_idea_pool");
    assert_eq!(
        seen,
        json!({ "key": "supabase_idea_pool", "value": true, "reason": "STATIC", "variant": "on", "metadata": {} })
    );
    assert!(SCHEMAS.allow("evaluation.json", &seen));
    for (token, enabled) in [(BACKEND, true), (BACKEND_TOKENS[1].1, false)] {
        let features = read(&ask(&mut twin, NOW, "GET /api/client/features", token, &Value::Null));
        assert!(SCHEMAS.allow("features.json", &features));
        let mut named = features["features"].as_array().unwrap().iter();
        let flag = named.find(|feature| feature["name"] == "supabase_idea_pool").unwrap();
        assert_eq!(flag["enabled"], enabled);
    }
    let frontend = read(&ask(&mut twin, NOW, "GET /api/frontend?userId=123", FRONTEND_TOKEN, &Value::Null));
    assert!(SCHEMAS.allow("frontend.json", &frontend));
    assert!(frontend.to_string().contains("supabase_idea_pool"));
}

#[test]
fn clients_see_a_switch_after_its_propagation() {
    let mut twin = twin();
    twin.arrange(NOW, "propagation-seconds", &json!(13)).unwrap();
    switch(&mut twin, NOW, "on");
    let early = NOW + Duration::from_millis(12_999);
    assert_eq!(evaluate(&mut twin, early, "supabase_idea_pool")["value"], false);
    assert_eq!(evaluate(&mut twin, NOW + Duration::from_secs(13), "supabase_idea_pool")["value"], true);
}

#[test]
fn a_store_may_lie() {
    let mut twin = twin();
    twin.arrange(NOW, "writes", &json!("lost")).unwrap();
    assert_eq!(switch(&mut twin, NOW, "on").status(), StatusCode::OK);
    assert_eq!(evaluate(&mut twin, NOW, "supabase_idea_pool")["value"], false);
}

#[test]
fn a_tag_spares_the_body_until_something_changes_and_is_another_for_another_context() {
    let mut twin = twin();
    let line = "POST /ofrep/v1/evaluate/flags";
    let body = |user: &str| json!({ "context": { "targetingKey": user } });
    let first = ask(&mut twin, NOW, line, BACKEND, &body("1"));
    assert!(SCHEMAS.allow("evaluations.json", &read(&first)));
    let tag = first.headers()["etag"].to_str().unwrap().to_owned();
    let again = |twin: &mut Flags, user: &str| {
        asked(twin, NOW, line, &[("authorization", BACKEND), ("if-none-match", &tag)], &body(user)).status()
    };
    assert_eq!(again(&mut twin, "1"), StatusCode::NOT_MODIFIED);
    assert_eq!(again(&mut twin, "2"), StatusCode::OK);
    twin.arrange(NOW, "etag", &json!("stuck")).unwrap();
    switch(&mut twin, NOW, "on");
    assert_eq!(again(&mut twin, "1"), StatusCode::NOT_MODIFIED, "stuck");
    twin.arrange(NOW, "etag", &json!("honest")).unwrap();
    assert_eq!(again(&mut twin, "1"), StatusCode::OK);
}

#[test]
fn who_may_not_ask_is_refused_in_the_vendors_words() {
    let context = json!({ "context": { "targetingKey": "1" } });
    let table = [
        ("GET /api/client/features", "", Value::Null, 401),
        ("GET /api/client/features", "nope", Value::Null, 401),
        ("GET /api/client/features", FRONTEND_TOKEN, Value::Null, 403),
        ("GET /api/client/features", ADMIN_TOKEN, Value::Null, 403),
        ("GET /api/frontend", BACKEND, Value::Null, 403),
        ("POST /api/admin/projects/default/features", BACKEND, json!({ "name": "x" }), 403),
        ("POST /api/admin/projects/default/features", "", json!({ "name": "x" }), 401),
        ("POST /api/admin/projects/default/features", ADMIN_TOKEN, json!({}), 400),
        ("POST /api/admin/projects/default/features", ADMIN_TOKEN, json!({ "name": "a b" }), 400),
        ("POST /api/admin/projects/default/features", ADMIN_TOKEN, json!({ "name": "supabase_idea_pool" }), 409),
        ("POST /api/admin/projects/nope/features", ADMIN_TOKEN, json!({ "name": "x" }), 404),
        ("POST /api/admin/projects/default/features/nope/environments/development/on", ADMIN_TOKEN, Value::Null, 404),
        ("GET /api/client/features/nope", BACKEND, Value::Null, 404),
        ("POST /api/client/register", BACKEND, json!({}), 400),
    ];
    for (line, token, body, status) in table {
        let response = ask(&mut twin(), NOW, line, token, &body);
        assert_eq!(response.status().as_u16(), status, "{line}");
        assert!(SCHEMAS.allow("refusal.json", &read(&response)), "{line}");
    }
    let table = [
        ("/live", "", context.clone(), 404, "FLAG_NOT_FOUND"),
        ("/supabase_idea_pool", "", json!({ "context": {} }), 400, "TARGETING_KEY_MISSING"),
        ("/supabase_idea_pool", "", json!({}), 400, "INVALID_CONTEXT"),
        ("", "", Value::Null, 400, "PARSE_ERROR"),
    ];
    for (key, token, body, status, code) in table {
        let response = ask(&mut twin(), NOW, &format!("POST /ofrep/v1/evaluate/flags{key}"), token, &body);
        assert_eq!((response.status().as_u16(), read(&response)["errorCode"].as_str()), (status, Some(code)));
        assert!(SCHEMAS.allow("not-evaluated.json", &read(&response)), "{key}");
    }
    let strange = ask(&mut twin(), NOW, "POST /ofrep/v1/evaluate/flags", "nope", &context);
    assert_eq!((strange.status(), strange.body().len()), (StatusCode::UNAUTHORIZED, 0));
}

#[test]
fn a_flag_is_made_gets_a_strategy_and_is_archived() {
    let mut twin = twin();
    let features = "/api/admin/projects/default/features";
    let made = ask(&mut twin, NOW, &format!("POST {features}"), ADMIN_TOKEN, &json!({ "name": "shopify.new" }));
    assert_eq!(made.status(), StatusCode::CREATED);
    let strategy = json!({ "name": "flexibleRollout", "parameters": { "rollout": "0", "stickiness": "default" } });
    let path = format!("{features}/shopify.new/environments/development");
    assert_eq!(
        ask(&mut twin, NOW, &format!("POST {path}/strategies"), ADMIN_TOKEN, &strategy).status(),
        StatusCode::OK
    );
    ask(&mut twin, NOW, &format!("POST {path}/on"), ADMIN_TOKEN, &Value::Null);
    assert_eq!(evaluate(&mut twin, NOW, "shopify.new")["value"], false, "nobody is in a rollout of 0 %");
    let shown = read(&ask(&mut twin, NOW, &format!("GET {features}/shopify.new"), ADMIN_TOKEN, &Value::Null));
    assert_eq!(shown["environments"][0]["enabled"], true);
    let events = read(&ask(&mut twin, NOW, "GET /api/admin/search/events?limit=1", ADMIN_TOKEN, &Value::Null));
    assert_eq!((&events["events"][0]["type"], &events["total"]), (&json!("feature-environment-enabled"), &json!(3)));
    ask(&mut twin, NOW, &format!("DELETE {features}/shopify.new"), ADMIN_TOKEN, &Value::Null);
    assert_eq!(evaluate(&mut twin, NOW, "shopify.new")["errorCode"], "FLAG_NOT_FOUND");
}

#[test]
fn what_is_not_modelled_is_a_gap() {
    let response = ask(&mut twin(), NOW, "GET /api/admin/projects", ADMIN_TOKEN, &Value::Null);
    assert_eq!(response.status(), StatusCode::NOT_IMPLEMENTED);
}
