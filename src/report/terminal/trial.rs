//! What probes made of lies, on a terminal: believed ones in full, the others counted.

use std::fmt::Write as _;

use crate::domain::probe::lie::{Fate, Lie, Trial, Tried};
use crate::report::digest::number;
use crate::report::terminal::wrap::{wrap, wrap_painted};
use crate::report::terminal::{Paint, Style};
use crate::report::text::one_line;

/// Every probe, then the sum.
pub fn draw(trial: &Trial, style: Style) -> String {
    let mut page = String::new();
    for tried in &trial.tried {
        write_tried(&mut page, tried, style);
    }
    let sum = |count: fn(&Tried) -> usize| trial.tried.iter().map(count).sum::<usize>();
    let believed = sum(|tried| tried.believed().count());
    let unproven = sum(|tried| usize::from(tried.unproven.is_some()));
    let _ = writeln!(
        page,
        "\n{}: {}, {} noticed, {believed} believed, {unproven} not tried",
        style.outcome(trial.outcome()),
        number(trial.tried.len(), "probe"),
        number(sum(Tried::noticed), "lie"),
    );
    page
}

fn write_tried(page: &mut String, tried: &Tried, style: Style) {
    let name = style.paint(Paint::Bold, tried.probe.as_str());
    if let Some(why) = &tried.unproven {
        wrap_painted(page, style, &format!("{} {name} ", style.paint(Paint::Yellow, "unproven")), 4, &one_line(why));
        return;
    }
    let believed: Vec<Lie> = tried.believed().collect();
    let word =
        if believed.is_empty() { style.paint(Paint::Green, "bites") } else { style.paint(Paint::Red, "believes") };
    let void: Vec<&str> =
        tried.told.iter().filter(|told| matches!(told.fate, Fate::Void { .. })).map(|told| told.lie.as_str()).collect();
    let mut said = format!("notices {} of {}", tried.noticed(), number(tried.noticed() + believed.len(), "lie"));
    if !void.is_empty() {
        let _ = write!(said, "; changes nothing here: {}", void.join(", "));
    }
    if !tried.left_out.is_empty() {
        let _ = write!(said, "; not lied to: {}", tried.left_out.join(", "));
    }
    wrap_painted(page, style, &format!("{word} {name} ({}) ", tried.truth), 4, &one_line(&said));
    for lie in believed {
        wrap(page, style, &format!("    {} ", style.paint(Paint::Red, lie.as_str())), "      ", lie.meaning());
    }
}
