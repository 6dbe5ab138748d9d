//! An Unleash server: read as its backend clients read it, switched through its admin API.

use std::sync::{Mutex, PoisonError};

use futures::FutureExt as _;
use futures::future::BoxFuture;
use http::Method;
use http::header::AUTHORIZATION;
use secrecy::SecretString;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::adapter::flags::http::{Remote, credential};
use crate::adapter::flags::store::{Permitted, Question, Store, WriteError, Written};
use crate::domain::exchange::Response;
use crate::domain::flag::change::Change;
use crate::domain::flag::sighting::{Sighting, Unseen};
use crate::wire::flags::unleash;

/// One project of one server, in one of its environments.
pub struct Unleash {
    pub remote: Remote,
    /// A backend token; it decides which environment is seen.
    pub token: SecretString,
    /// A token that may switch flags.
    pub admin: Option<SecretString>,
    pub project: String,
    /// As Unleash calls it.
    pub environment: String,
    pub key: Option<String>,
    pub(super) last: Mutex<Option<Last>>,
}

/// The last state that was seen.
pub(super) struct Last {
    tag: Option<String>,
    revision: Option<u64>,
    digest: [u8; 32],
}

impl Unleash {
    fn key<'a>(&'a self, flag: &'a str) -> &'a str {
        self.key.as_deref().unwrap_or(flag)
    }

    async fn look(&self, key: &str) -> Sighting {
        let mut request = self.remote.request(Method::GET, &["api", "client", "features"], None);
        credential(&mut request, AUTHORIZATION, "", &self.token);
        match self.remote.ask(&request).await {
            Err(unknown) => *unknown,
            Ok(response) => {
                let seen = unleash::features(&response, key, Some(&self.environment));
                match self.is_stale(&response) {
                    Some(detail) => Sighting::unknown(Unseen::StaleTag, detail).with_version(seen.version),
                    None => seen,
                }
            }
        }
    }

    /// Another content under the same tag, or a revision that went back: an old copy answers.
    fn is_stale(&self, response: &Response) -> Option<String> {
        let body: Value = serde_json::from_slice(&response.body).ok()?;
        let now = Last {
            tag: response.header("etag"),
            revision: unleash::revision(&body),
            digest: Sha256::digest(&response.body).into(),
        };
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let stale = last.as_ref().and_then(|last| {
            if now.revision < last.revision {
                Some("the revision went back: an old copy answers".to_owned())
            } else if now.tag.is_some() && now.tag == last.tag && now.digest != last.digest {
                Some("the flags changed and their ETag did not".to_owned())
            } else {
                None
            }
        });
        if stale.is_none() {
            *last = Some(now);
        }
        stale
    }

    async fn turn(&self, permitted: Permitted<'_>) -> Result<Written, WriteError> {
        let change = permitted.change();
        let Some(admin) = &self.admin else { return Ok(Written::Instruction(self.instruction(change))) };
        let key = self.key(change.flag);
        if let Some(expected) = change.expected
            && self.look(key).await.version.as_deref() != Some(expected)
        {
            return Err(WriteError::Changed { place: self.place() });
        }
        let word = if change.turn.is_on() { "on" } else { "off" };
        let path =
            ["api", "admin", "projects", &self.project, "features", key, "environments", &self.environment, word];
        let mut request = self.remote.request(Method::POST, &path, None);
        credential(&mut request, AUTHORIZATION, "", admin);
        match self.remote.send_permitted(&request, permitted.permit()).await.outcome {
            Ok(response) if response.status.is_success() => Ok(Written::Done),
            Ok(response) => Err(WriteError::Refused { place: self.place(), status: response.status.as_u16() }),
            Err(reason) => Err(WriteError::NoAnswer { place: self.place(), reason }),
        }
    }
}

impl Store for Unleash {
    fn place(&self) -> String {
        format!("Unleash {} ({}, {})", self.remote.host(), self.project, self.environment)
    }

    fn read<'a>(&'a self, question: Question<'a>) -> BoxFuture<'a, Sighting> {
        async move { self.look(self.key(question.flag)).await }.boxed()
    }

    fn can_write(&self) -> bool {
        self.admin.is_some()
    }

    fn instruction(&self, change: &Change) -> String {
        let (key, word) = (self.key(change.flag), if change.turn.is_on() { "on" } else { "off" });
        format!(
            "in Unleash {}: project {}, flag {key}, environment {}: switch it {word}",
            self.remote.host(),
            self.project,
            self.environment
        )
    }

    fn switch<'a>(&'a self, permitted: Permitted<'a>) -> BoxFuture<'a, Result<Written, WriteError>> {
        async move { self.turn(permitted).await }.boxed()
    }
}
