//! Rate limits of a plan: GraphQL points and REST calls, both leaky buckets.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::twin::kit::bucket::LeakyBucket;

/// A merchant's plan, by which Shopify limits an app in a shop.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Plan {
    Standard,
    Advanced,
    Plus,
    Enterprise,
}

/// A single query may not ask for more points than this, on any plan (shopify.dev, rate limits of the GraphQL Admin API).
pub const MOST_POINTS: f64 = 1000.0;

impl Plan {
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "standard" => Some(Self::Standard),
            "advanced" => Some(Self::Advanced),
            "plus" => Some(Self::Plus),
            "enterprise" => Some(Self::Enterprise),
            _ => None,
        }
    }

    /// Points a second (shopify.dev/docs/apps/build/apis/graphql-admin/rate-limits). The bucket holds twenty times as
    /// many: 2000 at 100 points a second is what captures show; for the other plans it is inferred.
    pub fn points_per_second(self) -> f64 {
        match self {
            Self::Standard => 100.0,
            Self::Advanced => 200.0,
            Self::Plus => 1000.0,
            Self::Enterprise => 2000.0,
        }
    }

    /// Calls a second (shopify.dev/docs/api/admin-rest/usage/rate-limits). The bucket of 40 is documented for the standard
    /// plan; twenty times the rate for the others is remembered (remembered).
    pub fn calls_per_second(self) -> f64 {
        match self {
            Self::Standard => 2.0,
            Self::Advanced => 4.0,
            Self::Plus => 20.0,
            Self::Enterprise => 40.0,
        }
    }
}

/// The buckets of one app in one shop.
#[derive(Clone, Debug)]
pub struct Throttle {
    pub points: LeakyBucket,
    pub calls: LeakyBucket,
}

impl Throttle {
    pub fn new(plan: Plan, now: Timestamp) -> Self {
        let bucket = |rate: f64| LeakyBucket::new(20.0 * rate, rate, now);
        Self { points: bucket(plan.points_per_second()), calls: bucket(plan.calls_per_second()) }
    }

    /// Leaves exactly `points` of the GraphQL bucket.
    pub fn leave_points(&mut self, points: f64, now: Timestamp) {
        self.points = LeakyBucket::new(self.points.capacity(), self.points.rate(), now);
        self.points.pour(self.points.capacity() - points, now);
    }

    /// Fills the REST bucket up to `calls`.
    pub fn use_calls(&mut self, calls: f64, now: Timestamp) {
        self.calls = LeakyBucket::new(self.calls.capacity(), self.calls.rate(), now);
        self.calls.pour(calls, now);
    }

    /// `throttleStatus` of an answer: the capacities are written as decimals, what is available as a whole number.
    pub fn status(&mut self, now: Timestamp) -> Value {
        let available = whole(self.points.available(now));
        json!({
            "maximumAvailable": self.points.capacity(),
            "currentlyAvailable": available,
            "restoreRate": self.points.rate(),
        })
    }

    /// `1/40`, the value of `X-Shopify-Shop-Api-Call-Limit`.
    pub fn call_limit(&mut self, now: Timestamp) -> String {
        let used = self.calls.level(now).ceil();
        format!("{}/{}", whole(used), whole(self.calls.capacity()))
    }
}

/// A count of points or calls without its fraction.
#[expect(clippy::cast_possible_truncation, reason = "points and calls are small and finite")]
pub fn whole(number: f64) -> i64 {
    number.floor() as i64
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::Timestamp;

    use super::{Plan, Throttle};

    #[test]
    fn each_plan_restores_at_its_rate() {
        let start = Timestamp::UNIX_EPOCH;
        for (plan, capacity, after_a_second) in
            [("standard", 2000, 100), ("advanced", 4000, 200), ("plus", 20_000, 1000), ("enterprise", 40_000, 2000)]
        {
            let mut throttle = Throttle::new(Plan::named(plan).unwrap(), start);
            assert_eq!(throttle.status(start)["currentlyAvailable"], capacity, "{plan}");
            throttle.leave_points(0.0, start);
            assert_eq!(throttle.status(start)["currentlyAvailable"], 0, "{plan}");
            let later = start + Duration::from_secs(1);
            assert_eq!(throttle.status(later)["currentlyAvailable"], after_a_second, "{plan}");
        }
        assert!(Plan::named("basic").is_none());
    }

    #[test]
    fn the_call_limit_is_written_used_of_capacity() {
        let start = Timestamp::UNIX_EPOCH;
        let mut throttle = Throttle::new(Plan::Standard, start);
        assert!(throttle.calls.pour(1.0, start));
        assert_eq!(throttle.call_limit(start), "1/40");
        throttle.use_calls(40.0, start);
        assert!(!throttle.calls.pour(1.0, start + Duration::from_millis(400)));
        assert!(throttle.calls.pour(1.0, start + Duration::from_millis(600)));
    }
}
