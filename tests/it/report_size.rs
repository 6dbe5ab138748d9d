//! How large the reports may grow.

use std::fmt::Write;

use preflight::domain::finding::{Code, Finding};
use preflight::domain::readiness::Readiness;
use preflight::domain::record::{Outcome, Record};
use preflight::report::dashboard::{Dashboard, Run, runs};
use preflight::report::{github, html, markdown};

use crate::sample;

fn page((readiness, records): &(Readiness, Vec<Record>)) -> String {
    html::draw(&Dashboard::new(readiness, records, sample::TOOL, sample::now())).expect("a page")
}

/// Every scenario broken, each with a long diff and a long answer.
fn all_broken(integrations: usize, scenarios: usize) -> (Readiness, Vec<Record>) {
    let mut whole = sample::large(integrations, scenarios);
    let diff: String = (0..200).fold(String::new(), |mut text, line| {
        let _ = writeln!(text, "- line {line} of a long diff");
        text
    });
    for scenario in whole.1.iter_mut().flat_map(|record| &mut record.contracts).flat_map(|run| &mut run.scenarios) {
        sample::break_scenario(scenario);
        scenario.findings.push(Finding::new(Code::Body, "the body differs").diff(diff.clone()).actual(diff.clone()));
    }
    whole
}

#[test]
fn thirty_integrations_fit_in_300_kb() {
    let size = page(&sample::large(30, 20)).len();
    assert!(size < 300_000, "{size} bytes");
}

#[test]
fn two_hundred_integrations_of_fifty_scenarios_stay_under_300_bytes_a_scenario() {
    let size = page(&sample::large(200, 50)).len();
    assert!(size < 3_000_000, "{size} bytes");
}

#[test]
fn broken_scenarios_do_not_make_the_page_swell() {
    let few = page(&all_broken(30, 20));
    assert!(few.len() < 900_000, "{} bytes", few.len());
    assert!(few.contains("this page has no room left for it"), "what is left out is said");
    assert!(few.contains("more exchanges not drawn here"), "what is left out is said");
}

#[test]
fn markdown_fits_a_comment_whatever_comes_in_and_says_what_was_cut() {
    for (readiness, records) in
        [sample::large(30, 20), sample::large(200, 50), all_broken(60, 50), all_broken(1, 1_500)]
    {
        let page = markdown::draw(&Dashboard::new(&readiness, &records, sample::TOOL, sample::now()));
        assert!(page.len() <= markdown::MOST_BYTES, "{} bytes", page.len());
        assert!(page.contains(": ❌ NO-GO"), "the verdict is never cut");
        assert_eq!(page.matches("<details>").count(), page.matches("</details>").count());
        assert_eq!(page.lines().filter(|line| line.trim_start().starts_with("```")).count() % 2, 0);
        let scenarios = page.matches("### ❌").count();
        let broken = records.iter().map(|record| record.counts().broken as usize).sum::<usize>();
        assert_eq!(page.contains("**Cut to fit"), scenarios < broken, "{scenarios} of {broken} are shown");
    }
}

#[test]
fn ten_annotations_of_a_level_and_the_last_one_counts_the_rest() {
    let (_, mut records) = sample::large(40, 20);
    for run in &mut records[0].contracts {
        run.scenarios[5].outcome = Outcome::Unasked;
        run.scenarios[5].reason = Some("no credentials".into());
        run.operations[0].asked = 0;
    }
    let all: Vec<Run<'_>> = records.iter().flat_map(runs).collect();
    let page = github::draw(&all);
    for (level, of) in [("error", 40), ("warning", 40), ("notice", 40)] {
        let lines: Vec<&str> = page.lines().filter(|line| line.starts_with(&format!("::{level} "))).collect();
        assert_eq!(lines.len(), 10);
        assert!(lines[9].starts_with(&format!("::{level} title=and {} more::", of - 9)), "{}", lines[9]);
    }
}
