//! The answers of an earlier performance of a scenario: who sends the same requests again has them without asking.

use std::sync::{Arc, OnceLock};

use serde_json::Value;

use crate::domain::delivery::Delivery;
use crate::domain::exchange::{Exchange, Request};
use crate::domain::json;

/// What was asked, answered and delivered when a scenario was performed, in order. A twin that hears the same requests in
/// the same order answers the same.
#[derive(Default)]
pub struct Performance {
    pub exchanges: Vec<Exchange>,
    pub deliveries: Vec<Delivery>,
    /// The bodies of the answers as JSON, each read once for all who look at it.
    documents: Vec<OnceLock<Option<Arc<Value>>>>,
}

impl Performance {
    pub fn of(exchanges: Vec<Exchange>, deliveries: Vec<Delivery>) -> Self {
        let documents = exchanges.iter().map(|_| OnceLock::new()).collect();
        Self { exchanges, deliveries, documents }
    }

    /// The body of an answer as JSON; None where there is no answer, or where its body is none.
    pub fn document(&self, index: usize) -> Option<&Arc<Value>> {
        let read = || {
            let answer = self.exchanges.get(index)?.outcome.as_ref().ok()?;
            json::parse(&answer.body).ok().map(Arc::new)
        };
        self.documents.get(index)?.get_or_init(read).as_ref()
    }
}

/// A performance that is followed as long as the scenario asks what it asked then.
pub struct Script {
    pub performance: Arc<Performance>,
    /// How many webhooks were delivered by now; None where that is not known.
    delivered: Option<usize>,
    left: bool,
}

impl Script {
    pub fn of(performance: Arc<Performance>) -> Self {
        Self { performance, delivered: Some(0), left: false }
    }

    /// The exchange of this turn; None, and the script is left, where another request was made in it.
    pub fn recall(&mut self, turn: usize, request: &Request) -> Option<&Exchange> {
        let known = self.performance.exchanges.get(turn).filter(|known| known.request == *request);
        self.left |= known.is_none();
        known
    }

    /// The webhooks that were delivered by now; None, and the script is left, where that is not known.
    pub fn deliveries(&mut self) -> Option<&[Delivery]> {
        let delivered = self.delivered.and_then(|delivered| self.performance.deliveries.get(..delivered));
        self.left |= delivered.is_none();
        delivered
    }

    /// So many webhooks were delivered by now, where that is known.
    pub fn deliver(&mut self, delivered: Option<usize>) {
        self.delivered = delivered;
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
