//! Foreign text in Markdown: it means nothing but itself.

use std::fmt::Write;

use crate::report::text::{one_line, shortened, visible};

/// Text that means nothing but itself, on one line: no markup, no mention, no reference.
pub fn prose(text: &str, most: usize) -> String {
    let text = shortened(&one_line(text), most);
    let mut safe = String::with_capacity(text.len() + 8);
    for letter in text.chars() {
        match letter {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            // A zero-width space keeps GitHub from calling a person or linking an issue.
            '@' => safe.push_str("@\u{200b}"),
            '#' => safe.push_str("#\u{200b}"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '!' => {
                safe.push('\\');
                safe.push(letter);
            }
            _ => safe.push(letter),
        }
    }
    // `http://x` would become a link.
    safe.replace("://", ":\u{200b}//")
}

/// Text inside an HTML tag, where Markdown means nothing but a mention still calls.
pub fn html(text: &str) -> String {
    let text = shortened(&one_line(text), 60).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('@', "@\u{200b}").replace('#', "#\u{200b}")
}

/// A code span: as many backticks around as its text needs, and no bar, which would end a table's cell.
pub fn code(text: &str, most: usize) -> String {
    let text = shortened(&one_line(text), most).replace('|', "¦");
    let ticks = "`".repeat(longest_run(&text) + 1);
    if text.is_empty() {
        "(empty)".to_owned()
    } else if text.starts_with('`') || text.ends_with('`') {
        format!("{ticks} {text} {ticks}")
    } else {
        format!("{ticks}{text}{ticks}")
    }
}

pub fn fence(text: &str, indent: &str, most: usize) -> String {
    let text = visible(text);
    let text = shortened(&text, most);
    let ticks = "`".repeat(longest_run(&text).max(2) + 1);
    let mut block = format!("{indent}{ticks}diff\n");
    for line in text.lines() {
        let _ = writeln!(block, "{indent}{line}");
    }
    let _ = writeln!(block, "{indent}{ticks}");
    block
}

fn longest_run(text: &str) -> usize {
    text.split(|letter| letter != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{code, fence, prose};

    #[test]
    fn foreign_text_means_nothing_but_itself() {
        for (text, safe) in [
            ("a|b *c* <img>", "a\\|b \\*c\\* &lt;img&gt;"),
            ("@someone see #12", "@\u{200b}someone see #\u{200b}12"),
            ("![x](http://evil)", "\\!\\[x\\](http:\u{200b}//evil)"),
            ("two\n# lines", "two #\u{200b} lines"),
        ] {
            assert_eq!(prose(text, 100), safe);
        }
        assert_eq!(prose("abcdef", 4), "abc…");
    }

    #[test]
    fn code_cannot_be_left() {
        assert_eq!(code("a`b", 10), "``a`b``");
        assert_eq!(code("`", 10), "`` ` ``");
        assert_eq!(code("a|b", 10), "`a¦b`");
        assert_eq!(code("", 10), "(empty)");
        assert_eq!(fence("```\n-a", "", 100), "````diff\n```\n-a\n````\n");
    }
}
