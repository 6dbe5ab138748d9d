//! Scenarios that say the same of the same answers, and promises whose expectation is what the twin was given.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::domain::contract::Place;
use crate::domain::exchange::Exchange;
use crate::domain::proof::Selfsame;
use crate::engine::prove::gaze::Gaze;
use crate::engine::prove::play::Piece;
use crate::steps::run::Run;
use crate::steps::sentence::Keyword;
use crate::steps::world::asking::Tampered;

/// What a scenario asks, gets, looks at and notices. Two that share it are one scenario written twice.
#[derive(Eq, Ord, PartialEq, PartialOrd)]
pub struct Signature {
    /// What is arranged and asked, sentence by sentence.
    steps: Vec<String>,
    exchanges: Vec<String>,
    looks: Vec<String>,
    noticed: BTreeSet<(Tampered, usize)>,
}

impl Signature {
    pub fn of(piece: &Piece, gazes: &[Gaze], noticed: BTreeSet<(Tampered, usize)>) -> Self {
        let looks = gazes.iter().map(|gaze| format!("{:?} {:?}", gaze.schemas, gaze.latency)).collect();
        let steps = piece.told.iter().filter(|told| told.sentence.keyword != Keyword::Then);
        let steps = steps.map(|told| format!("{} {:?}", told.sentence.expression, told.args)).collect();
        Self { steps, exchanges: piece.exchanges().iter().map(told).collect(), looks, noticed }
    }
}

fn told(exchange: &Exchange) -> String {
    let request = &exchange.request;
    let answer = match &exchange.outcome {
        Ok(answer) => format!("{} {}", answer.status, String::from_utf8_lossy(&answer.body)),
        Err(reason) => reason.to_string(),
    };
    let headers: BTreeMap<&str, &[u8]> =
        request.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    format!("{} {} {headers:?}\n{}\n{answer}", request.method, request.url, String::from_utf8_lossy(&request.body))
}

/// Groups of places with one signature, where there is more than one.
pub fn duplicates(signed: Vec<(Signature, Place)>) -> Vec<Vec<Place>> {
    let mut groups: BTreeMap<Signature, Vec<Place>> = BTreeMap::new();
    for (signature, place) in signed {
        // Who notices nothing is vacuous, which is worse and told by itself.
        if !signature.noticed.is_empty() {
            groups.entry(signature).or_default().push(place);
        }
    }
    let mut found: Vec<_> = groups.into_values().filter(|group| group.len() > 1).collect();
    found.sort();
    found
}

/// Values that a document has to have before it is more than a coincidence.
const LEAST_VALUES: usize = 3;

/// The promises of a scenario that expect a document which its twin was given.
pub fn selfsame(piece: &Piece, run: &Run) -> Vec<Selfsame> {
    let mut found = Vec::new();
    let own = &piece.planned.integration;
    let below = run.parties.get(own).map(|party| party.manifest.stands_on.clone()).unwrap_or_default();
    for told in piece.told.iter().filter(|told| told.sentence.keyword == Keyword::Then) {
        let Some(expected) = told.args.json().ok().filter(|expected| values(expected) >= LEAST_VALUES) else {
            continue;
        };
        let arranged = piece.told.iter().take_while(|it| it.line < told.line);
        let given = arranged
            .filter(|it| it.sentence.keyword == Keyword::Given)
            .find(|it| it.args.rows().is_ok_and(|given| holds(&given, &expected)));
        let fixture =
            given.map(|given| format!("what the scenario gives its twin in line {}", given.line)).or_else(|| {
                let parties = run.parties.iter().filter(|(name, _)| *name == own || below.contains(name));
                let mut files = parties
                    .flat_map(|(name, party)| party.fixtures.iter().map(move |(file, bytes)| (name, file, bytes)));
                let (name, file, _) = files.find(|(_, _, bytes)| {
                    serde_json::from_slice::<Value>(bytes).is_ok_and(|fixture| holds(&fixture, &expected))
                })?;
                Some(format!("fixtures/{name}/{file}"))
            });
        if let Some(fixture) = fixture {
            found.push(Selfsame { place: piece.planned.place.clone(), line: told.line, fixture });
        }
    }
    found
}

/// The document is this value, or holds it somewhere.
fn holds(document: &Value, value: &Value) -> bool {
    document == value
        || match document {
            Value::Array(items) => items.iter().any(|item| holds(item, value)),
            Value::Object(members) => members.values().any(|member| holds(member, value)),
            _ => false,
        }
}

/// Plain values of an expectation; a matcher is no fixture's.
fn values(expected: &Value) -> usize {
    match expected {
        Value::Array(items) => items.iter().map(values).sum(),
        Value::Object(members) => members.values().map(values).sum(),
        Value::String(text) if text.starts_with('#') => 0,
        _ => 1,
    }
}
