//! `preflight evidence` as a user types it: verify, list, show, import, and what git ignores.

use preflight::domain::ledger_audit::Code;
use serde_json::Value;

use crate::shell::{Folder, Ran};

const WORKSPACE: &str = "\
version: 1
name: test
environments:
  local:
  staging:
integrations:
  chatwoot:
  idea-pool:
policy:
  local: {require: [contract-twin]}
  staging: {require: [contract-live]}
";

const FEATURE: &str =
    "@own\nFeature: own\n  Scenario: s\n    When I GET \"/api/analytics/idea-pool\"\n    Then the status is 200\n";

/// A workspace in which so many partial runs were made.
fn after_runs(runs: usize) -> Folder {
    let folder = Folder::with(&[("preflight.yaml", WORKSPACE), ("features/idea-pool/own.feature", FEATURE)]);
    for _ in 0..runs {
        folder.preflight(&["check", "idea-pool", "--tags", "@own", "--quiet"]).exits(0);
    }
    folder
}

const LEDGER: &str = "reports/ledger.jsonl";

fn lines(folder: &Folder) -> Vec<String> {
    folder.read(LEDGER).lines().map(str::to_owned).collect()
}

fn rewrite(folder: &Folder, lines: &[String]) {
    folder.write(LEDGER, &(lines.join("\n") + "\n"));
}

/// What differs from run to run made equal: times and hashes.
fn steady(ran: &Ran) -> String {
    let mut screen = ran.screen();
    for (pattern, with) in [
        (r"\d{4}-\d\d-\d\dT[\d:.]+Z", "<time>"),
        (r"\d{4}-\d\d-\d\d \d\d:\d\d", "<time>          "),
        (r"\b[0-9a-f]{64}\b", "<hash>"),
        (r"\S*/preflight (check|evidence)", "preflight $1"),
    ] {
        screen = regex::Regex::new(pattern).expect("a pattern").replace_all(&screen, with).into_owned();
    }
    screen
}

#[test]
fn nothing_there_is_3_and_a_whole_ledger_is_0() {
    let empty = after_runs(0);
    empty.preflight(&["evidence", "verify"]).exits(3).says("there is no evidence").says("hint: `preflight check`");
    empty.preflight(&["evidence", "list"]).exits(3);
    empty.preflight(&["evidence", "show", "1"]).exits(3);
    let folder = after_runs(3);
    let ran = folder.preflight(&["evidence", "verify"]).exits(0);
    insta::assert_snapshot!("evidence_verify", steady(&ran));
    let json: Value =
        serde_json::from_str(&folder.preflight(&["evidence", "verify", "--json"]).exits(0).out).expect("JSON");
    assert_eq!((&json["verdict"], &json["entries"]), (&Value::from("holds"), &Value::from(3)));
}

#[test]
fn what_was_done_to_it_is_said_with_line_sequence_and_code() {
    type Tamper = fn(&mut Vec<String>);
    let table: [(&str, Tamper); 5] = [
        ("line 2 (sequence 2) changed: it is not the line that line 3 was written after", |l| {
            l[1] = l[1].replace("\"outcome\":\"kept\"", "\"outcome\":\"broken\"");
        }),
        ("line 2 (sequence 3) missing: sequence 2 before it gone", |l| drop(l.remove(1))),
        ("line 3 (sequence 2) duplicated: it is line 2 once more", |l| l.insert(2, l[1].clone())),
        ("line 2 (sequence 3) reordered", |l| l.swap(1, 2)),
        ("line 3 cut-off: half a line", |l| l[2].truncate(200)),
    ];
    let folder = after_runs(3);
    let whole = lines(&folder);
    for (says, tamper) in table {
        let mut lines = whole.clone();
        tamper(&mut lines);
        rewrite(&folder, &lines);
        folder.preflight(&["evidence", "verify"]).exits(1).says(says).says("the ledger does not hold");
    }
}

#[test]
fn the_last_entry_is_held_against_its_record_and_a_head_finds_that_it_is_gone() {
    let folder = after_runs(3);
    let whole = lines(&folder);
    let json: Value = serde_json::from_str(&folder.preflight(&["evidence", "verify", "--json"]).out).expect("JSON");
    let head = json["head"].as_str().expect("a head");
    let mut forged = whole.clone();
    forged[2] = forged[2].replace("\"outcome\":\"kept\"", "\"outcome\":\"untested\"");
    rewrite(&folder, &forged);
    folder.preflight(&["evidence", "verify"]).exits(1).says("record-disagrees: it says untested, and records/");
    rewrite(&folder, &whole[..2]);
    folder.preflight(&["evidence", "verify"]).exits(3).says("record-unlisted: no entry speaks of records/");
    folder.preflight(&["evidence", "verify", "--head", head]).exits(1).says("end-gone: the head");
    rewrite(&folder, &whole);
    folder.write("head.txt", &format!("head: {head}\n"));
    folder.preflight(&["evidence", "verify", "--head", "head.txt"]).exits(0);
    folder.preflight(&["check", "idea-pool", "--tags", "@own"]).exits(0);
    folder.preflight(&["evidence", "verify", "--head", head]).exits(0);
    folder.preflight(&["evidence", "verify", "--head", "nothing"]).exits(2).says("neither 64 hex digits nor a file");
}

#[test]
fn a_record_that_is_gone_changed_or_elsewhere_breaks() {
    let folder = after_runs(2);
    let first: Value = serde_json::from_str(&lines(&folder)[0]).expect("an entry");
    let record = first["body"]["evidence"]["record"].as_str().expect("a path").to_owned();
    let text = folder.read(&format!("reports/{record}"));
    folder.write(&format!("reports/{record}"), &text.replace("kept", "Kept"));
    folder.preflight(&["evidence", "verify"]).exits(1).says("line 1 (sequence 1) record-changed");
    folder.preflight(&["evidence", "show", "1"]).exits(3).says("digest is not the one in the ledger");
    std::fs::remove_file(folder.path().join("reports").join(&record)).expect("it is removed");
    folder.preflight(&["evidence", "verify"]).exits(1).says("line 1 (sequence 1) record-gone");
    let mut outside = lines(&folder);
    outside[1] = outside[1].replace("\"record\":\"records/", "\"record\":\"../../records/");
    rewrite(&folder, &outside);
    folder.preflight(&["evidence", "verify"]).exits(1).says("line 2 (sequence 2) record-outside");
}

#[test]
fn a_ledger_of_a_newer_version_is_passed_over_and_said() {
    let folder = after_runs(2);
    let mut newer = lines(&folder);
    newer[1] = newer[1].replacen("\"version\":1", "\"version\":2", 1).replace("\"kind\"", "\"kind_of_work\"");
    rewrite(&folder, &newer);
    folder.preflight(&["evidence", "verify"]).exits(3).says("line 2 (sequence 2) newer: format version 2");
    folder.preflight(&["report"]).exits(0).says("line 2 of the ledger was passed over: format version 2");
    folder.preflight(&["check", "idea-pool", "--tags", "@own"]).exits(0);
    let ran = folder.preflight(&["evidence", "verify"]).exits(3);
    assert!(!ran.err.contains("misnumbered"), "what was appended goes on from it: {}", ran.err);
}

#[test]
fn entries_are_listed_and_shown() {
    let folder = after_runs(2);
    folder.write("report.xml", REPORT);
    folder.preflight(&IMPORT).exits(1);
    let ran = folder.preflight(&["evidence", "list"]).exits(0);
    assert!(ran.out.lines().all(|line| line.chars().count() <= 80), "{}", ran.out);
    insta::assert_snapshot!("evidence_list", steady(&ran));
    insta::assert_snapshot!("evidence_show", steady(&folder.preflight(&["evidence", "show", "2"]).exits(0)));
    insta::assert_snapshot!("evidence_show_import", steady(&folder.preflight(&["evidence", "show", "3"]).exits(0)));
    for (filter, rows) in [
        (["--integration", "chatwoot"], 1),
        (["--integration", "idea-pool"], 2),
        (["--env", "staging"], 1),
        (["--env", "twin"], 2),
        (["--kind", "contract-run"], 2),
        (["--kind", "evidence"], 3),
        (["--since", "2020-01-01"], 3),
    ] {
        let arguments = [&["evidence", "list", "--json"][..], &filter].concat();
        let listed: Vec<Value> = serde_json::from_str(&folder.preflight(&arguments).exits(0).out).expect("a list");
        assert_eq!(listed.len(), rows, "{filter:?}");
    }
    folder.preflight(&["evidence", "list", "--integration", "redis"]).exits(3).says("0 of 3 entries");
    folder.preflight(&["evidence", "list", "--since", "2999-01-01"]).exits(3);
    let id = folder.record()["id"].as_str().expect("an id").to_owned();
    let shown: Value =
        serde_json::from_str(&folder.preflight(&["evidence", "show", &id, "--json"]).exits(0).out).expect("JSON");
    assert_eq!(shown["record"]["details"]["import"]["by"], "Ann");
    folder.preflight(&["evidence", "show", "99"]).exits(2).says("no entry of").says("hint: `preflight evidence list`");
}

const REPORT: &str = "<testsuites><testsuite name=\"a\" timestamp=\"2026-01-20T08:00:00Z\" time=\"3\">\
<testcase classname=\"login\" name=\"with a key\"/>\
<testcase classname=\"login\" name=\"with tok-canary-9f3\"><failure message=\"401 for tok-canary-9f3\"/></testcase>\
<testcase name=\"later\"><skipped message=\"no account\"/></testcase></testsuite></testsuites>";

const IMPORT: [&str; 12] = [
    "evidence",
    "import",
    "report.xml",
    "--as",
    "junit",
    "--integration",
    "chatwoot",
    "--criterion",
    "contract-live",
    "--env=staging",
    "--by",
    "Ann",
];

#[test]
fn a_report_is_declared_evidence_and_colours_nothing_green() {
    let folder = after_runs(1);
    folder.write(
        "report.xml",
        &REPORT
            .replace("<failure message=\"401 for tok-canary-9f3\"/>", "")
            .replace("<testcase name=\"later\"><skipped message=\"no account\"/></testcase>", ""),
    );
    folder.preflight(&IMPORT).exits(0).says("colours no cell green");
    let entry: Value = serde_json::from_str(&lines(&folder)[1]).expect("an entry");
    let shown = &entry["body"]["evidence"];
    assert_eq!(
        (&shown["class"], &shown["kind"], &shown["stands_for"], &shown["target"], &shown["finished"]),
        (&"declared".into(), &"import".into(), &"contract-live".into(), &"live".into(), &"2026-01-20T08:00:03Z".into()),
    );
    folder.preflight(&["report"]).exits(0);
    let judged: Value = serde_json::from_str(&folder.read("reports/readiness.json")).expect("JSON");
    for environment in judged["environments"].as_array().expect("environments") {
        let chatwoot = &environment["rows"][0];
        assert_eq!(chatwoot["integration"], "chatwoot");
        assert_ne!(chatwoot["cells"][1]["state"], "ready", "{chatwoot:#}");
    }
    folder.preflight(&["evidence", "verify"]).exits(0);
}

#[test]
fn what_cannot_be_declared_is_refused_and_leaves_nothing() {
    let folder = after_runs(1);
    folder.write("report.xml", REPORT);
    folder.write("har.json", "{\"log\":{\"entries\":[]}}");
    folder.write("future.xml", &REPORT.replace("2026-01-20", "2999-01-20"));
    folder.write("undated.xml", &REPORT.replace("timestamp=\"2026-01-20T08:00:00Z\"", ""));
    let before = folder.files().len();
    let with = |changes: &[(&str, &str)]| -> Vec<String> {
        let mut arguments: Vec<String> = IMPORT.iter().map(|argument| (*argument).to_owned()).collect();
        for (from, to) in changes {
            for argument in arguments.iter_mut().filter(|argument| argument == from) {
                (*to).clone_into(argument);
            }
        }
        arguments
    };
    for (changes, says) in [
        (&[("report.xml", "gone.xml")][..], "cannot read gone.xml"),
        (&[("junit", "playwright")], "not a Playwright report"),
        (&[("junit", "k6")], "not a k6 report"),
        (&[("report.xml", "har.json")], "not a JUnit report"),
        (&[("report.xml", "future.xml")], "dated in the future"),
        (&[("report.xml", "undated.xml")], "does not tell when the work ended"),
        (&[("chatwoot", "chatwot")], "did you mean `chatwoot`?"),
        (&[("--env=staging", "--env=stage")], "there is no environment `stage`"),
        (&[("contract-live", "contract-twin")], "holds for no environment"),
        (&[("contract-live", "contracts")], "use one of contract-twin"),
        (&[("Ann", "")], "a value is required"),
        (&[("--env=staging", "--finished=2026-01-20T09:00Z")], "judged for each environment"),
    ] {
        let arguments = with(changes);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        folder.preflight(&arguments).exits(2).says(says);
        assert_eq!(folder.files().len(), before, "{changes:?}");
    }
    let mut empty: Vec<String> = with(&[("report.xml", "har.json"), ("junit", "har")]);
    empty.push("--finished=2026-01-20T09:00Z".to_owned());
    let empty: Vec<&str> = empty.iter().map(String::as_str).collect();
    folder.preflight(&empty).exits(3).says("nothing ran");
}

#[test]
fn what_is_written_is_valid_by_the_published_schemas() {
    let folder = after_runs(4);
    folder.write("report.xml", REPORT);
    folder.preflight(&IMPORT).exits(1);
    folder.preflight(&["evidence", "prune", "--keep", "2"]).exits(0);
    let schema = |name: &str| {
        let path = format!("{}/schemas/preflight/{name}.json", env!("CARGO_MANIFEST_DIR"));
        let document: Value = serde_json::from_str(&std::fs::read_to_string(path).expect("a schema")).expect("JSON");
        jsonschema::options().should_validate_formats(true).build(&document).expect("a schema")
    };
    let ledger = schema("ledger");
    let bodies: Vec<Value> = lines(&folder).iter().map(|line| serde_json::from_str(line).expect("an entry")).collect();
    for entry in &bodies {
        let complaints: Vec<_> = ledger.iter_errors(entry).map(|error| error.to_string()).collect();
        assert_eq!(complaints, Vec::<String>::new(), "{entry:#}");
    }
    let (import, pruned) = (&bodies[bodies.len() - 2], &bodies[bodies.len() - 1]);
    for (entry, pointer, wrong) in [
        (import, "/body/evidence/stands_for", "contracts"),
        (import, "/body/evidence/class", "seen"),
        (pruned, "/body/pruned/ranges/0/head", "ab"),
        (pruned, "/body/pruned/archive/sha256", "ab"),
    ] {
        let mut changed = entry.clone();
        *changed.pointer_mut(pointer).expect(pointer) = wrong.into();
        assert!(!ledger.is_valid(&changed), "{pointer}");
    }
    let (record, schema) = (
        folder.path().join("reports").join(import["body"]["evidence"]["record"].as_str().expect("a path")),
        schema("record"),
    );
    let mut record: Value = serde_json::from_str(&std::fs::read_to_string(record).expect("a record")).expect("JSON");
    let complaints: Vec<_> = schema.iter_errors(&record).map(|error| error.to_string()).collect();
    assert_eq!(complaints, Vec::<String>::new());
    record["details"]["import"]["cases"][0]["outcome"] = "kept".into();
    assert!(!schema.is_valid(&record), "a case that was kept is not named");
}

#[test]
fn a_report_brings_no_secret_in() {
    let workspace = WORKSPACE.to_owned() + "secrets:\n  APP_TOKEN: {service: chatwoot}\n";
    let folder = Folder::with(&[("preflight.yaml", &workspace), ("report.xml", REPORT)]);
    let ran = folder
        .preflight_with(&IMPORT, &[("APP_TOKEN", "tok-canary-9f3")])
        .exits(1)
        .says("broken login › with [redacted]");
    assert!(!ran.err.contains("tok-canary-9f3"), "{}", ran.err);
    for path in folder.files().iter().filter(|path| !path.ends_with("report.xml")) {
        let text = std::fs::read_to_string(path).expect("text");
        assert!(!text.contains("tok-canary-9f3"), "{}", path.display());
    }
}

#[test]
fn what_git_ignores_is_pointed_out() {
    let folder = after_runs(1);
    let git = |arguments: &[&str]| {
        let mut git = std::process::Command::new("git");
        git.args(arguments).current_dir(folder.path()).output().is_ok_and(|output| output.status.success())
    };
    if !git(&["init", "--quiet"]) {
        crate::peer::skipped("git");
        return;
    }
    let arguments = ["check", "idea-pool", "--tags", "@own"];
    let quiet = folder.preflight(&arguments).exits(0);
    assert!(!quiet.err.contains("git ignores"), "{}", quiet.err);
    folder.write(".gitignore", "reports/records\n*.jsonl\n");
    let ran = folder.preflight(&arguments).exits(0).says("warning: git ignores ledger.jsonl and records in ");
    assert_eq!(ran.err.matches("git ignores").count(), 1);
    folder.preflight(&["evidence", "verify"]).exits(0).says("warning: git ignores ledger.jsonl and records");
}

#[test]
fn the_codes_of_verify_are_documented() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/file-formats.md"))
        .expect("the documentation");
    let table =
        text.split("<!-- flaws: kept equal to the program by a test -->\n").nth(1).expect("the beginning of the table");
    let table = table.split("<!-- /flaws -->").next().expect("its end");
    let rows = Code::ALL.iter().map(|code| {
        let exit = if code.breaks() { 1 } else { 3 };
        format!("| `{code}` | {exit} | {} |\n", code.meaning())
    });
    let expected = "| code | exit | found |\n|---|---|---|\n".to_owned() + &rows.collect::<Vec<_>>().concat();
    assert_eq!(table, expected);
}
