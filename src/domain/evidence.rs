//! What a record shows, as the ledger keeps it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::contract::ContractHash;
use crate::domain::integration::Name;
use crate::domain::readiness::Criterion;
use crate::domain::record::{Counts, HostEvidence, Kind, Outcome, Record};
use crate::domain::target::Target;

/// Who saw it.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Preflight asked and heard the answer.
    #[default]
    Measured,
    /// Another tool's report, or a person's word: it was not there.
    Declared,
}

/// What was shown, when, about what, and where the whole record is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Evidence {
    pub kind: Kind,
    #[serde(default)]
    pub class: Class,
    pub integration: Name,
    pub target: Target,
    /// None for a twin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// The record's file, relative to the ledger.
    pub record: String,
    /// SHA-256 (hex) of the record's file.
    pub digest: String,
    /// Of the contract that it is about; absent where it is about none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract_hash: Option<ContractHash>,
    pub outcome: Outcome,
    pub counts: Counts,
    /// Operations asked and kept, and how many there are.
    pub coverage: Coverage,
    /// From 0 to 1, where the work is scored (the share of mutations that were noticed, say).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// The criterion that declared evidence speaks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stands_for: Option<Criterion>,
    /// Only part of the contract ran (a tag, a name, an interruption): shows failures, proves nothing.
    #[serde(default)]
    pub partial: bool,
    pub tool: String,
    pub command: Vec<String>,
    pub exit_code: u8,
    pub started: Timestamp,
    pub finished: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<HostEvidence>,
}

/// What evidence is about. Of two with the same subject no cell can rest on the older one.
pub type Subject<'a> = (Kind, Class, Option<Criterion>, &'a Name, Place<'a>, bool, bool, Option<&'a [String]>);

/// Where it was shown.
pub type Place<'a> = (Target, Option<&'a str>);

impl Evidence {
    /// Work that broke something is told from work that did not, and a part from the whole. Which flag was flipped stands
    /// in the command.
    pub fn subject(&self) -> Subject<'_> {
        let broke = self.outcome == Outcome::Broken || self.counts.broken > 0;
        let flip = (self.kind == Kind::Flip).then_some(self.command.as_slice());
        let place = (self.target, self.environment.as_deref());
        (self.kind, self.class, self.stands_for, &self.integration, place, self.partial, broke, flip)
    }

    /// What a record shows of an integration, before it is said what came of it: measured, of no contract, untested.
    /// Where it is kept is filled in by the ledger.
    pub fn of(record: &Record, integration: Name, exit_code: u8) -> Self {
        Self {
            kind: record.kind,
            class: Class::Measured,
            integration,
            target: record.target,
            environment: record.environment.clone(),
            record: String::new(),
            digest: String::new(),
            contract_hash: None,
            outcome: Outcome::Untested,
            counts: Counts::default(),
            coverage: Coverage::default(),
            score: None,
            stands_for: None,
            partial: record.partial || record.interrupted,
            tool: record.tool.clone(),
            command: record.command.clone(),
            exit_code,
            started: record.started,
            finished: record.finished,
            host: None,
        }
    }

    /// Its record is gone or changed: it shows nothing any more. It stays where it is and counts as a whole run,
    /// because what it showed may have been worse than what is older, which must not speak in its place.
    pub fn shows_nothing(&mut self) {
        self.outcome = Outcome::Unasked;
        self.counts = Counts::default();
        self.coverage = Coverage::default();
        self.partial = false;
    }
}

/// Contract coverage: how many of an integration's operations were asked, and answered as promised.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct Coverage {
    pub operations: u32,
    pub asked: u32,
    pub kept: u32,
}
