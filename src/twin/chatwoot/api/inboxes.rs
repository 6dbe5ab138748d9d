//! Inboxes, to read (`app/controllers/api/v1/accounts/inboxes_controller.rb`).

use serde_json::{Value, json};

use crate::twin::chatwoot::refusal::Refusal;
use crate::twin::chatwoot::scope::{Outcome, Scope, ok};
use crate::twin::chatwoot::state::State;

/// The inboxes that the caller sees, by name. There are no pages.
pub fn list(scope: &Scope, state: &State) -> Outcome {
    let user = scope.user(state)?;
    let mut seen: Vec<_> = state.inboxes.iter().filter(|inbox| user.sees_inbox(inbox.id)).collect();
    seen.sort_by_key(|inbox| inbox.name.to_lowercase());
    let payload: Value = seen.into_iter().map(|inbox| inbox.view(user.is_administrator(), scope.version())).collect();
    ok(&json!({ "payload": payload }))
}

pub fn show(scope: &Scope, state: &State) -> Outcome {
    let user = scope.user(state)?;
    let inbox = state.inbox(scope.id("inbox")).ok_or(Refusal::NotFound)?;
    if !user.sees_inbox(inbox.id) {
        return Err(Refusal::NotAllowed);
    }
    ok(&inbox.view(user.is_administrator(), scope.version()))
}
