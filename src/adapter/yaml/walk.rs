//! A walk through a whole document, for what only the walker of every key can find.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// The message of the error that tells a place.
pub const FOUND: &str = "preflight found what it looked for";
/// The beginning of the message that names a duplicate key.
pub const TWICE: &str = "the key stands twice: ";

/// Walks a whole document to find duplicate keys (which the library lets the last one win), or along `0` to
/// one key, and stops there with an error, because only errors tell their place.
pub struct Walk<'k>(pub &'k [&'k str]);

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

macro_rules! leaf {
    ($($visit:ident: $type:ty),+) => {$(
        fn $visit<E>(self, _: $type) -> Result<(), E> {
            Ok(())
        }
    )+};
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("a value")
    }

    leaf!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_i128: i128, visit_u128: u128, visit_f64: f64, visit_str: &str);

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_none<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let mut index = 0_usize;
        loop {
            let rest = match self.0.split_first() {
                Some((key, rest)) if key.parse() == Ok(index) => Some(rest),
                _ => None,
            };
            let item = Item { walk: Walk(rest.unwrap_or_default()), found: rest.is_some_and(<[_]>::is_empty) };
            if items.next_element_seed(item)?.is_none() {
                return Ok(());
            }
            index += 1;
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        let mut seen = BTreeSet::new();
        let wanted = self.0.split_first();
        while let Some(key) = entries.next_key_seed(Key {
            seen: &mut seen,
            last: wanted.filter(|(_, rest)| rest.is_empty()).map(|(key, _)| *key),
        })? {
            match wanted {
                Some((want, rest)) if *want == key => entries.next_value_seed(Walk(rest))?,
                Some(_) => drop(entries.next_value::<IgnoredAny>()?),
                None => entries.next_value_seed(Walk(&[]))?,
            }
        }
        Ok(())
    }

    fn visit_enum<A: serde::de::EnumAccess<'de>>(self, _: A) -> Result<(), A::Error> {
        Err(A::Error::custom("YAML tags (`!name`) are not used here"))
    }
}

/// An item of a list, which may be the one that is looked for.
struct Item<'k> {
    walk: Walk<'k>,
    found: bool,
}

impl<'de> DeserializeSeed<'de> for Item<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.found {
            return deserializer.deserialize_any(Stop);
        }
        self.walk.deserialize(deserializer)
    }
}

/// Ends the walk at whatever comes.
struct Stop;

macro_rules! stop {
    ($($visit:ident: $type:ty),+) => {$(
        fn $visit<E: serde::de::Error>(self, _: $type) -> Result<(), E> {
            Err(E::custom(FOUND))
        }
    )+};
}

impl<'de> Visitor<'de> for Stop {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("a value")
    }

    stop!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str);

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        Err(E::custom(FOUND))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<(), A::Error> {
        Err(A::Error::custom(FOUND))
    }

    fn visit_map<A: MapAccess<'de>>(self, _: A) -> Result<(), A::Error> {
        Err(A::Error::custom(FOUND))
    }
}

struct Key<'s, 'k> {
    seen: &'s mut BTreeSet<String>,
    last: Option<&'k str>,
}

impl<'de> DeserializeSeed<'de> for Key<'_, '_> {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_, '_> {
    type Value = String;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("a key of plain text")
    }

    fn visit_str<E: serde::de::Error>(self, key: &str) -> Result<String, E> {
        if self.last == Some(key) {
            return Err(E::custom(FOUND));
        }
        if self.seen.insert(key.to_owned()) { Ok(key.to_owned()) } else { Err(E::custom(format!("{TWICE}{key}"))) }
    }
}
