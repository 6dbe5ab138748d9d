//! A record that is gone or changed makes its cell unknown: nothing older may speak in its place.

use std::path::PathBuf;

use crate::shell::{Folder, TWIN_WORKSPACE};

/// A workspace after a whole run and a second one with these arguments, and the newest record.
fn two_runs(second: &[&str]) -> (Folder, PathBuf) {
    let folder = Folder::with(&[("preflight.yaml", TWIN_WORKSPACE)]);
    folder.preflight(&["check"]).exits(0);
    folder.preflight(second);
    let records = std::fs::read_dir(folder.path().join("reports/records")).expect("records");
    let newest = records.map(|entry| entry.expect("an entry").path()).max().expect("a record");
    (folder, newest)
}

/// The verdict and the state of the twin's cell, drawn anew.
fn judged(folder: &Folder) -> (String, String) {
    folder.preflight(&["report"]).exits(0);
    let text = folder.read("reports/readiness.json");
    let judged: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let environment = &judged["environments"][0];
    let word = |value: &serde_json::Value| value.as_str().expect("a word").to_owned();
    (word(&environment["verdict"]), word(&environment["rows"][0]["cells"][0]["state"]))
}

#[test]
fn a_run_that_was_kept_does_not_speak_for_a_later_one_whose_record_is_gone() {
    for second in [&["check"][..], &["check", "--tags", "@IDP4-1"]] {
        let (folder, newest) = two_runs(second);
        assert_eq!(judged(&folder), ("GO".to_owned(), "ready".to_owned()));
        std::fs::remove_file(&newest).expect("it is removed");
        assert_eq!(judged(&folder), ("UNKNOWN".to_owned(), "unknown".to_owned()), "{second:?}");
    }
}

#[test]
fn nor_for_one_whose_record_was_changed() {
    let (folder, newest) = two_runs(&["check"]);
    let text = std::fs::read_to_string(&newest).expect("a record");
    std::fs::write(&newest, text.replace("kept", "kept ")).expect("it is changed");
    assert_eq!(judged(&folder), ("UNKNOWN".to_owned(), "unknown".to_owned()));
    folder.preflight(&["check"]).exits(0);
    assert_eq!(judged(&folder), ("GO".to_owned(), "ready".to_owned()), "a new run is new evidence");
}

#[test]
fn nor_for_one_whose_entry_was_cut_off() {
    let (folder, _) = two_runs(&["check"]);
    let whole = folder.read("reports/ledger.jsonl");
    folder.write("reports/ledger.jsonl", &whole[..whole.len() - 40]);
    assert_eq!(judged(&folder), ("UNKNOWN".to_owned(), "unknown".to_owned()));
    folder.preflight(&["check"]).exits(0);
    assert_eq!(judged(&folder), ("GO".to_owned(), "ready".to_owned()), "a new run stands behind the loss");
}
