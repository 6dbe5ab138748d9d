//! From what a user names to everything that crafts a suite: the scheme, its key, the event, the sender's headers.

use std::borrow::Cow;
use std::collections::BTreeMap;

use bytes::Bytes;
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use crate::adapter::environment::{Environment, EnvironmentError};
use crate::adapter::workspace::Workspace;
use crate::domain::receiver::sender::Sender;
use crate::domain::receiver::traits::Traits;
use crate::engine::attack::craft::Crafter;
use crate::engine::attack::{event, scheme};
use crate::engine::webhook::payload::NoPayload;
use crate::wire::webhook::key::BadKey;
use crate::wire::webhook::scheme::Scheme;

/// What a user names.
pub struct Wish {
    pub scheme: Cow<'static, Scheme>,
    pub secret: SecretString,
    pub url: Url,
    /// The body that is delivered, where it is not the usual one.
    pub body: Option<Bytes>,
    pub topic: Option<String>,
    pub verify_token: Option<SecretString>,
    pub now: Timestamp,
}

/// Why nothing can be crafted.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    #[error("the secret is no key of {scheme}: {source}")]
    Key { scheme: String, source: BadKey },
    #[error(transparent)]
    Payload(#[from] NoPayload),
    #[error(transparent)]
    Environment(#[from] EnvironmentError),
}

impl PrepareError {
    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Key { .. } => "look how the sender writes its secrets, and give all of it".to_owned(),
            Self::Payload(error) => error.hint(),
            Self::Environment(error) => error.hint().unwrap_or_default(),
        }
    }
}

/// Who crafts the suite, what can be asked, and what the sender makes of answers.
///
/// # Errors
/// The secret is no key of the scheme, or no body of its event is known.
pub fn prepare(
    workspace: &Workspace,
    environment: &Environment,
    wish: Wish,
) -> Result<(Crafter, Traits, Sender), PrepareError> {
    let scheme = wish.scheme.into_owned();
    let key = scheme.key(wish.secret.expose_secret());
    let key = key.map_err(|source| PrepareError::Key { scheme: scheme.name.to_string(), source })?;
    let event = event::event(workspace, &scheme, wish.body, wish.topic, wish.now)?;
    let sender = scheme::sender(&scheme);
    let traits = scheme::traits(&scheme, &wish.secret, &event);
    let variables = variables(environment, &scheme)?;
    let crafter = Crafter {
        scheme,
        key,
        secret: wish.secret,
        url: wish.url,
        event,
        variables,
        // Microseconds: no two runs have one, and so no two deliveries have one id.
        run: u64::try_from(wish.now.as_microsecond()).unwrap_or_default(),
        verify_token: wish.verify_token,
        large: sender.large,
    };
    Ok((crafter, traits, sender))
}

/// Values of the further headers that the sender writes.
fn variables(environment: &Environment, scheme: &Scheme) -> Result<BTreeMap<String, String>, EnvironmentError> {
    let mut variables = BTreeMap::new();
    for extra in scheme.headers.iter().filter(|extra| !extra.variable.is_empty()) {
        if let Some(value) = environment.variable(&extra.variable)? {
            variables.insert(extra.variable.to_string(), value.expose_secret().to_owned());
        }
    }
    Ok(variables)
}
