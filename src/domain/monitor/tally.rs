//! What many runs add up to: how many were good, and how long answers took, in constant space.

use crate::domain::monitor::beat::{Beat, Said};
use crate::domain::monitor::latencies::Latencies;

/// Runs, added up. Two of them can be added to one, in any order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally {
    pub good: u64,
    pub bad: u64,
    /// Questions that could not be put.
    pub nothing: u64,
    /// Further tries that were needed.
    pub retries: u64,
    /// Microseconds, of all answers that came.
    pub latency: Latencies,
}

impl Tally {
    pub fn hear(&mut self, beat: &Beat) {
        match beat.said {
            Said::Good => self.good += 1,
            Said::Bad => self.bad += 1,
            Said::Nothing => self.nothing += 1,
        }
        if let Some(latency) = beat.latency_us {
            self.latency.note(latency);
        }
    }

    pub fn add(&mut self, other: &Self) {
        self.good += other.good;
        self.bad += other.bad;
        self.nothing += other.nothing;
        self.retries += other.retries;
        self.latency.add(&other.latency);
    }

    /// Runs that say something.
    pub fn told(&self) -> u64 {
        self.good + self.bad
    }

    pub fn is_empty(&self) -> bool {
        self.told() + self.nothing == 0
    }

    /// Good runs of those that say something, 0 to 100; None where none does.
    pub fn success_percent(&self) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
        let share = |good: u64, all: u64| good as f64 * 100.0 / all as f64;
        (self.told() > 0).then(|| share(self.good, self.told()))
    }

    /// Microseconds that this share (0 to 100) of answers stayed within; None where no answer came.
    pub fn percentile_us(&self, percent: f64) -> Option<u64> {
        self.latency.percentile_us(percent)
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::{any, proptest};

    use super::Tally;
    use crate::domain::monitor::beat::{Beat, Said};

    fn tally(latencies: &[u64]) -> Tally {
        let mut tally = Tally::default();
        for latency in latencies {
            tally.hear(&Beat { at: Timestamp::UNIX_EPOCH, said: Said::Good, latency_us: Some(*latency) });
        }
        tally
    }

    #[test]
    fn nothing_heard_is_no_share_and_no_percentile() {
        let mut tally = Tally::default();
        assert_eq!((tally.success_percent(), tally.percentile_us(95.0)), (None, None));
        tally.hear(&Beat { at: Timestamp::UNIX_EPOCH, said: Said::Nothing, latency_us: None });
        // A question that could not be put makes nothing better or worse.
        assert_eq!((tally.success_percent(), tally.told(), tally.is_empty()), (None, 0, false));
    }

    #[test]
    fn an_average_would_hide_what_a_percentile_shows() {
        let mut all = vec![100_000; 94];
        all.extend([30_000_000; 6]);
        let tally = tally(&all);
        assert!(tally.percentile_us(50.0).unwrap() < 102_000);
        assert!(tally.percentile_us(95.0).unwrap() >= 29_700_000);
    }

    proptest! {
        #[test]
        fn parts_add_up_to_the_whole_and_percentiles_are_right_to_a_hundredth(
            mut all in proptest::collection::vec(1_u64..100_000_000, 1..200), cut in any::<proptest::sample::Index>(),
            percent in 1.0_f64..100.0
        ) {
            let (one, two) = all.split_at(cut.index(all.len()));
            let mut sum = tally(one);
            sum.add(&tally(two));
            assert_eq!(sum, tally(&all));
            all.sort_unstable();
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                clippy::cast_precision_loss,
                reason = "ranks of at most two hundred"
            )]
            let rank = ((percent / 100.0 * all.len() as f64).ceil() as usize).clamp(1, all.len());
            let (exact, told) = (all[rank - 1], sum.percentile_us(percent).unwrap());
            assert!(told >= exact && told - exact <= exact / 100 + 1, "{percent}: {told} for {exact}");
        }
    }
}
