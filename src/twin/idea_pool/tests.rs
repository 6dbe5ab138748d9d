//! The idea pool as sequences of requests, with Supabase's answers put in its mouth.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::twin::answer::{Answer, AskFailure, Reply};
use crate::twin::idea_pool::IdeaPool;
use crate::twin::kit::schemas::Schemas;
use crate::twin::kit::{credentials, reply};
use crate::twin::{Start, Twin};

const IDEAS: &[u8] = include_bytes!("../../../fixtures/idea-pool/ideas.json");
const SCHEMAS: Schemas = Schemas(&[
    ("idea.json", include_str!("../../../schemas/idea-pool/idea.json")),
    ("v4.json", include_str!("../../../schemas/idea-pool/v4.json")),
    ("production.json", include_str!("../../../schemas/idea-pool/production.json")),
    ("tile.json", include_str!("../../../schemas/idea-pool/tile.json")),
]);
const V4: &str = "v4.json";
const PRODUCTION: &str = "production.json";
const FLAG: &str = "env:FEATURE_SUPABASE_IDEA_POOL";
const LEGACY_FLAG: &str = "env:FEATURE_FLAG_SUPABASE_IDEA_POOL";

/// What came of the question to Supabase.
type Outcome = Result<Response<Bytes>, AskFailure>;

fn now() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

fn twin() -> IdeaPool {
    let fixtures = BTreeMap::from([("ideas.json".to_owned(), Bytes::from_static(IDEAS))]);
    IdeaPool::new(&Start { now: now(), seed: 1, fixtures: &fixtures }).unwrap()
}

fn arranged(settings: &[(&str, Value)]) -> IdeaPool {
    let mut twin = twin();
    for (setting, value) in settings {
        twin.arrange(now(), setting, value).unwrap();
    }
    twin
}

fn fixture() -> Vec<Value> {
    serde_json::from_slice(IDEAS).unwrap()
}

fn request(method: &str, uri: &str) -> Request<Bytes> {
    Request::builder().method(method).uri(uri).body(Bytes::new()).unwrap()
}

fn get() -> Request<Bytes> {
    request("GET", "/api/analytics/idea-pool")
}

fn replied(answer: Answer) -> Reply {
    match answer {
        Answer::Reply(reply) => reply,
        Answer::Ask(ask) => panic!("asked {}", ask.request.uri()),
    }
}

/// The body of an answer, held against the contract's schema.
fn body(answer: Answer) -> Value {
    let reply = replied(answer);
    assert_eq!(reply.response.status(), StatusCode::OK);
    assert_eq!(reply.response.headers()["content-type"], "application/json; charset=utf-8");
    let body: Value = serde_json::from_slice(reply.response.body()).unwrap();
    assert!(validates(V4, &body), "{body}");
    let text = body.to_string();
    assert!(!text.contains(credentials::SUPABASE_SERVICE_KEY), "{text}");
    body
}

fn validates(file: &str, body: &Value) -> bool {
    SCHEMAS.allow(file, body)
}

/// Five rows of `product_suggestions`, the last one a wildcard.
fn rows() -> Vec<Value> {
    (1..=5)
        .map(|number| {
            json!({
                "id": format!("row-{number}"), "type": if number == 5 { "wildcard" } else { "evergreen" },
                "title": "t", "description": "d", "target_platforms": ["instagram"], "suggested_copy": "c",
                "suggested_hashtags": ["#h"], "evidence": {}, "status": "approved", "priority": "high",
                "projected_metrics": {
                    "estimated_reach": 1, "estimated_engagement_rate": 0.5,
                    "estimated_clicks": 2, "estimated_conversions": 3
                },
                "cadence": null, "created_at": "2025-12-30T08:00:00+00:00"
            })
        })
        .collect()
}

fn changed(change: impl Fn(&mut Vec<Value>)) -> Value {
    let mut rows = rows();
    change(&mut rows);
    Value::Array(rows)
}

fn answers(status: u16, body: &Value) -> Outcome {
    let status = StatusCode::from_u16(status).map_err(|_| AskFailure::Unreachable)?;
    Ok(reply::json(status, body))
}

#[test]
fn with_the_flag_off_the_fixture_is_served_as_it_is() {
    let body = body(twin().answer(now(), &get()));
    assert_eq!(body["data"]["ideas"], Value::Array(fixture()));
    assert_eq!(
        (&body["data"]["total_count"], &body["data"]["wildcard_count"], &body["data"]["source"]),
        (&json!(5), &json!(1), &json!("fixture"))
    );
    assert_eq!(body["data"]["feature_flag_enabled"], false);
    assert_eq!(body["timestamp"], "2026-01-01T00:00:00.000Z");
    assert_eq!(body.get("fallback_reason"), None);
    assert!(validates(PRODUCTION, &body));
}

/// HotDash's parser, as it was seen to run: not trimmed, any letter case, the first defined name wins, empty is off.
#[test]
fn the_flag_is_read_as_the_app_reads_it() {
    let table: [(&[(&str, &str)], bool); 14] = [
        (&[], false),
        (&[(FLAG, "1")], true),
        (&[(FLAG, "true")], true),
        (&[(FLAG, "TRUE")], true),
        (&[(FLAG, "Yes")], true),
        (&[(FLAG, "on")], true),
        (&[(FLAG, " true")], false),
        (&[(FLAG, "enabled")], false),
        (&[(FLAG, "0")], false),
        (&[(FLAG, "")], false),
        (&[(LEGACY_FLAG, "yes")], true),
        (&[(FLAG, "0"), (LEGACY_FLAG, "1")], false),
        (&[(FLAG, ""), (LEGACY_FLAG, "1")], false),
        (&[("env:IDEA_POOL_LIVE", "1"), ("env:IDEA_POOL_SUPABASE_ENABLED", "1")], false),
    ];
    for (variables, expected) in table {
        let mut twin = twin();
        for (setting, value) in variables {
            twin.arrange(now(), setting, &json!(value)).unwrap();
        }
        let asked = matches!(twin.answer(now(), &get()), Answer::Ask(_));
        assert_eq!(asked, expected, "{variables:?}");
    }
}

#[test]
fn with_the_flag_on_supabase_is_asked_with_the_service_key() {
    let mut twin = arranged(&[(FLAG, json!("1")), ("env:SUPABASE_SERVICE_KEY", json!("another-key"))]);
    let Answer::Ask(ask) = twin.answer(now(), &get()) else { panic!("nobody was asked") };
    assert_eq!(ask.to.as_str(), "supabase");
    assert_eq!(ask.request.uri(), "/rest/v1/product_suggestions?select=*&order=priority.desc&limit=5");
    assert_eq!(ask.request.headers()["apikey"], "another-key");
    assert_eq!(ask.request.headers()["authorization"], "Bearer another-key");
    assert_eq!(ask.timeout.as_secs(), 3);

    let body = body(twin.resume(now(), &get(), answers(200, &Value::Array(rows()))));
    assert_eq!((&body["data"]["source"], &body["data"]["feature_flag_enabled"]), (&json!("supabase"), &json!(true)));
    assert_eq!(body["data"]["ideas"][0]["id"], "row-1");
    assert_eq!(body["data"]["ideas"][0]["supabase_linkage"]["table"], "product_suggestions");
    assert_eq!(body.get("fallback_reason"), None);
    assert!(validates(PRODUCTION, &body));
}

/// A route that echoes the flag, says `supabase` and serves the fixture.
#[test]
fn in_production_the_fixture_is_no_live_answer_whatever_it_says_of_itself() {
    for fixed in 0..5 {
        let mut rows = rows();
        rows[fixed]["id"] = fixture()[fixed]["id"].clone();
        let mut twin = arranged(&[(FLAG, json!("1"))]);
        let body = body(twin.resume(now(), &get(), answers(200, &Value::Array(rows))));
        assert_eq!(body["data"]["source"], "supabase");
        assert!(!validates(PRODUCTION, &body), "idea {fixed} is the fixture's");
    }
}

#[test]
fn whatever_supabase_does_the_tile_can_be_drawn() {
    let table: Vec<(&str, Outcome, &str)> = vec![
        ("slowness", Err(AskFailure::TimedOut), "Supabase did not answer within 3000 ms"),
        ("outage", Err(AskFailure::Unreachable), "Supabase cannot be reached"),
        ("error", answers(500, &json!({ "message": "boom" })), "Supabase answered: 500"),
        ("bad key", answers(401, &json!({ "message": "Invalid API key" })), "Supabase refused the request: 401"),
        ("row level security", answers(403, &json!({ "code": "42501" })), "Supabase refused the request: 403 42501"),
        ("no table", answers(404, &json!({ "code": "PGRST205" })), "Supabase answered: 404 PGRST205"),
        ("odd code", answers(400, &json!({ "code": "<b>x</b>" })), "Supabase answered: 400"),
        ("throttle", answers(429, &json!({})), "Supabase answered: 429"),
        ("partial", answers(206, &Value::Array(rows())), "Supabase answered: 206"),
        ("no list", answers(200, &json!({ "rows": [] })), "Supabase answered with something that is not a list"),
        (
            "no JSON",
            Ok(reply::typed(StatusCode::OK, "application/json", "[{\"id\":")),
            "Supabase answered with something that is not JSON",
        ),
        ("empty table", answers(200, &json!([])), "the Supabase table product_suggestions is empty"),
        ("four", answers(200, &changed(|rows| drop(rows.remove(0)))), "Supabase has 4 ideas, 5 are needed"),
        ("six", answers(200, &changed(|rows| rows.push(rows[0].clone()))), "Supabase has 6 ideas, 5 are needed"),
        (
            "two wildcards",
            answers(200, &changed(|rows| rows[0]["type"] = json!("wildcard"))),
            "Supabase has 2 wildcards, 1 is needed",
        ),
        (
            "no wildcard",
            answers(200, &changed(|rows| rows[4]["type"] = json!("launch"))),
            "Supabase has 0 wildcards, 1 is needed",
        ),
        (
            "one id twice",
            answers(200, &changed(|rows| rows[1]["id"] = json!("row-1"))),
            "two ideas from Supabase have the same id",
        ),
        (
            "enum drift",
            answers(200, &changed(|rows| rows[2]["status"] = json!("published"))),
            "row 3 from Supabase has a word that contract v4 does not know",
        ),
        (
            "closed window",
            answers(200, &changed(|rows| rows[1]["expires_at"] = json!("2025-12-31T00:00:00Z"))),
            "the window of row 2 from Supabase has closed",
        ),
    ];
    for (name, outcome, reason) in table {
        let mut twin = arranged(&[(FLAG, json!("1"))]);
        assert!(matches!(twin.answer(now(), &get()), Answer::Ask(_)), "{name}");
        let body = body(twin.resume(now(), &get(), outcome));
        assert_eq!(body["fallback_reason"], reason, "{name}");
        assert_eq!(body["data"]["source"], "fixture", "{name}");
        assert_eq!(body["data"]["feature_flag_enabled"], true, "{name}");
        assert_eq!(body["data"]["ideas"], Value::Array(fixture()), "{name}");
        assert!(!validates(PRODUCTION, &body), "{name}: the production profile must not accept a degraded answer");
    }
}

#[test]
fn without_credentials_or_a_live_path_the_integration_is_pending() {
    let table: [&[(&str, Value)]; 4] = [
        &[("env:SUPABASE_SERVICE_KEY", Value::Null)],
        &[("env:SUPABASE_SERVICE_KEY", json!(""))],
        &[("env:SUPABASE_URL", Value::Null)],
        &[("version", json!("v4-pending"))],
    ];
    for settings in table {
        let mut twin = arranged(settings);
        twin.arrange(now(), FLAG, &json!("1")).unwrap();
        let body = body(twin.answer(now(), &get()));
        let reason = body["fallback_reason"].as_str().unwrap();
        assert!(reason.starts_with("Supabase integration pending"), "{reason}");
        assert_eq!((&body["data"]["source"], &body["data"]["feature_flag_enabled"]), (&json!("fixture"), &json!(true)));
        assert!(!validates(PRODUCTION, &body), "{settings:?}");
    }
}

#[test]
fn credentials_that_come_later_take_effect() {
    let mut twin = arranged(&[(FLAG, json!("1")), ("env:SUPABASE_SERVICE_KEY", Value::Null)]);
    assert!(matches!(twin.answer(now(), &get()), Answer::Reply(_)));
    twin.arrange(now(), "env:SUPABASE_SERVICE_KEY", &json!("late-key")).unwrap();
    assert!(matches!(twin.answer(now(), &get()), Answer::Ask(_)));
}

#[test]
fn only_the_loader_answers() {
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        let reply = replied(twin().answer(now(), &request(method, "/api/analytics/idea-pool")));
        assert_eq!(reply.response.status(), StatusCode::METHOD_NOT_ALLOWED, "{method}");
    }
    for (method, path) in [("OPTIONS", "/api/analytics/idea-pool"), ("GET", "/api/analytics/revenue")] {
        let reply = replied(twin().answer(now(), &request(method, path)));
        assert_eq!(reply.response.status(), StatusCode::NOT_IMPLEMENTED, "{method} {path}");
        assert!(reply.gap.is_some());
    }
    body(twin().answer(now(), &request("GET", "/api/analytics/idea-pool?limit=1&feature_supabase_idea_pool=1")));
}

#[test]
fn a_twin_that_starts_today_serves_windows_that_are_open_today() {
    let fixtures = BTreeMap::from([("ideas.json".to_owned(), Bytes::from_static(IDEAS))]);
    let start = "2027-06-01T00:00:00Z".parse().unwrap();
    let mut twin = IdeaPool::new(&Start { now: start, seed: 1, fixtures: &fixtures }).unwrap();
    let body = body(twin.answer(start, &get()));
    assert_eq!(body["data"]["ideas"][4]["supabase_linkage"]["expires_at"], "2027-06-08T00:00:00.000Z");
}

#[test]
fn the_schema_refuses_what_contract_v4_does_not_allow() {
    let good = body(twin().answer(now(), &get()));
    let table: [(&str, Value); 14] = [
        ("/success", json!(false)),
        ("/timestamp", json!("2026-01-01")),
        ("/data/source", json!("mock")),
        ("/data/feature_flag_enabled", json!("false")),
        ("/data/total_count", json!(4)),
        ("/data/wildcard_count", json!(2)),
        ("/data/ideas/0/type", json!("seasonal")),
        ("/data/ideas/0/status", json!("published")),
        ("/data/ideas/0/priority", json!("critical")),
        ("/data/ideas/0/projected_metrics/estimated_clicks", json!("640")),
        ("/data/ideas/0/supabase_linkage/table", json!("idea_pool")),
        ("/data/ideas/0/type", json!("wildcard")),
        ("/data/ideas/4/type", json!("launch")),
        ("/data/ideas", Value::Array(fixture()[..4].to_vec())),
    ];
    for (pointer, value) in table {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).unwrap() = value;
        assert!(!validates(V4, &bad), "{pointer}");
    }
    for member in ["id", "title", "description", "target_platforms", "suggested_copy", "evidence", "priority"] {
        let mut bad = good.clone();
        bad["data"]["ideas"][0].as_object_mut().unwrap().remove(member);
        assert!(!validates(V4, &bad), "{member}");
    }
}

#[test]
fn a_setting_that_the_twin_does_not_have_is_refused() {
    let mut twin = twin();
    for (setting, value) in [
        ("version", json!("v3")),
        ("fixture", json!({})),
        ("env:FEATURE_SUPABASE_IDEA_POOL", json!(true)),
        ("profile", json!("production")),
    ] {
        assert!(twin.arrange(now(), setting, &value).is_err(), "{setting}");
    }
    twin.arrange(now(), "fixture", &json!([])).unwrap();
    let reply = replied(twin.answer(now(), &get()));
    let body: Value = serde_json::from_slice(reply.response.body()).unwrap();
    assert_eq!(body["data"]["total_count"], 0);
    assert!(!validates(V4, &body), "a pool without ideas keeps no promise");
}
