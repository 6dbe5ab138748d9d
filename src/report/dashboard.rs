//! What a dashboard is drawn from: one judgement, and the latest contract runs, flips, audits and declarations.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::domain::declaration::register::Register;
use crate::domain::flip::FlipRun;
use crate::domain::integration::Name;
use crate::domain::proof::{Bite, Proof};
use crate::domain::readiness::Readiness;
use crate::domain::readiness::timeline::Timeline;
use crate::domain::record::{ContractRun, Details, Outcome, Record};
use crate::domain::secret::audit::{EnvironmentAudit, SecretAudit, State};
use crate::domain::suite::Suite;
use crate::domain::target::Target;
use crate::report::gauntlet::{self, Tried};
use crate::report::probe::{self, Asked};
use crate::report::suite;
use crate::report::text::one_line;

/// Everything that a dashboard shows.
#[derive(Clone, Debug)]
pub struct Dashboard<'a> {
    pub readiness: &'a Readiness,
    /// Sorted by integration, target and environment.
    pub runs: Vec<Run<'a>>,
    /// The latest suite of each receiver.
    pub suites: Vec<(&'a Record, &'a Suite)>,
    /// `preflight 0.1.0`
    pub tool: &'a str,
    pub generated: Timestamp,
    /// The latest proof of each contract: what it would notice, and what not.
    pub proven: BTreeMap<&'a Name, Proven<'a>>,
    /// Readiness over time, where it was looked back on.
    pub past: Option<&'a Timeline>,
    /// The newest gauntlet of each integration's client.
    pub gauntlets: Vec<Tried<'a>>,
    /// The newest run of each probe and environment.
    pub probes: Vec<Asked<'a>>,
    /// The latest of each flag and environment, by both.
    pub flips: Vec<Flown<'a>>,
    /// The latest audit of each environment, by its name.
    pub secrets: Vec<Audited<'a>>,
    /// What people declared, where it was looked at.
    pub register: Option<&'a Register>,
}

/// A flip, with the record that says where and when.
#[derive(Clone, Copy, Debug)]
pub struct Flown<'a> {
    pub record: &'a Record,
    pub flip: &'a FlipRun,
}

/// The secrets of one environment, with the record that says when they were looked at.
#[derive(Clone, Copy, Debug)]
pub struct Audited<'a> {
    pub record: &'a Record,
    pub audit: &'a EnvironmentAudit,
}

/// One contract's part of a record, with the record that says where and when.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    pub record: &'a Record,
    pub contract: &'a ContractRun,
}

/// One contract's part of a proof.
#[derive(Clone, Copy, Debug)]
pub struct Proven<'a> {
    pub record: &'a Record,
    pub proof: &'a Proof,
    pub bite: &'a Bite,
}

impl<'a> Dashboard<'a> {
    /// Picks from `records`, in any order, the latest run of each integration × target × environment. A run of a
    /// part takes the place of a whole one only if it broke something, as in the judgement.
    pub fn new(
        readiness: &'a Readiness,
        records: impl IntoIterator<Item = &'a Record>,
        tool: &'a str,
        generated: Timestamp,
    ) -> Self {
        let records: Vec<&Record> = records.into_iter().collect();
        let mut gauntlets = gauntlet::newest(records.iter().copied());
        gauntlets.sort_by_key(|tried| &tried.run.integration);
        let mut latest: BTreeMap<(&Name, Target, Option<&str>), Run<'a>> = BTreeMap::new();
        for run in records.iter().copied().flat_map(runs) {
            let key = (&run.contract.integration, run.record.target, run.record.environment.as_deref());
            let known = latest.entry(key).or_insert(run);
            if (run.speaks(), run.record.started) > (known.speaks(), known.record.started) {
                *known = run;
            }
        }
        Self {
            readiness,
            runs: latest.into_values().collect(),
            suites: suite::latest(records.iter().copied()),
            gauntlets,
            probes: probe::newest(records.iter().copied()),
            tool,
            generated,
            proven: proven(&records),
            past: None,
            flips: flips(&records),
            secrets: secrets(&records),
            register: None,
        }
    }

    pub fn runs_of(&self, integration: &Name) -> impl Iterator<Item = &Run<'a>> {
        self.runs.iter().filter(move |run| run.contract.integration == *integration)
    }
}

/// Every contract's part of a proof.
fn proven_by(record: &Record) -> impl Iterator<Item = Proven<'_>> {
    let proof = match &record.details {
        Some(Details::Proof(proof)) => Some(proof.as_ref()),
        _ => None,
    };
    proof.into_iter().flat_map(move |proof| proof.bites.iter().map(move |bite| Proven { record, proof, bite }))
}

impl Proven<'_> {
    /// Everything was tried that can be.
    pub fn is_whole(&self) -> bool {
        !self.record.partial && !self.record.interrupted
    }

    pub fn outcome(&self) -> Outcome {
        self.bite.outcome(self.proof.least)
    }
}

/// Every contract's part of one record, in the record's order.
pub fn runs(record: &Record) -> impl Iterator<Item = Run<'_>> {
    record.contracts.iter().map(move |contract| Run { record, contract })
}

/// As in the judgement: a part does not speak where there is a whole.
fn proven<'a>(records: &[&'a Record]) -> BTreeMap<&'a Name, Proven<'a>> {
    let mut latest: BTreeMap<&Name, Proven<'a>> = BTreeMap::new();
    for new in records.iter().copied().flat_map(proven_by) {
        let known = latest.entry(&new.bite.integration).or_insert(new);
        if (new.is_whole(), new.record.started) > (known.is_whole(), known.record.started) {
            *known = new;
        }
    }
    latest
}

fn flips<'a>(records: &[&'a Record]) -> Vec<Flown<'a>> {
    let mut latest: BTreeMap<(&str, &str), Flown<'a>> = BTreeMap::new();
    for record in records.iter().copied() {
        let Some(Details::Flip(flip)) = &record.details else { continue };
        let flown = Flown { record, flip };
        let known = latest.entry((flip.flag.as_str(), flown.environment())).or_insert(flown);
        if record.started > known.record.started {
            *known = flown;
        }
    }
    latest.into_values().collect()
}

fn secrets<'a>(records: &[&'a Record]) -> Vec<Audited<'a>> {
    let mut latest: BTreeMap<&str, Audited<'a>> = BTreeMap::new();
    for record in records.iter().copied() {
        let Some(Details::Secrets(audits)) = &record.details else { continue };
        for audit in &audits.environments {
            let audited = Audited { record, audit };
            let known = latest.entry(&audit.environment).or_insert(audited);
            // A part shows nothing of the rest, so it stands in for no whole one.
            if (!record.partial, record.started) > (!known.record.partial, known.record.started) {
                *known = audited;
            }
        }
    }
    latest.into_values().collect()
}

impl<'a> Flown<'a> {
    pub fn environment(&self) -> &'a str {
        self.record.environment.as_deref().unwrap_or_default()
    }

    pub fn age(&self, now: Timestamp) -> SignedDuration {
        now.duration_since(self.record.finished)
    }
}

impl<'a> Audited<'a> {
    /// What is not right, the required ones and the worst first.
    pub fn wrong(&self) -> Vec<&'a SecretAudit> {
        let mut wrong: Vec<&SecretAudit> =
            self.audit.secrets.iter().filter(|secret| secret.state != State::Right).collect();
        wrong.sort_by_key(|secret| (!secret.required, std::cmp::Reverse(secret.state)));
        wrong
    }

    pub fn right(&self) -> Vec<&'a SecretAudit> {
        self.audit.secrets.iter().filter(|secret| secret.state == State::Right).collect()
    }

    pub fn age(&self, now: Timestamp) -> SignedDuration {
        now.duration_since(self.record.finished)
    }
}

impl Run<'_> {
    /// `twin`, or `live, staging`; on one line and harmless.
    pub fn place(&self) -> String {
        match &self.record.environment {
            Some(environment) => format!("{}, {}", self.record.target, one_line(environment)),
            None => self.record.target.to_string(),
        }
    }

    /// It was whole, or it broke something.
    fn speaks(&self) -> bool {
        let whole = !self.record.partial && !self.record.interrupted;
        whole || self.contract.outcome() == Outcome::Broken
    }

    pub fn age(&self, now: Timestamp) -> SignedDuration {
        now.duration_since(self.record.finished)
    }

    /// The sum of its scenarios' times. Scenarios run side by side, so this is more than the clock showed.
    pub fn duration_us(&self) -> u64 {
        self.contract.scenarios.iter().map(|scenario| scenario.duration_us).sum()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Dashboard;
    use crate::domain::readiness::Readiness;
    use crate::domain::record::Record;

    /// A run of one scenario at an hour of the day.
    fn record(hour: u8, partial: bool, outcome: &str) -> Record {
        let at = format!("2026-11-20T{hour:02}:00:00Z");
        let scenario = json!({
            "place": {"file": "features/a/a.feature", "line": 1}, "feature": "A", "name": "a",
            "outcome": outcome, "checks": 1, "duration_us": 1,
        });
        serde_json::from_value(json!({
            "version": 1, "kind": "contract-run", "id": format!("hour-{hour}"), "tool": "preflight", "command": [],
            "workspace": "w", "target": "twin", "started": at, "finished": at, "seed": 1, "partial": partial,
            "contracts": [{"integration": "a", "title": "A", "contract_hash": "0", "scenarios": [scenario], "operations": []}],
        }))
        .expect("a record")
    }

    #[test]
    fn the_run_that_is_drawn_is_the_one_that_the_verdict_may_rest_on() {
        let readiness: Readiness = serde_json::from_value(json!({
            "version": 1, "workspace": "w", "judged": "2026-11-20T12:00:00Z", "environments": [],
        }))
        .expect("a judgement");
        for (what, records, drawn) in [
            ("the later one", [record(9, false, "kept"), record(8, false, "broken")], "hour-9"),
            ("not a part that was kept", [record(8, false, "kept"), record(9, true, "kept")], "hour-8"),
            ("but a part that broke", [record(8, false, "kept"), record(9, true, "broken")], "hour-9"),
            ("a part where there is no other", [record(8, true, "kept"), record(9, true, "unasked")], "hour-9"),
        ] {
            let dashboard = Dashboard::new(&readiness, &records, "preflight", readiness.judged);
            let ids: Vec<&str> = dashboard.runs.iter().map(|run| run.record.id.as_str()).collect();
            assert_eq!(ids, [drawn], "{what}");
        }
    }
}
