//! Where a contract runs.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Who answers the requests of a run.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Target {
    /// Our stateful model of the vendor.
    #[default]
    Twin,
    /// The vendor's own server.
    Live,
    /// Recorded answers.
    Replay,
}

impl Target {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Twin => "twin",
            Self::Live => "live",
            Self::Replay => "replay",
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}
