//! Secrets: the one list by which their values are redacted, what is declared of them, and what is true of them.

pub mod audit;
pub mod category;
pub mod declared;
mod forms;
pub mod keeper;
pub mod placeholder;
pub mod sighting;
pub mod sound;
mod weigh;

use std::fmt;

use regex::Regex;

use crate::domain::secret::forms::{Expression, expression, forms};

/// What stands where a secret stood.
pub const REDACTED: &str = "[redacted]";

/// The one redaction list: every secret value that the process has read, in every form that it may take.
///
/// `Debug` shows only how many there are.
#[derive(Clone, Default)]
pub struct Redactor {
    values: usize,
    /// The longest first, so that no secret is half hidden by one that it contains.
    forms: Vec<String>,
    /// Of each value, the longest first, with what encodings make of its letters.
    expressions: Vec<Expression>,
    /// All values at once; None when there are none, or they are too many for one expression.
    pattern: Option<Regex>,
}

/// Values shorter than this are not secrets but accidents: redacting `1` would blacken every body.
const LEAST: usize = 6;

/// A form may be cut off where a message is cut; from this many characters on its beginning is hidden there.
const LEAST_BEGINNING: usize = 6;

/// Headers whose value is a secret whoever sends it.
const SECRET_HEADERS: [&str; 9] = [
    "authorization",
    "proxy-authorization",
    "cookie",
    "set-cookie",
    "apikey",
    "api_access_token",
    "x-shopify-access-token",
    "x-api-key",
    "x-chatwoot-hmac",
];

/// JSON members and query parameters whose value is a secret wherever they appear.
const SECRET_MEMBERS: [&str; 14] = [
    "access_token",
    "api_access_token",
    "refresh_token",
    "client_secret",
    "hmac_token",
    "hmac_identifier",
    "imap_password",
    "smtp_password",
    "password",
    "pubsub_token",
    "secret",
    "apikey",
    "api_key",
    "token",
];

impl Redactor {
    /// Adds a value that must never be shown; one of under six characters is left out.
    pub fn hide(&mut self, value: &str) {
        if value.len() < LEAST || self.forms.iter().any(|known| known == value) {
            return;
        }
        self.values += 1;
        for form in forms(value) {
            if !self.forms.contains(&form) {
                self.forms.push(form);
            }
        }
        self.forms.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
        self.expressions.push(expression(value));
        self.expressions.sort_by_key(|expression| std::cmp::Reverse(expression.length));
        let all: Vec<&str> = self.expressions.iter().map(|expression| expression.text.as_str()).collect();
        self.pattern = Regex::new(&all.join("|")).ok();
    }

    pub fn is_empty(&self) -> bool {
        self.forms.is_empty()
    }

    /// Returns `text` with every known value replaced: plain, percent-encoded, JSON- or HTML-escaped, in base64 and hex,
    /// and the beginning of one before `…`, where a message was cut.
    pub fn text(&self, text: &str) -> String {
        let clean = match &self.pattern {
            Some(pattern) => pattern.replace_all(text, REDACTED).into_owned(),
            None => self.forms.iter().fold(text.to_owned(), |text, form| text.replace(form.as_str(), REDACTED)),
        };
        match clean.rsplit_once('…') {
            Some((cut, rest)) if !self.is_empty() => {
                let cut: Vec<String> = cut.split('…').map(|piece| self.without_beginning(piece)).collect();
                format!("{}…{rest}", cut.join("…"))
            }
            _ => clean,
        }
    }

    /// Redacts a body that was cut off at its end, where the beginning of a secret may stand.
    pub fn cut_body(&self, body: &str) -> String {
        self.without_beginning(&self.body(body))
    }

    fn without_beginning(&self, text: &str) -> String {
        match self.beginning_at_end(text) {
            0 => text.to_owned(),
            bytes => format!("{}{REDACTED}", &text[..text.len() - bytes]),
        }
    }

    /// Bytes at the end of a text that are the beginning of a known form.
    fn beginning_at_end(&self, text: &str) -> usize {
        // What a cut left of a character that was cut in two.
        let solid = text.trim_end_matches(char::REPLACEMENT_CHARACTER);
        let rest = text.len() - solid.len();
        let Some(last) = solid.bytes().next_back() else { return 0 };
        let longest = |form: &String| {
            (LEAST_BEGINNING..form.len())
                .rev()
                .find(|at| form.as_bytes()[at - 1] == last && solid.as_bytes().ends_with(&form.as_bytes()[..*at]))
        };
        self.forms.iter().filter_map(longest).max().map_or(0, |bytes| bytes + rest)
    }

    /// Returns a header's value, or [`REDACTED`] where the header itself is a secret.
    pub fn header(&self, name: &str, value: &str) -> String {
        if Self::is_secret_header(name) {
            return match value.split_once(' ') {
                Some((scheme @ ("Bearer" | "Basic"), _)) => format!("{scheme} {REDACTED}"),
                _ => REDACTED.to_owned(),
            };
        }
        hide_parameters(&self.text(value))
    }

    /// Tells whether a JSON member or query parameter of this name holds a secret.
    pub fn is_secret_member(name: &str) -> bool {
        SECRET_MEMBERS.iter().any(|secret| name.eq_ignore_ascii_case(secret))
    }

    /// Tells whether a header of this name holds a secret whoever sends it.
    pub fn is_secret_header(name: &str) -> bool {
        SECRET_HEADERS.iter().any(|secret| name.eq_ignore_ascii_case(secret))
    }

    /// Redacts a body: known values anywhere, the values of secret members in JSON and those of secret parameters in
    /// forms and URLs.
    pub fn body(&self, body: &str) -> String {
        let mut clean = hide_parameters(&self.text(body));
        for member in SECRET_MEMBERS {
            clean = hide_member(clean, member);
        }
        clean
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        write!(formatter, "Redactor({} values)", self.values)
    }
}

/// Replaces the value after every `member=` of a form or a query.
fn hide_parameters(text: &str) -> String {
    if !text.contains('=') {
        return text.to_owned();
    }
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(equals) = rest.find('=') {
        let (before, after) = rest.split_at(equals + 1);
        clean.push_str(before);
        let name = before[..equals].rsplit(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_')).next();
        let end =
            after.find(|letter: char| "&\"'<>;,".contains(letter) || letter.is_whitespace()).unwrap_or(after.len());
        if end > 0 && name.is_some_and(Redactor::is_secret_member) {
            clean.push_str(REDACTED);
            rest = &after[end..];
        } else {
            rest = after;
        }
    }
    clean.push_str(rest);
    clean
}

/// Replaces the string after every `"member":`. Works on text that is cut off or is not quite JSON.
fn hide_member(text: String, member: &str) -> String {
    // The word alone is looked for first: most bodies hold none of them, and are not copied for each.
    if !text.contains(member) {
        return text;
    }
    let key = format!("\"{member}\"");
    let mut clean = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(found) = rest.find(&key) {
        let after_key = found + key.len();
        clean.push_str(&rest[..after_key]);
        rest = &rest[after_key..];
        let trimmed = rest.trim_start();
        let Some(value) = trimmed.strip_prefix(':').map(str::trim_start).and_then(|v| v.strip_prefix('"')) else {
            continue;
        };
        clean.push_str(":\"");
        clean.push_str(REDACTED);
        rest = &value[end_of_string(value)..];
    }
    clean.push_str(rest);
    clean
}

fn end_of_string(text: &str) -> usize {
    let mut escaped = false;
    for (index, letter) in text.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return index,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;

    use super::Redactor;

    #[test]
    fn a_secret_is_hidden_in_every_form_it_takes() {
        let mut redactor = Redactor::default();
        redactor.hide("s3cr3t/ +\"<val&ue'");
        for text in [
            "a s3cr3t/ +\"<val&ue' b",
            "q=s3cr3t%2F+%2B%22%3Cval%26ue%27",
            "q=s3cr3t%2f%20%2b%22%3cval%26ue%27",
            "/s3cr3t/%20+%22%3Cval&ue'",
            r#"{"x":"s3cr3t/ +\"<val&ue'"}"#,
            r#"{"x":"s3cr3t\/ +\"<val&ue'"}"#,
            "s3cr3t/ +&quot;&lt;val&amp;ue&#39;",
            "7333637233742f202b223c76616c26756527",
        ] {
            let clean = redactor.text(text);
            assert!(clean.contains("[redacted]") && !clean.contains("s3cr3t") && !clean.contains("7333"), "{clean}");
        }
        assert_eq!(format!("{redactor:?}"), "Redactor(1 values)");
    }

    #[test]
    fn a_secret_is_hidden_in_base64_whatever_stands_around_it() {
        let mut redactor = Redactor::default();
        redactor.hide("a-long-secret-value");
        for user in ["", "u", "us", "user", "me@example.com"] {
            let encoded = base64::engine::general_purpose::STANDARD.encode(format!("{user}:a-long-secret-value!"));
            let clean = redactor.text(&encoded);
            assert!(clean.contains("[redacted]"), "{encoded}");
            assert!(clean.replace("[redacted]", "").len() <= encoded.len() - 20, "{encoded} -> {clean}");
        }
    }

    #[test]
    fn the_beginning_of_a_secret_is_hidden_where_a_text_is_cut() {
        let mut redactor = Redactor::default();
        redactor.hide("a-long-secret-value");
        assert_eq!(redactor.text("came \"a-long-sec… (string)"), "came \"[redacted]… (string)");
        assert_eq!(redactor.cut_body("{\"x\":\"a-long-secret"), "{\"x\":\"[redacted]");
        assert_eq!(redactor.cut_body("a-long-secret\u{fffd}"), "[redacted]");
        assert_eq!(redactor.cut_body("a-long way"), "a-long way");
    }

    #[test]
    fn parameters_that_are_secrets_by_name_are_hidden_unread() {
        let redactor = Redactor::default();
        assert_eq!(
            redactor.body("grant_type=x&client_secret=abc&scope=read"),
            "grant_type=x&client_secret=[redacted]&scope=read"
        );
        assert_eq!(redactor.header("location", "https://a/b?token=abc#c"), "https://a/b?token=[redacted]");
        assert_eq!(redactor.body("no_token=1&a=b=c"), "no_token=1&a=b=c");
    }

    #[test]
    fn headers_and_members_that_are_secrets_by_name_are_hidden_unread() {
        let redactor = Redactor::default();
        assert_eq!(redactor.header("Authorization", "Bearer abc"), "Bearer [redacted]");
        assert_eq!(redactor.header("api_access_token", "abc"), "[redacted]");
        assert_eq!(redactor.header("accept", "x"), "x");
        let body = r#"{"access_token" : "a\"b","name":"x","pubsub_token":"cut o"#;
        assert_eq!(redactor.body(body), r#"{"access_token":"[redacted]","name":"x","pubsub_token":"[redacted]"#);
        assert_eq!(redactor.body(r#"{"token":null}"#), r#"{"token":null}"#);
    }
}
