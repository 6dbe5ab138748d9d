//! What every flag store can be asked, and how one is changed.

use futures::future::BoxFuture;
use jiff::Timestamp;

use crate::adapter::files::FileError;
use crate::domain::exchange::NoAnswer;
use crate::domain::flag::Declared;
use crate::domain::flag::change::{Change, NotPermitted, Permit};
use crate::domain::flag::parser::Parser;
use crate::domain::flag::sighting::{Sighting, Trace};
use crate::wire::flags::flagd::NotTurned;

/// Which flag is meant, and who reads it.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The flag's name in the workspace.
    pub flag: &'a str,
    pub declared: &'a Declared,
    /// Who reads the text, where the store keeps text; a store that evaluates does not need it.
    pub parser: &'a Parser,
    pub environment: &'a str,
}

/// What came of a change.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Written {
    /// The store took it; that is not yet a proof that anyone sees it.
    Done,
    /// The store cannot be written from here: what a person has to do.
    Instruction(String),
}

/// Why a store was not changed.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    #[error(transparent)]
    NotPermitted(#[from] NotPermitted),
    #[error("{place} has changed since it was read: nothing was written")]
    Changed { place: String },
    #[error(transparent)]
    NotTurned(#[from] NotTurned),
    #[error(transparent)]
    File(#[from] FileError),
    #[error("{place}: {reason}")]
    Unwritten { place: String, reason: String },
    #[error("{place} did not answer: {reason}")]
    NoAnswer { place: String, reason: NoAnswer },
    #[error("{place} answered {status} and changed nothing that is known")]
    Refused { place: String, status: u16 },
}

impl WriteError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NotPermitted(_) => "approve it first: `preflight approve`".to_owned(),
            Self::Changed { .. } => "look at it again, and begin anew".to_owned(),
            Self::NotTurned(_) => "change the flag where it is defined".to_owned(),
            Self::File(error) => return error.hint().map(str::to_owned),
            Self::Refused { status: 401 | 403, .. } => "give it a token that may switch flags (admin=NAME)".to_owned(),
            Self::Unwritten { .. } | Self::NoAnswer { .. } | Self::Refused { .. } => {
                "look at the flag: `preflight flags`".to_owned()
            }
        })
    }
}

/// One place that keeps flags.
pub trait Store: Send + Sync {
    /// What a person calls it; holds no secret.
    fn place(&self) -> String;

    /// Looks at a flag now, past every cache. What goes wrong is an unknown in the sighting, each with a word of its own.
    fn read<'a>(&'a self, question: Question<'a>) -> BoxFuture<'a, Sighting>;

    /// Every name that has a value here; a rollback has to know them all.
    fn traces<'a>(&'a self, question: Question<'a>) -> BoxFuture<'a, Vec<Trace>> {
        Box::pin(async move {
            let switch = self.read(question).await.switch;
            vec![Trace { place: self.place(), name: question.flag.to_owned(), switch }]
        })
    }

    /// Whether [`Store::write`] does something, or only says what to do.
    fn can_write(&self) -> bool;

    /// What a person has to do to make the change here.
    fn instruction(&self, change: &Change) -> String;

    /// It keeps text, which each of the app's parsers reads in its own way; else it evaluates by itself.
    fn keeps_text(&self) -> bool {
        false
    }

    /// Makes the change, if the permit covers it at `now`.
    fn write<'a>(
        &'a self,
        change: Change<'a>,
        permit: &'a Permit,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Written, WriteError>> {
        Box::pin(async move {
            permit.covers(&change, now)?;
            self.switch(Permitted { change, permit }).await
        })
    }

    /// Does what [`Store::write`] has found to be permitted.
    fn switch<'a>(&'a self, permitted: Permitted<'a>) -> BoxFuture<'a, Result<Written, WriteError>>;
}

/// A change that its permit covers. Only [`Store::write`] makes one, so no store can be switched past it.
#[derive(Clone, Copy, Debug)]
pub struct Permitted<'a> {
    change: Change<'a>,
    permit: &'a Permit,
}

impl<'a> Permitted<'a> {
    pub fn change(&self) -> &Change<'a> {
        &self.change
    }

    pub fn permit(&self) -> &'a Permit {
        self.permit
    }
}

/// The variables that must be set, and those that must be unset, for a flag to be on or off for its parser.
///
/// Off: all names are unset where that means off, otherwise the first one says so and the others are unset.
pub fn assignments(change: &Change) -> Vec<(String, Option<String>)> {
    let (declared, on) = (change.declared, change.turn.is_on());
    let parser = &declared.parser;
    let default = parser.default.unwrap_or(declared.default);
    let first = if on {
        Some(declared.word_for_on().to_owned())
    } else if default {
        Some("0".to_owned())
    } else {
        None
    };
    let mut assigned = Vec::new();
    for name in declared.variables() {
        let is_first = parser.names.first().is_some_and(|own| own == name);
        assigned.push((name.to_owned(), if is_first { first.clone() } else { None }));
    }
    assigned
}

/// The same as lines for a person: `set X=1`, `unset Y`.
pub fn told(assignments: &[(String, Option<String>)]) -> String {
    let line = |(name, value): &(String, Option<String>)| match value {
        Some(value) => format!("set {name}={value}"),
        None => format!("unset {name}"),
    };
    assignments.iter().map(line).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::{assignments, told};
    use crate::domain::flag::Declared;
    use crate::domain::flag::change::{Change, Turn};
    use crate::domain::flag::parser::{Parser, Rule};

    #[test]
    fn off_unsets_every_name_and_says_so_where_the_default_is_on() {
        let parser = Parser::of(Some(Rule::Prefixed), &["FEATURE_X", "FEATURE_FLAG_X"]);
        let off_by_default = Declared { parser: parser.clone(), ..Declared::default() };
        let on_by_default = Declared { parser, default: true, ..Declared::default() };
        let told = |declared: &Declared, turn| {
            told(&assignments(&Change { flag: "x", declared, environment: "staging", turn, expected: None }))
        };
        assert_eq!(told(&off_by_default, Turn::On), "set FEATURE_X=1, unset FEATURE_FLAG_X");
        assert_eq!(told(&off_by_default, Turn::Off), "unset FEATURE_X, unset FEATURE_FLAG_X");
        assert_eq!(told(&on_by_default, Turn::Off), "set FEATURE_X=0, unset FEATURE_FLAG_X");
        assert_eq!(told(&off_by_default, Turn::Back { on: true }), "set FEATURE_X=1, unset FEATURE_FLAG_X");
        let strict = [("jobs".to_owned(), Parser::of(Some(Rule::Exact), &["FEATURE_X"]))].into();
        let read_twice = Declared { other_parsers: strict, ..off_by_default };
        assert_eq!(told(&read_twice, Turn::On), "set FEATURE_X=true, unset FEATURE_FLAG_X", "a word that both take");
    }
}
