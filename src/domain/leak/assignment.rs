//! What is given to a name that sounds like a secret's: `API_TOKEN=…`, `"apiToken": "…"`, `token: …`, `--token=…`.

use std::ops::Range;

use crate::domain::leak::search::BACK;
use crate::domain::leak::shapes::ABOUT;

/// Letters of a value.
const LEAST: usize = 16;
const MOST: usize = 512;

/// The value that is given to the name in which a secret's word ends at `end_of_word`.
///
/// Written by hand and not as an expression: the words stand in every second line of some texts.
pub fn value(text: &[u8], end_of_word: usize) -> Option<Range<usize>> {
    let rest = &text[end_of_word..];
    let tail = rest.iter().take(40).take_while(|byte| is_name(**byte)).count();
    let mut at = end_of_word + tail;
    at += quote(text, at);
    at += blanks(text, at);
    let sign = text.get(at)?;
    if !matches!(sign, b':' | b'=') {
        return None;
    }
    at += 1 + usize::from(matches!(text.get(at + 1), Some(b'=' | b'>')));
    at += blanks(text, at);
    at += quote(text, at);
    let length = text[at..].iter().take(MOST).take_while(|byte| is_value(**byte)).count();
    // A call, an index, a template or a member is code that yields a value.
    let code = matches!(text.get(at + length), Some(b'(' | b'[' | b'{' | b'$'));
    if length < LEAST || code || is_about(name(text, end_of_word, tail)) {
        return None;
    }
    Some(at..at + length)
}

/// A quote: bare, escaped as in JSON within JSON (`\"`), or as HTML writes it.
fn quote(text: &[u8], at: usize) -> usize {
    let rest = &text[at.min(text.len())..];
    if let Some(entity) = [&b"&quot;"[..], b"&#34;", b"&#39;"].iter().find(|entity| rest.starts_with(entity)) {
        return entity.len();
    }
    let escapes = rest.iter().take(3).take_while(|byte| **byte == b'\\').count();
    let is_quote = matches!(rest.get(escapes), Some(b'"' | b'\'' | b'`'));
    if is_quote { escapes + 1 } else { 0 }
}

fn blanks(text: &[u8], at: usize) -> usize {
    text.iter().skip(at).take(3).take_while(|byte| matches!(byte, b' ' | b'\t')).count()
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

fn is_value(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'_' | b'=' | b'.' | b'~' | b'-')
}

fn name(text: &[u8], end_of_word: usize, tail: usize) -> &[u8] {
    let before = &text[end_of_word.saturating_sub(BACK)..end_of_word];
    let begin = before.iter().rev().take_while(|byte| is_name(**byte)).count();
    &text[end_of_word - begin..end_of_word + tail]
}

/// `token_url`, `secretName`, `PUBLIC_KEY`, `key_id`.
fn is_about(name: &[u8]) -> bool {
    let lower = name.to_ascii_lowercase();
    let public = [&b"public"[..], b"publishable", b"anon_key"];
    if public.iter().any(|word| lower.windows(word.len()).any(|part| part == *word)) {
        return true;
    }
    ABOUT.iter().any(|word| {
        let Some(before) = lower.strip_suffix(word.as_bytes()) else { return false };
        let at = before.len();
        // A part of its own: behind `_` or `-`, or with a capital where all else is small.
        matches!(before.last(), Some(b'_' | b'-'))
            || name.get(at).is_some_and(u8::is_ascii_uppercase)
                && name.get(at.wrapping_sub(1)).is_some_and(u8::is_ascii_lowercase)
    })
}

#[cfg(test)]
mod tests {
    use super::value;

    fn given(text: &str, word: &str) -> Option<String> {
        let end = text.find(word).unwrap() + word.len();
        value(text.as_bytes(), end).map(|range| text[range].to_owned())
    }

    #[test]
    fn a_value_is_found_behind_every_kind_of_sign() {
        let secret = "Qm9vWkLp3RtYh7NcXv2B5jGd";
        for text in [
            "TOKEN=S",
            "export API_TOKEN=S",
            "\"token\": \"S\"",
            "token: 'S'",
            "'token' => \"S\"",
            "--token=S",
            "token := `S`",
            "tokenValue = S;",
            r#"{\"token\": \"S\"}"#,
            "{&quot;token&quot;:&quot;S&quot;}",
        ] {
            let text = text.replace('S', secret);
            let word = if text.contains("TOKEN") { "TOKEN" } else { "token" };
            let found = given(&text, word);
            assert_eq!(found.as_deref(), Some(secret), "{text}");
        }
    }

    #[test]
    fn what_is_about_a_secret_or_is_code_gives_none() {
        for text in [
            "token_url: https-something-0123456789",
            "tokenType = \"abcdefgh12345678\"",
            "public token_public=Qm9vWkLp3RtYh7Nc",
            "token: readTheTokenFromFile2(",
            "token",
            "token=short",
            "token says Qm9vWkLp3RtYh7NcXv2B5jGd",
            "token_id=Qm9vWkLp3RtYh7NcXv2B5jGd",
        ] {
            assert_eq!(given(text, "token"), None, "{text}");
        }
    }
}
