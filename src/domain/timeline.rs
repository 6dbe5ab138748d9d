//! What arrived at a server, when, on which connection, and what it was answered: the material of every judgement of a client.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Every request of one play, in the order in which they came.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Timeline {
    pub arrivals: Vec<Arrival>,
    /// Requests that came and are not kept here, because they are many.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub left_out: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// One request as it arrived. Times are microseconds since the play began, by a clock that never goes back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Arrival {
    /// From 1.
    pub number: u32,
    pub at_us: u64,
    /// Which of several clients sent it, from 1: each has an address of its own.
    pub client: u32,
    /// From 1, counted for each client.
    pub connection: u32,
    pub method: Box<str>,
    /// Path and query, redacted.
    pub path: Box<str>,
    pub repeatable: Repeatable,
    /// Headers that a judgement may need, redacted.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<Box<str>, Box<str>>,
    pub body_bytes: u64,
    /// SHA-256 (hex); absent where there is no body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_sha256: Option<Box<str>>,
    /// The value of its idempotency key, as far as it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<Box<str>>,
    /// The names of secrets whose values stand in its URL.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secrets_in_url: Vec<Box<str>>,
    /// What was done to it; absent where the twin answered as itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<Struck>,
    pub answered: Answered,
}

/// What may be done with a request whose answer is lost (RFC 9110 §9.2).
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Repeatable {
    /// It only reads: GET, HEAD, OPTIONS, a GraphQL query.
    Safe,
    /// Twice is as good as once: PUT, DELETE.
    Idempotent,
    /// Twice may be twice the effect: POST, PATCH.
    Unsafe,
}

/// The fault that a request was struck by.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Struck {
    /// `status:503`, or `answer 200`.
    pub name: Box<str>,
    pub nature: Nature,
}

/// What a fault means for the request that it struck.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Nature {
    /// The vendor says that it did nothing: the request may be sent again, whatever its method.
    Refused,
    /// Nobody can tell whether it was done.
    Ambiguous,
    /// No failure as long as the client waits for it.
    Harmless,
}

/// What came of a request.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Answered {
    /// Absent where the connection broke before a status was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    pub end: End,
    /// When the last byte was handed over, or the exchange ended otherwise; microseconds since the play began.
    pub at_us: u64,
    /// The wait that the answer asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<Asked>,
    /// Requests that the answer's headers say are left until that wait is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remaining: Option<u64>,
}

/// How an exchange ended.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// The whole answer was handed over.
    Whole,
    /// We broke the connection, or the answer off.
    Broken,
    /// The client went away first.
    Abandoned,
    /// Nothing had come of it when the play ended.
    #[default]
    Open,
}

/// A wait that a vendor asks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    /// Microseconds from the end of the answer.
    pub us: u64,
    /// The header or member that asks: `retry-after`.
    pub by: Box<str>,
    /// It is written in whole seconds of the clock, so that a reader may be one second off.
    #[serde(default)]
    pub by_clock: bool,
}

impl Arrival {
    /// Tells whether what came of it is no good answer.
    pub fn failed(&self) -> bool {
        match (&self.fault, self.answered.end) {
            (_, End::Abandoned | End::Open) => true,
            (Some(struck), _) => struck.nature != Nature::Harmless,
            (None, _) => false,
        }
    }

    /// Tells whether nobody can say if it took effect.
    pub fn is_ambiguous(&self) -> bool {
        self.answered.end == End::Abandoned
            || self.fault.as_ref().is_some_and(|struck| struck.nature == Nature::Ambiguous)
    }

    /// Tells whether two requests ask the same.
    pub fn asks_the_same(&self, other: &Self) -> bool {
        let same_key = self.idempotency_key.is_some() && self.idempotency_key == other.idempotency_key;
        self.client == other.client
            && self.method == other.method
            && self.path == other.path
            && (self.body_sha256 == other.body_sha256 || same_key)
    }
}

/// One request of a client with all that it tried.
#[derive(Clone, Debug)]
pub struct Call<'a> {
    /// Never empty; all but the last failed.
    pub attempts: Vec<&'a Arrival>,
}

impl<'a> Call<'a> {
    /// Some fault was meant for it.
    pub fn was_struck(&self) -> bool {
        self.attempts.iter().any(|attempt| attempt.fault.is_some())
    }

    pub fn first(&self) -> &'a Arrival {
        self.attempts[0]
    }

    pub fn last(&self) -> &'a Arrival {
        self.attempts[self.attempts.len() - 1]
    }

    /// Each retry with the attempt before it.
    pub fn retries(&self) -> impl Iterator<Item = (&'a Arrival, &'a Arrival)> + '_ {
        self.attempts.windows(2).map(|pair| (pair[0], pair[1]))
    }

    /// Microseconds between the end of one attempt and the next.
    pub fn waits(&self) -> Vec<u64> {
        self.retries().map(|(before, after)| after.at_us.saturating_sub(before.answered.at_us)).collect()
    }
}

impl Timeline {
    /// Groups requests into calls: what asks the same again after a failure is a retry of it.
    pub fn calls(&self) -> Vec<Call<'_>> {
        let mut calls: Vec<Call<'_>> = Vec::new();
        for arrival in &self.arrivals {
            let retried = calls.iter_mut().find(|call| {
                let last = call.last();
                last.failed() && last.answered.at_us <= arrival.at_us && last.asks_the_same(arrival)
            });
            match retried {
                Some(call) => call.attempts.push(arrival),
                None => calls.push(Call { attempts: vec![arrival] }),
            }
        }
        calls
    }
}

#[cfg(test)]
pub mod tests {
    use super::{Answered, Arrival, End, Nature, Repeatable, Struck, Timeline};

    /// A request at a millisecond that was struck by a fault, or answered well at once.
    pub fn arrival(number: u32, at_ms: u64, path: &str, fault: Option<&str>) -> Arrival {
        let struck = |name: &str| {
            let refused = matches!(name, "status:429" | "status:503" | "status:422");
            Struck { name: name.into(), nature: if refused { Nature::Refused } else { Nature::Ambiguous } }
        };
        let status = fault.map_or(200, |name| name.strip_prefix("status:").and_then(|s| s.parse().ok()).unwrap_or(500));
        Arrival {
            number,
            at_us: at_ms * 1000,
            client: 1,
            connection: 1,
            method: "GET".into(),
            path: path.into(),
            repeatable: Repeatable::Safe,
            headers: std::collections::BTreeMap::new(),
            body_bytes: 0,
            body_sha256: None,
            idempotency_key: None,
            secrets_in_url: Vec::new(),
            fault: fault.map(struck),
            answered: Answered { status: Some(status), end: End::Whole, at_us: at_ms * 1000, ..Answered::default() },
        }
    }

    #[test]
    fn what_asks_the_same_after_a_failure_is_a_retry() {
        let timeline = Timeline {
            arrivals: vec![
                arrival(1, 0, "/a", Some("status:503")),
                arrival(2, 1, "/b", None),
                arrival(3, 10, "/a", None),
                arrival(4, 20, "/a", None),
            ],
            left_out: 0,
        };
        let calls: Vec<Vec<u32>> =
            timeline.calls().iter().map(|call| call.attempts.iter().map(|a| a.number).collect()).collect();
        assert_eq!(calls, [vec![1, 3], vec![2], vec![4]]);
        assert_eq!(timeline.calls()[0].waits(), [10_000]);
    }

    #[test]
    fn two_at_the_same_time_are_two_calls() {
        let mut first = arrival(1, 0, "/a", Some("status:503"));
        first.answered.at_us = 50_000;
        let timeline = Timeline {
            arrivals: vec![first, arrival(2, 20, "/a", Some("status:503")), arrival(3, 60, "/a", None)],
            left_out: 0,
        };
        assert_eq!(timeline.calls().len(), 2);
    }
}
