//! `evidence audit`, as a user types it: a status report beside the files, the commits and the ledger that it speaks of.

use std::process::Command;

use insta::assert_snapshot;
use preflight::adapter::files;
use preflight::domain::claim::finding::Code;
use serde_json::{Value, json};

use crate::shell::{Folder, TWIN_WORKSPACE};

/// A report in which everything is wrong that was wrong with those of our first users.
const REPORT: &str = "\
---
last_reviewed: 2025-10-12
expires: 2025-10-12
---
# Status

## 2025-10-12 10:00 UTC Readiness

Production readiness: 71% (5/7 categories complete)

- ✅ Inventory
- ⬜ Production secrets

**Evidence**: docs/readiness.md (450 lines)

## 2025-10-12 10:30 UTC Summary

### Tasks completed: 3/4 (75%)

✅ **One**: artifacts/one.log

✅ **Two**: captured `artifacts/2025-10-13T09-00-00Z.json`

🟡 **Three**

⏭️ **Four**

The follow-up was sent on 2025-09-31. Document: docs/empty.md. Idea pool: 13 of 13 scenarios kept.
";

const AT: &str = "2025-10-13T12:00:00Z";

fn audit(folder: &Folder, arguments: &[&str]) -> crate::shell::Ran {
    folder.preflight(&[&["evidence", "audit"], arguments, &["--at", AT]].concat())
}

#[test]
fn a_report_that_is_wrong_is_told_so_line_by_line() {
    let folder = Folder::with(&[
        ("preflight.yaml", TWIN_WORKSPACE),
        ("status.md", REPORT),
        ("docs/readiness.md", "# Readiness\n\nIt is written down.\n"),
        ("docs/empty.md", ""),
    ]);
    assert_snapshot!("report", audit(&folder, &["status.md"]).exits(1).screen());
}

#[test]
fn a_right_report_comes_out_clean() {
    let right = "# Status\n\n## 2025-10-12\n\nTasks done: 1/2 (50%), see [the log](artifacts/one_2025-10-12.log)\n\n- [x] one\n- [ ] two\n";
    let folder = Folder::with(&[("status.md", right), ("artifacts/one_2025-10-12.log", "200\n")]);
    let ran = audit(&folder, &["status.md"]).exits(0).says("1 document, 3 claims: all of them stand");
    assert_eq!(ran.out, "");
}

#[test]
fn what_is_no_text_claims_nothing_or_is_not_there_is_no_success() {
    let folder = Folder::with(&[("plain.md", "Nothing to see.\n"), ("ok.md", "See [it](plain.md).\n")]);
    audit(&folder, &["plain.md"]).exits(3).says("nothing is claimed that can be checked, and that is no success");
    files::write(&folder.path().join("latin.md"), b"# x\n\ncaf\xE9\n").expect("a file");
    let ran = audit(&folder, &["latin.md", "ok.md"]).exits(3);
    assert_eq!(
        ran.out,
        "latin.md:3:1: cannot tell[document-unreadable]: the file holds 0xE9 at byte 8, which no UTF-8 text can hold there: it is probably Latin-1: save the file as UTF-8\n"
    );
    files::write(&folder.path().join("picture.txt"), b"\x89PNG\r\n\0\0").expect("a file");
    audit(&folder, &["picture.txt", "ok.md"]).exits(3).says("left out: picture.txt: it is binary, not text");
    audit(&folder, &["gone.md"]).exits(2).says("error: there is nothing at gone.md");
    audit(&folder, &["ok.md", "--root", "gone"]).exits(2).says("error: gone is no folder");
    std::fs::create_dir(folder.path().join("empty")).expect("a folder");
    audit(&folder, &["empty"]).exits(3).says("there is nothing to audit, and that is no success");
}

#[test]
fn a_folder_is_walked_without_what_git_ignores() {
    let folder = Folder::with(&[
        (".gitignore", "tmp/\n"),
        ("docs/a.md", "See [b](b.md).\n"),
        ("docs/b.md", "Nothing to see.\n"),
        ("docs/c.rs", "// no document\n"),
        ("tmp/d.md", "See [gone](gone.md).\n"),
    ]);
    let ran = audit(&folder, &["."]).exits(0).says("2 documents, 1 claim: all of them stand");
    ran.says("1 document claims nothing that can be checked").says("not read: 1 file neither Markdown nor text");
    audit(&folder, &[".", "--no-ignore"]).exits(1).says("3 documents, 2 claims: 1 false");
}

/// Commits everything as of a time.
fn commit(folder: &Folder, time: &str) {
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command.arg("-C").arg(folder.path()).args([
            "-c",
            "user.name=x",
            "-c",
            "user.email=x@x.example",
            "-c",
            "commit.gpgsign=false",
        ]);
        let ran = command
            .args(arguments)
            .env("GIT_AUTHOR_DATE", time)
            .env("GIT_COMMITTER_DATE", time)
            .output()
            .expect("git runs");
        assert!(ran.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&ran.stderr));
    };
    git(&["init", "-q"]);
    git(&["add", "-A"]);
    git(&["commit", "-q", "-m", time]);
}

#[test]
fn git_says_when_a_file_was_made_and_whether_a_clone_has_it() {
    let report = "# Log\n\n## 2025-10-10\n\nEvidence: artifacts/first.log, artifacts/late.log, build/gone.log\n";
    let folder = Folder::with(&[(".gitignore", "build/\n"), ("log.md", report), ("artifacts/first.log", "200\n")]);
    commit(&folder, "2025-10-10T12:00:00Z");
    folder.write("artifacts/late.log", "200\n");
    commit(&folder, "2025-10-13T08:00:00Z");
    let ran = audit(&folder, &["log.md"]).exits(1);
    // The file system says today of all of them: a checkout's times mean nothing.
    assert_eq!(
        ran.out,
        "log.md:5:32: false[document-artifact-made-later]: “artifacts/late.log”: it was first committed at 2025-10-13T08:00:00Z, the text that cites it bears 2025-10-10\n\
         log.md:5:52: false[document-artifact-missing]: “build/gone.log”: nothing is there (git would ignore it: no clone has it)\n"
    );
    // What was imported at once has no history to judge by.
    let imported = Folder::with(&[
        ("log.md", report),
        ("artifacts/first.log", "200\n"),
        ("artifacts/late.log", "200\n"),
        ("build/gone.log", "200\n"),
    ]);
    commit(&imported, "2025-10-13T08:00:00Z");
    audit(&imported, &["log.md"]).exits(0);
    // A change that is not committed is the file system's again.
    folder.write("artifacts/first.log", "200\n410\n");
    let ran = audit(&folder, &["log.md"]).exits(1);
    assert!(ran.out.contains("cannot tell[artifact-time-unknown]: “artifacts/first.log”"), "{}", ran.out);
}

#[test]
fn without_git_nothing_is_guessed() {
    let folder =
        Folder::with(&[("log.md", "## 2025-10-10\n\nEvidence: artifacts/x.log\n"), ("artifacts/x.log", "200\n")]);
    let output =
        folder.command(&["evidence", "audit", "log.md", "--at", AT]).env("PATH", "").output().expect("the binary runs");
    let ran = folder.ran(&[], &output).exits(3);
    assert!(ran.out.contains("cannot tell[artifact-time-unknown]"), "{}", ran.out);
}

#[test]
fn the_ledger_has_the_last_word_on_scenarios() {
    let folder = Folder::with_feature(
        "  Scenario: It answers\n    When I GET \"/api/analytics/idea-pool\"\n    Then the status is 200\n",
    );
    folder.preflight(&["check", "--tags", "not @none"]).exits(0);
    let record = folder.record();
    let scenarios = record["contracts"][0]["scenarios"].as_array().expect("scenarios").len();
    let record = format!("reports/records/{}.json", record["id"].as_str().expect("an id"));
    let partial = folder.read("reports/ledger.jsonl").contains("\"partial\":true");
    assert!(partial, "a selection shows nothing whole");
    folder.write(
        "right.md",
        &format!("Idea pool: {scenarios} of {scenarios} scenarios kept, see [the record]({record}).\n"),
    );
    // Only a part ran, so nothing is known of the whole.
    let ran = folder.preflight(&["evidence", "audit", "right.md"]).exits(3);
    assert!(ran.out.contains("cannot tell[not-in-ledger]"), "{}", ran.out);
    folder.preflight(&["check"]).exits(0);
    folder.preflight(&["evidence", "audit", "right.md"]).exits(0);
    folder.write("wrong.md", "Idea pool: 1 of 99 scenarios kept.\n");
    let ran = folder.preflight(&["evidence", "audit", "wrong.md"]).exits(1);
    assert!(
        ran.out.contains(&format!("the newest evidence of idea-pool: {scenarios} of {scenarios} scenarios kept, twin")),
        "{}",
        ran.out
    );
    let changed = folder.read(&record).replace("\"kept\"", "\"Kept\"");
    folder.write(&record, &changed);
    let ran = folder.preflight(&["evidence", "audit", "right.md"]).exits(1);
    assert!(
        ran.out.contains(
            "false[contradicts-ledger]: “the record”: the ledger's entry was made for a record with another digest"
        ),
        "{}",
        ran.out
    );
}

fn schema() -> jsonschema::Validator {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/preflight/audit.json");
    let document: Value = serde_json::from_str(&std::fs::read_to_string(path).expect("a schema")).expect("JSON");
    jsonschema::options().should_validate_formats(true).build(&document).expect("a schema")
}

#[test]
fn json_is_what_its_schema_says_and_nothing_else() {
    let folder = Folder::with(&[("status.md", REPORT), ("other.md", "See `src/gone.rs`.\n"), ("x.txt", "a\0b")]);
    let ran = audit(&folder, &["--json", "status.md", "other.md", "x.txt"]).exits(1);
    let document: Value = serde_json::from_str(&ran.out).expect("JSON");
    let complaints = |document: &Value| {
        schema().iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect::<Vec<_>>()
    };
    assert_eq!(complaints(&document), Vec::<String>::new());
    assert_eq!(document["documents"][0]["mentions"], json!([{"line": 1, "path": "src/gone.rs"}]));
    for (pointer, value) in [
        ("/version", json!(2)),
        ("/at", json!("yesterday")),
        ("/findings/0/code", json!("oops")),
        ("/findings/0/verdict", json!("false")),
        ("/findings/0/place/line", json!(0)),
        ("/findings/0/actual", json!("")),
        ("/documents/0/claims/dates", json!(-1)),
        ("/skipped/0/reason", Value::Null),
        ("/max_age_days", json!(-1)),
    ] {
        let mut changed = document.clone();
        *changed.pointer_mut(pointer).expect("a value") = value;
        assert!(!complaints(&changed).is_empty(), "{pointer} was accepted");
    }
}

#[test]
fn the_documentation_names_every_code() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/file-formats.md");
    let document = String::from_utf8(files::read(&path).expect("a file").to_vec()).expect("UTF-8");
    let (_, after) =
        document.split_once("<!-- audit codes: kept equal to the program by a test -->\n").expect("a table");
    let (documented, _) = after.split_once("<!-- /audit codes -->").expect("its end");
    let row = |code: &Code| format!("| `{code}` | {} | {} |\n", code.verdict().as_str(), code.meaning());
    let rows = Code::ALL.iter().map(row).collect::<Vec<_>>().concat();
    assert_eq!(documented, format!("| code | verdict | found |\n|---|---|---|\n{rows}"));
}

#[test]
fn our_own_documents_claim_nothing_that_is_false() {
    let root = env!("CARGO_MANIFEST_DIR");
    let folder = Folder::with(&[]);
    let paths = ["README.md", "CONTRIBUTING.md", "docs"].map(|path| format!("{root}/{path}"));
    let ran = folder.preflight(&["evidence", "audit", &paths[0], &paths[1], &paths[2], "--root", root]);
    assert_eq!((ran.out.as_str(), ran.code), ("", Some(0)), "{}", ran.screen());
}

#[test]
fn what_a_document_holds_is_shown_and_never_obeyed() {
    let folder = Folder::with(&[("x.md", "Evidence: [a\u{1b}\u{202e}b](gone.md)\n")]);
    let ran = audit(&folder, &["x.md"]).exits(1);
    assert_eq!(ran.out, "x.md:1:12: false[document-artifact-missing]: “a␛⟨U+202E⟩b”: nothing is there\n");
}
