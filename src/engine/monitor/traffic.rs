//! What a run's requests were and what their answers announced, whatever the run was for.

use jiff::Timestamp;

use crate::domain::monitor::traffic::{Calls, Deliveries};
use crate::domain::probe::ask::Kind;
use crate::domain::probe::run::{ProbeRun, StepRun};
use crate::domain::record::recorded_exchange::RecordedExchange;
use crate::wire::quota;

/// What was sent within one run or several.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Traffic {
    pub calls: Calls,
    pub deliveries: Deliveries,
}

impl Traffic {
    /// Of a run that ended at `now`. What other protocols than HTTP sent is no call of an API.
    pub fn of(run: &ProbeRun, now: Timestamp) -> Self {
        let mut traffic = Self::default();
        for step in &run.steps {
            match step.kind {
                Kind::Webhook => traffic.deliveries.add(&deliveries(step)),
                _ => step.exchanges.iter().for_each(|exchange| traffic.calls.add(&call(exchange, now))),
            }
        }
        traffic
    }

    pub fn add(&mut self, other: &Self) {
        self.calls.add(&other.calls);
        self.deliveries.add(&other.deliveries);
    }
}

fn call(exchange: &RecordedExchange, now: Timestamp) -> Calls {
    let header = |name: &str| {
        let found = exchange.response_headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.to_string())
    };
    let is_error = exchange.status.is_none_or(|status| status >= 400);
    Calls {
        calls: 1,
        errors: u64::from(is_error),
        throttled: u64::from(exchange.status == Some(429)),
        quota: quota::announced(&header, now),
    }
}

/// The rightly signed delivery stands last, after the wrongly signed one where that was sent.
fn deliveries(step: &StepRun) -> Deliveries {
    let Some((right, wrong)) = step.exchanges.split_last() else { return Deliveries::default() };
    let status = |exchange: &RecordedExchange| exchange.status.unwrap_or_default();
    let refused = wrong.iter().filter(|exchange| (400..500).contains(&status(exchange))).count();
    Deliveries {
        delivered: 1,
        verified: u64::from((200..300).contains(&status(right))),
        forged: wrong.len() as u64,
        refused: refused as u64,
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::Traffic;
    use crate::domain::monitor::traffic::{Calls, Deliveries};
    use crate::domain::probe::ask::Kind;
    use crate::domain::probe::cannot::{CannotTell, Word};
    use crate::domain::probe::run::{ProbeRun, StepRun};
    use crate::domain::probe::service::Service;
    use crate::domain::probe::specified::Depth;
    use crate::domain::record::Outcome;
    use crate::domain::record::recorded_exchange::RecordedExchange;

    fn exchange(status: Option<u16>, header: Option<(&str, &str)>) -> RecordedExchange {
        RecordedExchange {
            method: "GET".into(),
            path: "/".into(),
            request_headers: Vec::new(),
            request_body: None,
            status,
            no_answer: None,
            response_headers: header.map(|(name, value)| (name.into(), value.into())).into_iter().collect(),
            response_body: None,
            duration_us: 1,
            approval: None,
        }
    }

    fn run(kind: Kind, exchanges: Vec<RecordedExchange>) -> ProbeRun {
        let none = CannotTell::new(Word::Failed, "");
        let step = StepRun { exchanges, ..StepRun::unasked("alive", kind, Depth::Liveness, none) };
        ProbeRun {
            probe: "shopify".parse().unwrap(),
            integration: "shopify".parse().unwrap(),
            title: String::new(),
            service: Service::Api,
            outcome: Outcome::Kept,
            started: Timestamp::UNIX_EPOCH,
            duration_us: 1,
            steps: vec![step],
            host: None,
        }
    }

    #[test]
    fn calls_are_counted_by_what_came_of_them_and_the_last_quota_is_kept() {
        let bucket = |value| Some(("X-Shopify-Shop-Api-Call-Limit", value));
        let run = run(
            Kind::Http,
            vec![
                exchange(Some(200), bucket("1/40")),
                exchange(Some(429), bucket("40/40")),
                exchange(Some(503), None),
                exchange(None, None),
            ],
        );
        let Traffic { calls, deliveries } = Traffic::of(&run, Timestamp::UNIX_EPOCH);
        assert_eq!((calls.calls, calls.errors, calls.throttled), (4, 3, 1));
        assert_eq!(calls.quota.and_then(|quota| quota.remaining), Some(0));
        assert!(deliveries.is_empty());
    }

    #[test]
    fn deliveries_are_counted_by_how_they_were_signed() {
        for (statuses, delivered) in [
            (vec![Some(401), Some(200)], Deliveries { delivered: 1, verified: 1, forged: 1, refused: 1 }),
            (vec![Some(200), Some(200)], Deliveries { delivered: 1, verified: 1, forged: 1, refused: 0 }),
            (vec![Some(401), Some(401)], Deliveries { delivered: 1, verified: 0, forged: 1, refused: 1 }),
            (vec![None, Some(500)], Deliveries { delivered: 1, verified: 0, forged: 1, refused: 0 }),
            (vec![], Deliveries::default()),
        ] {
            let exchanges = statuses.iter().map(|status| exchange(*status, None)).collect();
            let traffic = Traffic::of(&run(Kind::Webhook, exchanges), Timestamp::UNIX_EPOCH);
            assert_eq!(traffic.deliveries, delivered, "{statuses:?}");
            assert_eq!(traffic.calls, Calls::default());
        }
    }
}
