//! The gate: one environment's verdict, integration by integration, with what each rests on.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::integration::Name;
use crate::domain::readiness::explain::Derivation;
use crate::domain::readiness::{Cell, EnvironmentReadiness, Readiness, Reason, Row, Verdict};

/// The version of [`Gate`] as a file.
pub const VERSION: u32 = 1;

/// Whether an environment may go, for the integrations that were asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Gate {
    pub version: u32,
    pub workspace: String,
    pub environment: String,
    pub judged: Timestamp,
    /// The worst of the integrations, in the order NO-GO, UNKNOWN, GO.
    pub verdict: Verdict,
    /// Why there is nothing to judge by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    pub integrations: Vec<Gated>,
    /// How the cells of one integration came about, where that was asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub explained: Vec<Derivation>,
}

/// One integration at the gate.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Gated {
    pub integration: Name,
    pub title: String,
    pub verdict: Verdict,
    /// Why there is nothing to judge by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What stands between it and GO, the worst first.
    pub reasons: Vec<Reason>,
    /// What the policy requires of it, with the evidence.
    pub required: Vec<Cell>,
}

/// Narrows a judgement to one environment and, where some are named, to some integrations. None when nothing of that
/// name was judged.
pub fn gate(readiness: &Readiness, environment: &str, names: &[Name]) -> Option<Gate> {
    let judged = readiness.environments.iter().find(|judged| judged.environment == environment)?;
    let mut integrations: Vec<Gated> = judged
        .rows
        .iter()
        .filter(|row| if names.is_empty() { row.verdict().is_some() } else { names.contains(&row.integration) })
        .map(|row| gated(row, judged))
        .collect();
    if names.is_empty() {
        integrations.extend(undeclared(judged));
    }
    // A required integration that was not judged would shrink the denominator.
    let whole = if names.is_empty() { judged.verdict } else { Verdict::Go };
    let verdict = integrations.iter().map(|gated| gated.verdict).fold(whole, Verdict::or_worse);
    let nothing = integrations.is_empty();
    Some(Gate {
        version: VERSION,
        workspace: readiness.workspace.clone(),
        environment: environment.to_owned(),
        judged: readiness.judged,
        verdict: if nothing { Verdict::Unknown } else { verdict },
        note: nothing.then(|| {
            format!("nothing is required in {environment}: write `policy.{environment}.require` in preflight.yaml")
        }),
        integrations,
        explained: Vec::new(),
    })
}

fn gated(row: &Row, judged: &EnvironmentReadiness) -> Gated {
    let own = judged.reasons.iter().filter(|reason| reason.integration == row.integration);
    Gated {
        integration: row.integration.clone(),
        title: row.title.clone(),
        verdict: row.verdict().unwrap_or(Verdict::Unknown),
        note: row.verdict().is_none().then(|| format!("the policy of {} requires nothing of it", judged.environment)),
        reasons: own.cloned().collect(),
        required: row.required().cloned().collect(),
    }
}

/// Names of the policy that lead to no row.
fn undeclared(judged: &EnvironmentReadiness) -> impl Iterator<Item = Gated> {
    let has_row = |reason: &&Reason| judged.rows.iter().any(|row| row.integration == reason.integration);
    judged.reasons.iter().filter(move |reason| !has_row(reason)).map(|reason| Gated {
        integration: reason.integration.clone(),
        title: reason.integration.to_string(),
        verdict: Verdict::Unknown,
        note: None,
        reasons: vec![reason.clone()],
        required: Vec::new(),
    })
}
