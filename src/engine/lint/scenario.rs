//! Scenarios that would ask nothing, promise nothing, or not what they seem to.

use std::collections::{BTreeMap, BTreeSet};

use gherkin::{Step, StepType};

use crate::check::document::{Strictness, promises_nothing};
use crate::check::matcher::Matcher;
use crate::domain::contract::is_promise_id;
use crate::engine::lint::feature::{Case, Parsed};
use crate::engine::lint::finding::Code;
use crate::engine::lint::reference::quoted;
use crate::engine::lint::{Bench, at};
use crate::steps::vocabulary::Match;

/// Sentences of `When` that ask nothing.
const NO_REQUEST: [&str; 3] =
    ["{count} second(s) pass", "I remember {path} as {text}", "I remember the header {text} as {text}"];

/// What is wrong with one scenario.
pub fn look(bench: &mut Bench, case: &Case) {
    let here = at(case.path, case.scenario.position.line);
    if case.scenario.steps.is_empty() {
        let hint = "look for a misspelled keyword in the line below".to_owned();
        bench.add(Code::NoSteps, here, format!("`{}` has no step", case.scenario.name), Some(hint));
        return;
    }
    outline(bench, case);
    let runs = case.runs();
    for step in runs.iter().flatten() {
        sentence(bench, case, step);
    }
    // All rows of an outline have the same sentences in the same order.
    if let Some(steps) = runs.first() {
        order(bench, case, steps);
    }
    if !case.scenario.tags.iter().any(|tag| is_promise_id(tag)) {
        let message = format!("`{}` has no promise id", case.scenario.name);
        bench.add(Code::NoPromiseId, here, message, Some("tag it with one such as @CW-12".to_owned()));
    }
}

fn sentence(bench: &mut Bench, case: &Case, step: &Step) {
    let here = at(case.path, step.position.line);
    match bench.find(step) {
        Match::One(sentence) => {
            if let Some(reason) = hollow(sentence, step) {
                let hint = "say what would be wrong, or leave the promise out".to_owned();
                bench.add(Code::HollowPromise, here, reason, Some(hint));
            }
        }
        Match::None(near) => {
            let hint = match near {
                Some(near) => format!("the nearest sentence is `{near}`; `preflight steps` lists them all"),
                None => "`preflight steps` lists the sentences that there are".to_owned(),
            };
            bench.add(Code::UndefinedStep, here, format!("no sentence matches `{}`", step.value), Some(hint));
        }
        Match::Many(sentences) => {
            let message = format!("`{}` matches {} sentences: {}", step.value, sentences.len(), sentences.join(" / "));
            bench.add(Code::AmbiguousStep, here, message, None);
        }
        Match::Misplaced(sentence, keyword) => {
            let message = format!("`{sentence}` is a sentence of {}, not of {:?}", keyword.as_str(), step.ty);
            bench.add(Code::MisusedStep, here, message, Some(format!("write it under {}", keyword.as_str())));
        }
        Match::Incomplete(sentence, what) => {
            bench.add(Code::MisusedStep, here, format!("`{sentence}` needs below it {what}"), None);
        }
    }
}

/// Why no answer could break a promise, where that can be seen from its words. A run refuses it, too.
fn hollow(sentence: &str, step: &Step) -> Option<String> {
    let last = quoted(&step.value).pop().unwrap_or_default();
    let document = || crate::domain::json::parse(step.docstring.as_deref()?.trim().as_bytes()).ok();
    let open = |strictness| document().is_some_and(|expected| promises_nothing(&expected, strictness));
    let told = |reason: &str| Some(reason.to_owned());
    match sentence {
        _ if step.ty != StepType::Then => None,
        _ if sentence.ends_with(" is {value}") && last.starts_with('#') => Matcher::parse(&last)
            .is_ok_and(|matcher| matcher.takes_anything())
            .then(|| format!("`{last}` takes anything")),
        _ if sentence.ends_with("at least {count} item(s)") && step.value.contains("at least 0 item") => {
            told("every array has at least 0 items")
        }
        _ if (sentence.ends_with(" contains {value}") || sentence.ends_with(" mention {text}")) && last.is_empty() => {
            let named = step.value.ends_with("\"\"");
            named.then(|| "an empty text is in every text".to_owned())
        }
        _ if sentence.ends_with("contains:") && open(Strictness::Subset) => told("every document contains this one"),
        _ if sentence.ends_with("is:") && open(Strictness::Exact) => told("every document is like this one"),
        _ => None,
    }
}

fn requests(bench: &Bench, step: &Step) -> bool {
    step.ty == StepType::When && !matches!(bench.find(step), Match::One(sentence) if NO_REQUEST.contains(&sentence))
}

fn order(bench: &mut Bench, case: &Case, steps: &[Step]) {
    let here = at(case.path, case.scenario.position.line);
    let name = &case.scenario.name;
    let first_request = steps.iter().position(|step| requests(bench, step));
    let last_request = steps.iter().rposition(|step| requests(bench, step));
    let first_promise = steps.iter().position(|step| step.ty == StepType::Then);
    let last_promise = steps.iter().rposition(|step| step.ty == StepType::Then);
    if first_promise.is_none() {
        let hint = "add a `Then`, such as `Then the status is 200`".to_owned();
        bench.add(Code::NoPromise, here.clone(), format!("`{name}` promises nothing"), Some(hint));
    }
    let (Some(first_request), Some(last_request)) = (first_request, last_request) else {
        let hint = "add a request, such as `When I GET \"/\"`".to_owned();
        bench.add(Code::NoRequest, here, format!("`{name}` asks nothing"), Some(hint));
        return;
    };
    if let Some(early) = first_promise.filter(|promise| *promise < first_request) {
        let place = at(case.path, steps[early].position.line);
        bench.add(Code::EarlyPromise, place, "a promise stands before anything was asked", None);
    }
    if last_promise.is_some_and(|promise| promise < last_request) {
        let place = at(case.path, steps[last_request].position.line);
        let hint = "add a `Then` after it, or leave it out".to_owned();
        bench.add(Code::UnpromisedRequest, place, "nothing is promised of the scenario's last request", Some(hint));
    }
}

fn outline(bench: &mut Bench, case: &Case) {
    let scenario = case.scenario;
    let here = at(case.path, scenario.position.line);
    if scenario.examples.is_empty() {
        if matches!(scenario.keyword.as_str(), "Scenario Outline" | "Scenario Template") {
            let hint = "add `Examples:` with a table below it".to_owned();
            bench.add(Code::EmptyExamples, here, format!("`{}` has no examples", scenario.name), Some(hint));
        }
        return;
    }
    for examples in &scenario.examples {
        let place = at(case.path, examples.position.line);
        let rows = examples.table.as_ref().map_or(&[][..], |table| &table.rows);
        if rows.len() < 2 {
            let what = if rows.is_empty() { "no table" } else { "a head and no row" };
            bench.add(Code::EmptyExamples, place, format!("the examples have {what}, so nothing runs"), None);
            continue;
        }
        let columns: BTreeSet<&str> = rows[0].iter().map(String::as_str).collect();
        let used: Vec<(usize, String)> = case.steps().flat_map(placeholders).collect();
        let inherited = case.before.len();
        for (line, name) in used.iter().filter(|(_, name)| !columns.contains(name.as_str())) {
            let known = columns.iter().copied();
            let hint = Some(super::suggestion(name, known, "the examples have no column"));
            let message = format!("`<{name}>` is no column of the examples");
            // Text in angle brackets that stands in a Background may be meant as it is.
            if inherited == 0 || case.scenario.steps.iter().any(|step| step.position.line == *line) {
                bench.add(Code::UnknownPlaceholder, at(case.path, *line), message, hint);
            }
        }
        for column in columns.iter().filter(|column| !used.iter().any(|(_, name)| name == *column)) {
            let in_name = scenario.name.contains(&format!("<{column}>"));
            if !in_name {
                bench.add(Code::UnusedColumn, place.clone(), format!("no step uses the column `{column}`"), None);
            }
        }
    }
}

/// The `<name>`s of a step. Only what looks like a column's name: a body may hold markup.
fn placeholders(step: &Step) -> Vec<(usize, String)> {
    let cells = step.table.iter().flat_map(|table| table.rows.iter().flatten());
    let texts = std::iter::once(&step.value).chain(step.docstring.as_ref()).chain(cells);
    let mut found = Vec::new();
    for text in texts {
        for part in text.split('<').skip(1) {
            if let Some((name, _)) = part.split_once('>')
                && !name.is_empty()
                && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | ' '))
            {
                found.push((step.position.line, name.to_owned()));
            }
        }
    }
    found
}

/// Names and promise ids that stand twice in a contract.
pub fn duplicates(bench: &mut Bench, parsed: &[Parsed]) {
    let mut promises: BTreeMap<String, String> = BTreeMap::new();
    for feature in parsed {
        let mut names: BTreeMap<String, usize> = BTreeMap::new();
        for case in feature.cases() {
            let (name, line) = (&case.scenario.name, case.scenario.position.line);
            if let Some(other) = names.insert(name.clone(), line) {
                let message = format!("`{name}` is also the scenario in line {other}");
                bench.add(Code::DuplicateScenario, at(case.path, line), message, None);
            }
            for id in case.scenario.tags.iter().filter(|tag| is_promise_id(tag)) {
                let place = at(case.path, line);
                if let Some(other) = promises.insert(id.clone(), place.to_string()) {
                    bench.add(Code::DuplicatePromise, place, format!("@{id} also stands at {other}"), None);
                }
            }
        }
    }
}
