//! Fuzzy matchers: `#string`, `#uuid`, `#[5]`, `##number`, `#regex …` and their like, for values that differ from answer to answer.

use jiff::Timestamp;
use jiff::civil::Date;
use regex::Regex;
use serde_json::Value;

use crate::domain::json::type_name;
use crate::domain::nearest::nearest;

/// The words that may stand behind `#`.
pub const WORDS: [&str; 23] = [
    "string", "number", "integer", "boolean", "array", "object", "null", "notnull", "present", "absent", "ignore",
    "uuid", "date", "datetime", "epoch", "url", "email", "[]", "regex", "oneof", "future", "past", "literal",
];

/// What a value must be like.
#[derive(Clone, Debug)]
pub enum Matcher {
    Ignore,
    Present,
    Absent,
    NotNull,
    Null,
    String,
    Number,
    Integer,
    Boolean,
    Object,
    /// Length bounds, and what each element must be like.
    Array {
        least: usize,
        most: Option<usize>,
        each: Option<Box<Matcher>>,
    },
    Uuid,
    Date,
    DateTime,
    /// Seconds since 1970, between 2000 and 2100.
    Epoch,
    Url,
    Email,
    Regex(Regex),
    OneOf(Vec<String>),
    Future,
    Past,
    Literal(String),
    /// Null, absent, or like this.
    Optional(Box<Matcher>),
}

impl Matcher {
    /// Reads a text that begins with `#`.
    ///
    /// # Errors
    /// What is wrong with it, and the nearest word.
    pub fn parse(text: &str) -> Result<Self, String> {
        let body = text.strip_prefix('#').ok_or("a matcher begins with `#`")?;
        if let Some(rest) = body.strip_prefix('#') {
            return Ok(Self::Optional(Box::new(Self::parse(&format!("#{rest}"))?)));
        }
        if body.starts_with('[') {
            return Self::parse_array(body);
        }
        let (word, rest) = body.split_once(' ').map_or((body, ""), |(word, rest)| (word, rest.trim()));
        Ok(match word {
            "ignore" => Self::Ignore,
            "present" => Self::Present,
            "absent" => Self::Absent,
            "notnull" => Self::NotNull,
            "null" => Self::Null,
            "string" => Self::String,
            "number" => Self::Number,
            "integer" => Self::Integer,
            "boolean" => Self::Boolean,
            "object" => Self::Object,
            "array" => Self::Array { least: 0, most: None, each: None },
            "uuid" => Self::Uuid,
            "date" => Self::Date,
            "datetime" => Self::DateTime,
            "epoch" => Self::Epoch,
            "url" => Self::Url,
            "email" => Self::Email,
            "future" => Self::Future,
            "past" => Self::Past,
            "literal" => Self::Literal(rest.to_owned()),
            "regex" if rest.is_empty() => return Err("`#regex` needs an expression: `#regex ^a+$`".to_owned()),
            "regex" => {
                Self::Regex(Regex::new(rest).map_err(|error| format!("`{rest}` is no regular expression: {error}"))?)
            }
            "oneof" if rest.is_empty() => return Err("`#oneof` needs words: `#oneof open|resolved`".to_owned()),
            "oneof" => Self::OneOf(rest.split('|').map(|word| word.trim().to_owned()).collect()),
            unknown => {
                let known = nearest(unknown, WORDS).map_or_else(
                    || format!("known are {}", WORDS.join(", ")),
                    |word| format!("did you mean `#{word}`?"),
                );
                return Err(format!(
                    "`#{unknown}` is no matcher: {known} (a text that begins with # is written `#literal {text}`)"
                ));
            }
        })
    }

    /// Reads a matcher that is a whole promise: there, one that takes anything would promise nothing.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse_promise(text: &str) -> Result<Self, String> {
        let matcher = Self::parse(text)?;
        if matcher.takes_anything() {
            return Err(format!("`{text}` takes anything, so it promises nothing here: write `#present` or a type"));
        }
        Ok(matcher)
    }

    /// Tells whether no value at all, nor its absence, could break it.
    pub fn takes_anything(&self) -> bool {
        match self {
            Self::Ignore => true,
            Self::Optional(inner) => matches!(**inner, Self::Present) || inner.takes_anything(),
            _ => false,
        }
    }

    /// `[]`, `[5]`, `[1..]`, `[1..5]`, each with an optional `#matcher` for the elements.
    fn parse_array(body: &str) -> Result<Self, String> {
        let wrong =
            || format!("`#{body}` is no array matcher: write `#[]`, `#[5]`, `#[1..]`, `#[1..5]` or `#[5] #uuid`");
        let (bounds, rest) = body[1..].split_once(']').ok_or_else(wrong)?;
        let number = |text: &str| text.parse::<usize>().map_err(|_| wrong());
        let (least, most) = match bounds.split_once("..") {
            None if bounds.is_empty() => (0, None),
            None => (number(bounds)?, Some(number(bounds)?)),
            Some((least, "")) => (number(least)?, None),
            Some((least, most)) => (number(least)?, Some(number(most)?)),
        };
        let each = match rest.trim() {
            "" => None,
            each => Some(Box::new(Self::parse(each)?)),
        };
        Ok(Self::Array { least, most, each })
    }

    /// Tells whether an array's or an object's absence satisfies it.
    pub fn allows_absence(&self) -> bool {
        matches!(self, Self::Ignore | Self::Absent | Self::Optional(_))
    }

    /// The branches that it has, when it has any.
    pub fn branches(&self) -> Vec<&str> {
        match self {
            Self::Optional(_) => vec!["absent or null", "present"],
            Self::OneOf(words) => words.iter().map(String::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// The branch that a matching value shows.
    pub fn branch_of(&self, value: Option<&Value>) -> String {
        match self {
            Self::Optional(_) if value.is_none_or(Value::is_null) => "absent or null".to_owned(),
            Self::Optional(_) => "present".to_owned(),
            _ => value.map(plain).unwrap_or_default(),
        }
    }

    /// Judges a value; None stands for a member that is absent. `now` is the time of the answer.
    ///
    /// # Errors
    /// What was expected, in words.
    pub fn judge(&self, value: Option<&Value>, now: Timestamp) -> Result<(), String> {
        let Some(value) = value else {
            return if self.allows_absence() { Ok(()) } else { Err(self.words()) };
        };
        let text = value.as_str();
        let holds = match self {
            Self::Ignore | Self::Present => true,
            Self::Absent => false,
            Self::NotNull => !value.is_null(),
            Self::Null => value.is_null(),
            Self::String => value.is_string(),
            Self::Number => value.is_number(),
            Self::Integer => value.is_i64() || value.is_u64(),
            Self::Boolean => value.is_boolean(),
            Self::Object => value.is_object(),
            Self::Array { least, most, each } => {
                let Some(items) = value.as_array() else { return Err(self.words()) };
                let fits = items.len() >= *least && most.is_none_or(|most| items.len() <= most);
                fits && each.as_ref().is_none_or(|each| items.iter().all(|item| each.judge(Some(item), now).is_ok()))
            }
            Self::Uuid => text.is_some_and(is_uuid),
            Self::Date => text.is_some_and(|text| text.len() == 10 && text.parse::<Date>().is_ok()),
            Self::DateTime => text.is_some_and(|text| text.parse::<Timestamp>().is_ok()),
            Self::Epoch => value.as_f64().is_some_and(|seconds| (946_684_800.0..4_102_444_800.0).contains(&seconds)),
            Self::Url => text.is_some_and(|text| url::Url::parse(text).is_ok_and(|url| url.has_host())),
            Self::Email => text.is_some_and(is_email),
            Self::Regex(regex) => text.is_some_and(|text| regex.is_match(text)),
            Self::OneOf(words) => words.iter().any(|word| *word == plain(value)),
            Self::Future => moment(value).is_some_and(|moment| moment > now),
            Self::Past => moment(value).is_some_and(|moment| moment <= now),
            Self::Literal(literal) => text == Some(literal),
            Self::Optional(inner) => {
                return if value.is_null() { Ok(()) } else { inner.judge(Some(value), now).map_err(|_| self.words()) };
            }
        };
        if holds { Ok(()) } else { Err(self.words()) }
    }

    /// What it wants, for a reader.
    pub fn words(&self) -> String {
        match self {
            Self::Ignore => "anything".to_owned(),
            Self::Present => "any value".to_owned(),
            Self::Absent => "absent".to_owned(),
            Self::NotNull => "not null".to_owned(),
            Self::Null => "null".to_owned(),
            Self::String => "a string".to_owned(),
            Self::Number => "a number".to_owned(),
            Self::Integer => "an integer".to_owned(),
            Self::Boolean => "true or false".to_owned(),
            Self::Object => "an object".to_owned(),
            Self::Array { least, most, each } => {
                let size = match (least, most) {
                    (0, None) => "an array".to_owned(),
                    (least, Some(most)) if least == most => format!("an array of {least}"),
                    (least, None) => format!("an array of at least {least}"),
                    (least, Some(most)) => format!("an array of {least} to {most}"),
                };
                each.as_ref().map_or(size.clone(), |each| format!("{size}, each {}", each.words()))
            }
            Self::Uuid => "a UUID".to_owned(),
            Self::Date => "a date (YYYY-MM-DD)".to_owned(),
            Self::DateTime => "a time (RFC 3339)".to_owned(),
            Self::Epoch => "a time in seconds since 1970".to_owned(),
            Self::Url => "an absolute URL".to_owned(),
            Self::Email => "an e-mail address".to_owned(),
            Self::Regex(regex) => format!("a text like /{regex}/"),
            Self::OneOf(words) => format!("one of {}", words.join(", ")),
            Self::Future => "a time in the future".to_owned(),
            Self::Past => "a time in the past".to_owned(),
            Self::Literal(literal) => format!("\"{literal}\""),
            Self::Optional(inner) => format!("{}, null or absent", inner.words()),
        }
    }
}

/// A value as a contract writes it: strings without quotes.
pub fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A value for a message: JSON, cut where it is long, with its type where that may surprise.
pub fn shown(value: Option<&Value>) -> String {
    let Some(value) = value else { return "nothing".to_owned() };
    let text = value.to_string();
    if text.chars().count() <= 120 {
        return text;
    }
    let start: String = text.chars().take(110).collect();
    format!("{start}… ({}, {} characters)", type_name(value), text.chars().count())
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

fn is_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && domain.contains('.')
            && !domain.starts_with('.')
            && !domain.ends_with('.')
            && !text.contains(char::is_whitespace)
    })
}

fn moment(value: &Value) -> Option<Timestamp> {
    match value {
        Value::String(text) => text.parse().ok().or_else(|| {
            let date: Date = text.parse().ok()?;
            date.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
        }),
        Value::Number(number) => number.as_f64().and_then(|seconds| {
            #[expect(clippy::cast_possible_truncation, reason = "whole seconds are enough to tell past from future")]
            let whole = seconds as i64;
            Timestamp::from_second(whole).ok()
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::{Value, json};

    use super::Matcher;

    fn judge(matcher: &str, value: &Value) -> bool {
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        Matcher::parse(matcher).unwrap().judge(Some(value), now).is_ok()
    }

    #[test]
    fn a_promise_that_nothing_could_break_is_none() {
        for text in ["#ignore", "##ignore", "##present"] {
            assert!(Matcher::parse(text).is_ok());
            assert!(Matcher::parse_promise(text).unwrap_err().contains("promises nothing"), "{text}");
        }
        for text in ["#present", "##string", "#notnull", "#[]"] {
            assert!(Matcher::parse_promise(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn each_matcher_holds_for_its_like_and_for_nothing_else() {
        let table: [(&str, Value, Value); 24] = [
            ("#string", json!(""), json!(1)),
            ("#number", json!(1.5), json!("1")),
            ("#integer", json!(1), json!(1.5)),
            ("#boolean", json!(false), json!("false")),
            ("#array", json!([]), json!({})),
            ("#object", json!({}), json!([])),
            ("#null", json!(null), json!(0)),
            ("#notnull", json!(0), json!(null)),
            ("#uuid", json!("6f0b1d52-2c53-4d8a-9a51-3d8bb0c5c1f3"), json!("6f0b1d52")),
            ("#date", json!("2026-01-31"), json!("2026-02-31")),
            ("#datetime", json!("2026-01-01T00:00:00.000Z"), json!("2026-01-01 00:00:00")),
            ("#epoch", json!(1_767_225_600), json!(1_767_225_600_000_i64)),
            ("#url", json!("https://a.b/c"), json!("/c")),
            ("#email", json!("a@b.c"), json!("a@b")),
            ("#[2]", json!([1, 2]), json!([1])),
            ("#[1..]", json!([1]), json!([])),
            ("#[1..2]", json!([1, 2]), json!([1, 2, 3])),
            ("#[] #integer", json!([1]), json!([1, "2"])),
            ("#regex ^a+$", json!("aa"), json!("ab")),
            ("#oneof open|resolved", json!("open"), json!("closed")),
            ("#future", json!("2026-01-02T00:00:00Z"), json!("2025-12-31T00:00:00Z")),
            ("#past", json!(1), json!("2026-01-02")),
            ("##number", json!(null), json!("1")),
            ("#literal #1", json!("#1"), json!("1")),
        ];
        for (matcher, like, unlike) in table {
            assert!(judge(matcher, &like), "{matcher} should hold for {like}");
            assert!(!judge(matcher, &unlike), "{matcher} should not hold for {unlike}");
        }
    }

    #[test]
    fn absence_satisfies_only_what_says_so() {
        let now = Timestamp::UNIX_EPOCH;
        for (matcher, allowed) in
            [("##string", true), ("#absent", true), ("#ignore", true), ("#present", false), ("#string", false)]
        {
            assert_eq!(Matcher::parse(matcher).unwrap().judge(None, now).is_ok(), allowed, "{matcher}");
        }
    }

    #[test]
    fn an_unknown_matcher_is_an_error_that_names_the_nearest() {
        assert!(Matcher::parse("#uid").unwrap_err().contains("did you mean `#uuid`"));
        assert!(Matcher::parse("#[x]").unwrap_err().contains("#[1..5]"));
        assert!(Matcher::parse("#regex (").unwrap_err().contains("no regular expression"));
    }
}
