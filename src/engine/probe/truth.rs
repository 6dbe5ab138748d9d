//! A right service to lie about: its twin, or a script; and the mouth that tells the truth or a lie over it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt as _;
use http::header::{ACCEPT, CONTENT_TYPE, HOST, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use serde_json::json;
use url::Url;

use crate::adapter::client::{Client, Options, Safety};
use crate::adapter::clock;
use crate::adapter::liar::{Mouth, Said};
use crate::check::lie;
use crate::domain::exchange::{Request, Response};
use crate::domain::integration::Manifest;
use crate::domain::probe::lie::Lie;
use crate::domain::probe::specified;
use crate::engine::serve::Served;

/// A right service.
pub struct Truth {
    source: Source,
    /// What its clients read.
    pub variables: BTreeMap<String, String>,
}

enum Source {
    Twin { client: Client, url: Url },
    Script(Vec<Good>),
}

/// A right answer with everything filled in.
struct Good {
    method: String,
    path: String,
    /// Headers without which it is refused.
    demanded: Vec<(String, String)>,
    body: Bytes,
}

impl Truth {
    /// None where the client cannot be set up.
    pub fn of_twin(twin: &Served) -> Option<Self> {
        let client = Client::new(Options::new(Safety::Anything)).ok()?;
        let url = Url::parse(&twin.url).ok()?;
        Some(Self { source: Source::Twin { client, url }, variables: twin.environment.clone() })
    }

    pub fn of_script(script: &specified::Truth, manifest: &Manifest) -> Self {
        let fill = |text: &str| {
            let filled = script.variables.iter();
            filled.fold(text.to_owned(), |text, (name, value)| text.replace(&format!("${{{name}}}"), value))
        };
        let good = |good: &specified::Good| {
            let (method, path) = good.request.split_once(' ').unwrap_or(("GET", &good.request));
            let credential = good.credential.as_ref().and_then(|name| manifest.credentials.get(name));
            let demanded = credential.map(|credential| &credential.headers).into_iter().flatten();
            Good {
                method: method.to_owned(),
                path: fill(path),
                demanded: demanded.map(|(name, value)| (name.to_lowercase(), fill(value))).collect(),
                body: fill(&good.body.to_string()).into(),
            }
        };
        Self { source: Source::Script(script.answers.iter().map(good).collect()), variables: script.variables.clone() }
    }

    /// `twin` or `script`.
    pub fn word(&self) -> &'static str {
        match self.source {
            Source::Twin { .. } => "twin",
            Source::Script(_) => "script",
        }
    }

    /// What names the account in answers: the values of variables that are no secret, no version and no address.
    fn tenant(&self) -> Vec<String> {
        let secret = ["KEY", "TOKEN", "SECRET", "JWT", "VERSION", "URL"];
        let named = |name: &String| !secret.iter().any(|word| name.contains(word));
        self.variables
            .iter()
            .filter(|(name, value)| named(name) && !value.is_empty())
            .map(|(_, value)| value.clone())
            .collect()
    }

    async fn answer(&self, request: &http::Request<Bytes>, headers: HeaderMap) -> Option<Response> {
        match &self.source {
            Source::Script(script) => Some(recite(script, request, &headers)),
            Source::Twin { client, url } => {
                let mut url = url.clone();
                url.set_path(request.uri().path());
                url.set_query(request.uri().query());
                let body = request.body().clone();
                let request = Request { method: request.method().clone(), url, headers, body };
                client.send(&request, None, Duration::from_secs(30)).await.outcome.ok()
            }
        }
    }
}

fn recite(script: &[Good], request: &http::Request<Bytes>, headers: &HeaderMap) -> Response {
    let is_it = |good: &&Good| good.method == request.method().as_str() && good.path == request.uri().path();
    let Some(good) = script.iter().find(is_it) else {
        return json_of(StatusCode::NOT_FOUND, json!({ "error": { "message": "not found" } }).to_string().into());
    };
    let has =
        |(name, value): &(String, String)| headers.get(name).is_some_and(|sent| sent.as_bytes() == value.as_bytes());
    if good.demanded.iter().all(has) {
        json_of(StatusCode::OK, good.body.clone())
    } else {
        json_of(StatusCode::UNAUTHORIZED, json!({ "error": { "message": "who is it?" } }).to_string().into())
    }
}

fn json_of(status: StatusCode, body: Bytes) -> Response {
    let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
    Response { status, headers, body }
}

/// Says the truth, or a lie over it; `lied` is set when something else than the truth was said.
pub fn mouth(truth: Arc<Truth>, lie: Option<Lie>, slow: Duration, lied: Arc<AtomicBool>) -> Mouth {
    Arc::new(move |request| {
        let (truth, lied) = (Arc::clone(&truth), Arc::clone(&lied));
        async move {
            let mut headers = request.headers().clone();
            headers.remove(HOST);
            if lie == Some(Lie::StrippedHeader) && strip(&mut headers) {
                lied.store(true, Ordering::Relaxed);
            }
            let Some(right) = truth.answer(&request, headers).await else { return Said::Nothing };
            let Some(lie) = lie else { return Said::Answer(right) };
            if matches!(lie, Lie::Slow | Lie::Hanging) {
                // The client may be gone before the answer is.
                lied.store(true, Ordering::Relaxed);
            }
            let said = over(lie, &right, &request, &truth.tenant(), slow).await;
            if said.is_some() {
                lied.store(true, Ordering::Relaxed);
            }
            said.unwrap_or(Said::Answer(right))
        }
        .boxed()
    })
}

/// The lie; None where it changes nothing of this answer.
async fn over(
    lie: Lie,
    right: &Response,
    request: &http::Request<Bytes>,
    tenant: &[String],
    slow: Duration,
) -> Option<Said> {
    match lie {
        Lie::Slow => {
            tokio::time::sleep(slow + Duration::from_millis(200)).await;
            Some(Said::Answer(right.clone()))
        }
        Lie::Hanging => Some(Said::Nothing),
        Lie::Truncated => Some(Said::Half(right.clone())),
        // No cache keeps what a POST was answered (RFC 9111 §3).
        Lie::StaleCache | Lie::SilentCache if !matches!(*request.method(), Method::GET | Method::HEAD) => None,
        _ => lie::answer(lie, right, tenant, clock::now()).map(Said::Answer),
    }
}

/// Takes off what authenticates: every header that is not about the message itself. Tells whether there was one.
fn strip(headers: &mut HeaderMap) -> bool {
    let plain = [ACCEPT, CONTENT_TYPE, HOST, USER_AGENT, http::header::CONTENT_LENGTH, http::header::ACCEPT_ENCODING];
    let extra: Vec<_> = headers.keys().filter(|name| !plain.contains(name)).cloned().collect();
    for name in &extra {
        headers.remove(name);
    }
    !extra.is_empty()
}
