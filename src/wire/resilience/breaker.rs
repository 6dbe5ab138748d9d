//! A circuit breaker: who fails again and again is left alone for a while, and then asked one thing at a time.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::wire::resilience::verdict::Kind;

/// When it opens and closes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Plan {
    /// Failures in a row that open it.
    pub failures: u32,
    /// How long nobody is asked then.
    pub open_for: Duration,
    /// Successes that close it again.
    pub successes: u32,
}

impl Default for Plan {
    /// `HotDash` asks this of every client: five failures, sixty seconds, two successes.
    fn default() -> Self {
        Self { failures: 5, open_for: Duration::from_mins(1), successes: 2 }
    }
}

/// One breaker. Times are since some beginning that all calls share.
#[derive(Clone, Copy, Debug)]
pub struct Breaker {
    plan: Plan,
    state: State,
    /// Changes with each change of the state, so that an answer that comes late says nothing about the new one.
    generation: u64,
    opened: u64,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum State {
    Closed { failures: u32 },
    Open { until: Duration },
    /// One is asked at a time: since when the one is on its way.
    HalfOpen { successes: u32, trial: Option<Duration> },
}

/// What is told of a breaker.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stand {
    Closed,
    Open,
    HalfOpen,
}

/// A request that was let through.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Pass {
    generation: u64,
    /// Whether the service is well again hangs on it alone, so that it is not to be asked again at once.
    pub is_trial: bool,
}

impl Breaker {
    pub fn new(plan: Plan) -> Self {
        Self { plan, state: State::Closed { failures: 0 }, generation: 0, opened: 0 }
    }

    pub fn stand(&self) -> Stand {
        match self.state {
            State::Closed { .. } => Stand::Closed,
            State::Open { .. } => Stand::Open,
            State::HalfOpen { .. } => Stand::HalfOpen,
        }
    }

    /// How often it has opened.
    pub fn opened(&self) -> u64 {
        self.opened
    }

    /// Lets a request through.
    ///
    /// # Errors
    /// It does not; with the time after which it may.
    pub fn admit(&mut self, now: Duration) -> Result<Pass, Duration> {
        match self.state {
            State::Closed { .. } => return Ok(Pass { generation: self.generation, is_trial: false }),
            State::Open { until } if now < until => return Err(until - now),
            State::Open { .. } => self.change(State::HalfOpen { successes: 0, trial: None }),
            // One that never came back must not keep it half open for ever.
            State::HalfOpen { trial: Some(since), .. } if now < since.saturating_add(self.plan.open_for) => {
                return Err(since.saturating_add(self.plan.open_for) - now);
            }
            State::HalfOpen { .. } => {}
        }
        if let State::HalfOpen { trial, .. } = &mut self.state {
            *trial = Some(now);
        }
        Ok(Pass { generation: self.generation, is_trial: true })
    }

    /// Notes what came of a request. Refusals of single requests, and being asked to wait, say nothing about the service.
    pub fn note(&mut self, pass: Pass, kind: Kind, now: Duration) {
        if pass.generation != self.generation {
            return;
        }
        match (&mut self.state, kind) {
            (State::Closed { failures }, Kind::Well) => *failures = 0,
            (State::Closed { failures }, Kind::Failed) => {
                *failures += 1;
                if *failures >= self.plan.failures {
                    self.open(now);
                }
            }
            (State::HalfOpen { .. }, Kind::Failed) => self.open(now),
            (State::HalfOpen { successes, trial }, Kind::Well) => {
                *trial = None;
                *successes += 1;
                if *successes >= self.plan.successes {
                    self.change(State::Closed { failures: 0 });
                }
            }
            (State::HalfOpen { trial, .. }, Kind::Refused | Kind::Throttled) => *trial = None,
            _ => {}
        }
    }

    fn open(&mut self, now: Duration) {
        self.opened += 1;
        self.change(State::Open { until: now.saturating_add(self.plan.open_for) });
    }

    fn change(&mut self, state: State) {
        self.state = state;
        self.generation += 1;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::{any, prop, proptest};

    use super::{Breaker, Plan, Stand};
    use crate::wire::resilience::verdict::Kind;

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn failing(times: u32) -> Breaker {
        let mut breaker = Breaker::new(Plan::default());
        for _ in 0..times {
            let pass = breaker.admit(at(0)).unwrap();
            breaker.note(pass, Kind::Failed, at(0));
        }
        breaker
    }

    #[test]
    fn five_failures_open_it_and_two_successes_close_it() {
        assert_eq!(failing(4).stand(), Stand::Closed);
        let mut breaker = failing(5);
        assert_eq!((breaker.stand(), breaker.admit(at(59))), (Stand::Open, Err(at(1))));
        let trial = breaker.admit(at(60)).unwrap();
        assert!(trial.is_trial);
        assert_eq!(breaker.admit(at(61)), Err(at(59)), "one at a time");
        breaker.note(trial, Kind::Well, at(61));
        assert_eq!(breaker.stand(), Stand::HalfOpen);
        let second = breaker.admit(at(61)).unwrap();
        breaker.note(second, Kind::Well, at(62));
        assert_eq!((breaker.stand(), breaker.opened()), (Stand::Closed, 1));
    }

    #[test]
    fn a_trial_that_fails_opens_it_again_and_one_that_is_lost_does_not_hold_it() {
        let mut breaker = failing(5);
        let trial = breaker.admit(at(60)).unwrap();
        breaker.note(trial, Kind::Failed, at(61));
        assert_eq!((breaker.admit(at(120)), breaker.opened()), (Err(at(1)), 2));
        let _lost = breaker.admit(at(121)).unwrap();
        assert!(breaker.admit(at(150)).is_err());
        assert!(breaker.admit(at(181)).is_ok());
    }

    #[test]
    fn refusals_and_throttling_count_neither_way() {
        let mut breaker = failing(4);
        for kind in [Kind::Refused, Kind::Throttled].into_iter().cycle().take(20) {
            let pass = breaker.admit(at(0)).unwrap();
            breaker.note(pass, kind, at(0));
        }
        assert_eq!(breaker.stand(), Stand::Closed);
        let pass = breaker.admit(at(0)).unwrap();
        breaker.note(pass, Kind::Failed, at(0));
        assert_eq!(breaker.stand(), Stand::Open);
    }

    #[test]
    fn an_answer_of_before_says_nothing_about_now() {
        let mut breaker = failing(4);
        let (one, late) = (breaker.admit(at(0)).unwrap(), breaker.admit(at(0)).unwrap());
        breaker.note(one, Kind::Failed, at(0));
        breaker.note(late, Kind::Well, at(1));
        assert_eq!(breaker.stand(), Stand::Open);
        let trial = breaker.admit(at(60)).unwrap();
        breaker.note(late, Kind::Failed, at(60));
        breaker.note(trial, Kind::Well, at(60));
        assert_eq!(breaker.stand(), Stand::HalfOpen);
    }

    proptest! {
        /// Whatever comes: it opens only behind so many failures in a row, and is never open for longer than it says.
        #[test]
        fn it_opens_for_a_reason_and_not_for_ever(steps in prop::collection::vec((0u64..40, 0u8..4, any::<bool>()), 0..200)) {
            let (mut breaker, mut now, mut failed) = (Breaker::new(Plan::default()), 0, 0);
            for (later, kind, is_lost) in steps {
                now += later;
                let kind = [Kind::Well, Kind::Failed, Kind::Refused, Kind::Throttled][usize::from(kind)];
                let before = breaker.opened();
                match breaker.admit(at(now)) {
                    Err(left) => assert!(left <= at(60) && !left.is_zero()),
                    Ok(pass) if !is_lost || !pass.is_trial => {
                        failed = match kind { Kind::Failed => failed + 1, Kind::Well => 0, _ => failed };
                        breaker.note(pass, kind, at(now));
                        assert!(breaker.opened() == before || pass.is_trial || failed >= 5);
                    }
                    Ok(_) => {}
                }
            }
            assert!(breaker.admit(at(now + 120)).is_ok());
        }
    }
}
