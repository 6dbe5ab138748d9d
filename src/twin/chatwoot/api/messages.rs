//! Messages of a conversation (`app/controllers/api/v1/accounts/conversations/messages_controller.rb`).

use serde_json::{Map, Value, json};

use crate::twin::chatwoot::auth::Caller;
use crate::twin::chatwoot::event::{Event, Outbox};
use crate::twin::chatwoot::inbox::Channel;
use crate::twin::chatwoot::message::{Kind, Message, STATUSES, Sender};
use crate::twin::chatwoot::params::Params;
use crate::twin::chatwoot::refusal::Refusal;
use crate::twin::chatwoot::scope::{Outcome, Scope, ok};
use crate::twin::chatwoot::state::State;
use crate::twin::kit::clock::iso_millis;

/// Characters that a message holds at most.
const LONGEST: usize = 150_000;

/// The content types that need nothing but a text.
const PLAIN_TYPES: [&str; 4] = ["text", "input_text", "input_textarea", "input_email"];

/// The content types that need more than a text.
const RICH_TYPES: [&str; 9] = [
    "input_select",
    "cards",
    "form",
    "article",
    "incoming_email",
    "input_csat",
    "integrations",
    "sticker",
    "voice_call",
];

/// The last 20 of a list.
fn newest(mut messages: Vec<&Message>) -> Vec<&Message> {
    messages.split_off(messages.len().saturating_sub(20))
}

/// A page of the thread, by message id (`app/finders/message_finder.rb`): the newest 20, 20 before an id, up to 100 after one,
/// up to 1,000 between two. Always oldest first.
pub fn list(scope: &Scope, state: &State) -> Outcome {
    let conversation = scope.conversation(state)?;
    let params = &scope.params;
    let all = params.present("filter_internal_messages").is_none();
    let shown = conversation.messages.iter().filter(|message| all || message.is_chat());
    let page: Vec<&Message> = match (params.id("after"), params.id("before")) {
        (Some(after), Some(before)) => {
            shown.filter(|message| (after..before).contains(&message.id)).take(1000).collect()
        }
        (Some(after), None) => shown.filter(|message| message.id > after).take(100).collect(),
        (None, Some(before)) => newest(shown.filter(|message| message.id < before).collect()),
        (None, None) => newest(shown.collect()),
    };
    let mut meta = json!({
        "labels": conversation.labels,
        "additional_attributes": conversation.additional_attributes,
        "contact": state.contacts.get(&conversation.contact).map(super::super::contact::Contact::event_data),
    });
    if let Some(assignee) = conversation.assignee.and_then(|id| state.user(id)) {
        meta["assignee"] = assignee.event_data();
    }
    meta["agent_last_seen_at"] = conversation.agent_last_seen_at.map(iso_millis).into();
    meta["assignee_last_seen_at"] = Value::Null;
    let payload: Value = page.into_iter().map(|message| message.view(conversation, state, None)).collect();
    ok(&json!({ "meta": meta, "payload": payload }))
}

pub fn create(scope: &Scope, state: &mut State, outbox: &mut Outbox) -> Outcome {
    let id = scope.conversation(state)?.id;
    let message = build(scope, &scope.params, id, state, outbox)?;
    let conversation = &state.conversations[&id];
    let echo = scope.params.text("echo_id");
    let message = conversation.message(message).ok_or(Refusal::Crash)?;
    ok(&message.view(conversation, state, echo.as_deref()))
}

/// `app/builders/messages/message_builder.rb`; gives the id of the new message.
pub fn build(
    scope: &Scope,
    params: &Params,
    conversation: u64,
    state: &mut State,
    outbox: &mut Outbox,
) -> Result<u64, Refusal> {
    if !params.files.is_empty() || params.has("attachments") {
        return Err(Refusal::NotModelled("attachments"));
    }
    let (kind, named) = kind(params)?;
    let inbox = state.conversations.get(&conversation).and_then(|conversation| state.inbox(conversation.inbox));
    if inbox.is_none_or(|inbox| inbox.channel != Channel::Api) && named && kind == Kind::Incoming {
        return Err(Refusal::Unprocessable("Incoming messages are only allowed in Api inboxes".to_owned()));
    }
    let content_type = content_type(params)?;
    let content = params.get("content").and_then(Value::as_str).map(str::to_owned);
    if state.is_flooded(conversation, scope.now) {
        return Err(Refusal::Unprocessable("Validation failed: Too many messages".to_owned()));
    }
    if content.as_ref().is_some_and(|content| content.chars().count() > LONGEST) {
        let wrong = format!("Validation failed: Content is too long (maximum is {LONGEST} characters)");
        return Err(Refusal::Unprocessable(wrong));
    }
    // The builder compares the word: a message whose type is given as a number is signed by the customer.
    let sender = match scope.caller {
        Caller::User(id) if named && kind == Kind::Outgoing => Some(Sender::User(id)),
        Caller::Bot(id) if named && kind == Kind::Outgoing => Some(Sender::Bot(id)),
        _ => state.conversations.get(&conversation).map(|conversation| Sender::Contact(conversation.contact)),
    };
    let mut message = Message::new(state.next_message(), kind, content, sender, scope.now);
    message.private = params.flag("private");
    message.content_type = content_type;
    message.content_attributes = content_attributes(params);
    message.source_id = params.text("source_id");
    if let Some(template) = params.object("template_params") {
        message.additional_attributes.insert("template_params".to_owned(), Value::Object(template.clone()));
    }
    let id = message.id;
    let by = scope.signature(state);
    state.add_message(conversation, scope.now, &by, message, outbox);
    Ok(id)
}

/// The type, and whether it was given by its name. Rails' enum takes a JSON number too.
fn kind(params: &Params) -> Result<(Kind, bool), Refusal> {
    let known = match params.present("message_type") {
        None => Some((Kind::Outgoing, true)),
        Some(Value::String(word)) => Kind::ALL.into_iter().find(|kind| kind.as_str() == word).map(|kind| (kind, true)),
        Some(value) => {
            Kind::ALL.into_iter().find(|kind| value.as_u64() == Some(kind.as_number().into())).map(|kind| (kind, false))
        }
    };
    let asked = || params.text("message_type").unwrap_or_default();
    known.ok_or_else(|| Refusal::Unprocessable(format!("'{}' is not a valid message_type", asked())))
}

fn content_type(params: &Params) -> Result<String, Refusal> {
    let word = params.text("content_type").unwrap_or_else(|| "text".to_owned());
    if PLAIN_TYPES.contains(&word.as_str()) {
        Ok(word)
    } else if RICH_TYPES.contains(&word.as_str()) {
        Err(Refusal::NotModelled("this content type"))
    } else {
        Err(Refusal::Unprocessable(format!("'{word}' is not a valid content_type")))
    }
}

/// An object, or the JSON text of one (a form has no other way to send it); anything else is passed over.
fn content_attributes(params: &Params) -> Map<String, Value> {
    match params.get("content_attributes") {
        Some(Value::Object(members)) => members.clone(),
        Some(Value::String(text)) => serde_json::from_str(text).unwrap_or_default(),
        _ => Map::new(),
    }
}

/// Sets the status, of messages in API inboxes alone. What is no status, or no way on from the present one, changes nothing.
pub fn update(scope: &Scope, state: &mut State, outbox: &mut Outbox) -> Outcome {
    let conversation = scope.conversation(state)?;
    if state.inbox(conversation.inbox).is_none_or(|inbox| inbox.channel != Channel::Api) {
        return Err(Refusal::Forbidden("Message status update is only allowed for API inboxes"));
    }
    let status = scope.params.text("status").filter(|status| STATUSES.contains(&status.as_str()));
    let error = scope.params.text("external_error");
    change(scope, state, outbox, |message| {
        let Some(status) = status else { return false };
        if message.status == "read" && status == "delivered" {
            return false;
        }
        let error = error.filter(|_| status == "failed").map(Value::from);
        let different = message.status != status || message.content_attributes.get("external_error") != error.as_ref();
        match error {
            Some(error) => message.content_attributes.insert("external_error".to_owned(), error),
            None => message.content_attributes.remove("external_error"),
        };
        message.status = status;
        different
    })
}

/// Takes the content away and leaves the message.
pub fn delete(scope: &Scope, state: &mut State, outbox: &mut Outbox) -> Outcome {
    scope.conversation(state)?;
    change(scope, state, outbox, |message| {
        message.content = Some("This message was deleted".to_owned());
        "text".clone_into(&mut message.content_type);
        message.content_attributes = Map::from_iter([("deleted".to_owned(), Value::Bool(true))]);
        true
    })
}

/// Changes the message of the path; webhooks are told when `change` says that something is different.
fn change(scope: &Scope, state: &mut State, outbox: &mut Outbox, change: impl FnOnce(&mut Message) -> bool) -> Outcome {
    let (id, wanted) = (scope.id("conversation"), scope.id("message"));
    let conversation = state.conversations.get_mut(&id).ok_or(Refusal::NotFound)?;
    let message = conversation.messages.iter_mut().find(|message| message.id == wanted).ok_or(Refusal::NotFound)?;
    if change(message) {
        message.updated_at = scope.now;
        if message.is_sent_to_webhooks() {
            outbox.push(Event::MessageUpdated { conversation: id, message: wanted });
        }
    }
    let conversation = &state.conversations[&id];
    let message = conversation.message(wanted).ok_or(Refusal::NotFound)?;
    ok(&message.view(conversation, state, None))
}
