//! What each caller of the client may do to get an answer: who asks once, who asks again, and who stops asking.

use std::time::Duration;

use crate::wire::resilience::backoff::Backoff;
use crate::wire::resilience::{breaker, budget};

/// The habits of one caller.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Habits {
    /// Attempts that one call makes at most, the first one counted.
    pub attempts: u32,
    /// For one attempt.
    pub timeout: Duration,
    /// For a call with all its attempts and waits.
    pub deadline: Duration,
    pub backoff: Backoff,
    pub retries: Retries,
    /// Retries of all calls to a host together; None where they are not counted.
    pub budget: Option<budget::Plan>,
    pub breaker: Option<breaker::Plan>,
}

/// Which failures are asked again.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Retries {
    /// None: what came is what is told.
    None,
    /// Only where the service says itself that it was asked too often, and when to come back.
    WhenAskedTo,
    /// Whatever asking again can help, and does no harm.
    Helpful,
}

impl Habits {
    /// A probe asks once within its own time: a retry would hide just what it is there to see. A monitor decides over several
    /// runs whether a bad answer is believed.
    pub fn probe(timeout: Duration) -> Self {
        Self { attempts: 1, deadline: timeout, retries: Retries::None, budget: None, breaker: None, ..Self::usual(timeout) }
    }

    /// A contract asks a live service once, because a retry would hide a broken promise. Only a vendor that answers 429 and says
    /// when to come back is asked once more, then: that is no promise but a queue.
    pub fn contract(timeout: Duration) -> Self {
        let deadline = timeout.saturating_mul(2).saturating_add(Duration::from_secs(30));
        Self { attempts: 2, deadline, retries: Retries::WhenAskedTo, budget: None, breaker: None, ..Self::usual(timeout) }
    }

    /// A store of flags is asked until it answers, within the time that one question has: its answer is looked at, and not how
    /// it came. It has no breaker, because a flip watches for the moment in which it answers. What changes a store is sent once,
    /// and by no caller.
    pub fn store(timeout: Duration) -> Self {
        Self { attempts: 3, deadline: timeout, breaker: None, ..Self::usual(timeout) }
    }

    /// An alert has to arrive.
    pub fn alert() -> Self {
        let timeout = Duration::from_secs(10);
        Self { attempts: 4, deadline: Duration::from_mins(2), ..Self::usual(timeout) }
    }

    fn usual(timeout: Duration) -> Self {
        Self {
            attempts: 4,
            timeout,
            deadline: timeout,
            backoff: Backoff::default(),
            retries: Retries::Helpful,
            budget: Some(budget::Plan::default()),
            breaker: Some(breaker::Plan::default()),
        }
    }
}
