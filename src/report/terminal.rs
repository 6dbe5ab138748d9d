//! The readiness matrix and a run's summary for a terminal.

pub mod alert;
mod comparison;
pub mod flags;
mod gate;
pub mod gauntlet;
mod matrix;
pub mod monitor;
pub mod probe;
pub mod proof;
pub mod secrets;
pub mod suite;
mod summary;
pub mod topics;
pub mod trial;
pub mod wrap;

use std::fmt::Write;

use crate::domain::readiness::{EnvironmentReadiness, Readiness, State};
use crate::domain::record::{Outcome, Record};
use crate::report::dashboard::runs;

pub use crate::report::terminal::comparison::comparison;
pub use crate::report::terminal::gate::gate;

/// What the terminal can do.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    pub colour: bool,
    /// Columns; under 60 is taken for 60.
    pub width: usize,
}

impl Default for Style {
    /// No colour, 80 columns.
    fn default() -> Self {
        Self { colour: false, width: 80 }
    }
}

#[derive(Clone, Copy)]
enum Paint {
    Green,
    Red,
    Yellow,
    Blue,
    Magenta,
    Dim,
    Bold,
}

impl Style {
    fn width(self) -> usize {
        self.width.max(60)
    }

    fn paint(self, paint: Paint, text: &str) -> String {
        if !self.colour {
            return text.to_owned();
        }
        let code = match paint {
            Paint::Green => "32",
            Paint::Red => "1;31",
            Paint::Yellow => "33",
            Paint::Blue => "34",
            Paint::Magenta => "35",
            Paint::Dim => "2",
            Paint::Bold => "1",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }

    fn state(self, state: State, width: usize) -> String {
        let paint = match state {
            State::Ready => Paint::Green,
            State::Failing => Paint::Red,
            State::Blocked => Paint::Magenta,
            State::Stale => Paint::Yellow,
            State::Waived => Paint::Blue,
            State::Unknown | State::NotApplicable => Paint::Dim,
        };
        self.paint(paint, &format!("{:<width$}", state.as_str()))
    }

    fn outcome(self, outcome: Outcome) -> String {
        let paint = match outcome {
            Outcome::Kept => Paint::Green,
            Outcome::Broken => Paint::Red,
            Outcome::Unasked | Outcome::Untested => Paint::Yellow,
        };
        self.paint(paint, outcome.as_str())
    }
}

/// Every environment: its matrix, its verdict with reasons, and what to run next.
pub fn readiness(readiness: &Readiness, style: Style) -> String {
    let mut page = String::new();
    for environment in &readiness.environments {
        matrix::write_environment(&mut page, environment, style);
        page.push('\n');
    }
    if readiness.environments.is_empty() {
        page.push_str("no environment is declared: nothing is judged\n");
    }
    page
}

/// One environment: its matrix, its verdict with reasons, and what to run next.
pub fn environment(environment: &EnvironmentReadiness, style: Style) -> String {
    let mut page = String::new();
    matrix::write_environment(&mut page, environment, style);
    page
}

/// What a run found: broken scenarios in full, silent ones by reason, and a line of counts for each integration.
pub fn run(record: &Record, style: Style) -> String {
    let mut page = String::new();
    for run in runs(record) {
        summary::write_run(&mut page, &run, style);
    }
    if record.contracts.is_empty() {
        page.push_str("nothing ran\n");
    }
    if record.partial {
        let _ = writeln!(
            page,
            "{}",
            style.paint(Paint::Yellow, "only part was asked for: it shows failures and proves nothing")
        );
    }
    if record.interrupted {
        let _ = writeln!(page, "{}", style.paint(Paint::Yellow, "interrupted: what had not run is unasked"));
    }
    page
}
