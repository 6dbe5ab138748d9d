//! What people see while a verb works: stderr for people, stdout for programs.
#![expect(clippy::disallowed_methods, reason = "NO_COLOR and CI are asked of the environment here")]

use std::io::{IsTerminal as _, Write as _};
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cli::args::Common;
use crate::domain::record::{Outcome, ScenarioRun};
use crate::engine::contracts::Progress;
use crate::report::terminal::Style;

/// Writes a line to stderr. A closed pipe is the reader's choice, and no reason to end.
pub fn tell(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// How a verb may speak.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a choice of its own that the user or the terminal made")]
pub struct Console {
    quiet: bool,
    json: bool,
    terminal: bool,
    colour: bool,
}

impl Console {
    pub fn new(common: &Common) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let said = |name: &str| std::env::var(name).is_ok_and(|value| !value.is_empty());
        Self {
            quiet: common.quiet,
            json: common.json,
            terminal: terminal && !said("CI"),
            colour: terminal && !said("NO_COLOR"),
        }
    }

    pub fn json(&self) -> bool {
        self.json
    }

    pub fn style(&self) -> Style {
        Style { colour: self.colour, ..Style::default() }
    }

    /// Says something to a person.
    pub fn say(&self, text: &str) {
        if !self.quiet {
            tell(text.trim_end());
        }
    }

    /// Gives something to a program. A closed pipe is the reader's choice.
    pub fn give(&self, text: &str) {
        let mut out = std::io::stdout().lock();
        let _ = out.write_all(text.as_bytes());
        if !text.ends_with('\n') {
            let _ = out.write_all(b"\n");
        }
        let _ = out.flush();
    }

    /// Shows how far many runs are, with an estimate; the bar ends when it is dropped.
    pub fn bar(&self, count: usize, noun: &str, first_line: &str) -> ProgressBar {
        let bar = if self.terminal && !self.quiet {
            ProgressBar::with_draw_target(Some(count as u64), ProgressDrawTarget::stderr_with_hz(12))
        } else {
            self.say(first_line);
            ProgressBar::hidden()
        };
        let template = format!("{{bar:30}} {{pos}}/{{len}} {noun} {{msg}} {{eta}}");
        if let Ok(style) = ProgressStyle::with_template(&template) {
            bar.set_style(style);
        }
        bar
    }

    /// Shows how far a run of scenarios is; the bar ends when it is dropped.
    pub fn progress(&self, scenarios: usize, first_line: &str) -> (Progress, ProgressBar) {
        let bar = self.bar(scenarios, "scenarios", first_line);
        let shown = bar.clone();
        let progress: Progress = Arc::new(move |scenario: &ScenarioRun| {
            if scenario.outcome != Outcome::Kept {
                shown.set_message(format!("· {} {}", scenario.place, scenario.outcome.as_str()));
            }
            shown.inc(1);
        });
        (progress, bar)
    }
}
