//! What steps name: schemas, fixtures, credentials, flags, variables, integrations.

use std::collections::BTreeSet;

use gherkin::Step;

use crate::adapter::contracts::Contract;
use crate::domain::integration::Name;
use crate::engine::lint::feature::Case;
use crate::engine::lint::finding::Code;
use crate::engine::lint::{Bench, at, suggestion};
use crate::steps::vocabulary::Match;

/// What is wrong with the names in a scenario's steps.
pub fn look(bench: &mut Bench, contract: &Contract, case: &Case) {
    for run in case.runs() {
        let mut remembered = BTreeSet::new();
        for step in &run {
            names(bench, contract, case, step);
            variables(bench, contract, case, step, &remembered);
            if step.value.starts_with("I remember ") {
                remembered.extend(quoted(&step.value).pop());
            }
        }
    }
}

/// The texts in double quotes, without them.
pub fn quoted(text: &str) -> Vec<String> {
    let (mut all, mut letters) = (Vec::new(), text.chars());
    while letters.any(|letter| letter == '"') {
        let mut one = String::new();
        loop {
            match letters.next() {
                Some('\\') => one.extend(letters.next()),
                Some('"') | None => break,
                Some(letter) => one.push(letter),
            }
        }
        all.push(one);
    }
    all
}

/// The quoted text that fills the n-th parameter of an expression, where `before` stands in front of it.
fn argument(sentence: &str, step: &Step, before: &str) -> Option<String> {
    let at = sentence.find(before)? + before.len();
    let quoted_before = sentence[..at].matches("{text}").count() + sentence[..at].matches("{path}").count();
    sentence[at..].starts_with("{text}").then(|| quoted(&step.value).into_iter().nth(quoted_before))?
}

fn names(bench: &mut Bench, contract: &Contract, case: &Case, step: &Step) {
    let Match::One(sentence) = bench.find(step) else { return };
    let workspace = bench.workspace;
    let place = at(case.path, step.position.line);
    let fixed = |name: &String| !name.contains("${");
    if let Some(name) = argument(sentence, step, "schema ").filter(fixed) {
        let known: Vec<&str> =
            workspace.contracts.values().flat_map(|contract| contract.schemas.keys().map(String::as_str)).collect();
        if !known.contains(&name.as_str()) {
            let hint = Some(suggestion(&name, known.into_iter(), "no schema is in schemas/"));
            bench.add(Code::UnknownSchema, place.clone(), format!("there is no schemas/{name}.json"), hint);
        }
    }
    if let Some(name) = argument(sentence, step, "fixture ").filter(fixed) {
        let (owner, file) = name.split_once('/').unwrap_or((contract.name.as_str(), &name));
        let holder = workspace.contracts.iter().find(|(known, _)| known.as_str() == owner).map(|(_, holder)| holder);
        if !holder.is_some_and(|holder| holder.fixtures.contains_key(file)) {
            let known = holder.unwrap_or(contract).fixtures.keys().map(String::as_str);
            let hint = Some(suggestion(file, known, "the integration has no fixture"));
            bench.add(Code::UnknownFixture, place.clone(), format!("there is no fixtures/{owner}/{file}"), hint);
        }
    }
    if let Some(name) = argument(sentence, step, "I authenticate as ").filter(fixed)
        && !contract.manifest.credentials.contains_key(&name)
    {
        let known = contract.manifest.credentials.keys().map(String::as_str);
        let hint = Some(suggestion(&name, known, "the manifest has no credential"));
        bench.add(Code::UnknownCredential, place.clone(), format!("the manifest has no credential `{name}`"), hint);
    }
    if let Some(name) = argument(sentence, step, "the flag ").filter(fixed)
        && !workspace.flags.contains_key(&name)
    {
        let known = workspace.flags.keys().map(String::as_str);
        let hint = Some(suggestion(&name, known, "preflight.yaml declares no flag"));
        bench.add(Code::UnknownFlag, place.clone(), format!("the flag `{name}` is not declared"), hint);
    }
    let integration = if is_fault(sentence) { argument(sentence, step, "") } else { argument(sentence, step, " of ") };
    if let Some(name) = integration.filter(fixed).filter(|_| names_integration(sentence)) {
        let known = workspace.contracts.keys().map(Name::as_str);
        if !known.clone().any(|known| known == name) {
            let hint = Some(suggestion(&name, known, "there is no contract"));
            bench.add(Code::UnknownIntegration, place, format!("no contract is called `{name}`"), hint);
        } else if !within(contract).any(|within| within.as_str() == name) {
            let hint = Some(format!("write `stands_on: [{name}]` in the manifest, if it asks {name} itself"));
            bench.add(Code::UnknownIntegration, place, format!("{} does not stand on {name}", contract.name), hint);
        }
    }
}

/// The integrations whose twins play in a contract's scenarios.
fn within(contract: &Contract) -> impl Iterator<Item = &Name> {
    std::iter::once(&contract.name).chain(&contract.manifest.stands_on)
}

/// Sentences that begin with the integration that misbehaves.
fn is_fault(sentence: &str) -> bool {
    const VERBS: [&str; 7] = ["answers", "takes", "sends", "throttles", "resets", "truncates", "behaves"];
    sentence.strip_prefix("{text} ").is_some_and(|rest| VERBS.iter().any(|verb| rest.starts_with(verb)))
}

fn names_integration(sentence: &str) -> bool {
    is_fault(sentence) || sentence.starts_with("the setting {text} of") || sentence.starts_with("the table {text} of")
}

fn variables(bench: &mut Bench, contract: &Contract, case: &Case, step: &Step, remembered: &BTreeSet<String>) {
    let workspace = bench.workspace;
    let cells = step.table.iter().flat_map(|table| table.rows.iter().flatten());
    let texts: Vec<&String> = std::iter::once(&step.value).chain(step.docstring.as_ref()).chain(cells).collect();
    for text in texts {
        for part in text.split("${").skip(1) {
            let Some((name, _)) = part.split_once('}') else {
                let message = "`${` begins a variable that never ends".to_owned();
                bench.add(Code::UnknownVariable, at(case.path, step.position.line), message, None);
                continue;
            };
            let contracts = within(contract).filter_map(|name| workspace.contracts.get(name));
            let mut known = contracts.flat_map(|contract| contract.manifest.variables.keys());
            if remembered.contains(name) || known.any(|known| known == name) {
                continue;
            }
            let own = contract.manifest.variables.keys().chain(remembered).map(String::as_str);
            let hint =
                Some(suggestion(name, own, "declare it under `variables` in the manifest, or remember it before"));
            let message = format!("nothing provides ${{{name}}}");
            bench.add(Code::UnknownVariable, at(case.path, step.position.line), message, hint);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn quoted_texts_are_read_as_sentences_read_them() {
        assert_eq!(quoted(r#"the header "a" is "b \"c\"" 5"#), ["a", "b \"c\""]);
        assert_eq!(quoted("no quote"), Vec::<String>::new());
    }
}
