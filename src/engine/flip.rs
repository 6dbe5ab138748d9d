//! Proves a flip and its way back: phases in a fixed order, and a rollback behind whatever goes wrong.

pub mod approval;
pub mod canary;
pub mod gate;
pub mod hands;
pub mod journal;
pub mod outside;
mod phases;
#[cfg(test)]
mod tests;
mod words;

use jiff::Timestamp;

use crate::domain::flag::canary::Canary;
use crate::domain::flip::{FlipRun, Left, Phase, PhaseRun, Proof};
use crate::domain::integration::Name;
use crate::domain::readiness::Verdict;
use crate::domain::record::Outcome;
use crate::engine::flip::hands::{Hands, Said};
use crate::engine::flip::journal::Journal;

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
            earlier: Vec::new(),
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
    let mut flight = Flight { order, journal, hands, back_by_hand: false };
    // One that began as a rehearsal stays one, however it is gone on with.
    flight.journal.run.rehearsal |= order.rehearsal;
    if flight.journal.run.left == Left::Untouched {
        for phase in [Phase::Gate, Phase::Before] {
            if !flight.go(phase).await {
                return flight.land();
            }
        }
        if let Err(said) = flight.is_still_off().await {
            let now = flight.hands.now();
            flight.note(Phase::Flip, said, now);
            return flight.land();
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
    if flown && !flight.journal.run.rehearsal {
        flight.journal.run.left = Left::On;
        return flight.land();
    }
    if flight.journal.run.left != Left::Untouched {
        flight.back().await;
    }
    flight.land()
}

/// Takes a flip back that was left somewhere.
pub async fn abandon(order: &Order, journal: Journal, hands: &mut impl Hands) -> FlipRun {
    let mut flight = Flight { order, journal, hands, back_by_hand: false };
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
    /// A person takes it back, who may need longer than is allowed and is waited for all the same.
    back_by_hand: bool,
}

impl<H: Hands> Flight<'_, H> {
    /// Does a phase unless it is done; tells whether it is kept.
    async fn go(&mut self, phase: Phase) -> bool {
        if let Some(done) = self.journal.run.phase(phase) {
            return done.outcome == Outcome::Kept;
        }
        let started = self.hands.now();
        self.hands.tell(&format!("{} …", phase.title()));
        let said = if self.hands.is_halted() && !phase.takes_back() {
            Said::unasked("stopped by its user")
        } else {
            self.perform(phase).await
        };
        let kept = said.outcome == Outcome::Kept;
        self.note(phase, said, started);
        kept
    }

    /// Tells and keeps what came of a phase.
    fn note(&mut self, phase: Phase, said: Said, started: Timestamp) {
        self.hands.tell(&format!("{}: {}", said.outcome.as_str(), said.told));
        let finished = self.hands.now();
        let Said { outcome, told, seen, contract } = said;
        self.journal.run.phases.push(PhaseRun { phase, outcome, told, seen, contract, started, finished });
        if let Err(problem) = self.hands.keep(&self.journal) {
            self.hands.tell(&format!("warning: how far it is could not be noted: {problem}"));
        }
    }

    async fn perform(&mut self, phase: Phase) -> Said {
        match phase {
            Phase::Gate => self.hands.gate().await,
            Phase::Before => self.before().await,
            Phase::Flip => self.flip().await,
            Phase::Effective => self.effective().await,
            Phase::Contract => self.contract().await,
            Phase::Watch => self.watch().await,
            Phase::Rollback => self.rollback().await,
            Phase::ProveRollback => self.prove_rollback().await,
        }
    }

    /// Always anew: what an earlier process tried may not have taken, and the flag may have been changed since.
    async fn back(&mut self) {
        self.journal.run.forget_rollback();
        self.go(Phase::Rollback).await;
        self.go(Phase::ProveRollback).await;
        if self.journal.run.rollback_ms.is_some() {
            // Also one that took too long: it is off.
            self.journal.run.left = Left::Off;
        }
    }

    /// The verdict, from what is there.
    fn land(self) -> FlipRun {
        let mut run = self.journal.run;
        let history = run.history();
        let broken = history.iter().any(|phase| phase.outcome == Outcome::Broken) || run.left == Left::PerhapsOn;
        let first = history.into_iter().find(|phase| phase.outcome != Outcome::Kept);
        let reason = first.map(|first| format!("{}: {}", first.phase.title(), first.told));
        run.reason = run.reason.or(reason);
        run.verdict = match (broken, &run.reason) {
            (true, _) => Verdict::NoGo,
            (false, Some(_)) => Verdict::Unknown,
            (false, None) => Verdict::Go,
        };
        run
    }
}
