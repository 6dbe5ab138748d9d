//! How many retries all calls together may make: when everything fails, retries must not be most of what a service gets.

/// Tokens: each call brings a share of one, each retry takes one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Budget {
    tokens: f64,
    plan: Plan,
}

/// What a budget gives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plan {
    /// Retries that may be made before any call has brought its share; more are never saved up.
    pub free: u32,
    /// Retries that each call brings.
    pub ratio: f64,
}

impl Default for Plan {
    /// A fifth of the calls, and ten (tower 0.5.3, `TpsBudget`). Ours does not fill with time: who seldom asks needs no storm.
    fn default() -> Self {
        Self { free: 10, ratio: 0.2 }
    }
}

impl Budget {
    pub fn new(plan: Plan) -> Self {
        Self { tokens: f64::from(plan.free), plan }
    }

    /// A call is made.
    pub fn deposit(&mut self) {
        self.tokens = (self.tokens + self.plan.ratio).min(f64::from(self.plan.free));
    }

    /// Tells whether one more retry may be made, and takes it.
    pub fn withdraw(&mut self) -> bool {
        let may = self.tokens >= 1.0;
        if may {
            self.tokens -= 1.0;
        }
        may
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop, proptest};

    use super::{Budget, Plan};

    #[test]
    fn a_storm_is_kept_to_its_budget() {
        let mut budget = Budget::new(Plan { free: 2, ratio: 0.5 });
        assert_eq!([budget.withdraw(), budget.withdraw(), budget.withdraw()], [true, true, false]);
        budget.deposit();
        assert!(!budget.withdraw());
        budget.deposit();
        assert!(budget.withdraw());
    }

    proptest! {
        #[test]
        fn retries_never_exceed_what_was_free_and_what_calls_brought(calls in prop::collection::vec(any::<bool>(), 0..400)) {
            let plan = Plan::default();
            let mut budget = Budget::new(plan);
            let (mut made, mut retries) = (0_u32, 0_u32);
            for is_call in calls {
                if is_call {
                    made += 1;
                    budget.deposit();
                } else {
                    retries += u32::from(budget.withdraw());
                }
                assert!(f64::from(retries) <= f64::from(plan.free) + plan.ratio * f64::from(made) + 1e-6);
            }
        }
    }
}
