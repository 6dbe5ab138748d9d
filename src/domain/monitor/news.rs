//! Something that a person who watches services wants to know.

use crate::domain::alert::letter::Letter;
use crate::domain::integration::Name;
use crate::domain::monitor::incident::{Incident, Turn};
use crate::domain::monitor::pulse::Change;

#[derive(Clone, Debug)]
pub enum News {
    State {
        probe: Name,
        change: Change,
    },
    Incident {
        turn: Turn,
        incident: Incident,
    },
    /// An alert was written down, to be sent.
    Alert(Box<Letter>),
}

impl News {
    /// The incident that it is about.
    pub fn incident(self) -> Option<Incident> {
        match self {
            Self::Incident { incident, .. } => Some(incident),
            Self::State { .. } | Self::Alert(_) => None,
        }
    }
}
