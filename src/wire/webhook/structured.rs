//! As much of structured fields (RFC 9651) as HTTP message signatures use: dictionaries of inner lists and of bytes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A member of a dictionary with its parameters.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Member {
    pub key: String,
    pub value: Value,
    pub parameters: Parameters,
}

/// In order; of a name that stands twice the last value holds.
pub type Parameters = Vec<(String, Bare)>;

#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Value {
    Item(Bare),
    /// Items with their parameters.
    List(Vec<(Bare, Parameters)>),
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Bare {
    Integer(i64),
    /// As it is written.
    Decimal(String),
    Text(String),
    Token(String),
    Bytes(Vec<u8>),
    Boolean(bool),
}

/// What was expected where the text goes on otherwise.
pub type Unreadable = &'static str;

/// Reads a dictionary.
pub fn dictionary(text: &str) -> Result<Vec<Member>, Unreadable> {
    let mut reader = Reader { rest: text.trim_matches(' ') };
    let mut members: Vec<Member> = Vec::new();
    loop {
        let key = reader.key()?;
        let value = match reader.take('=') {
            false => Value::Item(Bare::Boolean(true)),
            true if reader.rest.starts_with('(') => reader.list()?,
            true => Value::Item(reader.bare()?),
        };
        let parameters = reader.parameters()?;
        members.retain(|member| member.key != key);
        members.push(Member { key, value, parameters });
        reader.space();
        if reader.rest.is_empty() {
            return Ok(members);
        }
        if !reader.take(',') {
            return Err("a comma was expected");
        }
        reader.space();
    }
}

/// An inner list with its parameters, written as RFC 9651 §4.1 writes it.
pub fn write_list(items: &[(Bare, Parameters)], parameters: &Parameters) -> String {
    let items: Vec<String> = items.iter().map(|(item, own)| format!("{}{}", item.written(), written(own))).collect();
    format!("({}){}", items.join(" "), written(parameters))
}

fn written(parameters: &Parameters) -> String {
    let one = |(name, value): &(String, Bare)| match value {
        Bare::Boolean(true) => format!(";{name}"),
        value => format!(";{name}={}", value.written()),
    };
    parameters.iter().map(one).collect()
}

impl Bare {
    pub fn written(&self) -> String {
        match self {
            Self::Integer(number) => number.to_string(),
            Self::Decimal(text) | Self::Token(text) => text.clone(),
            Self::Text(text) => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
            Self::Bytes(bytes) => format!(":{}:", STANDARD.encode(bytes)),
            Self::Boolean(value) => format!("?{}", u8::from(*value)),
        }
    }
}

/// What is left to read.
struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn take(&mut self, letter: char) -> bool {
        let rest = self.rest.strip_prefix(letter);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
    }

    fn run(&mut self, good: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|letter| !good(letter)).unwrap_or(self.rest.len());
        let (run, rest) = self.rest.split_at(end);
        self.rest = rest;
        run
    }

    fn key(&mut self) -> Result<String, Unreadable> {
        if !self.rest.starts_with(|letter: char| letter.is_ascii_lowercase() || letter == '*') {
            return Err("a name in lower case was expected");
        }
        Ok(self.run(|letter| matches!(letter, 'a'..='z' | '0'..='9' | '_' | '-' | '.' | '*')).to_owned())
    }

    fn parameters(&mut self) -> Result<Parameters, Unreadable> {
        let mut parameters = Parameters::new();
        while self.take(';') {
            self.space();
            let name = self.key()?;
            let value = if self.take('=') { self.bare()? } else { Bare::Boolean(true) };
            parameters.retain(|(known, _)| *known != name);
            parameters.push((name, value));
        }
        Ok(parameters)
    }

    fn list(&mut self) -> Result<Value, Unreadable> {
        self.take('(');
        let mut items = Vec::new();
        loop {
            self.space();
            if self.take(')') {
                return Ok(Value::List(items));
            }
            let item = self.bare()?;
            items.push((item, self.parameters()?));
            if !self.rest.starts_with([' ', ')']) {
                return Err("a space or the end of the list was expected");
            }
        }
    }

    fn bare(&mut self) -> Result<Bare, Unreadable> {
        match self.rest.chars().next() {
            Some('"') => self.text(),
            Some(':') => self.bytes(),
            Some('?') => match self.rest.get(1..2) {
                Some(digit @ ("0" | "1")) => {
                    self.rest = &self.rest[2..];
                    Ok(Bare::Boolean(digit == "1"))
                }
                _ => Err("`?0` or `?1` was expected"),
            },
            Some('-' | '0'..='9') => self.number(),
            Some('a'..='z' | 'A'..='Z' | '*') => {
                Ok(Bare::Token(self.run(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~:/".contains(c)).to_owned()))
            }
            _ => Err("a value was expected"),
        }
    }

    fn number(&mut self) -> Result<Bare, Unreadable> {
        let text = self.run(|letter| letter.is_ascii_digit() || matches!(letter, '-' | '.'));
        if text.contains('.') {
            let good = text.len() <= 17 && !text.ends_with('.') && text.parse::<f64>().is_ok();
            return if good { Ok(Bare::Decimal(text.to_owned())) } else { Err("a number was expected") };
        }
        let number = text.parse().ok().filter(|_| text.trim_start_matches('-').len() <= 15);
        number.map(Bare::Integer).ok_or("a number of at most 15 digits was expected")
    }

    fn text(&mut self) -> Result<Bare, Unreadable> {
        let (mut text, mut letters) = (String::new(), self.rest.char_indices().skip(1));
        while let Some((at, letter)) = letters.next() {
            match letter {
                '"' => {
                    self.rest = &self.rest[at + 1..];
                    return Ok(Bare::Text(text));
                }
                '\\' => match letters.next() {
                    Some((_, escaped @ ('"' | '\\'))) => text.push(escaped),
                    _ => return Err("only `\"` and `\\` are escaped"),
                },
                ' '..='~' => text.push(letter),
                _ => return Err("a text holds printable ASCII alone"),
            }
        }
        Err("a text is not closed")
    }

    fn bytes(&mut self) -> Result<Bare, Unreadable> {
        let (encoded, rest) = self.rest[1..].split_once(':').ok_or("bytes are not closed with `:`")?;
        self.rest = rest;
        STANDARD.decode(encoded).map(Bare::Bytes).map_err(|_| "bytes are written in base64")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::{Bare, Value, dictionary, write_list};

    #[test]
    fn an_inner_list_is_written_as_it_was_read() {
        let text = r#"sig1=("date" "@authority";req "content-type");created=1618884473;keyid="a\"b";x;y=?0;z=-1.5"#;
        let members = dictionary(text).unwrap();
        let Value::List(items) = &members[0].value else { panic!("no list") };
        assert_eq!(format!("sig1={}", write_list(items, &members[0].parameters)), text);
        let bytes = dictionary("sig1=:aGk=:, b=tok/en").unwrap();
        assert_eq!(bytes[0].value, Value::Item(Bare::Bytes(b"hi".to_vec())));
        assert_eq!(bytes[1].value, Value::Item(Bare::Token("tok/en".to_owned())));
    }

    #[test]
    fn what_is_no_dictionary_says_what_was_expected() {
        for bad in
            ["", "A=1", "a=", "a=(", "a=(\"x\"", "a=(\"x\"\"y\")", "a=:x", "a=:%:", "a=\"x", "a=1,", "a=1 b=2", "a=?2"]
        {
            assert!(dictionary(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn no_text_is_too_strange(
            text in any::<String>(),
            near in "([a-z]{1,2}=?|[()\"\\\\:;,?=. -]|[0-9]|é){0,30}",
        ) {
            for text in [text, near] {
                drop(dictionary(&text));
            }
        }
    }
}
