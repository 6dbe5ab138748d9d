//! Bodies of deliveries: each with an id of its own, and written as a case wants it.

use std::fmt::Write as _;

use bytes::Bytes;
use serde_json::Value;

/// The text that non-ASCII bodies carry.
const LETTERS: &str = "Zo\u{eb} M\u{fc}ller, \u{6771}\u{4eac} \u{1f69a}";

/// How deep a deep body is.
const DEEP: usize = 10_000;

/// What is delivered, before it is spoiled.
#[derive(Clone, Debug)]
pub struct Event {
    /// In the sender's words: `orders/create`.
    pub topic: String,
    pub body: Payload,
    /// JSON Pointer of the delivery's id, where it stands in the body.
    pub id_at: Option<String>,
    /// JSON Pointer of the event's name, where it stands in the body.
    pub topic_at: Option<String>,
}

/// A body as it was given.
#[derive(Clone, Debug)]
pub enum Payload {
    Json(Value),
    /// A form, or anything else that is no JSON: it is sent as it came, with a little behind it.
    Raw(Bytes),
}

impl Event {
    pub fn is_json(&self) -> bool {
        matches!(self.body, Payload::Json(_))
    }

    /// The body of one delivery: no two are alike, and where the id stands in the body it is this one.
    pub fn of(&self, id: &str, number: u64) -> Draft {
        match &self.body {
            Payload::Raw(bytes) => {
                Draft { value: None, raw: [bytes, format!("&PreflightDelivery={id}").as_bytes()].concat() }
            }
            Payload::Json(value) => {
                let mut value = value.clone();
                mark(&mut value, number);
                if let Some(place) = self.id_at.as_deref().and_then(|pointer| value.pointer_mut(pointer)) {
                    *place = id.into();
                }
                Draft { value: Some(value), raw: Vec::new() }
            }
        }
    }

    /// The same of an event that nobody has heard of.
    pub fn unknown(&self, id: &str, number: u64, name: &str) -> Draft {
        let mut draft = self.of(id, number);
        if let Some(value) = &mut draft.value
            && let Some(place) = self.topic_at.as_deref().and_then(|pointer| value.pointer_mut(pointer))
        {
            *place = name.into();
        }
        draft
    }
}

/// Makes a body like no other: its own id counts on where it is a number, and a member of ours is beside it.
fn mark(value: &mut Value, number: u64) {
    let place = match value {
        Value::Array(items) => items.first_mut(),
        other => Some(other),
    };
    let Some(Value::Object(members)) = place else { return };
    if let Some(own) = members.get("id").and_then(Value::as_u64) {
        members.insert("id".to_owned(), own.wrapping_add(number).into());
    }
    members.insert("preflight".to_owned(), number.into());
}

/// A body that is not yet written.
#[derive(Clone, Debug)]
pub struct Draft {
    value: Option<Value>,
    raw: Vec<u8>,
}

impl Draft {
    /// As a serialiser writes it.
    pub fn plain(&self) -> Bytes {
        match &self.value {
            Some(value) => value.to_string().into(),
            None => self.raw.clone().into(),
        }
    }

    /// With one member more.
    fn with(&self, name: &str, member: &str) -> String {
        let mut value = self.value.clone().unwrap_or_default();
        let place = match &mut value {
            Value::Array(items) => items.first_mut(),
            other => Some(other),
        };
        if let Some(Value::Object(members)) = place {
            members.insert(name.to_owned(), member.into());
        }
        value.to_string()
    }

    /// With a text that no ASCII holds.
    pub fn non_ascii(&self) -> Bytes {
        match &self.value {
            Some(_) => self.with("preflight_note", LETTERS).into(),
            None => [self.raw.as_slice(), b"&PreflightNote=Zo%C3%AB"].concat().into(),
        }
    }

    /// The same text, each letter beyond ASCII as `\uXXXX` in small hex.
    pub fn escaped(&self) -> Bytes {
        let text = self.with("preflight_note", LETTERS);
        let mut written = String::with_capacity(text.len() * 2);
        for letter in text.chars() {
            if letter.is_ascii() {
                written.push(letter);
            } else {
                let mut units = [0; 2];
                for unit in letter.encode_utf16(&mut units) {
                    let _ = write!(written, "\\u{unit:04x}");
                }
            }
        }
        written.into()
    }

    /// In lines that end with CRLF, also the last.
    pub fn crlf(&self) -> Bytes {
        let pretty = self.value.as_ref().map(|value| format!("{value:#}")).unwrap_or_default();
        format!("{}\r\n", pretty.replace('\n', "\r\n")).into()
    }

    /// As no serialiser writes it, with the same meaning to a parser.
    pub fn unusual(&self) -> Bytes {
        let text = self.plain();
        let text = String::from_utf8_lossy(&text);
        text.replacen('{', "{ \"preflight_number\" : 1.50e+01 ,\t\"preflight_path\":\"a\\/b\" , ", 1).into()
    }

    /// Of at least so many bytes.
    pub fn large(&self, bytes: usize) -> Bytes {
        let padding = "x".repeat(bytes);
        match &self.value {
            Some(_) => self.with("preflight_padding", &padding).into(),
            None => [self.raw.as_slice(), b"&PreflightPadding=", padding.as_bytes()].concat().into(),
        }
    }

    /// With bytes that are no UTF-8 in a text.
    pub fn no_utf8(&self) -> Bytes {
        let mut bytes = self.plain().to_vec();
        let at = bytes.len().saturating_sub(1);
        let tail = bytes.split_off(at);
        [bytes.as_slice(), b",\"preflight_bytes\":\"\xff\xfe\"", &tail].concat().into()
    }

    /// With one digit or letter changed, of the same length.
    pub fn flipped(&self) -> Bytes {
        let mut bytes = self.plain().to_vec();
        if let Some(digit) = bytes.iter_mut().rev().find(|byte| byte.is_ascii_digit()) {
            *digit = if *digit == b'9' { b'8' } else { *digit + 1 };
        } else if let Some(last) = bytes.last_mut() {
            *last ^= 1;
        }
        bytes.into()
    }
}

/// Arrays within arrays.
pub fn deep() -> Bytes {
    format!("{{\"deep\":{}{}}}", "[".repeat(DEEP), "]".repeat(DEEP)).into()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Event, Payload, deep};

    fn event() -> Event {
        let body = json!({ "id": 7, "event_id": "x", "type": "a", "name": "n" });
        Event {
            topic: "a".into(),
            body: Payload::Json(body),
            id_at: Some("/event_id".into()),
            topic_at: Some("/type".into()),
        }
    }

    #[test]
    fn no_two_deliveries_have_one_body_and_each_has_its_id() {
        let (one, two) = (event().of("d-1", 1).plain(), event().of("d-2", 2).plain());
        assert_ne!(one, two);
        let read: Value = serde_json::from_slice(&two).unwrap();
        assert_eq!((&read["id"], &read["event_id"], &read["preflight"]), (&json!(9), &json!("d-2"), &json!(2)));
        let strange: Value = serde_json::from_slice(&event().unknown("d", 3, "never.heard").plain()).unwrap();
        assert_eq!(strange["type"], "never.heard");
    }

    #[test]
    fn every_way_of_writing_means_the_same_and_is_other_bytes() {
        let draft = event().of("d-1", 1);
        let plain = draft.plain();
        let same = |bytes: &[u8]| {
            let read: Value = serde_json::from_slice(bytes).unwrap();
            read["name"] == "n" && serde_json::to_vec(&read).unwrap() != bytes
        };
        for (what, bytes) in [("crlf", draft.crlf()), ("unusual", draft.unusual()), ("escaped", draft.escaped())] {
            assert!(same(&bytes) && bytes != plain, "{what}");
        }
        let escaped = draft.escaped();
        assert!(escaped.is_ascii() && String::from_utf8_lossy(&escaped).contains("Zo\\u00eb M\\u00fcller"));
        assert!(String::from_utf8_lossy(&escaped).contains("\\ud83d\\ude9a"), "beyond the basic plane in two halves");
        assert!(!draft.non_ascii().is_ascii() && draft.crlf().ends_with(b"\r\n"));
        assert!(draft.large(5_000).len() > 5_000);
    }

    #[test]
    fn a_flipped_byte_is_one_byte_and_the_broken_ones_are_broken() {
        let draft = event().of("d-1", 1);
        let (plain, flipped) = (draft.plain(), draft.flipped());
        assert_eq!(plain.len(), flipped.len());
        assert_eq!(plain.iter().zip(&flipped).filter(|(a, b)| a != b).count(), 1);
        assert!(serde_json::from_slice::<Value>(&flipped).is_ok(), "the parser must not be what notices");
        assert!(std::str::from_utf8(&draft.no_utf8()).is_err());
        assert!(serde_json::from_slice::<Value>(&deep()).is_err());
    }
}
