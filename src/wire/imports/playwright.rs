//! Playwright's JSON reporter (`JSONReport` of `@playwright/test/reporter`): `expected` is kept, `unexpected` and `flaky` are
//! broken (a promise that holds at the second try does not hold), `skipped` is unasked.

use serde::Deserialize;

use crate::domain::import::Told;
use crate::domain::record::Outcome;
use crate::wire::imports::{milliseconds, moment};

#[derive(Deserialize)]
struct Report {
    suites: Vec<Suite>,
    #[serde(default)]
    errors: Vec<Error>,
    #[serde(default)]
    stats: Option<Stats>,
}

#[derive(Deserialize)]
struct Error {
    #[serde(default)]
    message: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stats {
    #[serde(default)]
    start_time: String,
    /// Milliseconds.
    #[serde(default)]
    duration: f64,
}

#[derive(Deserialize)]
struct Suite {
    #[serde(default)]
    title: String,
    #[serde(default)]
    specs: Vec<Spec>,
    #[serde(default)]
    suites: Vec<Suite>,
}

#[derive(Deserialize)]
struct Spec {
    title: String,
    tests: Vec<Test>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Test {
    #[serde(default)]
    project_name: String,
    status: String,
}

pub fn read(bytes: &[u8]) -> Result<Told, String> {
    let report: Report = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    let mut told = Told::default();
    for suite in &report.suites {
        walk(suite, "", &mut told)?;
    }
    for error in &report.errors {
        told.add("outside of any test", Outcome::Broken, &error.message);
    }
    if let Some(stats) = &report.stats
        && let Some(started) = moment(&stats.start_time)
    {
        told.covers(started);
        told.covers(started.saturating_add(milliseconds(stats.duration)).unwrap_or(started));
    }
    Ok(told)
}

fn walk(suite: &Suite, path: &str, told: &mut Told) -> Result<(), String> {
    let path = format!("{path}{}{}", suite.title, if suite.title.is_empty() { "" } else { " › " });
    for spec in &suite.specs {
        for test in &spec.tests {
            let project =
                if test.project_name.is_empty() { String::new() } else { format!(" [{}]", test.project_name) };
            let name = format!("{path}{}{project}", spec.title);
            let outcome = match test.status.as_str() {
                "expected" => Outcome::Kept,
                "unexpected" | "flaky" => Outcome::Broken,
                "skipped" => Outcome::Unasked,
                other => return Err(format!("`{name}` has the status `{other}`")),
            };
            told.add(&name, outcome, &test.status);
        }
    }
    suite.suites.iter().try_for_each(|inner| walk(inner, &path, told))
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::domain::record::{Counts, Outcome};

    #[test]
    fn a_flaky_test_is_broken_and_suites_nest() {
        let told = read(
            br#"{"suites":[{"title":"a.spec.ts","specs":[{"title":"one","tests":[{"projectName":"chromium","status":"expected"},
            {"projectName":"webkit","status":"flaky"}]}],"suites":[{"title":"inner","specs":[{"title":"two","tests":[{"status":"skipped"}]}]}]}],
            "errors":[],"stats":{"startTime":"2026-11-20T08:00:00.000Z","duration":1500}}"#,
        )
        .unwrap();
        assert_eq!(told.counts, Counts { kept: 1, broken: 1, unasked: 1, untested: 0 });
        assert_eq!(told.cases[0].name, "a.spec.ts › one [webkit]");
        assert_eq!(told.cases[1].name, "a.spec.ts › inner › two");
        assert_eq!(told.finished.unwrap().to_string(), "2026-11-20T08:00:01.5Z");
    }

    #[test]
    fn errors_break_unknown_words_are_refused_and_nothing_is_untested() {
        assert_eq!(read(br#"{"suites":[],"errors":[{"message":"no config"}]}"#).unwrap().outcome(), Outcome::Broken);
        assert!(read(br#"{"suites":[{"specs":[{"title":"a","tests":[{"status":"fine"}]}]}]}"#).is_err());
        assert!(read(b"[]").is_err());
        assert_eq!(read(br#"{"suites":[]}"#).unwrap().outcome(), Outcome::Untested);
    }
}
