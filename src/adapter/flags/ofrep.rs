//! A server that speaks OFREP 0.3.0: asked for all flags with the context of one reader, switched elsewhere.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use futures::FutureExt as _;
use futures::future::BoxFuture;
use http::header::AUTHORIZATION;
use http::{HeaderName, Method, StatusCode};
use secrecy::SecretString;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use crate::adapter::flags::http::{Remote, credential};
use crate::adapter::flags::store::{Permitted, Question, Store, WriteError, Written};
use crate::domain::exchange::Response;
use crate::domain::flag::Declared;
use crate::domain::flag::change::Change;
use crate::domain::flag::sighting::{Sighting, Unseen};
use crate::wire::flags::ofrep;

const SEGMENTS: [&str; 4] = ["ofrep", "v1", "evaluate", "flags"];

/// How the server is opened.
pub enum Credential {
    None,
    /// `Authorization: Bearer …`
    Bearer(SecretString),
    /// `X-API-Key: …`
    Key(SecretString),
}

/// One server.
pub struct Ofrep {
    remote: Remote,
    credential: Credential,
    key: Option<String>,
    /// By context: the last `ETag` and the digest of what came with it.
    tags: Mutex<BTreeMap<String, (String, [u8; 32])>>,
}

impl Ofrep {
    pub fn new(remote: Remote, credential: Credential, key: Option<String>) -> Self {
        Self { remote, credential, key, tags: Mutex::default() }
    }

    fn key<'a>(&'a self, flag: &'a str) -> &'a str {
        self.key.as_deref().unwrap_or(flag)
    }

    async fn evaluate(&self, key: &str, declared: &Declared) -> Sighting {
        let context = context(declared);
        let body = ofrep::question(&context);
        let mut request = self.remote.request(Method::POST, &[&SEGMENTS[..], &[key]].concat(), Some(&body));
        self.open(&mut request);
        let single = match self.remote.ask(&request).await {
            Ok(response) => ofrep::single(&response, key),
            Err(unknown) => return *unknown,
        };
        // The one flag is asked past every cache; the list says by its tag what other clients will see.
        let mut request = self.remote.request(Method::POST, &SEGMENTS, Some(&body));
        self.open(&mut request);
        match self.remote.ask(&request).await {
            Ok(response) => self.compared(single, &response, key, &body),
            Err(unknown) => *unknown,
        }
    }

    fn open(&self, request: &mut crate::domain::exchange::Request) {
        match &self.credential {
            Credential::None => {}
            Credential::Bearer(token) => credential(request, AUTHORIZATION, "Bearer ", token),
            Credential::Key(key) => credential(request, HeaderName::from_static("x-api-key"), "", key),
        }
    }

    /// A server that has no list is taken at its word about the one flag; one that has a list must say the same there.
    fn compared(&self, single: Sighting, response: &Response, key: &str, context: &Value) -> Sighting {
        let no_list = [StatusCode::NOT_FOUND, StatusCode::METHOD_NOT_ALLOWED, StatusCode::NOT_IMPLEMENTED];
        if single.switch.is_unknown() || no_list.contains(&response.status) {
            return single;
        }
        let listed = ofrep::bulk(response, key);
        if response.status == StatusCode::NOT_MODIFIED {
            let detail = "304 Not Modified to a request that named no tag";
            return Sighting::unknown(Unseen::OtherContext, detail);
        }
        if let Some(tag) = &listed.version
            && self.is_stale(context, tag, &response.body)
        {
            let detail = format!("the list changed and its ETag is still {tag}");
            return Sighting::unknown(Unseen::StaleTag, detail).with_version(listed.version);
        }
        if listed.switch.is_unknown() {
            return listed;
        }
        if listed.switch != single.switch {
            let detail = format!("asked alone it is {}, in the list {}", single.switch, listed.switch);
            return Sighting::unknown(Unseen::Stale, detail).with_version(listed.version);
        }
        single.with_version(listed.version)
    }

    /// Whether another content came with a tag that is known for this context.
    fn is_stale(&self, context: &Value, tag: &str, body: &[u8]) -> bool {
        let digest: [u8; 32] = Sha256::digest(body).into();
        let mut tags = self.tags.lock().unwrap_or_else(PoisonError::into_inner);
        let known = tags.insert(context.to_string(), (tag.to_owned(), digest));
        known.is_some_and(|(known, before)| known == tag && before != digest)
    }
}

/// What the server is told of who asks: the flag's own context, with a targeting key, which the protocol demands.
fn context(declared: &Declared) -> Map<String, Value> {
    let mut context: Map<String, Value> = declared.context.clone().into_iter().collect();
    context.entry("targetingKey").or_insert_with(|| "preflight".into());
    context
}

impl Store for Ofrep {
    fn place(&self) -> String {
        format!("OFREP server {}", self.remote.host())
    }

    fn read<'a>(&'a self, question: Question<'a>) -> BoxFuture<'a, Sighting> {
        async move { self.evaluate(self.key(question.flag), question.declared).await }.boxed()
    }

    fn can_write(&self) -> bool {
        false
    }

    fn instruction(&self, change: &Change) -> String {
        let (key, word) = (self.key(change.flag), if change.turn.is_on() { "on" } else { "off" });
        format!("OFREP only evaluates: switch `{key}` {word} where {} keeps its flags", self.remote.host())
    }

    fn switch<'a>(&'a self, permitted: Permitted<'a>) -> BoxFuture<'a, Result<Written, WriteError>> {
        async move { Ok(Written::Instruction(self.instruction(permitted.change()))) }.boxed()
    }
}
