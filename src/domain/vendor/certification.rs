//! How far an integration is certified, Basic, Verified or Premium, and what is missing for the next tier.
//!
//! The tiers are those of HotDash's marketplace design: Basic passes the automated checks, Verified is supported within
//! a day and updated within ninety, Premium has an agreement. What can be measured of each is measured; the rest is declared.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::domain::readiness::{Criterion, Row, State};
use crate::domain::vendor::Declared;
use crate::domain::vendor::scorecard::{Escalation, Scorecard};

/// A tier; each holds all that the one below it asks.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    None,
    Basic,
    Verified,
    Premium,
}

impl Tier {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Basic => "Basic",
            Self::Verified => "Verified",
            Self::Premium => "Premium",
        }
    }
}

/// The tier that the evidence carries.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Certification {
    pub tier: Tier,
    /// The tier above; absent for the highest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Tier>,
    /// What stands between it and the next tier.
    pub missing: Vec<String>,
}

/// Milliseconds that an answer may take (the automated checks: under two seconds).
const MOST_MS: u64 = 2_000;
const UPDATED_DAYS: i64 = 90;
const SUPPORT_HOURS: u32 = 24;

/// Certifies an integration by its rows, one for each environment.
pub fn certify(rows: &[&Row], declared: Option<&Declared>, card: &Scorecard, now: Timestamp) -> Certification {
    let steps = [
        (Tier::Basic, basic(rows, card)),
        (Tier::Verified, verified(rows, declared, now)),
        (Tier::Premium, premium(rows, declared, card)),
    ];
    let mut reached = Tier::None;
    for (tier, missing) in steps {
        if !missing.is_empty() {
            return Certification { tier: reached, next: Some(tier), missing };
        }
        reached = tier;
    }
    Certification { tier: reached, next: None, missing: Vec::new() }
}

fn basic(rows: &[&Row], card: &Scorecard) -> Vec<String> {
    let mut missing = Vec::new();
    missing.extend(shown(rows, Criterion::ContractTwin));
    for criterion in Criterion::ALL {
        missing.extend(against(rows, criterion));
    }
    if let Some(ms) = card.p95_ms.filter(|ms| *ms > MOST_MS) {
        missing.push(format!("95 % of its answers took up to {ms} ms; under {MOST_MS} ms is asked"));
    }
    missing
}

fn verified(rows: &[&Row], declared: Option<&Declared>, now: Timestamp) -> Vec<String> {
    let mut missing = Vec::new();
    for criterion in [Criterion::ContractLive, Criterion::Credentials, Criterion::Webhooks, Criterion::Health] {
        missing.extend(shown(rows, criterion));
    }
    match declared.and_then(|declared| declared.support_hours) {
        Some(hours) if hours < SUPPORT_HOURS => {}
        Some(hours) => missing.push(format!("support answers in {hours} h; under {SUPPORT_HOURS} h is asked")),
        None => missing.push("how soon support answers is not declared (vendor.support_hours)".to_owned()),
    }
    match declared.and_then(|declared| declared.updated) {
        Some(updated) if updated.start() > now => missing.push(format!("updated {updated} lies in the future")),
        Some(updated) if now.duration_since(updated.start()) <= SignedDuration::from_hours(24 * UPDATED_DAYS) => {}
        Some(updated) => missing.push(format!("last updated {updated}; {UPDATED_DAYS} days are allowed")),
        None => missing.push("when it was last updated is not declared (vendor.updated)".to_owned()),
    }
    missing
}

fn premium(rows: &[&Row], declared: Option<&Declared>, card: &Scorecard) -> Vec<String> {
    let mut missing = Vec::new();
    for criterion in [Criterion::Resilience, Criterion::Flag] {
        missing.extend(shown(rows, criterion));
    }
    if card.escalation != Escalation::None {
        missing.push(format!("its escalation level is {}", card.escalation.as_str()));
    }
    if declared.is_none_or(|declared| declared.agreement.as_deref().is_none_or(|text| text.trim().is_empty())) {
        missing.push("no agreement is declared (vendor.agreement)".to_owned());
    }
    missing
}

/// What is missing where a criterion is ready in no environment; one that does not apply anywhere is not asked.
fn shown(rows: &[&Row], criterion: Criterion) -> Option<String> {
    let states: Vec<State> = rows.iter().filter_map(|row| row.cell(criterion)).map(|cell| cell.state).collect();
    let excused = !states.is_empty() && states.iter().all(|state| *state == State::NotApplicable);
    if excused || states.contains(&State::Ready) {
        return None;
    }
    let cell = rows.iter().find_map(|row| row.cell(criterion));
    let why = cell.map_or_else(|| "nothing was judged".to_owned(), |cell| cell.reason.clone());
    Some(format!("{criterion} is ready in no environment: {why}"))
}

fn against(rows: &[&Row], criterion: Criterion) -> Option<String> {
    let cell = rows.iter().filter_map(|row| row.cell(criterion)).find(|cell| cell.state.is_against())?;
    Some(format!("{criterion} is {}: {}", cell.state, cell.reason))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Tier, certify};
    use crate::domain::readiness::Row;
    use crate::domain::vendor::Declared;
    use crate::domain::vendor::scorecard::Scorecard;

    fn row(states: [&str; 8]) -> Row {
        let criteria =
            ["contract-twin", "contract-live", "credentials", "webhooks", "resilience", "health", "flag", "blockers"];
        let cells: Vec<_> = criteria
            .iter()
            .zip(states)
            .map(|(criterion, state)| json!({"criterion": criterion, "state": state, "reason": "why", "required": false}))
            .collect();
        serde_json::from_value(json!({"integration": "shop", "title": "Shop", "cells": cells})).expect("a row")
    }

    fn card(escalation: &str) -> Scorecard {
        serde_json::from_value(json!({"runs": 1, "escalation": escalation, "reason": "", "p95_ms": 300}))
            .expect("a card")
    }

    fn declared(support: u32, updated: &str, agreement: Option<&str>) -> Declared {
        serde_json::from_value(json!({
            "support_hours": support, "updated": updated, "agreement": agreement, "by": "owner", "at": "2026-11-01",
        }))
        .expect("a declaration")
    }

    const ALL: [&str; 8] = ["ready", "ready", "ready", "n/a", "ready", "ready", "ready", "n/a"];
    const TWIN: [&str; 8] = ["ready", "unknown", "unknown", "unknown", "unknown", "unknown", "n/a", "n/a"];
    const NOTHING: [&str; 8] = ["unknown"; 8];
    const BROKEN: [&str; 8] = ["ready", "failing", "unknown", "n/a", "unknown", "unknown", "n/a", "n/a"];

    #[test]
    fn a_tier_is_carried_by_evidence_and_the_next_says_what_it_lacks() {
        let now = "2026-11-20T12:00:00Z".parse().expect("a timestamp");
        let good = || Some(declared(12, "2026-10-01", Some("contracts/shop.pdf")));
        for (what, states, said, level, tier, missing) in [
            ("all of it", ALL, good(), "none", Tier::Premium, 0),
            ("no agreement", ALL, Some(declared(12, "2026-10-01", None)), "none", Tier::Verified, 1),
            ("in trouble", ALL, good(), "l2", Tier::Verified, 1),
            ("support takes a day", ALL, Some(declared(24, "2026-10-01", None)), "none", Tier::Basic, 1),
            ("not updated since June", ALL, Some(declared(12, "2026-06-01", None)), "none", Tier::Basic, 1),
            ("nothing declared", ALL, None, "none", Tier::Basic, 2),
            ("a twin alone, whatever is declared", TWIN, good(), "unknown", Tier::Basic, 4),
            ("nothing shown", NOTHING, good(), "unknown", Tier::None, 1),
            ("something broken", BROKEN, good(), "none", Tier::None, 1),
        ] {
            let row = row(states);
            let found = certify(&[&row], said.as_ref(), &card(level), now);
            assert_eq!((found.tier, found.missing.len()), (tier, missing), "{what}: {:?}", found.missing);
        }
    }
}
