//! Misbehaviour on request: which requests it hits, and what happens to them.

use std::str::FromStr;
use std::time::Duration;

use http::StatusCode;

use crate::domain::integration::Name;
use crate::domain::nearest::nearest;

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
    /// The whole answer, and then a reset where the client may expect to go on.
    ResetAfterAnswer,
    /// Nothing, on a connection that stays open.
    Hang,
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
    /// This answer, unanswered by the model.
    Answer(Box<Scripted>),
    /// The right answer with these headers beside or instead of its own.
    Headers(Vec<(String, String)>),
}

/// An answer that is given word for word.
#[derive(Clone, Debug, PartialEq)]
pub struct Scripted {
    pub status: StatusCode,
    /// In order; a name may stand more than once.
    pub headers: Vec<(String, String)>,
    pub body: String,
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

/// Every kind of fault that can be written as a word, with an example.
pub const KINDS: [(&str, &str); 12] = [
    ("status", "status:503"),
    ("delay", "delay:2000"),
    ("slow-body", "slow-body:5000"),
    ("throttle", "throttle:2.0"),
    ("reset", "reset"),
    ("reset-in-body", "reset-in-body"),
    ("reset-after", "reset-after"),
    ("truncate", "truncate"),
    ("hang", "hang"),
    ("invalid-json", "invalid-json"),
    ("content-type", "content-type:text/html"),
    ("none", "none"),
];

/// A text that names no fault.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{text}` is no fault{}", near.map(|near| format!(" (the nearest is `{near}`)")).unwrap_or_default())]
pub struct NoFault {
    text: String,
    near: Option<&'static str>,
}

impl NoFault {
    pub fn new(text: &str) -> Self {
        let kind = text.split(':').next().unwrap_or_default();
        let near = KINDS.iter().find(|(known, _)| *known == kind).map(|(_, example)| *example);
        let near = near.or_else(|| {
            let near = nearest(kind, KINDS.iter().map(|(known, _)| *known))?;
            KINDS.iter().find(|(known, _)| *known == near).map(|(_, example)| *example)
        });
        Self { text: text.to_owned(), near }
    }
}

/// As in [`KINDS`], but for `none`, which is the absence of one; times in milliseconds.
impl FromStr for Fault {
    type Err = NoFault;

    fn from_str(text: &str) -> Result<Self, NoFault> {
        let (kind, argument) = text.split_once(':').map_or((text, None), |(kind, argument)| (kind, Some(argument)));
        let no_fault = || NoFault::new(text);
        let millis = |argument: &str| argument.parse().map(Duration::from_millis).map_err(|_| no_fault());
        Ok(match (kind, argument) {
            ("status", Some(code)) => Self::Status(code.parse().map_err(|_| no_fault())?),
            ("delay", Some(time)) => Self::Delay(millis(time)?),
            ("slow-body", Some(time)) => Self::SlowBody(millis(time)?),
            ("throttle", wait) => Self::TooManyRequests(wait.map(str::to_owned)),
            ("reset", None) => Self::Wire(WireFault::ResetBeforeAnswer),
            ("reset-in-body", None) => Self::Wire(WireFault::ResetInBody),
            ("reset-after", None) => Self::Wire(WireFault::ResetAfterAnswer),
            ("truncate", None) => Self::Wire(WireFault::TruncatedBody),
            ("hang", None) => Self::Wire(WireFault::Hang),
            ("invalid-json", None) => Self::InvalidJson,
            ("content-type", Some(media_type)) => Self::ContentType(media_type.to_owned()),
            _ => return Err(no_fault()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Fault, KINDS};

    #[test]
    fn every_kind_is_read_by_its_example_and_a_typo_finds_its_kind() {
        for (kind, example) in KINDS.iter().filter(|(kind, _)| *kind != "none") {
            assert!(example.parse::<Fault>().is_ok(), "{kind}");
        }
        let told = |text: &str| text.parse::<Fault>().unwrap_err().to_string();
        assert_eq!(told("thottle:2"), "`thottle:2` is no fault (the nearest is `throttle:2.0`)");
        assert_eq!(told("status:abc"), "`status:abc` is no fault (the nearest is `status:503`)");
        assert_eq!(told("explode"), "`explode` is no fault");
    }
}
