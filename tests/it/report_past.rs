//! Readiness over time, typed dashboards, vendors and metrics, as `preflight report` draws them.

use insta::assert_snapshot;
use serde_json::Value;

use crate::report_schemas::{complaints, schema};
use crate::shell::{Folder, Ran};

const WORKSPACE: &str = "\
version: 1
name: test
environments:
  local:
  staging:
integrations:
  idea-pool: {title: Idea pool, evaluation: {business_value: 3, feasibility: 5, tier: 1, by: product, at: 2025-10-12}}
  redis: {title: Redis}
blockers:
  OPS-1: {integration: redis, title: no account, owner: ops, opened: 2026-10-01}
policy:
  local: {require: [contract-twin], integrations: [idea-pool]}
";

fn feature(status: u16) -> String {
    format!(
        "Feature: own\n\n  Scenario: It answers\n    When I GET \"/api/analytics/idea-pool\"\n    Then the status is {status}\n"
    )
}

/// A workspace whose contract broke on Monday, so to say, and was mended since.
fn mended() -> Folder {
    let folder = Folder::with(&[("preflight.yaml", WORKSPACE), ("features/idea-pool/own.feature", &feature(418))]);
    folder.preflight(&["check", "idea-pool", "--quiet"]).exits(1);
    folder.write("features/idea-pool/own.feature", &feature(200));
    folder.preflight(&["check", "idea-pool", "--quiet"]).exits(0);
    folder
}

fn json(folder: &Folder, path: &str) -> Value {
    serde_json::from_str(&folder.read(path)).expect("JSON")
}

fn git(folder: &Folder, arguments: &[&str]) {
    let mut git = std::process::Command::new("git");
    git.arg("-C").arg(folder.path()).args(["-c", "user.name=t", "-c", "user.email=t@example.com"]).args(arguments);
    let output = git.output().expect("git runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn what_changed_since_the_last_run_is_told_in_every_format() {
    let folder = mended();
    folder.preflight(&["report", "--format", "html,markdown,json", "--since", "1"]).exits(0);
    let history = json(&folder, "reports/history.json");
    assert_eq!(complaints(&schema("history"), &history), Vec::<String>::new());
    assert_eq!(history["verdicts"][0]["verdicts"], serde_json::json!(["NO-GO", "GO", "GO"]));
    for since in history["since"].as_array().expect("a list") {
        let change = &since["changes"][0];
        assert_eq!((&change["from"], &change["to"]), (&"failing".into(), &"ready".into()), "{since}");
    }
    assert_eq!(history["since"][1]["label"], "entry 1");
    let markdown = folder.read("reports/readiness.md");
    assert!(markdown.contains("local: ❌🟢🟢"), "{markdown}");
    assert!(markdown.contains("🟢 Contract on twin of `idea-pool` in local: failing → ready"), "{markdown}");
    let page = folder.read("reports/readiness.html");
    for text in
        ["<h2 id=\"h-past\">Over time</h2>", "aria-label=\"NO-GO for 1, then GO for 2\"", "in local, was failing:"]
    {
        assert!(page.contains(text), "{text}");
    }
}

#[test]
fn a_beginning_is_a_tag_a_time_or_an_entry() {
    let folder = mended();
    let since = |text: &str| folder.preflight(&["report", "--format", "json", "--since", text]);
    since("2020-01-01").exits(0);
    let begun = json(&folder, "reports/history.json");
    assert_eq!(
        (&begun["since"][1]["sequence"], &begun["since"][1]["changes"][0]["from"]),
        (&0.into(), &"unknown".into())
    );
    since("7").exits(2).says("the ledger has no entry 7").says("its last is 2");
    since("v1").exits(2).says("`v1` is no time and no entry");
    git(&folder, &["init", "--quiet"]);
    git(&folder, &["commit", "--quiet", "--allow-empty", "--message", "one"]);
    git(&folder, &["tag", "v1.0"]);
    since("v1.0").exits(0);
    assert_eq!(json(&folder, "reports/history.json")["since"][1]["label"], "v1.0");
    since("v1.1").exits(2).says("there is no tag `v1.1`").says("did you mean `v1.0`?");
    since("--all").exits(2);
    since("v*").exits(2).says("there is no tag `v*`");
}

#[test]
fn a_typed_dashboard_is_held_against_the_evidence() {
    let folder = mended();
    let typed = "# Dashboard\n\n| Integration | Environment Status | Credentials | Testing | Blockers |\n|---|---|---|---|---|\n\
                 | Idea pool | READY | current | Sandbox verified | none |\n| Redis | Draft | pending | not started | none |\n\
                 | Slak | Live | live | passing | DEPLOY-147 |\n";
    folder.write("typed.md", typed);
    let ran = folder.preflight(&["report", "--diff", "typed.md"]).exits(1);
    assert_snapshot!("typed_dashboard", ran.screen());
    let ran = folder.preflight(&["report", "--json", "--diff", "typed.md"]).exits(1);
    let document: Value = serde_json::from_str(&ran.out).expect("JSON on stdout");
    assert_eq!(complaints(&schema("comparison"), &document), Vec::<String>::new());
    folder.write("none.md", "All is well.\n");
    folder.preflight(&["report", "--diff", "none.md"]).exits(2).says("none.md holds no readiness table");
    folder.preflight(&["report", "--diff", "nowhere.md"]).exits(2).says("nowhere.md");
}

#[test]
fn what_is_drawn_claims_nothing_that_is_not_so() {
    let folder = mended();
    folder.preflight(&["report", "--format", "matrix,vendors"]).exits(0);
    let ages = |text: String| {
        regex::Regex::new(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC")
            .expect("a pattern")
            .replace_all(&text, "<time>")
            .into_owned()
    };
    let counts = |text: String| {
        regex::Regex::new(r"\d+ (of \d+ kept|scenarios kept, \d+ of \d+)")
            .expect("a pattern")
            .replace_all(&text, "<n> $1")
            .into_owned()
    };
    let kept = regex::Regex::new(r"\d+ scenarios kept").expect("a pattern");
    for (name, file) in [("matrix", "reports/matrix.md"), ("vendors", "reports/vendors.md")] {
        let text = kept.replace_all(&ages(folder.read(file)), "<n> scenarios kept").into_owned();
        assert_snapshot!(name, counts(text));
        let ran: Ran = folder.preflight(&["report", "--diff", file]);
        assert!(!ran.err.contains("claims"), "{}", ran.screen());
        ran.exits(0);
    }
    let vendors = json(&folder, "reports/vendors.json");
    assert_eq!(complaints(&schema("vendors"), &vendors), Vec::<String>::new());
    assert_eq!(vendors["vendors"][0]["evaluation"]["broken_tier"], 1);
    assert_eq!(vendors["vendors"][0]["scorecard"]["escalation"], "unknown", "a twin says nothing of a vendor");
}

#[test]
fn metrics_say_0_where_nothing_is_known() {
    let folder = mended();
    folder.preflight(&["report", "--format", "metrics"]).exits(0);
    let page = folder.read("reports/metrics.prom");
    for line in [
        "preflight_verdict{environment=\"local\",verdict=\"GO\"} 1",
        "preflight_verdict{environment=\"staging\",verdict=\"UNKNOWN\"} 1",
        "preflight_ready{environment=\"local\",integration=\"idea-pool\",criterion=\"contract-twin\",required=\"true\"} 1",
        "preflight_ready{environment=\"local\",integration=\"redis\",criterion=\"health\",required=\"false\"} 0",
        "preflight_state{environment=\"local\",integration=\"redis\",criterion=\"blockers\",required=\"false\",state=\"blocked\"} 1",
    ] {
        assert!(page.lines().any(|known| known == line), "{line}\n{page}");
    }
    assert!(page.ends_with("# EOF\n"));
}
