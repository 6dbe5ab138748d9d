//! One lesson of a gauntlet as data: how the vendor misbehaves, and what a good client does about it.

pub mod expect;
pub mod plan;
pub mod script;
pub mod step;

use serde::{Deserialize, Serialize};

use crate::domain::lesson::expect::Expect;
use crate::domain::lesson::step::Step;
use crate::domain::timeline::{Arrival, Repeatable};

/// A named lesson.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lesson {
    /// Lower-case words with `-`; unique in a plan.
    pub name: String,
    /// One line for a person.
    pub title: String,
    /// Where the rule stands: an RFC, a vendor's page, a library's default.
    pub source: String,
    /// Integrations whose vendor behaves so; every one when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub of: Vec<String>,
    /// In turn for each call that is struck; behind the last one the twin is itself again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<Step>,
    /// Seconds that the faults' answers ask the client to wait.
    #[serde(default = "short", skip_serializing_if = "is_short")]
    pub wait: f64,
    #[serde(default, skip_serializing_if = "Strikes::is_usual")]
    pub strikes: Strikes,
    /// A limit that the headers of every answer announce, and that is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Limit>,
    pub expect: Expect,
    /// Seconds that the command may take; the usual time when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<f64>,
    /// How often the command is run, each time against a twin of its own.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub runs: u32,
    /// How many of the command run at the same time against one twin.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub clients: u32,
}

fn short() -> f64 {
    1.5
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    clippy::float_cmp,
    reason = "serde passes a reference; it is the default itself"
)]
fn is_short(seconds: &f64) -> bool {
    *seconds == short()
}

fn one() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_one(number: &u32) -> bool {
    *number == 1
}

/// Which requests a lesson strikes.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Strikes {
    /// `POST /admin/api`: a method, the beginning of a path, or both.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on: Option<Aim>,
    /// Only requests that must not be repeated blindly.
    pub unsafe_only: bool,
    /// The call that is struck, counted from 1 among those aimed at.
    pub call: u32,
    /// All calls from that one on.
    pub every_call: bool,
    /// The steps come in the order of the requests, whatever these ask.
    pub in_turn: bool,
}

impl Default for Strikes {
    fn default() -> Self {
        Self { on: None, unsafe_only: false, call: 1, every_call: false, in_turn: false }
    }
}

impl Strikes {
    fn is_usual(&self) -> bool {
        *self == Self::default()
    }

    /// Tells whether a request is aimed at.
    pub fn aims_at(&self, arrival: &Arrival) -> bool {
        (!self.unsafe_only || arrival.repeatable == Repeatable::Unsafe)
            && self.on.as_ref().is_none_or(|aim| aim.hits(&arrival.method, &arrival.path))
    }
}

/// A method, the beginning of a path, or both.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Aim {
    method: Option<String>,
    path: String,
}

impl Aim {
    pub fn hits(&self, method: &str, path: &str) -> bool {
        self.method.as_deref().is_none_or(|own| own == method) && path.starts_with(&self.path)
    }
}

/// A text that aims at nothing.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` aims at no request: write a method, the beginning of a path, or both, as in `POST /v1/messages`")]
pub struct BadAim(String);

impl TryFrom<String> for Aim {
    type Error = BadAim;

    fn try_from(text: String) -> Result<Self, BadAim> {
        let mut words = text.split_whitespace();
        let (first, second) = (words.next(), words.next());
        let is_method = |word: &str| !word.is_empty() && word.bytes().all(|letter| letter.is_ascii_uppercase());
        match (first, second, words.next()) {
            (Some(path), None, None) if path.starts_with('/') => Ok(Self { method: None, path: path.to_owned() }),
            (Some(method), None, None) if is_method(method) => {
                Ok(Self { method: Some(method.to_owned()), path: String::new() })
            }
            (Some(method), Some(path), None) if is_method(method) && path.starts_with('/') => {
                Ok(Self { method: Some(method.to_owned()), path: path.to_owned() })
            }
            _ => Err(BadAim(text)),
        }
    }
}

impl std::str::FromStr for Aim {
    type Err = BadAim;

    fn from_str(text: &str) -> Result<Self, BadAim> {
        Self::try_from(text.to_owned())
    }
}

impl From<Aim> for String {
    fn from(aim: Aim) -> Self {
        match aim.method {
            Some(method) => format!("{method} {}", aim.path).trim_end().to_owned(),
            None => aim.path,
        }
    }
}

/// So many requests in a window of so many seconds.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    pub requests: u32,
    pub seconds: f64,
}

#[cfg(test)]
mod tests {
    use super::Aim;

    #[test]
    fn an_aim_is_a_method_a_path_or_both() {
        for (text, method, path, hits) in [
            ("POST", "POST", "/a", true),
            ("POST", "GET", "/a", false),
            ("/a", "GET", "/a/b?c", true),
            ("GET /a", "GET", "/b", false),
            ("GET /a", "GET", "/a", true),
        ] {
            let aim: Aim = text.parse().unwrap();
            assert_eq!(aim.hits(method, path), hits, "{text} {method} {path}");
            assert_eq!(String::from(aim), text);
        }
        for text in ["", "a", "post /a", "GET a", "GET /a b"] {
            assert!(text.parse::<Aim>().is_err(), "{text}");
        }
    }
}
