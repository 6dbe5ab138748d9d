//! How a service is: healthy, degraded, down or unknown, from its latest runs, slow to change its mind.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::domain::monitor::beat::{Beat, Said};
use crate::domain::probe::thresholds::{Health, MOST_IN_A_ROW, Thresholds};

/// Runs that a share and a percentile are taken of: enough that one bad run leaves more than 95 % good.
const WINDOW: usize = 30;
/// Fewer say nothing of a share.
const FEWEST: usize = 5;
/// Good runs in a row that end an outage, and judgements in a row that change a state by its thresholds.
const STEADY: u32 = 3;
/// Silence after which nothing is known (the users' five minutes).
const SILENCE: SignedDuration = SignedDuration::from_mins(5);

/// The state of one service, and what it was made of. Kept by the history, so that a restart goes on with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pulse {
    pub health: Health,
    /// Since when it is so.
    pub since: Timestamp,
    /// Bad runs in a row.
    pub bad_in_a_row: u32,
    good_in_a_row: u32,
    /// The latest runs that said something: when (seconds), good or bad, microseconds. The oldest first.
    recent: VecDeque<(i64, bool, Option<u64>)>,
    /// Another state, and how often in a row the thresholds have named it.
    leaning: Option<(Health, u32)>,
    heard: Option<Timestamp>,
    /// After a longer silence nothing is known: five minutes, or two turns where these are longer.
    silence_seconds: i64,
}

/// A state that changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Change {
    pub from: Health,
    pub to: Health,
    pub at: Timestamp,
}

impl Pulse {
    /// The pulse of a service of which nothing was heard yet.
    pub fn new(now: Timestamp, interval: SignedDuration) -> Self {
        Self {
            health: Health::Unknown,
            since: now,
            bad_in_a_row: 0,
            good_in_a_row: 0,
            recent: VecDeque::new(),
            leaning: None,
            heard: None,
            silence_seconds: SILENCE.max(interval * 2).as_secs(),
        }
    }

    /// When a run last said something; None where none has since it was silent from the beginning.
    pub fn heard(&self) -> Option<Timestamp> {
        self.heard
    }

    /// Takes a run in. A run older than the newest changes nothing: the clock jumped back, or it was late.
    pub fn hear(&mut self, beat: &Beat, thresholds: &Thresholds) -> Option<Change> {
        if beat.said == Said::Nothing {
            return self.look(beat.at);
        }
        if self.heard.is_some_and(|heard| beat.at < heard) {
            return None;
        }
        // What was before a silence is another story.
        if self.is_silent(beat.at) {
            self.forget();
        }
        self.heard = Some(beat.at);
        let good = beat.said == Said::Good;
        (self.good_in_a_row, self.bad_in_a_row) =
            if good { (self.good_in_a_row.saturating_add(1), 0) } else { (0, self.bad_in_a_row.saturating_add(1)) };
        if self.recent.len() == WINDOW {
            self.recent.pop_front();
        }
        self.recent.push_back((beat.at.as_second(), good, beat.latency_us));
        // The outage is over: it stays in the history, and is no reason to call what came after it bad.
        if self.health == Health::Down && self.good_in_a_row == STEADY {
            let over = self.recent.len() - STEADY as usize;
            self.recent.drain(..over);
        }
        let named = self.named(thresholds)?;
        if named == self.health {
            self.leaning = None;
            return None;
        }
        let times = self.leaning.filter(|(state, _)| *state == named).map_or(1, |(_, times)| times + 1);
        self.leaning = Some((named, times));
        let at_once = self.health == Health::Unknown || self.bad_in_a_row > MOST_IN_A_ROW;
        (at_once || times >= STEADY).then(|| self.turn(named, beat.at))
    }

    /// Looks whether it has become silent.
    pub fn look(&mut self, now: Timestamp) -> Option<Change> {
        (self.health != Health::Unknown && self.is_silent(now)).then(|| {
            self.forget();
            self.turn(Health::Unknown, now)
        })
    }

    /// The clock of the machine was set by so much: what was heard is as old as it was, and so is the state.
    pub fn shift(&mut self, by: SignedDuration) {
        let moved = |at: Timestamp| at.checked_add(by).unwrap_or(at);
        (self.since, self.heard) = (moved(self.since), self.heard.map(moved));
    }

    /// One that was kept, for a monitor that begins now: what was heard after now was heard before the clock was set back.
    #[must_use]
    pub fn resumed(mut self, now: Timestamp) -> Self {
        let ahead = self.heard.map_or(SignedDuration::ZERO, |heard| heard.duration_since(now));
        if ahead > SignedDuration::ZERO {
            self.shift(-ahead);
        }
        self
    }

    /// What the runs and the thresholds name now; None where there are too few runs.
    fn named(&self, thresholds: &Thresholds) -> Option<Health> {
        if self.bad_in_a_row > MOST_IN_A_ROW {
            return Some(Health::Down);
        }
        // An outage ends by good runs in a row, not by bad ones that have grown old.
        if self.health == Health::Down && self.good_in_a_row < STEADY {
            return Some(Health::Down);
        }
        if self.health == Health::Down {
            return Some(Health::Healthy).filter(|_| self.p95_us() < thresholds.healthy.p95_ms * 1000).or_else(|| {
                Some(thresholds.state(100.0, self.p95_us() / 1000)).filter(|state| *state != Health::Healthy)
            });
        }
        if self.recent.len() < FEWEST {
            return None;
        }
        Some(thresholds.state(self.success_percent(), self.p95_us().div_ceil(1000)))
    }

    /// Share of good runs among the latest, 0 to 100; None where they are too few.
    pub fn good_percent(&self) -> Option<f64> {
        (self.recent.len() >= FEWEST).then(|| self.success_percent())
    }

    /// 95th percentile of the latest answers, in milliseconds; None where the runs are too few.
    pub fn p95_ms(&self) -> Option<u64> {
        (self.recent.len() >= FEWEST).then(|| self.p95_us().div_ceil(1000))
    }

    fn success_percent(&self) -> f64 {
        let good = self.recent.iter().filter(|(_, good, _)| *good).count();
        #[expect(clippy::cast_precision_loss, reason = "at most thirty")]
        let share = good as f64 * 100.0 / self.recent.len() as f64;
        share
    }

    /// The 95th percentile of the answers that came: the smallest that 95 of 100 stay within.
    fn p95_us(&self) -> u64 {
        let mut all: Vec<u64> = self.recent.iter().filter_map(|(_, _, latency)| *latency).collect();
        all.sort_unstable();
        let rank = (all.len() * 95).div_ceil(100);
        rank.checked_sub(1).map_or(0, |index| all[index])
    }

    fn is_silent(&self, now: Timestamp) -> bool {
        self.heard.is_none_or(|heard| now.duration_since(heard).as_secs() > self.silence_seconds)
    }

    fn forget(&mut self) {
        self.recent.clear();
        self.leaning = None;
        (self.good_in_a_row, self.bad_in_a_row) = (0, 0);
    }

    fn turn(&mut self, to: Health, at: Timestamp) -> Change {
        let change = Change { from: self.health, to, at };
        self.health = to;
        self.since = at;
        self.leaning = None;
        change
    }
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use super::Pulse;
    use crate::domain::monitor::beat::{Beat, Said};
    use crate::domain::probe::service::Service;
    use crate::domain::probe::thresholds::{Health, Thresholds};

    /// A service that is asked once a minute.
    struct Line {
        pulse: Pulse,
        now: Timestamp,
        told: Vec<Health>,
    }

    impl Line {
        fn new() -> Self {
            let now = Timestamp::from_second(1_800_000_000).unwrap();
            Self { pulse: Pulse::new(now, SignedDuration::from_mins(1)), now, told: Vec::new() }
        }

        /// `g` a good run, `b` a bad one, `s` a good and slow one, `?` one that could not be asked, `-` no run.
        fn runs(&mut self, runs: &str) -> Health {
            for run in runs.chars() {
                self.now += SignedDuration::from_mins(1);
                let (said, latency_us) = match run {
                    'g' => (Said::Good, Some(100_000)),
                    's' => (Said::Good, Some(1_500_000)),
                    'b' => (Said::Bad, None),
                    '?' => (Said::Nothing, None),
                    _ => {
                        self.told.extend(self.pulse.look(self.now).map(|change| change.to));
                        continue;
                    }
                };
                let beat = Beat { at: self.now, said, latency_us };
                let change = self.pulse.hear(&beat, &Thresholds::of(Service::Api));
                self.told.extend(change.map(|change| change.to));
            }
            self.pulse.health
        }
    }

    #[test]
    fn a_service_is_unknown_until_enough_was_heard() {
        let mut line = Line::new();
        assert_eq!(line.runs("gggg"), Health::Unknown);
        assert_eq!(line.runs("g"), Health::Healthy);
    }

    #[test]
    fn one_bad_run_is_no_outage() {
        let mut line = Line::new();
        line.runs("gggggggggggggggggggggggggggggg");
        assert_eq!(line.runs("b"), Health::Healthy);
        assert_eq!(line.runs("gggggggggggggggggggggggggggggg"), Health::Healthy);
        // Two of thirty are 93 %.
        assert_eq!(line.runs("bggbggg"), Health::Degraded);
    }

    #[test]
    fn more_than_five_bad_runs_in_a_row_are_an_outage_at_once_and_three_good_ones_its_end() {
        let mut line = Line::new();
        line.runs("gggggggggggggggggggggggggg");
        assert_eq!(line.runs("bbbbbb"), Health::Down);
        assert_eq!(line.runs("gg"), Health::Down);
        assert_eq!(line.runs("ggg"), Health::Healthy);
        assert_eq!(line.runs("gggg"), Health::Healthy);
    }

    #[test]
    fn flapping_stays_an_outage() {
        let mut line = Line::new();
        line.runs("ggggg");
        line.runs("bbbbbb");
        line.told.clear();
        assert_eq!(line.runs("ggbggbggbggbggb"), Health::Down);
        assert!(line.told.is_empty(), "{:?}", line.told);
    }

    #[test]
    fn slow_answers_degrade_though_all_are_good() {
        let mut line = Line::new();
        line.runs("gggggggggg");
        assert_eq!(line.runs("sssssss"), Health::Degraded);
        assert_eq!(line.told, [Health::Healthy, Health::Degraded]);
    }

    #[test]
    fn silence_is_unknown_and_never_green() {
        let mut line = Line::new();
        line.runs("gggggg");
        assert_eq!(line.runs("-----"), Health::Healthy);
        assert_eq!(line.runs("-"), Health::Unknown);
        // What was heard before the silence is not counted again.
        assert_eq!(line.runs("gggg"), Health::Unknown);
        assert_eq!(line.runs("g"), Health::Healthy);
        // Questions that could not be put are silence too.
        assert_eq!(line.runs("??????"), Health::Unknown);
    }

    #[test]
    fn an_outage_from_the_first_run_on_is_seen() {
        assert_eq!(Line::new().runs("bbbbb"), Health::Down);
    }

    #[test]
    fn a_clock_that_jumps_back_changes_nothing() {
        let mut line = Line::new();
        line.runs("gggggg");
        line.now -= SignedDuration::from_hours(1);
        assert_eq!(line.runs("bbbbbbbbbb"), Health::Healthy);
        line.now += SignedDuration::from_hours(1);
        assert_eq!(line.runs("bbbbbb"), Health::Down);
    }

    #[test]
    fn a_clock_that_was_set_makes_nothing_older_and_hides_nothing() {
        for by in [SignedDuration::from_hours(-1), SignedDuration::from_hours(1)] {
            let mut line = Line::new();
            line.runs("gggggg");
            line.now += by;
            line.pulse.shift(by);
            assert_eq!(line.runs("-"), Health::Healthy, "{by}");
            assert_eq!(line.runs("bbbbbb"), Health::Down, "{by}");
            assert!(line.pulse.since <= line.now);
        }
        // The clock was set back while nobody watched.
        let mut line = Line::new();
        line.runs("gggggg");
        line.now -= SignedDuration::from_hours(1);
        line.pulse = line.pulse.clone().resumed(line.now);
        assert_eq!(line.runs("bbbbbb"), Health::Down);
    }

    #[test]
    fn a_restart_goes_on_with_what_was_kept() {
        let mut line = Line::new();
        line.runs("ggggggbbb");
        let kept = serde_json::to_string(&line.pulse).unwrap();
        line.pulse = serde_json::from_str(&kept).unwrap();
        assert_eq!(line.runs("bbb"), Health::Down);
    }
}
