//! Messages, in the three forms in which Chatwoot shows them.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::twin::chatwoot::conversation::Conversation;
use crate::twin::chatwoot::state::State;
use crate::twin::chatwoot::version::Version;
use crate::twin::kit::clock::iso_millis;

/// Who says it, and whether it is said at all. A number in REST, a word in webhooks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// The customer's.
    Incoming,
    /// Ours, public or private.
    Outgoing,
    /// What happened to the conversation.
    Activity,
    /// Sent by a rule.
    Template,
}

impl Kind {
    pub const ALL: [Self; 4] = [Self::Incoming, Self::Outgoing, Self::Activity, Self::Template];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Incoming => "incoming",
            Self::Outgoing => "outgoing",
            Self::Activity => "activity",
            Self::Template => "template",
        }
    }

    pub fn as_number(self) -> u8 {
        match self {
            Self::Incoming => 0,
            Self::Outgoing => 1,
            Self::Activity => 2,
            Self::Template => 3,
        }
    }
}

/// How far a message has come.
pub const STATUSES: [&str; 4] = ["sent", "delivered", "read", "failed"];

/// Who sent a message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Sender {
    Contact(u64),
    User(u64),
    Bot(u64),
}

/// One message of a conversation.
#[derive(Clone, Debug)]
pub struct Message {
    /// Counted over the whole installation.
    pub id: u64,
    pub kind: Kind,
    pub content: Option<String>,
    pub content_type: String,
    pub content_attributes: Map<String, Value>,
    pub additional_attributes: Map<String, Value>,
    /// One of [`STATUSES`].
    pub status: String,
    /// A note for colleagues.
    pub private: bool,
    pub source_id: Option<String>,
    pub sender: Option<Sender>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Message {
    /// A new text.
    pub fn new(id: u64, kind: Kind, content: Option<String>, sender: Option<Sender>, now: Timestamp) -> Self {
        Self {
            id,
            kind,
            content,
            content_type: "text".to_owned(),
            content_attributes: Map::new(),
            additional_attributes: Map::new(),
            status: "sent".to_owned(),
            private: false,
            source_id: None,
            sender,
            created_at: now,
            updated_at: now,
        }
    }

    /// Public and not an activity: what the customer sees (`Message.chat`).
    pub fn is_chat(&self) -> bool {
        self.kind != Kind::Activity && !self.private
    }

    /// Activities are not sent to webhooks; private notes are (`Message#webhook_sendable?`).
    pub fn is_sent_to_webhooks(&self) -> bool {
        self.kind != Kind::Activity
    }

    /// `app/views/api/v1/models/_message.json.jbuilder`
    pub fn view(&self, conversation: &Conversation, state: &State, echo_id: Option<&str>) -> Value {
        let mut message = json!({
            "id": self.id,
            "content": self.content,
            "inbox_id": conversation.inbox,
        });
        if let Some(echo) = echo_id {
            message["echo_id"] = echo.into();
        }
        let rest = json!({
            "conversation_id": conversation.id,
            "message_type": self.kind.as_number(),
            "content_type": self.content_type,
            "status": self.status,
            "content_attributes": self.content_attributes,
            "created_at": self.created_at.as_second(),
            "private": self.private,
            "source_id": self.source_id,
        });
        if let (Value::Object(message), Value::Object(rest)) = (&mut message, rest) {
            message.extend(rest);
        }
        if let Some(sender) = self.sender_event_data(state) {
            message["sender"] = sender;
        }
        message
    }

    /// `Message#push_event_data`: every column of the record and a word on its conversation.
    pub fn event_data(&self, conversation: &Conversation, state: &State) -> Value {
        let (sender_type, sender_id) = match self.sender {
            Some(Sender::Contact(id)) => (Some("Contact"), Some(id)),
            Some(Sender::User(id)) => (Some("User"), Some(id)),
            Some(Sender::Bot(id)) => (Some("AgentBot"), Some(id)),
            None => (None, None),
        };
        let mut message = json!({
            "id": self.id,
            "content": self.content,
            "account_id": state.account.id,
            "inbox_id": conversation.inbox,
            "conversation_id": conversation.id,
            "message_type": self.kind.as_number(),
            "created_at": self.created_at.as_second(),
            "updated_at": iso_millis(self.updated_at),
            "private": self.private,
            "status": self.status,
            "source_id": self.source_id,
            "content_type": self.content_type,
            "content_attributes": self.content_attributes,
            "sender_type": sender_type,
            "sender_id": sender_id,
            "external_source_ids": {},
            "additional_attributes": self.additional_attributes,
            "processed_message_content": self.content,
            "sentiment": {},
            "conversation": {
                "assignee_id": conversation.assignee,
                "unread_count": conversation.unread_count(),
                "last_activity_at": conversation.last_activity_at.as_second(),
                "contact_inbox": { "source_id": state.source_id(conversation) },
            },
        });
        if let Some(sender) = self.sender_event_data(state) {
            message["sender"] = sender;
        }
        message
    }

    fn sender_event_data(&self, state: &State) -> Option<Value> {
        match self.sender? {
            Sender::Contact(id) => state.contacts.get(&id).map(super::contact::Contact::event_data),
            Sender::User(id) => state.user(id).map(super::user::User::event_data),
            Sender::Bot(id) => state.bot(id).map(super::bot::Bot::event_data),
        }
    }

    /// `Message#webhook_data`: the type is a word here and the time is written out.
    pub fn webhook_data(&self, conversation: &Conversation, state: &State, version: Version) -> Value {
        let sender = self.sender.and_then(|sender| match sender {
            Sender::Contact(id) => state.contacts.get(&id).map(|contact| contact.webhook_data(state)),
            Sender::User(id) => state.user(id).map(super::user::User::webhook_data),
            Sender::Bot(id) => state.bot(id).map(super::bot::Bot::webhook_data),
        });
        json!({
            "account": state.account.webhook_data(),
            "additional_attributes": self.additional_attributes,
            "content_attributes": self.content_attributes,
            "content_type": self.content_type,
            "content": self.webhook_content(version),
            "conversation": conversation.webhook_data(state, version),
            "created_at": iso_millis(self.created_at),
            "id": self.id,
            "inbox": state.inbox(conversation.inbox).map(super::inbox::Inbox::webhook_data),
            "message_type": self.kind.as_str(),
            "private": self.private,
            "sender": sender,
            "source_id": self.source_id,
        })
    }

    /// Hard line breaks of the editor become plain ones, and the last ones go (`Messages::WebhookContentNormalizer`).
    fn webhook_content(&self, version: Version) -> Option<String> {
        let content = self.content.as_ref()?;
        if !version.signs_webhooks() {
            return Some(content.clone());
        }
        Some(content.replace("\\\r\n", "\n").replace("\\\n", "\n").trim_end_matches(['\r', '\n']).to_owned())
    }
}
