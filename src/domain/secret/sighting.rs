//! What a look at one place showed of a secret: never its value, only what could be told from it.

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use regex::Regex;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::domain::secret::placeholder::placeholder;

/// The key of one run, by which equal values can be told within it. It is random, and stored nowhere.
#[derive(Clone)]
pub struct Key([u8; 32]);

impl Key {
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// HMAC-SHA-256 of a value: whoever lacks the key cannot try values out.
    pub fn fingerprint(&self, value: &[u8]) -> Fingerprint {
        // HMAC takes a key of any length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return Fingerprint([0; 32]) };
        mac.update(value);
        Fingerprint(mac.finalize().into_bytes().into())
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("Key(…)")
    }
}

/// Tells equal values of one run. It is not serialisable, so that it cannot be kept.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// The first eight digits, to see in one report that two finds are one value.
    pub fn short(&self) -> String {
        hex::encode(&self.0[..4])
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("Fingerprint(…)")
    }
}

/// Whether a secret is at a place.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase", tag = "presence", content = "reason")]
pub enum Presence {
    Present,
    Absent,
    /// The place could not be looked at, for this reason.
    Unknown(String),
}

/// What a value shows of itself.
#[derive(Clone, Debug)]
pub struct Look {
    /// It matches the declared shape; None where none is declared.
    pub shape: Option<bool>,
    /// Why it is a placeholder.
    pub placeholder: Option<&'static str>,
    pub fingerprint: Fingerprint,
}

/// Looks at a value and lets it go.
pub fn look(value: &str, shape: Option<&Regex>, key: &Key) -> Look {
    Look {
        shape: shape.map(|shape| shape.is_match(value)),
        placeholder: placeholder(value),
        fingerprint: key.fingerprint(value.as_bytes()),
    }
}

/// What a look at one place of one secret in one environment showed.
#[derive(Clone, Debug)]
pub struct Sighting {
    /// The name in the inventory.
    pub secret: String,
    pub environment: String,
    /// As in `kept_in`, with the environment filled in.
    pub place: String,
    /// The place may be another one for each environment without saying so.
    pub ambient: bool,
    pub presence: Presence,
    /// The name under which it was found.
    pub found_as: Option<String>,
    /// None where the store answers without showing the value.
    pub look: Option<Look>,
    /// When the store says that it was last set.
    pub renewed: Option<Timestamp>,
    /// What is wrong with who may read it.
    pub permissions: Option<String>,
}

#[cfg(test)]
mod tests {
    use regex::Regex;

    use super::{Key, look};

    #[test]
    fn a_fingerprint_tells_equal_values_of_one_run_and_of_no_other() {
        let (one, other) = (Key::new([1; 32]), Key::new([2; 32]));
        assert_eq!(one.fingerprint(b"value"), one.fingerprint(b"value"));
        assert_ne!(one.fingerprint(b"value"), one.fingerprint(b"Value"));
        assert_ne!(one.fingerprint(b"value"), other.fingerprint(b"value"));
        assert_eq!(one.fingerprint(b"value").short().len(), 8);
        assert_eq!(format!("{:?} {one:?}", one.fingerprint(b"value")), "Fingerprint(…) Key(…)");
    }

    #[test]
    fn a_look_keeps_nothing_of_the_value() {
        let shape = Regex::new("^sk-").unwrap();
        let seen = look("sk-9f8e7d6c5b4a", Some(&shape), &Key::new([0; 32]));
        assert_eq!((seen.shape, seen.placeholder), (Some(true), None));
        assert!(!format!("{seen:?}").contains("9f8e"), "{seen:?}");
        assert_eq!(look("pk-1", Some(&shape), &Key::new([0; 32])).shape, Some(false));
        assert!(look("changeme", None, &Key::new([0; 32])).placeholder.is_some());
    }
}
