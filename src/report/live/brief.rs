//! An incident as lists of them tell it.

use std::fmt::Write as _;

use jiff::Timestamp;

use crate::domain::integration::Name;
use crate::domain::monitor::incident::{Incident, Severity};
use crate::report::live::words;

/// An incident, at one moment.
pub struct Brief<'a> {
    pub incident: &'a Incident,
    pub now: Timestamp,
}

impl<'a> Brief<'a> {
    /// Of all that, the newest first; those that are open stand before those that are over.
    pub fn all(incidents: impl IntoIterator<Item = &'a Incident>, now: Timestamp) -> Vec<Self> {
        let mut all: Vec<Self> = incidents.into_iter().map(|incident| Self { incident, now }).collect();
        all.sort_by_key(|brief| (!brief.is_open(), std::cmp::Reverse(brief.incident.opened)));
        all
    }

    pub fn is_open(&self) -> bool {
        self.incident.resolved.is_none()
    }

    pub fn letter(&self) -> &'static str {
        match (self.incident.resolved, self.incident.severity) {
            (Some(_), _) => "n",
            (None, Severity::Critical) => "f",
            (None, Severity::Warning) => "g",
        }
    }

    pub fn severity(&self) -> &'static str {
        match self.incident.severity {
            Severity::Critical => "critical",
            Severity::Warning => "warning",
        }
    }

    /// `open`, `seen`, `over`.
    pub fn status(&self) -> &'static str {
        match (self.incident.resolved, &self.incident.acknowledged) {
            (Some(_), _) => "over",
            (None, Some(_)) => "seen",
            (None, None) => "open",
        }
    }

    pub fn opened(&self) -> String {
        words::at(self.incident.opened)
    }

    /// How long it lasts, or lasted until the service was well.
    pub fn lasted(&self) -> String {
        let end = self.incident.resolved.map_or(self.now, |resolved| self.incident.recovered.unwrap_or(resolved));
        words::long_span(end.duration_since(self.incident.opened))
    }

    /// How long nobody had seen it; None where nobody has.
    pub fn seen_after(&self) -> Option<String> {
        self.incident.time_to_acknowledge().map(words::long_span)
    }

    /// Services that fail with it, and how often it came back.
    pub fn besides(&self) -> String {
        let mut told = String::new();
        let affected: Vec<&str> = self.incident.affected.iter().map(Name::as_str).collect();
        if !affected.is_empty() {
            let _ = write!(told, " · with it {}", affected.join(", "));
        }
        match self.incident.relapses {
            0 => {}
            1 => told.push_str(" · came back once"),
            times => {
                let _ = write!(told, " · came back {times} times");
            }
        }
        told
    }
}
