//! Labels of the account, and the lists of titles on conversations and contacts.

use serde_json::{Value, json};

use crate::twin::chatwoot::event::Outbox;
use crate::twin::chatwoot::label::{DEFAULT_COLOR, Label, is_title, titles};
use crate::twin::chatwoot::params::Params;
use crate::twin::chatwoot::refusal::{Invalid, Refusal};
use crate::twin::chatwoot::scope::{Outcome, Scope, empty, ok};
use crate::twin::chatwoot::state::State;

pub fn of_conversation(scope: &Scope, state: &State) -> Outcome {
    ok(&json!({ "payload": scope.conversation(state)?.labels }))
}

/// The posted list takes the place of the old one; a title need not be a label of the account (`LabelConcern`).
pub fn replace_of_conversation(scope: &Scope, state: &mut State, outbox: &mut Outbox) -> Outcome {
    let id = scope.conversation(state)?.id;
    let labels = posted(scope);
    let by = scope.signature(state);
    let answer = json!({ "payload": labels });
    state.change_conversation(id, scope.now, &by, outbox, |conversation| conversation.labels = labels);
    ok(&answer)
}

pub fn of_contact(scope: &Scope, state: &State) -> Outcome {
    ok(&json!({ "payload": scope.contact(state)?.labels }))
}

pub fn replace_of_contact(scope: &Scope, state: &mut State, _: &mut Outbox) -> Outcome {
    let id = scope.contact(state)?.id;
    let labels = posted(scope);
    let answer = json!({ "payload": labels });
    if let Some(contact) = state.contacts.get_mut(&id) {
        contact.labels = labels;
    }
    ok(&answer)
}

/// `permit(labels: [])`: a text in the place of the list is dropped, and what is left is the empty list.
fn posted(scope: &Scope) -> Vec<String> {
    titles(&scope.params.list("labels").unwrap_or_default())
}

/// All labels of the account by title.
pub fn list(_: &Scope, state: &State) -> Outcome {
    let mut labels: Vec<_> = state.labels.iter().collect();
    labels.sort_by(|one, other| one.title.cmp(&other.title));
    let payload: Value = labels.into_iter().map(Label::view).collect();
    ok(&json!({ "payload": payload }))
}

pub fn show(scope: &Scope, state: &State) -> Outcome {
    let label = &state.labels[position(scope, state)?];
    scope.caller.must_administer(state)?;
    ok(&label.view())
}

pub fn create(scope: &Scope, state: &mut State, _: &mut Outbox) -> Outcome {
    scope.caller.must_administer(state)?;
    let params = scope.params.resource("label").ok_or(Refusal::Missing("label"))?;
    let mut label = Label {
        id: State::after(state.labels.iter().map(|label| label.id)),
        title: String::new(),
        description: None,
        color: DEFAULT_COLOR.to_owned(),
        show_on_sidebar: None,
    };
    assign(&mut label, &params);
    validate(&label, state).check()?;
    let body = label.view();
    state.labels.push(label);
    ok(&body)
}

/// A new title is carried to everything that bears the old one.
pub fn update(scope: &Scope, state: &mut State, _: &mut Outbox) -> Outcome {
    let index = position(scope, state)?;
    scope.caller.must_administer(state)?;
    let params = scope.params.resource("label").ok_or(Refusal::Missing("label"))?;
    let before = state.labels[index].title.clone();
    let mut label = state.labels[index].clone();
    assign(&mut label, &params);
    validate(&label, state).check()?;
    let body = label.view();
    rename(state, &before, Some(&label.title));
    state.labels[index] = label;
    ok(&body)
}

/// The title goes from everything that bears it.
pub fn delete(scope: &Scope, state: &mut State, _: &mut Outbox) -> Outcome {
    let index = position(scope, state)?;
    scope.caller.must_administer(state)?;
    let label = state.labels.remove(index);
    rename(state, &label.title, None);
    empty()
}

fn position(scope: &Scope, state: &State) -> Result<usize, Refusal> {
    let id = scope.id("label");
    state.labels.iter().position(|label| label.id == id).ok_or(Refusal::NotFound)
}

fn assign(label: &mut Label, params: &Params) {
    if params.has("title") {
        label.title = params.text("title").unwrap_or_default().to_lowercase();
    }
    if params.has("description") {
        label.description = params.text("description");
    }
    if let Some(color) = params.text("color") {
        label.color = color;
    }
    if params.has("show_on_sidebar") {
        label.show_on_sidebar = Some(params.flag("show_on_sidebar"));
    }
}

fn validate(label: &Label, state: &State) -> Invalid {
    let mut invalid = Invalid::default();
    if label.title.is_empty() {
        invalid.add("title", "must not be blank");
    }
    if !is_title(&label.title) {
        invalid.add("title", "is invalid");
    }
    if state.labels.iter().any(|other| other.id != label.id && other.title == label.title) {
        invalid.add("title", "has already been taken");
    }
    invalid
}

fn rename(state: &mut State, before: &str, after: Option<&str>) {
    let conversations = state.conversations.values_mut().map(|conversation| &mut conversation.labels);
    let contacts = state.contacts.values_mut().map(|contact| &mut contact.labels);
    for labels in conversations.chain(contacts) {
        match after {
            Some(after) => labels.iter_mut().filter(|title| *title == before).for_each(|title| after.clone_into(title)),
            None => labels.retain(|title| title != before),
        }
    }
}
