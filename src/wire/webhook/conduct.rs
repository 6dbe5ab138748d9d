//! What a vendor does with a receiver's answer: when it gives up waiting, what it sends again and when, what it switches off.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::wire::webhook::scheme::{Certainty, List, Text, text};

/// What a vendor does with an answer. What it is silent about is absent, and not guessed.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Conduct {
    /// Milliseconds after which it takes a delivery for failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer_within_ms: Option<u32>,
    /// What makes it deliver again; empty where it never does.
    pub retried: List<Cause>,
    /// Deliveries after the first, at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub most_retries: Option<u32>,
    /// The header that counts the retries, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_number: Option<Text>,
    /// Seconds before each retry, where the vendor says.
    #[serde(skip_serializing_if = "<[u32]>::is_empty")]
    pub delays: List<u32>,
    /// Seconds within which all retries lie, where the vendor says that alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within: Option<u32>,
    /// What makes it switch the endpoint off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disables: Option<Disabling>,
    /// Statuses for a delivery that is not to be trusted, the best one first.
    #[serde(skip_serializing_if = "<[u16]>::is_empty")]
    pub refuse_with: List<u16>,
    /// Where this was read.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub source: Text,
    pub certainty: Certainty,
}

/// When an endpoint gets nothing more.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Disabling {
    pub on: List<Cause>,
    /// How many in a row; None where the vendor counts otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<u32>,
    /// What happens, in words.
    pub effect: Text,
}

/// One way in which a delivery fails, written `5xx`, `429`, `timeout` or `unreachable`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Cause {
    /// All statuses of a hundred: 3, 4, 5.
    Class(u8),
    Status(u16),
    /// No answer in time.
    Timeout,
    /// No connection, or one that broke.
    Unreachable,
}

/// What became of one attempt.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fate {
    Answered(u16),
    Timeout,
    Unreachable,
}

/// When a retry is due, and whether the vendor said so or the time was only spread over what it said.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Delay {
    pub wait: Duration,
    pub is_published: bool,
}

/// Every answer but 2xx, and none.
pub const ANY_FAILURE: [Cause; 5] =
    [Cause::Class(3), Cause::Class(4), Cause::Class(5), Cause::Timeout, Cause::Unreachable];

impl Conduct {
    /// Of a sender who says nothing of it.
    pub const fn untold(source: &'static str, certainty: Certainty) -> Self {
        Self {
            answer_within_ms: None,
            retried: Cow::Borrowed(&[]),
            most_retries: None,
            retry_number: None,
            delays: Cow::Borrowed(&[]),
            within: None,
            disables: None,
            refuse_with: Cow::Borrowed(&[401]),
            source: text(source),
            certainty,
        }
    }

    /// Whether the vendor takes it for delivered.
    pub fn is_success(&self, fate: Fate) -> bool {
        matches!(fate, Fate::Answered(200..=299))
    }

    /// Whether the vendor delivers again after this. A status that is named wins over the class that it is in.
    pub fn retries(&self, fate: Fate) -> bool {
        let (again, off) = self.weights(fate);
        again > 0 && !(off > again && off == NAMED)
    }

    /// Whether such an answer, or its repetition, lets the vendor switch the endpoint off.
    pub fn disables(&self, fate: Fate) -> bool {
        let (again, off) = self.weights(fate);
        off > 0 && !(again > off && again == NAMED)
    }

    /// How closely its retries and its switching off name this fate.
    fn weights(&self, fate: Fate) -> (u8, u8) {
        let weigh = |causes: &[Cause]| causes.iter().map(|cause| cause.weight(fate)).max().unwrap_or_default();
        if self.is_success(fate) {
            return (0, 0);
        }
        (weigh(&self.retried), self.disables.as_ref().map_or(0, |disabling| weigh(&disabling.on)))
    }

    pub fn answer_within(&self) -> Option<Duration> {
        self.answer_within_ms.map(u64::from).map(Duration::from_millis)
    }

    /// The waits before each retry. Where the vendor says only how many there are within what time, each is twice the
    /// one before.
    pub fn delays(&self) -> Vec<Delay> {
        if !self.delays.is_empty() {
            let wait = |seconds: &u32| Duration::from_secs((*seconds).into());
            return self.delays.iter().map(|seconds| Delay { wait: wait(seconds), is_published: true }).collect();
        }
        let (Some(count), Some(within)) = (self.most_retries.filter(|count| *count > 0), self.within) else {
            return Vec::new();
        };
        let whole = 2_f64.powi(i32::try_from(count).unwrap_or(31)) - 1.0;
        let first = f64::from(within) / whole;
        (0..count)
            .map(|index| Duration::from_secs_f64(first * 2_f64.powi(i32::try_from(index).unwrap_or(31))))
            .map(|wait| Delay { wait, is_published: false })
            .collect()
    }
}

/// The weight of a cause that names its status.
const NAMED: u8 = 2;

impl Cause {
    pub fn covers(self, fate: Fate) -> bool {
        self.weight(fate) > 0
    }

    fn weight(self, fate: Fate) -> u8 {
        match (self, fate) {
            (Self::Status(one), Fate::Answered(status)) if one == status => NAMED,
            (Self::Class(class), Fate::Answered(status)) if status / 100 == u16::from(class) => 1,
            (Self::Timeout, Fate::Timeout) | (Self::Unreachable, Fate::Unreachable) => 1,
            _ => 0,
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Class(class) => write!(formatter, "{class}xx"),
            Self::Status(status) => write!(formatter, "{status}"),
            Self::Timeout => formatter.write_str("timeout"),
            Self::Unreachable => formatter.write_str("unreachable"),
        }
    }
}

impl Serialize for Cause {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Cause {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = Cow::<'de, str>::deserialize(deserializer)?;
        match word.as_ref() {
            "timeout" => Ok(Self::Timeout),
            "unreachable" => Ok(Self::Unreachable),
            "3xx" => Ok(Self::Class(3)),
            "4xx" => Ok(Self::Class(4)),
            "5xx" => Ok(Self::Class(5)),
            other => match other.parse() {
                Ok(status @ 300..=599) => Ok(Self::Status(status)),
                _ => Err(de::Error::custom(format!(
                    "`{other}` is no failure; use 3xx, 4xx, 5xx, a status in quotes (\"429\"), timeout or unreachable"
                ))),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::{Cause, Conduct, Fate};
    use crate::wire::webhook::schemes::{GITHUB, PAGERDUTY, SHOPIFY, SLACK, STANDARD};

    #[test]
    fn vendors_retry_and_disable_as_they_say() {
        let table = [
            (&SHOPIFY, Fate::Answered(302), true, true),
            (&SHOPIFY, Fate::Answered(200), false, false),
            (&PAGERDUTY, Fate::Answered(429), true, false),
            (&PAGERDUTY, Fate::Answered(401), false, true),
            (&PAGERDUTY, Fate::Timeout, true, false),
            (&GITHUB, Fate::Answered(500), false, false),
            (&STANDARD, Fate::Answered(410), false, true),
        ];
        for (scheme, fate, retries, disables) in table {
            assert_eq!(scheme.conduct.retries(fate), retries, "{} {fate:?}", scheme.name);
            assert_eq!(scheme.conduct.disables(fate), disables, "{} {fate:?}", scheme.name);
        }
    }

    #[test]
    fn waits_are_the_published_ones_or_spread() {
        let seconds = |conduct: &Conduct| -> Vec<u64> { conduct.delays().iter().map(|d| d.wait.as_secs()).collect() };
        assert_eq!(seconds(&SLACK.conduct), [0, 60, 300]);
        let shopify = SHOPIFY.conduct.delays();
        assert_eq!(shopify.len(), 8);
        assert!(shopify.iter().all(|delay| !delay.is_published));
        let whole: f64 = shopify.iter().map(|delay| delay.wait.as_secs_f64()).sum();
        assert!((whole - 14_400.0).abs() < 1.0, "{whole}");
        assert_eq!(seconds(&GITHUB.conduct), [] as [u64; 0]);
    }

    #[test]
    fn a_cause_is_one_word() {
        let read = |text: &str| serde_json::from_str::<Cause>(&format!("\"{text}\""));
        assert_eq!(read("5xx").unwrap(), Cause::Class(5));
        assert_eq!(read("429").unwrap(), Cause::Status(429));
        assert!(read("200").is_err() && read("sometimes").is_err());
        let disabling: Cow<'_, str> = Cow::Owned(Cause::Timeout.to_string());
        assert_eq!(disabling, "timeout");
    }
}
