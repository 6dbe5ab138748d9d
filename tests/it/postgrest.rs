//! The Supabase twin and a real PostgREST 12.0.2 are asked the same, in the same order, and must answer the same.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bytes::Bytes;
use futures::future::join_all;
use http::Request;
use jiff::Timestamp;
use preflight::adapter::embedded;
use preflight::twin::answer::Answer;
use preflight::twin::supabase::Supabase;
use preflight::twin::{Start, Twin};
use preflight::wire::jwt;
use regex::Regex;
use serde_json::json;

use crate::postgrest_server::{Peers, Server};

/// One request a line: `role METHOD path | header: value`, its body on the next line after two spaces. `!d-name` in
/// front marks a difference that docs/supabase-differences.md explains.
const REQUESTS: &str = include_str!("postgrest_requests.txt");
const DIFFERENCES: &str = include_str!("../../docs/supabase-differences.md");

/// The headers that matter; the others tell of the transport.
const HEADERS: [&str; 13] = [
    "content-type",
    "content-range",
    "content-location",
    "location",
    "preference-applied",
    "www-authenticate",
    "allow",
    "access-control-allow-origin",
    "access-control-allow-methods",
    "access-control-allow-headers",
    "access-control-expose-headers",
    "access-control-max-age",
    "content-profile",
];

struct Asked {
    difference: Option<String>,
    role: String,
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: String,
}

#[derive(Debug, Eq, PartialEq)]
struct Answered {
    status: u16,
    headers: Vec<(&'static str, Vec<String>)>,
    body: String,
}

fn requests() -> Vec<Asked> {
    let mut asked: Vec<Asked> = Vec::new();
    for line in REQUESTS.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(body) = line.strip_prefix("  ") {
            let last = asked.last_mut().expect("a body follows a request");
            last.body.push_str(if last.body.is_empty() { "" } else { "\n" });
            last.body.push_str(body);
            continue;
        }
        let mut parts = line.split(" | ");
        let mut words: Vec<&str> = parts.next().unwrap_or_default().splitn(4, ' ').collect();
        let difference = words[0].strip_prefix('!').map(str::to_owned);
        if difference.is_some() {
            words.remove(0);
        } else {
            words = line.split(" | ").next().unwrap_or_default().splitn(3, ' ').collect();
        }
        let [role, method, path] = words[..] else { panic!("not a request: {line}") };
        let headers = parts.map(|header| header.split_once(": ").expect("a header has a value"));
        asked.push(Asked {
            difference,
            role: role.to_owned(),
            method: method.to_owned(),
            path: path.to_owned(),
            headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            body: String::new(),
        });
    }
    asked
}

struct Bench {
    twin: Supabase,
    now: Timestamp,
    variables: BTreeMap<String, String>,
    known_ids: BTreeSet<String>,
    uuids: Regex,
    moments: Regex,
    server: Server,
    client: reqwest::Client,
    runtime: tokio::runtime::Runtime,
}

impl Bench {
    fn new(peers: &Peers) -> Self {
        let now = Timestamp::now();
        let fixtures: BTreeMap<String, Bytes> = embedded::files()
            .into_iter()
            .filter_map(|(path, text)| Some((path.strip_prefix("fixtures/supabase/")?.to_owned(), text)))
            .collect();
        let twin = Supabase::new(&Start { now, seed: 7, fixtures: &fixtures }).expect("the fixtures are sound");
        let variables = twin.identity().variables;
        let sql = twin.to_sql();
        let mut known_ids: BTreeSet<String> = uuids().find_iter(&sql).map(|id| id.as_str().to_owned()).collect();
        known_ids.insert(variables["SUPABASE_USER_ID"].clone());
        known_ids.extend(uuids().find_iter(REQUESTS).map(|id| id.as_str().to_owned()));
        let server = peers.start(&sql, &variables["SUPABASE_JWT_SECRET"]);
        rustls::crypto::ring::default_provider().install_default().ok();
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(30))
            .build()
            .expect("a client");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let moments = r"(\d{4}-\d\d-\d\d)[T ]\d\d:\d\d:\d\d(\.\d+)?(\+00(:00)?)?";
        let moments = Regex::new(moments).expect("an expression");
        let bench = Self { twin, now, variables, known_ids, uuids: uuids(), moments, server, client, runtime };
        bench.wait();
        bench
    }

    /// PostgREST answers 503 until it has read the schema.
    fn wait(&self) {
        for _ in 0..200 {
            let url = format!("http://127.0.0.1:{}/tags", self.server.port);
            let answer = self.runtime.block_on(async { self.client.get(url).send().await });
            if answer.is_ok_and(|answer| answer.status() == 200) {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("PostgREST did not become ready");
    }

    fn token(&self, role: &str) -> Option<String> {
        let secret = self.variables["SUPABASE_JWT_SECRET"].as_bytes();
        let at = self.now.as_second();
        let sign = |claims| Some(jwt::sign(&claims, secret));
        match role {
            "nobody" => None,
            "anon" => Some(self.variables["SUPABASE_ANON_KEY"].clone()),
            "user" => Some(self.variables["SUPABASE_USER_JWT"].clone()),
            "service" => Some(self.variables["SUPABASE_SERVICE_ROLE_KEY"].clone()),
            "expired" => sign(json!({ "role": "anon", "exp": at - 3600 })),
            "early" => sign(json!({ "role": "anon", "nbf": at + 3600 })),
            "future" => sign(json!({ "role": "anon", "iat": at + 3600 })),
            "stranger" => sign(json!({ "role": "nosuchrole" })),
            "roleless" => sign(json!({ "sub": "x" })),
            "forged" => Some(jwt::sign(&json!({ "role": "service_role" }), b"a secret that is another one's, 32+")),
            "two-parts" => Some("abc.def".to_owned()),
            "garbage" => Some("sb_publishable_abc".to_owned()),
            "empty" => Some(String::new()),
            other => panic!("no role {other}"),
        }
    }

    fn ask_twin(&mut self, asked: &Asked) -> Answered {
        // Encoded as the client encodes it for the other one.
        let url = url::Url::parse(&format!("http://localhost/rest/v1{}", asked.path)).expect("a path");
        let mut request = Request::builder()
            .method(asked.method.as_str())
            .uri(&url[url::Position::BeforePath..])
            .header("apikey", &self.variables["SUPABASE_ANON_KEY"]);
        if let Some(token) = self.token(&asked.role) {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        for (name, value) in &asked.headers {
            request = request.header(name, value);
        }
        let request = request.body(Bytes::from(asked.body.clone())).expect("a request");
        let Answer::Reply(reply) = self.twin.answer(self.now, &request) else { panic!("the twin asks nobody") };
        let (head, body) = reply.response.into_parts();
        self.told(head.status.as_u16(), &head.headers, &body)
    }

    /// Asks PostgREST, and what only reads eight at a time: the order of reads changes nothing.
    fn ask_postgrest(&self, asked: &[Asked]) -> Vec<Answered> {
        let reads = |asked: &Asked| ["GET", "HEAD", "OPTIONS"].contains(&asked.method.as_str());
        let mut answered = Vec::new();
        self.runtime.block_on(async {
            for alike in asked.chunk_by(|one, other| reads(one) && reads(other)) {
                for few in alike.chunks(8) {
                    answered.extend(join_all(few.iter().map(|asked| self.ask_one(asked))).await);
                }
            }
        });
        answered
    }

    async fn ask_one(&self, asked: &Asked) -> Answered {
        let method = reqwest::Method::from_bytes(asked.method.as_bytes()).expect("a method");
        let url = format!("http://127.0.0.1:{}{}", self.server.port, asked.path);
        let mut request = self.client.request(method, url);
        if let Some(token) = self.token(&asked.role) {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        for (name, value) in &asked.headers {
            request = request.header(name, value);
        }
        if !asked.body.is_empty() {
            request = request.body(asked.body.clone());
        }
        if asked.method == "HEAD" {
            // PostgREST 12 sends the body of a refusal after HEAD, too, and so spoils the connection.
            request = request.header("connection", "close");
        }
        let answer = request.send().await.expect("PostgREST answers");
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let body = answer.bytes().await.expect("a body");
        self.told(status, &headers, &body)
    }

    fn told(&self, status: u16, headers: &http::HeaderMap, body: &[u8]) -> Answered {
        let all = |name: &&'static str| {
            let values = headers.get_all(*name).iter().map(|value| value.to_str().expect("text").to_owned());
            let values: Vec<String> = values.map(|text| self.without_chance(&text)).collect();
            (!values.is_empty()).then_some((*name, values))
        };
        let headers = HEADERS.iter().filter_map(all).collect();
        Answered { status, headers, body: self.without_chance(&String::from_utf8_lossy(body)) }
    }

    /// Moments of today and ids that were just drawn differ by nature.
    fn without_chance(&self, text: &str) -> String {
        let day =
            |offset: i64| (self.now + jiff::SignedDuration::from_hours(24 * offset)).strftime("%Y-%m-%d").to_string();
        let today = [day(-1), day(0), day(1)];
        let text = self.moments.replace_all(text, |found: &regex::Captures| {
            if today.contains(&found[1].to_owned()) { "<now>".to_owned() } else { found[0].to_owned() }
        });
        let text = self.uuids.replace_all(&text, |found: &regex::Captures| {
            if self.known_ids.contains(&found[0]) { found[0].to_owned() } else { "<uuid>".to_owned() }
        });
        text.into_owned()
    }
}

fn uuids() -> Regex {
    Regex::new("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").expect("an expression")
}

/// What differs without being marked, and what is marked without differing.
fn wrong(bench: &mut Bench, asked: &[Asked]) -> Vec<String> {
    let mut wrong = Vec::new();
    let reals = bench.ask_postgrest(asked);
    for (number, (asked, real)) in asked.iter().zip(reals).enumerate() {
        let twin = bench.ask_twin(asked);
        let line = format!(
            "{:03} {} {} {} {:?} {}",
            number + 1,
            asked.role,
            asked.method,
            asked.path,
            asked.headers,
            asked.body
        );
        match &asked.difference {
            None if twin != real => wrong.push(format!("{line}\n  twin {twin:?}\n  real {real:?}")),
            Some(name) if twin == real => wrong.push(format!("{line}\n  no longer differs, though {name} is marked")),
            _ => {}
        }
    }
    wrong
}

#[test]
fn the_twin_answers_as_postgrest_does() {
    let Some(peers) = Peers::find() else { return };
    let asked = requests();
    assert!(asked.len() >= 150, "only {} requests", asked.len());
    let wrong = wrong(&mut Bench::new(&peers), &asked);
    assert!(wrong.is_empty(), "{} of {} differ:\n\n{}", wrong.len(), asked.len(), wrong.join("\n\n"));
}

/// The comparison itself is shown to bite: another version, and a database with a row too few, are found out.
#[test]
fn a_twin_that_is_wrong_is_found_out() {
    let Some(peers) = Peers::find() else { return };
    let mut bench = Bench::new(&peers);
    let reads: Vec<Asked> = requests()
        .into_iter()
        .filter(|asked| asked.method == "GET")
        .filter(|asked| asked.path.starts_with("/tags"))
        .collect();
    bench.twin.arrange(bench.now, "version", &json!("14.12")).expect("a version");
    let newer = wrong(&mut bench, &reads).len();
    bench.twin.arrange(bench.now, "version", &json!("12.0.2")).expect("a version");
    bench.twin.arrange(bench.now, "table:tags", &json!([{ "id": 1, "name": "winter" }])).expect("rows");
    let poorer = wrong(&mut bench, &reads).len();
    assert!(newer >= 10 && poorer >= 10, "{newer} and {poorer} found");
}

#[test]
fn every_known_difference_is_explained_and_shown() {
    let heading =
        |line: &str| line.strip_prefix("### `").and_then(|rest| rest.split_once('`')).map(|(name, _)| name.to_owned());
    let explained: BTreeSet<String> = DIFFERENCES.lines().filter_map(heading).collect();
    let marked: BTreeSet<String> = requests().into_iter().filter_map(|asked| asked.difference).collect();
    assert_eq!(explained, marked);
}
