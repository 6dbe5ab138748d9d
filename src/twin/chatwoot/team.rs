//! Teams of agents.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::twin::chatwoot::state::Account;
use crate::twin::kit::clock::iso_millis;

/// A team. It never assigns by itself here (`allow_auto_assign` is false).
#[derive(Clone, Debug)]
pub struct Team {
    pub id: u64,
    /// Always in lower case.
    pub name: String,
    pub description: String,
    pub members: Vec<u64>,
    pub created_at: Timestamp,
}

impl Team {
    /// `app/views/api/v1/models/_team.json.jbuilder`
    pub fn view(&self, account: &Account, user: Option<u64>) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "description": self.description,
            "allow_auto_assign": false,
            "account_id": account.id,
            "is_member": user.is_some_and(|user| self.members.contains(&user)),
        })
    }

    /// The record as Rails serialises it: what an assignment to a team answers.
    pub fn record(&self, account: &Account) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "description": self.description,
            "allow_auto_assign": false,
            "account_id": account.id,
            "created_at": iso_millis(self.created_at),
            "updated_at": iso_millis(self.created_at),
        })
    }

    /// `Team#push_event_data`
    pub fn event_data(&self) -> Value {
        json!({ "id": self.id, "name": self.name })
    }
}
