//! The four kinds of service that the users' health tables know.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a service is. The words are those of the users' tables.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Service {
    /// A server of the Model Context Protocol.
    Mcp,
    /// A third party's API.
    Api,
    /// An endpoint of the app itself that receives webhooks.
    Webhook,
    /// What the app runs on.
    Infrastructure,
}

impl Service {
    pub const ALL: [Self; 4] = [Self::Mcp, Self::Api, Self::Webhook, Self::Infrastructure];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mcp => "mcp",
            Self::Api => "api",
            Self::Webhook => "webhook",
            Self::Infrastructure => "infrastructure",
        }
    }
}

impl fmt::Display for Service {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}
