//! Latencies in constant space: counted by size, eight sizes to each doubling, so that a percentile is at most an eighth off.

use std::time::Duration;

/// Sizes to each doubling.
const STEPS: u64 = 8;

/// Doublings of eight microseconds that are told apart; the last one is beyond an hour.
const SIZES: usize = 30 * 8;

/// Counts by size.
#[derive(Clone, Debug)]
pub struct Latency {
    counts: Vec<u64>,
    all: u64,
}

impl Default for Latency {
    fn default() -> Self {
        Self { counts: vec![0; SIZES], all: 0 }
    }
}

impl Latency {
    pub fn note(&mut self, took: Duration) {
        let place = place(u64::try_from(took.as_micros()).unwrap_or(u64::MAX)).min(SIZES - 1);
        self.counts[place] += 1;
        self.all += 1;
    }

    pub fn count(&self) -> u64 {
        self.all
    }

    /// The time within which this many of a thousand answers came (500 is the median), rounded up to the end of its size;
    /// None where none came.
    pub fn within(&self, of_thousand: u64) -> Option<Duration> {
        let wanted = (self.all * of_thousand.min(1000)).div_ceil(1000).max(1);
        let mut seen = 0;
        let place = self.counts.iter().position(|count| {
            seen += count;
            seen >= wanted
        })?;
        Some(Duration::from_micros(end(place)))
    }
}

/// Below sixteen each microsecond has a place; above, the highest bits give the doubling, and the next three the step in it.
fn place(micros: u64) -> usize {
    if micros < 2 * STEPS {
        return usize::try_from(micros).unwrap_or_default();
    }
    let doubling = u64::from(63 - micros.leading_zeros()) - 3;
    usize::try_from(doubling * STEPS + (micros >> doubling)).unwrap_or(usize::MAX)
}

/// The largest time of a place.
fn end(place: usize) -> u64 {
    let place = place as u64;
    if place < 2 * STEPS {
        return place;
    }
    let doubling = place / STEPS - 1;
    (((place % STEPS) + STEPS + 1) << doubling) - 1
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::{prop, proptest};

    use super::{Latency, end, place};

    #[test]
    fn sizes_follow_each_other_without_gap() {
        for micros in 0..100_000_u64 {
            let at = place(micros);
            assert!(micros <= end(at) && (at == 0 || micros > end(at - 1)), "{micros} {at}");
        }
    }

    #[test]
    fn nothing_heard_has_no_percentile() {
        assert_eq!(Latency::default().within(950), None);
        let mut latency = Latency::default();
        latency.note(Duration::from_hours(200));
        assert!(latency.within(1000).is_some_and(|longest| longest > Duration::from_mins(10)));
    }

    proptest! {
        #[test]
        fn a_percentile_is_at_most_an_eighth_too_long(mut micros in prop::collection::vec(0u64..3_000_000_000, 1..60), of in 1u64..=1000) {
            let mut latency = Latency::default();
            for one in &micros {
                latency.note(Duration::from_micros(*one));
            }
            micros.sort_unstable();
            let rank = usize::try_from((micros.len() as u64 * of).div_ceil(1000).max(1)).unwrap();
            let (exact, told) = (micros[rank - 1], latency.within(of).unwrap().as_micros());
            assert!(told >= u128::from(exact) && told <= u128::from(exact + exact / 8 + 1), "{told} {exact}");
        }
    }
}
