//! What the installation knows: one account in full, and the ids of others.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::twin::chatwoot::bot::Bot;
use crate::twin::chatwoot::contact::{Contact, ContactInbox};
use crate::twin::chatwoot::conversation::Conversation;
use crate::twin::chatwoot::inbox::Inbox;
use crate::twin::chatwoot::label::Label;
use crate::twin::chatwoot::team::Team;
use crate::twin::chatwoot::user::User;
use crate::twin::chatwoot::webhook::Webhook;
use crate::twin::kit::ids::Ids;

/// An account of the installation.
#[derive(Clone, Debug)]
pub struct Account {
    pub id: u64,
    pub name: String,
    pub created_at: Timestamp,
}

impl Account {
    /// `Account#webhook_data`
    pub fn webhook_data(&self) -> Value {
        json!({ "id": self.id, "name": self.name })
    }
}

/// Everything that a request may read or change.
#[derive(Clone, Debug)]
pub struct State {
    pub account: Account,
    /// Accounts that exist and that nobody here is a member of.
    pub other_accounts: Vec<u64>,
    pub users: Vec<User>,
    pub bots: Vec<Bot>,
    pub teams: Vec<Team>,
    pub inboxes: Vec<Inbox>,
    pub labels: Vec<Label>,
    pub webhooks: Vec<Webhook>,
    pub contacts: BTreeMap<u64, Contact>,
    pub contact_inboxes: Vec<ContactInbox>,
    /// By `display_id`.
    pub conversations: BTreeMap<u64, Conversation>,
    pub ids: Ids,
    /// The last message id that was given.
    pub last_message: u64,
}

impl State {
    pub fn user(&self, id: u64) -> Option<&User> {
        self.users.iter().find(|user| user.id == id)
    }

    pub fn bot(&self, id: u64) -> Option<&Bot> {
        self.bots.iter().find(|bot| bot.id == id)
    }

    pub fn team(&self, id: u64) -> Option<&Team> {
        self.teams.iter().find(|team| team.id == id)
    }

    pub fn inbox(&self, id: u64) -> Option<&Inbox> {
        self.inboxes.iter().find(|inbox| inbox.id == id)
    }

    pub fn contact_inbox(&self, id: u64) -> Option<&ContactInbox> {
        self.contact_inboxes.iter().find(|session| session.id == id)
    }

    /// The customer's id in the channel of a conversation.
    pub fn source_id(&self, conversation: &Conversation) -> Option<&str> {
        self.contact_inbox(conversation.contact_inbox).map(|session| session.source_id.as_str())
    }

    pub fn next_message(&mut self) -> u64 {
        self.last_message += 1;
        self.last_message
    }

    /// The id after the last one of a sequence.
    pub fn after(ids: impl Iterator<Item = u64>) -> u64 {
        ids.max().unwrap_or(0) + 1
    }
}
