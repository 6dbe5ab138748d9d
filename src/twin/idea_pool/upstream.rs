//! What the idea pool asks of Supabase, and what it makes of the answer.

use std::collections::HashSet;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use jiff::Timestamp;
use serde_json::Value;

use crate::domain::integration::Name;
use crate::domain::json;
use crate::twin::answer::{Ask, AskFailure};
use crate::twin::idea_pool::idea::{TABLE, from_row, has_expired, is_wildcard};

/// How long the route waits: the tile must be drawn within the five seconds that HotDash warns at. Our choice; the
/// route's promises name no figure.
const TIMEOUT: Duration = Duration::from_secs(3);

/// Exactly five live suggestions, exactly one of them a wildcard, at all times (HotDash, `NORTH_STAR`).
const IDEAS: usize = 5;
const WILDCARDS: usize = 1;

/// The question, or None when the key cannot stand in a header or there is no one to ask.
pub(super) fn question(key: &str) -> Option<Ask> {
    let mut headers = HeaderMap::new();
    let mut secret = |name: &'static str, value: String| {
        let mut value = HeaderValue::try_from(value).ok()?;
        value.set_sensitive(true);
        headers.insert(name, value);
        Some(())
    };
    secret("apikey", key.to_owned())?;
    secret("authorization", format!("Bearer {key}"))?;
    headers.insert("accept", HeaderValue::from_static("application/json"));
    let mut request = Request::new(Bytes::new());
    *request.uri_mut() = format!("/rest/v1/{TABLE}?select=*&order=priority.desc&limit={IDEAS}").parse().ok()?;
    *request.headers_mut() = headers;
    Some(Ask { to: Name::try_from("supabase".to_owned()).ok()?, request, timeout: TIMEOUT })
}

/// The five ideas of an answer.
///
/// # Errors
/// Why they cannot be shown, in words that repeat nothing of the answer but its status and error code.
pub(super) fn ideas(outcome: Result<Response<Bytes>, AskFailure>, now: Timestamp) -> Result<Vec<Value>, String> {
    let response = outcome.map_err(|failure| match failure {
        AskFailure::TimedOut => format!("Supabase did not answer within {} ms", TIMEOUT.as_millis()),
        AskFailure::Unreachable => "Supabase cannot be reached".to_owned(),
    })?;
    if response.status() != StatusCode::OK {
        return Err(refusal(&response));
    }
    let Ok(body) = json::parse(response.body()) else {
        return Err("Supabase answered with something that is not JSON".to_owned());
    };
    let rows = body.as_array().ok_or("Supabase answered with something that is not a list")?;
    pool(rows, now)
}

fn pool(rows: &[Value], now: Timestamp) -> Result<Vec<Value>, String> {
    if rows.is_empty() {
        return Err(format!("the Supabase table {TABLE} is empty"));
    }
    let mut ideas = Vec::with_capacity(rows.len());
    for (index, row) in rows.iter().enumerate() {
        let idea = from_row(row).map_err(|reason| format!("row {} from Supabase {reason}", index + 1))?;
        if has_expired(&idea, now) {
            return Err(format!("the window of row {} from Supabase has closed", index + 1));
        }
        ideas.push(idea);
    }
    if ideas.len() != IDEAS {
        return Err(format!("Supabase has {} ideas, {IDEAS} are needed", ideas.len()));
    }
    let wildcards = ideas.iter().filter(|idea| is_wildcard(idea)).count();
    if wildcards != WILDCARDS {
        return Err(format!("Supabase has {wildcards} wildcards, {WILDCARDS} is needed"));
    }
    let ids: HashSet<_> = ideas.iter().map(|idea| idea["id"].as_str()).collect();
    if ids.len() != ideas.len() {
        return Err("two ideas from Supabase have the same id".to_owned());
    }
    Ok(ideas)
}

/// The status, and PostgREST's error code where it looks like one: five letters or digits, or `PGRST` and a number.
fn refusal(response: &Response<Bytes>) -> String {
    let status = response.status().as_u16();
    let body = serde_json::from_slice::<Value>(response.body()).unwrap_or_default();
    let code = body["code"]
        .as_str()
        .filter(|code| (5..=8).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    let verb = match status {
        401 | 403 => "refused the request",
        _ => "answered",
    };
    match code {
        Some(code) => format!("Supabase {verb}: {status} {code}"),
        None => format!("Supabase {verb}: {status}"),
    }
}
