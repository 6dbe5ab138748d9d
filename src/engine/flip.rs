//! Proves a flip and its way back: phases in a fixed order, and a rollback behind whatever goes wrong.

pub mod approval;
pub mod canary;
pub mod gate;
pub mod hands;
pub mod journal;
pub mod outside;
#[cfg(test)]
mod tests;

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use crate::check::drift::{self, Shape};
use crate::domain::flag::canary::Canary;
use crate::domain::flip::{FlipRun, Left, Phase, PhaseRun, Proof};
use crate::domain::integration::Name;
use crate::domain::readiness::Verdict;
use crate::domain::record::Outcome;
use crate::engine::flip::canary::{Path, path_of};
use crate::engine::flip::hands::{Answer, Evaluated, Hands, Said};
use crate::engine::flip::journal::{Before, Journal};

/// Answers in a row by which a consumer is believed to follow: there may be several processes behind one address.
const IN_A_ROW: u32 = 3;

/// Between two looks at a consumer that does not follow yet.
const LOOK: Duration = Duration::from_millis(500);

/// Tries to switch the flag off before a person is asked to.
const ROLLBACK_TRIES: u32 = 3;

/// What is to be proven.
#[derive(Clone, Debug)]
pub struct Order {
    pub flag: String,
    /// The consumer: whose contract is run, and who answers the canary.
    pub integration: Name,
    pub canary: Canary,
    pub proof: Proof,
    /// Rolls back at the end, whatever came.
    pub rehearsal: bool,
    /// Seconds that a rollback may take.
    pub rollback_seconds: u32,
    pub switch_on: String,
    pub switch_off: String,
}

impl Order {
    /// Nothing done yet.
    pub fn journal(&self) -> Journal {
        let run = FlipRun {
            flag: self.flag.clone(),
            integration: self.integration.clone(),
            rehearsal: self.rehearsal,
            verdict: Verdict::Unknown,
            reason: None,
            left: Left::Untouched,
            phases: Vec::new(),
            noise: Vec::new(),
            effective_ms: None,
            rollback_ms: None,
            switch_on: self.switch_on.clone(),
            switch_off: self.switch_off.clone(),
        };
        Journal { run, before: None }
    }

    fn baseline(&self) -> Vec<String> {
        let own = &self.proof.baseline;
        if own.is_empty() { vec![self.canary.request.clone()] } else { own.clone() }
    }
}

/// Does what is not done yet. Once the flag has been touched it ends proven on, proven off, or says that it is left on.
pub async fn perform(order: &Order, journal: Journal, hands: &mut impl Hands) -> FlipRun {
    let mut flight = Flight { order, journal, hands };
    if flight.journal.run.left == Left::Untouched {
        for phase in [Phase::Gate, Phase::Before] {
            if !flight.go(phase).await {
                return flight.land();
            }
        }
        flight.journal.run.left = Left::PerhapsOn;
        if let Err(problem) = flight.hands.keep(&flight.journal) {
            flight.journal.run.left = Left::Untouched;
            flight.journal.run.reason = Some(format!("nothing was switched, because it could not be noted: {problem}"));
            return flight.land();
        }
    }
    let mut flown = true;
    for phase in [Phase::Flip, Phase::Effective, Phase::Contract, Phase::Watch] {
        flown = flown && flight.go(phase).await;
    }
    if flown && !order.rehearsal {
        flight.journal.run.left = Left::On;
        return flight.land();
    }
    flight.back().await;
    flight.land()
}

/// Takes a flip back that was left somewhere.
pub async fn abandon(order: &Order, journal: Journal, hands: &mut impl Hands) -> FlipRun {
    let mut flight = Flight { order, journal, hands };
    flight.journal.run.reason.get_or_insert_with(|| "it was left unfinished and taken back".to_owned());
    if flight.journal.run.left == Left::PerhapsOn {
        flight.back().await;
    }
    flight.land()
}

struct Flight<'a, H> {
    order: &'a Order,
    journal: Journal,
    hands: &'a mut H,
}

impl<H: Hands> Flight<'_, H> {
    /// Does a phase unless it is done; tells whether it is kept.
    async fn go(&mut self, phase: Phase) -> bool {
        if let Some(done) = self.journal.run.phase(phase) {
            return done.outcome == Outcome::Kept;
        }
        let taking_back = matches!(phase, Phase::Rollback | Phase::ProveRollback);
        let started = self.hands.now();
        self.hands.tell(&format!("{} …", phase.title()));
        let said = if self.hands.is_halted() && !taking_back {
            Said::unasked("stopped by its user")
        } else {
            self.perform(phase).await
        };
        self.hands.tell(&format!("{}: {}", said.outcome.as_str(), said.told));
        let kept = said.outcome == Outcome::Kept;
        let finished = self.hands.now();
        let Said { outcome, told, seen } = said;
        self.journal.run.phases.push(PhaseRun { phase, outcome, told, seen, started, finished });
        if let Err(problem) = self.hands.keep(&self.journal) {
            self.hands.tell(&format!("warning: how far it is could not be noted: {problem}"));
        }
        kept
    }

    async fn perform(&mut self, phase: Phase) -> Said {
        match phase {
            Phase::Gate => self.hands.gate().await,
            Phase::Before => self.before().await,
            Phase::Flip => match self.hands.switch(true).await {
                Ok(told) => Said::kept(told),
                Err(problem) => Said::unasked(problem),
            },
            Phase::Effective => self.effective().await,
            Phase::Contract => self.contract().await,
            Phase::Watch => self.watch().await,
            Phase::Rollback => self.rollback().await,
            Phase::ProveRollback => self.prove_rollback().await,
        }
    }

    async fn back(&mut self) {
        self.go(Phase::Rollback).await;
        if self.go(Phase::ProveRollback).await {
            self.journal.run.left = Left::Off;
        }
    }

    /// The verdict, from what is there.
    fn land(self) -> FlipRun {
        let mut run = self.journal.run;
        let first = run.phases.iter().find(|phase| phase.outcome != Outcome::Kept);
        let broken = run.phases.iter().any(|phase| phase.outcome == Outcome::Broken) || run.left == Left::PerhapsOn;
        if let Some(first) = first {
            run.reason.get_or_insert_with(|| format!("{}: {}", first.phase.title(), first.told));
        }
        run.verdict = match (broken, &run.reason) {
            (true, _) => Verdict::NoGo,
            (false, Some(_)) => Verdict::Unknown,
            (false, None) => Verdict::Go,
        };
        run
    }

    async fn path(&mut self) -> (Path, Duration) {
        let request = self.order.canary.request.clone();
        let (answer, took) = self.hands.ask(&request).await;
        (path_of(&self.order.canary, &answer, self.hands.now()), took)
    }

    async fn before(&mut self) -> Said {
        match self.hands.evaluate().await {
            Evaluated::Off | Evaluated::Hidden => {}
            Evaluated::On => return Said::broken("the flag is on already, so there is nothing to flip"),
            Evaluated::Unknown(reason) => {
                return Said::unasked(format!("the store does not say what the flag is: {reason}"));
            }
        }
        match self.path().await.0 {
            Path::Mock => {}
            Path::Live => return Said::broken("the consumer answers from the live path while its store says off"),
            Path::Neither(what) => {
                return Said::broken(format!("the canary is not answered as by the mock path: {what}"));
            }
            Path::Silent(reason) => return Said::unasked(format!("the consumer does not answer: {reason}")),
        }
        let mut before = Before::default();
        for request in self.order.baseline() {
            let pair = (self.answer(&request).await, self.answer(&request).await);
            let (one, two) = match pair {
                (Ok(one), Ok(two)) => (one, two),
                (Err(reason), _) | (_, Err(reason)) => return Said::unasked(reason),
            };
            before.noise.insert(request.clone(), drift::noise(&one, &two));
            before.answers.insert(request, one);
        }
        self.journal.run.noise.extend(proposals(&before));
        self.journal.before = Some(before);
        self.hands.contract(false).await
    }

    /// The body of a good answer.
    async fn answer(&mut self, request: &str) -> Result<Value, String> {
        match self.hands.ask(request).await.0 {
            Ok(Answer { status: 200..300, body }) if !body.is_null() => Ok(body),
            Ok(answer) => Err(format!("{request} answered {} without a JSON body to compare", answer.status)),
            Err(reason) => Err(format!("{request}: {reason}")),
        }
    }

    async fn effective(&mut self) -> Said {
        let limit = Duration::from_secs(u64::from(self.order.proof.effective_within_seconds));
        let since = self.hands.now();
        match self.followed(true, since, limit).await {
            Ok(took) => {
                self.journal.run.effective_ms = Some(millis(took));
                Said::kept(format!("the store and the consumer say on, {} after the change", seconds(took)))
            }
            Err(said) => said,
        }
    }

    /// Waits until store and consumer both follow, and stay so for some answers; how long that took since `since`.
    async fn followed(&mut self, on: bool, since: Timestamp, limit: Duration) -> Result<Duration, Said> {
        let wanted = if on { (Evaluated::On, Path::Live) } else { (Evaluated::Off, Path::Mock) };
        let (mut row, mut first) = (0, Duration::ZERO);
        loop {
            let now = (self.hands.evaluate().await, self.path().await.0);
            let passed = elapsed(since, self.hands.now());
            if (now.0 == wanted.0 || now.0 == Evaluated::Hidden) && now.1 == wanted.1 {
                if row == 0 {
                    first = passed;
                }
                row += 1;
                if row == IN_A_ROW {
                    return Ok(first);
                }
            } else {
                row = 0;
                if passed >= limit {
                    return Err(lag(on, &now, limit));
                }
            }
            if on && self.hands.is_halted() {
                return Err(Said::unasked("stopped by its user"));
            }
            self.hands.pause(LOOK).await;
        }
    }

    async fn contract(&mut self) -> Said {
        let mut said = self.hands.contract(true).await;
        if said.outcome != Outcome::Kept {
            return said;
        }
        let before = self.journal.before.clone().unwrap_or_default();
        let mut broken = Vec::new();
        for (request, mock) in &before.answers {
            let (one, two) = match (self.answer(request).await, self.answer(request).await) {
                (Ok(one), Ok(two)) => (one, two),
                (Err(reason), _) | (_, Err(reason)) => return Said::broken(reason),
            };
            let noise = drift::noise(&one, &two);
            self.journal.run.noise.extend(noise.iter().map(|path| format!("{request} {path}")));
            for drift in Shape::of(mock).drift(&Shape::of(&one)) {
                if drift.is_below(&self.order.proof.passes_over) {
                    continue;
                }
                let line = format!("{request}: {drift}");
                if drift.breaks() {
                    broken.push(line.clone());
                }
                said.seen.push(line);
            }
        }
        self.journal.run.noise.sort();
        self.journal.run.noise.dedup();
        match broken.first() {
            Some(first) => {
                Said::broken(format!("the live answer has another shape than the mock: {first}")).seeing(said.seen)
            }
            None => said,
        }
    }

    async fn watch(&mut self) -> Said {
        let watch = self.order.proof.watch.clone();
        let (limit, every) =
            (Duration::from_secs(watch.seconds.into()), Duration::from_secs(watch.every_seconds.max(1).into()));
        let since = self.hands.now();
        let (mut asked, mut failures, mut times) = (0_u32, Vec::new(), Vec::new());
        loop {
            let (path, took) = self.path().await;
            asked += 1;
            times.push(took);
            match path {
                Path::Live => {}
                Path::Mock => failures.push("answered from the mock path".to_owned()),
                Path::Neither(what) | Path::Silent(what) => failures.push(what),
            }
            if self.hands.is_halted() {
                return Said::unasked("stopped by its user");
            }
            if elapsed(since, self.hands.now()) + every > limit {
                break;
            }
            self.hands.pause(every).await;
        }
        let p95 = percentile(&mut times);
        let share = f64::from(u32::try_from(failures.len()).unwrap_or(u32::MAX)) / f64::from(asked);
        let told = format!(
            "{asked} answers in {}, {} failed, P95 {} ms",
            seconds(elapsed(since, self.hands.now())),
            failures.len(),
            p95.as_millis()
        );
        if share > watch.most_errors {
            return Said::broken(format!("{told}: at most {:.1} % may fail", watch.most_errors * 100.0))
                .seeing(failures);
        }
        match watch.p95_ms {
            Some(most) if p95 > Duration::from_millis(most.into()) => {
                Said::broken(format!("{told}: {most} ms are allowed"))
            }
            _ => Said::kept(told).seeing(failures),
        }
    }

    async fn rollback(&mut self) -> Said {
        let mut problem = String::new();
        for _ in 0..ROLLBACK_TRIES {
            match self.hands.switch(false).await {
                Ok(told) => return Said::kept(told),
                Err(error) => problem = error,
            }
            self.hands.pause(LOOK).await;
        }
        Said::broken(format!("{problem}; switch it off by hand: {}", self.order.switch_off))
    }

    async fn prove_rollback(&mut self) -> Said {
        let limit = Duration::from_secs(self.order.rollback_seconds.into());
        let since = self.journal.run.phase(Phase::Rollback).map_or_else(|| self.hands.now(), |run| run.started);
        let took = match self.followed(false, since, limit).await {
            Ok(took) => took,
            Err(said) => return said,
        };
        let before = self.journal.before.clone().unwrap_or_default();
        for (request, then) in &before.answers {
            let now = match self.answer(request).await {
                Ok(now) => now,
                Err(reason) => return Said::broken(reason),
            };
            let noise = before.noise.get(request).cloned().unwrap_or_default();
            let other = drift::beside_noise(then, &now, &noise);
            if let Some(first) = other.first() {
                let told =
                    format!("{request} is not what it was before: {} differences, the first at {first}", other.len());
                return Said::broken(told).seeing(other);
            }
        }
        self.journal.run.rollback_ms = Some(millis(took));
        let told = format!("back where it was {} after the rollback began", seconds(took));
        if took > limit { Said::broken(format!("{told}, {} are allowed", seconds(limit))) } else { Said::kept(told) }
    }
}

/// Why a consumer does not follow, by what each of the two says.
fn lag(on: bool, now: &(Evaluated, Path), limit: Duration) -> Said {
    let within = seconds(limit);
    let (want, other) = if on { ("on", "mock") } else { ("off", "live") };
    match now {
        (Evaluated::Unknown(reason), _) => Said::unasked(format!("the store does not say what the flag is: {reason}")),
        (Evaluated::On, _) if !on => {
            Said::broken(format!("the store took the change and still evaluates the flag as on, {within} later"))
        }
        (Evaluated::Off, _) if on => {
            Said::broken(format!("the store took the change and still evaluates the flag as off, {within} later"))
        }
        (_, Path::Silent(reason)) => {
            Said::broken(format!("the store says {want}, the consumer does not answer: {reason}"))
        }
        (_, Path::Neither(what)) => {
            Said::broken(format!("the store says {want}, the consumer answers as neither path does: {what}"))
        }
        (_, Path::Live | Path::Mock) if on => Said::broken(format!(
            "the store says on, the consumer still answers from the {other} path {within} later: it does not read this flag, or reads it only when it starts"
        )),
        (_, Path::Live | Path::Mock) => Said::broken(format!(
            "the store says off, the consumer still answers from the {other} path {within} later: another name keeps it on, or it holds what it once read"
        )),
    }
}

/// Noise as lines to show.
fn proposals(before: &Before) -> Vec<String> {
    let each =
        before.noise.iter().flat_map(|(request, paths)| paths.iter().map(move |path| format!("{request} {path}")));
    each.collect()
}

fn elapsed(since: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(now.duration_since(since)).unwrap_or_default()
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

/// The time that 95 of 100 are not above (nearest rank).
fn percentile(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    let rank = (times.len() * 95).div_ceil(100).max(1);
    times.get(rank - 1).copied().unwrap_or_default()
}
