//! What an answer must not hold: the secret, the signature that would have been right, the receiver's insides.

/// Beginnings and pieces of stack traces, by the language that writes them.
const TRACES: [(&str, &[&str]); 9] = [
    ("Python", &["Traceback (most recent call last)"]),
    ("Node", &["node_modules/", "node:internal", "    at Object.", "    at async "]),
    ("Java", &["\tat java.", "\tat org.", "Exception in thread \""]),
    ("Ruby", &[".rb:", "gems/"]),
    ("PHP", &["#0 /", "PHP Fatal error", "Stack trace:\n"]),
    ("Go", &["goroutine 1 [", "runtime/debug.Stack", "panic: "]),
    ("Rust", &["thread 'main' panicked", "' panicked at ", "stack backtrace:"]),
    (".NET", &["   at System.", "--- End of stack trace"]),
    ("Elixir", &["** (", "(elixir ", "(phoenix "]),
];

/// The language whose stack trace a body shows, by at least one of its marks; Ruby's and Elixir's need two.
pub fn trace(body: &str) -> Option<&'static str> {
    TRACES.into_iter().find_map(|(language, marks)| {
        let found = marks.iter().filter(|mark| body.contains(**mark)).count();
        let needed = if matches!(language, "Ruby" | "Elixir") { 2 } else { 1 };
        (found >= needed).then_some(language)
    })
}

/// The first of `texts` that an answer holds, of those long enough to be no accident.
pub fn held<'a>(answer: &str, texts: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    texts.into_iter().filter(|text| text.len() >= 6).find(|text| answer.contains(*text))
}

#[cfg(test)]
mod tests {
    use super::{held, trace};

    #[test]
    fn a_stack_trace_is_known_by_its_marks_and_a_plain_error_is_none() {
        for (body, language) in [
            ("Traceback (most recent call last):\n  File \"app.py\", line 3", Some("Python")),
            ("Error: boom\n    at Object.<anonymous> (/app/server.js:3:9)", Some("Node")),
            ("thread 'tokio-runtime-worker' panicked at src/main.rs:4:5:\nboom", Some("Rust")),
            ("#0 /var/www/index.php(12): verify()", Some("PHP")),
            ("java.lang.NullPointerException\n\tat org.acme.Hook.run(Hook.java:9)", Some("Java")),
            ("app/models/hook.rb:12:in `verify'\ngems/rack-3", Some("Ruby")),
            (r#"{"ok":false,"error":"invalid-signature"}"#, None),
            ("see docs/hook.rb: for more", None),
            ("", None),
        ] {
            assert_eq!(trace(body), language, "{body}");
        }
    }

    #[test]
    fn what_is_too_short_to_be_a_secret_is_not_looked_for() {
        assert_eq!(held("expected abcdef123 here", ["zzzzzz", "abcdef123"]), Some("abcdef123"));
        assert_eq!(held("ok", ["ok"]), None);
    }
}
