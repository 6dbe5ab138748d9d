//! Misbehaviour on request: which requests it hits, and what happens to them.

use std::str::FromStr;
use std::time::Duration;

use http::StatusCode;

use crate::domain::integration::Name;

/// How a connection misbehaves while a reply is sent; done by the adapter.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum WireFault {
    /// Closed before the first byte.
    ResetBeforeAnswer,
    /// Head and half of the body are sent, then the connection is reset.
    ResetInBody,
    /// The head promises the whole body, half of it comes, the connection closes in good order.
    TruncatedBody,
    /// The body comes in pieces with pauses that add up to the reply's delay.
    SlowBody,
}

/// One way to misbehave.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// The vendor's own refusal with this status, unanswered by the model.
    Status(StatusCode),
    /// 429 with this `Retry-After`; None leaves the header out.
    TooManyRequests(Option<String>),
    /// The right answer, late.
    Delay(Duration),
    /// The right answer, its body spread over this time.
    SlowBody(Duration),
    Wire(WireFault),
    /// The right status with a body that is not JSON though it says it is.
    InvalidJson,
    /// The right body under another media type.
    ContentType(String),
}

/// A fault and the requests that it hits.
#[derive(Clone, Debug)]
pub struct FaultRule {
    /// The integration that misbehaves.
    pub at: Name,
    /// `GET`; every method when None.
    pub method: Option<String>,
    /// The beginning of the path; every path when empty.
    pub path: String,
    /// How many requests it still hits; for ever when None.
    pub remaining: Option<u32>,
    pub fault: Fault,
}

impl FaultRule {
    /// Tells whether the rule hits this request, and counts the hit.
    pub fn strikes<B>(&mut self, at: &Name, request: &http::Request<B>) -> bool {
        let hit = self.at == *at
            && self.remaining != Some(0)
            && self.method.as_deref().is_none_or(|method| method == request.method().as_str())
            && request.uri().path().starts_with(&self.path);
        if hit && let Some(remaining) = &mut self.remaining {
            *remaining -= 1;
        }
        hit
    }
}

/// A text that names no fault.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{0}` is no fault")]
pub struct NoFault(String);

/// `status:503`, `delay:2000`, `slow-body:5000`, `throttle:2.0`, `throttle`, `reset`, `reset-in-body`, `truncate`,
/// `invalid-json`, `content-type:text/html`; times in milliseconds.
impl FromStr for Fault {
    type Err = NoFault;

    fn from_str(text: &str) -> Result<Self, NoFault> {
        let (kind, argument) = text.split_once(':').map_or((text, None), |(kind, argument)| (kind, Some(argument)));
        let no_fault = || NoFault(text.to_owned());
        let millis = |argument: &str| argument.parse().map(Duration::from_millis).map_err(|_| no_fault());
        Ok(match (kind, argument) {
            ("status", Some(code)) => Self::Status(code.parse().map_err(|_| no_fault())?),
            ("delay", Some(time)) => Self::Delay(millis(time)?),
            ("slow-body", Some(time)) => Self::SlowBody(millis(time)?),
            ("throttle", wait) => Self::TooManyRequests(wait.map(str::to_owned)),
            ("reset", None) => Self::Wire(WireFault::ResetBeforeAnswer),
            ("reset-in-body", None) => Self::Wire(WireFault::ResetInBody),
            ("truncate", None) => Self::Wire(WireFault::TruncatedBody),
            ("invalid-json", None) => Self::InvalidJson,
            ("content-type", Some(media_type)) => Self::ContentType(media_type.to_owned()),
            _ => return Err(no_fault()),
        })
    }
}
