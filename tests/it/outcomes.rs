//! One run with every outcome, and the words that each format for machines has for them: unknown is never green.

use crate::shell::Folder;

/// A scenario of each outcome, and one that is not meant for a twin.
const EACH: &str = "\
  Scenario: this is kept
    When I GET \"/api/analytics/idea-pool\"
    Then the status is 200
  Scenario: this is broken
    When I GET \"/api/analytics/idea-pool\"
    Then the status is 418
  Scenario: this is unasked
    When I GET \"/${NO_SUCH}\"
    Then the status is 200
  Scenario: this is untested
    When I GET \"/api/analytics/idea-pool\"
  @live-only
  Scenario: this is left out
    When I GET \"/api/analytics/idea-pool\"
    Then the status is 200
";

/// The reports of a run, by file.
fn reports(body: &str, code: i32) -> Folder {
    let folder = Folder::with_feature(body);
    folder.preflight(&["check", "--tags", "@own"]).exits(code);
    folder.preflight(&["report", "--format", "junit,tap,github"]);
    folder
}

/// The part of a text from where a name stands, as far as the next one begins.
fn part<'a>(text: &'a str, name: &str, next: &str) -> &'a str {
    let start = text.find(name).unwrap_or_else(|| panic!("{name} is not in\n{text}"));
    let rest = &text[start..];
    rest[name.len()..].find(next).map_or(rest, |end| &rest[..name.len() + end])
}

#[test]
fn junit_keeps_failures_errors_and_skips_apart() {
    let folder = reports(EACH, 1);
    let junit = folder.read("reports/junit.xml");
    let suite = part(&junit, "<testsuite name=\"idea-pool (twin)\"", ">");
    assert!(suite.contains(r#"tests="5" skipped="3" errors="0" failures="1""#), "{suite}");
    for (name, word) in [
        ("this is kept", None),
        ("this is broken", Some("<failure message=\"expected the status 418, came 200, saying ")),
        (
            "this is unasked",
            Some("<skipped message=\"unasked: needs ${NO_SUCH}, which has no value\" type=\"unasked\""),
        ),
        ("this is untested", Some("<skipped message=\"untested: the scenario has no Then")),
        ("this is left out", Some("<skipped message=\"left out: ")),
    ] {
        let case = part(&junit, name, "<testcase");
        let verdicts = ["<failure", "<error", "<skipped"].iter().map(|word| case.matches(word).count()).sum::<usize>();
        assert_eq!(verdicts, usize::from(word.is_some()), "{case}");
        assert!(word.is_none_or(|word| case.contains(word)), "{word:?} is not in\n{case}");
    }
    folder.write(
        "features/idea-pool/own.feature",
        "@own\nFeature: f\n  Scenario: s\n    When I GET \"/x\"\n  nonsense\n",
    );
    folder.preflight(&["check"]).exits(2);
    let junit = folder.read("reports/junit.xml");
    assert!(junit.contains("errors=\"1\"") && junit.contains("<error "), "a feature that cannot be read is an error");
}

#[test]
fn tap_passes_nothing_but_what_was_kept() {
    let tap = reports(EACH, 1).read("reports/readiness.tap");
    assert!(tap.starts_with("TAP version 14\n1..1\n# Subtest: idea-pool (twin)\n    1..5\n"), "{tap}");
    for (line, outcome) in [
        ("ok 1 - this is kept", None),
        ("not ok 2 - this is broken", Some("broken")),
        ("not ok 3 - this is unasked", Some("unasked")),
        ("not ok 4 - this is untested", Some("untested")),
        ("ok 5 - this is left out # SKIP", None),
    ] {
        let point = part(&tap, &format!("\n    {line}"), "ok ");
        let told = outcome.map(|outcome| format!("  outcome: \"{outcome}\""));
        assert_eq!(point.contains("  outcome: "), told.is_some(), "{point}");
        assert!(told.is_none_or(|told| point.contains(&told)), "{point}");
    }
    assert!(tap.ends_with("\nnot ok 1 - idea-pool (twin)\n"), "the whole is not green: {tap}");
    // A reader takes a point with TODO or SKIP as passed, so the unknown has neither.
    assert_eq!((tap.matches("# TODO").count(), tap.matches("# SKIP").count()), (0, 1), "{tap}");
}

#[test]
fn github_is_told_errors_warnings_and_notices() {
    let told = reports(EACH, 1).read("reports/annotations.txt");
    let place = "file=features/idea-pool/own.feature,line=";
    let lines = [
        format!(
            "::error {place}8,title=idea-pool on twin%3A this is broken::status: expected the status 418, came 200"
        ),
        format!(
            "::warning {place}9,title=idea-pool on twin%3A 1 scenario unasked::needs ${{NO_SUCH}}, which has no value"
        ),
        format!("::warning {place}12,title=idea-pool on twin%3A 1 scenario untested::"),
        format!(
            "::notice {place}15,title=idea-pool on twin%3A 1 scenario left out::features/idea-pool/own.feature:15 this is left out: "
        ),
    ];
    for line in lines {
        assert!(told.contains(&line), "{line} is not in\n{told}");
    }
    assert!(!told.contains("this is kept"), "{told}");
}

#[test]
fn where_everything_was_left_out_nothing_is_green() {
    let only = "  @live-only\n  Scenario: s\n    When I GET \"/api/analytics/idea-pool\"\n    Then the status is 200\n";
    let folder = reports(only, 3);
    assert!(folder.read("reports/readiness.tap").contains("\n    not ok 2 - nothing ran\n"));
    let junit = folder.read("reports/junit.xml");
    assert!(junit.contains("<error message=\"nothing ran\" type=\"untested\""), "{junit}");
    assert!(folder.read("reports/annotations.txt").contains("::warning title=idea-pool on twin%3A nothing ran::"));
}
