//! Whether a vendor is worth taking on: a priority from two scores, and a tier that must agree with it.

use serde::{Deserialize, Serialize};

use crate::domain::moment::Moment;

/// What people gave a candidate. From 0 to 5 each.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scores {
    pub business_value: f64,
    pub feasibility: f64,
    /// 1, 2 or 3, as it was put down.
    #[serde(default)]
    pub tier: Option<u8>,
    pub by: String,
    pub at: Moment,
}

/// The priority that follows from the scores.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Evaluated {
    /// `(2 × value + feasibility) / 3`, to two places.
    pub priority: f64,
    pub band: Band,
    /// The tier that the band stands for.
    pub tier: u8,
    /// The tier that was put down, where it breaks its own threshold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broken_tier: Option<u8>,
}

/// What a priority means (HotDash, third-party evaluation: 4.0 and above, 3.0 to 3.9, below 3.0).
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Band {
    High,
    Medium,
    Low,
}

impl Band {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }
}

/// The highest score that can be given.
pub const MOST: f64 = 5.0;

/// Works a priority out. A value counts twice what feasibility counts.
pub fn evaluate(scores: &Scores) -> Evaluated {
    let priority = 2.0f64.mul_add(scores.business_value, scores.feasibility) / 3.0;
    let (band, tier) = if priority >= 4.0 {
        (Band::High, 1)
    } else if priority >= 3.0 {
        (Band::Medium, 2)
    } else {
        (Band::Low, 3)
    };
    let broken_tier = scores.tier.filter(|given| *given != tier);
    Evaluated { priority: (priority * 100.0).round() / 100.0, band, tier, broken_tier }
}

#[cfg(test)]
mod tests {
    use super::{Band, Scores, evaluate};

    /// The seven candidates of the team's own evaluation, with the tiers that it gave them.
    #[test]
    fn three_tiers_of_the_evaluation_break_their_own_thresholds() {
        let moment = "2025-10-12".parse().expect("a day");
        let table = [
            ("Stripe", 4.5, 4.5, 1, 4.5, Band::High, None),
            ("Slack", 3.0, 5.0, 1, 3.67, Band::Medium, Some(1)),
            ("Intercom", 4.0, 3.5, 2, 3.83, Band::Medium, None),
            ("Klaviyo", 4.0, 4.0, 2, 4.0, Band::High, Some(2)),
            ("Hootsuite", 3.5, 3.5, 2, 3.5, Band::Medium, None),
            ("SendGrid", 2.5, 4.5, 3, 3.17, Band::Medium, Some(3)),
            ("Metabase", 2.0, 2.0, 3, 2.0, Band::Low, None),
        ];
        for (name, business_value, feasibility, tier, priority, band, broken) in table {
            let scores = Scores { business_value, feasibility, tier: Some(tier), by: "product".into(), at: moment };
            let found = evaluate(&scores);
            assert!((found.priority - priority).abs() < 1e-9, "{name}: {}", found.priority);
            assert_eq!((found.band, found.broken_tier), (band, broken), "{name}");
        }
    }
}
