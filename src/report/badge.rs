//! Badges for the endpoint of shields.io, which refuses members that it does not know (its schema, `schemaVersion` 1).

use serde::Serialize;

use crate::domain::readiness::{EnvironmentReadiness, Row, State, Verdict};

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

/// The verdict of an environment.
///
/// # Errors
/// None that is known: the badge is made of strings.
pub fn environment(environment: &EnvironmentReadiness) -> Result<String, serde_json::Error> {
    let color = match environment.verdict {
        Verdict::Go => "brightgreen",
        Verdict::NoGo => "red",
        Verdict::Unknown => "lightgrey",
    };
    draw(&environment.environment, environment.verdict.as_str(), color)
}

/// The worst required state of one integration; `unknown` where nothing is required of it.
///
/// # Errors
/// None that is known: the badge is made of strings.
pub fn integration(row: &Row) -> Result<String, serde_json::Error> {
    let state = worst(row);
    let color = match state {
        State::Ready => "brightgreen",
        State::Failing => "red",
        State::Blocked => "purple",
        State::Stale => "yellow",
        State::Waived => "blue",
        State::Unknown | State::NotApplicable => "lightgrey",
    };
    draw(row.integration.as_str(), state.as_str(), color)
}

/// A required cell that is waived or n/a leaves the others to speak; where none speaks, nothing is known.
fn worst(row: &Row) -> State {
    const ORDER: [State; 6] =
        [State::Failing, State::Blocked, State::Unknown, State::Stale, State::Ready, State::Waived];
    let has = |state: &State| row.cells.iter().any(|cell| cell.required && cell.state == *state);
    ORDER.into_iter().find(has).unwrap_or(State::Unknown)
}

fn draw(label: &str, message: &str, color: &'static str) -> Result<String, serde_json::Error> {
    let badge =
        Badge { schema_version: 1, label, message, color, is_error: color != "brightgreen", cache_seconds: 300 };
    let mut text = serde_json::to_string(&badge)?;
    text.push('\n');
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::{environment, integration};
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
            let badge = integration(&row(states)).expect("a badge");
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
            assert_eq!(environment(&judged).expect("a badge").contains("green"), verdict == Verdict::Go);
        }
    }
}
