//! Cases over time: who is told what, and when.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::{any, proptest};

use super::{Case, Cases, Facts, Health, Letter, Name, Plan, Trouble};
use crate::domain::alert::declared::Alerts;
use crate::domain::alert::message::Action;
use crate::domain::probe::service::Service;

const CHANNELS: &str = "
channels:
  oncall: {pagerduty: {routing_key: '${K}'}}
  ops: {slack: {url: '${S}'}}
page: [oncall]
tell: [ops]
";

/// One service, a clock, and all that was told.
struct House {
    cases: Cases,
    plan: Plan,
    facts: BTreeMap<Name, Facts>,
    troubles: BTreeMap<String, Trouble>,
    now: Timestamp,
    written: BTreeMap<String, Case>,
    letters: Vec<Letter>,
}

fn name() -> Name {
    "chatwoot".parse().unwrap()
}

fn well(now: Timestamp) -> Facts {
    Facts {
        title: "Chatwoot".to_owned(),
        service: Service::Api,
        health: Health::Healthy,
        since: now,
        bad_in_a_row: 0,
        good_percent: Some(100.0),
        p95_ms: Some(100),
        healthy_p95_ms: 800,
        excused: false,
        follows: false,
        last_bad: None,
        incident: None,
    }
}

impl House {
    /// Monday evening in Berlin.
    fn of(more: &str) -> Self {
        let alerts: Alerts =
            serde_yaml::from_str(&format!("{CHANNELS}{more}")).unwrap_or_else(|error| panic!("{error}"));
        let plan = alerts.plan("HotDash", "staging").unwrap();
        let now = "2026-11-16T20:00:00Z".parse().unwrap();
        Self {
            cases: Cases::resume(plan.clone(), []),
            plan,
            facts: BTreeMap::from([(name(), well(now))]),
            troubles: BTreeMap::new(),
            now,
            written: BTreeMap::new(),
            letters: Vec::new(),
        }
    }

    fn is(&mut self, change: impl FnOnce(&mut Facts)) -> &mut Self {
        let mut facts = well(self.now);
        change(&mut facts);
        self.facts.insert(name(), facts);
        self
    }

    fn fails(&mut self) -> &mut Self {
        self.is(|facts| (facts.bad_in_a_row, facts.last_bad) = (3, Some("liveness refused".to_owned())))
    }

    fn degrades(&mut self) -> &mut Self {
        self.is(|facts| facts.health = Health::Degraded)
    }

    /// Looks once a minute, and tells what was told: channel and action.
    fn minutes(&mut self, minutes: u32) -> Vec<String> {
        let mut told = Vec::new();
        for minute in 0..=minutes {
            if minute > 0 {
                self.now += SignedDuration::from_mins(1);
            }
            let looked = self.cases.look(self.now, &self.facts, &self.troubles);
            self.written.extend(looked.cases.into_iter().map(|case| (case.id.clone(), case)));
            told.extend(looked.letters.iter().map(|it| format!("{} {}", it.channel, it.message.action.as_str())));
            self.letters.extend(looked.letters);
        }
        told
    }

    /// Goes on with what was written, as after a crash.
    fn restarts(&mut self) -> &mut Self {
        self.cases = Cases::resume(self.plan.clone(), self.written.values().cloned());
        self
    }
}

const NOBODY: [&str; 0] = [];

#[test]
fn three_failures_page_at_once_and_the_recovery_bears_the_same_key() {
    let mut house = House::of("");
    assert_eq!(house.minutes(5), NOBODY);
    house.is(|facts| facts.bad_in_a_row = 2);
    assert_eq!(house.minutes(5), NOBODY);
    assert_eq!(house.fails().minutes(0), ["oncall trigger"]);
    assert_eq!(house.minutes(60), NOBODY, "once is enough");
    house.is(|_| ());
    assert_eq!(house.minutes(4), NOBODY, "it has to hold");
    assert_eq!(house.minutes(1), ["oncall resolve"]);
    let [first, last] = house.letters.as_slice() else { panic!("{:?}", house.letters) };
    assert_eq!(first.message.key, last.message.key);
    assert_ne!(first.id, last.id);
    assert_eq!(first.message.summary, "Chatwoot fails in staging: 3 bad runs in a row (liveness refused)");
    assert_eq!(last.message.summary, "Chatwoot is well again in staging, after 65 min");
    assert_eq!(house.minutes(60), NOBODY);
}

#[test]
fn degraded_is_told_after_ten_minutes_and_raised_where_it_gets_worse() {
    let mut house = House::of("");
    assert_eq!(house.degrades().minutes(9), NOBODY);
    assert_eq!(house.minutes(1), ["ops trigger"]);
    assert_eq!(
        house.fails().minutes(0),
        ["oncall trigger"],
        "who was told less is not told by a rule that is not its own"
    );
    let mut house = House::of("rules: {down: {to: [oncall, ops]}}\n");
    house.degrades().minutes(10);
    assert_eq!(house.fails().minutes(0), ["oncall trigger", "ops update"]);
}

#[test]
fn a_service_that_flaps_is_one_alert() {
    let mut house = House::of("");
    house.fails().minutes(0);
    for _ in 0..10 {
        assert_eq!(house.is(|_| ()).minutes(3), NOBODY);
        assert_eq!(house.fails().minutes(3), NOBODY);
    }
    assert_eq!(house.is(|_| ()).minutes(6), ["oncall resolve"]);
    assert_eq!(house.written.values().map(|case| case.relapses).collect::<Vec<_>>(), [10]);
}

#[test]
fn nobody_who_sees_it_lets_it_climb() {
    let more = "rules: {down: {to: [ops], escalate: [{after_seconds: 900, to: [oncall]}]}}\n";
    let mut house = House::of(more);
    assert_eq!(house.fails().minutes(14), ["ops trigger"]);
    assert_eq!(house.minutes(1), ["oncall trigger"]);
    assert_eq!(house.is(|_| ()).minutes(6), ["oncall resolve", "ops resolve"]);
    // Somebody has seen it.
    let mut house = House::of(more);
    house.fails().minutes(5);
    assert!(house.cases.acknowledge(&name(), "ana", house.now).is_some());
    assert!(house.cases.acknowledge(&name(), "bob", house.now).is_none());
    assert_eq!(house.minutes(60), NOBODY);
    // It was over before its time.
    let mut house = House::of(more);
    house.fails().minutes(5);
    assert_eq!(house.is(|_| ()).minutes(30), ["ops resolve"]);
}

#[test]
fn warnings_wait_until_the_night_is_over_and_pages_do_not() {
    let quiet = "quiet: {from: '22:00', until: '07:00', zone: Europe/Berlin}";
    let channels = CHANNELS.replace("slack: {url: '${S}'}", &format!("slack: {{url: '${{S}}'}}, {quiet}"));
    let plan = serde_yaml::from_str::<Alerts>(&channels).unwrap().plan("HotDash", "staging").unwrap();
    let night = || {
        let mut house = House::of("");
        (house.cases, house.plan) = (Cases::resume(plan.clone(), []), plan.clone());
        // Ten at night in Berlin.
        house.now = "2026-11-16T21:00:00Z".parse().unwrap();
        house
    };
    let mut house = night();
    assert_eq!(house.degrades().minutes(8 * 60 + 59), NOBODY);
    assert_eq!(house.minutes(1), ["ops trigger"]);
    let mut house = night();
    house.degrades().minutes(60);
    assert_eq!(house.is(|_| ()).minutes(10 * 60), NOBODY, "what nobody was told need not be taken back");
    let mut house = night();
    assert_eq!(house.fails().minutes(0), ["oncall trigger"]);
}

#[test]
fn a_restart_goes_on_and_tells_nothing_twice() {
    let mut house = House::of("");
    house.fails().minutes(3);
    assert_eq!(house.restarts().minutes(10), NOBODY);
    house.is(|_| ()).minutes(2);
    assert_eq!(house.restarts().minutes(3), ["oncall resolve"], "what was calm stays so");
    assert_eq!(house.restarts().minutes(10), NOBODY);
    // Ten minutes of which nine were before the restart.
    let mut house = House::of("");
    house.degrades().minutes(9);
    assert_eq!(house.restarts().minutes(1), ["ops trigger"]);
}

#[test]
fn maintenance_and_what_follows_from_another_service_are_told_to_nobody() {
    for change in [|facts: &mut Facts| facts.excused = true, |facts: &mut Facts| facts.follows = true] {
        let mut house = House::of("");
        house.is(|facts| {
            facts.bad_in_a_row = 9;
            change(facts);
        });
        assert_eq!(house.minutes(60), NOBODY);
        assert_eq!(house.fails().minutes(0), ["oncall trigger"], "it fails by itself now");
    }
}

#[test]
fn a_service_that_falls_silent_is_not_well() {
    let mut house = House::of("");
    house.fails().minutes(1);
    house.is(|facts| (facts.health, facts.good_percent, facts.p95_ms) = (Health::Unknown, None, None));
    assert_eq!(house.minutes(600), NOBODY);
    assert_eq!(house.is(|_| ()).minutes(5), ["oncall resolve"]);
}

#[test]
fn a_service_that_is_watched_no_more_is_let_go() {
    let mut house = House::of("");
    house.fails().minutes(1);
    house.facts.clear();
    assert_eq!(house.minutes(0), ["oncall resolve"]);
    assert_eq!(house.cases.open().count(), 0);
}

#[test]
fn an_alertmanager_is_told_again_so_that_it_does_not_forget() {
    let mut house = House::of("");
    let channels = format!("{CHANNELS}rules: {{down: {{to: [prom, oncall]}}}}\n")
        .replace("page:", "  prom: {alertmanager: {url: 'http://127.0.0.1:9093'}}\npage:");
    let plan = serde_yaml::from_str::<Alerts>(&channels).unwrap().plan("HotDash", "staging").unwrap();
    (house.cases, house.plan) = (Cases::resume(plan.clone(), []), plan);
    assert_eq!(house.fails().minutes(29), ["oncall trigger", "prom trigger"]);
    assert_eq!(house.minutes(31), ["prom update", "prom update"]);
}

#[test]
fn a_channel_that_does_not_deliver_is_told_to_the_others() {
    let mut house = House::of("");
    let trouble = Trouble { letters: 1, attempts: 3, why: "it answers 503".to_owned() };
    house.troubles.insert("ops".to_owned(), trouble);
    assert_eq!(house.minutes(10), ["oncall trigger"]);
    assert_eq!(
        house.letters[0].message.summary,
        "Alerts do not reach ops: 1 alert could not be delivered after 3 attempts: it answers 503"
    );
    house.troubles.clear();
    assert_eq!(house.minutes(10), ["oncall resolve"]);
    assert_eq!(house.letters[1].message.summary, "Alerts reach ops again");
    assert_eq!(house.letters[0].message.key, house.letters[1].message.key);
}

proptest! {
    /// Whatever a service does, and whenever the monitor is killed: each channel hears of a case once, never of its end
    /// before its beginning, and of its end exactly once where it heard of it at all.
    #[test]
    fn what_is_told_makes_sense_whatever_happens(
        turns in proptest::collection::vec((0_u8..5, 0_u32..12, any::<bool>()), 1..40)
    ) {
        let mut house = House::of("rules: {down: {to: [oncall, ops], escalate: [{after_seconds: 300, to: [ops]}]}}\n");
        for (state, minutes, killed) in turns {
            match state {
                0 | 1 => house.is(|_| ()),
                2 => house.fails(),
                3 => house.degrades(),
                _ => house.is(|facts| facts.health = Health::Unknown),
            };
            house.minutes(minutes);
            if killed {
                house.restarts();
            }
        }
        house.is(|_| ()).minutes(10);
        assert_eq!(house.cases.open().count(), 0);
        let mut stories: BTreeMap<(String, String), Vec<Action>> = BTreeMap::new();
        let mut ids = std::collections::BTreeSet::new();
        for letter in &house.letters {
            assert!(ids.insert(letter.id.clone()), "{} twice", letter.id);
            stories.entry((letter.message.key.clone(), letter.channel.clone())).or_default().push(letter.message.action);
        }
        for story in stories.values() {
            assert_eq!(story.first(), Some(&Action::Trigger), "{story:?}");
            assert_eq!(story.last(), Some(&Action::Resolve), "{story:?}");
            let middle = &story[1..story.len() - 1];
            assert!(middle.iter().all(|action| *action == Action::Update) && middle.len() <= 1, "{story:?}");
        }
    }
}
