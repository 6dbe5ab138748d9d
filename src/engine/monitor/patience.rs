//! How long a service that asks for patience is left alone.

use jiff::{SignedDuration, Timestamp};

use crate::domain::probe::run::ProbeRun;
use crate::wire::retry_after;

/// Never longer: a service that is not asked is unknown.
const LONGEST: SignedDuration = SignedDuration::from_hours(1);
/// Where it says no time.
const USUAL: SignedDuration = SignedDuration::from_mins(1);

/// Until when a probe is not asked again, because its service answered 429; None where it did not.
pub fn until(run: &ProbeRun, now: Timestamp) -> Option<Timestamp> {
    let mut throttled = run.steps.iter().flat_map(|step| &step.exchanges).filter(|it| it.status == Some(429));
    let answer = throttled.next_back()?;
    let asked = answer.response_headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("retry-after"));
    let wait = asked.and_then(|(_, value)| retry_after::seconds(value, now));
    let wait = wait.and_then(|seconds| SignedDuration::try_from_secs_f64(seconds).ok()).unwrap_or(USUAL);
    now.checked_add(wait.min(LONGEST)).ok()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::until;
    use crate::domain::probe::ask::Kind;
    use crate::domain::probe::cannot::{CannotTell, Word};
    use crate::domain::probe::run::{ProbeRun, StepRun};
    use crate::domain::probe::service::Service;
    use crate::domain::probe::specified::Depth;
    use crate::domain::record::Outcome;
    use crate::domain::record::recorded_exchange::RecordedExchange;

    fn run(status: u16, header: Option<&str>) -> ProbeRun {
        let exchange = RecordedExchange {
            method: "GET".into(),
            path: "/".into(),
            request_headers: Vec::new(),
            request_body: None,
            status: Some(status),
            no_answer: None,
            response_headers: header.map(|value| ("Retry-After".into(), value.into())).into_iter().collect(),
            response_body: None,
            duration_us: 1,
            approval: None,
        };
        let none = CannotTell::new(Word::Failed, "");
        let step = StepRun::unasked("liveness", Kind::Http, Depth::Liveness, none);
        ProbeRun {
            probe: "shopify".parse().unwrap(),
            integration: "shopify".parse().unwrap(),
            title: String::new(),
            service: Service::Api,
            outcome: Outcome::Broken,
            started: Timestamp::UNIX_EPOCH,
            duration_us: 1,
            steps: vec![StepRun { exchanges: vec![exchange], ..step }],
            host: None,
        }
    }

    #[test]
    fn a_service_is_left_alone_for_as_long_as_it_asks_and_no_longer_than_an_hour() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        for (status, header, seconds) in [
            (429, Some("30"), Some(30)),
            (429, Some("2.0"), Some(2)),
            (429, Some("Fri, 15 Jan 2027 08:02:00 GMT"), Some(120)),
            (429, Some("86400"), Some(3600)),
            (429, Some("soon"), Some(60)),
            (429, None, Some(60)),
            (503, Some("30"), None),
            (200, None, None),
        ] {
            let waited = until(&run(status, header), now).map(|until| until.duration_since(now).as_secs());
            assert_eq!(waited, seconds, "{status} {header:?}");
        }
    }
}
