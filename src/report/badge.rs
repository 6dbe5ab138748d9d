//! Badges: documents for the endpoint of shields.io, which refuses members that it does not know (its schema,
//! `schemaVersion` 1), and the same drawn as SVG for where no service may be asked.

use serde::Serialize;

use crate::domain::readiness::{EnvironmentReadiness, Row, State, Verdict};
use crate::report::text::one_line;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Badge<'a> {
    schema_version: u8,
    label: &'a str,
    message: &'a str,
    color: &'static str,
    /// Keeps a reader from painting the badge in another colour.
    is_error: bool,
    /// 300 is the least that the service accepts.
    cache_seconds: u32,
}

/// What a badge says, and in which colour.
#[derive(Clone, Copy, Debug)]
pub struct Sign<'a> {
    pub label: &'a str,
    pub message: &'static str,
    /// A colour that shields.io knows by name.
    pub color: &'static str,
}

/// The verdict of an environment.
pub fn environment(environment: &EnvironmentReadiness) -> Sign<'_> {
    let color = match environment.verdict {
        Verdict::Go => GREEN,
        Verdict::NoGo => "red",
        Verdict::Unknown => "lightgrey",
    };
    Sign { label: &environment.environment, message: environment.verdict.as_str(), color }
}

/// The worst required state of one integration; `unknown` where nothing is required of it.
pub fn integration(row: &Row) -> Sign<'_> {
    let state = worst(row);
    let color = match state {
        State::Ready => GREEN,
        State::Failing => "red",
        State::Blocked => "purple",
        State::Stale => "yellow",
        State::Waived => "blue",
        State::Unknown | State::NotApplicable => "lightgrey",
    };
    Sign { label: row.integration.as_str(), message: state.as_str(), color }
}

const GREEN: &str = "brightgreen";

/// A required cell that is waived or n/a leaves the others to speak; where none speaks, nothing is known.
fn worst(row: &Row) -> State {
    const ORDER: [State; 6] =
        [State::Failing, State::Blocked, State::Unknown, State::Stale, State::Ready, State::Waived];
    let has = |state: &State| row.cells.iter().any(|cell| cell.required && cell.state == *state);
    ORDER.into_iter().find(has).unwrap_or(State::Unknown)
}

impl Sign<'_> {
    /// The document that the endpoint of shields.io reads.
    ///
    /// # Errors
    /// None that is known: the badge is made of strings.
    pub fn json(&self) -> Result<String, serde_json::Error> {
        let Self { label, message, color } = *self;
        let badge = Badge { schema_version: 1, label, message, color, is_error: color != GREEN, cache_seconds: 300 };
        let mut text = serde_json::to_string(&badge)?;
        text.push('\n');
        Ok(text)
    }

    /// A badge of its own, 20 units high. Text is stretched to the width that was reckoned for it, so that no font can
    /// make it run over.
    pub fn svg(&self) -> String {
        let label = markup(self.label);
        let (left, right) = (width(self.label), width(self.message));
        let whole = left + right;
        let fill = fill(self.color);
        let text = |from: usize, width: usize, text: &str| {
            let (middle, length) = (from + width / 2, width - 12);
            format!("<text x=\"{middle}\" y=\"14\" textLength=\"{length}\">{text}</text>")
        };
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{whole}\" height=\"20\" viewBox=\"0 0 {whole} 20\" \
             role=\"img\" aria-label=\"{label}: {message}\"><title>{label}: {message}</title>\
             <rect width=\"{whole}\" height=\"20\" rx=\"3\" fill=\"{fill}\"/>\
             <path d=\"M3 0h{corner}v20H3a3 3 0 0 1-3-3V3a3 3 0 0 1 3-3z\" fill=\"#3f454c\"/>\
             <g fill=\"#fff\" text-anchor=\"middle\" font-family=\"Verdana,DejaVu Sans,sans-serif\" font-size=\"11\">{}{}</g></svg>\n",
            text(0, left, &label),
            text(left, right, self.message),
            message = self.message,
            corner = left - 3,
        )
    }
}

/// Units that a text takes, about, with six on each side.
fn width(text: &str) -> usize {
    12 + text.chars().map(|letter| if letter.is_ascii_uppercase() { 8 } else { 7 }).sum::<usize>()
}

/// Dark enough for white text (WCAG 2.2, contrast of 4.5 to 1).
fn fill(color: &str) -> &'static str {
    match color {
        GREEN => "#11632a",
        "red" => "#a1121f",
        "purple" => "#6a2fae",
        "yellow" => "#774a00",
        "blue" => "#0b4f9e",
        _ => "#5a626c",
    }
}

fn markup(text: &str) -> String {
    one_line(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::{Sign, environment, integration};
    use crate::domain::integration::Name;
    use crate::domain::readiness::{Cell, Criterion, EnvironmentReadiness, Row, State, Verdict};

    fn row(states: &[(State, bool)]) -> Row {
        let cells = states
            .iter()
            .map(|&(state, required)| Cell {
                criterion: Criterion::Health,
                state,
                reason: String::new(),
                required,
                next: None,
                proof: None,
            })
            .collect();
        Row { integration: "shopify".parse::<Name>().expect("a good name"), title: String::new(), owner: None, cells }
    }

    #[test]
    fn only_what_is_required_and_ready_is_green() {
        for (states, message, green) in [
            (&[][..], "unknown", false),
            (&[(State::Ready, false)], "unknown", false),
            (&[(State::Ready, true)], "ready", true),
            (&[(State::Ready, true), (State::Unknown, true)], "unknown", false),
            (&[(State::Ready, true), (State::Stale, true)], "stale", false),
            (&[(State::Ready, true), (State::Failing, true)], "failing", false),
            (&[(State::NotApplicable, true)], "unknown", false),
            (&[(State::Waived, true)], "waived", false),
        ] {
            let row = row(states);
            let sign = integration(&row);
            assert_eq!(sign.svg().contains("#11632a"), green, "{}", sign.svg());
            let badge = sign.json().expect("a badge");
            assert!(badge.contains(&format!("\"message\":\"{message}\"")), "{badge}");
            assert_eq!(badge.contains("green"), green, "{badge}");
        }
    }

    #[test]
    fn only_a_go_is_green() {
        for verdict in [Verdict::Go, Verdict::NoGo, Verdict::Unknown] {
            let judged = EnvironmentReadiness {
                environment: "production".into(),
                verdict,
                reasons: Vec::new(),
                rows: Vec::new(),
            };
            let sign = environment(&judged);
            assert_eq!(sign.json().expect("a badge").contains("green"), verdict == Verdict::Go);
            assert_eq!(sign.svg().contains("#11632a"), verdict == Verdict::Go);
        }
    }

    #[test]
    fn a_hostile_label_is_no_markup() {
        let sign = Sign { label: "<script>\"&", message: "GO", color: "red" };
        assert!(sign.svg().contains("<title>&lt;script&gt;&quot;&amp;: GO</title>"), "{}", sign.svg());
    }
}
