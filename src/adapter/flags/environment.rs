//! Flags in the process environment, over the environment's dotenv file: read here, switched by whoever starts the app.

use std::sync::Arc;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use secrecy::ExposeSecret as _;

use crate::adapter::environment::{Environment, EnvironmentError};
use crate::adapter::flags::store::{Permitted, Question, Store, WriteError, Written, assignments, told};
use crate::domain::flag::change::Change;
use crate::domain::flag::sighting::{Reason, Sighting, Switch, Trace, Unseen};

/// The variables of one environment, as an app that is started in it sees them.
pub struct Variables(Arc<Environment>);

impl Variables {
    pub fn new(environment: Arc<Environment>) -> Self {
        Self(environment)
    }

    fn look(&self, name: &str) -> Result<[Option<String>; 2], EnvironmentError> {
        let values = self.0.defined(name)?;
        Ok(values.map(|value| value.map(|value| value.expose_secret().to_owned())))
    }

    fn sighting(&self, question: Question) -> Sighting {
        let mut failed = None;
        let lookup = |name: &str| self.look(name).map(|[process, file]| process.or(file));
        for name in &question.parser.names {
            if let Err(error) = lookup(name) {
                failed.get_or_insert(error);
            }
        }
        if let Some(error) = failed {
            return Sighting::unknown(Unseen::Unreadable, error.to_string());
        }
        let seen = seen(question, |name| lookup(name).ok().flatten());
        if seen.by.is_none() && !self.0.has_file() {
            // The default would be a guess: this process is not the app.
            let detail = "no name is set here, and no dotenv file tells what the app's own process has";
            return Sighting::unknown(Unseen::NoValue, detail);
        }
        seen
    }
}

/// What a parser makes of variables.
pub(super) fn seen(question: Question, lookup: impl Fn(&str) -> Option<String>) -> Sighting {
    let read = question.parser.judge(question.declared.default, lookup);
    let reason = if read.by.is_some() { Reason::Static } else { Reason::Default };
    let reason = if read.switch.is_unknown() { None } else { Some(reason) };
    Sighting { by: read.by, reason, shadowed: read.shadowed, ..Sighting::of(read.switch) }
}

impl Store for Variables {
    fn place(&self) -> String {
        match self.0.dotenv() {
            Some(file) => format!("process environment, {file}"),
            None => "process environment".to_owned(),
        }
    }

    fn read<'a>(&'a self, question: Question<'a>) -> BoxFuture<'a, Sighting> {
        async move { self.sighting(question) }.boxed()
    }

    fn traces<'a>(&'a self, question: Question<'a>) -> BoxFuture<'a, Vec<Trace>> {
        let places = ["process environment".to_owned(), self.0.dotenv().unwrap_or("dotenv file").to_owned()];
        let mut traces = Vec::new();
        for name in question.declared.variables() {
            let values = self.look(name).unwrap_or_default();
            for (place, value) in places.iter().zip(values) {
                if let Some(value) = value {
                    traces.push(trace(question, place.clone(), name, &value));
                }
            }
        }
        async move { traces }.boxed()
    }

    fn can_write(&self) -> bool {
        false
    }

    fn keeps_text(&self) -> bool {
        true
    }

    fn instruction(&self, change: &Change) -> String {
        let todo = told(&assignments(change));
        format!("in the environment that the app of {} is started in: {todo}; then restart it", change.environment)
    }

    fn switch<'a>(&'a self, permitted: Permitted<'a>) -> BoxFuture<'a, Result<Written, WriteError>> {
        async move { Ok(Written::Instruction(self.instruction(permitted.change()))) }.boxed()
    }
}

/// What a variable would mean to whoever reads it alone: on, when any parser that knows the name takes it for on.
pub(super) fn trace(question: Question, place: String, name: &str, value: &str) -> Trace {
    let declared = question.declared;
    let readers: Vec<_> =
        declared.parsers().filter(|(_, parser)| parser.names.iter().any(|known| known == name)).collect();
    let means_on = readers.iter().any(|(_, parser)| parser.means_on(value, parser.default.unwrap_or(declared.default)));
    Trace { place, name: name.to_owned(), switch: Switch::from(means_on) }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::Timestamp;

    use super::Variables;
    use crate::adapter::environment::{Environment, Lookup};
    use crate::adapter::files;
    use crate::adapter::flags::store::{Question, Store as _, Written};
    use crate::domain::flag::Declared;
    use crate::domain::flag::change::{Change, Permit, Turn};
    use crate::domain::flag::parser::{Parser, Rule};
    use crate::domain::inventory;

    fn declared() -> Declared {
        Declared { parser: Parser::of(Some(Rule::Prefixed), &["FEATURE_X", "FEATURE_FLAG_X"]), ..Declared::default() }
    }

    /// The folder of the file has to outlive the store.
    fn store(file: &str, process: &'static [(&'static str, &'static str)]) -> (tempfile::TempDir, Variables) {
        let root = tempfile::tempdir().unwrap();
        files::write(&root.path().join(".env"), file.as_bytes()).unwrap();
        let declared = inventory::Environment { dotenv: Some(".env".to_owned()), ..Default::default() };
        let environment = Environment::with(Some(root.path()), "staging", &declared, |name| {
            if name == "BROKEN" {
                return Lookup::NotUnicode;
            }
            let value = process.iter().find(|(known, _)| *known == name);
            value.map_or(Lookup::Unset, |(_, value)| Lookup::Set((*value).to_owned()))
        });
        (root, Variables::new(Arc::new(environment.unwrap())))
    }

    fn question<'a>(declared: &'a Declared, parser: &'a Parser) -> Question<'a> {
        Question { flag: "x", declared, parser, environment: "staging" }
    }

    #[tokio::test]
    async fn the_process_is_read_over_the_file_and_an_empty_variable_is_one() {
        type Process = &'static [(&'static str, &'static str)];
        let declared = declared();
        let table: [(&str, Process, &str, Option<&str>); 5] = [
            ("", &[], "off", None),
            ("FEATURE_X=1\n", &[], "on", Some("FEATURE_X")),
            ("FEATURE_X=1\n", &[("FEATURE_X", "")], "off", Some("FEATURE_X")),
            ("FEATURE_FLAG_X=yes\n", &[], "on", Some("FEATURE_FLAG_X")),
            ("FEATURE_FLAG_X=yes\n", &[("FEATURE_X", "0")], "off", Some("FEATURE_X")),
        ];
        for (file, process, word, by) in table {
            let (_root, store) = store(file, process);
            let seen = store.read(question(&declared, &declared.parser)).await;
            assert_eq!((seen.switch.as_str(), seen.by.as_deref()), (word, by), "{file} {process:?}");
        }
        let alone = Environment::with(None, "staging", &inventory::Environment::default(), |_| Lookup::Unset).unwrap();
        let seen = Variables::new(Arc::new(alone)).read(question(&declared, &declared.parser)).await;
        assert_eq!(seen.switch.as_str(), "no-value", "without a file of the environment nothing set is nothing known");
        let broken = Parser::of(None, &["BROKEN"]);
        let (root, store) = store("", &[]);
        assert_eq!(store.read(question(&declared, &broken)).await.switch.as_str(), "unreadable");
        files::write(&root.path().join(".env"), b"FEATURE_X=1\n").unwrap();
        let seen = store.read(question(&declared, &declared.parser)).await;
        assert_eq!(seen.switch.as_str(), "on", "the file is read as it is now");
    }

    #[tokio::test]
    async fn every_name_in_every_place_is_traced() {
        let declared = declared();
        let (_root, store) = store("FEATURE_X=1\nFEATURE_FLAG_X=on\n", &[("FEATURE_X", "0")]);
        let traces = store.traces(question(&declared, &declared.parser)).await;
        let told: Vec<_> =
            traces.iter().map(|trace| (trace.place.as_str(), trace.name.as_str(), trace.switch.as_str())).collect();
        assert_eq!(
            told,
            [
                ("process environment", "FEATURE_X", "off"),
                (".env", "FEATURE_X", "on"),
                (".env", "FEATURE_FLAG_X", "on"),
            ]
        );
    }

    #[tokio::test]
    async fn switching_it_is_an_instruction() {
        let declared = declared();
        let turn = Turn::Off;
        let change = Change { flag: "x", declared: &declared, environment: "staging", turn, expected: None };
        let permit = Permit::grant("sha", "x", "staging", Timestamp::MAX);
        let written = store("", &[]).1.write(change, &permit, Timestamp::UNIX_EPOCH).await.unwrap();
        let text = "in the environment that the app of staging is started in: unset FEATURE_X, unset FEATURE_FLAG_X; then restart it";
        assert_eq!(written, Written::Instruction(text.to_owned()));
    }
}
