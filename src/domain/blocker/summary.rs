//! A blocker as programs and people are told of it.

use jiff::Timestamp;
use serde::Serialize;

use crate::domain::blocker::case::Case;
use crate::domain::blocker::ladder::{self, Step};
use crate::domain::blocker::overdue::Due;
use crate::domain::moment::Moment;

/// The version of the list's format.
pub const VERSION: u32 = 1;

/// All blockers that were asked for.
#[derive(Clone, Debug, Serialize)]
pub struct List {
    pub version: u32,
    pub workspace: String,
    pub judged: Timestamp,
    /// The environment that was asked for; absent for all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    pub blockers: Vec<Summary>,
}

/// One blocker as it stands at a time.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    pub ticket: String,
    pub integration: String,
    /// All when empty.
    pub environments: Vec<String>,
    pub title: String,
    pub owner: String,
    pub opened: Moment,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolved: Option<Moment>,
    pub open: bool,
    /// Whole minutes past the due date, while it is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overdue_minutes: Option<i64>,
    pub deliverables: Vec<String>,
    /// In order of time.
    pub attempts: Vec<Tried>,
    /// How many of them have a time, an author and evidence.
    pub documented: usize,
    pub ladder: Vec<String>,
    /// The highest rung that was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rung: Option<String>,
    /// While it is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Step>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Declarations about it that count for nothing, and why.
    pub doubts: Vec<String>,
}

/// An attempt.
#[derive(Clone, Debug, Serialize)]
pub struct Tried {
    pub at: Moment,
    pub what: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rung: Option<String>,
    pub evidence: Vec<String>,
    pub documented: bool,
}

impl Summary {
    pub fn of(case: &Case, now: Timestamp) -> Self {
        let blocker = &case.blocker;
        let open = case.is_open(now);
        let late = match Due::of(blocker.due, now) {
            Due::Overdue(minutes) if open => Some(minutes),
            _ => None,
        };
        let tried = blocker.attempts.iter().map(|attempt| Tried {
            at: attempt.at,
            what: attempt.what.clone(),
            by: attempt.by.clone(),
            rung: attempt.rung.clone(),
            evidence: attempt.evidence.clone(),
            documented: attempt.is_documented(),
        });
        Self {
            ticket: case.ticket.clone(),
            integration: blocker.integration.clone(),
            environments: blocker.environments.clone(),
            title: blocker.title.clone(),
            owner: blocker.owner.clone(),
            opened: blocker.opened,
            due: blocker.due,
            resolved: blocker.resolved,
            open,
            overdue_minutes: late,
            deliverables: blocker.deliverables.clone(),
            attempts: tried.collect(),
            documented: ladder::documented(blocker),
            ladder: blocker.ladder.clone(),
            rung: ladder::reached(blocker).and_then(|rung| blocker.ladder.get(rung).cloned()),
            next: open.then(|| ladder::next(blocker)),
            note: blocker.note.clone(),
            doubts: case.doubts.clone(),
        }
    }
}
