//! Tags: misspelled ones, contradicting ones, and those that should be there.

use crate::adapter::contracts::Contract;
use crate::domain::contract::is_promise_id;
use crate::engine::lint::feature::Case;
use crate::engine::lint::finding::Code;
use crate::engine::lint::{Bench, at};
use crate::steps::vocabulary::{FAMILIES, Match};
use crate::wire::flags::ofrep;

/// The tags that a run knows; `requires:` takes the name of a variable or of a capability.
const KNOWN: [&str; 4] = ["twin-only", "live-only", "mutates", "slow"];
const REQUIRES: &str = "requires:";
/// What a target may be able to do, beside holding a variable.
const CAPABILITIES: [&str; 3] = ["twin", "live", "wire"];

/// Tags by which other tools leave a scenario out; here it runs.
const SKIPPING: [&str; 8] = ["skip", "skipped", "ignore", "ignored", "wip", "todo", "pending", "disabled"];

/// Subjects of the vocabulary that put a twin into a state, which no live service allows.
const ARRANGING: [&str; 4] = ["Faults", "State", "Flags", "Webhooks that the service sends"];

/// What is wrong with a scenario's tags.
pub fn look(bench: &mut Bench, contract: &Contract, case: &Case) {
    for tag in &case.tags {
        known(bench, contract, case, tag);
    }
    let line = case.scenario.position.line;
    if case.has_tag("twin-only") && case.has_tag("live-only") {
        let message = "@twin-only and @live-only: the scenario can run nowhere";
        bench.add(Code::ContradictingTags, at(case.path, line), message, Some("keep one of them".to_owned()));
    }
    let (mut arranges, mut mutates) = (None, None);
    for step in case.runs().concat() {
        let Match::One(sentence) = bench.find(&step) else { continue };
        if is_arrangement(sentence) && arranges.is_none() {
            arranges = Some((step.position.line, step.value.clone()));
        }
        if is_unsafe(sentence, &step) && mutates.is_none() {
            mutates = Some((step.position.line, step.value.clone()));
        }
    }
    if let Some((line, text)) = arranges.filter(|_| !case.has_tag("twin-only")) {
        let message = format!("`{text}` needs a twin, and the scenario is not @twin-only");
        let hint = "tag the scenario @twin-only; a live run says then why it leaves it out".to_owned();
        bench.add(Code::UntaggedArrangement, at(case.path, line), message, Some(hint));
    }
    if let Some((line, text)) = mutates.filter(|_| !case.has_tag("mutates") && !case.has_tag("twin-only")) {
        let message = format!("`{text}` changes something, and the scenario is not tagged @mutates");
        bench.add(Code::UntaggedMutation, at(case.path, line), message, Some("tag it @mutates".to_owned()));
    }
}

fn is_arrangement(sentence: &str) -> bool {
    sentence == "{count} second(s) pass"
        || FAMILIES
            .iter()
            .filter(|family| ARRANGING.contains(&family.title))
            .any(|family| family.sentences.iter().any(|known| known.expression == sentence))
}

fn is_unsafe(sentence: &str, step: &gherkin::Step) -> bool {
    if sentence.starts_with("I query GraphQL") {
        return step.docstring.as_deref().is_some_and(|text| text.trim_start().starts_with("mutation"));
    }
    let mut words = step.value.strip_prefix("I ").unwrap_or_default().split(' ');
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default().trim_matches('"'));
    let reads = matches!(method, "GET" | "HEAD" | "OPTIONS") || method == "POST" && ofrep::only_evaluates(path);
    sentence.starts_with("I {method}") && !reads
}

fn known(bench: &mut Bench, contract: &Contract, case: &Case, tag: &str) {
    let place = at(case.path, case.scenario.position.line);
    if KNOWN.contains(&tag) || is_promise_id(tag) || tag == contract.name.as_str() {
        return;
    }
    if let Some(needed) = tag.strip_prefix(REQUIRES) {
        requires(bench, contract, place, needed);
        return;
    }
    if SKIPPING.contains(&tag) {
        let hint = "leave the scenario out of the file, or say what it needs: @requires:…".to_owned();
        bench.add(Code::UnknownTag, place, format!("@{tag} skips nothing here: the scenario runs"), Some(hint));
        return;
    }
    let upper = tag.to_ascii_uppercase().replace('_', "-");
    if is_promise_id(&upper) {
        let message = format!("@{tag} looks like a promise id and is none");
        bench.add(Code::UnknownTag, place, message, Some(format!("write it in capitals: @{upper}")));
        return;
    }
    let plain = |text: &str| text.to_ascii_lowercase().replace(['-', '_', ':', '.'], "");
    let near = KNOWN
        .into_iter()
        .chain([REQUIRES])
        .find(|known| strsim::damerau_levenshtein(&plain(tag), &plain(known)) <= 1 + usize::from(known.len() > 6));
    if let Some(near) = near {
        bench.add(Code::UnknownTag, place, format!("unknown tag @{tag}"), Some(format!("did you mean @{near}?")));
    } else {
        bench.add(Code::OwnTag, place, format!("no run knows the tag @{tag}; it only serves --tags"), None);
    }
}

fn requires(bench: &mut Bench, contract: &Contract, place: crate::domain::contract::Place, needed: &str) {
    let known = contract.manifest.variables.keys().map(String::as_str).chain(CAPABILITIES);
    if !known.clone().any(|name| name == needed) {
        let hint = Some(super::suggestion(needed, known, "declare it under `variables` in the manifest"));
        let message =
            format!("@requires:{needed}: neither a variable of the manifest nor a capability, so it is never there");
        bench.add(Code::UnknownTag, place, message, hint);
    }
}
