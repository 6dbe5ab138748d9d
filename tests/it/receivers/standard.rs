//! A right receiver on the Rust library of Standard Webhooks.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;
use standardwebhooks::Webhook;

struct Receiver {
    webhook: Webhook,
    seen: Mutex<HashSet<String>>,
}

/// Serves on a port of the loopback; ends with the runtime.
pub async fn serve(secret: &str) -> u16 {
    let receiver = Receiver { webhook: Webhook::new(secret).expect("a secret"), seen: Mutex::default() };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let app = Router::new().fallback(handle).with_state(Arc::new(receiver));
    tokio::spawn(async move { axum::serve(listener, app).await.expect("it serves") });
    port
}

async fn handle(State(receiver): State<Arc<Receiver>>, request: Request<Body>) -> Response {
    let (head, body) = request.into_parts();
    if head.uri.path() == "/effects" {
        let count = receiver.seen.lock().expect("the memory").len();
        return format!("{{\"count\":{count}}}").into_response();
    }
    if head.method != Method::POST {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    match to_bytes(body, 1024 * 1024).await {
        Ok(body) => receiver.receive(&head.headers, &body).into_response(),
        Err(_) => StatusCode::PAYLOAD_TOO_LARGE.into_response(),
    }
}

impl Receiver {
    fn receive(&self, headers: &HeaderMap, body: &[u8]) -> StatusCode {
        if self.webhook.verify(body, headers).is_err() {
            return StatusCode::UNAUTHORIZED;
        }
        let Ok(event) = serde_json::from_slice::<Value>(body) else { return StatusCode::BAD_REQUEST };
        let id = headers.get("webhook-id").and_then(|id| id.to_str().ok());
        if let Some(id) = id.filter(|_| event["type"] == "contact.created") {
            self.seen.lock().expect("the memory").insert(id.to_owned());
        }
        StatusCode::OK
    }
}
