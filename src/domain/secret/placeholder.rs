//! Values that stand where a secret should: `changeme`, `your-token-here`, `xxxx`, a reference that nobody resolved.

/// Words that are a placeholder alone.
const WORDS: [&str; 24] = [
    "changeme",
    "change-me",
    "change_me",
    "placeholder",
    "dummy",
    "test",
    "testing",
    "secret",
    "password",
    "pass",
    "pwd",
    "token",
    "none",
    "null",
    "nil",
    "undefined",
    "tbd",
    "todo",
    "fixme",
    "n/a",
    "na",
    "unset",
    "value",
    "default",
];

/// Parts by which a longer one says that it is none.
const PARTS: [&str; 15] = [
    "changeme",
    "change_me",
    "change-me",
    "placeholder",
    "replace_me",
    "replace-me",
    "replaceme",
    "your_",
    "your-",
    "example",
    "dummy",
    "todo",
    "insert_",
    "insert-",
    "_here",
];

/// Beginnings of references that a store would have resolved.
const REFERENCES: [&str; 6] = ["${", "{{", "op://", "vault:", "doppler:", "secretref:"];

/// Says what kind of placeholder a value is; None when it may be a secret.
pub fn placeholder(value: &str) -> Option<&'static str> {
    let value = value.trim();
    let lower = value.to_ascii_lowercase();
    let distinct = |text: &str| {
        let mut letters: Vec<char> = text.chars().filter(|letter| letter.is_alphanumeric()).collect();
        letters.sort_unstable();
        letters.dedup();
        letters.len()
    };
    if lower.is_empty() {
        Some("it is empty")
    } else if WORDS.contains(&lower.as_str()) {
        Some("it is a word that stands for a value")
    } else if REFERENCES.iter().any(|reference| lower.starts_with(reference)) {
        Some("it is a reference that nothing resolved")
    } else if lower.starts_with('<') && lower.ends_with('>') || lower.starts_with('[') && lower.ends_with(']') {
        Some("it stands in brackets")
    } else if PARTS.iter().any(|part| lower.contains(part)) {
        Some("it says of itself that it is none")
    } else if distinct(value) <= 2 && value.len() >= 3 || is_sequence(&lower) {
        Some("it is one letter again and again, or a sequence")
    } else {
        None
    }
}

/// `123456…`, `abcdef…`.
fn is_sequence(lower: &str) -> bool {
    const RUNS: [&str; 2] = ["01234567890123456789", "abcdefghijklmnopqrstuvwxyz"];
    lower.len() >= 6 && RUNS.iter().any(|run| run.contains(lower))
}

#[cfg(test)]
mod tests {
    use super::placeholder;

    #[test]
    fn what_stands_for_a_secret_is_told_from_one() {
        for value in [
            "",
            "  ",
            "changeme",
            "CHANGEME",
            "your-api-key-here",
            "<token>",
            "[redacted]",
            "xxxxxxxx",
            "0000-0000",
            "${TOKEN}",
            "{{ secrets.TOKEN }}",
            "op://a/b/c",
            "todo",
            "sk-your_key",
            "12345678",
            "abcdef",
            "https://example.com",
            "TBD",
        ] {
            assert!(placeholder(value).is_some(), "{value}");
        }
        for value in [
            "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",
            "postgres://app:Zk3@db.internal/app",
            "hotdash.myshopify.com",
            "Qm9vWkLp3RtYh7NcXv2B5jGd",
            "hunter2",
        ] {
            assert_eq!(placeholder(value), None, "{value}");
        }
    }
}
