//! What a client counts of one host: calls and what came of them, retries, and what was not asked and why.

use serde::Serialize;

use crate::wire::resilience::breaker::Stand;
use crate::wire::resilience::latency::Latency;
use crate::wire::resilience::verdict::Kind;

/// Counts of one host, from the client's beginning.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    pub calls: u64,
    pub attempts: u64,
    pub well: u64,
    pub refused: u64,
    pub throttled: u64,
    pub failed: u64,
    /// Calls that ended well behind a retry.
    pub saved: u64,
    /// Calls of which nothing was sent: the breaker was open, or the host had asked to wait for longer than there was time.
    pub not_asked: u64,
    /// Retries that the budget did not allow.
    pub over_budget: u64,
    /// Of single attempts.
    pub latency: Latency,
}

impl Tally {
    pub fn note(&mut self, kind: Kind, took: std::time::Duration) {
        self.attempts += 1;
        self.latency.note(took);
        *match kind {
            Kind::Well => &mut self.well,
            Kind::Refused => &mut self.refused,
            Kind::Throttled => &mut self.throttled,
            Kind::Failed => &mut self.failed,
        } += 1;
    }
}

/// The counts of one host as they are told. Times are milliseconds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Metrics {
    /// Scheme, host and port.
    pub host: String,
    pub calls: u64,
    pub attempts: u64,
    pub retries: u64,
    pub well: u64,
    pub refused: u64,
    pub throttled: u64,
    pub failed: u64,
    pub saved_by_retry: u64,
    pub not_asked: u64,
    pub over_budget: u64,
    /// Absent without a breaker.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub breaker: Option<Stand>,
    pub breaker_opened: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p50_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p95_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p99_ms: Option<f64>,
}

impl Metrics {
    pub fn of(host: &str, tally: &Tally, breaker: Option<(Stand, u64)>) -> Self {
        let millis = |of_thousand| Some(tally.latency.within(of_thousand)?.as_secs_f64() * 1000.0);
        // Calls of which nothing was sent made no attempt.
        let first = tally.calls.saturating_sub(tally.not_asked);
        Self {
            host: host.to_owned(),
            calls: tally.calls,
            attempts: tally.attempts,
            retries: tally.attempts.saturating_sub(first),
            well: tally.well,
            refused: tally.refused,
            throttled: tally.throttled,
            failed: tally.failed,
            saved_by_retry: tally.saved,
            not_asked: tally.not_asked,
            over_budget: tally.over_budget,
            breaker: breaker.map(|(stand, _)| stand),
            breaker_opened: breaker.map_or(0, |(_, opened)| opened),
            p50_ms: millis(500),
            p95_ms: millis(950),
            p99_ms: millis(990),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Metrics, Stand, Tally};
    use crate::wire::resilience::verdict::Kind;

    #[test]
    fn what_was_counted_is_told() {
        let mut tally = Tally { calls: 3, not_asked: 1, saved: 1, ..Tally::default() };
        tally.note(Kind::Failed, Duration::from_millis(8));
        tally.note(Kind::Well, Duration::from_millis(1));
        tally.note(Kind::Refused, Duration::from_millis(1));
        let told = Metrics::of("https://a.example", &tally, Some((Stand::Closed, 0)));
        assert_eq!((told.attempts, told.retries, told.well, told.refused, told.failed), (3, 1, 1, 1, 1));
        assert!(told.p99_ms.is_some_and(|ms| (8.0..9.1).contains(&ms)));
        assert_eq!(serde_json::to_value(&told).unwrap()["breaker"], "closed");
    }
}
