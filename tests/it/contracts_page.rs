//! docs/contracts.md names every promise of the contracts that it speaks of, and no other.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use preflight::domain::contract::is_promise_id;
use regex::Regex;

/// Family (`IDP4`) and numbers.
type Promises = BTreeMap<String, BTreeSet<u32>>;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn features(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the features") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(features(&path));
        } else if path.extension().is_some_and(|extension| extension == "feature") {
            found.push(path);
        }
    }
    found
}

/// The promise ids that scenarios bear.
fn kept() -> Promises {
    let mut promises = Promises::new();
    for path in features(&root().join("features")) {
        let text = std::fs::read_to_string(&path).expect("a feature");
        let tags = text.lines().filter(|line| line.trim_start().starts_with('@')).flat_map(str::split_whitespace);
        for id in tags.filter_map(|tag| tag.strip_prefix('@')).filter(|tag| is_promise_id(tag)) {
            let (family, number) = id.rsplit_once('-').expect("a dash");
            promises.entry(family.to_owned()).or_default().insert(number.parse().expect("a number"));
        }
    }
    promises
}

/// Promise ids in a text: `WH-1`, and `WH-1 to WH-7` for those and what lies between.
fn named(text: &str) -> Vec<(String, u32, u32)> {
    let id = Regex::new(r"\b([A-Z][A-Z0-9]*)-(\d+)(?: to ([A-Z][A-Z0-9]*)-(\d+))?").expect("an expression");
    let mut spans = Vec::new();
    for found in id.captures_iter(text) {
        let from: u32 = found[2].parse().expect("digits");
        let to = match found.get(3) {
            Some(family) if family.as_str() == &found[1] => found[4].parse().expect("digits"),
            _ => from,
        };
        spans.push((found[1].to_owned(), from, to));
    }
    spans
}

#[test]
fn the_page_of_contracts_names_every_promise() {
    let page = std::fs::read_to_string(root().join("docs/contracts.md")).expect("the page");
    let (kept, named) = (kept(), named(&page));
    assert!(kept.contains_key("IDP4") && kept.contains_key("WH"), "{:?}", kept.keys());
    for (family, numbers) in &kept {
        let spans: Vec<_> = named.iter().filter(|(name, ..)| name == family).collect();
        assert!(!spans.is_empty(), "docs/contracts.md says nothing of {family}");
        for number in numbers {
            let told = spans.iter().any(|(_, from, to)| (*from..=*to).contains(number));
            assert!(told, "docs/contracts.md does not name {family}-{number}");
        }
    }
    for (family, from, to) in &named {
        let Some(numbers) = kept.get(family) else { continue };
        for end in [from, to] {
            assert!(numbers.contains(end), "docs/contracts.md names {family}-{end}, which no scenario bears");
        }
    }
}

#[test]
fn spans_of_promises_are_read() {
    let spans =
        |text| named(text).into_iter().map(|(family, from, to)| format!("{family} {from} {to}")).collect::<Vec<_>>();
    assert_eq!(spans("WH-1 to WH-7, IDP4-13"), ["WH 1 7", "IDP4 13 13"]);
    assert_eq!(spans("utf-8, PGRST-x, `WH-2` and IDP-3 to WH-9"), ["WH 2 2", "IDP 3 3"]);
}
