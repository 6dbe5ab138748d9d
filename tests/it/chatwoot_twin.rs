//! The Chatwoot twin as a sequence of requests, without a socket.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use jiff::Timestamp;
use preflight::adapter::embedded;
use preflight::check::schema::{self, Schemas};
use preflight::domain::delivery::Delivery;
use preflight::twin::answer::{Answer, Reply};
use preflight::twin::chatwoot::Chatwoot;
use preflight::twin::{Start, Twin};
use preflight::wire::webhook::schemes::CHATWOOT;
use preflight::wire::webhook::verify::Received;
use serde_json::{Value, json};

/// A twin and what one needs to talk to it.
struct Desk {
    twin: Box<dyn Twin>,
    now: Timestamp,
    variables: BTreeMap<String, String>,
    schemas: Schemas,
}

impl Desk {
    fn open() -> Self {
        let files = embedded::files();
        let below = |folder: &str| -> BTreeMap<String, Bytes> {
            let own = files.iter().filter_map(|(path, bytes)| Some((path.strip_prefix(folder)?, bytes)));
            own.map(|(name, bytes)| (name.to_owned(), bytes.clone())).collect()
        };
        let fixtures = below("fixtures/chatwoot/");
        let now: Timestamp = "2026-11-20T09:00:00.25Z".parse().expect("a time");
        let twin = Box::new(Chatwoot::new(&Start { now, seed: 7, fixtures: &fixtures }).expect("the fixtures"));
        let documents = below("schemas/chatwoot/").into_iter().map(|(name, bytes)| {
            (format!("chatwoot/{}", name.trim_end_matches(".json")), serde_json::from_slice(&bytes).expect("a schema"))
        });
        let variables = twin.identity().variables;
        Self { twin, now, variables, schemas: Schemas::new(documents.collect()) }
    }

    fn set(mut self, setting: &str, value: impl Into<Value>) -> Self {
        self.twin.arrange(self.now, setting, &value.into()).expect("a setting");
        self
    }

    fn pass(&mut self, seconds: u64) {
        self.now += Duration::from_secs(seconds);
    }

    fn fill(&self, text: &str) -> String {
        self.variables.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("${{{name}}}"), value))
    }

    fn send(&mut self, request: &Request<Bytes>) -> Reply {
        match self.twin.answer(self.now, request) {
            Answer::Reply(reply) => reply,
            Answer::Ask(_) => panic!("Chatwoot asks nobody"),
        }
    }

    /// `GET conversations`, below the account, as the administrator.
    fn ask(&mut self, line: &str, body: &Value) -> Reply {
        self.ask_as("${CHATWOOT_API_TOKEN}", line, body)
    }

    fn ask_as(&mut self, token: &str, line: &str, body: &Value) -> Reply {
        let (method, path) = line.split_once(' ').expect("a method and a path");
        let account = &self.variables["CHATWOOT_ACCOUNT_ID"];
        let uri = if path.starts_with('/') { path.to_owned() } else { format!("/api/v1/accounts/{account}/{path}") };
        let mut request = Request::builder().method(method).uri(self.fill(&uri)).header("accept", "application/json");
        if !token.is_empty() {
            request = request.header("api_access_token", self.fill(token));
        }
        let body = if body.is_null() { Bytes::new() } else { Bytes::from(self.fill(&body.to_string())) };
        self.send(&request.header("content-type", "application/json").body(body).expect("a request"))
    }

    fn get(&mut self, path: &str) -> Value {
        json_of(&self.ask(&format!("GET {path}"), &Value::Null).response)
    }

    fn check(&self, schema: &str, body: &Value, what: &str) {
        let validator = self.schemas.get(&format!("chatwoot/{schema}")).expect("a schema");
        let finding = schema::check(schema, &validator, body, "");
        assert!(finding.is_none(), "{what}: {finding:?}\n{body:#}");
    }
}

fn json_of(response: &Response<Bytes>) -> Value {
    serde_json::from_slice(response.body()).unwrap_or_else(|_| panic!("{response:?}"))
}

fn events(deliveries: &[Delivery]) -> Vec<&str> {
    deliveries.iter().map(|delivery| delivery.event.as_str()).collect()
}

const CONVERSATION: &str = "conversations/${CHATWOOT_CONVERSATION_ID}";

/// Every shape that the twin sends, as `request, body, status, schema`.
fn shapes() -> Vec<(&'static str, Value, u16, &'static str)> {
    let none = Value::Null;
    vec![
        ("GET /health", none.clone(), 200, "health"),
        ("GET /api", none.clone(), 200, "api-status"),
        ("GET /api/v1/profile", none.clone(), 200, "profile"),
        ("GET /api/v1/accounts/1", none.clone(), 200, "account"),
        ("GET agents", none.clone(), 200, "agent-list"),
        ("GET teams", none.clone(), 200, "team-list"),
        ("GET teams/1", none.clone(), 200, "team"),
        ("GET inboxes", none.clone(), 200, "inbox-list"),
        ("GET inboxes/2", none.clone(), 200, "inbox"),
        ("GET conversations?status=all&updated_within=9000000", none.clone(), 200, "conversation-list"),
        ("GET conversations/meta", none.clone(), 200, "conversation-counts"),
        ("GET conversations/search?q=order", none.clone(), 200, "conversation-search"),
        (
            "POST conversations/filter",
            json!({"payload": [{"attribute_key": "status", "filter_operator": "equal_to", "values": ["all"]}]}),
            200,
            "conversation-filter",
        ),
        (
            "POST conversations/filter",
            json!({"payload": [{"attribute_key": "mood", "filter_operator": "equal_to", "values": ["bad"]}]}),
            422,
            "error",
        ),
        (
            "POST conversations",
            json!({"inbox_id": 1, "contact_id": 1, "message": {"content": "Hello"}}),
            200,
            "conversation",
        ),
        ("GET conversations/2", none.clone(), 200, "conversation"),
        ("GET conversations/99999", none.clone(), 404, "error"),
        ("PATCH conversations/2", json!({"priority": "low"}), 200, "conversation"),
        ("POST conversations/2/toggle_status", none.clone(), 200, "status-toggled"),
        ("POST conversations/2/toggle_status", json!({"status": "closed"}), 500, "rails-exception"),
        ("POST conversations/2/custom_attributes", json!({"custom_attributes": {"a": 1}}), 200, "custom-attributes"),
        ("POST conversations/2/assignments", json!({"assignee_id": 2}), 200, "agent"),
        ("POST conversations/2/assignments", json!({"team_id": 2}), 200, "team-record"),
        ("POST conversations/2/assignments", json!({"assignee_id": 1, "assignee_type": "AgentBot"}), 200, "agent-bot"),
        ("GET conversations/2", none.clone(), 200, "conversation"),
        ("POST conversations/2/assignments", json!({"assignee_id": 404}), 200, "null"),
        ("POST conversations/2/transcript", json!({}), 422, "error"),
        ("GET conversations/2/transcript", none.clone(), 404, "rails-exception"),
        ("GET conversations/2/messages", none.clone(), 200, "message-list"),
        ("POST conversations/2/messages", json!({"content": "Hi", "echo_id": "e1"}), 200, "message"),
        ("POST conversations/2/messages", json!({"content": "Hi", "message_type": "incoming"}), 422, "error"),
        ("PATCH conversations/2/messages/1002", json!({"status": "read"}), 403, "error"),
        ("PATCH conversations/1/messages/1001", json!({"status": "read"}), 200, "message"),
        ("DELETE conversations/1/messages/1001", none.clone(), 200, "message"),
        ("GET conversations/1/labels", none.clone(), 200, "titles"),
        ("POST conversations/1/labels", json!({"labels": ["new"]}), 200, "titles"),
        ("GET contacts/1/labels", none.clone(), 200, "titles"),
        ("POST contacts/1/labels", json!({"labels": ["new"]}), 200, "titles"),
        ("GET labels", none.clone(), 200, "label-list"),
        ("POST labels", json!({"title": "Fragile"}), 200, "label"),
        ("POST labels", json!({"title": "fragile"}), 422, "invalid-record"),
        ("POST labels", json!({}), 422, "error"),
        ("PATCH labels/1", json!({"color": "#000000"}), 200, "label"),
        ("GET contacts", none.clone(), 200, "contact-list"),
        ("GET contacts?page=2", none.clone(), 200, "contact-list"),
        ("GET contacts/search?q=example", none.clone(), 200, "contact-search"),
        ("GET contacts/search", none.clone(), 200, "contact-search"),
        (
            "POST contacts/filter",
            json!({"payload": [{"attribute_key": "city", "filter_operator": "contains", "values": ["bos"]}]}),
            200,
            "contact-list",
        ),
        (
            "POST contacts",
            json!({"name": "New", "email": "new@customers.example.test", "inbox_id": 1}),
            200,
            "contact-created",
        ),
        ("POST contacts", json!({"name": "No inbox"}), 200, "contact-created"),
        ("POST contacts", json!({"phone_number": "555"}), 422, "invalid-record"),
        ("GET contacts/1", none.clone(), 200, "contact-answer"),
        ("PUT contacts/1", json!({"name": "Nora Q."}), 200, "contact-answer"),
        ("GET contacts/1/conversations", none.clone(), 200, "contact-conversations"),
        ("GET webhooks", none.clone(), 200, "webhook-list"),
        (
            "POST webhooks",
            json!({"url": "https://app.example.test/hook", "subscriptions": ["message_created"], "inbox_id": 1}),
            200,
            "webhook-answer",
        ),
        ("POST webhooks", json!({"url": "ftp://x", "subscriptions": ["conversation_resolved"]}), 422, "invalid-record"),
        ("PATCH webhooks/1", json!({"name": "Other"}), 200, "webhook-answer"),
        ("GET /rails/health", none, 404, "rails-exception"),
    ]
}

#[test]
fn every_body_is_valid_against_its_schema() {
    for version in ["4.15.1", "4.6.0"] {
        let mut desk = Desk::open().set("version", version);
        for (line, body, status, schema) in shapes() {
            // What 4.6.0 has not.
            let absent = version == "4.6.0" && (line == "GET /health" || body["assignee_type"] == "AgentBot");
            if absent {
                continue;
            }
            let reply = desk.ask(line, &body);
            let what = format!("{version} {line} {body}");
            assert_eq!(reply.response.status(), status, "{what}: {:?}", reply.response);
            assert_eq!(reply.gap, None, "{what}");
            desk.check(schema, &json_of(&reply.response), &what);
            for delivery in &reply.deliveries {
                let payload: Value = serde_json::from_slice(delivery.request.body()).unwrap();
                desk.check(webhook_schema(&delivery.event), &payload, &format!("{what} -> {}", delivery.event));
            }
        }
    }
}

fn webhook_schema(event: &str) -> &'static str {
    match event {
        "conversation_created" => "webhook-conversation-created",
        "conversation_updated" => "webhook-conversation-updated",
        "conversation_status_changed" => "webhook-conversation-status-changed",
        "message_created" => "webhook-message-created",
        "message_updated" => "webhook-message-updated",
        "contact_created" => "webhook-contact-created",
        "contact_updated" => "webhook-contact-updated",
        _ => "webhook-typing",
    }
}

#[test]
fn every_kind_of_webhook_is_seen_and_valid() {
    let mut desk = Desk::open();
    let requests = [
        ("POST conversations/1/toggle_typing_status", json!({"typing_status": "on"})),
        ("POST conversations/1/toggle_typing_status", json!({"typing_status": "off", "is_private": true})),
        ("POST conversations", json!({"inbox_id": 1, "contact_id": 2})),
        ("POST conversations/1/messages", json!({"content": "From the customer", "message_type": "incoming"})),
        ("POST conversations/1/messages", json!({"content": "A note", "private": true})),
        ("POST conversations/1/messages", json!({"content": "A reply"})),
        ("POST conversations/1/mute", json!({})),
        ("POST contacts", json!({"name": "New"})),
        ("DELETE conversations/1/messages/1001", Value::Null),
    ];
    let mut seen = Vec::new();
    for (line, body) in requests {
        for delivery in desk.ask(line, &body).deliveries {
            let payload: Value = serde_json::from_slice(delivery.request.body()).unwrap();
            desk.check(webhook_schema(&delivery.event), &payload, &format!("{line} -> {}", delivery.event));
            seen.push(delivery.event);
        }
    }
    seen.sort();
    seen.dedup();
    let expected = [
        "contact_created",
        "contact_updated",
        "conversation_created",
        "conversation_status_changed",
        "conversation_typing_off",
        "conversation_typing_on",
        "conversation_updated",
        "message_created",
        "message_updated",
    ];
    assert_eq!(seen, expected);
}

#[test]
fn a_schema_refuses_what_is_of_another_shape() {
    let mut desk = Desk::open();
    let message = json_of(&desk.ask("POST conversations/1/messages", &json!({"content": "Hi"})).response);
    let spoiled = [
        ("message", "message_type", json!("outgoing")),
        ("message", "created_at", json!("2026-01-01T00:00:00Z")),
        ("message", "private", json!("true")),
        ("message", "surprise", json!(1)),
        ("conversation", "id", json!(1)),
    ];
    for (schema, member, value) in spoiled {
        let mut body = message.clone();
        body[member] = value;
        let validator = desk.schemas.get(&format!("chatwoot/{schema}")).unwrap();
        assert!(schema::check(schema, &validator, &body, "").is_some(), "{schema} took {member}");
    }
}

#[test]
fn each_way_to_have_no_right_is_told_in_its_own_words() {
    let table = [
        ("", "GET conversations", 401, r#"{"errors":["You need to sign in or sign up before continuing."]}"#),
        ("wrong", "GET conversations", 401, r#"{"error":"Invalid Access Token"}"#),
        (
            "${CHATWOOT_BOT_TOKEN}",
            "GET conversations",
            401,
            r#"{"error":"Access to this endpoint is not authorized for bots"}"#,
        ),
        (
            "${CHATWOOT_BOT_TOKEN}",
            "GET /api/v1/profile",
            401,
            r#"{"error":"Access to this endpoint is not authorized for bots"}"#,
        ),
        (
            "${CHATWOOT_API_TOKEN}",
            "GET /api/v1/accounts/2/conversations",
            401,
            r#"{"error":"You are not authorized to access this account"}"#,
        ),
        (
            "${CHATWOOT_BOT_TOKEN}",
            "POST /api/v1/accounts/2/conversations/1/messages",
            401,
            r#"{"error":"Bot is not authorized to access this account"}"#,
        ),
        ("${CHATWOOT_AGENT_TOKEN}", "GET webhooks", 401, r#"{"error":"You are not authorized to do this action"}"#),
        (
            "${CHATWOOT_AGENT_TOKEN}",
            "GET conversations/4",
            401,
            r#"{"error":"You are not authorized to do this action"}"#,
        ),
        (
            "${CHATWOOT_API_TOKEN}",
            "GET /api/v1/accounts/9/conversations",
            404,
            r#"{"error":"Resource could not be found"}"#,
        ),
    ];
    let mut desk = Desk::open();
    for (token, line, status, body) in table {
        let reply = desk.ask_as(token, line, &Value::Null);
        assert_eq!(
            (reply.response.status().as_u16(), &reply.response.body()[..]),
            (status, body.as_bytes()),
            "{token} {line}"
        );
    }
    let mut suspended = Desk::open().set("account-suspended", true);
    assert_eq!(suspended.get("conversations"), json!({"error": "Account is suspended"}));
}

#[test]
fn a_proxy_that_drops_the_header_is_told_from_a_wrong_token() {
    let mut desk = Desk::open().set("header-stripped", true);
    assert!(desk.get("conversations")["errors"].is_array());
    let token = desk.fill("${CHATWOOT_API_TOKEN}");
    for (header, status) in [("api-access-token", 200), ("authorization", 401)] {
        let request = Request::get("/api/v1/profile").header(header, &token).body(Bytes::new()).unwrap();
        assert_eq!(desk.send(&request).response.status(), status, "{header}");
    }
}

#[test]
fn open_conversations_come_25_to_a_page_and_then_none() {
    let mut desk = Desk::open();
    let sizes: Vec<_> = (1..=3)
        .map(|page| desk.get(&format!("conversations?page={page}"))["data"]["payload"].as_array().unwrap().len())
        .collect();
    assert_eq!(sizes, [25, 3, 0]);
    let list = desk.get("conversations");
    let meta = &list["data"]["meta"];
    assert_eq!(meta["all_count"], 28);
    let count = |name: &str| meta[name].as_u64().unwrap();
    assert_eq!(count("assigned_count") + count("unassigned_count"), count("all_count"));
    let activity: Vec<_> = list["data"]["payload"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["last_activity_at"].as_i64().unwrap())
        .collect();
    assert!(activity.is_sorted_by(|one, other| one >= other), "{activity:?}");
}

#[test]
fn an_agent_sees_its_inboxes_alone() {
    let mut desk = Desk::open();
    let list =
        desk.ask_as("${CHATWOOT_AGENT_TOKEN}", "GET conversations?status=all&updated_within=9000000", &Value::Null);
    let list = json_of(&list.response);
    let inboxes: Vec<_> = list["data"]["payload"].as_array().unwrap().iter().map(|row| &row["inbox_id"]).collect();
    assert!(!inboxes.is_empty() && inboxes.iter().all(|inbox| **inbox != 3), "{inboxes:?}");
}

#[test]
fn filters_select_what_they_say() {
    let count = |desk: &mut Desk, path: &str| desk.get(path)["data"]["payload"].as_array().unwrap().len();
    let mut desk = Desk::open();
    let table = [
        ("conversations?status=resolved", 4),
        ("conversations?status=pending", 2),
        ("conversations?status=snoozed", 1),
        ("conversations?status=nonsense", 0),
        ("conversations?assignee_type=me", 1),
        ("conversations?inbox_id=3", 1),
        ("conversations?team_id=1", 1),
        ("conversations?labels[]=vip", 1),
        ("conversations?q=waterproof", 1),
        ("conversations?updated_within=1200", 1),
    ];
    for (path, expected) in table {
        assert_eq!(count(&mut desk, path), expected, "{path}");
    }
    let conditions = json!({"payload": [
        {"attribute_key": "status", "filter_operator": "equal_to", "values": ["pending"], "query_operator": "OR"},
        {"attribute_key": "priority", "filter_operator": "equal_to", "values": ["high"], "query_operator": "and"},
        {"attribute_key": "labels", "filter_operator": "equal_to", "values": ["vip"], "query_operator": null}]});
    let found = json_of(&desk.ask("POST conversations/filter", &conditions).response);
    assert_eq!(found["meta"]["all_count"], 3);
}

#[test]
fn a_thread_is_paged_by_message_id() {
    let mut desk = Desk::open();
    let ids = |desk: &mut Desk, query: &str| -> Vec<u64> {
        let page = desk.get(&format!("conversations/3/messages{query}"));
        page["payload"].as_array().unwrap().iter().map(|message| message["id"].as_u64().unwrap()).collect()
    };
    let newest = ids(&mut desk, "");
    assert_eq!(newest.len(), 20);
    assert!(newest.is_sorted());
    let older = ids(&mut desk, &format!("?before={}", newest[0]));
    assert_eq!((older.len(), older[19]), (20, newest[0] - 1));
    assert_eq!(ids(&mut desk, &format!("?after={}", older[0] - 1)).len(), 40);
    assert_eq!(ids(&mut desk, &format!("?after={}&before={}", older[0], older[2])), older[..2]);
}

#[test]
fn a_draft_is_a_note_until_someone_approves_it() {
    let mut desk = Desk::open();
    let before = json_of(&desk.ask(&format!("GET {CONVERSATION}"), &Value::Null).response);
    let note = desk.ask_as(
        "${CHATWOOT_BOT_TOKEN}",
        &format!("POST {CONVERSATION}/messages"),
        &json!({"content": "Draft: it left on Friday.", "private": true}),
    );
    assert_eq!(json_of(&note.response)["sender"]["type"], "agent_bot");
    assert_eq!(events(&note.deliveries), ["message_created"]);
    let payload: Value = serde_json::from_slice(note.deliveries[0].request.body()).unwrap();
    assert_eq!((&payload["private"], &payload["message_type"]), (&json!(true), &json!("outgoing")));
    assert_eq!(payload["conversation"]["messages"][0]["private"], false, "the last public one");

    let waiting = json_of(&desk.ask(&format!("GET {CONVERSATION}"), &Value::Null).response);
    assert_eq!(waiting["first_reply_created_at"], 0);
    assert_eq!(waiting["waiting_since"], before["waiting_since"]);

    desk.pass(60);
    let reply = desk.ask(&format!("POST {CONVERSATION}/messages"), &json!({"content": "It left on Friday."}));
    assert_eq!(events(&reply.deliveries), ["message_created", "conversation_updated"]);
    let answered = json_of(&desk.ask(&format!("GET {CONVERSATION}"), &Value::Null).response);
    assert_eq!(answered["first_reply_created_at"], desk.now.as_second());
    assert_eq!(answered["waiting_since"], 0);
}

#[test]
fn a_status_change_is_told_twice_and_never_as_resolved() {
    let mut desk = Desk::open();
    let reply = desk.ask("POST conversations/1/toggle_status", &json!({"status": "resolved"}));
    assert_eq!(events(&reply.deliveries), ["conversation_status_changed", "conversation_updated"]);
    let updated: Value = serde_json::from_slice(reply.deliveries[1].request.body()).unwrap();
    assert_eq!(
        updated["changed_attributes"][0],
        json!({"status": {"previous_value": "open", "current_value": "resolved"}})
    );
    assert_eq!(desk.get("conversations/1")["messages"][0]["content"], "Conversation was marked resolved by Ada Admin");
    let again = desk.ask("POST conversations/1/toggle_status", &json!({"status": "resolved"}));
    assert!(again.deliveries.is_empty(), "nothing changed");
}

#[test]
fn deliveries_are_signed_since_4_11_2_and_bear_an_id() {
    let mut desk = Desk::open();
    let reply = desk.ask("POST conversations/1/messages", &json!({"content": "Hi"}));
    let secret = desk.fill("${CHATWOOT_WEBHOOK_SECRET}");
    for delivery in &reply.deliveries {
        let request = &delivery.request;
        assert_eq!(request.uri(), "https://dashboard.example.test/api/webhooks/chatwoot");
        let received = Received::of(request.headers(), request.body());
        assert_eq!(CHATWOOT.verify(&CHATWOOT.key(&secret).expect("a secret"), &received, desk.now), Ok(()));
        assert_eq!(request.headers()["x-chatwoot-delivery"].len(), 36);
    }
    let mut old = Desk::open().set("version", "4.6.0");
    let reply = old.ask("POST conversations/1/messages", &json!({"content": "Hi"}));
    assert_eq!(events(&reply.deliveries), ["message_created", "conversation_updated"]);
    assert!(reply.deliveries[0].request.headers().keys().all(|name| !name.as_str().starts_with("x-chatwoot")));
}

#[test]
fn a_private_address_is_told_nothing_once_the_filter_is_on() {
    let webhook = json!({"url": "http://127.0.0.1:3000/hook", "subscriptions": ["message_created"]});
    for (allowed, expected) in [(true, 2), (false, 1)] {
        let mut desk = Desk::open().set("allow-private-network", allowed);
        desk.ask("POST webhooks", &webhook);
        let reply = desk.ask("POST conversations/1/messages", &json!({"content": "Note", "private": true}));
        assert_eq!(reply.deliveries.len(), expected, "{allowed}");
    }
}

#[test]
fn labels_are_replaced_and_an_unknown_assignee_is_nobody() {
    let mut desk = Desk::open();
    assert_eq!(desk.get("conversations/1/labels"), json!({"payload": ["shipping", "vip"]}));
    for (posted, kept) in
        [(json!(["urgent"]), json!(["urgent"])), (json!([3, 4]), json!(["3", "4"])), (json!("vip"), json!([]))]
    {
        desk.ask("POST conversations/1/labels", &json!({ "labels": posted }));
        assert_eq!(desk.get("conversations/1/labels"), json!({ "payload": kept }), "{posted}");
    }
    desk.ask("POST conversations/1/assignments", &json!({"assignee_id": 2}));
    assert_eq!(desk.get("conversations/1")["meta"]["assignee"]["id"], 2);
    let nobody = desk.ask("POST conversations/1/assignments", &json!({"assignee_id": 9}));
    assert_eq!((nobody.response.status().as_u16(), &nobody.response.body()[..]), (200, &b"null"[..]));
    assert!(desk.get("conversations/1")["meta"].get("assignee").is_none());
}

#[test]
fn a_type_given_as_a_number_makes_the_customer_the_author() {
    let mut desk = Desk::open();
    let named = json_of(&desk.ask("POST conversations/1/messages", &json!({"message_type": "outgoing"})).response);
    let numbered = json_of(&desk.ask("POST conversations/1/messages", &json!({"message_type": 1})).response);
    assert_eq!((&named["message_type"], &named["sender"]["type"]), (&json!(1), &json!("user")));
    assert_eq!((&numbered["message_type"], &numbered["sender"]["type"]), (&json!(1), &json!("contact")));
}

#[test]
fn a_customer_who_writes_again_reopens_the_conversation() {
    let mut desk = Desk::open();
    desk.ask("POST conversations/1/toggle_status", &json!({"status": "resolved"}));
    let reply =
        desk.ask("POST conversations/1/messages", &json!({"content": "Still not here", "message_type": "incoming"}));
    assert_eq!(desk.get("conversations/1")["status"], "open");
    assert!(events(&reply.deliveries).contains(&"conversation_status_changed"));
    desk.ask("POST conversations/1/mute", &json!({}));
    desk.ask("POST conversations/1/messages", &json!({"content": "Hello?", "message_type": "incoming"}));
    let muted = desk.get("conversations/1");
    assert_eq!((&muted["status"], &muted["muted"]), (&json!("resolved"), &json!(true)));
}

#[test]
fn an_agent_who_opens_a_conversation_gets_it() {
    let mut desk = Desk::open();
    desk.ask("POST conversations/1/toggle_status", &json!({"status": "pending"}));
    desk.ask_as("${CHATWOOT_AGENT_TOKEN}", "POST conversations/1/toggle_status", &json!({"status": "open"}));
    assert_eq!(desk.get("conversations/1")["meta"]["assignee"]["name"], "Gus Agent");
}

#[test]
fn throttles_answer_in_plain_text_and_name_no_time() {
    let mut desk = Desk::open();
    for _ in 0..30 {
        assert_eq!(desk.ask("GET conversations/meta", &Value::Null).response.status(), 200);
    }
    let refused = desk.ask("GET conversations/meta", &Value::Null).response;
    assert_eq!((refused.status().as_u16(), &refused.body()[..]), (429, &b"Retry later\n"[..]));
    assert_eq!(refused.headers()["content-type"], "text/plain");
    assert!(!refused.headers().contains_key("retry-after"));
    desk.pass(60);
    assert_eq!(desk.ask("GET conversations/meta", &Value::Null).response.status(), 200);
    let mut trusted = Desk::open().set("safelisted", true);
    assert!((0..40).all(|_| trusted.ask("GET conversations/meta", &Value::Null).response.status() == 200));
}

#[test]
fn a_conversation_takes_200_messages_a_minute() {
    let mut desk = Desk::open();
    let say = json!({"content": "again", "private": true});
    let statuses: Vec<_> =
        (0..201).map(|_| desk.ask("POST conversations/1/messages", &say).response.status().as_u16()).collect();
    assert_eq!((statuses[199], statuses[200]), (200, 422));
    assert_eq!(
        json_of(&desk.ask("POST conversations/1/messages", &say).response),
        json!({"error": "Validation failed: Too many messages"})
    );
    desk.pass(61);
    assert_eq!(desk.ask("POST conversations/1/messages", &say).response.status(), 200);
}

#[test]
fn a_conversation_without_its_message_is_not_made() {
    let mut desk = Desk::open();
    let before = desk.get("conversations/meta?status=all");
    let body = json!({"inbox_id": 2, "contact_id": 1, "message": {"content": "x", "message_type": "incoming"}});
    let reply = desk.ask("POST conversations", &body);
    assert_eq!((reply.response.status().as_u16(), reply.deliveries.len()), (500, 0));
    assert_eq!(desk.get("conversations/meta?status=all"), before);
}

#[test]
fn what_the_twin_does_not_model_it_says() {
    let mut desk = Desk::open();
    for line in
        ["GET macros", "DELETE conversations/1", "POST agents", "GET /auth/sign_in", "GET /api/v2/accounts/1/reports"]
    {
        let reply = desk.ask(line, &json!({}));
        assert_eq!(reply.response.status(), 501, "{line}");
        assert!(reply.gap.is_some(), "{line}");
    }
}

#[test]
fn a_fork_shares_nothing_that_is_changed_later() {
    let mut desk = Desk::open();
    let mut fork = Desk {
        twin: desk.twin.fork(),
        now: desk.now,
        variables: desk.variables.clone(),
        schemas: Schemas::new(BTreeMap::new()),
    };
    fork.ask("POST conversations/1/labels", &json!({"labels": []}));
    assert_eq!(desk.get("conversations/1/labels"), json!({"payload": ["shipping", "vip"]}));
    assert_eq!(fork.get("conversations/1/labels"), json!({"payload": []}));
}
