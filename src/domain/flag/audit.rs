//! The truth about flags: what each one is, where that is known from, and what contradicts itself.

pub mod findings;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::flag::readers::{Ghost, Readers};
use crate::domain::flag::sighting::{Sighting, Switch, Trace};

/// The version of the format.
pub const VERSION: u32 = 1;

/// Everything that was found of the workspace's flags.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Audit {
    pub version: u32,
    pub workspace: String,
    pub audited: Timestamp,
    pub sources: Sources,
    pub flags: Vec<Row>,
    /// Read in the source tree and declared nowhere.
    pub ghosts: Vec<Ghost>,
}

/// What was looked at of the source tree.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Sources {
    pub trees: Vec<String>,
    pub files: usize,
    pub whole: bool,
    /// What was not read, with the reason.
    pub unread: Vec<String>,
}

/// One flag.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Row {
    pub name: String,
    pub owner: Option<String>,
    pub integrations: Vec<String>,
    pub default: bool,
    pub on_means_mock: bool,
    pub environments: Vec<Seen>,
    pub readers: Readers,
    pub findings: Vec<Finding>,
    pub note: Option<String>,
}

/// One flag in one environment.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Seen {
    pub environment: String,
    /// What the app does: its own parser over the first store.
    pub effective: Switch,
    pub stores: Vec<StoreSeen>,
    /// What each parser makes of the same variables; empty where the store evaluates by itself.
    pub parsers: Vec<ParserSeen>,
    /// Names that have a value, in every place.
    pub traces: Vec<Trace>,
    pub prerequisites: Vec<Needed>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct StoreSeen {
    pub place: String,
    pub sighting: Sighting,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct ParserSeen {
    pub parser: String,
    pub place: String,
    pub switch: Switch,
    /// The variable that decided; none when the default did.
    pub by: Option<String>,
}

/// One prerequisite, and whether it is there.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Needed {
    pub what: String,
    pub state: Presence,
    pub detail: String,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Presence {
    There,
    Missing,
    Unknown,
    /// What only `flip`, or a person, can show.
    Later,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    Contradiction,
    Unknown,
    Note,
}

/// One thing that a person should know of a flag.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Finding {
    pub level: Level,
    pub code: Code,
    /// None when it holds everywhere.
    pub environment: Option<String>,
    pub text: String,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    ParsersDisagree,
    StoresDisagree,
    Shadowed,
    RollbackIncomplete,
    Dead,
    Unused,
    TwoNames,
    PrerequisiteMissing,
    AnyoneCanSwitch,
    ValueUnknown,
    NoStore,
    ReadersUnknown,
    PrerequisiteUnknown,
    NoOwner,
    DefaultOn,
    SetInTree,
}

impl Code {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ParsersDisagree => "parsers-disagree",
            Self::StoresDisagree => "stores-disagree",
            Self::Shadowed => "shadowed",
            Self::RollbackIncomplete => "rollback-incomplete",
            Self::Dead => "dead",
            Self::Unused => "unused",
            Self::TwoNames => "two-names",
            Self::PrerequisiteMissing => "prerequisite-missing",
            Self::AnyoneCanSwitch => "anyone-can-switch",
            Self::ValueUnknown => "value-unknown",
            Self::NoStore => "no-store",
            Self::ReadersUnknown => "readers-unknown",
            Self::PrerequisiteUnknown => "prerequisite-unknown",
            Self::NoOwner => "no-owner",
            Self::DefaultOn => "default-on",
            Self::SetInTree => "set-in-tree",
        }
    }
}

impl Audit {
    /// The worst that was found; None when every value is known and nothing contradicts.
    pub fn worst(&self) -> Option<Level> {
        let ghost = (!self.ghosts.is_empty()).then_some(Level::Contradiction);
        let unread = (!self.sources.whole).then_some(Level::Unknown);
        let found = self.flags.iter().flat_map(|row| &row.findings).map(|finding| finding.level);
        found.chain(ghost).chain(unread).min().filter(|level| *level != Level::Note)
    }
}
