//! Carries what twins describe: webhooks to their receivers, questions to real services.

use std::sync::Arc;

use http::HeaderMap;
use url::Url;

use crate::adapter::client::Client;
use crate::adapter::serve::Courier;
use crate::domain::delivery::Delivery;
use crate::domain::exchange::{NoAnswer, Request};
use crate::twin::answer::{Ask, AskFailure};

/// Delivers webhooks after the reply, in order, at most once: as the vendors modelled here do.
pub fn courier(client: Client) -> Courier {
    Arc::new(move |deliveries| {
        let client = client.clone();
        tokio::spawn(async move {
            for delivery in deliveries {
                deliver(&client, delivery).await;
            }
        });
    })
}

async fn deliver(client: &Client, delivery: Delivery) {
    let (head, body) = delivery.request.into_parts();
    let Ok(url) = Url::parse(&head.uri.to_string()) else { return };
    let request = Request { method: head.method, url, headers: head.headers, body };
    // What the receiver answers is its own affair: the modelled vendors do not retry.
    let _ = client.send(&request, None, client.timeout()).await;
}

/// Asks a real service what a twin wants to know.
///
/// # Errors
/// It did not answer in time, or is not there.
pub async fn ask(client: &Client, base: Option<Url>, ask: Ask) -> Result<http::Response<bytes::Bytes>, AskFailure> {
    let base = base.ok_or(AskFailure::Unreachable)?;
    let (head, body) = ask.request.into_parts();
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
    let url =
        Url::parse(&format!("{}{path}", base.as_str().trim_end_matches('/'))).map_err(|_| AskFailure::Unreachable)?;
    let mut headers: HeaderMap = head.headers;
    headers.remove(http::header::HOST);
    let request = Request { method: head.method, url, headers, body };
    let answer = match client.send(&request, None, ask.timeout).await.outcome {
        Ok(answer) => answer,
        Err(NoAnswer::TimedOut(_)) => return Err(AskFailure::TimedOut),
        Err(_) => return Err(AskFailure::Unreachable),
    };
    let mut response = http::Response::new(answer.body);
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    Ok(response)
}
