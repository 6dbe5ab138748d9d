//! Why a history cannot be read or written, and what to do about it.

use std::io;
use std::path::PathBuf;

use crate::adapter::history::batch::Batch;
use crate::domain::monitor::latencies::Unreadable;

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
    #[error("no thread can be had for {}", path.display())]
    Thread { path: PathBuf, source: io::Error },
    #[error("the thread that uses {} has ended", path.display())]
    Ended { path: PathBuf },
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
            Self::Ended { .. } => "this is a defect of preflight: start it again, nothing that was written is lost",
            Self::Folder { .. } | Self::Gone { .. } | Self::Other { .. } | Self::Thread { .. } => return None,
        };
        Some(hint.to_owned())
    }
}

/// What could not be written, given back, and why.
#[derive(Debug)]
pub struct Unwritten {
    pub batch: Batch,
    pub error: HistoryError,
}
