//! The body of an event: the workspace's own fixture, or one that is made as the vendor makes it.

use bytes::Bytes;
use jiff::Timestamp;

use crate::adapter::workspace::Workspace;
use crate::domain::nearest::nearest;
use crate::engine::webhook::topics::known;
use crate::wire::webhook::payload;
use crate::wire::webhook::scheme::Scheme;

/// There is no body for an event.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NoPayload {
    #[error("{scheme} has no event `{event}`")]
    NoEvent { scheme: String, event: String, nearest: Option<String> },
    #[error("no body is known for `{event}` of {scheme}")]
    Unknown { scheme: String, event: String, nearest: Option<String> },
}

impl NoPayload {
    /// What to do about it.
    pub fn hint(&self) -> String {
        let (Self::NoEvent { nearest, scheme, .. } | Self::Unknown { nearest, scheme, .. }) = self;
        match (self, nearest) {
            (_, Some(near)) => format!("did you mean `{near}`?"),
            (Self::NoEvent { .. }, None) => format!("`preflight webhook topics --scheme {scheme}` lists them"),
            (Self::Unknown { .. }, None) => "give one with --event FILE".to_owned(),
        }
    }
}

/// The body, and where it came from.
///
/// # Errors
/// The scheme has no such event, or no body of it is known.
pub fn body(workspace: &Workspace, scheme: &Scheme, event: &str, at: Timestamp) -> Result<(Bytes, String), NoPayload> {
    let dashed: String =
        event.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' }).collect();
    let wanted = format!("{}-{dashed}.json", scheme.name);
    for contract in workspace.contracts.values() {
        if let Some(body) = contract.fixtures.get(&wanted) {
            return Ok((body.clone(), format!("fixtures/{}/{wanted}", contract.name)));
        }
    }
    let known = known(workspace, scheme);
    let near = || nearest(event, known.names.iter().map(|topic| topic.name.as_str())).map(str::to_owned);
    let (name, event_name) = (scheme.name.to_string(), event.to_owned());
    if known.is_whole && !known.names.iter().any(|topic| topic.name == event) {
        return Err(NoPayload::NoEvent { scheme: name, event: event_name, nearest: near() });
    }
    match payload::of(scheme, event, at) {
        Some(body) => Ok((body, "made".to_owned())),
        None => Err(NoPayload::Unknown { scheme: name, event: event_name, nearest: near() }),
    }
}
