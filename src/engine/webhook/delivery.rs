//! One delivery, signed as its vendor signs: address, headers, body.

use bytes::Bytes;
use http::{HeaderMap, Method};
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};

use crate::adapter::environment;
use crate::adapter::random;
use crate::wire::webhook::key::{BadKey, Key, Pair};
use crate::wire::webhook::scheme::{ContentType, Scheme};
use crate::wire::webhook::sign::{Unsignable, Unsigned};

/// Why a delivery cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    #[error("the variable `{variable}` is not set, so there is no secret to sign or verify with")]
    NoSecret { variable: String },
    #[error("the value of `{variable}`: {source}")]
    BadSecret { variable: String, source: BadKey },
    #[error(transparent)]
    Unsignable(#[from] Unsignable),
    #[error(transparent)]
    Randomness(#[from] random::NoRandomness),
}

impl DeliveryError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NoSecret { variable } => {
                Some(format!("export {variable}=…, or name another variable with --secret-env"))
            }
            Self::BadSecret { .. } => {
                Some("`preflight webhook secret --scheme NAME` makes one that is good for tests".to_owned())
            }
            Self::Unsignable(_) | Self::Randomness(_) => None,
        }
    }
}

/// What is to be delivered.
#[derive(Clone, Debug)]
pub struct Order {
    pub method: Method,
    pub url: String,
    pub event: String,
    /// The vendor's own kind where absent.
    pub content_type: Option<String>,
    pub id: Option<String>,
    pub body: Bytes,
}

/// A signed delivery.
#[derive(Clone, Debug)]
pub struct Signed {
    pub method: Method,
    /// With what the scheme puts there.
    pub url: String,
    pub headers: HeaderMap,
    pub id: String,
    pub body: Bytes,
}

/// A secret of the environment: the variable that is named, or the one that usually holds the scheme's.
///
/// # Errors
/// It is not set.
pub fn secret(scheme: &Scheme, variable: Option<&str>) -> Result<(String, SecretString), DeliveryError> {
    let usual = Some(scheme.secret_variable.as_ref()).filter(|name| !name.is_empty()).unwrap_or("WEBHOOK_SECRET");
    let variable = variable.unwrap_or(usual).to_owned();
    match environment::secret(&variable) {
        Some(secret) => Ok((variable, secret)),
        None => Err(DeliveryError::NoSecret { variable }),
    }
}

/// The key that signs.
///
/// # Errors
/// The variable is not set, or its value is no key of the scheme.
pub fn key(scheme: &Scheme, variable: Option<&str>) -> Result<Key, DeliveryError> {
    let (variable, secret) = secret(scheme, variable)?;
    scheme.key(secret.expose_secret()).map_err(|source| DeliveryError::BadSecret { variable, source })
}

/// Signs a delivery for a time.
///
/// # Errors
/// It cannot be signed.
pub fn sign(scheme: &Scheme, key: &Key, order: &Order, at: Timestamp) -> Result<Signed, DeliveryError> {
    sign_with(scheme, key, order, at, &|name| environment::values([name]).pop())
}

/// The same, with the variables that the scheme's envelope names (a shop's domain) from elsewhere than the process.
///
/// # Errors
/// It cannot be signed.
pub fn sign_with(
    scheme: &Scheme,
    key: &Key,
    order: &Order,
    at: Timestamp,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<Signed, DeliveryError> {
    let id = match &order.id {
        Some(id) => id.clone(),
        None => random::uuid()?,
    };
    let mut typed = HeaderMap::new();
    if let Some(value) = order.content_type.as_deref().and_then(|value| value.parse().ok()) {
        typed.insert(http::header::CONTENT_TYPE, value);
    }
    let (url, stamp) = (scheme.address(&order.url, &typed, &order.body), scheme.stamp(at));
    let mut unsigned =
        Unsigned { method: &order.method, url: &url, headers: &typed, id: &id, timestamp: &stamp, body: &order.body };
    let envelope = scheme.envelope(&unsigned, &order.event, variable)?;
    let mut headers: HeaderMap = envelope.into_iter().collect();
    headers.extend(typed.clone());
    unsigned.headers = &headers;
    let signed = scheme.sign(key, &unsigned)?;
    let mut all = headers.clone();
    all.extend(signed);
    Ok(Signed { method: order.method.clone(), url, headers: all, id, body: order.body.clone() })
}

/// Whether a body is sent as a form.
pub fn is_form(scheme: &Scheme) -> bool {
    scheme.content_type == ContentType::Form
}

/// A secret or a pair that is good for tests alone.
///
/// # Errors
/// The system has no randomness.
pub fn test_pair(scheme: &Scheme) -> Result<Pair, DeliveryError> {
    scheme.make_pair(&random::source()).map_err(|_| random::NoRandomness.into())
}
