//! The ways in which a body is changed between who signs it and who verifies it.

use std::borrow::Cow;
use std::io;

use serde::Serialize as _;
use serde_json::Value;
use serde_json::ser::{CompactFormatter, Formatter, Serializer};

/// A body that says the same in other bytes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Rewrite {
    /// What was done to it: ends the sentence "the body, …".
    pub how: &'static str,
    pub body: Vec<u8>,
}

/// Every way that gives other bytes, once each.
pub fn rewrites(body: &[u8]) -> Vec<Rewrite> {
    let mut found: Vec<Rewrite> = Vec::new();
    let mut add = |how, changed: Vec<u8>| {
        if changed != body && found.iter().all(|known| known.body != changed) {
            found.push(Rewrite { how, body: changed });
        }
    };
    if let Ok(value) = serde_json::from_slice::<Value>(body) {
        let compact = value.to_string();
        add("parsed and written again as compact JSON", compact.clone().into_bytes());
        add("parsed and written again with spaces, as Python does", spaced(&value).into_bytes());
        add("parsed and written again with an indent of two", pretty(&value));
        add("parsed and written again with letters outside of ASCII escaped", ascii(&compact).into_bytes());
        add(
            "parsed and written again as Python does, letters outside of ASCII escaped",
            ascii(&spaced(&value)).into_bytes(),
        );
        add("parsed and written again with `/` escaped, as PHP does", compact.replace('/', "\\/").into_bytes());
        add("parsed and written again as PHP does", ascii(&compact.replace('/', "\\/")).into_bytes());
        add("parsed and written again with sorted members", sorted(&value).to_string().into_bytes());
    }
    add("without the line break at its end", trimmed(body).to_vec());
    add("with a line break at its end", [body, b"\n"].concat());
    let text = String::from_utf8_lossy(body);
    add("with CRLF turned into LF", text.replace("\r\n", "\n").into_bytes());
    add("with LF turned into CRLF", text.replace("\r\n", "\n").replace('\n', "\r\n").into_bytes());
    add("without its byte order mark", body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).to_vec());
    found
}

fn trimmed(body: &[u8]) -> &[u8] {
    let body = body.strip_suffix(b"\n").unwrap_or(body);
    body.strip_suffix(b"\r").unwrap_or(body)
}

fn pretty(value: &Value) -> Vec<u8> {
    serde_json::to_vec_pretty(value).unwrap_or_default()
}

fn sorted(value: &Value) -> Cow<'_, Value> {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> =
                members.iter().map(|(name, value)| (name.clone(), sorted(value).into_owned())).collect();
            members.sort_by(|(one, _), (other, _)| one.cmp(other));
            Cow::Owned(Value::Object(members.into_iter().collect()))
        }
        Value::Array(items) => Cow::Owned(items.iter().map(|item| sorted(item).into_owned()).collect()),
        other => Cow::Borrowed(other),
    }
}

/// `\u00e4` for what is outside of ASCII, in lower case.
fn ascii(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_ascii() {
            escaped.push(letter);
        } else {
            let mut units = [0; 2];
            escaped.extend(letter.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    escaped
}

/// `{"a": 1, "b": [1, 2]}`
fn spaced(value: &Value) -> String {
    let mut out = Vec::new();
    // A vector takes all that is written to it.
    drop(value.serialize(&mut Serializer::with_formatter(&mut out, Spaced(CompactFormatter))));
    String::from_utf8(out).unwrap_or_default()
}

struct Spaced(CompactFormatter);

impl Formatter for Spaced {
    fn begin_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)?;
        writer.write_all(b" ")
    }
}

#[cfg(test)]
mod tests {
    use super::rewrites;

    #[test]
    fn a_body_is_rewritten_as_parsers_do() {
        let body = "{\"b\": \"ä/😀\",\"a\":[1,2]}".as_bytes();
        let found = rewrites(body);
        let of = |how: &str| {
            let rewrite = found.iter().find(|rewrite| rewrite.how.ends_with(how)).unwrap();
            String::from_utf8(rewrite.body.clone()).unwrap()
        };
        assert_eq!(of("compact JSON"), r#"{"b":"ä/😀","a":[1,2]}"#);
        assert_eq!(of("with spaces, as Python does"), r#"{"b": "ä/😀", "a": [1, 2]}"#);
        assert_eq!(of("again with letters outside of ASCII escaped"), r#"{"b":"\u00e4/\ud83d\ude00","a":[1,2]}"#);
        assert_eq!(of("as PHP does"), r#"{"b":"ä\/😀","a":[1,2]}"#);
        assert_eq!(of("sorted members"), r#"{"a":[1,2],"b":"ä/😀"}"#);
        assert!(found.iter().all(|rewrite| rewrite.body != body));
    }

    #[test]
    fn what_is_no_json_keeps_its_line_breaks_alone() {
        let hows: Vec<_> = rewrites(b"a=1\r\n").into_iter().map(|rewrite| rewrite.how).collect();
        assert_eq!(
            hows,
            ["without the line break at its end", "with a line break at its end", "with CRLF turned into LF"]
        );
    }
}
