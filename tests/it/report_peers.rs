//! The reports as their real readers understand them: Cucumber's HTML formatter, npm's TAP parser, Prometheus' promtool.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use preflight::report::dashboard::{Run, runs};
use preflight::report::{messages, metrics, tap};
use serde_json::{Value, json};

use crate::peer::skipped;
use crate::sample;

/// Where a reader was installed (`tests/peers/install-report.sh`); None, and a word about it, where it was not.
fn peer(variable: &str, usual: &str) -> Option<PathBuf> {
    let usual = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/peers/report").join(usual);
    let named = std::env::var_os(variable).map(PathBuf::from);
    let found = named.into_iter().chain([usual]).find(|path| path.exists());
    if found.is_none() {
        skipped(&format!("the readers of reports (tests/peers/install-report.sh, or {variable})"));
    }
    found
}

fn node(modules: &Path, script: &str, arguments: &[&Path]) -> Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/report").join(script);
    let output =
        Command::new("node").arg(script).args(arguments).env("NODE_PATH", modules).output().expect("node runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("what it read, as JSON")
}

#[test]
fn the_official_html_formatter_reads_the_messages() {
    let Some(modules) = peer("PREFLIGHT_PEER_REPORT_NODE", "node_modules") else { return };
    let (_, records) = sample::small();
    let all: Vec<Run<'_>> = records.iter().flat_map(runs).collect();
    let folder = tempfile::tempdir().expect("a folder");
    let draw = |name: &str, runs: &[Run<'_>]| {
        let (from, to) = (folder.path().join(format!("{name}.ndjson")), folder.path().join(format!("{name}.html")));
        std::fs::write(&from, messages::draw(runs, sample::TOOL, sample::now())).expect("a file");
        node(&modules, "messages.cjs", &[&from, &to])
    };
    let seen = draw("all", &all);
    let scenarios: usize = all.iter().map(|run| run.contract.scenarios.len() + run.contract.unreadable.len()).sum();
    assert_eq!(seen["seen"]["testCaseFinished"], scenarios, "{seen}");
    assert_eq!(seen["seen"]["success"], false);
    let count = |status: &str| seen["statuses"][status].as_u64().unwrap_or(0);
    assert_eq!([count("FAILED"), count("UNDEFINED")], [2, 1], "one broken and one unreadable, one untested: {seen}");
    assert!(count("PENDING") > 0 && count("PASSED") > 0, "{seen}");
    assert!(seen["bytes"].as_u64().is_some_and(|bytes| bytes > 100_000), "a page with its reader in it");
    // Where nothing ran, nothing has passed.
    let seen = draw("none", &[]);
    assert_eq!((&seen["seen"]["success"], &seen["statuses"]), (&json!(false), &json!({})));
    let mut empty = records[0].clone();
    empty.contracts.truncate(1);
    empty.contracts[0].scenarios.clear();
    let seen = draw("empty", &runs(&empty).collect::<Vec<_>>());
    assert_eq!((&seen["seen"]["success"], &seen["statuses"]), (&json!(false), &json!({"UNDEFINED": 1})));
}

#[test]
fn a_tap_parser_reads_version_14_with_subtests() {
    let Some(modules) = peer("PREFLIGHT_PEER_REPORT_NODE", "node_modules") else { return };
    let (_, records) = sample::small();
    let all: Vec<Run<'_>> = records.iter().flat_map(runs).collect();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("readiness.tap");
    std::fs::write(&file, tap::draw(&all)).expect("a file");
    let read = node(&modules, "tap.cjs", &[&file]);
    assert_eq!((&read["version"], &read["ok"], &read["extra"]), (&json!(14), &json!(false), &json!([])));
    let subtests = read["subtests"].as_array().expect("subtests");
    assert_eq!(subtests.len(), all.len());
    for (run, subtest) in all.iter().zip(subtests) {
        assert_eq!(subtest["name"], format!("{} ({})", run.contract.integration, run.place()));
        let points = subtest["points"].as_array().expect("points");
        let contract = run.contract;
        assert_eq!(points.len(), contract.scenarios.len() + contract.unreadable.len() + contract.left_out.len());
        for point in points {
            let said = point["outcome"].as_str();
            assert_eq!(point["ok"] == true, said.is_none(), "what is not ok says why: {point}");
        }
    }
    std::fs::write(&file, tap::draw(&[])).expect("a file");
    assert_eq!(node(&modules, "tap.cjs", &[&file])["ok"], false);
}

#[test]
fn promtool_finds_nothing_to_lint() {
    let Some(promtool) = peer("PREFLIGHT_PEER_PROMTOOL", "prometheus/usr/bin/promtool") else { return };
    let (readiness, records) = sample::small();
    let all: Vec<Run<'_>> = records.iter().flat_map(runs).collect();
    let lint = |text: &str| {
        let mut process = Command::new(&promtool);
        process.args(["check", "metrics"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = process.spawn().expect("promtool runs");
        std::io::Write::write_all(&mut process.stdin.take().expect("its input"), text.as_bytes()).expect("it reads");
        let output = process.wait_with_output().expect("it ends");
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        (output.status.success(), said)
    };
    let page = metrics::draw(&readiness, &all);
    assert_eq!(lint(&page), (true, String::new()));
    let (good, said) = lint(&page.replace("# HELP preflight_ready ", "# HELP preflight_other "));
    assert!(!good && said.contains("no help text"), "a page without help is told: {said}");
}
