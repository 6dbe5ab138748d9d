//! What a history is given to write, and a failure as it comes back.

use crate::domain::alert::case::Case;
use crate::domain::alert::letter::Letter;
use crate::domain::integration::Name;
use crate::domain::monitor::incident::Incident;
use crate::domain::monitor::pulse::Pulse;
use crate::domain::monitor::tally::Tally;
use crate::domain::monitor::traffic::{Calls, Deliveries};
use crate::domain::probe::run::ProbeRun;
use crate::domain::probe::service::Service;

/// What is written together, or not at all.
#[derive(Debug, Default)]
pub struct Batch {
    /// Minutes that are over, or so far: they are added to what stands there.
    pub minutes: Vec<Minute>,
    pub failures: Vec<Failure>,
    pub pulses: Vec<(Name, Pulse)>,
    pub incidents: Vec<Incident>,
    /// Added to what stands there, as minutes are.
    pub calls: Vec<Hour<Calls>>,
    pub deliveries: Vec<Hour<Deliveries>>,
    /// What is wrong, as alerts tell it.
    pub cases: Vec<Case>,
    /// Alerts that are to be sent: in one transaction with what they tell of.
    pub letters: Vec<Letter>,
}

/// What was heard of a service within a minute.
#[derive(Debug)]
pub struct Minute {
    pub probe: Name,
    pub service: Service,
    /// Its beginning, in seconds since 1970.
    pub start: i64,
    pub tally: Tally,
}

/// What was counted of a service within an hour.
#[derive(Debug)]
pub struct Hour<T> {
    pub probe: Name,
    /// Its beginning, in seconds since 1970.
    pub start: i64,
    pub sum: T,
}

/// A bad run, in full and redacted.
#[derive(Debug)]
pub struct Failure {
    /// What makes it the same as another one: step, outcome, and what was found.
    pub print: String,
    pub run: ProbeRun,
}

/// A bad run as it is kept, with how often the same was seen within the hour.
#[derive(Debug)]
pub struct KeptFailure {
    pub run: ProbeRun,
    pub times: u64,
    /// Seconds since 1970.
    pub last: i64,
}
