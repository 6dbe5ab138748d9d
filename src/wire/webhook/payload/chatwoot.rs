//! What Chatwoot sends (4.15.1, `app/listeners/webhook_listener.rb` and the models' `webhook_data`).

use jiff::Timestamp;
use serde_json::{Value, json};

/// The events that an account's webhook may subscribe to. There is no `conversation_resolved`.
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

pub fn body(event: &str, at: Timestamp) -> Option<Value> {
    let mut body = match event {
        "conversation_created" => conversation(at),
        "conversation_updated" => {
            let mut body = conversation(at);
            body["changed_attributes"] =
                json!([{ "status": { "previous_value": "open", "current_value": "resolved" } }]);
            body
        }
        "conversation_status_changed" => {
            let mut body = conversation(at);
            body["status"] = "resolved".into();
            body["changed_attributes"] = Value::Null;
            body
        }
        "message_created" | "message_updated" => message(at),
        "contact_created" => contact(),
        "contact_updated" => {
            let mut body = contact();
            body["changed_attributes"] = json!([{ "name": { "previous_value": "Zoe", "current_value": "Zoë Söhne" } }]);
            body
        }
        "webwidget_triggered" => json!({
            "id": 3, "contact": contact(), "inbox": inbox(), "account": account(), "current_conversation": null,
            "source_id": "9d6ae1a2-preflight", "event_info": { "initiated_at": { "timestamp": at.to_string() } },
        }),
        "inbox_created" | "inbox_updated" => json!({ "id": 1, "name": "Web", "account": account() }),
        "conversation_typing_on" | "conversation_typing_off" => {
            json!({ "user": agent(), "conversation": conversation(at), "is_private": false })
        }
        _ => return None,
    };
    body["event"] = event.into();
    Some(body)
}

fn account() -> Value {
    json!({ "id": 1, "name": "Acme" })
}

fn inbox() -> Value {
    json!({ "id": 1, "name": "Web" })
}

fn agent() -> Value {
    json!({ "id": 2, "name": "Ada", "email": "ada@example.com", "type": "user" })
}

fn contact() -> Value {
    json!({
        "account": account(), "additional_attributes": {}, "avatar": "", "custom_attributes": {},
        "email": "zoe@example.com", "id": 7, "identifier": null, "name": "Zoë Söhne", "phone_number": null,
        "thumbnail": "", "blocked": false,
    })
}

fn conversation(at: Timestamp) -> Value {
    let seconds = at.as_second();
    json!({
        "additional_attributes": {}, "can_reply": true, "channel": "Channel::WebWidget",
        "contact_inbox": {
            "id": 1, "contact_id": 7, "inbox_id": 1, "source_id": "9d6ae1a2-preflight",
            "created_at": at.to_string(), "updated_at": at.to_string(), "hmac_verified": false,
        },
        "id": 12, "inbox_id": 1, "messages": [], "labels": [],
        "meta": { "sender": contact(), "assignee": null, "assignee_type": null, "team": null, "hmac_verified": false },
        "status": "open", "custom_attributes": {}, "snoozed_until": null, "unread_count": 1,
        "first_reply_created_at": null, "priority": null, "waiting_since": seconds, "agent_last_seen_at": 0,
        "contact_last_seen_at": 0, "last_activity_at": seconds, "timestamp": seconds, "created_at": seconds,
        "updated_at": at.as_duration().as_secs_f64(), "account": account(),
    })
}

fn message(at: Timestamp) -> Value {
    json!({
        "account": account(), "additional_attributes": {}, "content_attributes": {}, "content_type": "text",
        "content": "Wo ist meine Bestellung? 📦", "conversation": conversation(at),
        "created_at": at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(), "id": 42, "inbox": inbox(),
        "message_type": "incoming", "private": false, "sender": contact(), "source_id": null,
    })
}
