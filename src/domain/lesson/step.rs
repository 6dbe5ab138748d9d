//! One step of a lesson's script: a fault, how often or how long, and what it means.

use std::time::Duration;

use http::StatusCode;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::domain::fault::{Fault, NoFault, Scripted, WireFault};
use crate::domain::timeline::Nature;

/// A fault as a plan writes it: a word or an answer, once unless it says otherwise.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// `status:503`; `none` lets a request through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<Word>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// Seconds, from the first request of the play.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lasts: Option<f64>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub always: bool,
    /// Whether the vendor did what it was asked; told by the status where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nature: Option<Nature>,
}

/// A fault in one word, that can be read once its placeholders are filled.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Word(String);

impl TryFrom<String> for Word {
    type Error = NoFault;

    fn try_from(text: String) -> Result<Self, NoFault> {
        let sample = Filling { now: Timestamp::UNIX_EPOCH, wait: Duration::from_secs(1) };
        if text != "none" {
            sample.fill(&text).parse::<Fault>()?;
        }
        Ok(Self(text))
    }
}

impl From<Word> for String {
    fn from(word: Word) -> Self {
        word.0
    }
}

/// An answer as a plan writes it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    pub status: Status,
    /// `Name: value`, in order; a name may stand more than once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<Header>,
    /// A text as it is, anything else as JSON.
    #[serde(default, skip_serializing_if = "serde_json::Value::is_null")]
    pub body: serde_json::Value,
}

/// From 200 to 599.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct Status(StatusCode);

impl TryFrom<u16> for Status {
    type Error = String;

    fn try_from(code: u16) -> Result<Self, String> {
        let status = StatusCode::from_u16(code).ok().filter(|_| (200..600).contains(&code));
        status.map(Self).ok_or_else(|| format!("{code} is no status of an answer: use 200 to 599"))
    }
}

impl From<Status> for u16 {
    fn from(status: Status) -> Self {
        status.0.as_u16()
    }
}

/// `Name: value`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Header {
    name: String,
    value: String,
}

impl TryFrom<String> for Header {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let bad = || format!("`{text}` is no header: write `Name: value`");
        let (name, value) = text.split_once(':').ok_or_else(bad)?;
        let fits = http::HeaderName::from_bytes(name.as_bytes()).is_ok() && http::HeaderValue::from_str(value).is_ok();
        if !fits {
            return Err(bad());
        }
        Ok(Self { name: name.to_owned(), value: value.trim().to_owned() })
    }
}

impl From<Header> for String {
    fn from(header: Header) -> Self {
        format!("{}: {}", header.name, header.value)
    }
}

/// What placeholders stand for, at the moment of an answer.
#[derive(Clone, Copy, Debug)]
pub struct Filling {
    pub now: Timestamp,
    pub wait: Duration,
}

impl Filling {
    /// Replaces `{wait}` (whole seconds), `{wait.decimal}`, `{wait.ms}`, `{wait.minutes}`, `{wait.date}` (an HTTP date),
    /// `{wait.unix}` and `{past.date}`; other braces stay.
    pub fn fill(&self, text: &str) -> String {
        if !text.contains("{wait") && !text.contains("{past") {
            return text.to_owned();
        }
        let seconds = self.wait.as_secs_f64();
        // Dates have whole seconds: never earlier than what is meant.
        let due = SignedDuration::try_from(self.wait).ok().and_then(|wait| self.now.checked_add(wait).ok());
        let due = due.map_or(i64::MAX / 2, |due| due.as_second() + i64::from(due.subsec_nanosecond() > 0));
        let date = |second: i64| {
            let time = Timestamp::from_second(second).unwrap_or(Timestamp::MAX).to_zoned(TimeZone::UTC);
            strtime::format("%a, %d %b %Y %H:%M:%S GMT", &time).unwrap_or_default()
        };
        text.replace("{wait}", &format!("{:.0}", seconds.ceil()))
            .replace("{wait.decimal}", &format!("{seconds:.1}"))
            .replace("{wait.ms}", &format!("{:.0}", seconds * 1000.0))
            .replace("{wait.minutes}", &format!("{:.0}", (seconds / 60.0).ceil()))
            .replace("{wait.date}", &date(due))
            .replace("{wait.unix}", &due.to_string())
            .replace("{past.date}", &date(self.now.as_second().saturating_sub(3600)))
    }
}

impl Answer {
    /// The answer to be given now.
    pub fn scripted(&self, filling: &Filling) -> Scripted {
        let body = match &self.body {
            serde_json::Value::Null => String::new(),
            serde_json::Value::String(text) => text.clone(),
            // `"{wait}"` as a whole value means a number.
            other => unquoted(&other.to_string()),
        };
        Scripted {
            status: self.status.0,
            headers: self.headers.iter().map(|header| (header.name.clone(), filling.fill(&header.value))).collect(),
            body: filling.fill(&body),
        }
    }
}

fn unquoted(json: &str) -> String {
    ["{wait}", "{wait.decimal}", "{wait.ms}", "{wait.minutes}", "{wait.unix}"]
        .iter()
        .fold(json.to_owned(), |json, placeholder| json.replace(&format!("\"{placeholder}\""), placeholder))
}

impl Step {
    /// What is wrong with it, in words.
    pub fn problem(&self) -> Option<&'static str> {
        match (&self.fault, &self.answer) {
            (None, None) => return Some("a step needs `fault` or `answer`"),
            (Some(_), Some(_)) => return Some("a step has `fault` or `answer`, not both"),
            _ => {}
        }
        let how_often = [self.times.is_some(), self.lasts.is_some(), self.always];
        if how_often.iter().filter(|said| **said).count() > 1 {
            return Some("a step says one of `times`, `lasts` and `always`");
        }
        (self.times == Some(0)).then_some("`times: 0` strikes nothing")
    }

    /// The fault to be done now; None where the request is let through.
    pub fn strike(&self, filling: &Filling) -> Option<Fault> {
        match (&self.answer, &self.fault) {
            (Some(answer), _) => Some(Fault::Answer(Box::new(answer.scripted(filling)))),
            (None, Some(Word(text))) => filling.fill(text).parse().ok(),
            (None, None) => None,
        }
    }

    /// `throttle:2`, or `answer 200`: what is done now.
    pub fn name_now(&self, filling: &Filling) -> String {
        filling.fill(&self.name())
    }

    /// `throttle:{wait}`, or `answer 200`: as the plan says it.
    pub fn name(&self) -> String {
        match (&self.answer, &self.fault) {
            (Some(answer), _) => format!("answer {}", answer.status.0.as_u16()),
            (None, Some(Word(text))) => text.clone(),
            (None, None) => "none".to_owned(),
        }
    }

    /// What it means for a request that it strikes.
    pub fn nature_of(&self, fault: &Fault) -> Nature {
        let by_status = |status: StatusCode| match status.as_u16() {
            503 | 200..500 => Nature::Refused,
            _ => Nature::Ambiguous,
        };
        self.nature.unwrap_or_else(|| match fault {
            Fault::Status(status) => by_status(*status),
            Fault::Answer(scripted) => by_status(scripted.status),
            Fault::TooManyRequests(_) => Nature::Refused,
            Fault::Delay(_) | Fault::SlowBody(_) | Fault::Headers(_) | Fault::Wire(WireFault::ResetAfterAnswer) => {
                Nature::Harmless
            }
            Fault::Wire(_) | Fault::InvalidJson | Fault::ContentType(_) => Nature::Ambiguous,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::{any, proptest};

    use super::{Answer, Filling, Header, Word};

    fn filling() -> Filling {
        Filling { now: "2026-01-01T00:00:00.5Z".parse().unwrap(), wait: Duration::from_millis(1500) }
    }

    #[test]
    fn placeholders_are_filled_and_other_braces_stay() {
        for (text, filled) in [
            ("{wait}", "2"),
            ("{wait.decimal}", "1.5"),
            ("{wait.ms}", "1500"),
            ("{wait.minutes}", "1"),
            ("{wait.date}", "Thu, 01 Jan 2026 00:00:02 GMT"),
            ("{wait.unix}", "1767225602"),
            ("{past.date}", "Wed, 31 Dec 2025 23:00:00 GMT"),
            ("{waiting} {}", "{waiting} {}"),
        ] {
            assert_eq!(filling().fill(text), filled);
        }
    }

    #[test]
    fn a_body_is_a_text_or_json_with_numbers_where_they_are_meant() {
        let answer = |text: &str| serde_json::from_str::<Answer>(text).unwrap().scripted(&filling()).body;
        assert_eq!(answer(r#"{"status": 200, "body": "Retry later\n"}"#), "Retry later\n");
        assert_eq!(answer(r#"{"status": 200, "body": {"minutes": "{wait.minutes}"}}"#), r#"{"minutes":1}"#);
        assert_eq!(answer(r#"{"status": 204}"#), "");
        assert!(serde_json::from_str::<Answer>(r#"{"status": 700}"#).is_err());
    }

    proptest! {
        #[test]
        fn no_text_is_too_strange(text in any::<String>()) {
            let _ = Word::try_from(text.clone());
            let _ = Header::try_from(text.clone());
            let _ = filling().fill(&text);
        }
    }
}
