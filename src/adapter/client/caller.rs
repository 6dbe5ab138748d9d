//! A client that does not give up at once and does not storm: retries, waits, budget, breaker and deadline around each call.
//!
//! What is decided is decided in [`crate::wire::resilience`]; here it is done, and counted by host.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use http::StatusCode;

use crate::adapter::client::habits::{Habits, Retries};
use crate::adapter::client::{Client, Sent, is_safe};
use crate::adapter::stage::lock;
use crate::adapter::{clock, random};
use crate::domain::exchange::{NoAnswer, Request, Response};
use crate::wire::hint;
use crate::wire::resilience::backoff::spread;
use crate::wire::resilience::breaker::{Breaker, Pass};
use crate::wire::resilience::budget::Budget;
use crate::wire::resilience::tally::{Metrics, Tally};
use crate::wire::resilience::verdict::{self, Again, Kind, Verdict, is_repeatable};

/// A number from 0 to 1, another one each time.
pub type Dice = Arc<dyn Fn() -> f64 + Send + Sync>;

/// A client with habits. Clones share what they know of each host.
#[derive(Clone)]
pub struct Caller {
    client: Client,
    habits: Habits,
    hosts: Arc<Mutex<BTreeMap<String, Host>>>,
    dice: Dice,
    began: Instant,
}

/// What is known of one host.
struct Host {
    breaker: Option<Breaker>,
    budget: Option<Budget>,
    /// It asked all calls to stay away until then, since the beginning.
    not_before: Duration,
    tally: Tally,
}

/// What came of a call.
pub struct Called {
    /// The last attempt; None where nothing was sent.
    pub last: Option<Sent>,
    pub attempts: u32,
    /// With all attempts and waits.
    pub took: Duration,
    /// Why it was not asked, or not asked again; None where it ended well, or asking again could not help.
    pub stopped: Option<Stopped>,
}

/// Why a call went no further.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Stopped {
    #[error("it failed too often in a row and is left alone for another {:.0} s", .0.as_secs_f64().ceil())]
    BreakerOpen(Duration),
    #[error("it asks to wait for {:.0} s, which is longer than there is time", .0.as_secs_f64().ceil())]
    WaitTooLong(Duration),
    #[error("there is no time left for another attempt")]
    Deadline,
    #[error("all retries that are allowed were made")]
    Attempts,
    #[error("too many calls were tried again already")]
    Budget,
}

/// Why a call brought no good answer.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    #[error("{0}")]
    NotPermitted(String),
    #[error("it was not asked: {0}")]
    NotAsked(Stopped),
    #[error("{reason}{}", tried(*attempts, stopped.as_ref()))]
    NoAnswer { reason: NoAnswer, attempts: u32, stopped: Option<Stopped> },
    #[error("it answers {} too often asked{}", status.as_u16(), tried(*attempts, stopped.as_ref()))]
    Throttled { status: StatusCode, attempts: u32, stopped: Option<Stopped> },
    #[error("it refuses the request with {}", status.as_u16())]
    Refused { status: StatusCode },
    #[error("it fails with {}{}", status.as_u16(), tried(*attempts, stopped.as_ref()))]
    Failed { status: StatusCode, attempts: u32, stopped: Option<Stopped> },
}

fn tried(attempts: u32, stopped: Option<&Stopped>) -> String {
    let many = if attempts > 1 { format!(" ({attempts} attempts)") } else { String::new() };
    stopped.map_or(many.clone(), |stopped| format!("{many}: {stopped}"))
}

impl Called {
    /// The answer, where it is a good one.
    ///
    /// # Errors
    /// Why there is none.
    pub fn result(self) -> Result<Response, CallError> {
        let Self { last, attempts, stopped, .. } = self;
        let Some(sent) = last else { return Err(CallError::NotAsked(stopped.unwrap_or(Stopped::Deadline))) };
        if let Some(refused) = sent.refused {
            return Err(CallError::NotPermitted(refused));
        }
        let kind = verdict::of(sent.outcome.as_ref(), clock::now()).kind;
        match (sent.outcome, kind) {
            (Err(reason), _) => Err(CallError::NoAnswer { reason, attempts, stopped }),
            (Ok(response), Kind::Well) => Ok(response),
            (Ok(response), Kind::Refused) => Err(CallError::Refused { status: response.status }),
            (Ok(response), Kind::Throttled) => Err(CallError::Throttled { status: response.status, attempts, stopped }),
            (Ok(response), Kind::Failed) => Err(CallError::Failed { status: response.status, attempts, stopped }),
        }
    }
}

/// What is next.
enum Next {
    Ask(Pass),
    Wait(Duration),
    Stop(Stopped),
}

impl Caller {
    pub fn new(client: Client, habits: Habits) -> Self {
        Self::with(client, habits, Arc::new(random::chance))
    }

    /// The same with dice of the caller's own.
    pub fn with(client: Client, habits: Habits, dice: Dice) -> Self {
        Self { client, habits, hosts: Arc::default(), dice, began: clock::start() }
    }

    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Sends a request as the client does, as often as the habits allow.
    pub async fn call(&self, request: &Request) -> Called {
        self.call_by(request, |timeout| self.client.send(request, None, timeout)).await
    }

    /// The same, sent in another way than the client's usual one. What it is given is the time that one attempt has.
    pub async fn call_by<F>(&self, request: &Request, send: impl Fn(Duration) -> F) -> Called
    where
        F: Future<Output = Sent>,
    {
        let start = clock::start();
        let host = request.url.origin().ascii_serialization();
        let repeatable = is_repeatable(request) || is_safe(request);
        self.at(&host, |host| {
            host.tally.calls += 1;
            if let Some(budget) = &mut host.budget {
                budget.deposit();
            }
        });
        let (mut attempts, mut last) = (0, None);
        let stopped = loop {
            let left = self.habits.deadline.saturating_sub(start.elapsed());
            let pass = match self.next(&host, left) {
                Next::Ask(pass) => pass,
                Next::Wait(pause) => {
                    tokio::time::sleep(pause).await;
                    continue;
                }
                Next::Stop(why) => break Some(why),
            };
            let sent = send(self.habits.timeout.min(left)).await;
            attempts += 1;
            let verdict = verdict::of(sent.outcome.as_ref(), clock::now());
            if sent.refused.is_some() {
                // Nobody was asked, so that nothing was learned.
                self.at(&host, |host| host.tally.not_asked += 1);
                last = Some(sent);
                break None;
            }
            self.note(&host, pass, verdict, &sent, attempts);
            last = Some(sent);
            let left = self.habits.deadline.saturating_sub(start.elapsed());
            match self.again(&host, pass, verdict, repeatable, attempts, left) {
                Ok(Some(pause)) => tokio::time::sleep(pause).await,
                Ok(None) => break None,
                Err(why) => break Some(why),
            }
        };
        if last.is_none() {
            self.at(&host, |host| host.tally.not_asked += 1);
        }
        Called { last, attempts, took: start.elapsed(), stopped }
    }

    fn next(&self, host: &str, left: Duration) -> Next {
        let now = self.began.elapsed();
        self.at(host, |host| {
            let pause = host.not_before.saturating_sub(now);
            if !pause.is_zero() {
                let pause = pause + spread(pause, (self.dice)());
                return if pause < left { Next::Wait(pause) } else { Next::Stop(Stopped::WaitTooLong(pause)) };
            }
            if left.is_zero() {
                return Next::Stop(Stopped::Deadline);
            }
            match host.breaker.as_mut().map(|breaker| breaker.admit(now)) {
                Some(Err(closed_for)) => Next::Stop(Stopped::BreakerOpen(closed_for)),
                Some(Ok(pass)) => Next::Ask(pass),
                None => Next::Ask(Pass::default()),
            }
        })
    }

    fn note(&self, host: &str, pass: Pass, verdict: Verdict, sent: &Sent, attempts: u32) {
        let now = self.began.elapsed();
        let announced = sent.outcome.as_ref().ok().and_then(|response| {
            let is_spent = hint::remaining(&response.headers) == Some(0);
            let asked = hint::asked(&response.headers, &[], clock::now()).filter(|_| is_spent)?;
            Some(Duration::from_micros(asked.us))
        });
        self.at(host, |host| {
            host.tally.note(verdict.kind, sent.took);
            host.tally.saved += u64::from(verdict.kind == Kind::Well && attempts > 1);
            if let Some(breaker) = &mut host.breaker {
                breaker.note(pass, verdict.kind, now);
            }
            // Who was told to wait, or that nothing is left, keeps all calls away, and not this one alone.
            let pause = verdict.wait.filter(|_| verdict.kind == Kind::Throttled).max(announced);
            host.not_before = host.not_before.max(now.saturating_add(pause.unwrap_or_default()));
        });
    }

    /// The pause before the next attempt; None where there is none to be made.
    fn again(
        &self,
        host: &str,
        pass: Pass,
        verdict: Verdict,
        repeatable: bool,
        attempts: u32,
        left: Duration,
    ) -> Result<Option<Duration>, Stopped> {
        let helps = match (self.habits.retries, verdict.again) {
            (Retries::None, _) | (_, Again::Never) => false,
            (Retries::WhenAskedTo, again) => {
                verdict.kind == Kind::Throttled && verdict.wait.is_some() && again == Again::NotDone
            }
            (Retries::Helpful, Again::NotDone) => true,
            (Retries::Helpful, Again::MayBeDone) => repeatable,
        };
        // Whether the service is well again was just asked, and answered.
        if !helps || pass.is_trial {
            return Ok(None);
        }
        if attempts >= self.habits.attempts {
            return Err(Stopped::Attempts);
        }
        let chance = (self.dice)();
        let pause = match verdict.wait {
            Some(asked) => self.habits.backoff.asked(asked, attempts - 1, chance),
            None => self.habits.backoff.own(attempts - 1, chance),
        };
        if pause >= left {
            return Err(if verdict.wait.is_some() { Stopped::WaitTooLong(pause) } else { Stopped::Deadline });
        }
        self.at(host, |host| {
            if host.budget.as_mut().is_none_or(Budget::withdraw) {
                return Ok(Some(pause));
            }
            host.tally.over_budget += 1;
            Err(Stopped::Budget)
        })
    }

    fn at<T>(&self, host: &str, what: impl FnOnce(&mut Host) -> T) -> T {
        let mut hosts = lock(&self.hosts);
        if let Some(known) = hosts.get_mut(host) {
            return what(known);
        }
        let Habits { breaker, budget, .. } = self.habits;
        let fresh = Host {
            breaker: breaker.map(Breaker::new),
            budget: budget.map(Budget::new),
            not_before: Duration::ZERO,
            tally: Tally::default(),
        };
        what(hosts.entry(host.to_owned()).or_insert(fresh))
    }

    /// The counts of each host.
    pub fn metrics(&self) -> Vec<Metrics> {
        let told = |(name, host): (&String, &Host)| {
            Metrics::of(name, &host.tally, host.breaker.map(|breaker| (breaker.stand(), breaker.opened())))
        };
        lock(&self.hosts).iter().map(told).collect()
    }
}
