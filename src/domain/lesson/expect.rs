//! What a lesson expects of a client.

use serde::{Deserialize, Serialize};

/// The expectations of one lesson; what is absent is not asked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own")]
pub struct Expect {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry: Option<Retry>,
    /// Attempts that one call may make at most, the first one counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempts: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait: Option<Wait>,
    /// Waits become longer from retry to retry.
    #[serde(skip_serializing_if = "is_false")]
    pub growth: bool,
    /// Waits differ from run to run.
    #[serde(skip_serializing_if = "is_false")]
    pub jitter: bool,
    /// Clients that were refused together do not come back together.
    #[serde(skip_serializing_if = "is_false")]
    pub spread: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub breaker: Option<Breaker>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<Budget>,
    /// Seconds after which the client no longer waits for an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gives_up_within: Option<f64>,
    /// What comes in pages comes whole, each page once.
    #[serde(skip_serializing_if = "is_false")]
    pub pages: bool,
    /// A limit that headers announce is not exceeded.
    #[serde(skip_serializing_if = "is_false")]
    pub keeps_limit: bool,
    /// The command does not end with success when all that it got was failure.
    #[serde(skip_serializing_if = "is_false")]
    pub reported: bool,
    /// No secret stands in a URL.
    #[serde(skip_serializing_if = "is_false")]
    pub secrets: bool,
    /// The command makes requests, and ends well where nothing misbehaves.
    #[serde(skip_serializing_if = "is_false")]
    pub healthy: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

impl Expect {
    /// Nothing is asked, so that nothing could be found.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Whether a failed request is tried again.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Retry {
    /// It must be, where it may be: a request that nobody knows the fate of is not sent twice without a key.
    Owed,
    /// It may be.
    Allowed,
    /// It cannot help, or does harm.
    Forbidden,
}

/// How long a client waits before it tries again.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Wait {
    /// As long as the answer asks, or longer.
    Asked,
    /// A time of its own, but not none.
    Own,
}

/// What a circuit breaker does.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Breaker {
    /// After many failures in a row the client stops asking.
    Opens,
    /// When the vendor is well again, the client asks again.
    Closes,
    /// Refusals of single requests (4xx) stop nothing else.
    StaysClosed,
}

/// Retries that all calls together may make: `free`, and `ratio` of the calls.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    pub free: u32,
    pub ratio: f64,
}
