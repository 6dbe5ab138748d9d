//! Operations that no scenario asks.

use gherkin::Step;

use crate::adapter::contracts::{Contract, MANIFEST};
use crate::engine::lint::feature::Parsed;
use crate::engine::lint::finding::Code;
use crate::engine::lint::reference::quoted;
use crate::engine::lint::{Bench, place_of};
use crate::steps::vocabulary::Match;
use crate::wire::graphql;

/// A request as it stands in a feature.
struct Asked {
    method: String,
    path: String,
    graphql: Vec<String>,
}

/// Compares the requests of a contract's scenarios with the operations of its manifest.
pub fn look(bench: &mut Bench, contract: &Contract, parsed: &[Parsed]) {
    let mut asked = Vec::new();
    for feature in parsed {
        for case in feature.cases() {
            for step in case.runs().concat() {
                if let Match::One(sentence) = bench.find(&step) {
                    asked.extend(request(sentence, &step));
                }
            }
        }
    }
    let file = format!("fixtures/{}/{MANIFEST}", contract.name);
    for (index, operation) in contract.manifest.operations.iter().enumerate() {
        if asked.iter().any(|asked| operation.covers(&asked.method, &asked.path, || &asked.graphql)) {
            continue;
        }
        let place = place_of(contract, &file, &["operations", &index.to_string()]);
        let field = operation.graphql.as_ref().map(|field| format!(" ({field})")).unwrap_or_default();
        let message = format!("no scenario asks `{}`: {}{field}", operation.id, operation.request);
        let hint = "write a scenario that does, or take the operation out of the manifest".to_owned();
        bench.add(Code::UnaskedOperation, place, message, Some(hint));
    }
}

fn request(sentence: &str, step: &Step) -> Option<Asked> {
    let texts = quoted(&step.value);
    let first = texts.first()?;
    let (method, graphql) = if sentence.starts_with("I {method}") {
        let method = step.value.strip_prefix("I ")?.split(' ').next()?;
        (
            method.to_owned(),
            step.docstring.as_ref().map(|body| graphql::root_fields(body.as_bytes())).unwrap_or_default(),
        )
    } else if sentence.starts_with("I query GraphQL") {
        let body = serde_json::json!({ "query": step.docstring.as_deref().unwrap_or_default() });
        ("POST".to_owned(), graphql::root_fields(body.to_string().as_bytes()))
    } else if sentence.starts_with("I GET every page") {
        ("GET".to_owned(), Vec::new())
    } else if sentence.starts_with("the webhook is delivered to") {
        ("POST".to_owned(), Vec::new())
    } else {
        return None;
    };
    Some(Asked { method, path: plain_path(first), graphql })
}

/// The path alone, with something in the place of each `${NAME}`.
fn plain_path(target: &str) -> String {
    let target = target.split(['?', '#']).next().unwrap_or_default();
    let mut path = String::new();
    let mut rest = target;
    while let Some((before, after)) = rest.split_once("${") {
        path.push_str(before);
        path.push('x');
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    path.push_str(rest);
    path
}
