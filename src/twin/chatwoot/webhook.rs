//! Webhooks of the account: who wants to be told of what.

use serde_json::{Value, json};

use crate::twin::chatwoot::refusal::Invalid;
use crate::twin::chatwoot::state::State;
use crate::twin::chatwoot::version::Version;

/// Every event that a webhook may subscribe to (`app/models/webhook.rb`). There is no `conversation_resolved`.
pub const EVENTS: [&str; 12] = [
    "conversation_status_changed",
    "conversation_updated",
    "conversation_created",
    "contact_created",
    "contact_updated",
    "message_created",
    "message_updated",
    "webwidget_triggered",
    "inbox_created",
    "inbox_updated",
    "conversation_typing_on",
    "conversation_typing_off",
];

/// The subscriptions of a webhook that was given none (`db/schema.rb`): the first eight events.
pub const DEFAULT_SUBSCRIPTIONS: usize = 8;

/// One webhook.
#[derive(Clone, Debug)]
pub struct Webhook {
    pub id: u64,
    pub name: Option<String>,
    pub url: String,
    pub inbox: Option<u64>,
    pub subscriptions: Vec<String>,
    /// 24 base 58 letters; the key of the signature as it is.
    pub secret: String,
}

impl Webhook {
    pub fn wants(&self, event: &str) -> bool {
        self.subscriptions.iter().any(|wanted| wanted == event)
    }

    /// What is wrong with it.
    pub fn validate(&self, state: &State) -> Invalid {
        let mut invalid = Invalid::default();
        if state.webhooks.iter().any(|other| other.id != self.id && other.url == self.url) {
            invalid.add("url", "has already been taken");
        }
        if !url::Url::parse(&self.url).is_ok_and(|url| matches!(url.scheme(), "http" | "https")) {
            invalid.add("url", "is invalid");
        }
        let known = |event: &String| EVENTS.contains(&event.as_str());
        if self.subscriptions.is_empty() || !self.subscriptions.iter().all(known) {
            invalid.add("subscriptions", "Invalid events");
        }
        invalid
    }

    /// `app/views/api/v1/accounts/webhooks/_webhook.json.jbuilder`; name and secret came with the signature.
    pub fn view(&self, state: &State, version: Version) -> Value {
        let mut webhook = json!({ "id": self.id });
        if version.signs_webhooks() {
            webhook["name"] = self.name.clone().into();
        }
        webhook["url"] = self.url.clone().into();
        webhook["account_id"] = state.account.id.into();
        webhook["subscriptions"] = self.subscriptions.clone().into();
        if version.signs_webhooks() {
            webhook["secret"] = self.secret.clone().into();
        }
        if let Some(inbox) = self.inbox.and_then(|id| state.inbox(id)) {
            webhook["inbox"] = inbox.webhook_data();
        }
        webhook
    }
}
