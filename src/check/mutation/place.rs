//! Places in a document: JSON Pointers, with `*` for each element of a list where elements are alike.

use serde_json::Value;

use crate::check::document::escape;

/// The pointer of a member or an element.
pub fn below(pointer: &str, token: &str) -> String {
    format!("{pointer}/{}", escape(token))
}

/// The pointer of the value that holds this one, and its name there; None for the whole document.
pub fn parent(pointer: &str) -> Option<(&str, String)> {
    let (above, token) = pointer.rsplit_once('/')?;
    Some((above, unescape(token)))
}

/// The tokens of a pointer.
pub fn tokens(pointer: &str) -> impl Iterator<Item = String> {
    pointer.split('/').skip(1).map(unescape)
}

fn unescape(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}

/// The pointer with `*` where a list is opened: `/data/3/id` -> `/data/*/id`.
pub fn general(document: &Value, pointer: &str) -> String {
    let (mut general, mut here) = (String::with_capacity(pointer.len()), Some(document));
    for token in tokens(pointer) {
        let in_list = here.is_some_and(Value::is_array);
        general = below(&general, if in_list { "*" } else { &token });
        here = match here {
            Some(Value::Array(items)) => token.parse::<usize>().ok().and_then(|index| items.get(index)),
            Some(Value::Object(members)) => members.get(&token),
            _ => None,
        };
    }
    general
}

/// One place is the other or stands within it.
pub fn is_within(pointer: &str, base: &str) -> bool {
    pointer.strip_prefix(base).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The JSONPath (RFC 9535) that selects every value of a general pointer, and whether that may be many.
pub fn path(general: &str) -> (String, bool) {
    let (mut path, mut many) = ("$".to_owned(), false);
    for token in tokens(general) {
        let plain = token.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && token.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if token == "*" {
            path.push_str("[*]");
            many = true;
        } else if plain {
            path.push('.');
            path.push_str(&token);
        } else {
            path.push_str("['");
            path.push_str(&token.replace('\\', "\\\\").replace('\'', "\\'"));
            path.push_str("']");
        }
    }
    (path, many)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{general, is_within, parent, path};

    #[test]
    fn elements_of_a_list_share_a_place_and_members_do_not() {
        let document = json!({"data": [{"id": 1}, {"id": 2}], "3": {"a/b": 1}});
        for (pointer, shared) in [("", ""), ("/data/1/id", "/data/*/id"), ("/3/a~1b", "/3/a~1b"), ("/no/0", "/no/0")] {
            assert_eq!(general(&document, pointer), shared);
        }
        assert_eq!(parent("/data/1/a~1b"), Some(("/data/1", "a/b".to_owned())));
        assert_eq!(parent(""), None);
        assert!(is_within("/a/b", "/a") && is_within("/a", "/a") && is_within("/a", ""));
        assert!(!is_within("/ab", "/a"));
    }

    #[test]
    fn a_place_becomes_a_path() {
        assert_eq!(path("/data/*/id"), ("$.data[*].id".to_owned(), true));
        assert_eq!(path("/x-y"), ("$['x-y']".to_owned(), false));
        assert_eq!(path(""), ("$".to_owned(), false));
    }
}
