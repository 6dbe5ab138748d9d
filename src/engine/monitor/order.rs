//! What others may ask of a monitor that is under way: how all is, and to note that a person has seen an incident.

use std::collections::BTreeMap;

use jiff::Timestamp;
use tokio::sync::oneshot;

use crate::domain::integration::Name;
use crate::domain::monitor::incident::Incident;
use crate::domain::monitor::traffic::Quota;
use crate::domain::probe::thresholds::Health;

/// Orders that wait at the same time, before who gives another one has to wait.
pub const WAITING: usize = 64;

/// One order, with where its answer goes.
#[derive(Debug)]
pub enum Order {
    Look(oneshot::Sender<Glance>),
    /// The incident as it is now; None where there is none open by that name that nobody had seen.
    Acknowledge {
        id: String,
        by: String,
        done: oneshot::Sender<Option<Incident>>,
    },
}

/// Everything that is known right now, before it is written.
#[derive(Clone, Debug)]
pub struct Glance {
    pub at: Timestamp,
    pub services: BTreeMap<Name, Sight>,
    pub open: Vec<Incident>,
    /// The history cannot be written; what is heard is kept until it can.
    pub unwritten: bool,
    pub runs: u64,
}

/// One service, right now.
#[derive(Clone, Debug)]
pub struct Sight {
    pub health: Health,
    pub since: Timestamp,
    pub heard: Option<Timestamp>,
    /// As it was announced last.
    pub quota: Option<Quota>,
}
