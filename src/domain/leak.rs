//! Secrets by their shape: what looks like a vendor's real credential in a text that people share.

mod assignment;
mod random;
pub mod scan;
pub mod search;
mod shapes;
mod synthetic;

use crate::domain::leak::search::search;

/// Something that looks like a secret. It never holds the value.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Leak {
    /// Counted from 1.
    pub line: usize,
    /// Whose secret it looks like.
    pub kind: &'static str,
    /// The first letters and the length, enough to find it.
    pub shown: String,
}

/// Lists what looks like a real secret.
pub fn leaks(text: &str) -> Vec<Leak> {
    let (mut line, mut counted) = (1, 0);
    search(text.as_bytes(), 0..text.len())
        .into_iter()
        .map(|hit| {
            line += newlines(&text.as_bytes()[counted..hit.at]);
            counted = hit.at;
            Leak { line, kind: hit.kind, shown: shown(&hit.value, hit.wrapped) }
        })
        .collect()
}

/// Lines that end in these bytes.
pub fn newlines(bytes: &[u8]) -> usize {
    memchr::memchr_iter(b'\n', bytes).count()
}

/// At most four letters, never more than a sixth of a value, and none of a short password.
pub fn shown(value: &[u8], wrapped: bool) -> String {
    let text = String::from_utf8_lossy(value);
    let length = text.chars().count();
    let most = if length < 12 { 0 } else { (length / 6).min(4) };
    let head: String = text.chars().take(most).map(|letter| if letter.is_control() { '·' } else { letter }).collect();
    let wrapped = if wrapped { ", in base64" } else { "" };
    format!("`{head}…`, {length} characters{wrapped}")
}

#[cfg(test)]
mod tests;
