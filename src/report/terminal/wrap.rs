//! Lines no wider than the terminal.

use std::fmt::Write;

use crate::report::terminal::Style;

/// Writes words into lines no wider than the terminal; a word that is wider than that stays whole.
pub fn wrap(page: &mut String, style: Style, first: &str, others: &str, text: &str) {
    let mut line = first.to_owned();
    let mut used = first.chars().count();
    let mut words = 0;
    for word in text.split(' ') {
        let length = word.chars().count();
        if words > 0 && used + 1 + length > style.width() {
            let _ = writeln!(page, "{}", line.trim_end());
            others.clone_into(&mut line);
            used = others.chars().count();
            words = 0;
        }
        if words > 0 {
            line.push(' ');
            used += 1;
        }
        line.push_str(word);
        used += length;
        words += 1;
    }
    let _ = writeln!(page, "{}", line.trim_end());
}

/// The same behind a painted beginning, whose colour codes take no room.
pub fn wrap_painted(page: &mut String, style: Style, first: &str, indent: usize, text: &str) {
    let bare = bare_length(first);
    let mut wrapped = String::new();
    wrap(&mut wrapped, style, &" ".repeat(bare), &" ".repeat(indent), text);
    page.push_str(first);
    page.push_str(&wrapped[bare..]);
}

/// The characters of a painted text that take room.
fn bare_length(painted: &str) -> usize {
    let mut length = 0;
    let mut in_code = false;
    for letter in painted.chars() {
        match letter {
            '\u{1b}' => in_code = true,
            'm' if in_code => in_code = false,
            _ if in_code => {}
            _ => length += 1,
        }
    }
    length
}
