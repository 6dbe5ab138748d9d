//! What an answer to an alert means: taken, later, or never.

use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::domain::alert::letter::Fate;
use crate::domain::exchange::Response;
use crate::wire::hint;

/// Characters of an answer that are told.
const MOST: usize = 160;

/// What an answer that came at `now` means. 2xx is taken (`PagerDuty` 202, Slack and Alertmanager 200, Standard Webhooks any);
/// 408, 425, 429 and 5xx may be taken later; anything else never, redirects among them, which no vendor documents.
pub fn fate(response: &Response, now: Timestamp) -> Fate {
    let status = response.status;
    let words = words(&response.body);
    let said = if words.is_empty() { status.as_u16().to_string() } else { format!("{} {words}", status.as_u16()) };
    if status.is_success() {
        return Fate::Delivered(said);
    }
    let may_change = status.is_server_error()
        || [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_EARLY, StatusCode::TOO_MANY_REQUESTS].contains(&status);
    if !may_change {
        return Fate::Never(format!("it refuses with {said}"));
    }
    let is_asked = status == StatusCode::TOO_MANY_REQUESTS || status == StatusCode::SERVICE_UNAVAILABLE;
    let asked = hint::asked(&response.headers, &response.body, now).filter(|_| is_asked);
    let wait = asked.map(|asked| SignedDuration::from_micros(i64::try_from(asked.us).unwrap_or(i64::MAX)));
    Fate::Later { why: format!("it answers {said}"), wait }
}

/// The words of an answer: of JSON its `message` and `errors`, of anything else the first line.
fn words(body: &[u8]) -> String {
    let text = match serde_json::from_slice::<Value>(body) {
        Ok(Value::Object(members)) => {
            let message = members.get("message").and_then(Value::as_str).unwrap_or_default();
            let errors =
                members.get("errors").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
            [message].into_iter().chain(errors).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": ")
        }
        Ok(Value::String(text)) => text,
        Ok(_) => String::new(),
        Err(_) => String::from_utf8_lossy(body).lines().next().unwrap_or_default().to_owned(),
    };
    let visible = text.chars().filter(|letter| !letter.is_control()).take(MOST);
    visible.collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{HeaderMap, StatusCode};
    use jiff::{SignedDuration, Timestamp};

    use super::fate;
    use crate::domain::alert::letter::Fate;
    use crate::domain::exchange::Response;

    fn answer(status: u16, wait: Option<&'static str>, body: &'static str) -> Fate {
        let mut headers = HeaderMap::new();
        headers.extend(wait.map(|wait| (http::header::RETRY_AFTER, wait.parse().unwrap())));
        let status = StatusCode::from_u16(status).unwrap();
        fate(&Response { status, headers, body: Bytes::from_static(body.as_bytes()) }, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn the_answers_that_vendors_document() {
        let taken = r#"{"status":"success","message":"Event processed","dedup_key":"k"}"#;
        let bad = r#"{"status":"invalid event","message":"Event object is invalid","errors":["Length of 'routing_key' is incorrect (should be 32 characters)"]}"#;
        let calm = r#"{"status":"throttle exceeded","message":"Requests for this service are arriving too quickly.","errors":["Enhance Your Calm."]}"#;
        let later = |why: &str, wait: Option<i64>| Fate::Later {
            why: why.to_owned(),
            wait: wait.map(SignedDuration::from_secs),
        };
        for (status, wait, body, expected) in [
            (202, None, taken, Fate::Delivered("202 Event processed".to_owned())),
            (200, None, "ok", Fate::Delivered("200 ok".to_owned())),
            (204, None, "", Fate::Delivered("204".to_owned())),
            (
                400,
                None,
                bad,
                Fate::Never("it refuses with 400 Event object is invalid: Length of 'routing_key' is incorrect (should be 32 characters)".to_owned()),
            ),
            (403, None, "invalid_token", Fate::Never("it refuses with 403 invalid_token".to_owned())),
            (302, None, "", Fate::Never("it refuses with 302".to_owned())),
            (410, None, "channel_is_archived", Fate::Never("it refuses with 410 channel_is_archived".to_owned())),
            (
                429,
                Some("3600"),
                calm,
                later("it answers 429 Requests for this service are arriving too quickly.: Enhance Your Calm.", Some(3600)),
            ),
            (429, None, "", later("it answers 429", None)),
            (503, Some("30"), "", later("it answers 503", Some(30))),
            (500, Some("30"), "rollup_error", later("it answers 500 rollup_error", None)),
            (408, None, "", later("it answers 408", None)),
        ] {
            assert_eq!(answer(status, wait, body), expected, "{status} {body}");
        }
    }

    #[test]
    fn a_long_or_hostile_answer_is_cut_and_shown_without_control_characters() {
        let Fate::Never(said) = answer(404, None, "\u{1b}[31mno\nsecond line") else { panic!("it is refused") };
        assert_eq!(said, "it refuses with 404 [31mno");
        let body: &'static str = Box::leak("x".repeat(5000).into_boxed_str());
        let Fate::Never(said) = answer(404, None, body) else { panic!("it is refused") };
        assert!(said.len() < 200, "{}", said.len());
    }
}
