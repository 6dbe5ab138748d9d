//! What is said of a vendor that cannot be: scores out of their range, a tier that does not exist.

use crate::domain::coherence::Search;
use crate::domain::inventory::Integration;
use crate::domain::vendor::evaluation::MOST;

impl Search<'_> {
    pub(super) fn vendor(&mut self, name: &str, integration: &Integration) {
        if let Some(scores) = &integration.evaluation {
            for (key, score) in [("business_value", scores.business_value), ("feasibility", scores.feasibility)] {
                if !(0.0..=MOST).contains(&score) {
                    let hint = format!("scores are from 0 to {MOST}");
                    self.add(&["integrations", name, "evaluation", key], format!("{score} is no score"), Some(hint));
                }
            }
            if let Some(tier) = scores.tier.filter(|tier| !(1..=3).contains(tier)) {
                let hint = "tiers are 1, 2 and 3".to_owned();
                self.add(&["integrations", name, "evaluation", "tier"], format!("{tier} is no tier"), Some(hint));
            }
        }
        if integration.vendor.as_ref().is_some_and(|vendor| vendor.baseline_ms == Some(0)) {
            let message = "no answer comes within 0 ms";
            self.add(&["integrations", name, "vendor", "baseline_ms"], message, None);
        }
    }
}
