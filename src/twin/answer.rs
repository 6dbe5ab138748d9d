//! What a twin answers: a reply, or a question to another service first.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use serde_json::json;

use crate::domain::delivery::Delivery;
use crate::domain::fault::WireFault;
use crate::domain::integration::Name;
use crate::twin::kit::reply;

/// A twin's answer to one request.
#[derive(Debug)]
pub enum Answer {
    Reply(Reply),
    /// The service being modelled asks another one before it replies; go on with `Twin::resume`.
    Ask(Ask),
}

/// A reply, with what the adapter has to do about it.
#[derive(Debug)]
pub struct Reply {
    pub response: Response<Bytes>,
    /// How long the vendor takes; slept by a server, added to the clock of a run.
    pub delay: Duration,
    /// How the connection misbehaves while the reply is sent.
    pub fault: Option<WireFault>,
    /// Webhooks that the request set off, to be delivered after the reply.
    pub deliveries: Vec<Delivery>,
    /// What was asked that the twin does not model.
    pub gap: Option<String>,
}

/// A request to another service of the same scene.
#[derive(Debug)]
pub struct Ask {
    pub to: Name,
    /// With a path and query only; whoever carries it knows the host.
    pub request: Request<Bytes>,
    pub timeout: Duration,
}

/// Why what was asked was not answered.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum AskFailure {
    #[error("the operation timed out")]
    TimedOut,
    #[error("fetch failed")]
    Unreachable,
}

impl Reply {
    pub fn new(response: Response<Bytes>) -> Self {
        Self { response, delay: Duration::ZERO, fault: None, deliveries: Vec::new(), gap: None }
    }

    /// The honest answer to what a twin does not model: 501 that says so, reported as a gap.
    pub fn gap(what: &str, request: &Request<Bytes>) -> Self {
        let asked = format!("{} {}", request.method(), request.uri().path());
        let body = json!({ "error": "not modelled by this twin", "request": asked, "detail": what });
        Self { gap: Some(format!("{asked}: {what}")), ..Self::new(reply::json(StatusCode::NOT_IMPLEMENTED, &body)) }
    }

    #[must_use]
    pub fn delivering(mut self, deliveries: Vec<Delivery>) -> Self {
        self.deliveries = deliveries;
        self
    }
}

impl From<Response<Bytes>> for Answer {
    fn from(response: Response<Bytes>) -> Self {
        Self::Reply(Reply::new(response))
    }
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Self {
        Self::Reply(reply)
    }
}
