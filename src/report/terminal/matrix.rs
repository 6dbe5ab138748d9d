//! One environment on a terminal: its matrix, its verdict and the reasons.

use std::fmt::Write;

use crate::domain::integration::Name;
use crate::domain::readiness::{Criterion, EnvironmentReadiness, Row, State, Verdict};
use crate::report::digest::{self, Obstacle};
use crate::report::terminal::wrap::{wrap, wrap_painted};
use crate::report::terminal::{Paint, Style};
use crate::report::text::{one_line, shortened, visible};

/// A column's heading, short enough for eight of them in 80 columns.
fn heading(criterion: Criterion) -> &'static str {
    match criterion {
        Criterion::ContractTwin => "twin",
        Criterion::ContractLive => "live",
        Criterion::Credentials => "creds",
        Criterion::Webhooks => "hooks",
        Criterion::Resilience => "resil.",
        Criterion::Health => "health",
        Criterion::Flag => "flag",
        Criterion::Blockers => "blocks",
    }
}

/// Columns of one cell, its gap included.
const CELL: usize = 8;

pub fn write_environment(page: &mut String, environment: &EnvironmentReadiness, style: Style) {
    write_matrix(page, environment, style);
    let paint = match environment.verdict {
        Verdict::Go => Paint::Green,
        Verdict::NoGo => Paint::Red,
        Verdict::Unknown => Paint::Yellow,
    };
    let name = visible(&environment.environment);
    let _ = writeln!(page, "{}  {}", style.paint(Paint::Bold, &name), style.paint(paint, environment.verdict.as_str()));
    if let Some(silence) = digest::silence(environment) {
        wrap(page, style, "  ", "  ", silence);
    }
    let obstacles = digest::obstacles(environment);
    for obstacle in &obstacles {
        write_obstacle(page, obstacle, style);
    }
    if let Some(next) = obstacles.iter().find_map(|obstacle| obstacle.next.first()) {
        // A command is not wrapped: it is there to be copied.
        let _ = writeln!(page, "  next: {}", style.paint(Paint::Bold, &visible(next)));
    }
}

fn write_matrix(page: &mut String, environment: &EnvironmentReadiness, style: Style) {
    let names = style.width() - CELL * Criterion::ALL.len();
    let required: Vec<Criterion> = Criterion::ALL
        .into_iter()
        .filter(|criterion| environment.rows.iter().any(|row| row.cell(*criterion).is_some_and(|cell| cell.required)))
        .collect();
    let mut head = format!("{:<names$}", shortened(&visible(&environment.environment), names - 1));
    for criterion in Criterion::ALL {
        let mark = if required.contains(&criterion) { "*" } else { "" };
        let _ = write!(head, "{:<CELL$}", format!("{}{mark}", heading(criterion)));
    }
    let _ = writeln!(page, "{}", style.paint(Paint::Bold, head.trim_end()));
    // Rows of which nothing at all is known differ in name alone: one line says it, their names stand below.
    let (blank, told): (Vec<&Row>, Vec<&Row>) = environment.rows.iter().partition(|row| is_blank(row));
    let (blank, told) = if blank.len() < 3 { (Vec::new(), environment.rows.iter().collect()) } else { (blank, told) };
    for row in told {
        write_row(page, row.integration.as_str(), row, names, style);
    }
    if let Some(first) = blank.first() {
        write_row(page, &format!("{} others", blank.len()), first, names, style);
        let names = blank.iter().map(|row| row.integration.as_str()).collect::<Vec<_>>().join(", ");
        wrap(page, style, "  others: ", "    ", &names);
    }
    if !required.is_empty() {
        let _ = writeln!(page, "{}", style.paint(Paint::Dim, "* required by the policy"));
    }
}

/// Nothing is known of it but that no one has declared anything.
fn is_blank(row: &Row) -> bool {
    row.cells.iter().all(|cell| match cell.criterion {
        Criterion::Blockers => cell.state == State::NotApplicable,
        Criterion::Flag => matches!(cell.state, State::NotApplicable | State::Unknown),
        _ => cell.state == State::Unknown,
    }) && row.cell(Criterion::Flag).is_none_or(|cell| cell.state == State::NotApplicable)
}

fn write_row(page: &mut String, name: &str, row: &Row, names: usize, style: Style) {
    let mut line = format!("{:<names$}", shortened(name, names - 1));
    for criterion in Criterion::ALL {
        match row.cell(criterion) {
            Some(cell) => line.push_str(&style.state(cell.state, CELL)),
            None => {
                let _ = write!(line, "{:<CELL$}", "-");
            }
        }
    }
    let _ = writeln!(page, "{}", line.trim_end());
}

fn write_obstacle(page: &mut String, obstacle: &Obstacle<'_>, style: Style) {
    let first = format!("  {}", style.state(obstacle.state, CELL));
    let text = format!("{} of {}: {}", obstacle.criterion, some(&obstacle.integrations, 4), one_line(obstacle.text));
    wrap_painted(page, style, &first, CELL + 2, &text);
}

/// `a, b, c and 19 more`.
fn some(names: &[&Name], most: usize) -> String {
    let shown = if names.len() > most + 1 { most } else { names.len() };
    let list = names[..shown].iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
    match names.len() - shown {
        0 => list,
        more => format!("{list} and {more} more"),
    }
}
