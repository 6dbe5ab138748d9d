//! What follows from a change: the callbacks of `app/models/conversation.rb` and `app/models/message.rb`.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use crate::twin::chatwoot::contact::Contact;
use crate::twin::chatwoot::conversation::{Conversation, Priority, Status};
use crate::twin::chatwoot::event::{Change, Event, Outbox};
use crate::twin::chatwoot::message::{Kind, Message, Sender};
use crate::twin::chatwoot::state::State;
use crate::twin::kit::clock::iso_millis;

/// Messages that a conversation takes in a minute (`CONVERSATION_MESSAGE_PER_MINUTE_LIMIT`).
const MESSAGES_PER_MINUTE: usize = 200;

impl State {
    /// Changes a conversation and lets everything follow that Chatwoot lets follow: notices in the thread, events.
    /// `by` is the name of whoever asked for it.
    pub fn change_conversation(
        &mut self,
        id: u64,
        now: Timestamp,
        by: &str,
        outbox: &mut Outbox,
        change: impl FnOnce(&mut Conversation),
    ) {
        let Some(conversation) = self.conversations.get_mut(&id) else { return };
        let before = conversation.clone_without_messages();
        change(conversation);
        if conversation.status != Status::Snoozed {
            conversation.snoozed_until = None;
        }
        if conversation.assignee.is_some() {
            conversation.assignee_bot = None;
        }
        let mut changes = differences(&before.tracked(), conversation.tracked());
        if changes.is_empty() {
            return;
        }
        changes.push(("updated_at", iso_millis(conversation.updated_at).into(), iso_millis(now).into()));
        conversation.updated_at = now;
        let status_changed = conversation.status != before.status;
        if status_changed && conversation.status == Status::Resolved {
            conversation.waiting_since = None;
        }
        if status_changed {
            outbox.push(Event::ConversationStatusChanged { conversation: id });
        }
        let notices = self.notices(&before, id, by);
        outbox.push(Event::ConversationUpdated { conversation: id, changes });
        for notice in notices {
            self.add_activity(id, now, notice);
        }
    }

    /// The sentences that the thread is told of a change (`config/locales/en.yml`, conversations.activity).
    fn notices(&self, before: &Conversation, id: u64, by: &str) -> Vec<String> {
        let Some(after) = self.conversations.get(&id) else { return Vec::new() };
        let mut notices = Vec::new();
        if before.status != after.status {
            notices.push(match after.status {
                Status::Open => format!("Conversation was reopened by {by}"),
                Status::Resolved => format!("Conversation was marked resolved by {by}"),
                Status::Pending => format!("Conversation was marked as pending by {by}"),
                Status::Snoozed => format!("Conversation was snoozed by {by}"),
            });
        }
        notices.extend(priority_notice(before.priority, after.priority, by));
        if before.team != after.team {
            notices.extend(self.team_notice(before.team, after.team, by));
        } else if before.assignee != after.assignee {
            notices.push(match after.assignee.and_then(|user| self.user(user)) {
                Some(user) if user.name == by => format!("{by} self-assigned this conversation"),
                Some(user) => format!("Assigned to {} by {by}", user.name),
                None => format!("Conversation unassigned by {by}"),
            });
        }
        let missing = |from: &[String], of: &[String]| -> Vec<String> {
            of.iter().filter(|title| !from.contains(title)).cloned().collect()
        };
        for (titles, verb) in
            [(missing(&before.labels, &after.labels), "added"), (missing(&after.labels, &before.labels), "removed")]
        {
            if !titles.is_empty() {
                notices.push(format!("{by} {verb} {}", titles.join(", ")));
            }
        }
        notices
    }

    fn team_notice(&self, before: Option<u64>, after: Option<u64>, by: &str) -> Option<String> {
        match after {
            Some(team) => self.team(team).map(|team| format!("Assigned to {} by {by}", team.name)),
            None => {
                before.and_then(|team| self.team(team)).map(|team| format!("Unassigned from {} by {by}", team.name))
            }
        }
    }

    /// Writes a notice into the thread. It is no news to webhooks.
    pub fn add_activity(&mut self, id: u64, now: Timestamp, content: String) {
        let message = Message::new(self.next_message(), Kind::Activity, Some(content), None, now);
        if let Some(conversation) = self.conversations.get_mut(&id) {
            conversation.last_activity_at = now;
            conversation.updated_at = now;
            conversation.messages.push(message);
        }
    }

    /// Tells whether a conversation takes no more messages in this minute.
    pub fn is_flooded(&self, id: u64, now: Timestamp) -> bool {
        let minute_ago = now - Duration::from_mins(1);
        self.conversations.get(&id).is_some_and(|conversation| {
            let recent = conversation.messages.iter().rev().take_while(|message| message.created_at >= minute_ago);
            recent.count() >= MESSAGES_PER_MINUTE
        })
    }

    /// Puts a message into a conversation, with what follows from it.
    pub fn add_message(&mut self, id: u64, now: Timestamp, by: &str, message: Message, outbox: &mut Outbox) {
        let (kind, private, sender, message_id) = (message.kind, message.private, message.sender, message.id);
        let Some(conversation) = self.conversations.get_mut(&id) else { return };
        conversation.messages.push(message);
        if kind == Kind::Incoming {
            self.reopen(id, now, by, outbox);
        }
        if let Some(conversation) = self.conversations.get_mut(&id) {
            conversation.last_activity_at = now;
            conversation.updated_at = now;
        }
        if kind != Kind::Activity {
            outbox.push(Event::MessageCreated { conversation: id, message: message_id });
        }
        self.note_reply(id, now, by, (kind, private, sender), outbox);
        if let Some(Sender::Contact(contact)) = sender {
            self.change_contact(contact, now, outbox, |contact| contact.last_activity_at = Some(now));
        }
    }

    /// A customer's message wakes a snoozed conversation and reopens a resolved one, unless the customer is blocked.
    fn reopen(&mut self, id: u64, now: Timestamp, by: &str, outbox: &mut Outbox) {
        let Some(conversation) = self.conversations.get(&id) else { return };
        let muted = self.contacts.get(&conversation.contact).is_some_and(|contact| contact.blocked);
        if !muted && matches!(conversation.status, Status::Snoozed | Status::Resolved) {
            self.change_conversation(id, now, by, outbox, |conversation| conversation.status = Status::Open);
        }
    }

    /// The first public reply of a person is remembered, every public one ends the waiting, a customer's message begins it.
    fn note_reply(
        &mut self,
        id: u64,
        now: Timestamp,
        by: &str,
        what: (Kind, bool, Option<Sender>),
        outbox: &mut Outbox,
    ) {
        let Some(conversation) = self.conversations.get(&id) else { return };
        let waits = conversation.waiting_since.is_some();
        let first = conversation.first_reply_created_at.is_none();
        match what {
            (Kind::Outgoing, false, Some(Sender::User(_))) if first => {
                self.change_conversation(id, now, by, outbox, |conversation| {
                    conversation.first_reply_created_at = Some(now);
                    conversation.waiting_since = None;
                });
            }
            (Kind::Outgoing, false, Some(Sender::User(_) | Sender::Bot(_))) if waits => {
                self.change_conversation(id, now, by, outbox, |conversation| conversation.waiting_since = None);
            }
            (Kind::Incoming, ..) if !waits => {
                self.change_conversation(id, now, by, outbox, |conversation| conversation.waiting_since = Some(now));
            }
            _ => {}
        }
    }

    /// Changes a contact; webhooks are told when something is different.
    pub fn change_contact(&mut self, id: u64, now: Timestamp, outbox: &mut Outbox, change: impl FnOnce(&mut Contact)) {
        let Some(contact) = self.contacts.get_mut(&id) else { return };
        let before = contact.tracked();
        change(contact);
        let mut changes = differences(&before, contact.tracked());
        if !changes.is_empty() {
            // The twin keeps no earlier time of change for a contact; Rails would name it here.
            changes.push(("updated_at", Value::Null, iso_millis(now).into()));
            outbox.push(Event::ContactUpdated { contact: id, changes });
        }
    }
}

impl Conversation {
    fn clone_without_messages(&self) -> Self {
        Self {
            uuid: self.uuid.clone(),
            labels: self.labels.clone(),
            additional_attributes: self.additional_attributes.clone(),
            custom_attributes: self.custom_attributes.clone(),
            messages: Vec::new(),
            ..*self
        }
    }
}

impl Contact {
    fn tracked(&self) -> [(&'static str, Value); 8] {
        [
            ("name", self.name.clone().into()),
            ("email", self.email.clone().into()),
            ("phone_number", self.phone_number.clone().into()),
            ("identifier", self.identifier.clone().into()),
            ("blocked", self.blocked.into()),
            ("additional_attributes", Value::Object(self.additional_attributes.clone())),
            ("custom_attributes", Value::Object(self.custom_attributes.clone())),
            ("last_activity_at", self.last_activity_at.map(iso_millis).into()),
        ]
    }
}

fn differences(
    before: &[(&'static str, Value)],
    after: impl IntoIterator<Item = (&'static str, Value)>,
) -> Vec<Change> {
    let pairs = before.iter().zip(after);
    pairs.filter(|((_, old), (_, new))| old != new).map(|((name, old), (_, new))| (*name, old.clone(), new)).collect()
}

fn priority_notice(before: Option<Priority>, after: Option<Priority>, by: &str) -> Option<String> {
    let word = Priority::as_str;
    match (before, after) {
        (Some(old), Some(new)) if old != new => {
            Some(format!("{by} changed the priority from {} to {}", word(old), word(new)))
        }
        (None, Some(new)) => Some(format!("{by} set the priority to {}", word(new))),
        (Some(_), None) => Some(format!("{by} removed the priority")),
        _ => None,
    }
}
