//! The Supabase twin as a sequence of requests, without a socket.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Request, Response};
use jiff::Timestamp;
use preflight::adapter::embedded;
use preflight::check::schema::{self, Schemas};
use preflight::domain::finding::Finding;
use preflight::twin::answer::Answer;
use preflight::twin::supabase::Supabase;
use preflight::twin::{Start, Twin};
use proptest::prelude::{any, proptest};
use serde_json::{Value, json};

fn now() -> Timestamp {
    "2026-11-20T12:00:00Z".parse().expect("it is there")
}

fn twin() -> Supabase {
    let fixtures: BTreeMap<String, Bytes> = embedded::files()
        .into_iter()
        .filter_map(|(path, text)| Some((path.strip_prefix("fixtures/supabase/")?.to_owned(), text)))
        .collect();
    Supabase::new(&Start { now: now(), seed: 7, fixtures: &fixtures }).expect("it is there")
}

fn key(twin: &Supabase, name: &str) -> String {
    twin.identity().variables[name].clone()
}

/// Sends `METHOD /path` with a body, as a role: `anon`, `user`, `service`, or nobody.
fn ask(twin: &mut Supabase, role: &str, line: &str, headers: &[(&str, &str)], body: &str) -> Response<Bytes> {
    let (method, path) = line.split_once(' ').expect("it is there");
    let mut request = Request::builder().method(method).uri(path);
    let token = match role {
        "anon" => Some(key(twin, "SUPABASE_ANON_KEY")),
        "user" => Some(key(twin, "SUPABASE_USER_JWT")),
        "service" => Some(key(twin, "SUPABASE_SERVICE_ROLE_KEY")),
        _ => None,
    };
    if let Some(token) = token {
        request =
            request.header("apikey", key(twin, "SUPABASE_ANON_KEY")).header("authorization", format!("Bearer {token}"));
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Bytes::copy_from_slice(body.as_bytes())).expect("it is there");
    match twin.answer(now(), &request) {
        Answer::Reply(reply) => {
            assert_eq!(reply.gap, None, "{line}");
            reply.response
        }
        Answer::Ask(_) => panic!("the twin asks nobody"),
    }
}

fn read(twin: &mut Supabase, role: &str, line: &str) -> (u16, Value) {
    let response = ask(twin, role, line, &[], "");
    (response.status().as_u16(), serde_json::from_slice(response.body()).unwrap_or(Value::Null))
}

fn told<'a>(response: &'a Response<Bytes>, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().expect("it is there"))
}

#[test]
fn the_idea_pool_reads_its_suggestions() {
    let mut twin = twin();
    let line = "GET /rest/v1/product_suggestions?select=*&order=priority.desc&limit=5";
    let (status, body) = read(&mut twin, "service", line);
    assert_eq!((status, body.as_array().expect("it is there").len()), (200, 5));
    let priorities: Vec<&str> = body
        .as_array()
        .expect("it is there")
        .iter()
        .map(|row| row["priority"].as_str().expect("it is there"))
        .collect();
    assert_eq!(priorities, ["urgent", "medium", "low", "high", "high"], "text sorts by letters, not by urgency");
    let (_, seen) = read(&mut twin, "anon", "GET /rest/v1/product_suggestions?select=status");
    assert_eq!(seen, json!([{ "status": "approved" }, { "status": "approved" }]));
}

#[test]
fn what_is_written_can_be_read_back() {
    let mut twin = twin();
    let full = [("prefer", "return=representation"), ("content-type", "application/json")];
    let note = r#"{"body":"Looks fine","suggestion_id":null}"#;
    let created = ask(&mut twin, "user", "POST /rest/v1/operator_notes?select=id,body,author_id", &full, note);
    assert_eq!(created.status(), 201);
    let user = key(&twin, "SUPABASE_USER_ID");
    let body: Value = serde_json::from_slice(created.body()).expect("it is there");
    assert_eq!(body, json!([{ "id": 4, "body": "Looks fine", "author_id": user }]));
    let line = "PATCH /rest/v1/operator_notes?id=eq.4";
    assert_eq!(ask(&mut twin, "user", line, &[], r#"{"is_public":true}"#).status(), 204);
    let (_, seen) = read(&mut twin, "anon", "GET /rest/v1/operator_notes?select=id&id=gt.3");
    assert_eq!(seen, json!([{ "id": 4 }]));
    let gone = ask(&mut twin, "user", "DELETE /rest/v1/operator_notes?id=eq.4", &[("prefer", "count=exact")], "");
    assert_eq!((gone.status().as_u16(), told(&gone, "content-range")), (204, "*/1"));
}

#[test]
fn a_refusal_by_policy_depends_on_the_role() {
    let mut twin = twin();
    let note = r#"{"body":"x","author_id":"0e9f5f0c-7c1d-4a57-9a5e-1f4cf3d7a001"}"#;
    let anonymous = ask(&mut twin, "anon", "POST /rest/v1/operator_notes", &[], note);
    assert_eq!((anonymous.status().as_u16(), told(&anonymous, "www-authenticate")), (401, "Bearer"));
    assert_eq!(ask(&mut twin, "user", "POST /rest/v1/operator_notes", &[], note).status(), 403);
    assert_eq!(ask(&mut twin, "service", "POST /rest/v1/operator_notes", &[], note).status(), 201);
    assert_eq!(read(&mut twin, "user", "GET /rest/v1/audit_log").0, 403);
}

#[test]
fn the_hosted_gateway_asks_for_a_key_and_the_cli_does_not() {
    let mut twin = twin();
    let (status, body) = read(&mut twin, "nobody", "GET /rest/v1/tags");
    assert_eq!((status, &body["message"]), (401, &json!("No API key found in request")));
    let wrong = ask(&mut twin, "nobody", "GET /rest/v1/tags", &[("apikey", "wrong")], "");
    assert!(String::from_utf8_lossy(wrong.body()).contains("Invalid API key"));
    let publishable = key(&twin, "SUPABASE_PUBLISHABLE_KEY");
    assert_eq!(ask(&mut twin, "nobody", "GET /rest/v1/tags", &[("apikey", &publishable)], "").status(), 200);
    let secret = key(&twin, "SUPABASE_SERVICE_KEY");
    assert_eq!(ask(&mut twin, "nobody", "GET /rest/v1/audit_log", &[("apikey", &secret)], "").status(), 200);
    twin.arrange(now(), "gateway", &json!("cli")).expect("it is there");
    assert_eq!(read(&mut twin, "nobody", "GET /rest/v1/tags").0, 200);
}

#[test]
fn health_answers_200_while_ill() {
    let mut twin = twin();
    twin.arrange(now(), "storage-healthy", &json!(false)).expect("it is there");
    twin.arrange(now(), "realtime-healthy", &json!(false)).expect("it is there");
    twin.arrange(now(), "database", &json!("down")).expect("it is there");
    assert_eq!(read(&mut twin, "anon", "GET /storage/v1/health"), (200, json!({ "healthy": false })));
    let tenant = format!("GET /realtime/v1/api/tenants/{}/health", key(&twin, "SUPABASE_PROJECT_REF"));
    let (status, body) = read(&mut twin, "anon", &tenant);
    assert_eq!((status, &body["data"]["healthy"]), (200, &json!(false)));
    assert_eq!(read(&mut twin, "anon", "GET /auth/v1/health").0, 200);
    assert_eq!(read(&mut twin, "anon", "GET /rest/v1/tags").0, 503);
    assert_eq!(read(&mut twin, "anon", "GET /storage/v1/object/images/none.png").0, 400);
}

#[test]
fn tables_are_arranged_and_refuse_what_they_cannot_hold() {
    let mut twin = twin();
    let rows = json!([{ "type": "launch", "title": "Only one" }]);
    twin.arrange(now(), "table:product_suggestions", &rows).expect("it is there");
    let (_, body) = read(&mut twin, "service", "GET /rest/v1/product_suggestions?select=title,status");
    assert_eq!(body, json!([{ "title": "Only one", "status": "draft" }]));
    let refused = twin.arrange(now(), "table:tags", &json!([{ "nam": "x" }])).expect_err("it is refused");
    assert!(refused.to_string().contains("no column `nam`"), "{refused}");
    assert!(twin.arrange(now(), "table:nope", &json!([])).is_err());
    twin.arrange(now(), "table:tags", &Value::Null).expect("it is there");
    let (status, body) = read(&mut twin, "anon", "GET /rest/v1/tags");
    assert_eq!((status, &body["code"]), (404, &json!("42P01")));
    twin.arrange(now(), "version", &json!("14.12")).expect("it is there");
    assert_eq!(read(&mut twin, "anon", "GET /rest/v1/tags").1["code"], json!("PGRST205"));
}

#[test]
fn a_fork_writes_for_itself() {
    let mut twin = twin();
    let mut fork = twin.clone();
    assert_eq!(ask(&mut fork, "service", "DELETE /rest/v1/tags?id=gt.0", &[], "").status(), 204);
    assert_eq!(read(&mut fork, "service", "GET /rest/v1/tags").1, json!([]));
    assert_eq!(read(&mut twin, "service", "GET /rest/v1/tags").1.as_array().expect("it is there").len(), 3);
}

#[test]
fn a_token_expires_half_a_minute_late() {
    let mut twin = twin();
    let token = key(&twin, "SUPABASE_USER_JWT");
    let anon = key(&twin, "SUPABASE_ANON_KEY");
    let mut at = |seconds: i64| {
        let request = Request::get("/rest/v1/tags?select=id")
            .header("apikey", &anon)
            .header("authorization", format!("Bearer {token}"))
            .body(Bytes::new())
            .expect("it is there");
        let Answer::Reply(reply) = twin.answer(now() + jiff::SignedDuration::from_secs(seconds), &request) else {
            panic!("the twin asks nobody");
        };
        reply.response.status().as_u16()
    };
    assert_eq!((at(157_680_000), at(157_680_029), at(157_680_031)), (200, 200, 401));
}

/// Tables and the schema of their rows; embeds and selections have shapes of their own.
const ROWS: [(&str, &str); 13] = [
    ("product_suggestions", "product-suggestion"),
    ("content_performance", "content-performance"),
    ("trend_opportunities", "trend-opportunity"),
    ("product_collections", "product-collection"),
    ("user_generated_content", "user-generated-content"),
    ("idea_pool", "idea"),
    ("experiments", "experiment"),
    ("experiment_results", "experiment-result"),
    ("operator_notes", "operator-note"),
    ("audit_log", "audit-entry"),
    ("tags", "tag"),
    ("suggestion_tags", "suggestion-tag"),
    ("documents", "document"),
];

fn schemas() -> Schemas {
    let documents = embedded::files().into_iter().filter_map(|(path, text)| {
        let name = path.strip_prefix("schemas/supabase/")?.strip_suffix(".json")?.to_owned();
        Some((format!("supabase/{name}"), serde_json::from_slice(&text).expect("it is there")))
    });
    Schemas::new(documents.collect())
}

fn check(schemas: &Schemas, name: &str, body: &Value) -> Option<Finding> {
    let validator = schemas.get(&format!("supabase/{name}")).expect("it is there");
    schema::check(name, &validator, body, "")
}

#[test]
fn every_refusal_and_every_whole_row_is_as_its_schema_says() {
    let (schemas, mut twin) = (schemas(), twin());
    let holds = |name: &str, body: &Value, line: &str| {
        let finding = check(&schemas, name, body);
        assert!(finding.is_none(), "{line}\n{body}\n{finding:?}");
    };
    let (mut refusals, mut rows) = (0, 0);
    let mut lines = include_str!("postgrest_requests.txt").lines().peekable();
    while let Some(line) = lines.next() {
        let marked = line.starts_with('!') || line.starts_with('#') || line.is_empty();
        let (request, headers) = line.split_once(" | ").unwrap_or((line, ""));
        let Some((role, rest)) = request.split_once(' ').filter(|(role, _)| ["anon", "user", "service"].contains(role))
        else {
            continue;
        };
        let headers: Vec<(&str, &str)> = headers.split(" | ").filter_map(|header| header.split_once(": ")).collect();
        let mut body = String::new();
        while let Some(more) = lines.next_if(|line| line.starts_with("  ")) {
            body.push_str(if body.is_empty() { "" } else { "\n" });
            body.push_str(&more[2..]);
        }
        if marked || rest.starts_with("HEAD") {
            continue;
        }
        let (method, path) = rest.split_once(' ').expect("it is there");
        let url = url::Url::parse(&format!("http://x/rest/v1{path}")).expect("it is there");
        let line = format!("{method} {}", &url[url::Position::BeforePath..]);
        let response = ask(&mut twin, role, &line, &headers, &body);
        let Ok(body) = serde_json::from_slice::<Value>(response.body()) else { continue };
        if !response.status().is_success() {
            let name = if body == json!({}) { "nothing" } else { "error" };
            holds(name, &body, &line);
            refusals += 1;
            continue;
        }
        let table = path.trim_start_matches('/').split('?').next().unwrap_or_default();
        let selected = url.query_pairs().any(|(name, _)| name == "select");
        let stripped = headers.iter().any(|(_, value)| value.contains("nulls=stripped"));
        let Some((_, name)) = ROWS.iter().find(|(own, _)| *own == table).filter(|_| !selected && !stripped) else {
            continue;
        };
        let list = body.as_array().cloned().unwrap_or_else(|| vec![body.clone()]);
        rows += list.len();
        for row in &list {
            holds(name, row, &line);
        }
    }
    assert!(refusals > 100 && rows > 50, "{refusals} refusals, {rows} rows");
}

#[test]
fn the_platform_answers_as_its_schemas_say() {
    let (schemas, mut twin) = (schemas(), twin());
    let tenant = format!("/realtime/v1/api/tenants/{}/health", key(&twin, "SUPABASE_PROJECT_REF"));
    let cases = [
        ("anon", "/auth/v1/health", "auth-health"),
        ("nobody", "/auth/v1/health", "gateway-refusal"),
        ("anon", "/storage/v1/health", "storage-health"),
        ("anon", "/storage/v1/object/public/a/b.png", "storage-error"),
        ("anon", "/realtime/v1/api/ping", "realtime-message"),
        ("anon", "/realtime/v1/api/tenants/x/health", "realtime-message"),
        ("anon", &tenant, "realtime-health"),
    ];
    for (role, path, name) in cases {
        let (_, body) = read(&mut twin, role, &format!("GET {path}"));
        let finding = check(&schemas, name, &body);
        assert!(finding.is_none(), "{path}: {finding:?}");
    }
    let statuses = [401, 402, 403, 429, 500, 502, 503, 504, 540];
    for status in statuses {
        let response = twin.refusal(http::StatusCode::from_u16(status).expect("it is there"));
        let body: Value = serde_json::from_slice(response.body()).expect("it is there");
        let name = if body.get("code").is_some() { "error" } else { "gateway-refusal" };
        let finding = check(&schemas, name, &body);
        assert!(finding.is_none(), "{status}: {finding:?}");
    }
}

proptest! {
    /// Whatever is asked, the answer is one of HTTP's, and a gap says that it is one.
    #[test]
    fn no_request_is_too_strange(
        method in "GET|POST|PATCH|PUT|DELETE|OPTIONS",
        table in "tags|product_suggestions|experiments|rpc/add_numbers|rpc/match_documents|nope|",
        query in "((select|order|limit|offset|id|name|or|title|columns|on_conflict|tags.limit|variants->x)=[a-z0-9.,()!*:>-]{0,24}&){0,4}",
        prefer in "(return=representation|resolution=merge-duplicates|count=exact|missing=default|handling=strict){0,1}",
        body in any::<String>(),
        members in "[{]\"(id|name|a|title)\":([0-9]{1,3}|\"[a-z]{0,9}\"|null|\\[\\]|\\{\\})[}]",
        raw: bool,
    ) {
        let mut twin = twin();
        let token = key(&twin, "SUPABASE_SERVICE_ROLE_KEY");
        let url = url::Url::parse(&format!("http://x/rest/v1/{table}?{query}")).expect("a path");
        let request = Request::builder()
            .method(method.as_str())
            .uri(&url[url::Position::BeforePath..])
            .header("apikey", &token)
            .header("authorization", format!("Bearer {token}"))
            .header("prefer", prefer)
            .body(Bytes::from(if raw { body } else { members }))
            .expect("a request");
        let Answer::Reply(reply) = twin.answer(now(), &request) else { panic!("the twin asks nobody") };
        assert_eq!(reply.gap.is_some(), reply.response.status() == 501);
    }
}
