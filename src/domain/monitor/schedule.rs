//! When a probe is due: turns at fixed times, spread by name and shaken a little, that never drift.

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

/// The largest part of an interval by which a turn is later than its fixed time.
const SHAKE: f64 = 0.05;

/// The turns of one probe. Turn k is at phase + k · interval + shake(k): how long a run took, and when the monitor was
/// started, changes none of them, so a restart goes on where it was.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Schedule {
    interval_ms: i64,
    /// Drawn from the name, so that probes of one interval are not all due at once.
    phase_ms: i64,
    seed: u64,
}

impl Schedule {
    /// The schedule of a probe. An interval under a second is one second.
    pub fn of(name: &str, interval_seconds: u32) -> Self {
        let seed = spread(Sha256::digest(name).as_slice());
        let interval_ms = i64::from(interval_seconds.max(1)) * 1000;
        Self { interval_ms, phase_ms: (seed % interval_ms.unsigned_abs()).cast_signed(), seed }
    }

    pub fn interval(&self) -> SignedDuration {
        SignedDuration::from_millis(self.interval_ms)
    }

    /// The first turn after `after`.
    pub fn next(&self, after: Timestamp) -> Timestamp {
        let after = after.as_millisecond();
        let turn = (after - self.phase_ms).div_euclid(self.interval_ms) - 1;
        let due = (turn..turn + 4).map(|turn| self.at(turn)).find(|due| *due > after);
        // The end of the calendar has no turn after it.
        due.and_then(|due| Timestamp::from_millisecond(due).ok()).unwrap_or(Timestamp::MAX)
    }

    /// How many turns were missed between two runs that followed each other.
    pub fn missed(&self, before: Timestamp, now: Timestamp) -> u64 {
        let turn = |at: Timestamp| (at.as_millisecond() - self.phase_ms).div_euclid(self.interval_ms);
        u64::try_from(turn(now) - turn(before) - 1).unwrap_or(0)
    }

    fn at(&self, turn: i64) -> i64 {
        let mut digest = Sha256::new();
        digest.update(self.seed.to_be_bytes());
        digest.update(turn.to_be_bytes());
        let drawn = spread(digest.finalize().as_slice());
        #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a few milliseconds of shake")]
        let shake = (self.interval_ms as f64 * SHAKE * (drawn as f64 / u64::MAX as f64)) as i64;
        self.phase_ms + turn * self.interval_ms + shake
    }
}

fn spread(digest: &[u8]) -> u64 {
    digest.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};
    use proptest::prelude::{any, proptest};

    use super::Schedule;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_day_of_turns_is_as_many_as_the_interval_says() {
        let schedule = Schedule::of("chatwoot", 5);
        let (mut now, end, mut turns) = (at(1_800_000_000), at(1_800_086_400), 0);
        while now < end {
            now = schedule.next(now);
            turns += 1;
        }
        assert!((17_280..=17_281).contains(&turns), "{turns}");
    }

    #[test]
    fn a_slow_run_shifts_no_turn() {
        let schedule = Schedule::of("shopify", 60);
        let first = schedule.next(at(1_800_000_000));
        let second = schedule.next(first);
        let late = first + SignedDuration::from_secs(20);
        assert_eq!(schedule.next(late), second);
        assert_eq!(schedule.missed(first, second), 0);
        assert_eq!(schedule.missed(first, second + SignedDuration::from_secs(180)), 3);
    }

    #[test]
    fn probes_of_one_interval_are_spread_over_it() {
        let now = at(1_800_000_000);
        let mut seconds = [0; 60];
        for index in 0..6000 {
            let wait = Schedule::of(&format!("service-{index}"), 60).next(now).duration_since(now).as_secs();
            seconds[usize::try_from(wait).unwrap().min(59)] += 1;
        }
        assert!(seconds.iter().all(|count| (50..=160).contains(count)), "{seconds:?}");
    }

    #[test]
    fn turns_are_shaken_and_not_all_alike() {
        let schedule = Schedule::of("ga4", 60);
        let mut now = at(1_800_000_000);
        let mut waits = std::collections::BTreeSet::new();
        for _ in 0..20 {
            let next = schedule.next(now);
            waits.insert(next.duration_since(now).as_millis());
            now = next;
        }
        assert!(waits.len() > 10, "{waits:?}");
        assert!(waits.iter().skip(1).all(|wait| (57_000..=63_000).contains(wait)), "{waits:?}");
    }

    proptest! {
        #[test]
        fn the_next_turn_is_after_now_and_within_an_interval_and_its_shake(
            name in "[a-z]{1,8}", interval in 1_u32..86_400, now in any::<u32>()
        ) {
            let schedule = Schedule::of(&name, interval);
            let now = at(i64::from(now));
            let next = schedule.next(now);
            assert!(next > now);
            let most = SignedDuration::from_millis(i64::from(interval) * 1050 + 1);
            assert!(next.duration_since(now) <= most, "{name} {interval} {now} {next}");
        }
    }
}
