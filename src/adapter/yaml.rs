//! YAML to values, the only file that knows the YAML library: every error says where, what, and what would be right.

pub mod error;
mod strict;
mod walk;

use serde::de::{DeserializeOwned, DeserializeSeed};

use crate::adapter::encoding;
use crate::adapter::yaml::error::{Spot, YamlError};
use crate::adapter::yaml::strict::Strict;
use crate::adapter::yaml::walk::{FOUND, TWICE, Walk};

/// Reads a YAML document. `path` is only named in errors.
pub fn read<T: DeserializeOwned>(path: &str, bytes: &[u8]) -> Result<T, YamlError> {
    let text = encoding::text(bytes).map_err(|source| YamlError::Encoding { path: path.to_owned(), source })?;
    let documents = serde_yaml::Deserializer::from_str(text);
    Walk(&[]).deserialize(documents).map_err(|error| explain(path, &error))?;
    let value: serde_yaml::Value = serde_yaml::from_str(text).map_err(|error| explain(path, &error))?;
    if value.is_null() {
        return Err(YamlError::Empty { path: path.to_owned() });
    }
    T::deserialize(Strict(serde_yaml::Deserializer::from_str(text))).map_err(|error| explain(path, &error))
}

/// Writes a value; None where YAML has no form for it.
pub fn write<T: serde::Serialize>(value: &T) -> Option<String> {
    serde_yaml::to_string(value).ok()
}

/// Finds the key or the list item to which `keys` lead; line and column counted from 1.
pub fn locate(text: &str, keys: &[&str]) -> Option<(usize, usize)> {
    let error = Walk(keys).deserialize(serde_yaml::Deserializer::from_str(text)).err()?;
    let place = error.location()?;
    error.to_string().contains(FOUND).then(|| (place.line(), place.column()))
}

/// Turns the library's message into ours.
fn explain(path: &str, error: &serde_yaml::Error) -> YamlError {
    let (line, column) = error.location().map_or((1, 1), |place| (place.line(), place.column()));
    let whole = error.to_string();
    let message = whole.split_once(" at line ").map_or(whole.as_str(), |(message, _)| message);
    let (within, message) = split_path(message);
    let spot = Spot { path: path.to_owned(), line, column, within: within.to_owned() };
    if let Some(key) = message.strip_prefix(TWICE) {
        return YamlError::Duplicate { spot, key: key.to_owned() };
    }
    if message.starts_with("EOF while parsing") {
        return YamlError::Empty { path: path.to_owned() };
    }
    let mut words = quoted(message);
    let first = words.next().unwrap_or_default().to_owned();
    let allowed: Vec<String> = words.map(str::to_owned).collect();
    if message.starts_with("unknown field") {
        return YamlError::UnknownKey { spot, key: first, allowed };
    }
    if message.starts_with("unknown variant") {
        return YamlError::UnknownWord { spot, word: first, allowed };
    }
    if message.starts_with("missing field") {
        return YamlError::Missing { spot, key: first };
    }
    if message.starts_with("duplicate field") {
        return YamlError::Duplicate { spot, key: first };
    }
    let mistaken = message.strip_prefix("invalid type: ").or_else(|| message.strip_prefix("invalid value: "));
    if let Some((found, expected)) = mistaken.and_then(|mistaken| mistaken.rsplit_once(", expected ")) {
        return YamlError::WrongType { spot, found: in_words(found), expected: in_words(expected) };
    }
    if KNOWN_BY_SERDE.iter().any(|known| message.starts_with(known)) || !spot.within.is_empty() {
        return YamlError::Value { spot, problem: message.to_owned() };
    }
    let problem = LIMITS.iter().find(|(theirs, _)| message.contains(theirs)).map_or(message, |(_, ours)| ours);
    YamlError::Syntax { spot, problem: problem.to_owned() }
}

/// The library's words for what is YAML, but not such as a person writes.
const LIMITS: [(&str, &str); 4] = [
    ("more than one document", "the file holds more than one document (`---`)"),
    ("recursion limit exceeded", "nested more than 128 levels deep"),
    ("repetition limit exceeded", "aliases (`*name`) repeat each other without end"),
    ("unknown anchor", "the alias (`*name`) names no anchor (`&name`)"),
];

const KNOWN_BY_SERDE: [&str; 9] = [
    "invalid type: ",
    "invalid value: ",
    "invalid length ",
    "unknown field ",
    "unknown variant ",
    "missing field ",
    "duplicate field ",
    "duplicate entry ",
    TWICE,
];

/// Splits `environments.staging: unknown field …` into the keys and the rest.
fn split_path(message: &str) -> (&str, &str) {
    let known = KNOWN_BY_SERDE
        .iter()
        .filter_map(|known| message.find(known))
        .filter(|at| *at == 0 || message[..*at].ends_with(": "))
        .min();
    match known {
        Some(0) => ("", message),
        Some(at) => (&message[..at - 2], &message[at..]),
        None => match message.split_once(": ") {
            Some((path, rest)) if !path.contains([' ', '`']) => (path, rest),
            _ => ("", message),
        },
    }
}

fn quoted(message: &str) -> impl Iterator<Item = &str> {
    message.split('`').skip(1).step_by(2)
}

/// Names a type as a writer of YAML knows it.
fn in_words(serde: &str) -> String {
    let rest = |prefix: &str| serde.strip_prefix(prefix).map(|rest| rest.trim_matches('`').to_owned());
    if let Some(text) = rest("string ") {
        return format!("the text {text}");
    }
    if let Some(number) = rest("integer ").or_else(|| rest("floating point ")) {
        return format!("the number {number}");
    }
    if let Some(word) = rest("boolean ") {
        return format!("`{word}`");
    }
    match serde {
        "unit value" => "nothing".to_owned(),
        "sequence" | "a sequence" => "a list".to_owned(),
        "map" | "a map" => "a mapping".to_owned(),
        "a string" => "text".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number".to_owned(),
        "f64" => "a number".to_owned(),
        _ if serde.starts_with("struct ") => "a mapping".to_owned(),
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop, proptest};

    use super::{locate, read};
    use crate::domain::inventory::Inventory;

    fn refusal(text: &str) -> String {
        let error = read::<Inventory>("preflight.yaml", text.as_bytes()).unwrap_err();
        match error.hint() {
            Some(hint) => format!("{error}\nhint: {hint}"),
            None => error.to_string(),
        }
    }

    #[test]
    fn a_wrong_file_says_where_what_and_what_would_be_right() {
        let head = "version: 1\nname: x\nintegrations: {}\n";
        let table = [
            ("", "preflight.yaml:1:1: the file is empty\nhint: `preflight init` writes a workspace to start from"),
            (
                "# nothing\n",
                "preflight.yaml:1:1: the file is empty\nhint: `preflight init` writes a workspace to start from",
            ),
            (
                &format!("{head}environments:\n  staging:\n    base_url: {{}}\n"),
                "preflight.yaml:6:5: environments.staging: unknown key `base_url`\nhint: did you mean `base_urls`? allowed here: base_urls, dotenv, production",
            ),
            (
                &format!("{head}environments: {{}}\npolicy:\n  local:\n    require: [contract-twn]\n"),
                "preflight.yaml:7:15: policy.local.require[0]: unknown word `contract-twn`\nhint: did you mean `contract-twin`? allowed here: contract-twin, contract-live, credentials, webhooks, resilience, health, flag, blockers",
            ),
            (
                "version: 1\nname: x\nenvironments: {}\nintegrations:\n  chatwoot:\n  redis:\n  chatwoot:\n",
                "preflight.yaml:7:3: integrations: the key `chatwoot` stands twice\nhint: keep one of them, and move what it lacks there",
            ),
            (
                "version: 1\nname: x\nintegrations: {}\n",
                "preflight.yaml:1:1: the key `environments` is missing\nhint: add `environments:`",
            ),
            (
                "version: one\n",
                "preflight.yaml:1:10: version: the text \"one\" stands where a whole number is expected",
            ),
            (
                "version: 1\nname: 4.10\n",
                "preflight.yaml:2:7: name: the number 4.1 stands where text is expected\nhint: put it into quotes if it is meant as text",
            ),
            ("version: 1\nname:\n", "preflight.yaml:2:6: name: nothing stands where text is expected"),
            (
                &format!("{head}environments: [local]\n"),
                "preflight.yaml:4:15: environments: a list stands where a mapping is expected",
            ),
            (
                "version: 1\nname: x\nenvironments: {}\nintegrations:\n  Chatwoot:\n",
                "preflight.yaml:5:3: integrations: `Chatwoot` is not an integration name: use lower-case letters, digits and `-`, beginning with a letter",
            ),
            (
                "version: 1\nname: x\n\tenvironments: {}\n",
                "preflight.yaml:3:1: not valid YAML: found a tab character that violates indentation\nhint: indent with spaces, not with tabs",
            ),
            (
                "version: 1\nname: \"x\nenvironments: {}\n",
                "preflight.yaml:4:1: not valid YAML: found unexpected end of stream\nhint: look at the indentation and at the quotes of this line and the one before",
            ),
        ];
        for (text, message) in table {
            assert_eq!(refusal(text), message, "of:\n{text}");
        }
    }

    #[test]
    fn yaml_that_no_person_writes_is_refused_in_words() {
        let deep = format!("a: {}", "[".repeat(300));
        let bomb: String = ('a'..='h').zip('b'..='i').fold("a: &a [x, x]\n".to_owned(), |text, (old, new)| {
            format!("{text}{new}: &{new} [{}]\n", vec![format!("*{old}"); 9].join(", "))
        });
        let table = [
            ("a: 1\n---\nb: 2\n", "f:1:1: not valid YAML: the file holds more than one document (`---`)"),
            (&deep, "f:1:131: not valid YAML: nested more than 128 levels deep"),
            (&bomb, "f:1:1: not valid YAML: aliases (`*name`) repeat each other without end"),
            ("name: *nope\n", "f:1:7: not valid YAML: the alias (`*name`) names no anchor (`&name`)"),
            ("name: !x y\n", "f:1:7: name: YAML tags (`!name`) are not used here"),
            ("- a\n", "f:1:1: a list stands where a mapping is expected"),
            ("? [a]\n: b\n", "f:1:3: a list stands where a key of plain text is expected"),
        ];
        for (text, message) in table {
            assert_eq!(read::<Inventory>("f", text.as_bytes()).unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn a_key_is_located_in_every_style() {
        let text = "a:\n  b: {c: 1, d: [x, y]}\n  e:\n    - f: 1\n    - g\n";
        assert_eq!(locate(text, &["a"]), Some((1, 1)));
        assert_eq!(locate(text, &["a", "b", "d"]), Some((2, 13)));
        assert_eq!(locate(text, &["a", "b", "d", "1"]), Some((2, 20)));
        assert_eq!(locate(text, &["a", "e", "0", "f"]), Some((4, 7)));
        assert_eq!(locate(text, &["a", "z"]), None);
    }

    proptest! {
        #[test]
        fn no_file_is_too_strange_to_be_refused(
            bytes in prop::collection::vec(any::<u8>(), 0..200),
            text in "([a-z]+: ?|[-\\[\\]{}:,&*!|>'\"%@`#? \n\t]){0,40}",
        ) {
            for input in [bytes.as_slice(), text.as_bytes()] {
                if let Err(error) = read::<Inventory>("f", input) {
                    assert!(error.to_string().starts_with("f:"), "{error}");
                    assert!(error.line() >= 1 && error.problem().len() < error.to_string().len());
                }
            }
        }
    }
}
