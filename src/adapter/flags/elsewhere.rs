//! Flags in places that we cannot look into: a browser, a constant of the code, a parameter of each request.

use futures::FutureExt as _;
use futures::future::BoxFuture;

use crate::adapter::flags::store::{Permitted, Question, Store, WriteError, Written};
use crate::domain::flag::change::Change;
use crate::domain::flag::sighting::{Sighting, Unseen};

/// A place that nobody outside sees.
pub struct Elsewhere {
    shown: String,
    why: Unseen,
    detail: String,
    todo: String,
}

impl Elsewhere {
    pub fn browser() -> Self {
        Self::new(
            "each user's browser",
            Unseen::Hidden,
            "it is kept in each user's browser",
            "nobody can switch it for all",
        )
    }

    pub fn code() -> Self {
        Self::new("the code", Unseen::Hidden, "it is a constant of the code", "change the constant, and deploy")
    }

    pub fn query(name: &str) -> Self {
        let detail = format!("each request decides by ?{name}=");
        Self::new(&format!("?{name}="), Unseen::Targeted, &detail, "nobody can switch it for all")
    }

    fn new(shown: &str, why: Unseen, detail: &str, todo: &str) -> Self {
        Self { shown: shown.to_owned(), why, detail: detail.to_owned(), todo: todo.to_owned() }
    }
}

impl Store for Elsewhere {
    fn place(&self) -> String {
        self.shown.clone()
    }

    fn read<'a>(&'a self, _question: Question<'a>) -> BoxFuture<'a, Sighting> {
        async move { Sighting::unknown(self.why, self.detail.clone()) }.boxed()
    }

    fn can_write(&self) -> bool {
        false
    }

    fn instruction(&self, _change: &Change) -> String {
        format!("{}: {}", self.shown, self.todo)
    }

    fn switch<'a>(&'a self, permitted: Permitted<'a>) -> BoxFuture<'a, Result<Written, WriteError>> {
        async move { Ok(Written::Instruction(self.instruction(permitted.change()))) }.boxed()
    }
}
