//! A mutation: one wrong answer, told by its kind and by the place where it differs from the right one.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::domain::nearest::nearest;

/// What is wrong with a mutated answer. The words are part of the record's format.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Removed,
    Null,
    Type,
    EmptyText,
    EmptyList,
    OneMore,
    OneFewer,
    Enum,
    OffByOne,
    Sign,
    Huge,
    Flipped,
    DuplicateId,
    DateFormat,
    DateStale,
    DateFuture,
    Encoding,
    ExtraMember,
    Case,
    Status,
    StatusClass,
    HeaderRemoved,
    HeaderChanged,
    ContentType,
    PageLink,
    Delay,
    Truncated,
    Mock,
    StaleCache,
    Answered,
    Gone,
}

impl Kind {
    pub const ALL: [Self; 31] = [
        Self::Removed,
        Self::Null,
        Self::Type,
        Self::EmptyText,
        Self::EmptyList,
        Self::OneMore,
        Self::OneFewer,
        Self::Enum,
        Self::OffByOne,
        Self::Sign,
        Self::Huge,
        Self::Flipped,
        Self::DuplicateId,
        Self::DateFormat,
        Self::DateStale,
        Self::DateFuture,
        Self::Encoding,
        Self::ExtraMember,
        Self::Case,
        Self::Status,
        Self::StatusClass,
        Self::HeaderRemoved,
        Self::HeaderChanged,
        Self::ContentType,
        Self::PageLink,
        Self::Delay,
        Self::Truncated,
        Self::Mock,
        Self::StaleCache,
        Self::Answered,
        Self::Gone,
    ];

    /// The word used in records and on the command line.
    pub fn as_str(self) -> &'static str {
        self.told().0
    }

    /// What is done to the answer.
    pub fn meaning(self) -> &'static str {
        self.told().1
    }

    fn told(self) -> (&'static str, &'static str) {
        match self {
            Self::Removed => ("removed", "a member is gone"),
            Self::Null => ("null", "a value is null"),
            Self::Type => ("type", "a value is of another type"),
            Self::EmptyText => ("empty-text", "a text is empty"),
            Self::EmptyList => ("empty-list", "a list is empty"),
            Self::OneMore => ("one-more", "a list has one element more: its last once again"),
            Self::OneFewer => ("one-fewer", "a list has lost its last element"),
            Self::Enum => ("enum", "a word is none of those that are known"),
            Self::OffByOne => ("off-by-one", "a number is one more"),
            Self::Sign => ("sign", "a number has the other sign"),
            Self::Huge => ("huge", "a number is larger than JavaScript counts exactly"),
            Self::Flipped => ("flipped", "true is false, or false is true"),
            Self::DuplicateId => ("duplicate-id", "two elements of a list have one id"),
            Self::DateFormat => ("date-format", "a date is written in another format"),
            Self::DateStale => ("date-stale", "a date is twenty years older"),
            Self::DateFuture => ("date-future", "a date is twenty years later"),
            Self::Encoding => {
                ("encoding", "the bytes are in another encoding, or a text was decoded with the wrong one")
            }
            Self::ExtraMember => ("extra-member", "an object has a member that nobody knows, or the answer has a body"),
            Self::Case => ("case", "a member's name is written in another case"),
            Self::Status => ("status", "the status is another one of its class"),
            Self::StatusClass => ("status-class", "the status is one of another class"),
            Self::HeaderRemoved => ("header-removed", "a header is gone"),
            Self::HeaderChanged => ("header-changed", "a header has another value, or is there where none was"),
            Self::ContentType => ("content-type", "the body is said to be of another type"),
            Self::PageLink => ("page-link", "the link or cursor to the next page leads elsewhere"),
            Self::Delay => ("delay", "the answer comes later than was promised"),
            Self::Truncated => ("truncated", "the second half of the body is missing"),
            Self::Mock => ("mock", "mock data stands where live data was promised, or the mode says mock"),
            Self::StaleCache => ("stale-cache", "an earlier answer to the same request comes again"),
            Self::Answered => ("answered", "an answer comes where none came"),
            Self::Gone => ("gone", "a webhook does not come"),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let words = || Self::ALL.into_iter().map(Self::as_str);
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or_else(|| match nearest(text, words()) {
            Some(near) => format!("there is no such kind; did you mean `{near}`?"),
            None => format!("there is no such kind; known are {}", words().collect::<Vec<_>>().join(", ")),
        })
    }
}

/// The part of an answer that a mutation is about.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(into = "String", from = "String")]
pub enum Spot {
    Status,
    Time,
    /// The body as bytes.
    Body,
    /// A webhook as a whole.
    Webhook,
    /// By its lower-case name.
    Header(String),
    /// A JSON Pointer (RFC 6901) into the body with `*` for each element of a list; empty for the whole document.
    Member(String),
}

impl fmt::Display for Spot {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Status => formatter.write_str("status"),
            Self::Time => formatter.write_str("time"),
            Self::Body => formatter.write_str("body"),
            Self::Webhook => formatter.write_str("webhook"),
            Self::Header(name) => write!(formatter, "header {name}"),
            Self::Member(pointer) if pointer.is_empty() => formatter.write_str("document"),
            Self::Member(pointer) => formatter.write_str(pointer),
        }
    }
}

impl From<Spot> for String {
    fn from(spot: Spot) -> Self {
        spot.to_string()
    }
}

impl From<String> for Spot {
    fn from(text: String) -> Self {
        match text.as_str() {
            "status" => Self::Status,
            "time" => Self::Time,
            "body" => Self::Body,
            "webhook" => Self::Webhook,
            "document" => Self::Member(String::new()),
            _ => match text.strip_prefix("header ") {
                Some(name) => Self::Header(name.to_owned()),
                None => Self::Member(text),
            },
        }
    }
}

/// One mutation of an answer. Two answers of one operation share it where kind, place and outcome are the same.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct Mutation {
    pub kind: Kind,
    pub at: Spot,
    /// What stands there then, where one kind has several ways (a status, a member's name).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

impl Mutation {
    pub fn new(kind: Kind, at: Spot) -> Self {
        Self { kind, at, to: None }
    }

    #[must_use]
    pub fn to(mut self, to: impl Into<String>) -> Self {
        self.to = Some(to.into());
        self
    }
}

impl fmt::Display for Mutation {
    /// `removed /data/ideas/*/id`, `status-class 500`
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str(self.kind.as_str())?;
        if !matches!((&self.at, &self.to), (Spot::Status, Some(_))) {
            write!(formatter, " {}", self.at)?;
        }
        match &self.to {
            Some(to) => write!(formatter, " {to}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Kind, Mutation, Spot};

    #[test]
    fn every_kind_has_a_word_of_its_own_and_is_read_back() {
        let words: BTreeSet<&str> = Kind::ALL.into_iter().map(Kind::as_str).collect();
        assert_eq!(words.len(), Kind::ALL.len());
        for kind in Kind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
            assert!(!kind.meaning().is_empty());
        }
        assert_eq!("remove".parse::<Kind>().unwrap_err(), "there is no such kind; did you mean `removed`?");
    }

    #[test]
    fn a_mutation_is_told_in_one_line_and_survives_a_round_trip() {
        let table = [
            (Mutation::new(Kind::Removed, Spot::Member("/data/*/id".into())), "removed /data/*/id"),
            (Mutation::new(Kind::StatusClass, Spot::Status).to("500"), "status-class 500"),
            (Mutation::new(Kind::ExtraMember, Spot::Member(String::new())).to("error"), "extra-member document error"),
            (Mutation::new(Kind::HeaderRemoved, Spot::Header("link".into())), "header-removed header link"),
            (Mutation::new(Kind::Truncated, Spot::Body), "truncated body"),
        ];
        for (mutation, told) in table {
            assert_eq!(mutation.to_string(), told);
            let text = serde_json::to_string(&mutation).unwrap();
            assert_eq!(serde_json::from_str::<Mutation>(&text).unwrap(), mutation);
        }
    }
}
