//! Flips against a store and a consumer that are right, and against each way in which they are wrong.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;

use crate::domain::flip::{FlipRun, Left, Phase, PhaseRun};
use crate::domain::readiness::Verdict;
use crate::domain::record::Outcome;
use crate::engine::flip::hands::{Answer, Evaluated, Hands, Reader, Said, Switched, Unswitched};
use crate::engine::flip::journal::Journal;
use crate::engine::flip::{Order, abandon, perform};

/// How the world is wrong.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Wrong {
    #[default]
    Nothing,
    StoreLies,
    StoreRefuses,
    StoreForgetsToTurnOff,
    ConsumerIgnoresFlag,
    ConsumerServesFixture,
    ConsumerHoldsWhatItRead,
    LegacyNameKeepsItOn,
    LiveIsSlow,
    LiveFailsNowAndThen,
    LiveRowsMissing,
    LiveBreaksItsSchema,
    LiveLacksMember,
    MockChangedMeanwhile,
    OtherParserReadsItAsOff,
    OtherParserStaysOn,
    OnAlready,
    OtherFlipWasFaster,
    OtherFlipWritesAtOnce,
    GateShut,
    JournalFull,
}

/// A store and a consumer in one, with a clock of their own.
struct World {
    wrong: Wrong,
    now: Timestamp,
    stored: bool,
    asked: u32,
    switches: u32,
    evaluated: u32,
    halt_at: Option<u32>,
    /// Seconds from a change until the consumer has it.
    delay: i64,
    changed: Option<Timestamp>,
    kept: Option<Journal>,
    /// Seconds after which a person does what is asked.
    by_hand: Option<i64>,
    asked_for: Option<(Timestamp, bool)>,
}

impl World {
    fn new(wrong: Wrong) -> Self {
        let now = "2026-11-20T12:00:00Z".parse().expect("a timestamp");
        let stored = wrong == Wrong::OnAlready;
        Self {
            wrong,
            now,
            stored,
            asked: 0,
            switches: 0,
            evaluated: 0,
            halt_at: None,
            delay: 13,
            changed: None,
            kept: None,
            by_hand: None,
            asked_for: None,
        }
    }

    /// A person does what was asked, when the time has come.
    fn settle(&mut self) {
        if let Some((at, on)) = self.asked_for.take_if(|(at, _)| *at <= self.now) {
            (self.stored, self.changed) = (on, Some(at));
        }
    }

    /// What the consumer does: the store's value, as long ago as its delay.
    fn consumes(&self) -> bool {
        let settled = self.changed.is_none_or(|at| self.now.duration_since(at).as_secs() >= self.delay);
        match self.wrong {
            Wrong::ConsumerIgnoresFlag => false,
            Wrong::ConsumerHoldsWhatItRead | Wrong::LegacyNameKeepsItOn if self.switches > 0 => {
                settled || self.switches > 1
            }
            _ => {
                if settled {
                    self.stored
                } else {
                    !self.stored
                }
            }
        }
    }
}

impl Hands for World {
    fn now(&self) -> Timestamp {
        self.now
    }

    async fn pause(&mut self, time: Duration) {
        self.now += time;
        self.settle();
    }

    fn is_halted(&self) -> bool {
        self.halt_at.is_some_and(|at| self.asked >= at)
    }

    async fn gate(&mut self) -> Said {
        if self.wrong == Wrong::GateShut { Said::broken("a blocker is open: OCC-INF-221") } else { Said::kept("open") }
    }

    async fn contract(&mut self, on: bool) -> Said {
        if on && self.wrong == Wrong::LiveRowsMissing {
            return Said::broken("1 of 9 scenarios broken");
        }
        Said::kept("9 scenarios kept")
    }

    async fn ask(&mut self, _: &str) -> (Result<Answer, String>, Duration) {
        self.asked += 1;
        self.now += Duration::from_millis(20);
        let on = self.consumes();
        let mut body = json!({"source": if on { "supabase" } else { "fixture" }, "flag": on, "at": self.asked, "ideas": [{"id": "a"}]});
        match self.wrong {
            Wrong::ConsumerServesFixture if on => body["source"] = "fixture".into(),
            Wrong::LiveLacksMember if on => body["ideas"] = json!([{"name": "a"}]),
            Wrong::MockChangedMeanwhile if self.switches > 1 => body["ideas"] = json!([{"id": "b"}]),
            Wrong::LiveFailsNowAndThen if on && self.asked.is_multiple_of(7) => {
                return (Err("connection refused".to_owned()), Duration::from_millis(20));
            }
            _ => {}
        }
        let took = if on && self.wrong == Wrong::LiveIsSlow { 900 } else { 20 };
        let flaw = (on && self.wrong == Wrong::LiveBreaksItsSchema)
            .then(|| "not valid against ideas: /at is no text".to_owned());
        (Ok(Answer { status: 200, body, flaw }), Duration::from_millis(took))
    }

    async fn evaluate(&mut self) -> Evaluated {
        self.evaluated += 1;
        if self.wrong == Wrong::OtherFlipWasFaster && self.evaluated == 2 {
            self.stored = true;
        }
        if self.stored && self.wrong != Wrong::StoreLies { Evaluated::On } else { Evaluated::Off }
    }

    async fn readers(&mut self) -> Vec<Reader> {
        let own = if self.stored { Evaluated::On } else { Evaluated::Off };
        let other = match self.wrong {
            Wrong::OtherParserReadsItAsOff => Evaluated::Off,
            Wrong::OtherParserStaysOn => Evaluated::On,
            _ => Evaluated::Unknown("hidden".to_owned()),
        };
        let reader = |parser: &str, sees| Reader { parser: parser.to_owned(), place: "flags.env".to_owned(), sees };
        vec![reader("prefixed", own), reader("exact", other)]
    }

    async fn switch(&mut self, on: bool) -> Result<Switched, Unswitched> {
        self.switches += 1;
        if self.wrong == Wrong::StoreRefuses {
            return Err(Unswitched { told: "the store answered 403".to_owned(), changed_meanwhile: false });
        }
        if self.wrong == Wrong::OtherFlipWritesAtOnce {
            self.stored = true;
            return Err(Unswitched { told: "the store has changed".to_owned(), changed_meanwhile: true });
        }
        if let Some(seconds) = self.by_hand {
            self.asked_for = Some((self.now + jiff::SignedDuration::from_secs(seconds), on));
            return Ok(Switched { told: "a person was asked to".to_owned(), by_hand: true });
        }
        if on || self.wrong != Wrong::StoreForgetsToTurnOff {
            self.stored = on;
        }
        self.changed = Some(self.now);
        Ok(Switched { told: format!("switched {}", if on { "on" } else { "off" }), by_hand: false })
    }

    fn keep(&mut self, journal: &Journal) -> Result<(), String> {
        if self.wrong == Wrong::JournalFull {
            return Err("no space is left".to_owned());
        }
        self.kept = Some(journal.clone());
        Ok(())
    }

    fn tell(&mut self, _: &str) {}
}

fn order(rehearsal: bool) -> Order {
    let canary = json!({
        "request": "GET /ideas",
        "live": {"$.source": "supabase", "$.flag": true},
        "mock": {"$.source": "fixture", "$.flag": false},
    });
    let proof = json!({
        "effective_within_seconds": 30,
        "watch": {"seconds": 60, "every_seconds": 5, "p95_ms": 500},
    });
    Order {
        flag: "supabase_idea_pool".to_owned(),
        integration: "idea-pool".parse().expect("a name"),
        canary: serde_json::from_value(canary).expect("a canary"),
        proof: serde_json::from_value(proof).expect("a proof"),
        rehearsal,
        rollback_seconds: 120,
        switch_on: "store on".to_owned(),
        switch_off: "store off".to_owned(),
    }
}

async fn flip(world: &mut World, rehearsal: bool) -> FlipRun {
    let order = order(rehearsal);
    perform(&order, order.journal(), world).await
}

fn told(run: &FlipRun) -> &str {
    run.reason.as_deref().unwrap_or_default()
}

#[tokio::test]
async fn a_flip_ends_proven_on() {
    let mut world = World::new(Wrong::Nothing);
    let run = flip(&mut world, false).await;
    assert_eq!((run.verdict, run.left, world.stored), (Verdict::Go, Left::On, true), "{run:#?}");
    assert_eq!(run.phases.len(), 6);
    let effective = run.effective_ms.expect("it was measured");
    assert!((13_000..15_000).contains(&effective), "a consumer that follows 13 s later is waited for: {effective}");
    assert_eq!(run.noise, ["GET /ideas $.at"], "what differs every time is proposed as noise, once");
}

#[tokio::test]
async fn a_rehearsal_ends_proven_off() {
    let mut world = World::new(Wrong::Nothing);
    let run = flip(&mut world, true).await;
    assert_eq!((run.verdict, run.left, world.stored), (Verdict::Go, Left::Off, false), "{run:#?}");
    assert_eq!(run.phases.iter().map(|phase| phase.phase).collect::<Vec<_>>(), Phase::ALL);
    assert!((13_000..15_000).contains(&run.rollback_ms.expect("it was measured")));
}

#[tokio::test]
async fn each_wrong_world_is_found_in_its_phase() {
    use Left::{Off, PerhapsOn, Untouched};
    for (wrong, phase, left, says) in [
        (Wrong::GateShut, Phase::Gate, Untouched, "a blocker is open: OCC-INF-221"),
        (Wrong::OnAlready, Phase::Before, Untouched, "on already"),
        (Wrong::StoreLies, Phase::Effective, Off, "still evaluates the flag as off"),
        (Wrong::ConsumerIgnoresFlag, Phase::Effective, Off, "does not read this flag"),
        (Wrong::ConsumerServesFixture, Phase::Effective, Off, "as neither path does: $.source is \"fixture\""),
        (Wrong::LiveRowsMissing, Phase::Contract, Off, "1 of 9 scenarios broken"),
        (Wrong::LiveLacksMember, Phase::Contract, Off, "$.ideas[*].id is gone"),
        (Wrong::LiveBreaksItsSchema, Phase::Watch, Off, "the first: not valid against ideas"),
        (Wrong::LiveIsSlow, Phase::Watch, Off, "P95 900 ms: 500 ms are allowed"),
        (Wrong::LiveFailsNowAndThen, Phase::Watch, Off, "at most 1.0 % may fail"),
        (Wrong::ConsumerHoldsWhatItRead, Phase::ProveRollback, PerhapsOn, "it holds what it once read"),
        (Wrong::LegacyNameKeepsItOn, Phase::ProveRollback, PerhapsOn, "another name keeps it on"),
        (Wrong::StoreForgetsToTurnOff, Phase::ProveRollback, PerhapsOn, "still evaluates the flag as on"),
        (Wrong::OtherParserReadsItAsOff, Phase::Effective, Off, "parser `exact` reads flags.env as off"),
        (Wrong::OtherParserStaysOn, Phase::ProveRollback, PerhapsOn, "parser `exact` reads flags.env as on"),
        (Wrong::MockChangedMeanwhile, Phase::ProveRollback, PerhapsOn, "the first at $.ideas[0].id"),
    ] {
        let mut world = World::new(wrong);
        let run = flip(&mut world, true).await;
        assert_eq!(run.verdict, Verdict::NoGo, "{wrong:?}: {run:#?}");
        let first = run.phases.iter().find(|phase| phase.outcome != Outcome::Kept).expect("one");
        assert_eq!(first.phase, phase, "{wrong:?}: {}", told(&run));
        assert!(told(&run).contains(says), "{wrong:?}: {}", told(&run));
        assert_eq!(run.left, left, "{wrong:?}");
        if left == Off {
            assert!(!world.stored, "{wrong:?}: switched off again");
        }
    }
}

#[tokio::test]
async fn a_store_that_refuses_is_unknown_where_nothing_shows_otherwise() {
    let mut world = World::new(Wrong::StoreRefuses);
    let run = flip(&mut world, false).await;
    // The rollback is refused too, so nothing tells that it is off but the consumer.
    assert_eq!(run.verdict, Verdict::NoGo);
    assert_eq!(told(&run), "The flag is switched on: the store answered 403");
    assert!(run.phase(Phase::Rollback).expect("it was tried").told.contains("by hand: store off"));
    assert_eq!(run.left, Left::Off, "store and consumer say off");
}

#[tokio::test]
async fn a_flip_elsewhere_is_seen_in_the_store_and_left_alone() {
    for (wrong, verdict, says, switches) in [
        (Wrong::OtherFlipWasFaster, Verdict::NoGo, "somebody switched it on since it was looked at", 0),
        (Wrong::OtherFlipWritesAtOnce, Verdict::Unknown, "the store has changed", 1),
    ] {
        for rehearsal in [false, true] {
            let mut world = World::new(wrong);
            let run = flip(&mut world, rehearsal).await;
            assert_eq!((run.verdict, run.left), (verdict, Left::Untouched), "{wrong:?}: {run:#?}");
            assert_eq!(run.phases.last().expect("one").phase, Phase::Flip, "{wrong:?}");
            assert!(told(&run).contains(says), "{wrong:?}: {}", told(&run));
            assert_eq!((world.stored, world.switches), (true, switches), "what the other one switched stays");
            assert_eq!(world.kept.expect("a journal").run.left, Left::Untouched, "nothing is left to be taken back");
        }
    }
}

#[tokio::test]
async fn what_cannot_be_noted_is_not_begun() {
    let mut world = World::new(Wrong::JournalFull);
    let run = flip(&mut world, false).await;
    assert_eq!((run.verdict, run.left, world.switches), (Verdict::Unknown, Left::Untouched, 0));
    assert!(told(&run).contains("no space is left"));
}

#[tokio::test]
async fn the_users_end_leads_to_a_rollback() {
    for halt_at in [1, 3, 8, 36, 40] {
        let mut world = World { halt_at: Some(halt_at), ..World::new(Wrong::Nothing) };
        let run = flip(&mut world, false).await;
        assert_ne!(run.verdict, Verdict::Go, "halted at {halt_at}");
        assert!(matches!(run.left, Left::Untouched | Left::Off), "halted at {halt_at}: {:?}", run.left);
        assert!(!world.stored, "halted at {halt_at}");
    }
}

#[tokio::test]
async fn a_crash_is_gone_on_from_or_taken_back() {
    let order = order(false);
    let mut world = World::new(Wrong::Nothing);
    perform(&order, order.journal(), &mut world).await;
    let whole = world.kept.take().expect("a journal");
    for phases in 2..6 {
        let mut journal = whole.clone();
        journal.run.phases.truncate(phases);
        journal.run.left = Left::PerhapsOn;
        let mut world = World { stored: phases > 2, ..World::new(Wrong::Nothing) };
        let run = perform(&order, journal.clone(), &mut world).await;
        assert_eq!((run.verdict, run.left), (Verdict::Go, Left::On), "after {phases}: {run:#?}");
        assert_eq!(run.phases.len(), 6, "none is done twice");
        let mut world = World { stored: phases > 2, ..World::new(Wrong::Nothing) };
        let run = abandon(&order, journal, &mut world).await;
        assert_eq!((run.left, world.stored), (Left::Off, false), "after {phases}: {run:#?}");
        assert_ne!(run.verdict, Verdict::Go);
    }
}

#[tokio::test]
async fn a_rollback_that_did_not_take_is_tried_again() {
    for resumed in [false, true] {
        let order = order(true);
        let mut world = World::new(Wrong::StoreForgetsToTurnOff);
        let failed = perform(&order, order.journal(), &mut world).await;
        assert_eq!((failed.verdict, failed.left), (Verdict::NoGo, Left::PerhapsOn));
        let (journal, switches) = (world.kept.take().expect("a journal"), world.switches);
        world.wrong = Wrong::Nothing;
        let run = if resumed {
            perform(&order, journal, &mut world).await
        } else {
            abandon(&order, journal, &mut world).await
        };
        assert_eq!((world.switches, world.stored), (switches + 1, false), "it was switched off once more");
        assert_eq!((run.left, run.verdict), (Left::Off, Verdict::NoGo), "that it did not take at first stays said");
        assert!(told(&run).contains(if resumed { "still evaluates the flag as on" } else { "taken back" }), "{run:#?}");
        let of = |phases: &[PhaseRun]| phases.iter().map(|run| (run.phase, run.outcome)).collect::<Vec<_>>();
        assert_eq!(of(&run.earlier), [(Phase::Rollback, Outcome::Kept), (Phase::ProveRollback, Outcome::Broken)]);
        let last = of(&run.phases).split_off(6);
        assert_eq!(last, [(Phase::Rollback, Outcome::Kept), (Phase::ProveRollback, Outcome::Kept)]);
        assert!(run.rollback_ms.is_some_and(|took| took < 20_000), "measured from the rollback that took: {run:#?}");
    }
}

#[tokio::test]
async fn a_rehearsal_that_was_cut_off_is_gone_on_with_as_one() {
    let mut world = World::new(Wrong::Nothing);
    let run = flip(&mut world, true).await;
    let mut journal = world.kept.take().expect("a journal");
    journal.run.phases.truncate(4);
    journal.run.left = Left::PerhapsOn;
    assert_eq!(run.left, Left::Off);
    let mut world = World { stored: true, ..World::new(Wrong::Nothing) };
    let run = perform(&order(false), journal, &mut world).await;
    assert_eq!((run.verdict, run.left, world.stored), (Verdict::Go, Left::Off, false), "{run:#?}");
}

#[tokio::test]
async fn a_person_is_waited_for_and_their_time_counts() {
    for (seconds, verdict, says) in [
        (100, Verdict::Go, ""),
        (200, Verdict::NoGo, "120.0 s are allowed"),
        (1_000, Verdict::Unknown, "nothing was seen of it within 900.0 s"),
    ] {
        let mut world = World { by_hand: Some(seconds), ..World::new(Wrong::Nothing) };
        let run = flip(&mut world, true).await;
        assert_eq!((run.verdict, run.left, world.stored), (verdict, Left::Off, false), "{seconds}: {run:#?}");
        assert!(told(&run).contains(says), "{seconds}: {}", told(&run));
        if seconds < 900 {
            assert!(run.effective_ms.is_some_and(|took| took < 15_000), "measured from when it was done: {run:#?}");
            let least = u64::try_from(seconds).expect("a time") * 1_000;
            assert!(run.rollback_ms.is_some_and(|took| took >= least), "the way back counts from its beginning");
        }
    }
}
