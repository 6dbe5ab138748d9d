//! Users of the account: administrators and agents.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::twin::chatwoot::state::Account;
use crate::twin::chatwoot::version::Version;
use crate::twin::kit::clock::iso_millis;

/// What a user may do in the account.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Sees everything.
    Administrator,
    /// Sees the inboxes that it is a member of.
    Agent,
}

impl Role {
    fn as_str(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Agent => "agent",
        }
    }
}

/// A person with a login.
#[derive(Clone, Debug)]
pub struct User {
    pub id: u64,
    pub name: String,
    pub email: String,
    pub role: Role,
    /// The `api_access_token`.
    pub token: String,
    pub pubsub_token: String,
    /// Inboxes that an agent is a member of.
    pub inboxes: Vec<u64>,
    pub active_at: Timestamp,
}

impl User {
    pub fn is_administrator(&self) -> bool {
        self.role == Role::Administrator
    }

    pub fn sees_inbox(&self, inbox: u64) -> bool {
        self.is_administrator() || self.inboxes.contains(&inbox)
    }

    /// `app/views/api/v1/models/_agent.json.jbuilder`
    pub fn agent(&self, account: &Account, version: Version) -> Value {
        let mut agent = json!({
            "id": self.id,
            "account_id": account.id,
            "availability_status": "online",
            "auto_offline": false,
            "confirmed": true,
            "email": self.email,
            "available_name": self.name,
            "name": self.name,
            "role": self.role.as_str(),
            "thumbnail": "",
        });
        if version.has_bot_assignees() {
            agent["provider"] = "email".into();
        }
        agent
    }

    /// `User#push_event_data`: the sender of a message, the assignee in a webhook.
    pub fn event_data(&self) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "available_name": self.name,
            "avatar_url": "",
            "type": "user",
            "availability_status": "online",
            "thumbnail": "",
        })
    }

    /// `User#webhook_data`
    pub fn webhook_data(&self) -> Value {
        json!({ "id": self.id, "name": self.name, "email": self.email, "type": "user" })
    }

    /// `app/views/api/v1/models/_user.json.jbuilder`: it shows the access token itself.
    pub fn profile(&self, account: &Account, suspended: bool, version: Version) -> Value {
        let mut membership = json!({
            "id": account.id,
            "name": account.name,
            "status": if suspended { "suspended" } else { "active" },
            "active_at": iso_millis(self.active_at),
            "role": self.role.as_str(),
            "permissions": [self.role.as_str()],
            "availability": "online",
            "availability_status": "online",
            "auto_offline": false,
        });
        if version == Version::V4_15_1 {
            membership["onboarding_step"] = Value::Null;
        }
        json!({
            "access_token": self.token,
            "account_id": account.id,
            "available_name": self.name,
            "avatar_url": "",
            "confirmed": true,
            "display_name": null,
            "message_signature": null,
            "email": self.email,
            "id": self.id,
            "inviter_id": null,
            "name": self.name,
            "provider": "email",
            "pubsub_token": self.pubsub_token,
            "role": self.role.as_str(),
            "ui_settings": {},
            "uid": self.email,
            "type": null,
            "accounts": [membership],
        })
    }
}
