//! The receiver: deliveries in, an answer and perhaps an effect out; written apart from the verifier that it is tried by.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use serde_json::Value;

use crate::receivers::flaw::Flaw;

/// What it verifies with; it could be read as base64, which would be wrong.
pub const SECRET: &str = "cmVjZWl2ZXItdGVzdC1zZWNyZXQ=";

/// Whose deliveries it receives.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Dialect {
    /// `sha256=` and hex over `timestamp.body`, an id in a header.
    Chatwoot,
    /// A list of `v1=` and hex over the body.
    PagerDuty,
}

/// A receiver with at most one flaw.
pub struct Receiver {
    pub dialect: Dialect,
    pub flaw: Option<Flaw>,
    state: Mutex<Memory>,
}

#[derive(Default)]
struct Memory {
    seen: HashSet<Vec<u8>>,
    effects: u64,
}

/// Why a delivery is refused.
enum Refusal {
    Untrusted,
    /// The comparison threw.
    Crash,
}

impl Receiver {
    pub fn new(dialect: Dialect, flaw: Option<Flaw>) -> Arc<Self> {
        Arc::new(Self { dialect, flaw, state: Mutex::default() })
    }

    /// Serves on a port of the loopback: `/hook` receives, `/effects` counts. Ends with the runtime.
    pub async fn serve(self: Arc<Self>) -> u16 {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let app = Router::new().fallback(handle).with_state(self);
        tokio::spawn(async move { axum::serve(listener, app).await.expect("it serves") });
        port
    }

    fn has(&self, flaw: Flaw) -> bool {
        self.flaw == Some(flaw)
    }

    fn work(&self) {
        self.state.lock().expect("the memory").effects += if self.has(Flaw::WorksTwice) { 2 } else { 1 };
    }

    async fn receive(&self, method: &Method, headers: &HeaderMap, body: &Bytes) -> Response {
        if self.has(Flaw::Redirects) {
            return (StatusCode::FOUND, [("location", "/login")], "").into_response();
        }
        if self.has(Flaw::RefusesAll) {
            return self.refused("no");
        }
        if self.has(Flaw::AcceptsGet) && matches!(*method, Method::GET | Method::HEAD) {
            self.work();
            return (StatusCode::OK, "ok").into_response();
        }
        if *method != Method::POST {
            return (StatusCode::METHOD_NOT_ALLOWED, "POST it").into_response();
        }
        let most = if self.has(Flaw::SmallBodies) { 100 * 1024 } else { 1024 * 1024 };
        if body.len() > most {
            return (StatusCode::PAYLOAD_TOO_LARGE, "too large").into_response();
        }
        if self.has(Flaw::WorksBeforeVerifying) && self.verify(headers, body).is_err() {
            self.work();
        }
        if self.has(Flaw::NotesIdFirst)
            && let Some(id) = text(headers, self.id_header())
            && self.verify(headers, body).is_err()
        {
            self.state.lock().expect("the memory").seen.insert(id.into());
        }
        match self.verify(headers, body) {
            Ok(()) => self.accept(headers, body).await,
            Err(Refusal::Untrusted) => self.refused(&self.expected(headers, body)),
            Err(Refusal::Crash) => (StatusCode::INTERNAL_SERVER_ERROR, "oops").into_response(),
        }
    }

    fn refused(&self, expected: &str) -> Response {
        match self.flaw {
            Some(Flaw::AnswersOkToBad) => (StatusCode::OK, "ignored").into_response(),
            Some(Flaw::SaysGone) => (StatusCode::GONE, "gone").into_response(),
            Some(Flaw::EchoesSignature) => (StatusCode::UNAUTHORIZED, format!("expected {expected}")).into_response(),
            Some(Flaw::EchoesSecret) => (StatusCode::UNAUTHORIZED, format!("not signed by {SECRET}")).into_response(),
            _ => (StatusCode::UNAUTHORIZED, "untrusted").into_response(),
        }
    }

    fn id_header(&self) -> &'static str {
        match self.dialect {
            Dialect::Chatwoot => "x-chatwoot-delivery",
            Dialect::PagerDuty => "x-webhook-id",
        }
    }

    /// What is signed, as this receiver believes.
    fn content(&self, headers: &HeaderMap, body: &Bytes) -> Vec<u8> {
        let body = match self.flaw {
            Some(Flaw::SignsParsedBody) => match serde_json::from_slice::<Value>(body) {
                Ok(value) => value.to_string().into_bytes(),
                Err(_) => body.to_vec(),
            },
            Some(Flaw::TrimsBody) => body.trim_ascii_end().to_vec(),
            _ => body.to_vec(),
        };
        let timestamp = text(headers, "x-chatwoot-timestamp").unwrap_or_default();
        match self.dialect {
            Dialect::Chatwoot if !self.has(Flaw::SignsBodyAlone) => {
                [timestamp.as_bytes(), b".", body.as_slice()].concat()
            }
            _ => body,
        }
    }

    fn expected(&self, headers: &HeaderMap, body: &Bytes) -> String {
        hex::encode(mac(hmac::HMAC_SHA256, SECRET, &self.content(headers, body)))
    }

    fn verify(&self, headers: &HeaderMap, body: &Bytes) -> Result<(), Refusal> {
        if self.has(Flaw::AcceptsAll) {
            return Ok(());
        }
        if self.has(Flaw::AcceptsOtherScheme)
            && let Some(theirs) = text(headers, "x-hub-signature-256")
            && theirs == format!("sha256={}", hex::encode(mac(hmac::HMAC_SHA256, SECRET, body)))
        {
            return Ok(());
        }
        match self.dialect {
            Dialect::Chatwoot => {
                self.verify_one(headers, body)?;
                self.verify_time(headers)
            }
            Dialect::PagerDuty => self.verify_list(headers, body),
        }
    }

    fn verify_one(&self, headers: &HeaderMap, body: &Bytes) -> Result<(), Refusal> {
        let value = text(headers, "x-chatwoot-signature").ok_or(Refusal::Untrusted)?;
        let (expected, content) = (self.expected(headers, body), self.content(headers, body));
        if self.has(Flaw::AcceptsSha1) && value.starts_with("sha1=") {
            let weaker = hex::encode(mac(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, SECRET, &content));
            return if value == format!("sha1={weaker}") { Ok(()) } else { Err(Refusal::Untrusted) };
        }
        let given = match value.strip_prefix("sha256=") {
            _ if self.has(Flaw::ComparesBareHex) => value,
            Some(given) => given,
            None if self.has(Flaw::PrefixOptional) => value,
            None => return Err(Refusal::Untrusted),
        };
        if self.has(Flaw::FailsOnWrongLength) && given.len() != expected.len() {
            return Err(Refusal::Crash);
        }
        let right = match self.flaw {
            Some(Flaw::AcceptsPrefix) => expected.starts_with(given),
            Some(Flaw::StopsAtFirstDifference) => compare(given, &expected),
            Some(Flaw::IgnoresTail) => given.starts_with(&expected),
            Some(Flaw::GuessesEncoding) => {
                given == expected || STANDARD.decode(given).is_ok_and(|bytes| hex::encode(bytes) == expected)
            }
            Some(Flaw::FailsOpen) => given == expected || given == hex::encode(mac(hmac::HMAC_SHA256, "", &content)),
            _ => given == expected,
        };
        if right { Ok(()) } else { Err(Refusal::Untrusted) }
    }

    fn verify_time(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let written = text(headers, "x-chatwoot-timestamp").ok_or(Refusal::Untrusted)?;
        let digits = written.bytes().all(|byte| byte.is_ascii_digit());
        let seconds: Option<i64> = written.parse().ok().filter(|_| digits);
        if self.has(Flaw::LenientTimestamp) && !digits {
            // NaN is neither too old nor too new.
            return Ok(());
        }
        let age = jiff::Timestamp::now().as_second() - seconds.ok_or(Refusal::Untrusted)?;
        let fresh = match self.flaw {
            Some(Flaw::NoWindow) => true,
            Some(Flaw::FutureAllowed) => age <= 300,
            _ => age.abs() <= 300,
        };
        if fresh { Ok(()) } else { Err(Refusal::Untrusted) }
    }

    fn verify_list(&self, headers: &HeaderMap, body: &Bytes) -> Result<(), Refusal> {
        let value = text(headers, "x-pagerduty-signature").ok_or(Refusal::Untrusted)?;
        let expected = self.expected(headers, body);
        let right = |entry: &str| match entry.split_once('=') {
            Some(("v1", given)) => given == expected,
            Some((_, given)) => self.has(Flaw::IgnoresVersion) && given == expected,
            None => false,
        };
        let entries: Vec<&str> = value.split(',').collect();
        let found = match self.flaw {
            Some(Flaw::FirstOfList) => entries.first().is_some_and(|entry| right(entry)),
            Some(Flaw::LastOfList) => entries.last().is_some_and(|entry| right(entry)),
            _ => entries.into_iter().any(right),
        };
        if found { Ok(()) } else { Err(Refusal::Untrusted) }
    }

    async fn accept(&self, headers: &HeaderMap, body: &Bytes) -> Response {
        if self.has(Flaw::Slow) {
            tokio::time::sleep(Duration::from_millis(160)).await;
        }
        let json = text(headers, "content-type").is_some_and(|value| value.starts_with("application/json"));
        if !json {
            return (StatusCode::UNSUPPORTED_MEDIA_TYPE, "send JSON").into_response();
        }
        let Ok(value) = serde_json::from_slice::<Value>(body) else {
            return match self.flaw {
                Some(Flaw::FailsOnBadJson) => (StatusCode::INTERNAL_SERVER_ERROR, "oops").into_response(),
                Some(Flaw::ShowsTrace) => {
                    let trace = "Traceback (most recent call last):\n  File \"/srv/app.py\", line 7, in hook";
                    (StatusCode::BAD_REQUEST, trace).into_response()
                }
                // Whoever accepts everything accepts this too; that it is no JSON is not what is tried there.
                _ => (StatusCode::BAD_REQUEST, "no JSON").into_response(),
            };
        };
        let name = match self.dialect {
            Dialect::Chatwoot => value["event"].as_str(),
            Dialect::PagerDuty => value["event"]["event_type"].as_str(),
        };
        if !matches!(name, Some("message_created" | "incident.triggered")) {
            let status = if self.has(Flaw::FailsOnUnknownEvent) { StatusCode::NOT_FOUND } else { StatusCode::OK };
            return (status, "not for us").into_response();
        }
        let Some(id) = text(headers, self.id_header()) else {
            return (StatusCode::BAD_REQUEST, "no id").into_response();
        };
        let key = match self.flaw {
            Some(Flaw::DedupesByBody) => body.to_vec(),
            Some(Flaw::DedupesBySignature) => text(headers, "x-chatwoot-signature").unwrap_or_default().into(),
            _ => id.into(),
        };
        if self.has(Flaw::DoesNothing) {
            return (StatusCode::OK, "ok").into_response();
        }
        if self.is_known(key).await && !self.has(Flaw::NoDedupe) {
            return (StatusCode::OK, "known").into_response();
        }
        if let Some(answer) = self.too_much() {
            return answer;
        }
        self.work();
        (StatusCode::OK, "ok").into_response()
    }

    /// What it does when more has come than it can hold; it never gets rid of anything.
    fn too_much(&self) -> Option<Response> {
        let holds = if self.has(Flaw::SmallQueue) { 5 } else { 40 };
        let full = self.state.lock().expect("the memory").effects >= holds;
        match self.flaw.filter(|_| full)? {
            Flaw::LosesWhatIsTooMuch | Flaw::SmallQueue => Some((StatusCode::OK, "ok").into_response()),
            Flaw::FailsWhenItIsTooMuch => Some((StatusCode::INTERNAL_SERVER_ERROR, "oops").into_response()),
            Flaw::AsksForAPause => {
                Some((StatusCode::TOO_MANY_REQUESTS, [("retry-after", "60")], "too many").into_response())
            }
            _ => None,
        }
    }

    async fn is_known(&self, key: Vec<u8>) -> bool {
        if self.has(Flaw::DedupesInTwoSteps) {
            let known = self.state.lock().expect("the memory").seen.contains(&key);
            tokio::time::sleep(Duration::from_millis(15)).await;
            self.state.lock().expect("the memory").seen.insert(key);
            return known;
        }
        !self.state.lock().expect("the memory").seen.insert(key)
    }
}

fn mac(algorithm: hmac::Algorithm, secret: &str, content: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(algorithm, secret.as_bytes()), content).as_ref().to_vec()
}

/// Letter by letter, each worth some work.
fn compare(given: &str, expected: &str) -> bool {
    for (one, other) in given.bytes().zip(expected.bytes()) {
        if one != other {
            return false;
        }
        std::hint::black_box(mac(hmac::HMAC_SHA256, "work", &[0; 4096]));
    }
    given.len() == expected.len()
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

async fn handle(State(receiver): State<Arc<Receiver>>, request: Request<Body>) -> Response {
    let (head, body) = request.into_parts();
    if head.uri.path() == "/effects" {
        let count = receiver.state.lock().expect("the memory").effects;
        return (StatusCode::OK, [("x-effects", count.to_string())], format!("{{\"count\":{count}}}")).into_response();
    }
    let Ok(body) = to_bytes(body, 16 * 1024 * 1024).await else {
        if receiver.has(Flaw::WorksOnHalf) {
            receiver.work();
        }
        return (StatusCode::BAD_REQUEST, "half a body").into_response();
    };
    let mut response = receiver.receive(&head.method, &head.headers, &body).await;
    let count = receiver.state.lock().expect("the memory").effects;
    response.headers_mut().insert("x-effects", count.into());
    response
}
