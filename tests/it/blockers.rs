//! Blockers end to end: the users' own as they truly were, dates that cannot be, attempts, drafts, resolutions.

use insta::assert_snapshot;
use jiff::Timestamp;
use preflight::adapter::workspace::Workspace;
use preflight::domain::blocker::case::cases;
use preflight::domain::blocker::ladder::Step;
use preflight::domain::blocker::summary::Summary;
use preflight::domain::entry::History;
use serde_json::Value;

use crate::shell::Folder;

const WORKSPACE: &str = "\
version: 1
name: test
environments:
  staging:
  production:
integrations:
  shop:
blockers:
  T-1:
    integration: shop
    environments: [staging]
    title: the key
    owner: vendor
    opened: 2025-10-07
    due: 2025-10-10T17:00Z
    deliverables: [a key]
    ladder: [support, manager]
policy:
  staging: {require: [contract-live, blockers]}
";

fn folder() -> Folder {
    Folder::with(&[("preflight.yaml", WORKSPACE)])
}

#[test]
fn the_users_own_come_out_as_they_truly_were() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let workspace = Workspace::open(root, None).expect("our own").coherent().expect("it is sound");
    let summaries = |now: &str| -> Vec<Summary> {
        let now: Timestamp = now.parse().expect("a time");
        let history = History::default();
        cases(&workspace.inventory, &history, None, now).iter().map(|case| Summary::of(case, now)).collect()
    };
    // When the note to the CIO went out, which said that a deadline of nine o'clock had passed 16 hours before.
    let [deploy, hootsuite, mcp] = &summaries("2025-10-11T00:58:00Z")[..] else { panic!("three of them") };
    assert_eq!((mcp.ticket.as_str(), mcp.open, mcp.overdue_minutes), ("OCC-INF-221", true, Some(7 * 60 + 58)));
    assert_eq!((mcp.attempts.len(), mcp.documented, mcp.rung.as_deref()), (9, 1, Some("CIO")));
    assert_eq!(mcp.next, Some(Step::Attempt { rung: Some("CIO".into()), missing: 1 }), "the rule was not kept");
    assert_eq!((deploy.ticket.as_str(), deploy.overdue_minutes, deploy.documented), ("DEPLOY-147", None, 2));
    assert_eq!((deploy.environments.as_slice(), deploy.deliverables.len()), (&["staging".to_owned()][..], 1));
    assert_eq!(deploy.next, Some(Step::Escalate { rung: "manager".into() }));
    assert_eq!((hootsuite.ticket.as_str(), hootsuite.attempts.len()), ("HS-44721", 0));
    assert_eq!(hootsuite.next, Some(Step::Attempt { rung: Some("support".into()), missing: 2 }), "never asked again");
    assert!(summaries("2026-11-20T00:00:00Z").iter().all(|blocker| blocker.open), "none was ever delivered");
}

#[test]
fn what_stands_in_the_way_is_shown_and_breaks() {
    let folder = folder();
    let ran = folder.preflight(&["blockers"]).exits(1).says("T-1 shop (staging): the key").says("OVERDUE by");
    ran.says("next: an attempt at support: 2 of 2 documented ones are missing before a higher rung");
    folder.preflight(&["blockers", "--env", "staging"]).exits(1);
    folder.preflight(&["blockers", "--env", "production"]).exits(0).says("no blocker is open");
    folder.preflight(&["blockers", "--env", "prod"]).exits(2).says("there is no environment `prod`");
    let ran = folder.preflight(&["blockers", "--json"]).exits(1);
    let list: Value = serde_json::from_str(&ran.out).expect("one document");
    let schema: Value = serde_json::from_str(include_str!("../../schemas/preflight/blockers.json")).expect("JSON");
    let schema = jsonschema::options().should_validate_formats(true).build(&schema).expect("a schema");
    let wrong: Vec<_> = schema.iter_errors(&list).map(|error| error.to_string()).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(list["blockers"][0]["overdue_minutes"].as_i64().expect("minutes") > 500_000);
    let mut spoiled = list;
    spoiled["blockers"][0]["due"] = "tomorrow".into();
    assert!(!schema.is_valid(&spoiled));
}

#[test]
fn attempts_and_the_resolution_stand_in_the_ledger_with_their_authors() {
    let folder = folder();
    let attempt = |at: &str, more: &[&str]| {
        let words = ["blockers", "attempt", "T-1", "--what", "asked", "--by", "ana", "--at", at];
        folder.preflight(&[&words, more].concat())
    };
    attempt("2025-10-08T10:00Z", &[]).exits(0).says("it has no evidence, so it is no documented attempt");
    attempt("2025-10-08T11:00Z", &["--evidence", "log.txt"]).exits(0);
    attempt("2025-10-09T10:00Z", &["--evidence", "https://chat.example/1", "--rung", "support"]).exits(0);
    attempt("2025-10-06", &[]).exits(2).says("it cannot have been at 2025-10-06, before it was opened (2025-10-07)");
    attempt("2999-10-06", &[]).exits(2).says("it cannot have been at 2999-10-06, which is in the future");
    attempt("2026-02-30", &[]).exits(2).says("is no moment");
    attempt("2025-10-09", &["--rung", "boss"]).exits(2).says("`boss` is no rung of its ladder");
    folder
        .preflight(&["blockers"])
        .exits(1)
        .says("attempts: 3, of which 2 documented")
        .says("next: escalate to manager");
    let ran = folder.preflight(&["blockers", "draft", "T-1"]).exits(0);
    let late = regex::Regex::new(r"overdue by [^)(]+|as of [^,]+").expect("a pattern");
    assert_snapshot!("blocker_draft", late.replace_all(&ran.out, "<late>"));
    folder.preflight(&["blockers", "draft", "T-2"]).exits(2).says("did you mean `T-1`?");

    let resolve = ["blockers", "resolve", "T-1", "--by", "bob", "--why", "the key came", "--evidence", "mail.eml"];
    folder.preflight(&["blockers", "resolve", "T-1"]).exits(2).says("it does not say who declares it");
    folder.preflight(&resolve).exits(0);
    folder.preflight(&resolve).exits(2).says("T-1 is resolved already");
    folder.preflight(&["blockers"]).exits(0).says("no blocker is open");
    folder.preflight(&["blockers", "--all"]).exits(0).says("resolved 20");
    folder.preflight(&["report"]).exits(0);
    let readiness = folder.read("reports/readiness.json");
    assert!(!readiness.contains("open: T-1"), "{readiness}");
    let sequence = folder.read("reports/ledger.jsonl").lines().count().to_string();
    folder.preflight(&["approve", "--revoke", &sequence, "--by", "ana", "--why", "it did not work"]).exits(0);
    folder.preflight(&["blockers"]).exits(1).says("not counted: the resolution of entry 4 was revoked (entry 5)");
}

#[test]
fn a_resolution_that_is_not_believed_is_told() {
    let folder = folder();
    let line = r#"{"version":1,"sequence":1,"previous":"0000000000000000000000000000000000000000000000000000000000000000","written":"2026-01-01T00:00:00Z","body":{"declaration":{"what":{"resolution":{"ticket":"T-1","resolved":"2025-10-06"}},"workspace":"test","by":"eve","why":"w","at":"2026-01-01T00:00:00Z"}}}"#;
    folder.write("reports/ledger.jsonl", &format!("{line}\n"));
    folder.preflight(&["blockers"]).exits(1).says("the resolution of entry 1 is of 2025-10-06, before it was opened");
}

#[test]
fn dates_that_cannot_be_are_errors_with_their_line() {
    let with =
        |line: &str| Folder::with(&[("preflight.yaml", &WORKSPACE.replace("    due: 2025-10-10T17:00Z\n", line))]);
    let table = [
        ("    due: 2026-02-30\n", "preflight.yaml:15", "`2026-02-30` is no moment"),
        ("    due: 2025-10-10T17:00\n", "preflight.yaml:15", "`2025-10-10T17:00` is no moment"),
        (
            "    due: 2025-10-06\n",
            "preflight.yaml:15: blockers.T-1.due",
            "due 2025-10-06, before it was opened (2025-10-07)",
        ),
        (
            "    resolved: 2025-10-06\n",
            "preflight.yaml:15: blockers.T-1.resolved",
            "resolved 2025-10-06, before it was opened",
        ),
        (
            "    resolved: 2999-10-06\n",
            "preflight.yaml:15: blockers.T-1.resolved",
            "resolved 2999-10-06, which is in the future",
        ),
        (
            "    attempts:\n      - {at: 2999-10-08, what: w}\n",
            "preflight.yaml:16: blockers.T-1.attempts.0.at",
            "attempt of 2999-10-08, which is in the future",
        ),
        (
            "    attempts:\n      - {at: 2025-10-01, what: w}\n",
            "preflight.yaml:16: blockers.T-1.attempts.0.at",
            "attempt of 2025-10-01, before it was opened (2025-10-07)",
        ),
        (
            "    attempts:\n      - {at: 2025-10-08, what: w, rung: boss}\n",
            "preflight.yaml:16: blockers.T-1.attempts.0.rung",
            "`boss` is no rung of its ladder (the ladder is: support, manager)",
        ),
    ];
    for (line, place, told) in table {
        with(line).preflight(&["blockers"]).exits(2).says(place).says(told);
    }
    with("").preflight(&["blockers"]).exits(1).says("open, no date was promised");
}
