//! Makes foreign text harmless: what a vendor answered is drawn, never obeyed by a browser, a terminal or a reader's eye.

use std::borrow::Cow;
use std::fmt;

use askama::filters::Escaper;

/// What stands for a character that is invisible or that moves others about; `None` for all others.
///
/// Control characters but tab and line feed (a terminal obeys them), and the bidirectional controls of
/// Unicode (UAX #9 §2), by which a text can be shown in another order than it has.
fn stand_in(letter: char) -> Option<String> {
    match letter {
        '\n' | '\t' => None,
        '\u{0}'..='\u{1f}' => char::from_u32(0x2400 + u32::from(letter)).map(String::from),
        '\u{7f}' => Some("\u{2421}".to_owned()),
        '\u{80}'..='\u{9f}'
        | '\u{61c}'
        | '\u{200b}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}'
        | '\u{feff}'
        | '\u{fffe}'
        | '\u{ffff}' => Some(format!("⟨U+{:04X}⟩", u32::from(letter))),
        _ => None,
    }
}

/// Returns `text` with every control and bidirectional character shown as a sign.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|letter| stand_in(letter).is_some()) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len() + 8);
    for letter in text.chars() {
        match stand_in(letter) {
            Some(sign) => clean.push_str(&sign),
            None => clean.push(letter),
        }
    }
    Cow::Owned(clean)
}

/// The same on one line: runs of white space become one space.
pub fn one_line(text: &str) -> String {
    visible(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// At most `most` characters of `text`, and whether some were cut off.
pub fn cut(text: &str, most: usize) -> (&str, bool) {
    match text.char_indices().nth(most) {
        Some((end, _)) => (&text[..end], true),
        None => (text, false),
    }
}

/// `text` in at most `most` characters, with `…` where it was cut.
pub fn shortened(text: &str, most: usize) -> String {
    match cut(text, most) {
        (whole, false) => whole.to_owned(),
        _ => format!("{}…", cut(text, most.saturating_sub(1)).0),
    }
}

/// Tells whether `text` says `value` already, as a word of its own: `10` does not say `1`.
pub fn says(text: &str, value: &str) -> bool {
    let joins = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
    text.match_indices(value)
        .any(|(at, found)| !joins(text[..at].chars().next_back()) && !joins(text[at + found.len()..].chars().next()))
}

/// The escaper of every HTML template.
#[derive(Clone, Copy, Debug)]
pub struct Page;

impl Escaper for Page {
    fn write_escaped_str<W: fmt::Write>(&self, mut page: W, text: &str) -> fmt::Result {
        let mut plain_from = 0;
        for (at, letter) in text.char_indices() {
            let entity = match letter {
                '<' => Cow::Borrowed("&lt;"),
                '>' => Cow::Borrowed("&gt;"),
                '&' => Cow::Borrowed("&amp;"),
                '"' => Cow::Borrowed("&quot;"),
                '\'' => Cow::Borrowed("&#39;"),
                _ => match stand_in(letter) {
                    Some(sign) => Cow::Owned(sign),
                    None => continue,
                },
            };
            page.write_str(&text[plain_from..at])?;
            page.write_str(&entity)?;
            plain_from = at + letter.len_utf8();
        }
        page.write_str(&text[plain_from..])
    }
}

#[cfg(test)]
mod tests {
    use askama::filters::Escaper;

    use super::{Page, cut, one_line, says, shortened, visible};

    #[test]
    fn what_a_terminal_or_an_eye_would_obey_is_shown_instead() {
        for (text, shown) in [
            ("plain\ttext\n", "plain\ttext\n"),
            ("\u{1b}[31mred", "␛[31mred"),
            ("a\u{0}b\u{7f}", "a␀b␡"),
            ("good\u{202e}dab", "good⟨U+202E⟩dab"),
            ("next\u{85}line\u{feff}", "next⟨U+0085⟩line⟨U+FEFF⟩"),
            ("é 漢 👩‍🚀", "é 漢 👩‍🚀"),
        ] {
            assert_eq!(visible(text), shown);
        }
        assert_eq!(one_line(" a\n\r\n  b\t"), "a ␍ b");
    }

    #[test]
    fn markup_is_escaped_in_text_and_in_attributes() {
        let mut page = String::new();
        Page.write_escaped_str(&mut page, "<script>\"a\" & 'b'\u{0}</script>").expect("a string takes everything");
        assert_eq!(page, "&lt;script&gt;&quot;a&quot; &amp; &#39;b&#39;␀&lt;/script&gt;");
    }

    #[test]
    fn a_value_is_said_only_as_a_word() {
        for (text, value, said) in [
            ("expected the status 418, came 200", "200", true),
            ("expected 10 items", "1", false),
            ("$.name is \"HotDash\"", "\"HotDash\"", true),
            ("the answer has another status", "200", false),
        ] {
            assert_eq!(says(text, value), said, "{text}");
        }
    }

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(cut("äöü", 2), ("äö", true));
        assert_eq!(cut("äöü", 3), ("äöü", false));
        assert_eq!(shortened("äöüß", 3), "äö…");
        assert_eq!(shortened("äöü", 3), "äöü");
    }
}
