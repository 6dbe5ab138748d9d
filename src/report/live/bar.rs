//! The uptime bar: one stroke for each stretch, whose height says what its colour says.

use std::fmt::Write as _;

use crate::domain::monitor::series::{Outlook, Part};
use crate::domain::monitor::span::Window;
use crate::report::live::words;

/// What a stretch shows: the letter of its colour, and how high it stands. What is bad stands out, what is not known lies low.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Look {
    Good,
    Nearly,
    Bad,
    Nothing,
}

impl Look {
    fn of(part: &Part) -> Self {
        match part.success_percent {
            None => Self::Nothing,
            Some(share) if share >= 99.9 => Self::Good,
            Some(share) if share >= 90.0 => Self::Nearly,
            Some(_) => Self::Bad,
        }
    }

    fn drawn(self) -> (&'static str, u32) {
        match self {
            Self::Good => ("r", 12),
            Self::Nearly => ("g", 16),
            Self::Bad => ("f", 20),
            Self::Nothing => ("u", 2),
        }
    }
}

/// Units of a part, and of the gap behind it.
const STEP: usize = 10;
const GAP: usize = 2;
const HEIGHT: u32 = 20;

/// The bar as SVG, as wide as it is given room. With `apart`, each part stands by itself, else those that are alike are one.
pub fn draw(outlook: &Outlook, apart: bool) -> String {
    let looks: Vec<Look> = outlook.parts.iter().map(Look::of).collect();
    let mut svg = String::with_capacity(400);
    let width = (looks.len() * STEP).saturating_sub(GAP).max(1);
    let _ = write!(
        svg,
        "<svg class=\"up\" viewBox=\"0 0 {width} {HEIGHT}\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{}\">",
        told(outlook, &looks)
    );
    for look in [Look::Good, Look::Nearly, Look::Bad, Look::Nothing] {
        let (letter, height) = look.drawn();
        let (mut path, mut index) = (String::new(), 0);
        while index < looks.len() {
            let alike = looks[index..].iter().take_while(|other| **other == looks[index]).count();
            let count = if apart { 1 } else { alike };
            if looks[index] == look {
                let (from, wide, top) = (index * STEP, count * STEP - GAP, HEIGHT - height);
                let _ = write!(path, "M{from} {top}h{wide}v{height}h-{wide}z");
            }
            index += count;
        }
        if !path.is_empty() {
            let _ = write!(svg, "<path class=\"{letter}\" d=\"{path}\"/>");
        }
    }
    svg.push_str("</svg>");
    svg
}

/// The bar in words, for who does not see it.
fn told(outlook: &Outlook, looks: &[Look]) -> String {
    let count = |look: Look| looks.iter().filter(|known| **known == look).count();
    let (_, length) = outlook.window.parts();
    let uptime = outlook.uptime_percent.map_or_else(|| "no data".to_owned(), |up| format!("{} up", words::percent(up)));
    let mut told = format!("{}: {uptime}", name(outlook.window));
    for (look, what) in [(Look::Bad, "bad"), (Look::Nearly, "with failures"), (Look::Nothing, "without data")] {
        if count(look) > 0 && count(Look::Nothing) < looks.len() {
            let _ = write!(told, ", {} of {} stretches of {} {what}", count(look), looks.len(), words::span(length));
        }
    }
    told
}

/// A window in words.
pub fn name(window: Window) -> &'static str {
    match window {
        Window::Day => "Last 24 hours",
        Window::Week => "Last 7 days",
        Window::Month => "Last 30 days",
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::draw;
    use crate::domain::monitor::series::Outlook;
    use crate::domain::monitor::span::Window;

    fn outlook(shares: &[Option<f64>]) -> Outlook {
        let mut outlook = Outlook::of(Window::Day, &[], Timestamp::from_second(1_800_000_000).unwrap());
        for (part, share) in outlook.parts.iter_mut().zip(shares) {
            part.success_percent = *share;
        }
        outlook
    }

    #[test]
    fn no_data_is_drawn_low_and_grey_and_called_so() {
        let bar = draw(&outlook(&[]), false);
        assert!(bar.contains("<path class=\"u\" d=\"M0 18h478v2h-478z\"/>"), "{bar}");
        assert!(!bar.contains("class=\"r\"") && bar.contains("Last 24 hours: no data\""), "{bar}");
    }

    #[test]
    fn each_state_has_a_colour_and_a_height_of_its_own() {
        let bar = draw(&outlook(&[Some(100.0), Some(100.0), Some(95.0), Some(0.0)]), false);
        for path in ["class=\"r\" d=\"M0 8h18v12", "class=\"g\" d=\"M20 4h8v16", "class=\"f\" d=\"M30 0h8v20"] {
            assert!(bar.contains(path), "{path}: {bar}");
        }
        assert!(bar.contains("1 of 48 stretches of 30 min bad"), "{bar}");
        assert!(draw(&outlook(&[Some(100.0), Some(100.0)]), true).contains("M0 8h8v12h-8zM10 8h8v12h-8z"));
    }
}
