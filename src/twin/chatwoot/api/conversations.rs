//! One conversation and what can be done to it (`app/controllers/api/v1/accounts/conversations_controller.rb`).

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::twin::chatwoot::api::{contacts, messages};
use crate::twin::chatwoot::auth::Caller;
use crate::twin::chatwoot::conversation::{Conversation, Priority, Status};
use crate::twin::chatwoot::event::{Event, Outbox};
use crate::twin::chatwoot::params::Params;
use crate::twin::chatwoot::refusal::Refusal;
use crate::twin::chatwoot::scope::{Outcome, Scope, empty, ok};
use crate::twin::chatwoot::state::State;
use crate::twin::chatwoot::user::Role;
use crate::twin::kit::clock::iso_millis;

pub fn show(scope: &Scope, state: &State) -> Outcome {
    ok(&scope.conversation(state)?.view(state, scope.version()))
}

/// A conversation in the session of a contact in an inbox, which is made when it does not exist.
pub fn create(scope: &Scope, state: &mut State, outbox: &mut Outbox) -> Outcome {
    let params = &scope.params;
    let session = contacts::session(scope, state)?;
    let (inbox, contact) =
        state.contact_inbox(session).map(|session| (session.inbox, session.contact)).ok_or(Refusal::NotFound)?;
    if scope.caller.user(state).is_some_and(|user| !user.sees_inbox(inbox)) {
        return Err(Refusal::NotAllowed);
    }
    let blocked = state.contacts.get(&contact).is_some_and(|contact| contact.blocked);
    let status = match params.text("status") {
        _ if blocked => Status::Resolved,
        Some(word) => Status::parse(&word).ok_or(Refusal::Crash)?,
        None => Status::Open,
    };
    let conversation = Conversation {
        id: State::after(state.conversations.keys().copied()),
        uuid: state.ids.uuid(),
        inbox,
        contact,
        contact_inbox: session,
        status,
        assignee: params.id("assignee_id").filter(|id| state.user(*id).is_some()),
        assignee_bot: None,
        team: params.id("team_id").filter(|id| state.team(*id).is_some()),
        priority: None,
        labels: Vec::new(),
        additional_attributes: attributes(params, "additional_attributes"),
        custom_attributes: attributes(params, "custom_attributes"),
        snoozed_until: params.text("snoozed_until").and_then(|text| moment(&text)),
        waiting_since: Some(scope.now),
        first_reply_created_at: None,
        agent_last_seen_at: None,
        created_at: scope.now,
        updated_at: scope.now,
        last_activity_at: scope.now,
        messages: Vec::new(),
    };
    let id = conversation.id;
    state.conversations.insert(id, conversation);
    outbox.push(Event::ConversationCreated { conversation: id });
    if let Some(message) = params.resource_under("message") {
        // One transaction: without its message there is no conversation. Nobody rescues here what messages#create rescues.
        messages::build(scope, &message, id, state, outbox).map_err(|refusal| {
            state.conversations.remove(&id);
            if matches!(refusal, Refusal::NotModelled(_)) { refusal } else { Refusal::Crash }
        })?;
    }
    ok(&state.conversations[&id].view(state, scope.version()))
}

fn attributes(params: &Params, name: &str) -> Map<String, Value> {
    params.object(name).cloned().unwrap_or_default()
}

/// Only the priority can be updated in this way.
pub fn update(scope: &Scope, state: &mut State, outbox: &mut Outbox) -> Outcome {
    let id = scope.conversation(state)?.id;
    if scope.params.has("priority") {
        set_priority(scope, id, state, outbox)?;
    }
    ok(&state.conversations[&id].view(state, scope.version()))
}

/// Without a priority there is none afterwards.
pub fn toggle_priority(scope: &Scope, state: &mut State, outbox: &mut Outbox) -> Outcome {
    let id = scope.conversation(state)?.id;
    set_priority(scope, id, state, outbox)?;
    empty()
}

fn set_priority(scope: &Scope, id: u64, state: &mut State, outbox: &mut Outbox) -> Result<(), Refusal> {
    let priority = match scope.params.text("priority") {
        Some(word) => Some(Priority::parse(&word).ok_or(Refusal::Crash)?),
        None => None,
    };
    let by = scope.signature(state);
    state.change_conversation(id, scope.now, &by, outbox, |conversation| conversation.priority = priority);
    Ok(())
}

/// Sets the status that is asked for; without one, opens what is not open and resolves what is.
pub fn toggle_status(scope: &Scope, state: &mut State, outbox: &mut Outbox) -> Outcome {
    let conversation = scope.conversation(state)?;
    let (id, before) = (conversation.id, conversation.status);
    let status = match scope.params.text("status") {
        // An unknown word raises ArgumentError, which nobody rescues.
        Some(word) => Status::parse(&word).ok_or(Refusal::Crash)?,
        None if before == Status::Open => Status::Resolved,
        None => Status::Open,
    };
    let handoff = matches!(scope.caller, Caller::Bot(_)) && before == Status::Pending && status == Status::Open;
    let snoozed_until = scope.params.text("snoozed_until").and_then(|text| moment(&text));
    let by = scope.signature(state);
    state.change_conversation(id, scope.now, &by, outbox, |conversation| {
        conversation.status = status;
        conversation.snoozed_until = snoozed_until.or(conversation.snoozed_until);
        if handoff {
            conversation.waiting_since.get_or_insert(scope.now);
        }
    });
    assign_opener(scope, id, status, state, outbox);
    let after = &state.conversations[&id];
    ok(&json!({
        "meta": {},
        "payload": {
            // A bot's handoff leaves the variable behind `success` unset.
            "success": (!handoff).then_some(true),
            "conversation_id": id,
            "current_status": after.status.as_str(),
            "snoozed_until": after.snoozed_until.map(iso_millis),
        },
    }))
}

/// An agent who opens a conversation gets it; an administrator does not.
fn assign_opener(scope: &Scope, id: u64, status: Status, state: &mut State, outbox: &mut Outbox) {
    let opener = scope.caller.user(state).filter(|user| user.role == Role::Agent).map(|user| user.id);
    if status == Status::Open && opener.is_some() {
        let by = scope.signature(state);
        state.change_conversation(id, scope.now, &by, outbox, |conversation| conversation.assignee = opener);
    }
}

/// Seconds since 1970, or a date.
fn moment(text: &str) -> Option<Timestamp> {
    match text.parse() {
        Ok(seconds) => Timestamp::from_second(seconds).ok(),
        Err(_) => text.parse().ok(),
    }
}

/// Tells webhooks that someone types; nothing else changes. Any other word than on and off is passed over.
pub fn toggle_typing_status(scope: &Scope, state: &mut State, outbox: &mut Outbox) -> Outcome {
    let conversation = scope.conversation(state)?.id;
    let private = scope.params.flag("is_private");
    if let Some(on @ ("on" | "off")) = scope.params.text("typing_status").as_deref() {
        outbox.push(Event::Typing { conversation, by: scope.caller, on: on == "on", private });
    }
    empty()
}

/// Blocks the contact and resolves the conversation.
pub fn mute(scope: &Scope, state: &mut State, outbox: &mut Outbox) -> Outcome {
    let (id, contact) = scope.conversation(state).map(|conversation| (conversation.id, conversation.contact))?;
    let by = scope.signature(state);
    state.change_conversation(id, scope.now, &by, outbox, |conversation| conversation.status = Status::Resolved);
    state.change_contact(contact, scope.now, outbox, |contact| contact.blocked = true);
    state.add_activity(id, scope.now, format!("{by} has muted the conversation"));
    empty()
}

/// Unblocks the contact; the conversation stays as it is.
pub fn unmute(scope: &Scope, state: &mut State, outbox: &mut Outbox) -> Outcome {
    let (id, contact) = scope.conversation(state).map(|conversation| (conversation.id, conversation.contact))?;
    let by = scope.signature(state);
    state.change_contact(contact, scope.now, outbox, |contact| contact.blocked = false);
    state.add_activity(id, scope.now, format!("{by} has unmuted the conversation"));
    empty()
}

/// Replaces all of them.
pub fn replace_custom_attributes(scope: &Scope, state: &mut State, outbox: &mut Outbox) -> Outcome {
    let id = scope.conversation(state)?.id;
    let Some(attributes) = scope.params.object("custom_attributes").cloned() else {
        return Err(Refusal::NotModelled("custom_attributes that are no object"));
    };
    let by = scope.signature(state);
    state.change_conversation(id, scope.now, &by, outbox, |conversation| {
        conversation.custom_attributes = attributes;
    });
    ok(&json!({ "custom_attributes": state.conversations[&id].custom_attributes }))
}

/// Sends the transcript by e-mail. There is no way to get it in an answer.
pub fn transcript(scope: &Scope, state: &State) -> Outcome {
    scope.conversation(state)?;
    if scope.params.text("email").is_none() {
        return Err(Refusal::Unprocessable("email param missing".to_owned()));
    }
    if !scope.settings.email_transcripts {
        return Err(Refusal::PaymentRequired("Email transcript is not available on your plan"));
    }
    empty()
}
