//! Who counts the effects of deliveries: an address that answers with a number, a command, or a header of the answers.

use std::time::Duration;

use http::HeaderMap;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use serde_json_path::JsonPath;
use url::Url;

use crate::adapter::child::{self, ChildError};
use crate::adapter::client::Client;
use crate::domain::exchange::{NoAnswer, Request, Response};

/// Where the number of effects so far is read.
pub enum Observer {
    /// A member of a JSON answer: a number, a text that is one, or a list that is counted.
    Path { client: Client, request: Request, path: JsonPath },
    /// A header of an answer.
    Header { client: Client, request: Request, name: String },
    /// What `sh -c` writes to stdout.
    Command(String),
    /// A header of the receiver's own answers.
    Answers(String),
}

/// Why there is no count.
#[derive(Debug, thiserror::Error)]
pub enum ObserverError {
    #[error("the observer at {url} does not answer: {reason}")]
    Silent { url: String, reason: NoAnswer },
    #[error("the observer at {url} answers {status}")]
    Refused { url: String, status: u16 },
    #[error("the observer at {url} answers no JSON")]
    NoJson { url: String },
    #[error("{path} finds {found} in the observer's answer, and a number is wanted")]
    NoNumber { path: String, found: String },
    #[error("the answer has no header {0} with a number")]
    NoHeader(String),
    #[error("the observing command: {0}")]
    Command(#[from] ChildError),
    #[error("the observing command writes no number")]
    NoOutput,
}

/// How long a command may take.
const COMMAND: Duration = Duration::from_secs(10);

/// A request that reads a count.
pub fn question(url: &Url, token: Option<&SecretString>) -> Request {
    let mut headers = HeaderMap::new();
    headers.insert("accept", http::HeaderValue::from_static("application/json"));
    if let Some(token) = token
        && let Ok(mut value) = http::HeaderValue::from_str(&format!("Bearer {}", token.expose_secret()))
    {
        value.set_sensitive(true);
        headers.insert("authorization", value);
    }
    Request { method: http::Method::GET, url: url.clone(), headers, body: bytes::Bytes::new() }
}

impl Observer {
    /// In words, without secrets.
    pub fn told(&self) -> String {
        match self {
            Self::Path { request, path, .. } => format!("{path} at {}", place(&request.url)),
            Self::Header { request, name, .. } => format!("the header {name} at {}", place(&request.url)),
            Self::Command(_) => "a command".to_owned(),
            Self::Answers(name) => format!("the header {name} of its answers"),
        }
    }

    /// The header of the receiver's own answers that counts; None where somebody else is asked.
    pub fn own_header(&self) -> Option<&str> {
        match self {
            Self::Answers(name) => Some(name),
            _ => None,
        }
    }

    /// Effects so far; where the receiver's own answers count, nobody is asked and it is an error.
    ///
    /// # Errors
    /// There is no count.
    pub async fn count(&self) -> Result<i64, ObserverError> {
        match self {
            Self::Path { client, request, path } => {
                let response = ask(client, request).await?;
                let url = || place(&request.url);
                let body: Value =
                    serde_json::from_slice(&response.body).map_err(|_| ObserverError::NoJson { url: url() })?;
                let found = path.query(&body).all();
                let none = |found: String| ObserverError::NoNumber { path: path.to_string(), found };
                match found.as_slice() {
                    [one] => number(one).ok_or_else(|| none(kind(one))),
                    several => Err(none(format!("{} values", several.len()))),
                }
            }
            Self::Header { client, request, name } => in_header(&ask(client, request).await?.headers, name),
            Self::Command(line) => {
                let output = child::output("sh", &["-c", line], COMMAND).await?;
                let text = String::from_utf8_lossy(output.expose_secret()).trim().to_owned();
                text.parse().map_err(|_| ObserverError::NoOutput)
            }
            Self::Answers(name) => Err(ObserverError::NoHeader(name.clone())),
        }
    }
}

/// The count in a header of an answer.
///
/// # Errors
/// It is not there, or is no number.
pub fn in_header(headers: &HeaderMap, name: &str) -> Result<i64, ObserverError> {
    let text = headers.get(name).and_then(|value| value.to_str().ok());
    text.and_then(|text| text.trim().parse().ok()).ok_or_else(|| ObserverError::NoHeader(name.to_owned()))
}

async fn ask(client: &Client, request: &Request) -> Result<Response, ObserverError> {
    let url = || place(&request.url);
    match client.send(request, None, client.timeout()).await.outcome {
        Ok(response) if response.status.is_success() => Ok(response),
        Ok(response) => Err(ObserverError::Refused { url: url(), status: response.status.as_u16() }),
        Err(reason) => Err(ObserverError::Silent { url: url(), reason }),
    }
}

/// An address without what may be a secret.
fn place(url: &Url) -> String {
    format!("{}{}", url.origin().ascii_serialization(), url.path())
}

fn number(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        Value::Array(items) => i64::try_from(items.len()).ok(),
        _ => None,
    }
}

fn kind(value: &Value) -> String {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number with a fraction",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use serde_json::json;

    use super::{in_header, number};

    #[test]
    fn what_counts_is_a_number_a_text_of_one_or_a_list() {
        for (value, expected) in [
            (json!(3), Some(3)),
            (json!("42"), Some(42)),
            (json!([1, 2]), Some(2)),
            (json!(1.5), None),
            (json!("many"), None),
            (json!({}), None),
            (json!(null), None),
        ] {
            assert_eq!(number(&value), expected, "{value}");
        }
    }

    #[test]
    fn a_header_counts_only_with_a_number() {
        let mut headers = HeaderMap::new();
        assert!(in_header(&headers, "x-effects").is_err());
        headers.insert("x-effects", "7".parse().unwrap());
        assert_eq!(in_header(&headers, "x-effects").unwrap(), 7);
    }
}
