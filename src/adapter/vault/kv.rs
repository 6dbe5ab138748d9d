//! `HashiCorp` Vault, KV version 2: the keys of a secret and when it was written, over its HTTP API; values only where the
//! shape of one is asked for.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::adapter::vault::question::{Answer, Found, Question};
use crate::adapter::vault::web::{self, Reply, Token, WebError};

/// Why a secret is not known.
#[derive(Debug, thiserror::Error)]
pub enum KvError {
    #[error("no address: set VAULT_ADDR in environment `{environment}`")]
    NoAddress { environment: String },
    #[error("no token: set VAULT_TOKEN in environment `{environment}`")]
    NoToken { environment: String },
    #[error("VAULT_ADDR is no URL")]
    BadAddress,
    #[error("{host} is sealed")]
    Sealed { host: String },
    #[error("{host} has no KV version 2 engine at `{mount}`")]
    NoEngine { host: String, mount: String },
    #[error(transparent)]
    Web(#[from] WebError),
}

/// A vault, as its own tools find it.
pub struct Kv<'a> {
    pub address: &'a str,
    pub token: &'a SecretString,
    /// `VAULT_NAMESPACE`.
    pub namespace: Option<String>,
    pub timeout: Duration,
}

/// `GET /v1/MOUNT/subkeys/PATH` (Vault API, KV version 2, "Read secret subkeys", since 1.10): the keys without values.
#[derive(Deserialize)]
struct Subkeys {
    subkeys: Option<BTreeMap<String, Value>>,
    metadata: Metadata,
}

/// `GET /v1/MOUNT/data/PATH` ("Read secret version").
#[derive(Deserialize)]
struct Data {
    data: Option<BTreeMap<String, SecretText>>,
    metadata: Metadata,
}

/// Of one version.
#[derive(Deserialize)]
struct Metadata {
    created_time: Option<Timestamp>,
    #[serde(default)]
    destroyed: bool,
    /// Empty as long as it is not deleted.
    #[serde(default)]
    deletion_time: String,
}

#[derive(Deserialize)]
struct Wrapped<T> {
    data: T,
}

#[derive(Default, Deserialize)]
struct Errors {
    #[serde(default)]
    errors: Vec<String>,
}

/// A value of any JSON type as text; only text can be a secret, all else has no shape.
struct SecretText(SecretString);

impl<'de> Deserialize<'de> for SecretText {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(match Value::deserialize(deserializer)? {
            Value::String(text) => SecretString::from(text),
            Value::Null => SecretString::default(),
            other => SecretString::from(other.to_string()),
        }))
    }
}

impl Metadata {
    fn is_gone(&self) -> bool {
        self.destroyed || !self.deletion_time.is_empty()
    }
}

impl Kv<'_> {
    /// Looks for a key of the secret at `mount/path`; for any of the question's names where `key` is none.
    pub async fn ask(
        &self,
        mount: &str,
        path: &str,
        key: Option<&str>,
        question: &Question<'_>,
    ) -> Result<Answer, KvError> {
        if question.wants_value {
            return self.read(mount, path, key, question).await;
        }
        let reply = self.get(mount, "subkeys", path).await?;
        match reply.status().as_u16() {
            // An older vault does not know the question, and has to be asked for the data.
            404 | 405 if !self.is_silent(&reply) => self.read(mount, path, key, question).await,
            404 => Ok(Answer::Absent),
            _ => {
                self.refuses(&reply, mount)?;
                let Wrapped { data: Subkeys { subkeys, metadata } } = reply.json()?;
                let subkeys = subkeys.filter(|_| !metadata.is_gone()).unwrap_or_default();
                let found = question.wanted(key).find(|name| subkeys.contains_key(*name));
                Ok(found.map_or(Answer::Absent, |name| Answer::Present(found_as(name, key, &metadata))))
            }
        }
    }

    async fn read(
        &self,
        mount: &str,
        path: &str,
        key: Option<&str>,
        question: &Question<'_>,
    ) -> Result<Answer, KvError> {
        let reply = self.get(mount, "data", path).await?;
        if reply.status().as_u16() == 404 && self.is_silent(&reply) {
            return Ok(Answer::Absent);
        }
        self.refuses(&reply, mount)?;
        let Wrapped { data: Data { data, metadata } } = reply.json()?;
        let mut data = data.filter(|_| !metadata.is_gone()).unwrap_or_default();
        let found = question.wanted(key).find_map(|name| Some((name, data.remove(name)?)));
        Ok(found.map_or(Answer::Absent, |(name, value)| Answer::of_value(value.0, found_as(name, key, &metadata))))
    }

    /// A 404 that says nothing, or tells of a deleted version, means that there is no secret; one that complains means
    /// that there is no such route.
    #[expect(clippy::unused_self, reason = "reads as a question to this vault")]
    fn is_silent(&self, reply: &Reply) -> bool {
        reply.json::<Errors>().is_ok_and(|told| told.errors.is_empty())
    }

    #[expect(clippy::unused_self, reason = "reads as a question to this vault")]
    fn refuses(&self, reply: &Reply, mount: &str) -> Result<(), KvError> {
        let host = reply.host.clone();
        match reply.status().as_u16() {
            503 => Err(KvError::Sealed { host }),
            404 | 405 if reply.json::<Errors>().is_ok() => Err(KvError::NoEngine { host, mount: mount.to_owned() }),
            _ => reply.refusal().map_or(Ok(()), |refusal| Err(refusal.into())),
        }
    }

    async fn get(&self, mount: &str, what: &str, path: &str) -> Result<Reply, KvError> {
        let mut url = Url::parse(self.address.trim()).map_err(|_| KvError::BadAddress)?;
        let segments = ["v1", mount, what].into_iter().chain(path.split('/'));
        url.path_segments_mut().map_err(|()| KvError::BadAddress)?.pop_if_empty().extend(segments);
        let token = Token { header: "x-vault-token", scheme: "", value: self.token, variable: "VAULT_TOKEN" };
        let namespace = self.namespace.clone().map(|namespace| ("x-vault-namespace", namespace));
        let more: Vec<_> = namespace.into_iter().collect();
        Ok(web::get(url, &token, &more, self.timeout).await?)
    }
}

/// A key that the place names is nobody's variable; one that was looked for by the secret's names is.
fn found_as(name: &str, key: Option<&str>, metadata: &Metadata) -> Found {
    let name = key.is_none().then(|| name.to_owned());
    Found { name, renewed: metadata.created_time, ..Found::default() }
}
