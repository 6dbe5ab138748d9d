//! One request and its answer, with timing.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One request and what came of it, as it was on the wire and not redacted: it lives no longer than its scenario.
#[derive(Clone)]
pub struct Exchange {
    pub request: Request,
    pub outcome: Result<Response, NoAnswer>,
    pub started: Timestamp,
    /// From the first byte sent to the last byte received; on a twin the modelled delay counts in.
    pub duration: Duration,
    /// Sequence of the approval that let it change a live service.
    pub approval: Option<u64>,
}

/// A request as it was sent.
#[derive(Clone, Eq, PartialEq)]
pub struct Request {
    pub method: Method,
    /// Scheme, authority, path and query.
    pub url: url::Url,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// An answer as it was received, whole.
#[derive(Clone)]
pub struct Response {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Response {
    /// The value of a header; several values are joined by `, ` (RFC 9110 §5.3).
    pub fn header(&self, name: &str) -> Option<String> {
        let values: Vec<_> =
            self.headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
        (!values.is_empty()).then(|| values.join(", "))
    }

    pub fn media_type(&self) -> Option<String> {
        let value = self.header("content-type")?;
        Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
    }
}

impl fmt::Debug for Exchange {
    /// Shows the request line and the status alone: headers and bodies may hold secrets.
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        write!(formatter, "{} {} -> ", self.request.method, self.request.url.path())?;
        match &self.outcome {
            Ok(response) => write!(formatter, "{}", response.status.as_u16()),
            Err(reason) => write!(formatter, "{reason}"),
        }
    }
}

impl fmt::Debug for Response {
    /// Shows the status alone: headers and bodies may hold secrets.
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        write!(formatter, "Response({})", self.status.as_u16())
    }
}

/// Why no whole answer came.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case", tag = "kind", content = "detail")]
pub enum NoAnswer {
    #[error("the name does not resolve: {0}")]
    Dns(String),
    #[error("connection refused: {0}")]
    Refused(String),
    #[error("no answer within {0} ms")]
    TimedOut(u64),
    #[error("the TLS handshake failed: {0}")]
    Tls(String),
    #[error("the connection was closed before an answer came")]
    Reset,
    #[error("the answer broke off after its head: {0}")]
    CutOff(String),
    #[error("the answer is longer than {0} bytes and was not read further")]
    TooLong(u64),
    #[error("{0}")]
    Other(String),
}

impl NoAnswer {
    /// Tells whether the service could not be asked at all, as against one that answered badly.
    pub fn is_unreachable(&self) -> bool {
        matches!(self, Self::Dns(_) | Self::Refused(_) | Self::Tls(_))
    }
}
