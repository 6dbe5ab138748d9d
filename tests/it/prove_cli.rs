//! `preflight prove` as a user types it: what it says, how it ends, and what it leaves behind.

use insta::assert_snapshot;
use preflight::domain::mutation::Kind;

use crate::report_schemas::{complaints, schema};
use crate::shell::{Folder, Ran};

const STATUS_ONLY: &str = "
  Scenario: It answers
    When I GET \"/api/analytics/idea-pool\"
    Then the status is 200
";

const STRONG: &str = "
  Scenario: It has its shape
    Given the flag \"supabase_idea_pool\" is off
    When I GET \"/api/analytics/idea-pool\"
    Then the status is 200
    And the media type is \"application/json\"
    And the body matches schema \"idea-pool/v4\"
";

fn prove(body: &str, more: &[&str]) -> (Folder, Ran) {
    let folder = Folder::with_feature(body);
    let ran = folder.preflight(&[&["prove", "idea-pool", "--tags", "@own"], more].concat());
    (folder, ran)
}

#[test]
fn a_contract_that_bites_is_0_and_one_that_does_not_is_1_with_the_sentences_that_it_lacks() {
    prove(STRONG, &[]).1.exits(0);
    let (folder, ran) = prove(STATUS_ONLY, &["--only", "removed,status,status-class"]);
    let ran = ran.exits(1).says("would be noticed by");
    assert_snapshot!("weak", ran.screen());
    let record = folder.record();
    assert_eq!(record["kind"], "proof");
    assert_eq!(complaints(&schema("record"), &record), Vec::<String>::new());
    assert_eq!(record["partial"], true, "only some kinds, and only some scenarios");
}

#[test]
fn nothing_proven_is_3() {
    let broken = STATUS_ONLY.replace("200", "418");
    prove(&broken, &[])
        .1
        .exits(3)
        .says("nothing was proven")
        .says("not proven: features/idea-pool/own.feature:4 broken");
    prove(STATUS_ONLY, &["--only", "page-link"]).1.exits(3).says("nothing was proven");
}

#[test]
fn the_share_that_is_demanded_comes_from_the_option_or_from_the_policy() {
    prove(STATUS_ONLY, &["--min", "0"]).1.exits(0).says("(--min)");
    prove(STATUS_ONLY, &[]).1.exits(1).says("no policy has a min_bite");
    let folder = Folder::with_feature(STATUS_ONLY);
    let policy = folder.read("preflight.yaml").replace("[contract-twin]}", "[contract-twin], min_bite: 0.001}");
    folder.write("preflight.yaml", &policy);
    let arguments = ["prove", "idea-pool", "--tags", "@own"];
    folder.preflight(&arguments).exits(0).says("min_bite of local");
    folder.preflight(&[&arguments[..], &["--env", "local"]].concat()).exits(0).says("min_bite of local");
}

#[test]
fn a_budget_is_gone_on_with_until_all_is_done() {
    let (folder, ran) = prove(STRONG, &["--budget", "50"]);
    ran.says("50 of").says("`preflight prove --resume` does more").says("only part was tried");
    assert_eq!(folder.record()["partial"], true);
    let more = ["prove", "idea-pool", "--tags", "@own", "--resume"];
    let planned = folder.record()["details"]["proof"]["planned"].clone();
    folder.preflight(&more).exits(0);
    let proof = folder.record()["details"]["proof"].clone();
    assert_eq!((&proof["ran"], &proof["planned"]), (&planned, &planned));
    folder.preflight(&more).exits(2).says("there is no proof to go on with");
    let whole = prove(STRONG, &[]).0.record()["details"]["proof"]["bites"].clone();
    assert_eq!(proof["bites"], whole, "in two parts it is the same");
}

#[test]
fn the_same_sample_is_the_same_proof_and_another_is_another() {
    let noticed = |sample: &str| {
        let (folder, _) = prove(STRONG, &["--budget", "40", "--sample", sample]);
        folder.record()["details"]["proof"]["bites"][0]["noticed"].to_string()
    };
    assert_eq!(noticed("7"), noticed("7"));
    assert_ne!(noticed("7"), noticed("8"));
}

#[test]
fn a_proof_is_evidence_that_a_policy_can_demand() {
    let folder = Folder::with(&[(
        "preflight.yaml",
        "version: 1\nname: test\nenvironments:\n  local:\nintegrations:\n  flags:\npolicy:\n  local: {require: [contract-twin], min_bite: 0.9}\n",
    )]);
    folder.preflight(&["check"]).exits(0);
    folder.preflight(&["gate", "--env", "local"]).exits(3).says("was never proven");
    folder.preflight(&["prove"]).exits(0);
    folder.preflight(&["gate", "--env", "local"]).exits(0);
}

#[test]
fn what_is_typed_wrongly_is_told() {
    let folder = Folder::with_feature(STATUS_ONLY);
    for (arguments, said) in [
        (&["prove", "idea-pol"][..], "did you mean `idea-pool`?"),
        (&["prove", "--only", "remove"], "did you mean `removed`?"),
        (&["prove", "--min", "95"], "write a share from 0 to 1"),
        (&["prove", "--budget", "0"], "--budget"),
        (&["prove", "--env", "locl"], "did you mean `local`?"),
        (&["prove", "--resume"], "there is no proof to go on with"),
    ] {
        folder.preflight(arguments).exits(2).says(said);
    }
    folder.write("reports/prove.json", "{");
    folder.preflight(&["prove", "--resume"]).exits(2).says("is no journal");
}

#[test]
fn a_program_gets_the_record() {
    let (_, ran) = prove(STATUS_ONLY, &["--json", "--only", "status"]);
    let record: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!(record["details"]["proof"]["bites"][0]["integration"], "idea-pool");
}

#[test]
fn the_table_of_kinds_is_the_programs_own() {
    let document = include_str!("../../docs/file-formats.md");
    let (_, after) = document.split_once("<!-- kinds: kept equal to the program by a test -->\n").expect("a table");
    let (table, _) = after.split_once("<!-- /kinds -->").expect("its end");
    let rows = Kind::ALL.map(|kind| format!("| `{kind}` | {} |\n", kind.meaning())).concat();
    assert_eq!(table, format!("| kind | what is wrong |\n|---|---|\n{rows}"));
}
