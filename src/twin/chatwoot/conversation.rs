//! Conversations, in the forms in which Chatwoot shows them.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::twin::chatwoot::message::{Kind, Message};
use crate::twin::chatwoot::state::State;
use crate::twin::chatwoot::version::Version;
use crate::twin::kit::clock::iso_millis;

/// Where a conversation stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Status {
    Open,
    Resolved,
    Pending,
    Snoozed,
}

impl Status {
    pub const ALL: [Self; 4] = [Self::Open, Self::Resolved, Self::Pending, Self::Snoozed];

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Resolved => "resolved",
            Self::Pending => "pending",
            Self::Snoozed => "snoozed",
        }
    }
}

/// How urgent a conversation is, least first.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Priority {
    Low,
    Medium,
    High,
    Urgent,
}

impl Priority {
    const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Urgent];

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|priority| priority.as_str() == text)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Urgent => "urgent",
        }
    }
}

/// A conversation with all its messages.
#[derive(Clone, Debug)]
pub struct Conversation {
    /// The `display_id`, counted within the account: what REST and webhooks call `id`.
    pub id: u64,
    pub uuid: String,
    pub inbox: u64,
    pub contact: u64,
    pub contact_inbox: u64,
    pub status: Status,
    pub assignee: Option<u64>,
    pub assignee_bot: Option<u64>,
    pub team: Option<u64>,
    pub priority: Option<Priority>,
    pub labels: Vec<String>,
    pub additional_attributes: Map<String, Value>,
    pub custom_attributes: Map<String, Value>,
    pub snoozed_until: Option<Timestamp>,
    pub waiting_since: Option<Timestamp>,
    pub first_reply_created_at: Option<Timestamp>,
    pub agent_last_seen_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub last_activity_at: Timestamp,
    /// Oldest first.
    pub messages: Vec<Message>,
}

impl Conversation {
    /// Incoming messages since an agent last looked.
    pub fn unread_count(&self) -> usize {
        let seen = self.agent_last_seen_at;
        let unread =
            |message: &&Message| message.kind == Kind::Incoming && seen.is_none_or(|at| message.created_at > at);
        self.messages.iter().filter(unread).count()
    }

    pub fn message(&self, id: u64) -> Option<&Message> {
        self.messages.iter().find(|message| message.id == id)
    }

    /// `app/views/api/v1/conversations/partials/_conversation.json.jbuilder` of the community edition.
    pub fn view(&self, state: &State, version: Version) -> Value {
        let last = self.messages.last().map(|message| message.event_data(self, state));
        let last_non_activity = self.messages.iter().rev().find(|message| message.kind != Kind::Activity);
        let contact = state.contacts.get(&self.contact);
        json!({
            "meta": self.meta(state, version),
            "id": self.id,
            "messages": last.into_iter().collect::<Vec<_>>(),
            "account_id": state.account.id,
            "uuid": self.uuid,
            "additional_attributes": self.additional_attributes,
            "agent_last_seen_at": seconds(self.agent_last_seen_at),
            "assignee_last_seen_at": 0,
            "can_reply": true,
            "contact_last_seen_at": 0,
            "custom_attributes": self.custom_attributes,
            "inbox_id": self.inbox,
            "labels": self.labels,
            "muted": contact.is_some_and(|contact| contact.blocked),
            "snoozed_until": self.snoozed_until.map(iso_millis),
            "status": self.status.as_str(),
            "created_at": self.created_at.as_second(),
            "updated_at": fraction(self.updated_at),
            "timestamp": self.last_activity_at.as_second(),
            "first_reply_created_at": seconds(self.first_reply_created_at),
            "unread_count": self.unread_count(),
            "last_non_activity_message": last_non_activity.map(|message| message.event_data(self, state)),
            "last_activity_at": self.last_activity_at.as_second(),
            "priority": self.priority.map(Priority::as_str),
            "waiting_since": seconds(self.waiting_since),
            "sla_policy_id": null,
        })
    }

    /// `assignee`, `assignee_type` and `team` are absent, not null, when there is none.
    fn meta(&self, state: &State, version: Version) -> Value {
        let mut meta = json!({
            "sender": state.contacts.get(&self.contact).map(super::contact::Contact::view),
            "channel": state.inbox(self.inbox).map(|inbox| inbox.channel.as_str()),
        });
        let bot = self.assignee_bot.and_then(|id| state.bot(id)).map(|bot| ("AgentBot", bot.slim()));
        let user =
            self.assignee.and_then(|id| state.user(id)).map(|user| ("User", user.agent(&state.account, version)));
        if let Some((kind, assignee)) = bot.or(user) {
            meta["assignee"] = assignee;
            if version.has_bot_assignees() {
                meta["assignee_type"] = kind.into();
            }
        }
        if let Some(team) = self.team.and_then(|id| state.team(id)) {
            meta["team"] = team.view(&state.account, self.assignee);
        }
        meta["hmac_verified"] = false.into();
        meta
    }

    /// `Conversations::EventDataPresenter#webhook_data`: its message is the last public one, whatever else came since.
    pub fn webhook_data(&self, state: &State, version: Version) -> Value {
        let last = self.messages.iter().rev().find(|message| message.is_chat());
        let mut data = json!({
            "additional_attributes": self.additional_attributes,
            "can_reply": true,
            "channel": state.inbox(self.inbox).map(|inbox| inbox.channel.as_str()),
            "contact_inbox": state.contact_inbox(self.contact_inbox).map(super::contact::ContactInbox::record),
            "id": self.id,
            "inbox_id": self.inbox,
            "messages": last.map(|message| message.event_data(self, state)).into_iter().collect::<Vec<_>>(),
            "labels": self.labels,
            "meta": self.webhook_meta(state, version),
            "status": self.status.as_str(),
            "custom_attributes": self.custom_attributes,
            "snoozed_until": self.snoozed_until.map(iso_millis),
            "unread_count": self.unread_count(),
            "first_reply_created_at": self.first_reply_created_at.map(iso_millis),
            "priority": self.priority.map(Priority::as_str),
            "waiting_since": seconds(self.waiting_since),
            "agent_last_seen_at": seconds(self.agent_last_seen_at),
            "contact_last_seen_at": 0,
            "last_activity_at": self.last_activity_at.as_second(),
            "timestamp": self.last_activity_at.as_second(),
            "created_at": self.created_at.as_second(),
            "updated_at": fraction(self.updated_at),
        });
        if version.signs_webhooks() {
            data["account"] = state.account.webhook_data();
        }
        data
    }

    fn webhook_meta(&self, state: &State, version: Version) -> Value {
        let bot = self.assignee_bot.and_then(|id| state.bot(id)).map(|bot| ("AgentBot", bot.event_data()));
        let user = self.assignee.and_then(|id| state.user(id)).map(|user| ("User", user.event_data()));
        let (kind, assignee) = bot.or(user).unzip();
        let mut meta = json!({
            "sender": state.contacts.get(&self.contact).map(super::contact::Contact::event_data),
            "assignee": assignee,
        });
        if version.has_bot_assignees() {
            meta["assignee_type"] = kind.into();
        }
        meta["team"] = self.team.and_then(|id| state.team(id)).map(super::team::Team::event_data).into();
        meta["hmac_verified"] = false.into();
        meta
    }

    /// The columns whose change is an update that webhooks are told of (`Conversation#list_of_keys`), as Rails writes them.
    pub fn tracked(&self) -> [(&'static str, Value); 10] {
        [
            ("status", self.status.as_str().into()),
            ("assignee_id", self.assignee.into()),
            ("assignee_agent_bot_id", self.assignee_bot.into()),
            ("team_id", self.team.into()),
            ("priority", self.priority.map(Priority::as_str).into()),
            ("snoozed_until", self.snoozed_until.map(iso_millis).into()),
            ("custom_attributes", Value::Object(self.custom_attributes.clone())),
            ("label_list", self.labels.clone().into()),
            ("waiting_since", self.waiting_since.map(iso_millis).into()),
            ("first_reply_created_at", self.first_reply_created_at.map(iso_millis).into()),
        ]
    }
}

/// Ruby's `to_i`: seconds, and 0 for nil.
fn seconds(at: Option<Timestamp>) -> i64 {
    at.map_or(0, Timestamp::as_second)
}

/// Ruby's `to_f`: seconds with their fraction.
fn fraction(at: Timestamp) -> f64 {
    at.as_duration().as_secs_f64()
}
