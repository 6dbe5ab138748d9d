//! The ways in which a broken service is known to look healthy, and what a probe made of each.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::integration::Name;
use crate::domain::record::Outcome;

/// One way in which a server is broken.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lie {
    Down,
    #[serde(rename = "503")]
    Unavailable,
    #[serde(rename = "302")]
    Redirect,
    #[serde(rename = "401")]
    Unauthorised,
    StrippedHeader,
    Failing,
    Html,
    Slow,
    Hanging,
    Truncated,
    ExpiredCertificate,
    WrongTenant,
    StaleCache,
    SilentCache,
}

impl Lie {
    pub const ALL: [Self; 14] = [
        Self::Down,
        Self::Unavailable,
        Self::Redirect,
        Self::Unauthorised,
        Self::StrippedHeader,
        Self::Failing,
        Self::Html,
        Self::Slow,
        Self::Hanging,
        Self::Truncated,
        Self::ExpiredCertificate,
        Self::WrongTenant,
        Self::StaleCache,
        Self::SilentCache,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Down => "down",
            Self::Unavailable => "503",
            Self::Redirect => "302",
            Self::Unauthorised => "401",
            Self::StrippedHeader => "stripped-header",
            Self::Failing => "failing",
            Self::Html => "html",
            Self::Slow => "slow",
            Self::Hanging => "hanging",
            Self::Truncated => "truncated",
            Self::ExpiredCertificate => "expired-certificate",
            Self::WrongTenant => "wrong-tenant",
            Self::StaleCache => "stale-cache",
            Self::SilentCache => "silent-cache",
        }
    }

    /// What the server does, in one sentence.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Down => "Nobody takes the connection.",
            Self::Unavailable => "Every answer is 503 with the body of a proxy.",
            Self::Redirect => "Every answer is 302 to a page where one signs in.",
            Self::Unauthorised => "Every answer is 401.",
            Self::StrippedHeader => "A proxy drops the headers that authenticate.",
            Self::Failing => "Every answer is 200, and its body says that the service fails.",
            Self::Html => "Every answer is 200 with a page for people.",
            Self::Slow => "Every answer is right, and slower than the bar above which a service counts as down.",
            Self::Hanging => "The connection is taken and nothing is ever answered.",
            Self::Truncated => "The answer breaks off in its middle.",
            Self::ExpiredCertificate => "The certificate is out of its time.",
            Self::WrongTenant => "Every answer is right, and of another account.",
            Self::StaleCache => "A cache answers with what was true yesterday, and says so in its headers.",
            Self::SilentCache => {
                "A cache answers with what was true yesterday, and only the times in the body show it."
            }
        }
    }
}

impl fmt::Display for Lie {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// What a probe made of a lie.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "fate")]
pub enum Fate {
    /// It did not call the service healthy.
    Noticed { outcome: Outcome, told: String },
    /// It called the broken service healthy.
    Believed,
    /// The lie changed nothing that this service answers.
    Void { why: String },
}

/// A lie, told to a probe.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Told {
    pub lie: Lie,
    #[serde(flatten)]
    pub fate: Fate,
}

/// A probe with all lies that it was told.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Tried {
    pub probe: Name,
    pub integration: Name,
    /// `twin`, or `script` where no twin models the service.
    pub truth: String,
    /// Why it was not tried: no right answer is known for it, or it did not believe the truth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unproven: Option<String>,
    /// Steps that ask in other ways than over HTTP; nobody lied to them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub told: Vec<Told>,
}

/// All probes that were tried.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Trial {
    pub version: u32,
    pub tried: Vec<Tried>,
}

impl Tried {
    pub fn believed(&self) -> impl Iterator<Item = Lie> {
        self.told.iter().filter(|told| told.fate == Fate::Believed).map(|told| told.lie)
    }

    pub fn noticed(&self) -> usize {
        self.told.iter().filter(|told| matches!(told.fate, Fate::Noticed { .. })).count()
    }
}

impl Trial {
    /// Broken where a lie was believed, unknown where nothing, or not everything, was tried.
    pub fn outcome(&self) -> Outcome {
        if self.tried.iter().any(|tried| tried.believed().next().is_some()) {
            Outcome::Broken
        } else if self.tried.is_empty() {
            Outcome::Untested
        } else if self.tried.iter().any(|tried| tried.unproven.is_some() || tried.noticed() == 0) {
            Outcome::Unasked
        } else {
            Outcome::Kept
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Fate, Lie, Outcome, Told, Trial, Tried};

    fn trial(fates: Vec<Fate>, unproven: Option<&str>) -> Trial {
        let told = fates.into_iter().map(|fate| Told { lie: Lie::Html, fate }).collect();
        let name: crate::domain::integration::Name = "shop".parse().unwrap();
        let unproven = unproven.map(str::to_owned);
        let (probe, integration, truth) = (name.clone(), name, "twin".to_owned());
        Trial { version: 1, tried: vec![Tried { probe, integration, truth, unproven, left_out: Vec::new(), told }] }
    }

    #[test]
    fn one_believed_lie_is_enough_and_nothing_tried_is_not_good() {
        let noticed = || Fate::Noticed { outcome: Outcome::Broken, told: "x".into() };
        let void = || Fate::Void { why: "x".into() };
        assert_eq!(trial(vec![noticed(), void()], None).outcome(), Outcome::Kept);
        assert_eq!(trial(vec![noticed(), Fate::Believed], None).outcome(), Outcome::Broken);
        assert_eq!(trial(vec![void()], None).outcome(), Outcome::Unasked);
        assert_eq!(trial(vec![], Some("no twin")).outcome(), Outcome::Unasked);
        assert_eq!(Trial { version: 1, tried: vec![] }.outcome(), Outcome::Untested);
    }
}
