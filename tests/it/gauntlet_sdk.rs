//! Official clients, unchanged, put through lessons that show what docs/findings.md tells of them.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::peer::{Clients, Language};
use crate::shell::Folder;

/// The codes that a client's lessons bring, as `lesson: code`.
fn found(integration: &str, lessons: &str) -> Option<BTreeSet<String>> {
    let clients = Clients::find("gauntlet", Language::Node)?;
    let folder = Folder::with(&[]);
    let script = clients.script(&format!("{integration}.cjs")).display().to_string();
    let arguments = ["gauntlet", integration, "--lesson", lessons, "--jobs", "2", "--", "node", &script];
    let modules = clients.path().display().to_string();
    let ran = folder.preflight_with(&arguments, &[("NODE_PATH", &modules)]);
    assert!(ran.code.is_some_and(|code| code != 2), "{}", ran.screen());
    let record = folder.record();
    let lessons = record["details"]["gauntlet"]["lessons"].as_array().expect("lessons").clone();
    assert_eq!(lessons[0]["outcome"], "kept", "{}", ran.screen());
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let codes = lessons.iter().flat_map(|lesson| {
        let judged = list(&lesson["judged"]);
        let flaws: Vec<Value> = judged.iter().flat_map(|judged| list(&judged["findings"])).collect();
        let name = lesson["lesson"].as_str().unwrap_or_default().to_owned();
        flaws.into_iter().map(move |flaw| format!("{name}: {}", flaw["code"].as_str().unwrap_or_default()))
    });
    Some(codes.collect())
}

#[track_caller]
fn finds(integration: &str, lessons: &str, expected: &[&str]) {
    let Some(found) = found(integration, lessons) else { return };
    assert_eq!(found, expected.iter().map(|line| (*line).to_owned()).collect());
}

#[test]
fn openai_keeps_to_its_hints_and_repeats_a_post_without_a_key() {
    finds("openai", "throttled-date,quota-gone,unsafe-500", &["unsafe-500: no-idempotency-key"]);
}

#[test]
fn slack_reads_whole_seconds_alone_and_retries_what_cannot_help() {
    let expected = ["not-found: forbidden-retry", "throttled-date: no-retry"];
    finds("slack", "throttled-seconds,throttled-date,not-found", &expected);
}

#[test]
fn shopify_reads_seconds_as_milliseconds() {
    let expected = ["shopify-throttled: no-retry", "throttled-minutes: wrong-unit"];
    finds("shopify", "throttled-minutes,shopify-throttled", &expected);
}

#[test]
fn supabase_does_not_retry() {
    finds("supabase", "error-503,not-found", &["error-503: no-retry"]);
}

#[test]
fn stripe_repeats_a_post_under_its_key() {
    finds("stripe", "unsafe-500,unsafe-reset", &[]);
}
