//! A scheme that a user describes: what cannot be in it, though each part of it can be read.

use http::HeaderName;

use crate::wire::webhook::scheme::{Algorithm, Encoding, Scheme, Signed};
use crate::wire::webhook::schemes::SCHEMES;
use crate::wire::webhook::template::Part;

/// What is wrong, under which keys of the file, and what to do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fault {
    pub keys: &'static [&'static str],
    pub message: String,
    pub hint: &'static str,
}

impl Scheme {
    /// What contradicts itself in the description.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        self.check_words(&mut faults);
        match &self.signed {
            Signed::Template(template) => self.check_parts(&template.parts().collect::<Vec<_>>(), &mut faults),
            Signed::Components(components) => self.check_message(components.is_empty(), &mut faults),
        }
        faults
    }

    fn check_words(&self, faults: &mut Vec<Fault>) {
        let mut add = |keys, message, hint| faults.push(Fault { keys, message, hint });
        let word = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
        if self.name.is_empty() || !self.name.chars().all(word) {
            let message = format!("`{}` is no name of a scheme", self.name);
            add(&["name"], message, "use lower-case letters, digits and `-`");
        } else if SCHEMES.into_iter().any(|known| known.name == self.name) {
            let message = format!("`{}` is a scheme that is known already", self.name);
            add(&["name"], message, "give it another name, or use the known one");
        }
        let stamp = self.timestamp.as_ref().and_then(|stamp| stamp.header.as_ref());
        let topic = self.topic.as_ref().and_then(|topic| topic.header.as_ref());
        let headers: [(&'static [&'static str], _); 4] = [
            (&["signature", "header"], Some(&self.signature.header)),
            (&["timestamp", "header"], stamp),
            (&["delivery_id"], self.delivery_id.as_ref()),
            (&["topic", "header"], topic),
        ];
        for (keys, name) in headers {
            if let Some(name) = name.filter(|name| name.parse::<HeaderName>().is_err()) {
                add(keys, format!("`{name}` is no header's name"), "use letters, digits and `-`");
            }
        }
        if self.headers.iter().any(|extra| extra.name.parse::<HeaderName>().is_err()) {
            add(&["headers"], "a header's name is none".to_owned(), "use letters, digits and `-`");
        }
        if self.signature.separator.is_some_and(char::is_alphanumeric) {
            let message = "letters and digits separate no signatures".to_owned();
            add(&["signature", "separator"], message, "use a comma or a space");
        }
        if self.topic.as_ref().is_some_and(|topic| topic.header.is_some() == topic.pointer.is_some()) {
            let message = "an event's name stands in a header or in the body".to_owned();
            add(&["topic"], message, "write either `header:` or `pointer:` (a JSON pointer such as /event/type)");
        }
    }

    fn check_parts(&self, parts: &[Part<'_>], faults: &mut Vec<Fault>) {
        let mut add = |keys, message: &str, hint| faults.push(Fault { keys, message: message.to_owned(), hint });
        let signs_time = parts.contains(&Part::Timestamp);
        match &self.timestamp {
            None if signs_time => {
                add(
                    &["signed"],
                    "a timestamp is signed, and nothing says where it stands",
                    "add `timestamp:` with `header:`",
                );
            }
            Some(_) if !signs_time => {
                add(
                    &["timestamp"],
                    "the timestamp is not signed, so anyone may change it",
                    "write {timestamp} in `signed`",
                );
            }
            Some(stamp) if stamp.header.is_some() == stamp.entry.is_some() => {
                add(
                    &["timestamp"],
                    "a timestamp stands in one place",
                    "write either `header:` or `entry:` (what stands before it in the signature's header)",
                );
            }
            Some(stamp) if stamp.entry.is_some() && self.signature.separator.is_none() => {
                add(
                    &["timestamp", "entry"],
                    "the signature's header holds one entry alone",
                    "add `separator:` under `signature`",
                );
            }
            _ => {}
        }
        if parts.contains(&Part::Id) && self.delivery_id.is_none() {
            add(
                &["signed"],
                "the delivery's id is signed, and nothing says where it stands",
                "add `delivery_id:` with the header's name",
            );
        }
        let two =
            |pair: &[Part<'_>]| matches!(pair, [Part::Id | Part::Header(_) | Part::Url, Part::Timestamp | Part::Body]);
        if parts.windows(2).any(two) {
            add(
                &["signed"],
                "two parts meet without a joint, so a letter may move from one to the other",
                "put a joint such as `.` between them",
            );
        }
    }

    fn check_message(&self, is_empty: bool, faults: &mut Vec<Fault>) {
        let mut add = |keys, message: &str, hint| faults.push(Fault { keys, message: message.to_owned(), hint });
        if is_empty {
            add(&["signed"], "no component is signed", "list at least \"@method\" and \"content-digest\"");
        }
        if self.encoding != Encoding::Base64 {
            add(&["encoding"], "RFC 9421 writes signatures in base64", "write `encoding: base64`");
        }
        if self.timestamp.as_ref().is_some_and(|stamp| stamp.header.is_some() || stamp.entry.is_some()) {
            add(&["timestamp"], "RFC 9421 writes the time as `created`", "leave `header` and `entry` out");
        }
        if matches!(
            self.algorithm,
            Algorithm::HmacSha1 | Algorithm::HmacSha384 | Algorithm::HmacSha512 | Algorithm::EcdsaP256
        ) {
            add(&["algorithm"], "RFC 9421 has no such algorithm", "use hmac-sha256, ed25519 or ecdsa-p256-raw");
        }
    }
}
