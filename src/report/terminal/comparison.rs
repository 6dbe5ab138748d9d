//! A typed dashboard beside the truth, on a terminal.

use std::fmt::Write;

use crate::domain::typed::{Comparison, Difference, Kind};
use crate::report::digest;
use crate::report::terminal::wrap::wrap_painted;
use crate::report::terminal::{Paint, Style};
use crate::report::text::one_line;

/// Columns of the word for a difference, its gap included.
const WORD: usize = 20;

/// What is typed and not so, in the file's order, and a last line that counts.
pub fn comparison(comparison: &Comparison, style: Style) -> String {
    let mut page = String::new();
    for difference in &comparison.differences {
        write_difference(&mut page, difference, style);
    }
    let _ = writeln!(
        page,
        "{} compared, {}",
        digest::number(comparison.compared, "cell"),
        digest::number(comparison.differences.len(), "difference")
    );
    page
}

fn write_difference(page: &mut String, difference: &Difference, style: Style) {
    let (word, paint) = match difference.kind {
        Kind::More => ("claims more", Paint::Red),
        Kind::Less => ("claims less", Paint::Yellow),
        Kind::Unclear => ("unclear", Paint::Dim),
        Kind::MissingRow => ("row missing", Paint::Yellow),
        Kind::UnknownRow => ("row unknown", Paint::Yellow),
        Kind::UndeclaredBlocker => ("undeclared blocker", Paint::Yellow),
    };
    let first = style.paint(paint, &format!("{word:<WORD$}"));
    let column = difference.column.as_ref().map(|column| format!(", {}", one_line(column))).unwrap_or_default();
    let typed = difference.typed.as_ref().map(|typed| format!(" says \"{}\"", one_line(typed))).unwrap_or_default();
    let text = format!(
        "line {}: {}{column}{typed}; the truth: {}",
        difference.line,
        one_line(&difference.row),
        one_line(&difference.truth)
    );
    wrap_painted(page, style, &first, WORD, &text);
}
