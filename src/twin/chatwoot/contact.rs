//! Contacts: the customers, and their sessions in inboxes.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::twin::chatwoot::refusal::Invalid;
use crate::twin::chatwoot::state::State;
use crate::twin::kit::clock::iso_millis;

/// A customer.
#[derive(Clone, Debug)]
pub struct Contact {
    pub id: u64,
    pub name: String,
    pub email: Option<String>,
    /// E.164
    pub phone_number: Option<String>,
    /// The customer's id elsewhere.
    pub identifier: Option<String>,
    pub blocked: bool,
    pub labels: Vec<String>,
    pub additional_attributes: Map<String, Value>,
    pub custom_attributes: Map<String, Value>,
    pub last_activity_at: Option<Timestamp>,
    pub created_at: Timestamp,
}

/// A contact's session in an inbox.
#[derive(Clone, Debug)]
pub struct ContactInbox {
    pub id: u64,
    pub contact: u64,
    pub inbox: u64,
    pub source_id: String,
    pub pubsub_token: String,
    pub created_at: Timestamp,
}

impl Contact {
    /// Contacts without e-mail, phone number and identifier are visitors, who are in no list (`Contact.resolved_contacts`).
    pub fn is_resolved(&self) -> bool {
        self.email.is_some() || self.phone_number.is_some() || self.identifier.is_some()
    }

    /// What is wrong with it (`app/models/contact.rb`).
    pub fn validate(&self, state: &State) -> Invalid {
        let mut invalid = Invalid::default();
        let others = || state.contacts.values().filter(|other| other.id != self.id);
        if let Some(email) = &self.email {
            if others().any(|other| other.email.as_ref() == Some(email)) {
                invalid.add("email", "has already been taken");
            }
            if !is_email(email) {
                invalid.add("email", "Invalid email");
            }
        }
        if self.identifier.is_some() && others().any(|other| other.identifier == self.identifier) {
            invalid.add("identifier", "has already been taken");
        }
        if let Some(number) = &self.phone_number {
            if others().any(|other| other.phone_number.as_ref() == Some(number)) {
                invalid.add("phone_number", "has already been taken");
            }
            if !is_e164(number) {
                invalid.add("phone_number", "should be in e164 format");
            }
        }
        invalid
    }

    /// `app/views/api/v1/models/_contact.json.jbuilder` without its inboxes.
    pub fn view(&self) -> Value {
        let mut contact = json!({
            "additional_attributes": self.additional_attributes,
            "availability_status": "offline",
            "email": self.email,
            "id": self.id,
            "name": self.name,
            "phone_number": self.phone_number,
            "blocked": self.blocked,
            "identifier": self.identifier,
            "thumbnail": "",
            "custom_attributes": self.custom_attributes,
        });
        if let Some(at) = self.last_activity_at {
            contact["last_activity_at"] = at.as_second().into();
        }
        contact["created_at"] = self.created_at.as_second().into();
        contact
    }

    /// The same with the inboxes that the contact has a session in.
    pub fn view_with_inboxes(&self, state: &State) -> Value {
        let mut contact = self.view();
        let sessions = state.contact_inboxes.iter().filter(|session| session.contact == self.id);
        contact["contact_inboxes"] = sessions
            .filter_map(|session| {
                let inbox = state.inbox(session.inbox)?;
                Some(json!({ "source_id": session.source_id, "inbox": inbox.slim() }))
            })
            .collect();
        contact
    }

    /// `Contact#push_event_data`
    pub fn event_data(&self) -> Value {
        json!({
            "additional_attributes": self.additional_attributes,
            "custom_attributes": self.custom_attributes,
            "email": self.email,
            "id": self.id,
            "identifier": self.identifier,
            "name": self.name,
            "phone_number": self.phone_number,
            "thumbnail": "",
            "blocked": self.blocked,
            "type": "contact",
        })
    }

    /// `Contact#webhook_data`
    pub fn webhook_data(&self, state: &State) -> Value {
        json!({
            "account": state.account.webhook_data(),
            "additional_attributes": self.additional_attributes,
            "avatar": "",
            "custom_attributes": self.custom_attributes,
            "email": self.email,
            "id": self.id,
            "identifier": self.identifier,
            "name": self.name,
            "phone_number": self.phone_number,
            "thumbnail": "",
            "blocked": self.blocked,
        })
    }
}

impl ContactInbox {
    /// The record as Rails serialises it in a conversation's webhook.
    pub fn record(&self) -> Value {
        json!({
            "id": self.id,
            "contact_id": self.contact,
            "inbox_id": self.inbox,
            "source_id": self.source_id,
            "created_at": iso_millis(self.created_at),
            "updated_at": iso_millis(self.created_at),
            "hmac_verified": false,
            "pubsub_token": self.pubsub_token,
        })
    }
}

/// Devise's pattern: something, one `@`, something, without blanks.
fn is_email(text: &str) -> bool {
    let blank = text.chars().any(char::is_whitespace);
    matches!(text.split_once('@'), Some((name, host)) if !name.is_empty() && !host.is_empty() && !host.contains('@'))
        && !blank
}

/// `+`, a digit that is not 0, up to fourteen more.
fn is_e164(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (2..=15).contains(&digits.len())
            && !digits.starts_with('0')
            && digits.bytes().all(|digit| digit.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::{is_e164, is_email};

    #[test]
    fn addresses_and_numbers_are_told_from_what_is_none() {
        assert!(is_email("a@b.c") && !is_email("a@") && !is_email("a b@c") && !is_email("a@b@c"));
        assert!(is_e164("+15551234567") && !is_e164("15551234567") && !is_e164("+0123") && !is_e164("+1 555"));
    }
}
