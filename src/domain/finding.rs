//! A broken promise as a value: a code, where, what was expected, what came.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::contract::Place;

/// What kind of promise was broken. The words are part of the record's format.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    Status,
    Header,
    Body,
    Schema,
    Value,
    Count,
    Unique,
    Order,
    Latency,
    Pagination,
    RateLimit,
    RetryAfter,
    Idempotence,
    Webhook,
    Signature,
    Secret,
    /// A client did wrong when the vendor misbehaved.
    Client,
    Mode,
    Mutation,
    /// An answer of another time: a cache gave it.
    Stale,
    /// A certificate that is out of its time, or about to be.
    Certificate,
    /// The other side does not keep to its protocol.
    Protocol,
    /// A service that was to report did not.
    Silent,
    /// The answer could not be read as what it says it is.
    Unreadable,
    /// No answer came where one was promised.
    NoAnswer,
    /// An answer came where none was promised.
    Answered,
    /// A sentence of the contract that no step knows.
    UndefinedStep,
    /// A sentence that more than one step knows.
    AmbiguousStep,
    /// A scenario without a `Then`.
    NoPromise,
    /// A scenario that made no request.
    NoRequest,
    /// A `Then` that looked at nothing.
    NothingChecked,
    /// A step whose words are known but whose arguments make no sense.
    BadStep,
    /// The twin was asked for something that it does not model.
    TwinGap,
    /// A tool of an MCP server is gone, takes other arguments, or failed.
    Tool,
}

impl Code {
    /// The word used in records and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Header => "header",
            Self::Body => "body",
            Self::Schema => "schema",
            Self::Value => "value",
            Self::Count => "count",
            Self::Unique => "unique",
            Self::Order => "order",
            Self::Latency => "latency",
            Self::Pagination => "pagination",
            Self::RateLimit => "rate-limit",
            Self::RetryAfter => "retry-after",
            Self::Idempotence => "idempotence",
            Self::Webhook => "webhook",
            Self::Signature => "signature",
            Self::Secret => "secret",
            Self::Client => "client",
            Self::Mode => "mode",
            Self::Mutation => "mutation",
            Self::Stale => "stale",
            Self::Certificate => "certificate",
            Self::Protocol => "protocol",
            Self::Silent => "silent",
            Self::Unreadable => "unreadable",
            Self::NoAnswer => "no-answer",
            Self::Answered => "answered",
            Self::UndefinedStep => "undefined-step",
            Self::AmbiguousStep => "ambiguous-step",
            Self::NoPromise => "no-promise",
            Self::NoRequest => "no-request",
            Self::NothingChecked => "nothing-checked",
            Self::BadStep => "bad-step",
            Self::TwinGap => "twin-gap",
            Self::Tool => "tool",
        }
    }
}

impl Code {
    /// Tells whether a sentence of the contract is wrong, and not an answer.
    pub fn is_of_the_contract(self) -> bool {
        matches!(self, Self::UndefinedStep | Self::AmbiguousStep | Self::BadStep | Self::NothingChecked)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// One broken promise. Never an error: an error means that we could not look.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    pub code: Code,
    /// One sentence for a person.
    pub message: String,
    /// The sentence of the contract that was broken; filled in by the step that asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actual: Option<String>,
    /// JSON Pointer (RFC 6901) into the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// A unified diff, where two documents were compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diff: Option<String>,
}

impl Finding {
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), place: None, expected: None, actual: None, pointer: None, diff: None }
    }

    #[must_use]
    pub fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    #[must_use]
    pub fn actual(mut self, actual: impl Into<String>) -> Self {
        self.actual = Some(actual.into());
        self
    }

    #[must_use]
    pub fn pointer(mut self, pointer: impl Into<String>) -> Self {
        self.pointer = Some(pointer.into());
        self
    }

    #[must_use]
    pub fn diff(mut self, diff: impl Into<String>) -> Self {
        self.diff = Some(diff.into());
        self
    }

    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }
}
