//! What happened, as webhooks tell it.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request};
use jiff::Timestamp;
use serde_json::{Value, json};
use url::{Host, Url};

use crate::domain::delivery::Delivery;
use crate::twin::chatwoot::auth::Caller;
use crate::twin::chatwoot::inbox::Channel;
use crate::twin::chatwoot::settings::Settings;
use crate::twin::chatwoot::state::State;
use crate::wire::webhook::schemes::CHATWOOT;
use crate::wire::webhook::sign::Unsigned;

const DELIVERY: HeaderName = HeaderName::from_static("x-chatwoot-delivery");

/// One changed column: its name, what it was, what it is.
pub type Change = (&'static str, Value, Value);

/// Something that webhooks may be told of.
#[derive(Clone, Debug)]
pub enum Event {
    ConversationCreated { conversation: u64 },
    ConversationUpdated { conversation: u64, changes: Vec<Change> },
    ConversationStatusChanged { conversation: u64 },
    MessageCreated { conversation: u64, message: u64 },
    MessageUpdated { conversation: u64, message: u64 },
    ContactCreated { contact: u64 },
    ContactUpdated { contact: u64, changes: Vec<Change> },
    Typing { conversation: u64, by: Caller, on: bool, private: bool },
}

/// What one request set off, in order.
#[derive(Debug, Default)]
pub struct Outbox {
    pub events: Vec<Event>,
}

impl Event {
    pub fn name(&self) -> &'static str {
        match self {
            Self::ConversationCreated { .. } => "conversation_created",
            Self::ConversationUpdated { .. } => "conversation_updated",
            Self::ConversationStatusChanged { .. } => "conversation_status_changed",
            Self::MessageCreated { .. } => "message_created",
            Self::MessageUpdated { .. } => "message_updated",
            Self::ContactCreated { .. } => "contact_created",
            Self::ContactUpdated { .. } => "contact_updated",
            Self::Typing { on: true, .. } => "conversation_typing_on",
            Self::Typing { on: false, .. } => "conversation_typing_off",
        }
    }

    /// The conversation that it is about.
    fn conversation(&self) -> Option<u64> {
        match self {
            Self::ConversationCreated { conversation }
            | Self::ConversationUpdated { conversation, .. }
            | Self::ConversationStatusChanged { conversation }
            | Self::MessageCreated { conversation, .. }
            | Self::MessageUpdated { conversation, .. }
            | Self::Typing { conversation, .. } => Some(*conversation),
            Self::ContactCreated { .. } | Self::ContactUpdated { .. } => None,
        }
    }

    /// The body, from the state after the request: a background job reads the records anew. None when the record is gone.
    pub fn payload(&self, state: &State, settings: &Settings) -> Option<Value> {
        let version = settings.version;
        let conversation = self.conversation().and_then(|id| state.conversations.get(&id));
        let mut payload = match self {
            Self::ConversationCreated { .. } => conversation?.webhook_data(state, version),
            Self::ConversationUpdated { changes, .. } => {
                let mut data = conversation?.webhook_data(state, version);
                data["event"] = self.name().into();
                data["changed_attributes"] = changed_attributes(changes);
                data
            }
            Self::ConversationStatusChanged { .. } => {
                let mut data = conversation?.webhook_data(state, version);
                data["event"] = self.name().into();
                // `Conversation#notify_status_change` passes `status_change`, which Rails has emptied by the time the
                // transaction is committed: what the status was is told by conversation_updated alone.
                data["changed_attributes"] = Value::Null;
                data
            }
            Self::MessageCreated { message, .. } | Self::MessageUpdated { message, .. } => {
                let conversation = conversation?;
                conversation.message(*message)?.webhook_data(conversation, state, version)
            }
            Self::ContactCreated { contact } => state.contacts.get(contact)?.webhook_data(state),
            Self::ContactUpdated { contact, changes } => {
                let mut data = state.contacts.get(contact)?.webhook_data(state);
                data["event"] = self.name().into();
                data["changed_attributes"] = changed_attributes(changes);
                data
            }
            Self::Typing { by, private, .. } => {
                let user = match by {
                    Caller::User(id) => state.user(*id)?.webhook_data(),
                    Caller::Bot(id) => state.bot(*id)?.webhook_data(),
                };
                json!({
                    "event": self.name(),
                    "user": user,
                    "conversation": conversation?.webhook_data(state, version),
                    "is_private": private,
                })
            }
        };
        payload["event"] = self.name().into();
        Some(payload)
    }
}

/// `[{"status": {"previous_value": "open", "current_value": "resolved"}}]`
fn changed_attributes(changes: &[Change]) -> Value {
    let member = |(name, before, after): &Change| {
        let mut change = serde_json::Map::new();
        change.insert((*name).to_owned(), json!({ "previous_value": before, "current_value": after }));
        Value::Object(change)
    };
    changes.iter().map(member).collect()
}

impl Outbox {
    pub fn push(&mut self, event: Event) {
        self.events.push(event);
    }

    /// Every webhook that is due: the account's subscribers, then the API channel's own address.
    pub fn deliveries(self, now: Timestamp, state: &mut State, settings: &Settings) -> Vec<Delivery> {
        let mut deliveries = Vec::new();
        for event in self.events {
            let Some(payload) = event.payload(state, settings) else { continue };
            let body = Bytes::from(payload.to_string());
            for (url, secret) in receivers(&event, state) {
                let delivery_id = state.ids.uuid();
                let Some(request) = post(&url, &secret, &delivery_id, now, &body, settings) else { continue };
                deliveries.push(Delivery { event: event.name().to_owned(), request });
            }
        }
        deliveries
    }
}

/// `(address, secret)` of everyone who is to be told.
fn receivers(event: &Event, state: &State) -> Vec<(String, String)> {
    let wanting = state.webhooks.iter().filter(|webhook| webhook.wants(event.name()));
    let mut receivers: Vec<_> = wanting.map(|webhook| (webhook.url.clone(), webhook.secret.clone())).collect();
    let conversation = event.conversation().and_then(|id| state.conversations.get(&id));
    if let Some(inbox) = conversation.and_then(|conversation| state.inbox(conversation.inbox))
        && inbox.channel == Channel::Api
        && let Some(url) = &inbox.webhook_url
    {
        receivers.push((url.clone(), inbox.secret.clone()));
    }
    receivers
}

/// The request of `lib/webhooks/trigger.rb`; None when the address filter refuses it, which leaves a line in a log and no more.
fn post(
    url: &str,
    secret: &str,
    delivery_id: &str,
    now: Timestamp,
    body: &Bytes,
    settings: &Settings,
) -> Option<Request<Bytes>> {
    let parsed = Url::parse(url).ok()?;
    if settings.version.filters_webhook_urls() && !settings.allow_private_network && is_private(&parsed) {
        return None;
    }
    let mut request = Request::post(parsed.as_str())
        .header("content-type", "application/json")
        .header("accept", "application/json")
        .body(body.clone())
        .ok()?;
    if settings.version.signs_webhooks() {
        let key = CHATWOOT.key_of(secret.as_bytes());
        let signed = CHATWOOT.sign(&key, &Unsigned::of(&CHATWOOT.stamp(now), body)).ok()?;
        request.headers_mut().insert(DELIVERY, HeaderValue::from_str(delivery_id).ok()?);
        request.headers_mut().extend(signed);
    }
    Some(request)
}

/// Tells whether an address is loopback, private or link-local, by what is written in it; names are not resolved.
fn is_private(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback() || ip.is_private() || ip.is_link_local() || ip.is_unspecified(),
        Some(Host::Ipv6(ip)) => {
            ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local() || ip.is_unspecified()
        }
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::is_private;

    #[test]
    fn private_addresses_are_told_from_public_ones() {
        for private in [
            "http://localhost:3000/x",
            "http://127.0.0.1/",
            "http://10.0.0.7/",
            "http://[::1]:80/",
            "http://192.168.1.2/",
        ] {
            assert!(is_private(&Url::parse(private).unwrap()), "{private}");
        }
        for public in ["https://app.example.test/", "https://93.184.216.34/"] {
            assert!(!is_private(&Url::parse(public).unwrap()), "{public}");
        }
    }
}
