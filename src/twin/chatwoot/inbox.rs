//! Inboxes: the channels that conversations come through.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::twin::chatwoot::state::Account;
use crate::twin::chatwoot::version::Version;
use crate::twin::kit::clock::iso_millis;

/// The kinds of channel that are modelled.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
pub enum Channel {
    #[serde(rename = "Channel::Api")]
    Api,
    #[serde(rename = "Channel::WebWidget")]
    WebWidget,
    #[serde(rename = "Channel::Email")]
    Email,
}

impl Channel {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Api => "Channel::Api",
            Self::WebWidget => "Channel::WebWidget",
            Self::Email => "Channel::Email",
        }
    }
}

/// An inbox with its channel.
#[derive(Clone, Debug)]
pub struct Inbox {
    pub id: u64,
    pub name: String,
    pub channel: Channel,
    /// Where an API channel sends its events, besides the account's webhooks.
    pub webhook_url: Option<String>,
    /// Signs what an API channel sends (4.13.0 and later).
    pub secret: String,
    pub hmac_token: String,
    pub identifier: String,
    pub created_at: Timestamp,
}

impl Inbox {
    /// `app/views/api/v1/models/_inbox.json.jbuilder`; administrators see secrets in it.
    pub fn view(&self, administrator: bool, version: Version) -> Value {
        let mut inbox = json!({
            "id": self.id,
            "avatar_url": "",
            "channel_id": self.id,
            "name": self.name,
            "channel_type": self.channel.as_str(),
            "greeting_enabled": false,
            "greeting_message": null,
            "working_hours_enabled": false,
            "enable_email_collect": false,
            "csat_survey_enabled": false,
            "csat_config": {},
            "enable_auto_assignment": false,
            "auto_assignment_config": {},
            "out_of_office_message": null,
            "working_hours": working_hours(),
            "timezone": "UTC",
            "callback_webhook_url": null,
            "allow_messages_after_resolved": true,
            "lock_to_single_conversation": false,
            "sender_name_type": "friendly",
            "business_name": null,
            "allowed_domains": null,
            "widget_color": null,
            "website_url": null,
            "hmac_mandatory": null,
            "welcome_title": null,
            "welcome_tagline": null,
            "web_widget_script": null,
            "website_token": null,
            "selected_feature_flags": null,
            "reply_time": null,
            "messaging_service_sid": null,
            "phone_number": null,
            "provider": null,
        });
        let own = match self.channel {
            Channel::Api => self.api_members(administrator, version),
            Channel::WebWidget => self.widget_members(administrator),
            Channel::Email => self.email_members(administrator),
        };
        merge(&mut inbox, own);
        inbox
    }

    fn api_members(&self, administrator: bool, version: Version) -> Value {
        let mut members = json!({
            "hmac_mandatory": false,
            "webhook_url": self.webhook_url,
            "inbox_identifier": self.identifier,
            "additional_attributes": {},
        });
        if administrator {
            members["hmac_token"] = self.hmac_token.as_str().into();
            if version.signs_webhooks() {
                members["secret"] = self.secret.as_str().into();
            }
        }
        members
    }

    fn widget_members(&self, administrator: bool) -> Value {
        let mut members = json!({
            "allowed_domains": "",
            "widget_color": "#1f93ff",
            "website_url": "https://shop.example.test",
            "hmac_mandatory": false,
            "welcome_title": "",
            "welcome_tagline": "",
            "web_widget_script": "<script>…</script>",
            "website_token": self.identifier,
            "selected_feature_flags": ["attachments", "emoji_picker", "end_conversation"],
            "reply_time": "in_a_few_minutes",
            "pre_chat_form_enabled": false,
            "pre_chat_form_options": {},
            "continuity_via_email": true,
        });
        if administrator {
            members["hmac_token"] = self.hmac_token.as_str().into();
        }
        members
    }

    fn email_members(&self, administrator: bool) -> Value {
        let mut members = json!({ "email": "care@shop.example.test", "forwarding_enabled": false });
        if administrator {
            let secrets = json!({
                "imap_login": "care@shop.example.test",
                "imap_password": self.secret,
                "imap_address": "imap.shop.example.test",
                "imap_port": 993,
                "imap_enabled": true,
                "imap_enable_ssl": true,
                "imap_authentication": "plain",
                "smtp_login": "care@shop.example.test",
                "smtp_password": self.hmac_token,
                "smtp_address": "smtp.shop.example.test",
                "smtp_port": 587,
                "smtp_enabled": true,
                "smtp_domain": "shop.example.test",
                "smtp_enable_ssl_tls": false,
                "smtp_enable_starttls_auto": true,
                "smtp_openssl_verify_mode": "none",
                "smtp_authentication": "login",
            });
            merge(&mut members, secrets);
        }
        members
    }

    /// `app/views/api/v1/models/_inbox_slim.json.jbuilder`
    pub fn slim(&self) -> Value {
        json!({
            "id": self.id,
            "avatar_url": "",
            "channel_id": self.id,
            "name": self.name,
            "channel_type": self.channel.as_str(),
            "provider": null,
        })
    }

    /// The record as Rails serialises it: what a new contact's answer holds (`db/schema.rb`, inboxes).
    pub fn record(&self, account: &Account) -> Value {
        json!({
            "id": self.id,
            "channel_id": self.id,
            "account_id": account.id,
            "name": self.name,
            "created_at": iso_millis(self.created_at),
            "updated_at": iso_millis(self.created_at),
            "channel_type": self.channel.as_str(),
            "enable_auto_assignment": false,
            "greeting_enabled": false,
            "greeting_message": null,
            "email_address": null,
            "working_hours_enabled": false,
            "out_of_office_message": null,
            "timezone": "UTC",
            "enable_email_collect": false,
            "csat_survey_enabled": false,
            "allow_messages_after_resolved": true,
            "auto_assignment_config": {},
            "lock_to_single_conversation": false,
            "portal_id": null,
            "sender_name_type": "friendly",
            "business_name": null,
            "csat_config": {},
        })
    }

    /// `Inbox#webhook_data`
    pub fn webhook_data(&self) -> Value {
        json!({ "id": self.id, "name": self.name })
    }
}

/// Monday to Friday from 9 to 17, closed at the weekend (`OutOfOffisable`).
fn working_hours() -> Value {
    let day = |day_of_week: u8| {
        let closed = matches!(day_of_week, 0 | 6);
        let hour = |hour: u8| if closed { Value::Null } else { hour.into() };
        json!({
            "day_of_week": day_of_week,
            "closed_all_day": closed,
            "open_hour": hour(9),
            "open_minutes": hour(0),
            "close_hour": hour(17),
            "close_minutes": hour(0),
            "open_all_day": false,
        })
    };
    (0..7).map(day).collect()
}

fn merge(into: &mut Value, members: Value) {
    if let (Value::Object(into), Value::Object(members)) = (into, members) {
        into.extend(members);
    }
}
