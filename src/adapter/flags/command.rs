//! Flags that a program prints and switches: run without a shell, within a time, its output not shown.

use std::process::Stdio;
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use jiff::Timestamp;
use tokio::io::AsyncReadExt as _;
use tokio::process::Command;

use crate::adapter::flags::store::{Question, Store, WriteError, Written, assignments, told};
use crate::domain::flag::Commands;
use crate::domain::flag::change::{Change, Permit};
use crate::domain::flag::sighting::{Reason, Sighting, Switch, Unseen};

/// Bytes of output that are read; a switch is one word.
const MOST_BYTES: u64 = 4096;

/// A program that prints a flag's value, and programs that switch it.
pub struct Program {
    /// Prints the value; None when nothing does.
    pub reads: Option<Vec<String>>,
    pub writes: Option<Commands>,
    pub timeout: Duration,
    /// What a person calls the place.
    pub shown: String,
}

enum Failed {
    TimedOut,
    NotRun(String),
    Status(String),
}

impl Program {
    async fn run(&self, argv: &[String]) -> Result<String, Failed> {
        let Some((program, arguments)) = argv.split_first() else {
            return Err(Failed::NotRun("no program is named".to_owned()));
        };
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| Failed::NotRun(format!("{program}: {error}")))?;
        let mut output = Vec::new();
        let out = child.stdout.take();
        let whole = async {
            if let Some(out) = out {
                out.take(MOST_BYTES).read_to_end(&mut output).await?;
            }
            child.wait().await
        };
        match tokio::time::timeout(self.timeout, whole).await {
            Err(_) => Err(Failed::TimedOut),
            Ok(Err(error)) => Err(Failed::NotRun(format!("{program}: {error}"))),
            Ok(Ok(status)) if !status.success() => Err(Failed::Status(format!("{program} ended with {status}"))),
            Ok(Ok(_)) => Ok(String::from_utf8_lossy(&output).trim().to_owned()),
        }
    }

    /// The printed word as the flag's parser reads it; a word that means neither on nor off is unknown.
    async fn look(&self, question: Question<'_>) -> Sighting {
        let Some(argv) = &self.reads else {
            return Sighting::unknown(Unseen::WriteOnly, "it takes values and gives none back");
        };
        match self.run(&filled(argv, question.flag, question.environment)).await {
            Err(Failed::TimedOut) => {
                Sighting::unknown(Unseen::TimedOut, format!("no end after {} ms", self.timeout.as_millis()))
            }
            Err(Failed::NotRun(reason) | Failed::Status(reason)) => Sighting::unknown(Unseen::Unreadable, reason),
            Ok(word) if word.is_empty() => Sighting::unknown(Unseen::NoValue, "it printed nothing"),
            Ok(word) if question.parser.means_on(&word, false) => Sighting::of(Switch::On).because(Reason::Static),
            Ok(word) if is_off(&word) => Sighting::of(Switch::Off).because(Reason::Static),
            Ok(word) => {
                let detail = format!("it printed {} characters that mean neither", word.chars().count());
                Sighting::unknown(Unseen::NotBoolean, detail)
            }
        }
    }

    async fn change(&self, change: &Change<'_>) -> Result<Written, WriteError> {
        let Some(writes) = &self.writes else { return Ok(Written::Instruction(self.instruction(change))) };
        let argv = if change.turn.is_on() { &writes.on } else { &writes.off };
        let unwritten = |reason: String| Err(WriteError::Unwritten { place: self.place(), reason });
        match self.run(&filled(argv, change.flag, change.environment)).await {
            Ok(_) => Ok(Written::Done),
            Err(Failed::TimedOut) => {
                unwritten("the program did not end in time; whether it switched is not known".into())
            }
            Err(Failed::NotRun(reason) | Failed::Status(reason)) => unwritten(reason),
        }
    }
}

fn is_off(word: &str) -> bool {
    ["0", "false", "no", "off"].iter().any(|off| off.eq_ignore_ascii_case(word))
}

fn filled(argv: &[String], flag: &str, environment: &str) -> Vec<String> {
    argv.iter().map(|word| word.replace("{flag}", flag).replace("{environment}", environment)).collect()
}

impl Store for Program {
    fn place(&self) -> String {
        self.shown.clone()
    }

    fn read<'a>(&'a self, question: Question<'a>) -> BoxFuture<'a, Sighting> {
        self.look(question).boxed()
    }

    fn can_write(&self) -> bool {
        self.writes.is_some()
    }

    fn instruction(&self, change: &Change) -> String {
        match &self.writes {
            Some(writes) => {
                let argv = if change.turn.is_on() { &writes.on } else { &writes.off };
                filled(argv, change.flag, change.environment).join(" ")
            }
            None => format!("in {}: {}", self.shown, told(&assignments(change))),
        }
    }

    fn write<'a>(
        &'a self,
        change: Change<'a>,
        permit: &'a Permit,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Written, WriteError>> {
        async move {
            permit.covers(&change, now)?;
            self.change(&change).await
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::Timestamp;

    use super::Program;
    use crate::adapter::flags::store::{Question, Store as _, Written};
    use crate::domain::flag::change::{Change, Permit, Turn};
    use crate::domain::flag::{Commands, Declared};

    fn program(argv: &[&str]) -> Program {
        let argv = argv.iter().map(|word| (*word).to_owned()).collect();
        Program { reads: Some(argv), writes: None, timeout: Duration::from_secs(5), shown: "a program".to_owned() }
    }

    #[tokio::test]
    async fn a_program_prints_a_word_that_is_on_off_or_neither() {
        let declared = Declared::default();
        let question = Question { flag: "live", declared: &declared, parser: &declared.parser, environment: "staging" };
        let table: [(&[&str], &str); 7] = [
            (&["echo", "TRUE"], "on"),
            (&["echo", "off"], "off"),
            (&["echo", "{flag} in {environment}"], "not-boolean"),
            (&["echo"], "no-value"),
            (&["false"], "unreadable"),
            (&["/no/such/program"], "unreadable"),
            (&[], "unreadable"),
        ];
        for (argv, word) in table {
            assert_eq!(program(argv).read(question).await.switch.as_str(), word, "{argv:?}");
        }
        let hanging = Program { timeout: Duration::from_millis(20), ..program(&["sleep", "60"]) };
        assert_eq!(hanging.read(question).await.switch.as_str(), "timed-out");
    }

    #[tokio::test]
    async fn a_program_switches_it_and_a_failure_is_told() {
        let declared = Declared::default();
        let permit = Permit::grant("sha", "live", "staging", Timestamp::MAX);
        let writes = Commands { on: vec!["true".to_owned()], off: vec!["false".to_owned()] };
        let program = Program { writes: Some(writes), ..program(&["echo", "on"]) };
        let change = |turn| Change { flag: "live", declared: &declared, environment: "staging", turn, expected: None };
        let on = program.write(change(Turn::On), &permit, Timestamp::UNIX_EPOCH).await.unwrap();
        assert_eq!(on, Written::Done);
        let off = program.write(change(Turn::Off), &permit, Timestamp::UNIX_EPOCH).await.unwrap_err();
        assert_eq!(off.to_string(), "a program: false ended with exit status: 1");
    }
}
