//! Branches of schemas that no answer showed, as a user meets them: in the record, on screen and on the dashboard.

use serde_json::{Value, json};

use crate::shell::{Folder, TWIN_WORKSPACE};

/// What the answer has (`timestamp`), may have (`later`), has sometimes (`fallback_reason`) and has in each item.
const SCHEMA: &str = r#"{
  "type": "object",
  "required": ["success", "data"],
  "properties": {
    "success": { "type": ["boolean", "null"] },
    "data": { "$ref": "own-data.json" },
    "timestamp": { "type": "string" },
    "fallback_reason": { "type": "string" },
    "later": { "type": "string" }
  }
}"#;

const DATA: &str = r#"{
  "type": "object",
  "required": ["ideas"],
  "properties": {
    "ideas": { "type": "array", "items": { "$ref": "own-data.json#/$defs/idea" } }
  },
  "$defs": {
    "idea": { "required": ["id"], "properties": { "id": { "anyOf": [{ "type": "string" }, { "type": "integer" }] }, "owner": {} } }
  }
}"#;

/// Runs a feature beside both schemas, and gives what the record says of them.
fn unseen(body: &str) -> (Folder, Value, String) {
    let feature = format!("@own\nFeature: own\n{body}");
    let folder = Folder::with(&[
        ("preflight.yaml", TWIN_WORKSPACE),
        ("features/idea-pool/own.feature", &feature),
        ("schemas/idea-pool/own.json", SCHEMA),
        ("schemas/idea-pool/own-data.json", DATA),
    ]);
    let ran = folder.preflight(&["check", "--tags", "@own"]);
    let said = ran.screen();
    let unseen = folder.record()["contracts"][0]["unseen_in_schemas"].clone();
    (folder, unseen, said)
}

#[test]
fn what_no_answer_showed_is_reported_by_schema() {
    let asked = "  Scenario: off\n    When I GET \"/api/analytics/idea-pool\"\n    Then the body matches schema \"idea-pool/own\"\n";
    let (folder, told, said) = unseen(asked);
    let data = json!({"schema": "idea-pool/own-data", "never": {
        "integer": ["$defs/idea/id"], "present": ["$defs/idea/owner"],
    }});
    let own = json!({"schema": "idea-pool/own", "never": {
        "absent": ["/timestamp"], "null": ["/success"], "present": ["/fallback_reason", "/later"],
    }});
    assert_eq!(told, json!([own, data]), "{told:#}");
    assert!(said.contains("never seen 6 branches of 2 schemas; the dashboard names them"), "{said}");
    // The dashboard draws whole runs, and parts that broke something.
    folder.preflight(&["check", "-q"]).exits(0);
    let page = folder.read("reports/readiness.html");
    let line = "<li>schemas/idea-pool/own.json: never absent /timestamp; never null /success; never present /fallback_reason, /later";
    assert!(page.contains(line), "the dashboard names them");
}

#[test]
fn what_another_scenario_showed_counts_and_what_broke_does_not() {
    let asked = "  Scenario: off\n    When I GET \"/api/analytics/idea-pool\"\n    Then the body matches schema \"idea-pool/own\"\n\
        \x20 Scenario: on\n    Given the flag \"supabase_idea_pool\" is on\n    And \"supabase\" answers 500\n    When I GET \"/api/analytics/idea-pool\"\n    Then the body matches schema \"idea-pool/own\"\n";
    let (_, told, _) = unseen(asked);
    assert_eq!(told[0]["never"]["present"], json!(["/later"]), "{told:#}");
    // A value that is not valid shows nothing of its schema.
    let broken = "  Scenario: s\n    When I GET \"/api/analytics/idea-pool\"\n    Then each \"$.data.ideas\" matches schema \"idea-pool/own\"\n";
    assert_eq!(unseen(broken).1, Value::Null);
    let each = "  Scenario: s\n    When I GET \"/api/analytics/idea-pool\"\n    Then each \"$.data\" matches schema \"idea-pool/own-data\"\n";
    assert_eq!(unseen(each).1[0]["never"]["integer"], json!(["$defs/idea/id"]));
}
