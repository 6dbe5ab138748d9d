//! Webhooks of the account, for administrators (`app/controllers/api/v1/accounts/webhooks_controller.rb`).

use serde_json::{Value, json};

use crate::twin::chatwoot::event::Outbox;
use crate::twin::chatwoot::params::Params;
use crate::twin::chatwoot::refusal::Refusal;
use crate::twin::chatwoot::scope::{Outcome, Scope, empty, ok};
use crate::twin::chatwoot::state::State;
use crate::twin::chatwoot::webhook::{DEFAULT_SUBSCRIPTIONS, EVENTS, Webhook};

pub fn list(scope: &Scope, state: &State) -> Outcome {
    scope.caller.must_administer(state)?;
    let webhooks: Value = state.webhooks.iter().map(|webhook| webhook.view(state, scope.version())).collect();
    ok(&json!({ "payload": { "webhooks": webhooks } }))
}

pub fn create(scope: &Scope, state: &mut State, _: &mut Outbox) -> Outcome {
    scope.caller.must_administer(state)?;
    let params = scope.params.resource("webhook").ok_or(Refusal::Missing("webhook"))?;
    let mut webhook = Webhook {
        id: State::after(state.webhooks.iter().map(|webhook| webhook.id)),
        name: None,
        url: String::new(),
        inbox: None,
        subscriptions: EVENTS[..DEFAULT_SUBSCRIPTIONS].iter().map(|&event| event.to_owned()).collect(),
        secret: state.ids.base58(24),
    };
    assign(&mut webhook, &params);
    webhook.validate(state).check()?;
    let body = json!({ "payload": { "webhook": webhook.view(state, scope.version()) } });
    state.webhooks.push(webhook);
    ok(&body)
}

pub fn update(scope: &Scope, state: &mut State, _: &mut Outbox) -> Outcome {
    scope.caller.must_administer(state)?;
    let index = position(scope, state)?;
    let params = scope.params.resource("webhook").ok_or(Refusal::Missing("webhook"))?;
    let mut webhook = state.webhooks[index].clone();
    assign(&mut webhook, &params);
    webhook.validate(state).check()?;
    let body = json!({ "payload": { "webhook": webhook.view(state, scope.version()) } });
    state.webhooks[index] = webhook;
    ok(&body)
}

pub fn delete(scope: &Scope, state: &mut State, _: &mut Outbox) -> Outcome {
    scope.caller.must_administer(state)?;
    let index = position(scope, state)?;
    state.webhooks.remove(index);
    empty()
}

fn position(scope: &Scope, state: &State) -> Result<usize, Refusal> {
    let id = scope.id("webhook");
    state.webhooks.iter().position(|webhook| webhook.id == id).ok_or(Refusal::NotFound)
}

/// `permit(:inbox_id, :name, :url, subscriptions: [])`: what is of another form is passed over.
fn assign(webhook: &mut Webhook, params: &Params) {
    if let Some(url) = params.text("url") {
        webhook.url = url;
    }
    if params.has("name") {
        webhook.name = params.text("name");
    }
    if params.has("inbox_id") {
        webhook.inbox = params.id("inbox_id");
    }
    if let Some(subscriptions) = params.list("subscriptions") {
        webhook.subscriptions = subscriptions;
    }
}
