//! What flag stores say on the wire, and what can be known from it: nothing doubtful becomes on or off.

pub mod flagd;
pub mod ofrep;
pub mod unleash;

use http::StatusCode;
use serde_json::Value;

use crate::domain::exchange::{NoAnswer, Response};
use crate::domain::flag::sighting::{Sighting, Switch, Unseen};

/// The unknown that a failed request leaves.
pub fn unanswered(reason: &NoAnswer) -> Sighting {
    let why = match reason {
        NoAnswer::TimedOut(_) => Unseen::TimedOut,
        NoAnswer::CutOff(_) | NoAnswer::TooLong(_) => Unseen::Malformed,
        _ => Unseen::Unreachable,
    };
    Sighting::unknown(why, reason.to_string())
}

/// The unknown that a status leaves; None when the body may be read.
fn refused(response: &Response) -> Option<Sighting> {
    let status = response.status;
    let why = match status {
        StatusCode::OK => return None,
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Unseen::Refused,
        StatusCode::TOO_MANY_REQUESTS => Unseen::Throttled,
        StatusCode::NOT_MODIFIED => Unseen::OtherContext,
        _ => Unseen::BadStatus,
    };
    let detail = match why {
        Unseen::OtherContext => "304 Not Modified, and nothing known is meant".to_owned(),
        _ => format!("status {}", status.as_u16()),
    };
    Some(Sighting::unknown(why, detail))
}

/// The body as JSON, or the unknown that it leaves. Never shows the body: it may hold anything.
fn json(response: &Response) -> Result<Value, Box<Sighting>> {
    serde_json::from_slice(&response.body).map_err(|_| {
        let kind = response.media_type().unwrap_or_else(|| "no media type".to_owned());
        Box::new(Sighting::unknown(Unseen::NotJson, format!("{} bytes of {kind}", response.body.len())))
    })
}

fn malformed(detail: &str) -> Sighting {
    Sighting::unknown(Unseen::Malformed, detail)
}

/// A value as a switch: a boolean only. The text of another one is not shown.
fn switch(value: &Value) -> Switch {
    match value {
        Value::Bool(on) => Switch::from(*on),
        other => Switch::unknown(Unseen::NotBoolean, format!("the value is {}", kind_of(other))),
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
