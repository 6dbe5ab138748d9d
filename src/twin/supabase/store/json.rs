//! JSON as PostgreSQL keeps it: numbers by their digits, objects by their keys' order, no duplicate lost unseen.

use std::cmp::Ordering;
use std::fmt::Write as _;

/// A JSON value. Numbers keep the digits they were written with (`1.10` stays `1.10`).
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Json {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

/// How deep a document may nest; deeper ones are refused as no JSON.
const DEEPEST: usize = 256;

impl Json {
    /// Reads a document; None when it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let mut reader = Reader { rest: text, depth: 0 };
        let value = reader.value()?;
        reader.skip();
        reader.rest.is_empty().then_some(value)
    }

    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// As `json` and `row_to_json` write it: no spaces.
    pub fn compact(&self) -> String {
        let mut text = String::new();
        self.write(&mut text, ":", ",");
        text
    }

    /// As `jsonb` writes it: a space after each colon and comma.
    pub fn spaced(&self) -> String {
        let mut text = String::new();
        self.write(&mut text, ": ", ", ");
        text
    }

    fn write(&self, text: &mut String, colon: &str, comma: &str) {
        match self {
            Self::Null => text.push_str("null"),
            Self::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
            Self::Number(digits) => text.push_str(digits),
            Self::Text(value) => write_string(text, value),
            Self::Array(items) => {
                text.push('[');
                for (index, item) in items.iter().enumerate() {
                    text.push_str(if index == 0 { "" } else { comma });
                    item.write(text, colon, comma);
                }
                text.push(']');
            }
            Self::Object(members) => {
                text.push('{');
                for (index, (key, value)) in members.iter().enumerate() {
                    text.push_str(if index == 0 { "" } else { comma });
                    write_string(text, key);
                    text.push_str(colon);
                    value.write(text, colon, comma);
                }
                text.push('}');
            }
        }
    }

    /// As `jsonb` keeps it: keys by length and then by bytes, the last of a duplicate key.
    #[must_use]
    pub fn normalised(self) -> Self {
        match self {
            Self::Array(items) => Self::Array(items.into_iter().map(Self::normalised).collect()),
            Self::Object(members) => {
                let mut kept: Vec<(String, Self)> = Vec::with_capacity(members.len());
                for (key, value) in members {
                    let value = value.normalised();
                    match kept.iter_mut().find(|(known, _)| *known == key) {
                        Some(member) => member.1 = value,
                        None => kept.push((key, value)),
                    }
                }
                kept.sort_by(|(one, _), (other, _)| one.len().cmp(&other.len()).then_with(|| one.cmp(other)));
                Self::Object(kept)
            }
            Self::Number(digits) => Self::Number(plain_number(&digits)),
            other => other,
        }
    }

    /// Without members that are null, at any depth (`json_strip_nulls`).
    #[must_use]
    pub fn stripped(self) -> Self {
        match self {
            Self::Array(items) => Self::Array(items.into_iter().map(Self::stripped).collect()),
            Self::Object(members) => Self::Object(
                members
                    .into_iter()
                    .filter(|(_, value)| *value != Self::Null)
                    .map(|(key, value)| (key, value.stripped()))
                    .collect(),
            ),
            other => other,
        }
    }

    /// The element an arrow points to: a key of an object, an index of an array (negative from the end).
    pub fn member(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members.iter().find(|(known, _)| known == key).map(|(_, value)| value),
            _ => None,
        }
    }

    pub fn element(&self, index: i64) -> Option<&Self> {
        let Self::Array(items) = self else { return None };
        let length = i64::try_from(items.len()).ok()?;
        usize::try_from(if index < 0 { length + index } else { index }).ok().and_then(|index| items.get(index))
    }

    /// As text, for `->>`: strings without quotes.
    pub fn as_text(&self) -> Option<String> {
        match self {
            Self::Null => None,
            Self::Text(text) => Some(text.clone()),
            other => Some(other.spaced()),
        }
    }

    /// Whether this document contains the other one (`@>`).
    pub fn contains(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Object(_), Self::Object(wanted)) => {
                wanted.iter().all(|(key, value)| self.member(key).is_some_and(|own| own.contains(value)))
            }
            (Self::Array(items), Self::Array(wanted)) => {
                wanted.iter().all(|value| items.iter().any(|item| item.contains(value)))
            }
            (Self::Array(_), Self::Object(_)) => false,
            (Self::Array(items), scalar) => items.contains(scalar),
            (Self::Number(one), Self::Number(two)) => same_number(one, two),
            (one, two) => one == two,
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Text(_) => 1,
            Self::Number(_) => 2,
            Self::Bool(_) => 3,
            Self::Array(_) => 4,
            Self::Object(_) => 5,
        }
    }

    /// The order in which `jsonb` sorts.
    pub fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Text(one), Self::Text(two)) => one.cmp(two),
            (Self::Number(one), Self::Number(two)) => {
                let number = |digits: &str| digits.parse::<f64>().unwrap_or_default();
                number(one).total_cmp(&number(two))
            }
            (Self::Bool(one), Self::Bool(two)) => one.cmp(two),
            (Self::Array(one), Self::Array(two)) => one.len().cmp(&two.len()).then_with(|| {
                one.iter().zip(two).map(|(a, b)| a.compare(b)).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
            }),
            (Self::Object(one), Self::Object(two)) => one.len().cmp(&two.len()).then_with(|| {
                let pairs = one.iter().zip(two);
                let mut orders = pairs.map(|((a, x), (b, y))| a.cmp(b).then_with(|| x.compare(y)));
                orders.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
            }),
            (one, two) => one.rank().cmp(&two.rank()),
        }
    }
}

impl From<&serde_json::Value> for Json {
    fn from(value: &serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(value) => Self::Bool(*value),
            serde_json::Value::Number(number) => Self::Number(number.to_string()),
            serde_json::Value::String(text) => Self::Text(text.clone()),
            serde_json::Value::Array(items) => Self::Array(items.iter().map(Self::from).collect()),
            serde_json::Value::Object(members) => {
                Self::Object(members.iter().map(|(key, value)| (key.clone(), Self::from(value))).collect())
            }
        }
    }
}

fn same_number(one: &str, two: &str) -> bool {
    one == two || one.parse::<f64>().ok().zip(two.parse::<f64>().ok()).is_some_and(|(a, b)| a.total_cmp(&b).is_eq())
}

/// `jsonb` writes numbers as `numeric` does: without exponent.
fn plain_number(digits: &str) -> String {
    if !digits.contains(['e', 'E']) {
        return if digits == "-0" { "0".to_owned() } else { digits.to_owned() };
    }
    let (mantissa, exponent) = digits.split_once(['e', 'E']).unwrap_or((digits, "0"));
    let exponent: i64 = exponent.trim_start_matches('+').parse().unwrap_or(0);
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let point = i64::try_from(whole.len()).unwrap_or_default() + exponent;
    if !(-1000..=1000).contains(&point) {
        return digits.to_owned();
    }
    let mut all = format!("{whole}{part}");
    let point = if point <= 0 {
        all = format!("{}{all}", "0".repeat(usize::try_from(1 - point).unwrap_or_default()));
        1
    } else {
        usize::try_from(point).unwrap_or_default()
    };
    while all.len() < point {
        all.push('0');
    }
    let (whole, part) = all.split_at(point);
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    if part.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") }
}

pub(crate) fn write_string(text: &mut String, value: &str) {
    text.push('"');
    for letter in value.chars() {
        match letter {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\u{8}' => text.push_str("\\b"),
            '\u{c}' => text.push_str("\\f"),
            control if control < ' ' => {
                let _ = write!(text, "\\u{:04x}", u32::from(control));
            }
            other => text.push(other),
        }
    }
    text.push('"');
}

struct Reader<'a> {
    rest: &'a str,
    depth: usize,
}

impl Reader<'_> {
    fn skip(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    fn take(&mut self, wanted: &str) -> Option<()> {
        self.rest = self.rest.strip_prefix(wanted)?;
        Some(())
    }

    fn value(&mut self) -> Option<Json> {
        self.skip();
        match self.rest.bytes().next()? {
            b'n' => self.take("null").map(|()| Json::Null),
            b't' => self.take("true").map(|()| Json::Bool(true)),
            b'f' => self.take("false").map(|()| Json::Bool(false)),
            b'"' => self.string().map(Json::Text),
            b'[' => self.nested(Self::array),
            b'{' => self.nested(Self::object),
            _ => self.number(),
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Option<Json>) -> Option<Json> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let value = read(self);
        self.depth -= 1;
        value
    }

    fn array(&mut self) -> Option<Json> {
        self.take("[")?;
        let mut items = Vec::new();
        self.skip();
        if self.take("]").is_some() {
            return Some(Json::Array(items));
        }
        loop {
            items.push(self.value()?);
            self.skip();
            if self.take(",").is_none() {
                self.take("]")?;
                return Some(Json::Array(items));
            }
        }
    }

    fn object(&mut self) -> Option<Json> {
        self.take("{")?;
        let mut members = Vec::new();
        self.skip();
        if self.take("}").is_some() {
            return Some(Json::Object(members));
        }
        loop {
            self.skip();
            let key = self.string()?;
            self.skip();
            self.take(":")?;
            members.push((key, self.value()?));
            self.skip();
            if self.take(",").is_none() {
                self.take("}")?;
                return Some(Json::Object(members));
            }
        }
    }

    fn number(&mut self) -> Option<Json> {
        let end = self.rest.find(|c: char| !c.is_ascii_digit() && !"+-.eE".contains(c)).unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at(end);
        let whole = digits.strip_prefix('-').unwrap_or(digits);
        let leading_zero = whole.len() > 1 && whole.starts_with('0') && whole.as_bytes()[1].is_ascii_digit();
        serde_json::from_str::<serde_json::Number>(digits).ok().filter(|_| !leading_zero)?;
        self.rest = rest;
        Some(Json::Number(digits.to_owned()))
    }

    fn string(&mut self) -> Option<String> {
        if !self.rest.starts_with('"') {
            return None;
        }
        let mut escaped = false;
        let end = self.rest.char_indices().skip(1).find_map(|(index, letter)| match letter {
            _ if escaped => {
                escaped = false;
                None
            }
            '\\' => {
                escaped = true;
                None
            }
            '"' => Some(index + 1),
            _ => None,
        })?;
        let (literal, rest) = self.rest.split_at(end);
        let text = serde_json::from_str(literal).ok()?;
        self.rest = rest;
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::Json;

    #[test]
    fn a_document_keeps_its_digits() {
        let json = Json::parse(r#" {"b":[1.10, -2e3, "x\n"], "a": null} "#).unwrap();
        assert_eq!(json.compact(), r#"{"b":[1.10,-2e3,"x\n"],"a":null}"#);
        assert_eq!(json.clone().normalised().spaced(), r#"{"a": null, "b": [1.10, -2000, "x\n"]}"#);
        assert_eq!(json.stripped().compact(), r#"{"b":[1.10,-2e3,"x\n"]}"#);
    }

    #[test]
    fn what_is_no_json_is_refused() {
        for text in ["", "{", "[1,]", "{\"a\" 1}", "01", "nul", "1 2", "\"\\x\"", &"[".repeat(100_000)] {
            assert_eq!(Json::parse(text), None, "{text:.20}");
        }
    }

    #[test]
    fn containment_is_as_in_postgresql() {
        let json = |text| Json::parse(text).unwrap();
        let cases = [
            (r#"{"a":1,"b":[1,2]}"#, r#"{"b":[2]}"#, true),
            (r#"{"a":1}"#, r#"{"a":2}"#, false),
            ("[1,[2]]", "[[2]]", true),
            ("[1,2]", "1", true),
            ("1", "[1]", false),
        ];
        for (one, other, expected) in cases {
            assert_eq!(json(one).contains(&json(other)), expected, "{one} @> {other}");
        }
    }
}
