//! Lays a lie over a right answer: what a server that is broken in a known way would have sent in its place.

use bytes::Bytes;
use http::header::{AGE, CONTENT_LENGTH, CONTENT_TYPE, DATE, LOCATION};
use http::{HeaderMap, HeaderValue, StatusCode};
use jiff::civil::DateTime;
use jiff::fmt::rfc2822;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::domain::exchange::Response;
use crate::domain::probe::lie::Lie;

/// How old a cache's answer is.
const YESTERDAY: SignedDuration = SignedDuration::from_hours(24);

/// The wrong answer; None where the lie would leave this one as it is, or is not about what is answered but about how.
///
/// `tenant` is what names the account in the service's answers.
pub fn answer(lie: Lie, right: &Response, tenant: &[String], now: Timestamp) -> Option<Response> {
    match lie {
        Lie::Unavailable => Some(page(503, "<html><body><h1>503 Service Unavailable</h1></body></html>")),
        Lie::Html => Some(page(200, "<!doctype html><title>Sign in</title><h1>All systems operational</h1>")),
        Lie::Redirect => {
            let mut answer = page(302, "<a href=\"/login\">Sign in</a>");
            answer.headers.insert(LOCATION, HeaderValue::from_static("/login"));
            Some(answer)
        }
        Lie::Unauthorised => Some(json_of(401, &json!({ "error": "Unauthorized" }))),
        Lie::Failing => Some(failing(right)),
        Lie::WrongTenant => changed(right, &|value| of_another(value, tenant)),
        Lie::SilentCache => changed(right, &|value| of_yesterday(value, now)),
        Lie::StaleCache => {
            let mut answer = changed(right, &|value| of_yesterday(value, now)).unwrap_or_else(|| right.clone());
            answer.headers.insert(AGE, HeaderValue::from(YESTERDAY.as_secs()));
            let date =
                now.checked_sub(YESTERDAY).ok().and_then(|then| rfc2822::to_string(&then.to_zoned(TimeZone::UTC)).ok());
            if let Some(date) = date.and_then(|date| date.parse().ok()) {
                answer.headers.insert(DATE, date);
            }
            Some(answer)
        }
        Lie::Down | Lie::StrippedHeader | Lie::Slow | Lie::Hanging | Lie::Truncated | Lie::ExpiredCertificate => None,
    }
}

fn page(status: u16, text: &'static str) -> Response {
    let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"))]);
    Response {
        status: StatusCode::from_u16(status).unwrap_or_default(),
        headers,
        body: Bytes::from_static(text.as_bytes()),
    }
}

fn json_of(status: u16, body: &Value) -> Response {
    let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
    Response { status: StatusCode::from_u16(status).unwrap_or_default(), headers, body: body.to_string().into() }
}

/// The answer with another document; None where the document stays as it is.
fn changed(right: &Response, change: &dyn Fn(&Value) -> Option<Value>) -> Option<Response> {
    let mut document: Value = serde_json::from_slice(&right.body).ok()?;
    if !walk(&mut document, change) {
        return None;
    }
    let mut answer = right.clone();
    answer.headers.remove(CONTENT_LENGTH);
    answer.body = document.to_string().into();
    Some(answer)
}

/// Changes each value for which there is a change; tells whether there was one.
fn walk(value: &mut Value, change: &dyn Fn(&Value) -> Option<Value>) -> bool {
    match value {
        Value::Array(items) => items.iter_mut().fold(false, |any, item| walk(item, change) || any),
        Value::Object(members) => members.values_mut().fold(false, |any, member| walk(member, change) || any),
        scalar => match change(scalar) {
            Some(other) => {
                *scalar = other;
                true
            }
            None => false,
        },
    }
}

/// Words by which services say that they are well.
const WELL: [&str; 10] = ["ok", "healthy", "up", "success", "woot", "active", "started", "available", "ready", "pass"];

/// 200, and bad news in the body: in its own words where it has any, else as an error where the data would be.
fn failing(right: &Response) -> Response {
    let word = |value: &Value| match value {
        Value::String(text) if WELL.contains(&text.to_lowercase().as_str()) => Some(json!("failing")),
        Value::Bool(true) => Some(json!(false)),
        _ => None,
    };
    changed(right, &word).unwrap_or_else(|| {
        json_of(200, &json!({ "status": "failing", "error": { "message": "the database is not there" } }))
    })
}

fn of_another(value: &Value, tenant: &[String]) -> Option<Value> {
    match value {
        Value::String(text) => tenant.iter().find_map(|own| {
            // A short name may stand in any text by accident.
            let names_it = text == own || (own.len() > 3 && text.contains(own.as_str()));
            names_it.then(|| json!(text.replace(own.as_str(), &other(own))))
        }),
        Value::Number(number) => {
            let own = tenant.iter().find(|own| **own == number.to_string())?;
            Some(own.parse::<i64>().map_or_else(|_| json!(0), |number| json!(number + 4711)))
        }
        _ => None,
    }
}

/// Another one of the same kind.
fn other(own: &str) -> String {
    own.parse::<i64>().map_or_else(|_| format!("other-{own}"), |number| (number + 4711).to_string())
}

/// A time of the last hour, as it was yesterday.
fn of_yesterday(value: &Value, now: Timestamp) -> Option<Value> {
    let recent = |time: Timestamp| now.duration_since(time).abs() < SignedDuration::from_hours(1);
    match value {
        Value::String(text) => {
            if let Ok(time) = text.parse::<Timestamp>() {
                return recent(time)
                    .then(|| time.checked_sub(YESTERDAY).ok())
                    .flatten()
                    .map(|then| json!(then.to_string()));
            }
            let civil: DateTime = text.parse().ok()?;
            let time = civil.to_zoned(TimeZone::UTC).ok()?.timestamp();
            let then = civil.checked_sub(YESTERDAY).ok().filter(|_| recent(time))?;
            Some(json!(then.strftime("%Y-%m-%d %H:%M:%S").to_string()))
        }
        Value::Number(number) => {
            let seconds = number.as_i64()?;
            let time = Timestamp::from_second(seconds).ok()?;
            recent(time).then(|| json!(seconds - YESTERDAY.as_secs()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{answer, json_of};
    use crate::domain::probe::lie::Lie;

    const NOW: &str = "2026-11-20T12:00:00Z";

    fn told(lie: Lie, body: &Value, tenant: &[&str]) -> Option<(u16, String)> {
        let tenant: Vec<String> = tenant.iter().map(|text| (*text).to_owned()).collect();
        let wrong = answer(lie, &json_of(200, body), &tenant, NOW.parse().unwrap())?;
        Some((wrong.status.as_u16(), String::from_utf8(wrong.body.to_vec()).unwrap()))
    }

    #[test]
    fn each_lie_is_laid_over_what_is_there() {
        let health =
            json!({"data_services": "ok", "timestamp": "2026-11-20 11:59:58", "account": 7, "shop": "a.example"});
        for (lie, tenant, wrong) in [
            (
                Lie::Failing,
                &[][..],
                json!({"data_services": "failing", "timestamp": "2026-11-20 11:59:58", "account": 7, "shop": "a.example"}),
            ),
            (
                Lie::WrongTenant,
                &["7", "a.example"],
                json!({"data_services": "ok", "timestamp": "2026-11-20 11:59:58", "account": 4718, "shop": "other-a.example"}),
            ),
            (
                Lie::SilentCache,
                &[],
                json!({"data_services": "ok", "timestamp": "2026-11-19 11:59:58", "account": 7, "shop": "a.example"}),
            ),
        ] {
            assert_eq!(told(lie, &health, tenant), Some((200, wrong.to_string())), "{lie}");
        }
        assert_eq!(told(Lie::Unavailable, &health, &[]).unwrap().0, 503);
        assert_eq!(told(Lie::Redirect, &health, &[]).unwrap().0, 302);
        assert_eq!(told(Lie::Unauthorised, &health, &[]).unwrap().0, 401);
        assert!(told(Lie::Html, &health, &[]).unwrap().1.contains("operational"));
        // A list that names nothing that could fail is answered as an error, with 200.
        assert!(told(Lie::Failing, &json!({"data": [1]}), &[]).unwrap().1.contains("database"));
    }

    #[test]
    fn a_lie_that_changes_nothing_is_none() {
        let plain = json!({"object": "list", "data": [], "created": 1_686_935_002});
        assert_eq!(told(Lie::WrongTenant, &plain, &["7", "a.example"]), None);
        assert_eq!(told(Lie::SilentCache, &plain, &[]), None);
        assert_eq!(told(Lie::Slow, &plain, &[]), None);
        // What a cache says of itself is there in any case.
        let stale = answer(Lie::StaleCache, &json_of(200, &plain), &[], NOW.parse().unwrap()).unwrap();
        assert_eq!(stale.header("age").as_deref(), Some("86400"));
        assert_eq!(stale.header("date").as_deref(), Some("Thu, 19 Nov 2026 12:00:00 +0000"));
    }
}
