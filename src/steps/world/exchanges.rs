//! What a scenario asked and was answered: its own exchanges, or those of an earlier performance with one of them changed.

use std::sync::{Arc, Mutex};

use serde_json::Value;

use crate::adapter::stage::lock;
use crate::domain::exchange::{Exchange, Request};
use crate::steps::world::script::Performance;

/// One answer of an earlier performance that comes changed.
pub struct Changed {
    pub at: usize,
    pub exchange: Exchange,
    /// Its body as JSON, where that is known without reading it.
    pub document: Option<Arc<Value>>,
}

/// The exchanges of a scenario. It notes which of the answers were looked at.
#[derive(Default)]
pub struct Exchanges {
    /// What it shares with an earlier performance, and how many of that one's exchanges.
    earlier: Option<Arc<Performance>>,
    shared: usize,
    changed: Option<Box<Changed>>,
    own: Vec<Exchange>,
    /// In a lock, and not a cell: who asks probes goes from thread to thread while it waits.
    looked_at: Mutex<Span>,
}

/// Answers from one to another, without the last: all that lie between two that were looked at are taken for looked at, too.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Span {
    from: usize,
    to: usize,
}

impl Span {
    pub fn holds(self, index: usize) -> bool {
        (self.from..self.to).contains(&index)
    }

    /// With these, too.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        match (self.from < self.to, other.from < other.to) {
            (false, _) => other,
            (_, false) => self,
            _ => Self { from: self.from.min(other.from), to: self.to.max(other.to) },
        }
    }

    pub fn one(index: usize) -> Self {
        Self { from: index, to: index + 1 }
    }

    pub fn first(count: usize) -> Self {
        Self { from: 0, to: count }
    }
}

impl Exchanges {
    /// Those of an earlier performance, of which none is shared so far, with one of them changed.
    pub fn of(earlier: Arc<Performance>, changed: Option<Changed>) -> Self {
        Self { earlier: Some(earlier), changed: changed.map(Box::new), ..Self::default() }
    }

    pub fn len(&self) -> usize {
        self.shared + self.own.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn push(&mut self, exchange: Exchange) {
        self.own.push(exchange);
    }

    /// The first `count` exchanges of the earlier performance are those of this one.
    pub fn share(&mut self, count: usize) {
        self.shared = count;
    }

    /// The request of a turn, which is what it is whatever was answered.
    pub fn request(&self, index: usize) -> Option<&Request> {
        self.at(index).map(|exchange| &exchange.request)
    }

    /// The exchange of a turn: its answer is looked at.
    pub fn get(&self, index: usize) -> Option<&Exchange> {
        self.look(Span::one(index));
        self.at(index)
    }

    pub fn last(&self) -> Option<&Exchange> {
        self.get(self.len().checked_sub(1)?)
    }

    /// All of them: all answers are looked at.
    pub fn iter(&self) -> impl Iterator<Item = &Exchange> {
        self.look(Span::first(self.len()));
        (0..self.len()).filter_map(|index| self.at(index))
    }

    /// The body of a shared answer as JSON, where it is known.
    pub fn document(&self, index: usize) -> Option<&Arc<Value>> {
        self.look(Span::one(index));
        match &self.changed {
            Some(changed) if changed.at == index => changed.document.as_ref(),
            _ if index < self.shared => self.earlier.as_ref()?.document(index),
            _ => None,
        }
    }

    fn at(&self, index: usize) -> Option<&Exchange> {
        if index >= self.shared {
            return self.own.get(index - self.shared);
        }
        match &self.changed {
            Some(changed) if changed.at == index => Some(&changed.exchange),
            _ => self.earlier.as_ref()?.exchanges.get(index),
        }
    }

    fn look(&self, span: Span) {
        let mut looked_at = lock(&self.looked_at);
        *looked_at = looked_at.with(span);
    }

    /// The answers that were looked at since this was last called.
    pub fn take_looked_at(&self) -> Span {
        std::mem::take(&mut *lock(&self.looked_at))
    }

    /// All that are its own.
    pub fn into_own(self) -> Vec<Exchange> {
        self.own
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use bytes::Bytes;
    use http::{HeaderMap, Method, StatusCode};
    use jiff::Timestamp;

    use super::{Changed, Exchanges, Span};
    use crate::domain::exchange::{Exchange, Request, Response};
    use crate::steps::world::script::Performance;

    fn exchange(status: u16) -> Exchange {
        let url = "http://shop.example/".parse().unwrap();
        let request = Request { method: Method::GET, url, headers: HeaderMap::new(), body: Bytes::new() };
        let status = StatusCode::from_u16(status).unwrap();
        let answer = Response { status, headers: HeaderMap::new(), body: Bytes::from_static(b"[1]") };
        let (started, duration) = (Timestamp::UNIX_EPOCH, Duration::ZERO);
        Exchange { request, outcome: Ok(answer), started, duration, approval: None }
    }

    fn statuses(exchanges: &Exchanges) -> Vec<u16> {
        exchanges.iter().map(|exchange| exchange.outcome.as_ref().unwrap().status.as_u16()).collect()
    }

    #[test]
    fn shared_exchanges_come_first_with_one_of_them_changed() {
        let earlier = Arc::new(Performance::of(vec![exchange(200), exchange(201), exchange(202)], Vec::new()));
        let changed = Changed { at: 1, exchange: exchange(500), document: None };
        let mut exchanges = Exchanges::of(Arc::clone(&earlier), Some(changed));
        assert!(exchanges.is_empty() && exchanges.last().is_none());
        exchanges.share(2);
        assert_eq!(statuses(&exchanges), [200, 500]);
        exchanges.push(exchange(404));
        assert_eq!((statuses(&exchanges), exchanges.len()), (vec![200, 500, 404], 3));
        assert_eq!(earlier.exchanges.len(), 3);
        // What was changed is not known to be the document that it was; what is not shared is nobody's.
        assert!(exchanges.document(0).is_some() && exchanges.document(1).is_none() && exchanges.document(2).is_none());
    }

    #[test]
    fn who_looks_at_an_answer_is_noted_and_who_sends_its_request_again_is_not() {
        let mut exchanges = Exchanges::default();
        (0..5).for_each(|_| exchanges.push(exchange(200)));
        assert!(exchanges.request(0).is_some());
        assert_eq!(exchanges.take_looked_at(), Span::default());
        exchanges.last();
        assert_eq!(exchanges.take_looked_at(), Span::one(4));
        exchanges.get(1);
        exchanges.get(3);
        let both = exchanges.take_looked_at();
        assert_eq!([0, 1, 2, 3, 4].map(|index| both.holds(index)), [false, true, true, true, false]);
        assert_eq!(exchanges.iter().count(), 5);
        assert!((0..5).all(|index| exchanges.take_looked_at().holds(index) || index > 0));
    }
}
