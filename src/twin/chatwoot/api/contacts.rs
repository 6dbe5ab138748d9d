//! Contacts (`app/controllers/api/v1/accounts/contacts_controller.rb`).

use std::cmp::Ordering;

use serde_json::{Map, Value, json};

use crate::twin::chatwoot::api::conversation_list::by_activity;
use crate::twin::chatwoot::contact::{Contact, ContactInbox};
use crate::twin::chatwoot::event::{Event, Outbox};
use crate::twin::chatwoot::inbox::Channel;
use crate::twin::chatwoot::params::Params;
use crate::twin::chatwoot::refusal::Refusal;
use crate::twin::chatwoot::scope::{Outcome, Scope, ok};
use crate::twin::chatwoot::state::State;
use crate::twin::kit::page::numbered;

/// Contacts on a page.
const PER_PAGE: usize = 15;

/// Those who can be reached, 15 a page.
pub fn list(scope: &Scope, state: &State) -> Outcome {
    let labels = scope.params.any_of("labels");
    let bears =
        |contact: &&Contact| labels.as_ref().is_none_or(|any| any.iter().any(|title| contact.labels.contains(title)));
    let found = state.contacts.values().filter(|contact| contact.is_resolved()).filter(bears).collect();
    page(scope, state, found)
}

/// A page with the number of all, as `current_page` whatever was sent (a text), or the number 1.
pub fn page(scope: &Scope, state: &State, mut found: Vec<&Contact>) -> Outcome {
    sort(scope, &mut found);
    let payload = views(scope, state, numbered(&found, scope.page(), PER_PAGE));
    ok(&json!({ "meta": { "count": found.len(), "current_page": current_page(scope) }, "payload": payload }))
}

fn current_page(scope: &Scope) -> Value {
    scope.params.present("page").cloned().unwrap_or_else(|| 1.into())
}

fn views(scope: &Scope, state: &State, contacts: &[&Contact]) -> Value {
    contacts.iter().map(|contact| view(scope, state, contact)).collect()
}

/// With the contact's inboxes unless `include_contact_inboxes` is another word than true.
fn view(scope: &Scope, state: &State, contact: &Contact) -> Value {
    match scope.params.text("include_contact_inboxes").as_deref() {
        None | Some("true") => contact.view_with_inboxes(state),
        Some(_) => contact.view(),
    }
}

/// `sort=name`, `sort=-last_activity_at`; nulls last. Without one, by id (the database promises no order).
fn sort(scope: &Scope, found: &mut [&Contact]) {
    let Some(asked) = scope.params.text("sort") else { return };
    let (column, down) = asked.strip_prefix('-').map_or((asked.as_str(), false), |column| (column, true));
    let key = |contact: &Contact| -> Option<String> {
        match column {
            "name" => Some(contact.name.to_lowercase()),
            "email" => contact.email.clone(),
            "phone_number" => contact.phone_number.clone(),
            "last_activity_at" => contact.last_activity_at.map(|at| format!("{:020}", at.as_second())),
            "created_at" => Some(format!("{:020}", contact.created_at.as_second())),
            _ => None,
        }
    };
    found.sort_by(|one, other| match (key(one), key(other)) {
        (Some(one), Some(other)) if down => other.cmp(&one),
        (Some(one), Some(other)) => one.cmp(&other),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    });
}

/// By a part of name, e-mail, phone number or identifier. 4.15.1 looks through visitors too and says whether there is more.
pub fn search(scope: &Scope, state: &State) -> Outcome {
    let by_page = scope.version().searches_contacts_by_page();
    let Some(query) = scope.params.text("q") else {
        // The action returns before it has searched, and the view shows what was not found.
        let mut meta = json!({ "count": null, "current_page": current_page(scope) });
        if by_page {
            meta["has_more"] = Value::Null;
        }
        return ok(&json!({ "meta": meta, "payload": [] }));
    };
    let query = query.trim().to_lowercase();
    let holds = |text: &Option<String>| text.as_ref().is_some_and(|text| text.to_lowercase().contains(&query));
    let matches = |contact: &&Contact| {
        contact.name.to_lowercase().contains(&query)
            || [&contact.email, &contact.phone_number, &contact.identifier].into_iter().any(holds)
    };
    let seen = state.contacts.values().filter(|contact| by_page || contact.is_resolved());
    let mut found: Vec<_> = seen.filter(matches).collect();
    if !by_page {
        return page(scope, state, found);
    }
    sort(scope, &mut found);
    let shown = numbered(&found, scope.page(), PER_PAGE);
    let has_more = found.len() > scope.page().saturating_mul(PER_PAGE);
    let meta = json!({ "count": shown.len(), "current_page": current_page(scope), "has_more": has_more });
    ok(&json!({ "meta": meta, "payload": views(scope, state, shown) }))
}

pub fn show(scope: &Scope, state: &State) -> Outcome {
    ok(&json!({ "payload": view(scope, state, scope.contact(state)?) }))
}

/// The latest 20 of the conversations that the caller may see.
pub fn conversations(scope: &Scope, state: &State) -> Outcome {
    let contact = scope.contact(state)?.id;
    let user = scope.user(state)?;
    let own = state.conversations.values().filter(|conversation| conversation.contact == contact);
    let mut seen: Vec<_> = own.filter(|conversation| user.sees_inbox(conversation.inbox)).collect();
    by_activity(&mut seen);
    let payload: Value = seen.iter().take(20).map(|conversation| conversation.view(state, scope.version())).collect();
    ok(&json!({ "payload": payload }))
}

/// A contact and, with `inbox_id`, a session in that inbox.
pub fn create(scope: &Scope, state: &mut State, outbox: &mut Outbox) -> Outcome {
    let inbox = match scope.params.id("inbox_id") {
        Some(id) => Some(state.inbox(id).ok_or(Refusal::NotFound)?.id),
        None => None,
    };
    let mut contact = Contact {
        id: State::after(state.contacts.keys().copied()),
        name: String::new(),
        email: None,
        phone_number: None,
        identifier: None,
        blocked: false,
        labels: Vec::new(),
        additional_attributes: Map::new(),
        custom_attributes: Map::new(),
        last_activity_at: None,
        created_at: scope.now,
    };
    assign(&mut contact, &scope.params);
    contact.validate(state).check()?;
    let id = contact.id;
    state.contacts.insert(id, contact);
    let session = match inbox {
        // Nobody rescues a source_id that is taken here.
        Some(inbox) => Some(open_session(scope, state, id, inbox).inspect_err(|_| drop(state.contacts.remove(&id)))?),
        None => None,
    };
    outbox.push(Event::ContactCreated { contact: id });
    let session = session.and_then(|id| state.contact_inbox(id));
    let inbox = session.and_then(|session| state.inbox(session.inbox));
    ok(&json!({
        "payload": {
            "contact": state.contacts[&id].view_with_inboxes(state),
            "contact_inbox": {
                "inbox": inbox.map(|inbox| inbox.record(&state.account)),
                "source_id": session.map(|session| &session.source_id),
            },
        },
    }))
}

/// Attributes are merged into those that are there; everything else is replaced.
pub fn update(scope: &Scope, state: &mut State, outbox: &mut Outbox) -> Outcome {
    let mut contact = scope.contact(state)?.clone();
    assign(&mut contact, &scope.params);
    contact.validate(state).check()?;
    let id = contact.id;
    state.change_contact(id, scope.now, outbox, |known| *known = contact);
    ok(&json!({ "payload": view(scope, state, &state.contacts[&id]) }))
}

fn assign(contact: &mut Contact, params: &Params) {
    if params.has("name") {
        contact.name = params.text("name").unwrap_or_default();
    }
    if params.has("email") {
        contact.email = params.text("email").map(|email| email.to_lowercase());
    }
    if params.has("phone_number") {
        contact.phone_number = params.text("phone_number");
    }
    if params.has("identifier") {
        contact.identifier = params.text("identifier");
    }
    if params.has("blocked") {
        contact.blocked = params.flag("blocked");
    }
    for (name, attributes) in [
        ("additional_attributes", &mut contact.additional_attributes),
        ("custom_attributes", &mut contact.custom_attributes),
    ] {
        if let Some(members) = params.object(name) {
            attributes.extend(members.clone());
        }
    }
}

/// The session that a new conversation is in: of `contact_id` in `inbox_id`, or the one that has `source_id`.
pub fn session(scope: &Scope, state: &mut State) -> Result<u64, Refusal> {
    let params = &scope.params;
    let inbox = match params.id("inbox_id") {
        Some(id) => Some(state.inbox(id).ok_or(Refusal::NotFound)?.id),
        None => None,
    };
    if let (Some(inbox), Some(user)) = (inbox, scope.caller.user(state))
        && !user.sees_inbox(inbox)
    {
        return Err(Refusal::NotAllowed);
    }
    let contact = match params.id("contact_id") {
        Some(id) => Some(state.contacts.get(&id).ok_or(Refusal::NotFound)?.id),
        None => None,
    };
    if let (Some(inbox), Some(contact)) = (inbox, contact) {
        return open_session(scope, state, contact, inbox).map_err(|refusal| match refusal {
            Refusal::Crash => Refusal::Unprocessable("source_id should be unique".to_owned()),
            other => other,
        });
    }
    let source = params.text("source_id");
    let known = state.contact_inboxes.iter().find(|session| Some(&session.source_id) == source.as_ref());
    known.map(|session| session.id).ok_or(Refusal::NotFound)
}

/// Finds the session or opens it (`app/builders/contact_inbox_builder.rb`); `Crash` when another contact has the source id.
fn open_session(scope: &Scope, state: &mut State, contact: u64, inbox: u64) -> Result<u64, Refusal> {
    let source = match (scope.params.text("source_id"), state.inbox(inbox).map(|inbox| inbox.channel)) {
        (Some(source), _) => source,
        (None, Some(Channel::Email)) => {
            let email = state.contacts.get(&contact).and_then(|contact| contact.email.clone());
            email.ok_or(Refusal::Missing("contact email"))?
        }
        (None, _) => state.ids.uuid(),
    };
    let same = state.contact_inboxes.iter().find(|session| session.inbox == inbox && session.source_id == source);
    match same {
        Some(session) if session.contact == contact => Ok(session.id),
        Some(_) => Err(Refusal::Crash),
        None => {
            let id = State::after(state.contact_inboxes.iter().map(|session| session.id));
            let pubsub_token = state.ids.base58(24);
            let created_at = scope.now;
            state.contact_inboxes.push(ContactInbox {
                id,
                contact,
                inbox,
                source_id: source,
                pubsub_token,
                created_at,
            });
            Ok(id)
        }
    }
}
