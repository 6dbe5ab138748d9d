//! What the dashboard tells of a webhook suite: the broken cases in full, the unasked by reason, the kept by family.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::domain::receiver::case::Family;
use crate::domain::record::{Details, Outcome, Record};
use crate::domain::suite::{Came, CaseRun, Suite};
use crate::report::digest;
use crate::report::text::one_line;

/// Broken cases that are drawn; the others are in the record.
const MOST_BROKEN: usize = 40;

/// Answers of a case that are told one by one.
const MOST_ANSWERS: usize = 3;

/// The latest suite of an integration in one environment.
pub struct Told<'a> {
    pub record: &'a Record,
    pub suite: &'a Suite,
    pub age: String,
    pub broken: Vec<&'a CaseRun>,
    /// Broken cases that are not drawn.
    pub left_out: usize,
    pub unasked: Vec<(&'a str, Vec<&'a str>)>,
    pub kept: Vec<(Family, Vec<&'a CaseRun>)>,
}

/// The latest suites of these records: one for each receiver's integration and environment.
pub fn latest<'a>(records: impl IntoIterator<Item = &'a Record>) -> Vec<(&'a Record, &'a Suite)> {
    let mut latest: BTreeMap<_, (&Record, &Suite)> = BTreeMap::new();
    for record in records {
        let Some(Details::WebhookSuite(suite)) = &record.details else { continue };
        let key = (suite.integration.as_ref(), record.environment.as_deref());
        let known = latest.entry(key).or_insert((record, suite));
        if record.started > known.0.started {
            *known = (record, suite);
        }
    }
    latest.into_values().collect()
}

/// What is told of one suite.
pub fn tell<'a>(record: &'a Record, suite: &'a Suite, now: Timestamp) -> Told<'a> {
    let mut broken: Vec<&CaseRun> = suite.of(Outcome::Broken).collect();
    let left_out = broken.len().saturating_sub(MOST_BROKEN);
    broken.truncate(MOST_BROKEN);
    let mut unasked: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for case in suite.cases.iter().filter(|case| matches!(case.outcome, Outcome::Unasked | Outcome::Untested)) {
        unasked.entry(case.reason.as_deref().unwrap_or("no reason is known")).or_default().push(&case.name);
    }
    let of = |family| suite.of(Outcome::Kept).filter(|case| case.family == family).collect::<Vec<_>>();
    let kept = Family::ALL.map(|family| (family, of(family))).into_iter().filter(|(_, cases)| !cases.is_empty());
    Told {
        record,
        suite,
        age: digest::age(now.duration_since(record.finished)),
        broken,
        left_out,
        unasked: unasked.into_iter().collect(),
        kept: kept.collect(),
    }
}

impl Told<'_> {
    /// `in staging`, or that it speaks for none.
    pub fn place(&self) -> String {
        match &self.record.environment {
            Some(environment) => format!("in {}", one_line(environment)),
            None => "for no environment".to_owned(),
        }
    }
}

/// What came of a case, in one line: answers and effects.
pub fn came(case: &CaseRun) -> String {
    let mut told: Vec<String> = case.answers.iter().take(MOST_ANSWERS).map(answer).collect();
    if case.answers.len() > MOST_ANSWERS {
        told.push(format!("{} more", case.answers.len() - MOST_ANSWERS));
    }
    if case.answers.is_empty() {
        told.extend(case.findings.iter().filter_map(|finding| finding.actual.clone()));
    }
    match case.effects {
        Some(1) => told.push("1 effect".to_owned()),
        Some(count) => told.push(format!("{count} effects")),
        None => {}
    }
    if told.is_empty() { "see above".to_owned() } else { told.join(", ") }
}

fn answer(came: &Came) -> String {
    match (&came.status, &came.no_answer) {
        (Some(status), _) => format!("{status} in {} ms", came.took_us / 1000),
        (None, Some(reason)) => reason.to_string(),
        (None, None) => "nothing".to_owned(),
    }
}
