//! Lists of conversations (`app/finders/conversation_finder.rb`).

use std::cmp::Reverse;
use std::time::Duration;

use serde_json::{Value, json};

use crate::twin::chatwoot::conversation::{Conversation, Status};
use crate::twin::chatwoot::message::Kind;
use crate::twin::chatwoot::refusal::Refusal;
use crate::twin::chatwoot::scope::{Outcome, Scope, ok};
use crate::twin::chatwoot::state::State;
use crate::twin::kit::page::numbered;

/// Conversations on a page (`CONVERSATION_RESULTS_PER_PAGE`).
pub const PER_PAGE: usize = 25;

/// `{"data": {"meta": …, "payload": …}}`: 25 a page, and an empty list past the end. No link says where that is.
pub fn list(scope: &Scope, state: &State) -> Outcome {
    let found = find(scope, state)?;
    let meta = counts(scope, &found, true);
    let page = page_of(scope, by_assignee(scope, found))?;
    let payload: Value = page.into_iter().map(|conversation| conversation.view(state, scope.version())).collect();
    ok(&json!({ "data": { "meta": meta, "payload": payload } }))
}

/// The counts alone.
pub fn meta(scope: &Scope, state: &State) -> Outcome {
    let found = find(scope, state)?;
    ok(&json!({ "meta": counts(scope, &found, true) }))
}

/// The list in another dress: no `data`, no `assigned_count`, conversations in few words.
pub fn search(scope: &Scope, state: &State) -> Outcome {
    let found = find(scope, state)?;
    let meta = counts(scope, &found, false);
    let page = page_of(scope, by_assignee(scope, found))?;
    let payload: Value = page.into_iter().map(|conversation| search_result(conversation, scope, state)).collect();
    ok(&json!({ "meta": meta, "payload": payload }))
}

/// `app/views/api/v1/models/_conversation.json.jbuilder`: with a text to look for, only the messages that hold it.
fn search_result(conversation: &Conversation, scope: &Scope, state: &State) -> Value {
    let contact = state.contacts.get(&conversation.contact);
    let inbox = state.inbox(conversation.inbox);
    let query = scope.params.text("q").map(|text| text.to_lowercase());
    let found = conversation.messages.iter().filter(|message| {
        let content = message.content.as_deref().unwrap_or_default().to_lowercase();
        query.as_ref().is_none_or(|query| is_said(message.kind) && content.contains(query))
    });
    let messages: Value = found
        .map(|message| {
            let view = message.view(conversation, state, None);
            let mut brief = json!({ "content": message.content, "id": message.id });
            if let Some(name) = view.pointer("/sender/name") {
                brief["sender_name"] = name.clone();
            }
            brief["message_type"] = message.kind.as_number().into();
            brief["created_at"] = message.created_at.as_second().into();
            brief
        })
        .collect();
    json!({
        "id": conversation.id,
        "uuid": conversation.uuid,
        "created_at": conversation.created_at.as_second(),
        "contact": { "id": conversation.contact, "name": contact.map(|contact| &contact.name) },
        "inbox": {
            "id": conversation.inbox,
            "name": inbox.map(|inbox| &inbox.name),
            "channel_type": inbox.map(|inbox| inbox.channel.as_str()),
        },
        "messages": messages,
        "account_id": state.account.id,
    })
}

fn is_said(kind: Kind) -> bool {
    matches!(kind, Kind::Incoming | Kind::Outgoing)
}

/// What the caller may see and the parameters select, before `assignee_type` and paging.
fn find<'s>(scope: &Scope, state: &'s State) -> Result<Vec<&'s Conversation>, Refusal> {
    let params = &scope.params;
    let user = scope.user(state)?;
    if let Some(team) = params.id("team_id")
        && state.team(team).is_none()
    {
        return Err(Refusal::NotFound);
    }
    match params.text("conversation_type").as_deref() {
        None | Some("unattended") => {}
        Some(_) => return Err(Refusal::NotModelled("conversation_type other than unattended")),
    }
    let query = params.text("q").map(|text| text.to_lowercase());
    let labels = params.any_of("labels");
    let source = params.text("source_id");
    let wanted = |conversation: &&Conversation| {
        user.sees_inbox(conversation.inbox)
            && params.id("inbox_id").is_none_or(|inbox| conversation.inbox == inbox)
            && params.id("team_id").is_none_or(|team| conversation.team == Some(team))
            && (query.is_some() || has_status(scope, conversation.status))
            && query.as_ref().is_none_or(|query| says(conversation, query))
            && labels.as_ref().is_none_or(|any| any.iter().any(|title| conversation.labels.contains(title)))
            && source.as_deref().is_none_or(|source| state.source_id(conversation) == Some(source))
            && (params.text("conversation_type").is_none() || is_unattended(conversation))
    };
    Ok(state.conversations.values().filter(wanted).collect())
}

/// `open` unless a status or `all` is asked for; an unknown word selects nothing.
fn has_status(scope: &Scope, status: Status) -> bool {
    let wanted = scope.params.text("status").unwrap_or_else(|| "open".to_owned());
    wanted == "all" || wanted == status.as_str()
}

fn says(conversation: &Conversation, query: &str) -> bool {
    conversation.messages.iter().any(|message| {
        is_said(message.kind) && message.content.as_deref().unwrap_or_default().to_lowercase().contains(query)
    })
}

fn is_unattended(conversation: &Conversation) -> bool {
    conversation.first_reply_created_at.is_none() || conversation.waiting_since.is_some()
}

/// The counts of everything that was found, whatever `assignee_type` selects of it. A bot's conversation counts as unassigned.
pub fn counts(scope: &Scope, found: &[&Conversation], assigned: bool) -> Value {
    let mine = found.iter().filter(|conversation| is_mine(scope, conversation)).count();
    let unassigned = found.iter().filter(|conversation| conversation.assignee.is_none()).count();
    let mut counts = json!({ "mine_count": mine });
    if assigned {
        counts["assigned_count"] = (found.len() - unassigned).into();
    }
    counts["unassigned_count"] = unassigned.into();
    counts["all_count"] = found.len().into();
    counts
}

fn is_mine(scope: &Scope, conversation: &Conversation) -> bool {
    use crate::twin::chatwoot::auth::Caller;
    matches!((scope.caller, conversation.assignee), (Caller::User(me), Some(assignee)) if me == assignee)
}

fn by_assignee<'s>(scope: &Scope, mut found: Vec<&'s Conversation>) -> Vec<&'s Conversation> {
    match scope.params.text("assignee_type").as_deref() {
        Some("me") => found.retain(|conversation| is_mine(scope, conversation)),
        Some("unassigned") => found.retain(|conversation| conversation.assignee.is_none()),
        Some("assigned") => found.retain(|conversation| conversation.assignee.is_some()),
        _ => {}
    }
    found
}

/// Sorts, and cuts the page out; `updated_within` (seconds) has no pages.
fn page_of<'s>(scope: &Scope, mut found: Vec<&'s Conversation>) -> Result<Vec<&'s Conversation>, Refusal> {
    sort(&mut found, scope.params.text("sort_by").as_deref().unwrap_or("last_activity_at_desc"))?;
    if let Some(seconds) = scope.params.int("updated_within") {
        let since = scope.now - Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
        found.retain(|conversation| conversation.updated_at > since);
        return Ok(found);
    }
    Ok(numbered(&found, scope.page(), PER_PAGE).to_vec())
}

/// The orders of `SORT_OPTIONS` by time and priority. An unknown one is the default, as in Chatwoot.
fn sort(found: &mut [&Conversation], order: &str) -> Result<(), Refusal> {
    match order {
        "last_activity_at_asc" => found.sort_by_key(|conversation| conversation.last_activity_at),
        "created_at_asc" | "sort_on_created_at" => found.sort_by_key(|conversation| conversation.created_at),
        "created_at_desc" => found.sort_by_key(|conversation| Reverse(conversation.created_at)),
        "priority_asc"
        | "priority_desc"
        | "sort_on_priority"
        | "priority_desc_created_at_asc"
        | "unread"
        | "waiting_since_asc"
        | "waiting_since_desc"
        | "sort_on_waiting_since" => {
            return Err(Refusal::NotModelled("this order of conversations"));
        }
        _ => by_activity(found),
    }
    Ok(())
}

/// The latest activity first.
pub fn by_activity(found: &mut [&Conversation]) {
    found.sort_by_key(|conversation| Reverse((conversation.last_activity_at, conversation.id)));
}
