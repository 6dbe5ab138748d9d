//! What was seen of a flag: on, off, or one of the ways in which it is unknown.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Whether a flag is on. What is unknown is neither on nor off.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "is")]
pub enum Switch {
    On,
    Off,
    Unknown { why: Unseen, detail: String },
}

/// Why nothing is known of a flag: each way has a word of its own.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unseen {
    /// The workspace does not say where it is kept.
    NoStore,
    /// The store is one that nobody outside can look into.
    Hidden,
    /// The store takes values and gives none back.
    WriteOnly,
    /// The store has no flag of this name.
    NoSuchFlag,
    /// The variable that names the store or opens it has no value.
    NoCredentials,
    /// The store refuses our credentials.
    Refused,
    /// The store asks us to come later.
    Throttled,
    /// Nobody answers there.
    Unreachable,
    /// No answer came in time.
    TimedOut,
    /// The answer has a status that tells nothing.
    BadStatus,
    /// The answer is a page, or something else that is not what it should be.
    NotJson,
    /// The answer is JSON of another shape.
    Malformed,
    /// The answer has no value.
    NoValue,
    /// The answer has no variant.
    NoVariant,
    /// The value is not a switch.
    NotBoolean,
    /// The reason is none that the protocol knows.
    UnknownReason,
    /// The store says that its answer is old.
    Stale,
    /// The content changed and its `ETag` did not, or its version went back.
    StaleTag,
    /// `304 Not Modified` where nothing was asked before, or something else was.
    OtherContext,
    /// It is on for a share of those who ask.
    Split,
    /// It depends on who asks, by rules that only the store evaluates.
    Targeted,
    /// The store cannot be read: the file is missing or broken, the program failed.
    Unreadable,
}

impl Unseen {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoStore => "no-store",
            Self::Hidden => "hidden",
            Self::WriteOnly => "write-only",
            Self::NoSuchFlag => "no-such-flag",
            Self::NoCredentials => "no-credentials",
            Self::Refused => "refused",
            Self::Throttled => "throttled",
            Self::Unreachable => "unreachable",
            Self::TimedOut => "timed-out",
            Self::BadStatus => "bad-status",
            Self::NotJson => "not-json",
            Self::Malformed => "malformed",
            Self::NoValue => "no-value",
            Self::NoVariant => "no-variant",
            Self::NotBoolean => "not-boolean",
            Self::UnknownReason => "unknown-reason",
            Self::Stale => "stale",
            Self::StaleTag => "stale-tag",
            Self::OtherContext => "other-context",
            Self::Split => "split",
            Self::Targeted => "targeted",
            Self::Unreadable => "unreadable",
        }
    }
}

impl Switch {
    pub fn unknown(why: Unseen, detail: impl Into<String>) -> Self {
        Self::Unknown { why, detail: detail.into() }
    }

    pub(crate) fn hidden(detail: &str) -> Self {
        Self::unknown(Unseen::Hidden, detail)
    }

    /// On for a share of those who ask, in percent.
    pub fn share(percent: u8) -> Self {
        match percent {
            0 => Self::Off,
            100.. => Self::On,
            _ => Self::unknown(Unseen::Split, format!("it is on for {percent} % of those who ask")),
        }
    }

    /// True or false where that is known.
    pub fn known(&self) -> Option<bool> {
        match self {
            Self::On => Some(true),
            Self::Off => Some(false),
            Self::Unknown { .. } => None,
        }
    }

    pub fn is_unknown(&self) -> bool {
        self.known().is_none()
    }

    /// `on`, `off`, or the word for why it is unknown.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Off => "off",
            Self::Unknown { why, .. } => why.as_str(),
        }
    }
}

impl From<bool> for Switch {
    fn from(on: bool) -> Self {
        if on { Self::On } else { Self::Off }
    }
}

impl fmt::Display for Switch {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::On | Self::Off => formatter.write_str(self.as_str()),
            Self::Unknown { why, detail } if detail.is_empty() => write!(formatter, "unknown ({})", why.as_str()),
            Self::Unknown { why, detail } => write!(formatter, "unknown ({}: {detail})", why.as_str()),
        }
    }
}

/// Why a store gives the value that it gives (OpenFeature specification 0.8, types, resolution reason).
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Reason {
    Static,
    Default,
    TargetingMatch,
    Split,
    Cached,
    Disabled,
    Stale,
    Error,
    /// The store says that it does not know.
    Unknown,
}

impl Reason {
    /// None for a word that the protocol does not know.
    pub fn parse(word: &str) -> Option<Self> {
        serde_json::from_value(serde_json::Value::from(word)).ok()
    }
}

/// One look at a flag in one store.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Sighting {
    pub switch: Switch,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// What the store calls this state of itself: an `ETag`, a revision, a file's SHA-256.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The variable or key that decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Names that are set too and that this reader passes over, with what they would mean.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shadowed: Vec<(String, bool)>,
}

impl Sighting {
    pub fn of(switch: Switch) -> Self {
        Self { switch, variant: None, reason: None, version: None, by: None, shadowed: Vec::new() }
    }

    pub fn unknown(why: Unseen, detail: impl Into<String>) -> Self {
        Self::of(Switch::unknown(why, detail))
    }

    #[must_use]
    pub fn with_version(self, version: impl Into<Option<String>>) -> Self {
        Self { version: version.into(), ..self }
    }

    #[must_use]
    pub fn because(self, reason: Reason) -> Self {
        Self { reason: Some(reason), ..self }
    }
}

/// A name in a place that has a value now.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Trace {
    /// `process environment`, `.env.staging`, `Unleash https://…`.
    pub place: String,
    pub name: String,
    pub switch: Switch,
}

#[cfg(test)]
mod tests {
    use super::{Reason, Switch, Unseen};

    #[test]
    fn what_is_unknown_is_neither_on_nor_off() {
        let unknown = Switch::unknown(Unseen::TimedOut, "after 2000 ms");
        assert_eq!((unknown.known(), unknown.to_string()), (None, "unknown (timed-out: after 2000 ms)".to_owned()));
        assert_eq!((Switch::On.known(), Switch::Off.known()), (Some(true), Some(false)));
    }

    #[test]
    fn reasons_are_those_of_the_protocol() {
        assert_eq!(Reason::parse("TARGETING_MATCH"), Some(Reason::TargetingMatch));
        for word in ["targeting_match", "BECAUSE", ""] {
            assert_eq!(Reason::parse(word), None, "{word}");
        }
    }
}
