//! From what a user names to everything that crafts a suite: the scheme, its key, the event, the sender's headers.

use std::collections::BTreeMap;

use bytes::Bytes;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use crate::adapter::environment::{Environment, EnvironmentError};
use crate::adapter::workspace::Workspace;
use crate::domain::receiver::sender::Sender;
use crate::domain::receiver::traits::Traits;
use crate::engine::attack::craft::Crafter;
use crate::engine::attack::{event, scheme};
use crate::wire::webhook::key::BadKey;
use crate::wire::webhook::scheme::{Scheme, UnknownScheme};

/// What a user names.
pub struct Wish {
    pub scheme: String,
    pub secret: SecretString,
    pub url: Url,
    /// The body that is delivered, where it is not the usual one.
    pub body: Option<Bytes>,
    pub topic: Option<String>,
    pub verify_token: Option<SecretString>,
    /// Makes ids of their own for this run.
    pub run: u64,
}

/// Why nothing can be crafted.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    #[error(transparent)]
    Scheme(#[from] UnknownScheme),
    #[error("the secret is no key of {scheme}: {source}")]
    Key { scheme: String, source: BadKey },
    #[error(transparent)]
    Environment(#[from] EnvironmentError),
}

impl PrepareError {
    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Scheme(unknown) => unknown.hint(),
            Self::Key { .. } => "look how the sender writes its secrets, and give all of it".to_owned(),
            Self::Environment(error) => error.hint().unwrap_or_default(),
        }
    }
}

/// Whether a scheme is known; its name.
///
/// # Errors
/// It is not.
pub fn named(scheme: &str) -> Result<&'static str, PrepareError> {
    Ok(Scheme::find(scheme)?.name.as_ref())
}

/// Who crafts the suite, what can be asked, and what the sender makes of answers.
///
/// # Errors
/// The scheme is unknown, or the secret is no key of it.
pub fn prepare(
    workspace: &Workspace,
    environment: &Environment,
    wish: Wish,
) -> Result<(Crafter, Traits, Sender), PrepareError> {
    let scheme = Scheme::find(&wish.scheme)?;
    let key = scheme.key(wish.secret.expose_secret());
    let key = key.map_err(|source| PrepareError::Key { scheme: scheme.name.to_string(), source })?;
    let event = event::event(workspace, scheme, wish.body, wish.topic);
    let sender = scheme::sender(scheme);
    let traits = scheme::traits(scheme, &wish.secret, &event);
    let crafter = Crafter {
        scheme: scheme.clone(),
        key,
        secret: wish.secret,
        url: wish.url,
        event,
        variables: variables(environment, scheme)?,
        run: wish.run,
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
