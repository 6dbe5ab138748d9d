//! Questions to stores that speak HTTP: reading ones alone, JSON alone, bounded in time and size.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use url::Url;

use crate::adapter::client::{Client, Options, Safety};
use crate::domain::exchange::{NoAnswer, Request, Response};

/// Bytes of an answer.
const MOST_BYTES: u64 = 4 * 1024 * 1024;

/// Why a store did not answer.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    #[error("{host}: {reason}")]
    NoAnswer { host: String, reason: NoAnswer },
    #[error("{host}: the HTTP client could not be set up")]
    Setup { host: String },
    #[error("{host} refuses the token (HTTP {status})")]
    Refused { host: String, status: u16 },
    #[error("{host} answered HTTP {status}")]
    Status { host: String, status: u16 },
    #[error("{host} answered {media}, not JSON")]
    NotJson { host: String, media: String },
    #[error("{host} answered JSON of another form")]
    Form { host: String },
    #[error("`{variable}` holds what no HTTP header can carry")]
    Token { variable: &'static str },
}

/// A header that carries a token, with the variable that it came from.
pub struct Token<'a> {
    pub header: &'static str,
    pub scheme: &'static str,
    pub value: &'a SecretString,
    pub variable: &'static str,
}

impl Token<'_> {
    fn put(&self, headers: &mut HeaderMap) -> Result<(), WebError> {
        let text = format!("{}{}", self.scheme, self.value.expose_secret().trim());
        let mut value = HeaderValue::from_str(&text).map_err(|_| WebError::Token { variable: self.variable })?;
        value.set_sensitive(true);
        headers.insert(HeaderName::from_static(self.header), value);
        Ok(())
    }
}

/// What a store answered, with its host for messages.
pub struct Reply {
    pub host: String,
    response: Response,
}

impl Reply {
    pub fn status(&self) -> StatusCode {
        self.response.status
    }

    /// The body of an answer that is what was asked for, or says in JSON why it is not.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, WebError> {
        let media = self.response.media_type().unwrap_or_else(|| "no media type".to_owned());
        if media != "application/json" && !media.ends_with("+json") {
            // What is none of the usual ones is the server's own text, and is not repeated.
            let usual = ["text/html", "text/plain", "application/xml", "text/xml", "no media type"];
            let media = if usual.contains(&media.as_str()) { media } else { "something".to_owned() };
            return Err(WebError::NotJson { host: self.host.clone(), media });
        }
        serde_json::from_slice(&self.response.body).map_err(|_| WebError::Form { host: self.host.clone() })
    }

    /// The error that a status is, where it is one.
    pub fn refusal(&self) -> Option<WebError> {
        let (host, status) = (self.host.clone(), self.status().as_u16());
        match status {
            200..=299 => None,
            401 | 403 => Some(WebError::Refused { host, status }),
            _ => Some(WebError::Status { host, status }),
        }
    }
}

/// Sends a GET.
pub async fn get(
    url: Url,
    token: &Token<'_>,
    more: &[(&'static str, String)],
    timeout: Duration,
) -> Result<Reply, WebError> {
    let host = url.host_str().unwrap_or_default().to_owned();
    let mut headers = HeaderMap::new();
    headers.insert(http::header::ACCEPT, HeaderValue::from_static("application/json"));
    token.put(&mut headers)?;
    for (name, value) in more {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    let options = Options { safety: Safety::SafeOnly, timeout, most_bytes: MOST_BYTES };
    let client = Client::new(options).map_err(|_| WebError::Setup { host: host.clone() })?;
    let request = Request { method: Method::GET, url, headers, body: bytes::Bytes::new() };
    match client.send(&request, None, timeout).await.outcome {
        Ok(response) => Ok(Reply { host, response }),
        Err(reason) => Err(WebError::NoAnswer { host, reason }),
    }
}
