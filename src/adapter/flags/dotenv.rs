//! Flags in a dotenv file that an app reads when it starts: switched by writing the file anew.

use std::path::{Path, PathBuf};

use futures::FutureExt as _;
use futures::future::BoxFuture;
use secrecy::ExposeSecret as _;
use sha2::{Digest as _, Sha256};

use crate::adapter::environment;
use crate::adapter::files;
use crate::adapter::flags::environment::{seen, trace};
use crate::adapter::flags::store::{Permitted, Question, Store, WriteError, Written, assignments, told};
use crate::domain::flag::change::Change;
use crate::domain::flag::sighting::{Sighting, Trace, Unseen};

/// One dotenv file.
pub struct Dotenv {
    path: PathBuf,
    /// As the workspace writes it.
    shown: String,
}

impl Dotenv {
    pub fn new(root: &Path, file: &str) -> Self {
        Self { path: root.join(file), shown: file.to_owned() }
    }

    fn sighting(&self, question: Question) -> Sighting {
        // A file that is not there sets nothing for the app, and tells us nothing of an app elsewhere.
        let bytes = match files::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) => return Sighting::unknown(Unseen::Unreadable, error.to_string()),
        };
        match environment::read_dotenv(&self.path, question.environment) {
            Err(error) => Sighting::unknown(Unseen::Unreadable, error.to_string()),
            Ok(variables) => {
                let lookup = |name: &str| variables.get(name).map(|value| value.expose_secret().to_owned());
                seen(question, lookup).with_version(version(&bytes))
            }
        }
    }

    fn change(&self, change: &Change) -> Result<Written, WriteError> {
        let bytes = files::read(&self.path)?;
        if change.expected.is_some_and(|expected| expected != version(&bytes)) {
            return Err(WriteError::Changed { place: self.place() });
        }
        let Ok(text) = std::str::from_utf8(&bytes) else {
            return Err(WriteError::Unwritten { place: self.place(), reason: "the file is not UTF-8".to_owned() });
        };
        let mut text = text.to_owned();
        for (name, value) in assignments(change) {
            text = assigned(&text, &name, value.as_deref());
        }
        files::write(&self.path, text.as_bytes())?;
        Ok(Written::Done)
    }
}

fn version(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// The text with one variable set where it stood, or at the end, or taken out; everything else stays as it is.
fn assigned(text: &str, name: &str, value: Option<&str>) -> String {
    let (mut lines, mut done) = (Vec::new(), false);
    for line in text.lines() {
        if names(line) != Some(name) {
            lines.push(line.to_owned());
        } else if let Some(value) = value.filter(|_| !done) {
            let export = if line.trim_start().starts_with("export ") { "export " } else { "" };
            lines.push(format!("{export}{name}={value}"));
            done = true;
        }
    }
    if let Some(value) = value.filter(|_| !done) {
        lines.push(format!("{name}={value}"));
    }
    let mut text = lines.join("\n");
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

/// The variable that a line sets.
fn names(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let line = line.strip_prefix("export ").unwrap_or(line);
    line.split_once('=').map(|(name, _)| name.trim())
}

impl Store for Dotenv {
    fn place(&self) -> String {
        self.shown.clone()
    }

    fn read<'a>(&'a self, question: Question<'a>) -> BoxFuture<'a, Sighting> {
        async move { self.sighting(question) }.boxed()
    }

    fn traces<'a>(&'a self, question: Question<'a>) -> BoxFuture<'a, Vec<Trace>> {
        async move {
            let variables = environment::read_dotenv(&self.path, question.environment).unwrap_or_default();
            let of = |name: &str| {
                variables.get(name).map(|value| trace(question, self.place(), name, value.expose_secret()))
            };
            question.declared.variables().into_iter().filter_map(of).collect()
        }
        .boxed()
    }

    fn can_write(&self) -> bool {
        true
    }

    fn keeps_text(&self) -> bool {
        true
    }

    fn instruction(&self, change: &Change) -> String {
        format!("in {}: {}; then restart the app", self.shown, told(&assignments(change)))
    }

    fn switch<'a>(&'a self, permitted: Permitted<'a>) -> BoxFuture<'a, Result<Written, WriteError>> {
        async move { self.change(permitted.change()) }.boxed()
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::{Dotenv, assigned};
    use crate::adapter::files;
    use crate::adapter::flags::store::{Question, Store as _, WriteError, Written};
    use crate::domain::flag::Declared;
    use crate::domain::flag::change::{Change, Permit, Turn};
    use crate::domain::flag::parser::{Parser, Rule};

    #[test]
    fn one_line_changes_and_the_others_stay() {
        let text = "# a comment\nA=1\nexport X=0\nB='x y'\nX=2\n";
        assert_eq!(assigned(text, "X", Some("1")), "# a comment\nA=1\nexport X=1\nB='x y'\n");
        assert_eq!(assigned(text, "X", None), "# a comment\nA=1\nB='x y'\n");
        assert_eq!(assigned("A=1", "X", Some("1")), "A=1\nX=1\n");
        assert_eq!(assigned("X=1\n", "X", None), "");
    }

    #[tokio::test]
    async fn a_flag_is_switched_and_the_legacy_name_goes_with_it() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join(".env.staging");
        files::write(&path, b"FEATURE_FLAG_X=1\nOTHER=2\n").unwrap();
        let parser = Parser::of(Some(Rule::Prefixed), &["FEATURE_X", "FEATURE_FLAG_X"]);
        let declared = Declared { parser, ..Declared::default() };
        let store = Dotenv::new(root.path(), ".env.staging");
        let question = Question { flag: "x", declared: &declared, parser: &declared.parser, environment: "staging" };
        let before = store.read(question).await;
        assert_eq!((before.switch.as_str(), before.by.as_deref()), ("on", Some("FEATURE_FLAG_X")));
        let change = Change {
            flag: "x",
            declared: &declared,
            environment: "staging",
            turn: Turn::Off,
            expected: before.version.as_deref(),
        };
        let other = Permit::grant("sha", "y", "staging", Timestamp::MAX);
        let refused = store.write(change, &other, Timestamp::UNIX_EPOCH).await.unwrap_err();
        assert!(matches!(refused, WriteError::NotPermitted(_)), "{refused}");
        let permit = Permit::grant("sha", "x", "staging", Timestamp::MAX);
        assert_eq!(store.write(change, &permit, Timestamp::UNIX_EPOCH).await.unwrap(), Written::Done);
        assert_eq!(files::read(&path).unwrap(), "OTHER=2\n");
        assert_eq!(store.read(question).await.switch.as_str(), "off");
        // Based on what it was before: somebody else has written it since.
        let late = store.write(change, &permit, Timestamp::UNIX_EPOCH).await.unwrap_err();
        assert_eq!(late.to_string(), ".env.staging has changed since it was read: nothing was written");
    }

    #[tokio::test]
    async fn a_file_that_is_missing_or_broken_is_unknown() {
        let root = tempfile::tempdir().unwrap();
        files::write(&root.path().join("broken"), b"X='1\n").unwrap();
        let declared = Declared { parser: Parser::of(None, &["X"]), ..Declared::default() };
        let question = Question { flag: "x", declared: &declared, parser: &declared.parser, environment: "staging" };
        for name in ["missing", "broken"] {
            let seen = Dotenv::new(root.path(), name).read(question).await;
            assert_eq!(seen.switch.as_str(), "unreadable", "{name}");
        }
    }
}
