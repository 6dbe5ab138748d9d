//! What is committed and drawn by the tool: `reports/sample/`, `docs/steps.md` and `docs/schemes.md` are what it draws today.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use jiff::Timestamp;
use preflight::adapter::client::{Options, Safety};
use preflight::adapter::ledger::Ledger;
use preflight::adapter::workspace::Workspace;
use preflight::cli::args::Format;
use preflight::cli::outputs;
use preflight::domain::record::Record;
use preflight::domain::target::Target;
use preflight::engine::contracts::Pace;
use preflight::engine::evidence::{self, Frame};
use preflight::engine::playbill::Playbill;
use preflight::engine::sentences;
use preflight::engine::setup::{self, Carrier};
use preflight::engine::twins;
use preflight::engine::webhook::table;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

/// The twin run of the shipped contracts at a fixed time, without the machine's own timings.
fn record(workspace: &Workspace, jobs: usize) -> Record {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let parts = runtime.block_on(async {
        let (all, options) = (workspace.contracts.keys(), Options::new(Safety::Anything));
        let setup = setup::twins(workspace, all, 0, Carrier::Served, options).await.expect("twins");
        let contracts = workspace.contracts.values().filter(|contract| !contract.features.is_empty());
        let never = Arc::new(AtomicBool::new(false));
        let pace = Pace { jobs, fail_fast: false };
        Playbill::of(contracts, |_| true).play(&setup, &pace, never, Arc::new(|_| {})).await
    });
    let frame = Frame {
        tool: outputs::TOOL.to_owned(),
        command: vec!["preflight".to_owned()],
        target: Target::Twin,
        environment: None,
        started: at("2026-11-20T09:00:00Z"),
        finished: at("2026-11-20T09:00:02Z"),
        seed: 0,
        interrupted: false,
        partial: false,
    };
    let mut record = evidence::record(workspace, frame, parts);
    for scenario in record.contracts.iter_mut().flat_map(|contract| &mut contract.scenarios) {
        scenario.duration_us = 0;
    }
    record
}

/// Compares, or with `UPDATE_SAMPLES` in the environment draws anew.
fn is_committed(path: &Path, drawn: &str) {
    if std::env::var_os("UPDATE_SAMPLES").is_some() {
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, drawn).expect("a sample");
        return;
    }
    let committed = fs::read_to_string(path).unwrap_or_default();
    let differs = committed.lines().zip(drawn.lines()).position(|(one, other)| one != other);
    assert!(
        committed == drawn,
        "{} is not what the tool draws (first difference in line {:?}); UPDATE_SAMPLES=1 draws it anew",
        path.display(),
        differs.map(|line| line + 1)
    );
}

#[test]
fn the_sample_dashboards_are_what_the_twin_run_draws() {
    let workspace = Workspace::open(&root(), None).expect("the workspace");
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = Ledger::new(folder.path());
    let mut record = record(&workspace, 16);
    let shown = evidence::shown(&record, 0);
    let now = at("2026-11-20T10:00:00Z");
    ledger.append(&mut record, shown, now).expect("an entry");
    let formats = [Format::Html, Format::Markdown, Format::Json, Format::Junit, Format::Terminal];
    // A run draws the record that it has just made; afterwards the same is drawn from the file.
    let held = outputs::draw_fresh(&workspace, &ledger, record, now).expect("a judgement");
    let held: Vec<_> = held.write(folder.path(), &formats, now).expect("files");
    let held: Vec<_> = held.iter().map(|path| fs::read_to_string(path).expect("a file")).collect();
    let drawn = outputs::draw(&workspace, &ledger, now).expect("a judgement");
    assert!(drawn.warnings.is_empty(), "{:?}", drawn.warnings);
    for (path, held) in drawn.write(folder.path(), &formats, now).expect("files").into_iter().zip(held) {
        let text = fs::read_to_string(&path).expect("a file");
        assert!(held == text, "{} was drawn otherwise", path.display());
        is_committed(&root().join("reports/sample").join(path.file_name().expect("a name")), &text);
    }
}

#[test]
fn a_run_is_repeatable_to_the_last_byte_whatever_runs_beside_what() {
    let workspace = Workspace::open(&root(), None).expect("the workspace");
    let (one, other) = (record(&workspace, 1), record(&workspace, 32));
    for (one, other) in one.contracts.iter().zip(&other.contracts) {
        for (one, other) in one.scenarios.iter().zip(&other.scenarios) {
            let text = |scenario| serde_json::to_string_pretty(scenario).expect("JSON");
            assert_eq!(text(one), text(other), "{}", one.place);
        }
    }
    assert_eq!(serde_json::to_string(&one).expect("JSON"), serde_json::to_string(&other).expect("JSON"));
}

#[test]
fn the_page_of_twins_is_what_the_tool_prints() {
    let workspace = Workspace::open(&root(), None).expect("the workspace");
    let page = twins::page(&workspace).expect("a page");
    assert!(!page.contains("|  |"), "every variable and every setting is explained");
    is_committed(&root().join("docs/twins.md"), &page);
}

#[test]
fn the_page_of_sentences_is_what_the_tool_prints() {
    is_committed(&root().join("docs/steps.md"), &sentences::markdown(&sentences::choose(None)));
}

#[test]
fn the_page_of_schemes_is_what_the_tool_prints() {
    is_committed(&root().join("docs/schemes.md"), &table::markdown());
}
