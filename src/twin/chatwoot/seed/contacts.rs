//! `contacts.json`: who has written.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::twin::chatwoot::contact::Contact;

/// One of `contacts.json`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContactSeed {
    name: String,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    phone_number: Option<String>,
    #[serde(default)]
    identifier: Option<String>,
    #[serde(default)]
    labels: Vec<String>,
    #[serde(default)]
    additional_attributes: Map<String, Value>,
    #[serde(default)]
    custom_attributes: Map<String, Value>,
}

impl ContactSeed {
    pub fn build(self, id: u64, created_at: Timestamp) -> Contact {
        Contact {
            id,
            name: self.name,
            email: self.email,
            phone_number: self.phone_number,
            identifier: self.identifier,
            blocked: false,
            labels: self.labels,
            additional_attributes: self.additional_attributes,
            custom_attributes: self.custom_attributes,
            last_activity_at: None,
            created_at,
        }
    }
}
