//! Conversations with the twin, without a socket.

mod bodies;
mod graphql;
mod limits;
mod rest;
mod webhooks;

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::domain::delivery::Delivery;
use crate::twin::answer::{Answer, Reply};
use crate::twin::shopify::Shopify;
use crate::twin::{Start, Twin};

/// A twin, its clock, and how an app talks to it.
struct App {
    twin: Box<dyn Twin>,
    now: Timestamp,
    token: String,
}

/// What came back.
struct Heard {
    status: u16,
    headers: HeaderMap,
    body: Value,
    deliveries: Vec<Delivery>,
    gap: Option<String>,
}

impl Heard {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("(absent)")
    }

    /// The value at a JSON pointer.
    fn at(&self, pointer: &str) -> &Value {
        self.body.pointer(pointer).unwrap_or_else(|| panic!("nothing at {pointer} in {:#}", self.body))
    }

    fn code(&self) -> &str {
        self.at("/errors/0/extensions/code").as_str().unwrap_or_default()
    }

    fn message(&self) -> &str {
        self.at("/errors/0/message").as_str().unwrap_or_default()
    }
}

fn fixtures() -> BTreeMap<String, Bytes> {
    let file = |name: &str, text: &'static str| (name.to_owned(), Bytes::from_static(text.as_bytes()));
    BTreeMap::from([
        file("admin.graphql", include_str!("../../../fixtures/shopify/admin.graphql")),
        file("admin.beyond.json", include_str!("../../../fixtures/shopify/admin.beyond.json")),
        file("shop.json", include_str!("../../../fixtures/shopify/shop.json")),
    ])
}

impl App {
    fn new() -> Self {
        let now: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        let twin = Shopify::new(&Start { now, seed: 7, fixtures: &fixtures() }).unwrap();
        let token = twin.identity().variables["SHOPIFY_ADMIN_TOKEN"].clone();
        Self { twin: Box::new(twin), now, token }
    }

    fn arranged(settings: &[(&str, Value)]) -> Self {
        let mut app = Self::new();
        for (setting, value) in settings {
            app.twin.arrange(app.now, setting, value).unwrap();
        }
        app
    }

    fn variable(&self, name: &str) -> String {
        self.twin.identity().variables[name].clone()
    }

    fn wait(&mut self, seconds: f64) {
        self.now += Duration::from_secs_f64(seconds);
    }

    fn send(&mut self, method: &str, path: &str, body: &str) -> Heard {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "s.example")
            .header("content-type", "application/json")
            .header("x-shopify-access-token", &self.token)
            .body(Bytes::from(body.to_owned()))
            .unwrap();
        let Answer::Reply(Reply { response, deliveries, gap, .. }) = self.twin.answer(self.now, &request) else {
            panic!("the twin asks nobody")
        };
        let body = serde_json::from_slice(response.body()).unwrap();
        Heard { status: response.status().as_u16(), headers: response.headers().clone(), body, deliveries, gap }
    }

    fn get(&mut self, path: &str) -> Heard {
        self.send("GET", path, "")
    }

    fn query(&mut self, query: &str) -> Heard {
        self.ask("2026-10", query, &json!({}))
    }

    fn query_at(&mut self, version: &str, query: &str) -> Heard {
        self.ask(version, query, &json!({}))
    }

    fn ask(&mut self, version: &str, query: &str, variables: &Value) -> Heard {
        let body = json!({ "query": query, "variables": variables }).to_string();
        self.send("POST", &format!("/admin/api/{version}/graphql.json"), &body)
    }
}
