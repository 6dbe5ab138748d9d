//! The account itself (`app/views/api/v1/models/_account.json.jbuilder`).

use serde_json::{Value, json};

use crate::twin::chatwoot::scope::{Outcome, Scope, ok};
use crate::twin::chatwoot::state::State;
use crate::twin::kit::clock::iso_millis;

pub fn show(_: &Scope, state: &State) -> Outcome {
    ok(&json!({
        "settings": {},
        "created_at": iso_millis(state.account.created_at),
        "domain": null,
        "features": { "inbound_emails": true, "channel_email": true, "channel_website": true, "labels": true },
        "id": state.account.id,
        "locale": "en",
        "name": state.account.name,
        "support_email": null,
        "status": "active",
        "cache_keys": { "label": cache_key(state), "inbox": cache_key(state), "team": cache_key(state) },
        "latest_chatwoot_version": null,
    }))
}

/// The time of the last change, which the twin does not keep for lists: the account's own.
fn cache_key(state: &State) -> Value {
    state.account.created_at.as_second().to_string().into()
}
