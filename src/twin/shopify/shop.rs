//! One shop with the app installed: its records, the app's grants, and what happened in the current request.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::twin::kit::clock;
use crate::twin::kit::ids::Ids;
use crate::twin::shopify::access::Scopes;
use crate::twin::shopify::store::{Record, Store, text};
use crate::twin::shopify::version::Supported;

/// Something that a webhook may tell of.
#[derive(Clone, Debug)]
pub struct Event {
    /// `PRODUCTS_UPDATE`
    pub topic: &'static str,
    /// The resource as the REST Admin API renders it.
    pub body: Value,
}

/// The state of a shop.
#[derive(Clone, Debug)]
pub struct Shop {
    /// Shared between forks until one of them changes it.
    pub store: Arc<Store>,
    pub ids: Ids,
    pub scopes: Scopes,
    pub api_key: String,
    /// The API versions that there are; webhooks are written in the newest.
    pub supported: Supported,
    pub events: Vec<Event>,
    /// What each idempotency key was used for, and what came of it.
    pub idempotent: BTreeMap<String, (Value, Record)>,
}

impl Shop {
    pub fn change(&mut self) -> &mut Store {
        Arc::make_mut(&mut self.store)
    }

    pub fn about(&self) -> Record {
        self.store.rows("Shop").first().cloned().unwrap_or_default()
    }

    pub fn domain(&self) -> String {
        text(&self.about(), "myshopifyDomain").to_owned()
    }

    pub fn currency(&self) -> String {
        text(&self.about(), "currencyCode").to_owned()
    }

    pub fn emit(&mut self, topic: &'static str, body: Value) {
        self.events.push(Event { topic, body });
    }

    /// Writes members into a record and dates it. Null is written, a member that is absent is left as it is.
    pub fn update(&mut self, id: &str, members: &[(&str, Option<&Value>)], now: Timestamp) {
        if let Some(record) = self.change().get_mut(id) {
            for (name, value) in members {
                if let Some(value) = value {
                    record.insert((*name).to_owned(), (*value).clone());
                }
            }
            record.insert("updatedAt".into(), json!(clock::iso_seconds(now)));
        }
    }

    /// What an app is told of its own installation.
    pub fn installation(&self) -> Record {
        let scopes: Vec<_> = self
            .scopes
            .handles()
            .iter()
            .map(|handle| json!({ "handle": handle, "description": describe(handle) }))
            .collect();
        let installation = json!({
            "id": "gid://shopify/AppInstallation/640915271",
            "accessScopes": scopes,
            "launchUrl": format!("https://{}/admin/oauth/redirect_from_cli?client_id={}", self.domain(), self.api_key),
            "uninstallUrl": null,
            "app": { "id": "gid://shopify/App/224510977", "title": "HotDash", "handle": "hotdash", "apiKey": self.api_key },
        });
        installation.as_object().cloned().unwrap_or_default()
    }
}

/// `Read orders`: the descriptions of the real scopes are longer; nothing depends on them (remembered).
fn describe(handle: &str) -> String {
    let words = handle.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
