//! What a flip needs done outside: the order of the phases is decided without it.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use crate::domain::record::{ContractRun, Outcome};
use crate::engine::flip::journal::Journal;

/// What came of one thing that was done.
#[derive(Clone, Debug)]
pub struct Said {
    pub outcome: Outcome,
    /// One sentence.
    pub told: String,
    /// What it rests on, a line each; redacted.
    pub seen: Vec<String>,
    /// The contract that was run for it.
    pub contract: Option<Box<ContractRun>>,
}

impl Said {
    fn of(outcome: Outcome, told: impl Into<String>) -> Self {
        Self { outcome, told: told.into(), seen: Vec::new(), contract: None }
    }

    pub fn kept(told: impl Into<String>) -> Self {
        Self::of(Outcome::Kept, told)
    }

    pub fn broken(told: impl Into<String>) -> Self {
        Self::of(Outcome::Broken, told)
    }

    pub fn unasked(told: impl Into<String>) -> Self {
        Self::of(Outcome::Unasked, told)
    }

    #[must_use]
    pub fn seeing(mut self, seen: impl IntoIterator<Item = String>) -> Self {
        self.seen.extend(seen);
        self
    }

    /// The same grounds with another end.
    #[must_use]
    pub fn but(self, outcome: Outcome, told: impl Into<String>) -> Self {
        Self { outcome, told: told.into(), ..self }
    }
}

/// An answer of the consumer to one safe request.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    /// Redacted; null where the body is no JSON.
    pub body: Value,
    /// What the canary's schema does not allow in the canary's own answer; redacted.
    pub flaw: Option<String>,
}

/// What a client of the flag store is told.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Evaluated {
    On,
    Off,
    /// The store takes values and gives none back: the consumer alone can tell.
    Hidden,
    /// With the reason.
    Unknown(String),
}

/// What was done to switch a flag.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Switched {
    /// One sentence.
    pub told: String,
    /// A person was asked to do it, so it is not done yet.
    pub by_hand: bool,
}

/// Why a flag was not switched, and what a person has to do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Unswitched {
    pub told: String,
    /// Surely nothing was written: somebody else changed the store since it was looked at.
    pub changed_meanwhile: bool,
}

/// One of the app's parsers, and what it makes of the text that a store keeps.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Reader {
    pub parser: String,
    pub place: String,
    pub sees: Evaluated,
}

/// The outside of a flip. Everything that it returns is redacted.
pub trait Hands {
    fn now(&self) -> Timestamp;

    /// Lets time pass; returns early when the user asks for the end.
    fn pause(&mut self, time: Duration) -> impl Future<Output = ()>;

    /// The user asked for the end.
    fn is_halted(&self) -> bool;

    /// Whether prerequisites, policy and approval allow it.
    fn gate(&mut self) -> impl Future<Output = Said>;

    /// Runs the consumer's contract with the flag on or off; safe requests only.
    fn contract(&mut self, on: bool) -> impl Future<Output = Said>;

    /// Sends one safe request (`GET /path`), and says how long the answer took or why there is none.
    fn ask(&mut self, request: &str) -> impl Future<Output = (Result<Answer, String>, Duration)>;

    /// What the store's clients are told of the flag now.
    fn evaluate(&mut self) -> impl Future<Output = Evaluated>;

    /// What each parser that reads the flag makes of the store's text now; empty where the store evaluates by itself.
    fn readers(&mut self) -> impl Future<Output = Vec<Reader>>;

    /// Switches the flag in its store, under every name that it has. On only where the store is still what it was when
    /// it was last evaluated; off whatever it is.
    ///
    /// # Errors
    /// It could not.
    fn switch(&mut self, on: bool) -> impl Future<Output = Result<Switched, Unswitched>>;

    /// Keeps how far it is, so that a crash is no silence.
    ///
    /// # Errors
    /// It cannot be written: then nothing is switched.
    fn keep(&mut self, journal: &Journal) -> Result<(), String>;

    /// Tells the user about a phase that begins or has ended.
    fn tell(&mut self, line: &str);
}
