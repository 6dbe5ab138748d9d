//! `conversations.json`: what has been written.

use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::twin::chatwoot::contact::ContactInbox;
use crate::twin::chatwoot::conversation::{Conversation, Priority, Status};
use crate::twin::chatwoot::message::{Kind, Message, Sender};
use crate::twin::chatwoot::seed::before;
use crate::twin::chatwoot::state::State;

/// One of `conversations.json`: a conversation, or `times` of them that take the entries of each list in turn.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConversationSeed {
    #[serde(default = "once")]
    pub times: usize,
    inboxes: Vec<u64>,
    contacts: Vec<u64>,
    status: String,
    #[serde(default)]
    assignees: Vec<Option<u64>>,
    #[serde(default)]
    team: Option<u64>,
    #[serde(default)]
    priority: Option<String>,
    #[serde(default)]
    labels: Vec<Vec<String>>,
    #[serde(default)]
    custom_attributes: Map<String, Value>,
    /// How long before the start the last message came; each repetition is `minutes_apart` older.
    minutes_ago: u64,
    #[serde(default = "half_an_hour")]
    minutes_apart: u64,
    messages: Vec<MessageSeed>,
}

/// A message, or `times` of them a minute apart.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MessageSeed {
    /// `contact`, or the id of a user.
    from: Value,
    #[serde(default = "once")]
    times: usize,
    /// Taken in turn by the repetitions of the conversation.
    texts: Vec<String>,
    #[serde(default)]
    private: bool,
}

fn once() -> usize {
    1
}

fn half_an_hour() -> u64 {
    30
}

fn in_turn<T: Clone>(list: &[T], turn: usize) -> Option<T> {
    (!list.is_empty()).then(|| list[turn % list.len()].clone())
}

impl ConversationSeed {
    /// Adds the conversation of one turn with its messages.
    pub fn open(&self, state: &mut State, turn: usize, now: Timestamp) -> Result<(), String> {
        let inbox = in_turn(&self.inboxes, turn).ok_or("it has no inbox")?;
        let contact = in_turn(&self.contacts, turn).ok_or("it has no contact")?;
        if state.inbox(inbox).is_none() || !state.contacts.contains_key(&contact) {
            return Err(format!("there is no inbox {inbox} or no contact {contact}"));
        }
        let age = u64::try_from(turn).unwrap_or(0) * self.minutes_apart + self.minutes_ago;
        let count: usize = self.messages.iter().map(|message| message.times).sum();
        let last = before(now, age);
        let first = before(last, u64::try_from(count).unwrap_or(1).saturating_sub(1));
        let mut conversation = Conversation {
            id: State::after(state.conversations.keys().copied()),
            uuid: state.ids.uuid(),
            inbox,
            contact,
            contact_inbox: session(state, contact, inbox, first),
            status: Status::parse(&self.status).ok_or_else(|| format!("no status is `{}`", self.status))?,
            assignee: in_turn(&self.assignees, turn).flatten(),
            assignee_bot: None,
            team: self.team,
            priority: self.priority.as_deref().and_then(Priority::parse),
            labels: in_turn(&self.labels, turn).unwrap_or_default(),
            additional_attributes: Map::new(),
            custom_attributes: self.custom_attributes.clone(),
            snoozed_until: (self.status == "snoozed").then(|| now + Duration::from_hours(1)),
            waiting_since: Some(first),
            first_reply_created_at: None,
            agent_last_seen_at: None,
            created_at: first,
            updated_at: last,
            last_activity_at: last,
            messages: Vec::new(),
        };
        let mut at = first;
        for message in self.messages.iter().flat_map(|message| std::iter::repeat_n(message, message.times)) {
            let built = say(state, &conversation, message, turn, at)?;
            note(&mut conversation, &built);
            conversation.messages.push(built);
            at += Duration::from_mins(1);
        }
        if conversation.status == Status::Resolved {
            conversation.waiting_since = None;
        }
        if let Some(contact) = state.contacts.get_mut(&contact) {
            contact.last_activity_at = contact.last_activity_at.max(Some(last));
        }
        state.conversations.insert(conversation.id, conversation);
        Ok(())
    }
}

fn session(state: &mut State, contact: u64, inbox: u64, at: Timestamp) -> u64 {
    let known = state.contact_inboxes.iter().find(|session| session.contact == contact && session.inbox == inbox);
    if let Some(session) = known {
        return session.id;
    }
    let id = State::after(state.contact_inboxes.iter().map(|session| session.id));
    let (source_id, pubsub_token) = (state.ids.uuid(), state.ids.base58(24));
    state.contact_inboxes.push(ContactInbox { id, contact, inbox, source_id, pubsub_token, created_at: at });
    id
}

fn say(
    state: &mut State,
    conversation: &Conversation,
    seed: &MessageSeed,
    turn: usize,
    at: Timestamp,
) -> Result<Message, String> {
    let (kind, sender) = match (&seed.from, seed.from.as_u64()) {
        (_, Some(user)) => (Kind::Outgoing, Sender::User(user)),
        (Value::String(who), _) if who == "contact" => (Kind::Incoming, Sender::Contact(conversation.contact)),
        (other, _) => return Err(format!("a message is from {other}, and not from `contact` or a user's id")),
    };
    let index = turn + conversation.messages.len();
    let text = in_turn(&seed.texts, index).ok_or("a message has no text")?;
    let mut message = Message::new(state.next_message(), kind, Some(text), Some(sender), at);
    message.private = seed.private;
    Ok(message)
}

/// What a message changes about its conversation: a public reply ends the waiting and marks all before it as seen.
fn note(conversation: &mut Conversation, message: &Message) {
    match message.kind {
        Kind::Outgoing if !message.private => {
            conversation.first_reply_created_at.get_or_insert(message.created_at);
            conversation.agent_last_seen_at = Some(message.created_at);
            conversation.waiting_since = None;
        }
        Kind::Incoming => {
            conversation.waiting_since.get_or_insert(message.created_at);
        }
        _ => {}
    }
}
