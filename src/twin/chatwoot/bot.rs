//! Agent bots: programs that hold a token of their own.

use serde_json::{Value, json};

/// An agent bot.
#[derive(Clone, Debug)]
pub struct Bot {
    pub id: u64,
    pub name: String,
    pub description: String,
    /// The `api_access_token`.
    pub token: String,
    /// The account that it belongs to.
    pub account: u64,
}

impl Bot {
    /// `app/views/api/v1/models/_agent_bot_slim.json.jbuilder`
    pub fn slim(&self) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "description": self.description,
            "thumbnail": "",
            "outgoing_url": null,
            "bot_type": "webhook",
        })
    }

    /// `AgentBot#push_event_data`
    pub fn event_data(&self) -> Value {
        json!({ "id": self.id, "name": self.name, "avatar_url": "", "type": "agent_bot" })
    }

    /// `AgentBot#webhook_data`
    pub fn webhook_data(&self) -> Value {
        json!({ "id": self.id, "name": self.name, "type": "agent_bot" })
    }
}
