//! The answers of an earlier performance of a scenario: who sends the same requests again has them without asking.

use std::sync::Arc;

use crate::domain::exchange::{Exchange, Request};

/// What was answered, in order. A twin that hears the same requests in the same order answers the same.
pub struct Script {
    exchanges: Arc<[Exchange]>,
    left: bool,
}

impl Script {
    pub fn of(exchanges: Arc<[Exchange]>) -> Self {
        Self { exchanges, left: false }
    }

    /// The exchange of this turn; None, and the script is left, where another request was made in it.
    pub fn recall(&mut self, turn: usize, request: &Request) -> Option<&Exchange> {
        let known = self.exchanges.get(turn).filter(|known| known.request == *request);
        self.left |= known.is_none();
        known
    }

    /// Something happened that the script does not know.
    pub fn leave(&mut self) {
        self.left = true;
    }

    /// What came of the performance is not known by the script.
    pub fn is_left(&self) -> bool {
        self.left
    }
}
