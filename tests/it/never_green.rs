//! What must never pass: each has its own message, its place, and an exit code that is not 0.

use insta::assert_snapshot;

use crate::shell::{Folder, Ran, TWIN_WORKSPACE};

fn check(body: &str) -> Ran {
    Folder::with_feature(body).preflight(&["check", "--tags", "@own"])
}

#[test]
fn a_kept_promise_is_0_and_a_broken_one_1() {
    check("  Scenario: s\n    When I GET \"/api/analytics/idea-pool\"\n    Then the status is 200\n").exits(0);
    let broken =
        check("  Scenario: s\n    When I GET \"/api/analytics/idea-pool\"\n    Then the status is 418\n").exits(1);
    assert_snapshot!("broken", broken.screen());
}

#[test]
fn an_undefined_step_has_its_line_the_nearest_sentence_and_a_stub() {
    let ran = check("  Scenario: s\n    When I GET \"/x\"\n    Then the stauts is 200\n").exits(3);
    assert_snapshot!("undefined_step", ran.screen());
}

#[test]
fn a_promise_in_the_wrong_part_is_no_step() {
    check("  Scenario: s\n    Given the status is 200\n    When I GET \"/x\"\n    Then the status is 200\n")
        .exits(3)
        .says("`the status is {count}` stands after Then, not after Given (line 4)");
}

#[test]
fn a_step_without_the_block_that_it_needs_is_told() {
    check("  Scenario: s\n    When I GET \"/x\"\n    Then the body is:\n").exits(3).says("needs a doc string");
}

#[test]
fn a_step_whose_arguments_make_no_sense_is_told() {
    let ran = check("  Scenario: s\n    When I GET \"/api/analytics/idea-pool\"\n    Then \"data\" is 1\n").exits(3);
    let ran = ran.says("`data` is no JSONPath (RFC 9535)").says("parser error (line 5)");
    assert_snapshot!("bad_step", ran.screen());
}

#[test]
fn a_scenario_that_promises_nothing_is_untested() {
    let ran = check("  Scenario: s\n    When I GET \"/api/analytics/idea-pool\"\n").exits(3);
    assert_snapshot!("no_then", ran.screen());
    check("  Scenario: s\n").exits(3).says("the scenario has no steps");
}

#[test]
fn a_scenario_that_asks_nothing_is_untested() {
    check("  Scenario: s\n    Then the status is 200\n")
        .exits(3)
        .says("untested 1 scenario: the scenario has no When: it makes no request");
    check("  Scenario: s\n    When 5 seconds pass\n    Then no webhook is delivered\n")
        .exits(3)
        .says("no request was made before this promise");
}

#[test]
fn a_promise_that_nothing_could_break_is_unasked() {
    for promise in [
        "\"$.data.source\" is \"#ignore\"",
        "each \"$.data.ideas[*]\" is \"##ignore\"",
        "the header \"content-type\" is \"#ignore\"",
        "\"$.data.ideas\" has at least 0 items",
        "\"$.data.source\" contains \"\"",
        "the body contains:\n      \"\"\"\n      {}\n      \"\"\"",
        "the body contains:\n      \"\"\"\n      {\"data\": \"#ignore\"}\n      \"\"\"",
        "the body does not mention \"\"",
    ] {
        let ran = check(&format!("  Scenario: s\n    When I GET \"/api/analytics/idea-pool\"\n    Then {promise}\n"));
        let ran = ran.exits(3).says("idea-pool on twin: unasked");
        assert!(ran.err.contains("bad-step"), "{}", ran.err);
    }
}

#[test]
fn a_missing_variable_is_named() {
    check("  Scenario: s\n    When I GET \"/${NO_SUCH}\"\n    Then the status is 200\n")
        .exits(3)
        .says("unasked 1 scenario: needs ${NO_SUCH}, which has no value");
}

#[test]
fn a_twin_on_which_the_contract_does_not_stand_is_not_there() {
    check("  Scenario: s\n    Given \"chatwoot\" answers 503\n    When I GET \"/x\"\n    Then the status is 200\n")
        .exits(3)
        .says("no twin `chatwoot` plays in a scenario of idea-pool")
        .says("`stands_on`");
    check("  Scenario: s\n    When I GET \"/${CHATWOOT_API_TOKEN}\"\n    Then the status is 200\n")
        .exits(3)
        .says("needs ${CHATWOOT_API_TOKEN}, which has no value");
}

#[test]
fn what_a_twin_asks_and_its_manifest_does_not_name_is_a_gap_and_no_outage() {
    let feature = "@own\nFeature: own\n  Scenario: s\n    Given the flag \"supabase_idea_pool\" is on\n    \
                   When I GET \"/api/analytics/idea-pool\"\n    Then the status is 200\n";
    let manifest = include_str!("../../fixtures/idea-pool/manifest.yaml");
    let standing = Folder::with(&[("preflight.yaml", TWIN_WORKSPACE), ("features/idea-pool/own.feature", feature)]);
    standing.preflight(&["check", "--tags", "@own"]).exits(0);
    let alone = manifest.replace("stands_on: [supabase]\n", "");
    standing.write("fixtures/idea-pool/manifest.yaml", &alone);
    standing
        .preflight(&["check", "--tags", "@own"])
        .exits(3)
        .says("idea-pool asks supabase, and its manifest does not say `stands_on: [supabase]`");
}

#[test]
fn a_requirement_that_is_not_met_is_named() {
    check("  @requires:redis\n  Scenario: s\n    When I GET \"/x\"\n    Then the status is 200\n")
        .exits(3)
        .says("it requires redis, which is not there");
}

#[test]
fn what_the_twin_does_not_model_is_a_gap() {
    check("  Scenario: s\n    When I GET \"/no/such/path\"\n    Then the status is 501\n")
        .exits(3)
        .says("the twin does not model GET /no/such/path");
}

#[test]
fn a_scenario_for_another_target_is_left_out_with_its_reason() {
    check("  @live-only\n  Scenario: s\n    When I GET \"/x\"\n    Then the status is 200\n")
        .exits(3)
        .says("left out 1 scenario: not meant for twin");
}

#[test]
fn an_unreadable_feature_is_2_and_the_rest_still_runs() {
    let folder = Folder::with_feature(
        "  Scenario: s\n    When I GET \"/api/analytics/idea-pool\"\n    Then the status is 200\n",
    );
    folder
        .write("features/idea-pool/torn.feature", "Feature: torn\n  Scenario: s\n    When I GET \"/x\"\n  nonsense\n");
    let ran = folder.preflight(&["check", "--tags", "@own"]).exits(2).says("1 kept");
    assert_snapshot!("unreadable_feature", ran.screen());
}

#[test]
fn a_feature_in_another_encoding_is_2() {
    let folder = Folder::with(&[("preflight.yaml", TWIN_WORKSPACE)]);
    folder.write("features/idea-pool/own.feature", "");
    let latin = b"Feature: caf\xE9\n  Scenario: s\n    When I GET \"/x\"\n    Then the status is 200\n";
    std::fs::write(folder.path().join("features/idea-pool/own.feature"), latin).expect("a file");
    folder
        .preflight(&["check", "idea-pool"])
        .exits(2)
        .says("features/idea-pool/own.feature:1")
        .says("it is probably Latin-1; save the file as UTF-8");
}

#[test]
fn an_empty_feature_and_one_without_scenarios_are_untested() {
    for (text, reason) in [
        ("", "the feature is empty"),
        ("# language: en\n# nothing yet\n", "the feature is empty"),
        ("Feature: f\n  Only a description.\n", "the feature holds no scenario, or a keyword is misspelled"),
    ] {
        let folder = Folder::with(&[
            ("preflight.yaml", &TWIN_WORKSPACE.replace("idea-pool", "shop")),
            ("fixtures/shop/manifest.yaml", crate::server::MANIFEST),
            ("features/shop/own.feature", text),
        ]);
        folder.preflight(&["check"]).exits(3).says(reason).says("features/shop/own.feature:1");
    }
}

#[test]
fn an_outline_without_rows_is_2() {
    check(
        "  Scenario Outline: s\n    When I GET \"<path>\"\n    Then the status is 200\n    Examples:\n      | path |\n",
    )
    .exits(2)
    .says("features/idea-pool/own.feature:6: the Examples table has no rows, so the outline is no scenario");
}

#[test]
fn an_integration_without_a_contract_is_unknown() {
    let folder = Folder::with(&[("preflight.yaml", &TWIN_WORKSPACE.replace("idea-pool", "redis"))]);
    assert_snapshot!("no_contract", folder.preflight(&["check", "redis"]).exits(3).screen());
    std::fs::create_dir_all(folder.path().join("features/redis")).expect("a folder");
    folder.preflight(&["check", "redis"]).exits(3).says("redis has no contract, so there is nothing to check");
    folder.preflight(&["check"]).exits(3).says("nothing ran: the workspace holds no contract");
}

#[test]
fn a_contract_that_no_run_reaches_is_not_silent() {
    let feature = "Feature: f\n  Scenario: s\n    When I GET \"/x\"\n    Then the status is 200\n";
    let folder = Folder::with(&[("features/own/x.feature", feature)]);
    folder.preflight(&["check", "webhooks"]).exits(0).says(
        "warning: features/own/x.feature is not run: there is no preflight.yaml here (`preflight init` writes one)",
    );
    folder.write("preflight.yaml", &TWIN_WORKSPACE.replace("idea-pool", "webhooks"));
    folder
        .preflight(&["check"])
        .exits(3)
        .says("warning: features/own/x.feature is run only by name: preflight.yaml declares no integration `own`")
        .says("webhooks on twin: kept");
    folder.preflight(&["check", "webhooks"]).exits(0);
}

#[test]
fn a_folder_without_a_feature_is_not_passed_over() {
    let folder = Folder::with(&[("preflight.yaml", TWIN_WORKSPACE)]);
    std::fs::create_dir_all(folder.path().join("features/shop/later")).expect("a folder");
    let told = "features/shop holds no feature: write one, or remove the folder";
    folder.preflight(&["check"]).exits(3).says(&format!("warning: {told}")).says("idea-pool on twin: kept");
    let ran = folder.preflight(&["lint"]);
    assert!(ran.screen().contains("features/shop:1: warning[stray-file]: holds no feature"), "{}", ran.screen());
    folder.preflight(&["check", "idea-pool"]).exits(0);
}

#[test]
fn an_integration_without_a_twin_is_unasked() {
    let feature = "Feature: f\n  Scenario: s\n    When I GET \"/x\"\n    Then the status is 200\n";
    let folder = Folder::with(&[
        ("preflight.yaml", &TWIN_WORKSPACE.replace("idea-pool", "shop")),
        ("features/shop/x.feature", feature),
        ("fixtures/shop/manifest.yaml", crate::server::MANIFEST),
    ]);
    folder.preflight(&["check"]).exits(3).says("unasked 1 scenario: no twin models shop");
}

#[test]
fn a_workspace_that_is_wrong_is_2() {
    for (yaml, told) in [
        (
            "version: 1\nname: x\nenvironments: {}\nintegrations:\n  a:\n  a:\n",
            "preflight.yaml:6:3: integrations: the key `a` stands twice",
        ),
        ("version: 1\n\tname: x\n", "preflight.yaml:2:1: not valid YAML"),
        ("version: 9\nname: x\nenvironments: {}\nintegrations: {}\n", "preflight.yaml:1: format version 9"),
        ("version: 1\nname: x\nenviroments: {}\nintegrations: {}\n", "did you mean `environments`?"),
    ] {
        Folder::with(&[("preflight.yaml", yaml)]).preflight(&["check"]).exits(2).says(told);
    }
}

#[test]
fn a_schema_that_cannot_be_used_is_told() {
    for (schema, told) in [
        ("shop/dangling", "schemas/shop/dangling.json does not compile"),
        ("shop/itme", "there is no schema `shop/itme`; did you mean `shop/item`?"),
    ] {
        let body = format!(
            "  Scenario: s\n    When I GET \"/api/analytics/idea-pool\"\n    Then the body matches schema \"{schema}\"\n"
        );
        let folder = Folder::with_feature(&body);
        folder.write("schemas/shop/item.json", r#"{"type":"object"}"#);
        folder.write("schemas/shop/dangling.json", r#"{"$ref":"nowhere.json"}"#);
        folder.preflight(&["check", "--tags", "@own"]).exits(3).says(told);
    }
}

#[test]
fn a_fixture_that_is_not_there_is_told() {
    check("  Scenario: s\n    When I POST \"/x\" with the fixture \"nope.json\"\n    Then the status is 200\n")
        .exits(3)
        .says("there is no fixture `nope.json`");
}
