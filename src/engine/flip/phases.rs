//! What is done in each phase of a flip, and what its outcome is.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use crate::check::drift::{self, Shape};
use crate::domain::flip::{Left, Phase};
use crate::domain::record::Outcome;
use crate::engine::flip::Flight;
use crate::engine::flip::canary::{Path, path_of};
use crate::engine::flip::hands::{Answer, Evaluated, Hands, Said, Switched, Unswitched};
use crate::engine::flip::journal::Before;
use crate::engine::flip::words::{agreed, lag, seconds};

/// Answers in a row by which a consumer is believed to follow: there may be several processes behind one address.
const IN_A_ROW: u32 = 3;

/// Between two looks at a consumer that does not follow yet.
const LOOK: Duration = Duration::from_millis(500);

/// Tries to switch the flag off before a person is asked to.
const ROLLBACK_TRIES: u32 = 3;

/// Failed answers of a watch that are told one by one.
const MOST_FAILURES: usize = 50;

impl<H: Hands> Flight<'_, H> {
    async fn path(&mut self) -> (Path, Duration) {
        let request = self.order.canary.request.clone();
        let (answer, took) = self.hands.ask(&request).await;
        (path_of(&self.order.canary, &answer, self.hands.now()), took)
    }

    pub(super) async fn before(&mut self) -> Said {
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
            Ok(Answer { status: 200..300, body, .. }) if !body.is_null() => Ok(body),
            Ok(answer) => Err(format!("{request} answered {} without a JSON body to compare", answer.status)),
            Err(reason) => Err(format!("{request}: {reason}")),
        }
    }

    /// Whether nobody switched it on since it was looked at: a flip on another machine has no lock that is seen here, but
    /// the store shows what it did.
    pub(super) async fn is_still_off(&mut self) -> Result<(), Said> {
        match self.hands.evaluate().await {
            Evaluated::Off | Evaluated::Hidden => Ok(()),
            Evaluated::On => {
                Err(Said::broken("somebody switched it on since it was looked at: another flip, or a person"))
            }
            Evaluated::Unknown(reason) => {
                Err(Said::unasked(format!("the store no longer says what the flag is: {reason}")))
            }
        }
    }

    pub(super) async fn flip(&mut self) -> Said {
        match self.hands.switch(true).await {
            Err(Unswitched { told, changed_meanwhile }) => {
                if changed_meanwhile {
                    // What stands there is another's, and not ours to take back.
                    self.journal.run.left = Left::Untouched;
                }
                Said::unasked(told)
            }
            Ok(Switched { told, by_hand: false }) => Said::kept(told),
            Ok(Switched { told, by_hand: true }) => self.done_by_hand(told).await,
        }
    }

    /// Waits until a person has switched it on, by what the store or the consumer shows.
    async fn done_by_hand(&mut self, told: String) -> Said {
        let limit = Duration::from_secs(self.order.proof.by_hand_within_seconds.into());
        let since = self.hands.now();
        loop {
            let seen = self.hands.evaluate().await == Evaluated::On || self.path().await.0 == Path::Live;
            let passed = elapsed(since, self.hands.now());
            if seen {
                return Said::kept(format!("{told}; seen {} later", seconds(passed)));
            }
            if passed >= limit {
                return Said::unasked(format!("{told}; nothing was seen of it within {}", seconds(limit)));
            }
            if self.hands.is_halted() {
                return Said::unasked("stopped by its user");
            }
            self.hands.pause(LOOK).await;
        }
    }

    pub(super) async fn effective(&mut self) -> Said {
        let limit = Duration::from_secs(u64::from(self.order.proof.effective_within_seconds));
        let since = self.hands.now();
        match self.followed(true, since, limit).await {
            Ok(took) => {
                self.journal.run.effective_ms = Some(millis(took));
                let told = format!("the store and the consumer say on, {} after the change", seconds(took));
                agreed(true, &self.hands.readers().await, told)
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

    pub(super) async fn contract(&mut self) -> Said {
        let mut said = self.hands.contract(true).await;
        if said.outcome != Outcome::Kept {
            return said;
        }
        let before = self.journal.before.clone().unwrap_or_default();
        let mut broken = Vec::new();
        for (request, mock) in &before.answers {
            let (one, two) = match (self.answer(request).await, self.answer(request).await) {
                (Ok(one), Ok(two)) => (one, two),
                (Err(reason), _) | (_, Err(reason)) => return said.but(Outcome::Broken, reason),
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
                said.but(Outcome::Broken, format!("the live answer has another shape than the mock: {first}"))
            }
            None => said,
        }
    }

    pub(super) async fn watch(&mut self) -> Said {
        let watch = self.order.proof.watch.clone();
        let (limit, every) =
            (Duration::from_secs(watch.seconds.into()), Duration::from_secs(watch.every_seconds.max(1).into()));
        let since = self.hands.now();
        let (mut asked, mut failures, mut times) = (0_u32, Vec::new(), Vec::new());
        loop {
            let (answer, took) = self.hands.ask(&self.order.canary.request).await;
            asked += 1;
            times.push(took);
            match path_of(&self.order.canary, &answer, self.hands.now()) {
                Path::Live => failures.extend(answer.ok().and_then(|answer| answer.flaw)),
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
            let first = failures.first().cloned().unwrap_or_default();
            let told = format!("{told}: at most {:.1} % may fail; the first: {first}", watch.most_errors * 100.0);
            return Said::broken(told).seeing(shown(failures));
        }
        let said = match watch.p95_ms {
            Some(most) if p95 > Duration::from_millis(most.into()) => {
                Said::broken(format!("{told}: {most} ms are allowed"))
            }
            _ => Said::kept(told),
        };
        said.seeing(shown(failures))
    }

    pub(super) async fn rollback(&mut self) -> Said {
        let mut problem = String::new();
        for _ in 0..ROLLBACK_TRIES {
            match self.hands.switch(false).await {
                Ok(Switched { told, by_hand }) => {
                    self.back_by_hand = by_hand;
                    return Said::kept(told);
                }
                Err(error) => problem = error.told,
            }
            self.hands.pause(LOOK).await;
        }
        Said::broken(format!("{problem}; switch it off by hand: {}", self.order.switch_off))
    }

    pub(super) async fn prove_rollback(&mut self) -> Said {
        let limit = Duration::from_secs(self.order.rollback_seconds.into());
        let since = self.journal.run.phase(Phase::Rollback).map_or_else(|| self.hands.now(), |run| run.started);
        let by_hand = Duration::from_secs(self.order.proof.by_hand_within_seconds.into());
        let waited = if self.back_by_hand { limit.max(by_hand) } else { limit };
        let took = match self.followed(false, since, waited).await {
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
        let told = format!("back where it was {} after the rollback began", seconds(took));
        let said = agreed(false, &self.hands.readers().await, told.clone());
        if said.outcome != Outcome::Kept {
            return said;
        }
        self.journal.run.rollback_ms = Some(millis(took));
        if took > limit {
            return Said::broken(format!("{told}, {} are allowed", seconds(limit))).seeing(said.seen);
        }
        said
    }
}

/// As many as a reader needs: a watch of a day asks often.
fn shown(mut failures: Vec<String>) -> Vec<String> {
    let more = failures.len().saturating_sub(MOST_FAILURES);
    failures.truncate(MOST_FAILURES);
    failures.extend((more > 0).then(|| format!("and {more} more")));
    failures
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

/// The time that 95 of 100 are not above (nearest rank).
fn percentile(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    let rank = (times.len() * 95).div_ceil(100).max(1);
    times.get(rank - 1).copied().unwrap_or_default()
}
