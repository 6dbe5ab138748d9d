//! What a monitor's own requests say beside health: how many there were, what of a quota is left, and which deliveries were taken.

use jiff::Timestamp;
use serde::Serialize;

/// Requests to an API, added up.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Calls {
    pub calls: u64,
    /// Those that brought no answer, or a status of 400 and above.
    pub errors: u64,
    /// Those that were answered 429; they are errors too.
    pub throttled: u64,
    /// As it was last announced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quota: Option<Quota>,
}

/// What an answer's headers say of a quota. At least one of limit and remaining is there.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub struct Quota {
    /// Requests (or what else the vendor counts) in a window.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remaining: Option<u64>,
    /// When the window ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reset: Option<Timestamp>,
    pub seen: Timestamp,
}

/// Webhooks that were delivered to try an endpoint, added up.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Deliveries {
    /// Rightly signed ones.
    pub delivered: u64,
    /// Those of them that were taken: answered with a status of 2xx.
    pub verified: u64,
    /// Wrongly signed ones.
    pub forged: u64,
    /// Those of them that were refused: answered with a status of 4xx.
    pub refused: u64,
}

impl Calls {
    pub fn add(&mut self, other: &Self) {
        self.calls += other.calls;
        self.errors += other.errors;
        self.throttled += other.throttled;
        self.quota = match (self.quota, other.quota) {
            (Some(one), Some(two)) => Some(if two.seen < one.seen { one } else { two }),
            (one, two) => two.or(one),
        };
    }

    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Quota {
    /// The share of the quota that is used, 0 to 100; None where the headers do not say both.
    pub fn used_percent(&self) -> Option<f64> {
        let (limit, remaining) = (self.limit.filter(|limit| *limit > 0)?, self.remaining?);
        #[expect(clippy::cast_precision_loss, reason = "quotas are far below 2^52")]
        let used = limit.saturating_sub(remaining) as f64 * 100.0 / limit as f64;
        Some(used)
    }
}

impl Deliveries {
    pub fn add(&mut self, other: &Self) {
        self.delivered += other.delivered;
        self.verified += other.verified;
        self.forged += other.forged;
        self.refused += other.refused;
    }

    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The share of deliveries that were rightly taken or rightly refused, 0 to 100; None where there were none.
    pub fn right_percent(&self) -> Option<f64> {
        let all = self.delivered + self.forged;
        #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
        let share = (self.verified + self.refused) as f64 * 100.0 / all as f64;
        (all > 0).then_some(share)
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::{Calls, Deliveries, Quota};

    fn quota(second: i64, remaining: u64) -> Quota {
        let seen = Timestamp::from_second(second).unwrap();
        Quota { limit: Some(40), remaining: Some(remaining), reset: None, seen }
    }

    #[test]
    fn of_two_announcements_the_later_one_counts_in_whichever_order_they_are_added() {
        let calls = |quota| Calls { calls: 1, quota, ..Calls::default() };
        for (one, two, left) in [
            (Some(quota(1, 30)), Some(quota(2, 20)), Some(20)),
            (Some(quota(2, 20)), Some(quota(1, 30)), Some(20)),
            (Some(quota(1, 30)), None, Some(30)),
            (None, None, None),
        ] {
            let mut sum = calls(one);
            sum.add(&calls(two));
            assert_eq!((sum.calls, sum.quota.and_then(|quota| quota.remaining)), (2, left));
        }
    }

    #[test]
    fn a_share_needs_both_and_nothing_delivered_is_no_share() {
        assert_eq!(quota(1, 10).used_percent(), Some(75.0));
        assert_eq!(Quota { limit: None, ..quota(1, 10) }.used_percent(), None);
        assert_eq!(Quota { limit: Some(0), ..quota(1, 0) }.used_percent(), None);
        assert_eq!(Quota { remaining: Some(50), ..quota(1, 0) }.used_percent(), Some(0.0));
        assert_eq!(Deliveries::default().right_percent(), None);
        let half = Deliveries { delivered: 2, verified: 2, forged: 2, refused: 0 };
        assert_eq!(half.right_percent(), Some(50.0));
    }
}
