//! Flags that a program prints and switches: run without a shell, within a time, its output not shown.

use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use secrecy::ExposeSecret as _;

use crate::adapter::child::{self, ChildError};
use crate::adapter::flags::store::{Permitted, Question, Store, WriteError, Written, assignments, told};
use crate::domain::flag::Commands;
use crate::domain::flag::change::Change;
use crate::domain::flag::sighting::{Reason, Sighting, Switch, Unseen};

/// A program that prints a flag's value, and programs that switch it.
pub struct Program {
    /// Prints the value; None when nothing does.
    pub reads: Option<Vec<String>>,
    pub writes: Option<Commands>,
    pub timeout: Duration,
    /// What a person calls the place.
    pub shown: String,
}

impl Program {
    async fn run(&self, argv: &[String]) -> Result<String, ChildError> {
        let (program, arguments) = argv.split_first().map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let output = child::output(program, &arguments, self.timeout).await?;
        Ok(String::from_utf8_lossy(output.expose_secret()).trim().to_owned())
    }

    /// The printed word as the flag's parser reads it; a word that means neither on nor off is unknown.
    async fn look(&self, question: Question<'_>) -> Sighting {
        let Some(argv) = &self.reads else {
            return Sighting::unknown(Unseen::WriteOnly, "it takes values and gives none back");
        };
        match self.run(&filled(argv, question.flag, question.environment)).await {
            Err(error @ ChildError::TimedOut { .. }) => Sighting::unknown(Unseen::TimedOut, error.to_string()),
            Err(error) => Sighting::unknown(Unseen::Unreadable, error.to_string()),
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
            Err(error @ ChildError::TimedOut { .. }) => unwritten(format!("{error}; whether it switched is not known")),
            Err(error) => unwritten(error.to_string()),
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

    fn keeps_text(&self) -> bool {
        self.reads.is_some()
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

    fn switch<'a>(&'a self, permitted: Permitted<'a>) -> BoxFuture<'a, Result<Written, WriteError>> {
        async move { self.change(permitted.change()).await }.boxed()
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
        assert_eq!(off.to_string(), "a program: `false` failed with exit code 1; run it yourself to see why");
    }
}
