//! Chatwoot's community clients, unchanged, against `preflight serve chatwoot`.
//!
//! npm `@figuro/chatwoot-sdk` 1.1.17 sends messages as multipart forms and the token twice; `PyPI` `chatwoot-sdk` 0.2.0 opens
//! the envelope of every answer. `PyPI` `chatwoot-client` 0.1.2 is not here: its actions print a URL and ask nobody.

use serde_json::json;

use crate::peer::{Clients, Language};
use crate::serve::Served;

#[test]
fn the_javascript_client_works_unchanged() {
    let Some(clients) = Clients::find("chatwoot", Language::Node) else { return };
    let seen = clients.show(&Served::start(&["chatwoot"], 1), &[], "sdk.cjs");
    let error = |status: u16, text: &str| json!({"status": status, "body": {"error": text}});
    let expected = json!({
        "profile": "administrator",
        "pages": [25, 3],
        "counts": 28,
        "filtered": 2,
        "note": {"private": true, "type": 1, "attributes": {"ai_generated": true}, "content": "Draft ½"},
        "reply": {"private": false, "sender": "user"},
        "thread": ["Draft ½", "Reply"],
        "deleted": "This message was deleted",
        "labels": ["urgent"],
        "assigned": 2,
        "unassigned": null,
        "status": "resolved",
        "conversation": "resolved",
        "contact": "sdk@customers.example.test",
        "found": 1,
        "inboxes": 3,
        "inbox": "Channel::Api",
        "hook": ["message_created"],
        "hooks": 1,
        "wrongToken": error(401, "Invalid Access Token"),
        "noRight": error(401, "You are not authorized to do this action"),
        "notFound": error(404, "Resource could not be found"),
        "refused": error(422, "Incoming messages are only allowed in Api inboxes"),
    });
    assert_eq!(seen, expected, "{seen:#}");
}

#[test]
fn the_python_client_works_unchanged() {
    let Some(clients) = Clients::find("chatwoot", Language::Python) else { return };
    let seen = clients.show(&Served::start(&["chatwoot"], 1), &[], "sdk.py");
    let expected = json!({
        "profile": "administrator",
        "pages": [25, 3, 0],
        "labelled": [1],
        "counts": 28,
        "conversation": {"status": "open", "priority": "high"},
        "note": {"private": true, "type": 1, "sender": "user"},
        "reply": {"private": false, "sender": "user"},
        "thread": ["Draft", "Reply"],
        "labels": ["urgent"],
        "toggled": "resolved",
        "assigned": null,
        "contacts": 15,
        "found": [1],
        "contact": "nora@customers.example.test",
        "inboxes": ["Channel::Api", "Channel::Email", "Channel::WebWidget"],
        "agents": 3,
        "teams": 2,
        "wrong_token": {"kind": "ChatwootAuthError", "status": 401},
        "not_found": {"kind": "ChatwootNotFoundError", "status": 404},
        "stranger": {"kind": "ChatwootAuthError", "status": 401},
    });
    assert_eq!(seen, expected, "{seen:#}");
}
