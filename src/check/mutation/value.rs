//! What can be wrong with one value of a document.

use serde_json::{Map, Number, Value, json};

use crate::check::mutation::apply::Edit;
use crate::check::mutation::dates;
use crate::domain::mutation::Kind;

/// A word that no vendor knows.
pub const UNKNOWN_WORD: &str = "preflight-unknown";

/// A member that no vendor sends.
pub const UNKNOWN_MEMBER: &str = "preflight_extra";

/// 2^53 + 1: the first whole number that JavaScript cannot hold.
const HUGE: i64 = 9_007_199_254_740_993;

/// Members that lead to another page: GraphQL's connections, and what REST lists call theirs.
const CURSORS: [&str; 6] = ["endcursor", "next_page", "next_cursor", "next_page_token", "next_url", "next"];

/// Everything that can be done to a value, by kind. `name` is that of the member, or of the list that holds it.
pub fn edits(name: &str, value: &Value, out: &mut Vec<(Kind, Edit)>) {
    if !value.is_null() {
        out.push((Kind::Null, Edit::Put(Value::Null)));
    }
    out.push((Kind::Type, Edit::Put(of_another_type(value))));
    match value {
        Value::Null => {}
        Value::Bool(is) => {
            out.push((Kind::Flipped, Edit::Put(Value::Bool(!is))));
            if *is == name.eq_ignore_ascii_case("live") && is_mode(name) {
                out.push((Kind::Mock, Edit::Put(Value::Bool(!is))));
            }
        }
        Value::Number(number) => numbers(name, number, out),
        Value::String(text) => texts(name, text, out),
        Value::Array(items) => {
            if items.is_empty() {
                return;
            }
            out.push((Kind::EmptyList, Edit::Put(json!([]))));
            out.push((Kind::OneMore, Edit::Push));
            if items.len() > 1 {
                out.push((Kind::OneFewer, Edit::Pop));
            }
        }
        Value::Object(_) => out.push((Kind::ExtraMember, Edit::Add(UNKNOWN_MEMBER.to_owned(), json!(true)))),
    }
}

fn of_another_type(value: &Value) -> Value {
    match value {
        Value::Null => json!({ UNKNOWN_MEMBER: true }),
        Value::Bool(is) => json!(is.to_string()),
        Value::Number(number) => json!(number.to_string()),
        // A number in quotes loses them, which is how types drift.
        Value::String(text) => text.parse::<i64>().map_or_else(|_| json!(7), |number| json!(number)),
        Value::Array(_) => Value::Object(Map::new()),
        Value::Object(_) => json!([]),
    }
}

fn numbers(name: &str, number: &Number, out: &mut Vec<(Kind, Edit)>) {
    if let Some(whole) = number.as_i64() {
        if let Some(next) = whole.checked_add(1) {
            out.push((Kind::OffByOne, Edit::Put(json!(next))));
        }
        if let Some(other) = whole.checked_neg().filter(|other| *other != whole) {
            out.push((Kind::Sign, Edit::Put(json!(other))));
        }
        if whole < HUGE {
            out.push((Kind::Huge, Edit::Put(json!(HUGE))));
        }
        if let Some((earlier, later)) = dates::seconds(name, whole) {
            out.push((Kind::DateStale, Edit::Put(json!(earlier))));
            out.push((Kind::DateFuture, Edit::Put(json!(later))));
        }
    } else if let Some(real) = number.as_f64() {
        let all = [(Kind::OffByOne, real + 1.0), (Kind::Sign, -real), (Kind::Huge, 1e300)];
        // Zero has two signs and is one number.
        let same = |other: f64| other.to_bits() == real.to_bits() || (other == 0.0 && real == 0.0);
        for (kind, other) in all.into_iter().filter(|(_, other)| !same(*other)) {
            if let Some(other) = Number::from_f64(other) {
                out.push((kind, Edit::Put(Value::Number(other))));
            }
        }
    }
}

fn texts(name: &str, text: &str, out: &mut Vec<(Kind, Edit)>) {
    if text.is_empty() {
        return;
    }
    out.push((Kind::EmptyText, Edit::Put(json!(""))));
    if is_word(text) {
        out.push((Kind::Enum, Edit::Put(json!(UNKNOWN_WORD))));
    }
    if let Some(moved) = dates::text(text) {
        let all =
            [(Kind::DateFormat, moved.otherwise), (Kind::DateStale, moved.earlier), (Kind::DateFuture, moved.later)];
        // The year 0 has none before it.
        out.extend(
            all.into_iter().filter(|(_, other)| other != text).map(|(kind, other)| (kind, Edit::Put(json!(other)))),
        );
    }
    if !text.is_ascii() {
        // What UTF-8 looks like to who takes it for Latin-1.
        let garbled: String = text.bytes().map(char::from).collect();
        out.push((Kind::Encoding, Edit::Put(json!(garbled))));
    }
    if CURSORS.contains(&name.to_ascii_lowercase().as_str()) {
        out.push((Kind::PageLink, Edit::Put(json!(format!("{text}0")))));
    }
    if is_mode(name) && text != "mock" {
        out.push((Kind::Mock, Edit::Put(json!("mock"))));
    }
}

/// A word as enums have them: letters, and between them `_` or `-`.
pub fn is_word(text: &str) -> bool {
    text.len() <= 40
        && text != UNKNOWN_WORD
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphabetic() || c == '_' || c == '-')
}

/// A member that says whether data is live.
fn is_mode(name: &str) -> bool {
    ["source", "mode", "data_source", "mocked", "is_mock", "live"].contains(&name.to_ascii_lowercase().as_str())
}

/// The name in the other of the two usual cases; None where it has one word alone.
pub fn other_case(name: &str) -> Option<String> {
    let is_plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && !name.starts_with('_');
    if !is_plain {
        return None;
    }
    let other: String = if name.contains('_') {
        let mut words = name.split('_');
        let first = words.next().unwrap_or_default().to_owned();
        words.fold(first, |name, word| {
            let (head, tail) = word.split_at(word.len().min(1));
            name + &head.to_ascii_uppercase() + tail
        })
    } else if name.chars().skip(1).any(|c| c.is_ascii_uppercase()) {
        name.chars().fold(String::new(), |name, c| {
            if c.is_ascii_uppercase() && !name.is_empty() {
                name + "_" + &c.to_ascii_lowercase().to_string()
            } else {
                name + &c.to_ascii_lowercase().to_string()
            }
        })
    } else {
        return None;
    };
    (other != name).then_some(other)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{edits, other_case};
    use crate::domain::mutation::Kind;

    fn kinds(name: &str, value: &Value) -> Vec<&'static str> {
        let mut out = Vec::new();
        edits(name, value, &mut out);
        out.iter().map(|(kind, _)| kind.as_str()).collect()
    }

    #[test]
    fn each_value_is_wrong_in_the_ways_of_its_type() {
        let table = [
            ("n", json!(null), "type"),
            ("n", json!(0), "null type off-by-one huge"),
            ("n", json!(7), "null type off-by-one sign huge"),
            ("n", json!(1.5), "null type off-by-one sign huge"),
            ("created_at", json!(1_767_225_600), "null type off-by-one sign huge date-stale date-future"),
            ("n", json!(""), "null type"),
            ("n", json!("open"), "null type empty-text enum"),
            ("n", json!("Café 1"), "null type empty-text encoding"),
            ("n", json!("2026-01-01"), "null type empty-text date-format date-stale date-future"),
            ("source", json!("supabase"), "null type empty-text enum mock"),
            ("mocked", json!(false), "null type flipped mock"),
            ("endCursor", json!("eyJ9=="), "null type empty-text page-link"),
            ("n", json!([]), "null type"),
            ("n", json!([1]), "null type empty-list one-more"),
            ("n", json!([1, 2]), "null type empty-list one-more one-fewer"),
            ("n", json!({}), "null type extra-member"),
        ];
        for (name, value, expected) in table {
            assert_eq!(kinds(name, &value).join(" "), expected, "{value}");
        }
    }

    #[test]
    fn every_kind_of_a_value_changes_it() {
        for value in [json!(null), json!(true), json!(-3), json!(0.0), json!("a_b"), json!([[]]), json!({"a": 1})] {
            let mut out = Vec::new();
            edits("source", &value, &mut out);
            for (kind, edit) in out {
                let mut changed = value.clone();
                assert!(edit.perform(&mut changed, ""), "{kind} {value}");
                assert_ne!(changed, value, "{kind}");
            }
        }
        assert!(kinds("n", &json!(true)).contains(&Kind::Flipped.as_str()));
    }

    #[test]
    fn a_name_has_another_case_or_none() {
        for (name, other) in [
            ("total_count", Some("totalCount")),
            ("totalCount", Some("total_count")),
            ("id", None),
            ("ID", Some("i_d")),
            ("a-b", None),
            ("_x", None),
        ] {
            assert_eq!(other_case(name).as_deref(), other, "{name}");
        }
    }
}
