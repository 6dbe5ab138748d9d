//! The history of a monitor: what was heard, added up by minute, hour and day; failures in full; incidents; states.

mod schema;
mod sqlite;

use std::io;
use std::path::PathBuf;

pub use crate::adapter::history::sqlite::Sqlite;

use crate::domain::integration::Name;
use crate::domain::monitor::incident::Incident;
use crate::domain::monitor::pulse::Pulse;
use crate::domain::monitor::tally::{Tally, Unreadable};
use crate::domain::probe::run::ProbeRun;
use crate::domain::probe::service::Service;

/// Why the history cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    #[error("could not make {}", path.display())]
    Folder { path: PathBuf, source: io::Error },
    #[error("{} is of version {found}, and this program knows {known}: it was written by a newer one", path.display())]
    Newer { path: PathBuf, found: i64, known: i64 },
    #[error("{} is no history of a monitor, or it is damaged", path.display())]
    Damaged { path: PathBuf, source: rusqlite::Error },
    #[error("{} is held by another program", path.display())]
    Locked { path: PathBuf, source: rusqlite::Error },
    #[error("there is no room left to write {}", path.display())]
    Full { path: PathBuf, source: rusqlite::Error },
    #[error("{} was deleted while it was in use", path.display())]
    Gone { path: PathBuf },
    #[error("could not use {}", path.display())]
    Other { path: PathBuf, source: rusqlite::Error },
    #[error("a row of {} for {service} cannot be read", path.display())]
    Row { path: PathBuf, service: String, source: Unreadable },
    #[error("{what} in {} cannot be read", path.display())]
    Document { path: PathBuf, what: String, source: serde_json::Error },
}

impl HistoryError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Newer { .. } => "use the newer program, or name another file with --history",
            Self::Damaged { .. } | Self::Row { .. } | Self::Document { .. } => {
                "it was left as it is: name another file with --history, or move it away"
            }
            Self::Locked { .. } => "another monitor may be using it: end it, or name another file with --history",
            Self::Full { .. } => "make room on the disk",
            Self::Folder { .. } | Self::Gone { .. } | Self::Other { .. } => return None,
        };
        Some(hint.to_owned())
    }
}

/// What is written together, or not at all.
#[derive(Default)]
pub struct Batch {
    /// Minutes that are over, or so far: they are added to what stands there.
    pub minutes: Vec<Minute>,
    pub failures: Vec<Failure>,
    pub pulses: Vec<(Name, Pulse)>,
    pub incidents: Vec<Incident>,
}

/// What was heard of a service within a minute.
pub struct Minute {
    pub probe: Name,
    pub service: Service,
    /// Its beginning, in seconds since 1970.
    pub start: i64,
    pub tally: Tally,
}

/// A bad run, in full and redacted.
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
