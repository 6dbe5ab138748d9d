//! What is signed, written as a text with places: `{id}.{timestamp}.{body}`.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::domain::nearest::nearest;
use crate::wire::webhook::scheme::{List, Signed, Text};

/// Parts and the joints between them, in order.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct Template(Text);

/// One piece of a template.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Part<'a> {
    /// Stands as it is.
    Joint(&'a str),
    /// The timestamp's text as it was sent.
    Timestamp,
    /// The delivery's id.
    Id,
    /// The raw body.
    Body,
    /// The whole address that was asked.
    Url,
    Method,
    /// The address from its path on, with the query.
    Path,
    /// The form's parameters, name and value run together, sorted by name; nothing where the body is no form.
    Form,
    /// Another header's value.
    Header(&'a str),
}

/// A template that cannot be read.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum BadTemplate {
    #[error("`{{{0}}}` is no part; use {{timestamp}}, {{id}}, {{body}}, {{url}}, {{method}}, {{path}}, {{form}} or {{header:NAME}}{near}", near = hint(.0))]
    UnknownPart(String),
    #[error("a `{{` is not closed")]
    Open,
    #[error("neither {{body}} nor {{form}} is signed, so anyone may change the body")]
    NoBody,
}

const WORDS: [&str; 7] = ["timestamp", "id", "body", "url", "method", "path", "form"];

fn hint(word: &str) -> String {
    nearest(word, WORDS).map(|near| format!("; did you mean {{{near}}}?")).unwrap_or_default()
}

impl Template {
    /// One that is known when this is compiled; a test reads them all.
    pub const fn known(text: &'static str) -> Self {
        Self(Cow::Borrowed(text))
    }

    /// # Errors
    /// A part is unknown or not closed, or the body is not signed.
    pub fn parse(text: &str) -> Result<Self, BadTemplate> {
        let template = Self(Cow::Owned(text.to_owned()));
        let mut bound = false;
        for part in template.walk() {
            bound |= matches!(part?, Part::Body | Part::Form);
        }
        if bound { Ok(template) } else { Err(BadTemplate::NoBody) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The parts in order.
    pub fn parts(&self) -> impl Iterator<Item = Part<'_>> {
        self.walk().filter_map(Result::ok)
    }

    fn walk(&self) -> impl Iterator<Item = Result<Part<'_>, BadTemplate>> {
        let mut rest: &str = &self.0;
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let open = rest.find('{').unwrap_or(rest.len());
            if open > 0 {
                let (joint, after) = rest.split_at(open);
                rest = after;
                return Some(Ok(Part::Joint(joint)));
            }
            let Some((word, after)) = rest[1..].split_once('}') else {
                rest = "";
                return Some(Err(BadTemplate::Open));
            };
            rest = after;
            Some(part(word).ok_or_else(|| BadTemplate::UnknownPart(word.to_owned())))
        })
    }
}

fn part(word: &str) -> Option<Part<'_>> {
    Some(match word {
        "timestamp" => Part::Timestamp,
        "id" => Part::Id,
        "body" => Part::Body,
        "url" => Part::Url,
        "method" => Part::Method,
        "path" => Part::Path,
        "form" => Part::Form,
        _ => Part::Header(word.strip_prefix("header:").filter(|name| !name.is_empty())?),
    })
}

impl fmt::Display for Template {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Signed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Signed;

            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str("a text such as {timestamp}.{body}, or a list of RFC 9421 components")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Signed, E> {
                Template::parse(text).map(Signed::Template).map_err(E::custom)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Signed, A::Error> {
                let mut components: Vec<Text> = Vec::new();
                while let Some(component) = items.next_element::<String>()? {
                    components.push(Cow::Owned(component));
                }
                Ok(Signed::Components(List::Owned(components)))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

#[cfg(test)]
mod tests {
    use super::{BadTemplate, Part, Template};

    #[test]
    fn parts_and_joints_come_in_order() {
        let template = Template::parse("v0:{timestamp}:{body}").unwrap();
        let parts: Vec<_> = template.parts().collect();
        assert_eq!(parts, [Part::Joint("v0:"), Part::Timestamp, Part::Joint(":"), Part::Body]);
        let template = Template::parse("{header:x-a}{url}{form}").unwrap();
        assert_eq!(template.parts().collect::<Vec<_>>(), [Part::Header("x-a"), Part::Url, Part::Form]);
    }

    #[test]
    fn what_is_no_template_is_refused() {
        let unknown = |word: &str| BadTemplate::UnknownPart(word.to_owned());
        let table = [
            ("{timestmp}.{body}", unknown("timestmp")),
            ("{header:}{body}", unknown("header:")),
            ("{body", BadTemplate::Open),
            ("{timestamp}", BadTemplate::NoBody),
            ("", BadTemplate::NoBody),
        ];
        for (text, error) in table {
            assert_eq!(Template::parse(text).unwrap_err(), error, "{text}");
        }
        let told = unknown("timestmp").to_string();
        assert!(told.ends_with("did you mean {timestamp}?"), "{told}");
    }
}
