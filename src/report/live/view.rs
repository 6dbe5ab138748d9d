//! A page without its frame: its parts, each with a name by which a newer one is put in its place.

use jiff::Timestamp;

use crate::domain::monitor::service_view::Overview;
use crate::domain::readiness::EnvironmentReadiness;

/// Which of the pages of the navigation it belongs to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Place {
    Services,
    Incidents,
    Readiness,
    Elsewhere,
}

/// A page without its frame.
#[derive(Clone, Debug)]
pub struct View {
    pub title: String,
    pub place: Place,
    /// All of it, with the parts in their places.
    pub body: String,
    pub parts: Vec<Part>,
}

/// A part of a page that changes by itself.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Part {
    /// The `id` of its one element.
    pub id: String,
    pub html: String,
}

/// What all pages are drawn from.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    pub overview: &'a Overview,
    /// Why what is shown may not be how it is.
    pub doubts: &'a [String],
    /// Of the environment that is watched; None where no ledger could be read.
    pub readiness: Option<&'a EnvironmentReadiness>,
    pub now: Timestamp,
    /// Anybody may look: what services answered is not shown.
    pub public: bool,
    /// Who looks may say that an incident was seen.
    pub may_acknowledge: bool,
}

/// Puts a part among the others, and returns its markup.
pub(super) fn part(parts: &mut Vec<Part>, id: impl Into<String>, html: String) -> String {
    parts.push(Part { id: id.into(), html: html.clone() });
    html
}
