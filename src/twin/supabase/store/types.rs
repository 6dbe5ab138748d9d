//! The column types that the store knows, and how they read text and JSON.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use crate::twin::supabase::store::datum::Datum;
use crate::twin::supabase::store::error::PgError;
use crate::twin::supabase::store::json::Json;
use crate::twin::supabase::store::numeric::Numeric;

/// A column type.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Type {
    SmallInt,
    Integer,
    BigInt,
    Numeric,
    Double,
    Text,
    Boolean,
    Uuid,
    /// `timestamp with time zone`; the session's zone is UTC.
    Timestamp,
    Date,
    Jsonb,
    Array(Box<Type>),
}

impl Type {
    /// Reads a type's name or one of its aliases.
    pub fn named(name: &str) -> Option<Self> {
        let name = name.trim().to_ascii_lowercase();
        if let Some(element) = name.strip_suffix("[]") {
            return Self::named(element).map(|element| Self::Array(Box::new(element)));
        }
        Some(match name.as_str() {
            "smallint" | "int2" => Self::SmallInt,
            "integer" | "int" | "int4" => Self::Integer,
            "bigint" | "int8" => Self::BigInt,
            "numeric" | "decimal" => Self::Numeric,
            "double precision" | "float8" | "float" => Self::Double,
            "text" | "varchar" | "character varying" => Self::Text,
            "boolean" | "bool" => Self::Boolean,
            "uuid" => Self::Uuid,
            "timestamptz" | "timestamp with time zone" => Self::Timestamp,
            "date" => Self::Date,
            "jsonb" | "json" => Self::Jsonb,
            _ => return None,
        })
    }

    /// The name that PostgreSQL's messages use.
    pub fn sql(&self) -> String {
        match self {
            Self::SmallInt => "smallint".into(),
            Self::Integer => "integer".into(),
            Self::BigInt => "bigint".into(),
            Self::Numeric => "numeric".into(),
            Self::Double => "double precision".into(),
            Self::Text => "text".into(),
            Self::Boolean => "boolean".into(),
            Self::Uuid => "uuid".into(),
            Self::Timestamp => "timestamp with time zone".into(),
            Self::Date => "date".into(),
            Self::Jsonb => "jsonb".into(),
            Self::Array(element) => format!("{}[]", element.sql()),
        }
    }

    /// What the type's input function makes of a text.
    ///
    /// # Errors
    /// PostgreSQL's own (22P02, 22003, 22007).
    pub fn read(&self, text: &str, now: Timestamp) -> Result<Datum, PgError> {
        let invalid = || PgError::invalid_text(&self.sql(), text);
        match self {
            Self::SmallInt => self.integer(text, i64::from(i16::MIN), i64::from(i16::MAX)),
            Self::Integer => self.integer(text, i64::from(i32::MIN), i64::from(i32::MAX)),
            Self::BigInt => self.integer(text, i64::MIN, i64::MAX),
            Self::Numeric => Numeric::parse(text).map(Datum::Numeric).ok_or_else(invalid),
            Self::Double => text.trim().parse().map(Datum::Float).map_err(|_| invalid()),
            Self::Text => Ok(Datum::Text(text.to_owned())),
            Self::Boolean => boolean(text).map(Datum::Bool).ok_or_else(invalid),
            Self::Uuid => uuid(text).map(Datum::Text).ok_or_else(invalid),
            Self::Timestamp => timestamp(text, now).map(Datum::Timestamp).ok_or_else(invalid),
            Self::Date => date(text, now).map(Datum::Date).ok_or_else(invalid),
            Self::Jsonb => Json::parse(text).map(|json| Datum::Json(json.normalised())).ok_or_else(|| {
                let token =
                    text.split(|c: char| c.is_whitespace() || ",{}[]".contains(c)).find(|part| !part.is_empty());
                let error = PgError::new("22P02", "invalid input syntax for type json");
                match token {
                    Some(token) => error.with_details(format!("Token \"{token}\" is invalid.")),
                    None => error.with_details("The input string ended unexpectedly."),
                }
            }),
            Self::Array(element) => read_array(element, text, now),
        }
    }

    fn integer(&self, text: &str, least: i64, most: i64) -> Result<Datum, PgError> {
        let trimmed = text.trim();
        let digits = trimmed.strip_prefix(['-', '+']).unwrap_or(trimmed);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(PgError::invalid_text(&self.sql(), text));
        }
        match trimmed.parse::<i64>() {
            Ok(value) if (least..=most).contains(&value) => Ok(Datum::Int(value)),
            _ => Err(PgError::new("22003", format!("value \"{text}\" is out of range for type {}", self.sql()))),
        }
    }

    /// What `json_to_recordset` makes of a JSON value.
    ///
    /// # Errors
    /// PostgreSQL's own, as for [`Self::read`].
    pub fn read_json(&self, json: &Json, now: Timestamp) -> Result<Datum, PgError> {
        match (self, json) {
            (_, Json::Null) => Ok(Datum::Null),
            (Self::Jsonb, json) => Ok(Datum::Json(json.clone().normalised())),
            (Self::Array(element), Json::Array(items)) => {
                items.iter().map(|item| element.read_json(item, now)).collect::<Result<_, _>>().map(Datum::Array)
            }
            (Self::Array(_), Json::Text(text)) => self.read(text, now),
            (Self::Array(_), _) => Err(PgError::new("22P02", "expected JSON array")),
            (_, Json::Text(text)) => self.read(text, now),
            (_, Json::Number(digits)) => self.read(digits, now),
            (_, other) => self.read(&other.compact(), now),
        }
    }

    /// `CAST(value AS target)`.
    ///
    /// # Errors
    /// 42846 when there is no such cast, and those of [`Self::read`].
    pub fn cast(&self, value: &Datum, target: &Self, now: Timestamp) -> Result<Datum, PgError> {
        if self == target || value.is_null() {
            return Ok(value.clone());
        }
        match (self, target) {
            (_, Self::Text) => Ok(value.cast_text().map_or(Datum::Null, Datum::Text)),
            (Self::Text, _) => target.read(&value.to_text().unwrap_or_default(), now),
            (from, to) if from.is_number() && to.is_number() => {
                let text = value.to_text().unwrap_or_default();
                if matches!(to, Self::Numeric | Self::Double) {
                    return to.read(&text, now);
                }
                let rounded = Numeric::parse(&text).and_then(Numeric::round);
                rounded.map_or_else(
                    || Err(PgError::new("22003", format!("{} out of range", to.sql()))),
                    |number| to.read(&number.to_string(), now),
                )
            }
            (Self::Timestamp, Self::Date) => match value {
                Datum::Timestamp(at) => Ok(Datum::Date(at.to_zoned(TimeZone::UTC).date())),
                _ => Ok(Datum::Null),
            },
            (Self::Date, Self::Timestamp) => target.read(&value.to_text().unwrap_or_default(), now),
            (Self::Integer, Self::Boolean) => Ok(Datum::Bool(!value.equals(&Datum::Int(0)))),
            (Self::Boolean, Self::Integer) => Ok(Datum::Int(i64::from(value.equals(&Datum::Bool(true))))),
            _ => Err(PgError::new("42846", format!("cannot cast type {} to {}", self.sql(), target.sql()))),
        }
    }

    pub fn is_number(&self) -> bool {
        matches!(self, Self::SmallInt | Self::Integer | Self::BigInt | Self::Numeric | Self::Double)
    }
}

fn boolean(text: &str) -> Option<bool> {
    let word = text.trim().to_ascii_lowercase();
    let begins = |whole: &str, least: usize| word.len() >= least && whole.starts_with(&word);
    if begins("true", 1) || begins("yes", 1) || word == "on" || word == "1" {
        Some(true)
    } else if begins("false", 1) || begins("no", 1) || begins("off", 2) || word == "0" {
        Some(false)
    } else {
        None
    }
}

fn uuid(text: &str) -> Option<String> {
    let inner = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or(text);
    let digits: String = inner.chars().filter(|c| *c != '-').collect::<String>().to_ascii_lowercase();
    if digits.len() != 32 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    Some([&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-"))
}

fn timestamp(text: &str, now: Timestamp) -> Option<Timestamp> {
    let text = text.trim();
    match text.to_ascii_lowercase().as_str() {
        "now" => return Some(now),
        "epoch" => return Some(Timestamp::UNIX_EPOCH),
        "today" => return midnight(now.to_zoned(TimeZone::UTC).date()),
        _ => {}
    }
    let text = text.replacen(' ', "T", 1);
    let (date, time) = text.split_once(['T', 't']).unwrap_or((&text, ""));
    if time.is_empty() {
        return midnight(date.parse().ok()?);
    }
    let zone = time.find(['Z', 'z', '+', '-']).unwrap_or(time.len());
    let (time, zone) = time.split_at(zone);
    let time = if time.matches(':').count() == 1 { format!("{time}:00") } else { time.to_owned() };
    let zone = match zone.trim() {
        "" | "Z" | "z" => "+00:00".to_owned(),
        short if short.len() == 3 => format!("{short}:00"),
        other => other.to_owned(),
    };
    let at: Timestamp = format!("{date}T{}{zone}", time.trim()).parse().ok()?;
    // Microseconds are all that PostgreSQL keeps.
    Timestamp::from_microsecond(at.as_microsecond()).ok()
}

fn midnight(date: Date) -> Option<Timestamp> {
    date.to_zoned(TimeZone::UTC).ok().map(|zoned: Zoned| zoned.timestamp())
}

fn date(text: &str, now: Timestamp) -> Option<Date> {
    let text = text.trim();
    match text.to_ascii_lowercase().as_str() {
        "today" | "now" => Some(now.to_zoned(TimeZone::UTC).date()),
        _ => text.get(..10).unwrap_or(text).parse().ok().filter(|_| text.len() == 10 || timestamp(text, now).is_some()),
    }
}

/// Reads `{a,"b c",NULL}`.
fn read_array(element: &Type, text: &str, now: Timestamp) -> Result<Datum, PgError> {
    let malformed =
        |details: &str| PgError::new("22P02", format!("malformed array literal: \"{text}\"")).with_details(details);
    let trimmed = text.trim();
    let Some(inner) = trimmed.strip_prefix('{') else {
        return Err(malformed("Array value must start with \"{\" or dimension information."));
    };
    let Some(inner) = inner.strip_suffix('}') else { return Err(malformed("Unexpected end of input.")) };
    let mut items = Vec::new();
    let mut letters = inner.chars().peekable();
    while letters.peek().is_some() {
        let (mut item, mut quoted, mut in_quotes) = (String::new(), false, false);
        loop {
            match letters.next() {
                None if in_quotes => return Err(malformed("Unexpected end of input.")),
                None => break,
                Some(',') if !in_quotes => {
                    if letters.peek().is_none() {
                        return Err(malformed("Unexpected \"}\" character."));
                    }
                    break;
                }
                Some('"') => {
                    quoted = true;
                    in_quotes = !in_quotes;
                }
                Some('\\') => item.extend(letters.next()),
                Some(letter @ ('{' | '}')) if !in_quotes => {
                    return Err(malformed(&format!("Unexpected \"{letter}\" character.")));
                }
                Some(letter) => item.push(letter),
            }
        }
        let item = if quoted { item } else { item.trim().to_owned() };
        items.push(match (quoted, item.as_str()) {
            (false, word) if word.eq_ignore_ascii_case("null") => Datum::Null,
            (_, word) => element.read(word, now)?,
        });
    }
    Ok(Datum::Array(items))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::Type;

    #[test]
    fn text_is_read_and_written_back_as_the_type_writes_it() {
        let cases = [
            ("bigint", " 7", "7"),
            ("boolean", "yes", "t"),
            ("uuid", "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
            ("timestamptz", "2026-01-02 03:04:05.5+02", "2026-01-02 01:04:05.5+00"),
            ("timestamptz", "2026-01-02", "2026-01-02 00:00:00+00"),
            ("date", "2026-01-02", "2026-01-02"),
            ("jsonb", "{\"bb\":1, \"a\":2}", "{\"a\": 2, \"bb\": 1}"),
            ("text[]", "{a,\"b,c\"}", "{a,\"b,c\"}"),
            ("integer[]", "{}", "{}"),
        ];
        for (kind, text, written) in cases {
            let datum = Type::named(kind).unwrap().read(text, Timestamp::UNIX_EPOCH).unwrap();
            assert_eq!(datum.to_text().as_deref(), Some(written), "{kind} {text}");
        }
    }

    #[test]
    fn what_a_type_refuses_is_refused_in_postgresqls_words() {
        let cases = [
            ("bigint", "abc", "22P02", "invalid input syntax for type bigint: \"abc\""),
            ("integer", "99999999999", "22003", "value \"99999999999\" is out of range for type integer"),
            ("timestamptz", "soon", "22007", "invalid input syntax for type timestamp with time zone: \"soon\""),
            ("text[]", "a", "22P02", "malformed array literal: \"a\""),
        ];
        for (kind, text, code, message) in cases {
            let error = Type::named(kind).unwrap().read(text, Timestamp::UNIX_EPOCH).unwrap_err();
            assert_eq!((error.code.as_str(), error.message.as_str()), (code, message));
        }
    }
}
