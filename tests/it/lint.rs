//! `lint`: for every code a workspace that is wrong in just that way, and one that is right.

use std::collections::{BTreeMap, BTreeSet};

use preflight::adapter::files;
use preflight::adapter::workspace::Workspace;
use preflight::engine::lint::finding::{Code, Finding, Severity};
use preflight::engine::lint::lint;
use preflight::steps::vocabulary;

const PREFLIGHT: &str = "version: 1\nname: x\nenvironments: {local: }\nintegrations: {echo: }\n";

const MANIFEST: &str = "\
title: Echo
models: {versions: ['1'], source: its documentation}
operations: [{id: get, request: GET /echo}]
variables: {ECHO_TOKEN: {description: its token, secret: true}}
credentials: {agent: {description: the token, headers: {authorization: 'Bearer ${ECHO_TOKEN}'}}}
fixture_schemas: {seed.json: echo/answer}
";

const FEATURE: &str = "\
Feature: Echo

  @EC-1
  Scenario: What was asked is answered
    Given I authenticate as \"agent\"
    When I GET \"/echo\"
    Then the body matches schema \"echo/answer\"
";

const SCHEMA: &str = r#"{"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}"#;

/// A workspace in which nothing is wrong, then changed: a file is replaced, or taken away by an empty path's `-`.
#[expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
fn findings(changes: &[(&str, &str)]) -> Vec<Finding> {
    let mut files: BTreeMap<&str, &[u8]> = BTreeMap::from([
        ("preflight.yaml", PREFLIGHT.as_bytes()),
        ("fixtures/echo/manifest.yaml", MANIFEST.as_bytes()),
        ("fixtures/echo/seed.json", b"{\n  \"id\": 1\n}".as_slice()),
        ("features/echo/echo.feature", FEATURE.as_bytes()),
        ("schemas/echo/answer.json", SCHEMA.as_bytes()),
    ]);
    for (path, text) in changes {
        match path.strip_prefix('-') {
            Some(path) => drop(files.remove(path)),
            None => drop(files.insert(path, text.as_bytes())),
        }
    }
    let root = tempfile::tempdir().unwrap();
    for (path, bytes) in files {
        files::write(&root.path().join(path), bytes).unwrap();
    }
    let workspace = Workspace::open(root.path(), None).unwrap();
    lint(&workspace, &vocabulary::find)
}

/// The feature with its scenario's steps replaced.
fn steps(steps: &str) -> String {
    format!(
        "Feature: Echo\n\n  @EC-1\n  Scenario: One\n{steps}  @EC-2\n  Scenario: Two\n    When I GET \"/echo\"\n    Then the status is 200\n"
    )
}

#[test]
fn nothing_is_wrong_with_a_right_workspace() {
    assert_eq!(findings(&[]), []);
}

/// A change, the code that finds it, and what is said.
struct Red {
    code: Code,
    changes: Vec<(&'static str, String)>,
    says: &'static str,
}

fn red(code: Code, path: &'static str, text: impl Into<String>, says: &'static str) -> Red {
    Red { code, changes: vec![(path, text.into())], says }
}

fn feature(code: Code, text: impl Into<String>, says: &'static str) -> Red {
    red(code, "features/echo/echo.feature", text, says)
}

fn manifest(code: Code, from: &str, to: &str, says: &'static str) -> Red {
    assert!(MANIFEST.contains(from), "{from}");
    red(code, "fixtures/echo/manifest.yaml", MANIFEST.replace(from, to), says)
}

fn schema(code: Code, text: &str, says: &'static str) -> Red {
    red(code, "schemas/echo/other.json", text, says)
}

const ASK: &str = "    When I GET \"/echo\"\n    Then the status is 200\n";

fn reds() -> Vec<Red> {
    [files_reds(), gherkin(), scenarios(), tags(), names(), manifests(), schemas(), fixtures()]
        .into_iter()
        .flatten()
        .collect()
}

/// Files that no run would read as meant.
fn files_reds() -> Vec<Red> {
    vec![
        manifest(
            Code::Unreadable,
            "title:",
            "titel:",
            "fixtures/echo/manifest.yaml:1: error[unreadable]: unknown key `titel` (did you mean `title`?",
        ),
        feature(
            Code::Unreadable,
            "Feature: \u{0}",
            "features/echo/echo.feature:1: error[unreadable]: holds a NUL at byte 9",
        ),
        red(
            Code::Contradiction,
            "preflight.yaml",
            PREFLIGHT.replace("{local: }", "{local: {base_urls: {ecko: 'http://x'}}}"),
            "preflight.yaml:3: error[contradiction]: environments.local.base_urls.ecko: unknown integration `ecko`\n  hint: did you mean `echo`?",
        ),
        red(
            Code::StrayFile,
            "features/stray.feature",
            "Feature: x",
            "features/stray.feature:1: warning[stray-file]: stands in no integration's folder: move it to features/<integration>/stray.feature",
        ),
        red(
            Code::UnlistedContract,
            "preflight.yaml",
            PREFLIGHT.replace("echo", "other"),
            "features/echo:1: error[unlisted-contract]: no run includes the contract of `echo`",
        ),
        Red {
            code: Code::EmptyFolder,
            changes: vec![("-features/echo/echo.feature", String::new())],
            says: "features/echo:1: error[empty-folder]: there is no feature in it",
        },
    ]
}

/// What is no Gherkin, or no sentence.
fn gherkin() -> Vec<Red> {
    vec![
        feature(
            Code::Unparseable,
            FEATURE.replace("When I", "Wen I"),
            "features/echo/echo.feature:6: error[unparseable]: `Wen I GET \"/echo\"` begins with no keyword\n  hint: did you mean `When`?",
        ),
        feature(
            Code::Unparseable,
            "Scenario: x\n",
            "features/echo/echo.feature:1: error[unparseable]: `Scenario: x` stands where the feature should begin",
        ),
        feature(Code::Unparseable, "", "features/echo/echo.feature:1: error[unparseable]: the file is empty"),
        feature(
            Code::Unparseable,
            format!("{FEATURE}\n  Scenaro: y\n    When x\n"),
            "features/echo/echo.feature:9: error[unparseable]: `Scenaro: y` begins with no keyword\n  hint: did you mean `Scenario:`?",
        ),
        feature(
            Code::Unparseable,
            format!("{FEATURE}      \"\"\"\n      x\n"),
            "features/echo/echo.feature:8: error[unparseable]: the doc string has no end",
        ),
        feature(
            Code::Unparseable,
            format!("{FEATURE}    And x\n      | a | b |\n      | c |\n"),
            "features/echo/echo.feature:10: error[unparseable]: the row has another number of cells",
        ),
        feature(
            Code::Unparseable,
            format!("{FEATURE}\n  @EC-2\n"),
            "features/echo/echo.feature:9: error[unparseable]: the tags stand before nothing",
        ),
        feature(
            Code::Unparseable,
            format!("# language: xx\n{FEATURE}"),
            "features/echo/echo.feature:1: error[unparseable]: unknown language `xx`",
        ),
        feature(
            Code::Unparseable,
            format!("{FEATURE}Feature: again\n"),
            "features/echo/echo.feature:8: error[unparseable]: a second `Feature:`",
        ),
        feature(
            Code::EmptyFeature,
            "Feature: Echo\n",
            "features/echo/echo.feature:1: error[empty-feature]: the feature has no scenario",
        ),
        feature(
            Code::LostLine,
            FEATURE.replace("Given I", "Givn I"),
            "features/echo/echo.feature:5: error[lost-line]: `Givn I authenticate as \"agent\"` is read as description, not as a step or a section\n  hint: did you mean `Given I authenticate as \"agent\"`?",
        ),
        feature(
            Code::LostLine,
            FEATURE.replace("  @EC-1\n  Scenario:", "  Scenaro:"),
            "features/echo/echo.feature:3: error[lost-line]: `Scenaro: What was asked is answered` is read as description",
        ),
        feature(
            Code::UndefinedStep,
            steps(&ASK.replace("status is", "statsu is")),
            "features/echo/echo.feature:6: error[undefined-step]: no sentence matches `the statsu is 200`\n  hint: the nearest sentence is `the status is {count}`",
        ),
        feature(
            Code::MisusedStep,
            steps("    When I GET \"/echo\"\n    Then the status is 200\n    And I GET \"/echo\"\n"),
            "features/echo/echo.feature:7: error[misused-step]: `I {method} {text}` is a sentence of When, not of Then",
        ),
        feature(
            Code::MisusedStep,
            steps("    When I POST \"/echo\" with the body:\n    Then the status is 200\n"),
            "features/echo/echo.feature:5: error[misused-step]: `I {method} {text} with the body:` needs below it a doc string",
        ),
    ]
}

/// Scenarios that ask or promise nothing.
fn scenarios() -> Vec<Red> {
    vec![
        feature(Code::NoSteps, steps("\n"), "features/echo/echo.feature:4: error[no-steps]: `One` has no step"),
        feature(
            Code::NoPromise,
            steps("    When I GET \"/echo\"\n"),
            "features/echo/echo.feature:4: error[no-promise]: `One` promises nothing",
        ),
        feature(
            Code::HollowPromise,
            steps("    When I GET \"/echo\"\n    Then \"$.a\" is \"#ignore\"\n"),
            "features/echo/echo.feature:6: error[hollow-promise]: `#ignore` takes anything",
        ),
        feature(
            Code::HollowPromise,
            steps("    When I GET \"/echo\"\n    Then \"$.a\" has at least 0 items\n"),
            "features/echo/echo.feature:6: error[hollow-promise]: every array has at least 0 items",
        ),
        feature(
            Code::HollowPromise,
            steps("    When I GET \"/echo\"\n    Then the body does not mention \"\"\n"),
            "features/echo/echo.feature:6: error[hollow-promise]: an empty text is in every text",
        ),
        feature(
            Code::HollowPromise,
            steps("    When I GET \"/echo\"\n    Then the body contains:\n      \"\"\"\n      {}\n      \"\"\"\n"),
            "features/echo/echo.feature:6: error[hollow-promise]: every document contains this one",
        ),
        feature(
            Code::NoRequest,
            steps("    When 5 seconds pass\n    Then the status is 200\n"),
            "features/echo/echo.feature:4: error[no-request]: `One` asks nothing",
        ),
        feature(
            Code::EarlyPromise,
            steps("    Then the status is 200\n    When I GET \"/echo\"\n    Then the status is 200\n"),
            "features/echo/echo.feature:5: error[early-promise]: a promise stands before anything was asked",
        ),
        feature(
            Code::UnpromisedRequest,
            steps("    When I GET \"/echo\"\n    Then the status is 200\n    When I GET \"/echo\"\n"),
            "features/echo/echo.feature:7: warning[unpromised-request]",
        ),
        feature(
            Code::EmptyExamples,
            steps(&format!("{ASK}    Examples:\n      | a |\n")),
            "features/echo/echo.feature:7: error[empty-examples]: the examples have a head and no row, so nothing runs",
        ),
        feature(
            Code::EmptyExamples,
            steps(&format!("{ASK}    Examples:\n")),
            "features/echo/echo.feature:7: error[empty-examples]: the examples have no table",
        ),
        feature(
            Code::EmptyExamples,
            steps(ASK).replace("Scenario: One", "Scenario Outline: One"),
            "features/echo/echo.feature:4: error[empty-examples]: `One` has no examples",
        ),
        feature(
            Code::UnknownPlaceholder,
            steps(
                "    When I GET \"/echo?a=<pat>\"\n    Then the status is 200\n    Examples:\n      | path |\n      | x |\n",
            ),
            "features/echo/echo.feature:5: error[unknown-placeholder]: `<pat>` is no column of the examples\n  hint: did you mean `path`?",
        ),
        feature(
            Code::UnusedColumn,
            steps(&format!("{ASK}    Examples:\n      | path |\n      | x |\n")),
            "features/echo/echo.feature:7: warning[unused-column]: no step uses the column `path`",
        ),
        feature(
            Code::DuplicateScenario,
            steps(ASK).replace("Two", "One"),
            "features/echo/echo.feature:8: error[duplicate-scenario]: `One` is also the scenario in line 4",
        ),
        feature(
            Code::DuplicatePromise,
            steps(ASK).replace("EC-2", "EC-1"),
            "features/echo/echo.feature:8: error[duplicate-promise]: @EC-1 also stands at features/echo/echo.feature:4",
        ),
        feature(
            Code::NoPromiseId,
            steps(ASK).replace("  @EC-2\n", ""),
            "features/echo/echo.feature:7: warning[no-promise-id]: `Two` has no promise id",
        ),
    ]
}

/// Tags.
fn tags() -> Vec<Red> {
    vec![
        feature(
            Code::UnknownTag,
            steps(ASK).replace("@EC-1", "@EC-1 @twinonly"),
            "features/echo/echo.feature:4: error[unknown-tag]: unknown tag @twinonly\n  hint: did you mean @twin-only?",
        ),
        feature(
            Code::UnknownTag,
            steps(ASK).replace("@EC-1", "@ec-1"),
            "features/echo/echo.feature:4: error[unknown-tag]: @ec-1 looks like a promise id and is none\n  hint: write it in capitals: @EC-1",
        ),
        feature(
            Code::UnknownTag,
            steps(ASK).replace("@EC-1", "@EC-1 @skip"),
            "features/echo/echo.feature:4: error[unknown-tag]: @skip skips nothing here: the scenario runs",
        ),
        feature(
            Code::UnknownTag,
            steps(ASK).replace("@EC-1", "@EC-1 @requires:ECHO_TOKN"),
            "features/echo/echo.feature:4: error[unknown-tag]: @requires:ECHO_TOKN: neither a variable of the manifest nor a capability, so it is never there\n  hint: did you mean `ECHO_TOKEN`?",
        ),
        feature(
            Code::OwnTag,
            steps(ASK).replace("@EC-1", "@EC-1 @checkout"),
            "features/echo/echo.feature:4: warning[own-tag]: no run knows the tag @checkout",
        ),
        feature(
            Code::ContradictingTags,
            steps(ASK).replace("@EC-1", "@EC-1 @twin-only @live-only"),
            "features/echo/echo.feature:4: error[contradicting-tags]: @twin-only and @live-only",
        ),
        feature(
            Code::UntaggedArrangement,
            steps(&format!("    Given \"echo\" answers 503\n{ASK}")),
            "features/echo/echo.feature:5: error[untagged-arrangement]: `\"echo\" answers 503` needs a twin",
        ),
        feature(
            Code::UntaggedMutation,
            steps(&ASK.replace("GET", "DELETE")),
            "features/echo/echo.feature:5: warning[untagged-mutation]: `I DELETE \"/echo\"` changes something",
        ),
    ]
}

/// Names that lead nowhere.
fn names() -> Vec<Red> {
    vec![
        feature(
            Code::UnknownSchema,
            FEATURE.replace("echo/answer", "echo/anser"),
            "features/echo/echo.feature:7: error[unknown-schema]: there is no schemas/echo/anser.json\n  hint: did you mean `echo/answer`?",
        ),
        feature(
            Code::UnknownFixture,
            steps(
                "    Given the body is the fixture \"echo/sed.json\"\n    When I GET \"/echo\"\n    Then the status is 200\n",
            ),
            "features/echo/echo.feature:5: error[unknown-fixture]: there is no fixtures/echo/sed.json\n  hint: did you mean `seed.json`?",
        ),
        manifest(
            Code::UnknownFixture,
            "{seed.json:",
            "{sed.json:",
            "fixtures/echo/manifest.yaml:6: error[unknown-fixture]: there is no fixture `sed.json`",
        ),
        feature(
            Code::UnknownCredential,
            FEATURE.replace("agent", "agnet"),
            "features/echo/echo.feature:5: error[unknown-credential]: the manifest has no credential `agnet`\n  hint: did you mean `agent`?",
        ),
        feature(
            Code::UnknownFlag,
            steps(&format!("    Given the flag \"supabase_idea_pol\" is on\n{ASK}"))
                .replace("@EC-1", "@EC-1 @twin-only"),
            "features/echo/echo.feature:5: error[unknown-flag]: the flag `supabase_idea_pol` is not declared\n  hint: did you mean `supabase_idea_pool`?",
        ),
        feature(
            Code::UnknownVariable,
            FEATURE.replace("/echo\"\n", "/echo?t=${ECHO_TOKN}\"\n"),
            "features/echo/echo.feature:6: error[unknown-variable]: nothing provides ${ECHO_TOKN}\n  hint: did you mean `ECHO_TOKEN`?",
        ),
        feature(
            Code::UnknownIntegration,
            steps(&format!("    Given \"ecko\" answers 503\n{ASK}")).replace("@EC-1", "@EC-1 @twin-only"),
            "features/echo/echo.feature:5: error[unknown-integration]: no contract is called `ecko`\n  hint: did you mean `echo`?",
        ),
        feature(
            Code::UnknownIntegration,
            steps(&format!("    Given \"chatwoot\" answers 503\n{ASK}")).replace("@EC-1", "@EC-1 @twin-only"),
            "features/echo/echo.feature:5: error[unknown-integration]: echo does not stand on chatwoot\n  hint: write `stands_on: [chatwoot]` in the manifest, if it asks chatwoot itself",
        ),
        feature(
            Code::UnknownVariable,
            FEATURE.replace("/echo\"\n", "/echo?t=${CHATWOOT_API_TOKEN}\"\n"),
            "features/echo/echo.feature:6: error[unknown-variable]: nothing provides ${CHATWOOT_API_TOKEN}",
        ),
    ]
}

/// Manifests.
fn manifests() -> Vec<Red> {
    vec![
        manifest(
            Code::BadManifest,
            "GET /echo}",
            "FETCH /echo}",
            "fixtures/echo/manifest.yaml:3: error[bad-manifest]: `FETCH /echo` is no request",
        ),
        manifest(
            Code::BadManifest,
            "credentials:",
            "default_credential: agnet\ncredentials:",
            "fixtures/echo/manifest.yaml:5: error[bad-manifest]: there is no credential `agnet`",
        ),
        manifest(
            Code::BadManifest,
            "'Bearer ${ECHO_TOKEN}'",
            "'Bearer ${TOKEN}'",
            "fixtures/echo/manifest.yaml:5: error[bad-manifest]: nothing provides ${TOKEN}",
        ),
        manifest(
            Code::BadManifest,
            "title: Echo\n",
            "title: Echo\nwebhook_scheme: shopfy\n",
            "fixtures/echo/manifest.yaml:2: error[bad-manifest]: unknown signature scheme `shopfy`\n  hint: did you mean `shopify`?",
        ),
        manifest(
            Code::BadManifest,
            "title: Echo\n",
            "title: Echo\nwebhook_scheme: chatwoot\nwebhook_topics: [message_created, message_creatd]\n",
            "fixtures/echo/manifest.yaml:3: error[bad-manifest]: chatwoot has no event `message_creatd`\n  hint: did you mean `message_created`?",
        ),
        manifest(
            Code::BadManifest,
            "title: Echo\n",
            "title: Echo\nstands_on: [chatwot]\n",
            "fixtures/echo/manifest.yaml:2: error[bad-manifest]: it stands on `chatwot`, which has no contract\n  hint: did you mean `chatwoot`?",
        ),
        manifest(
            Code::BadManifest,
            "title: Echo\n",
            "title: Echo\nstands_on: [echo]\n",
            "fixtures/echo/manifest.yaml:2: error[bad-manifest]: it stands on itself",
        ),
        manifest(
            Code::BadManifest,
            "versions: ['1']",
            "versions: []",
            "fixtures/echo/manifest.yaml:2: error[bad-manifest]: no version is modelled",
        ),
        manifest(
            Code::UnaskedOperation,
            "GET /echo}",
            "GET /echo}, {id: put, request: 'PUT /echo/{id}'}",
            "fixtures/echo/manifest.yaml:3: error[unasked-operation]: no scenario asks `put`: PUT /echo/{id}",
        ),
    ]
}

/// Schemas that cannot refuse.
fn schemas() -> Vec<Red> {
    vec![
        schema(
            Code::BadSchema,
            r#"{"type": "object", "required": ["x"], "properties": {"x": {"$ref": "nowhere.json"}}}"#,
            "schemas/echo/other.json:1: error[bad-schema]: it refers to schemas/echo/nowhere.json, which does not exist",
        ),
        schema(
            Code::BadSchema,
            r#"{"type": "strin"}"#,
            "schemas/echo/other.json:1: error[bad-schema]: it does not compile",
        ),
        schema(
            Code::BadSchema,
            r#"{"$schema": "http://json-schema.org/draft-04/schema#", "type": "string"}"#,
            "schemas/echo/other.json:1: error[bad-schema]: it is written for another version",
        ),
        schema(Code::VacuousSchema, "{}", "schemas/echo/other.json:1: error[vacuous-schema]: it accepts anything"),
        schema(Code::VacuousSchema, "true", "schemas/echo/other.json:1: error[vacuous-schema]: it accepts anything"),
        schema(
            Code::VacuousSchema,
            "{\"type\": \"object\"}",
            "schemas/echo/other.json:1: error[vacuous-schema]: it accepts any object, also `{}`",
        ),
        schema(
            Code::OpenMember,
            "{\"type\": \"object\",\n\"required\": [\"x\"],\n\"properties\": {\n\"x\": {\"title\": \"x\"}}}",
            "schemas/echo/other.json:4: warning[open-member]: /properties/x: it accepts anything",
        ),
        schema(
            Code::IgnoredKeyword,
            "{\"type\": \"string\",\n\"minLenght\": 1}",
            "schemas/echo/other.json:2: error[ignored-keyword]: /minLenght: `minLenght` is no keyword, so it is ignored\n  hint: did you mean `minLength`?",
        ),
        schema(
            Code::IgnoredKeyword,
            "{\"type\": \"string\",\n\"format\": \"datetime\"}",
            "schemas/echo/other.json:1: error[ignored-keyword]: `datetime` is no format, so it is ignored\n  hint: did you mean `date-time`?",
        ),
        schema(
            Code::UndescribedMember,
            "{\"type\": \"object\", \"required\": [\"idd\"], \"properties\": {\"id\": {\"type\": \"string\"}}}",
            "schemas/echo/other.json:1: warning[undescribed-member]: it requires `idd` and does not describe it\n  hint: did you mean `id`?",
        ),
    ]
}

/// Fixtures.
fn fixtures() -> Vec<Red> {
    vec![
        red(
            Code::BadFixture,
            "fixtures/echo/seed.json",
            "{\n  \"id\": \"1\"\n}",
            "fixtures/echo/seed.json:2: error[bad-fixture]: /id is not valid against echo/answer",
        ),
        red(
            Code::BadFixture,
            "fixtures/echo/other.json",
            "{\n  \"$schema\": \"../../schemas/echo/answer.json\"\n}",
            "fixtures/echo/other.json:1: error[bad-fixture]:  is not valid against echo/answer: \"id\" is a required property",
        ),
        red(
            Code::BadFixture,
            "fixtures/echo/seed.json",
            "{\"id\": 1, \"id\": 2}",
            "fixtures/echo/seed.json:1: error[bad-fixture]: it is not JSON: duplicate key \"id\"",
        ),
        red(
            Code::Secret,
            "fixtures/echo/other.txt",
            format!("\ntoken sk-{}", "0123456789abcdef0123456789"),
            "fixtures/echo/other.txt:2: error[secret]: an OpenAI or Anthropic key (`sk-0…`, 29 characters)",
        ),
    ]
}

#[test]
fn every_code_finds_what_it_is_for() {
    for red in reds() {
        let changes: Vec<(&str, &str)> = red.changes.iter().map(|(path, text)| (*path, text.as_str())).collect();
        let found = findings(&changes);
        let told: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert!(
            found.iter().zip(&told).any(|(finding, told)| finding.code == red.code && told.starts_with(red.says)),
            "{:?} was to say\n{}\nof {changes:?}, said:\n{}",
            red.code,
            red.says,
            told.join("\n")
        );
    }
}

#[test]
fn an_unlisted_contract_is_told_once() {
    let text = PREFLIGHT.replace("echo", "other");
    let codes: Vec<Code> = findings(&[("preflight.yaml", &text)]).iter().map(|finding| finding.code).collect();
    assert_eq!(codes, [Code::UnlistedContract]);
}

#[test]
fn no_code_is_without_a_red_test() {
    let shown: BTreeSet<Code> = reds().iter().map(|red| red.code).collect();
    let unshown: Vec<_> = Code::ALL.iter().filter(|code| !shown.contains(code)).collect();
    // The vocabulary has no two sentences for one step (a test of its own keeps that), so a made-up one is asked below.
    assert_eq!(unshown, [&Code::AmbiguousStep]);
}

#[test]
fn an_ambiguous_step_names_its_sentences() {
    let root = tempfile::tempdir().unwrap();
    for (path, text) in [("preflight.yaml", PREFLIGHT), ("features/echo/echo.feature", FEATURE)] {
        files::write(&root.path().join(path), text.as_bytes()).unwrap();
    }
    let workspace = Workspace::open(root.path(), None).unwrap();
    let twice = |_: &gherkin::Step| vocabulary::Match::Many(vec!["a {text}", "a {path}"]);
    let found = lint(&workspace, &twice);
    let ambiguous = found.iter().find(|finding| finding.code == Code::AmbiguousStep).unwrap();
    assert_eq!(ambiguous.severity, Severity::Error);
    assert!(ambiguous.message.ends_with("matches 2 sentences: a {text} / a {path}"), "{ambiguous}");
}

#[test]
fn what_is_shipped_is_without_a_finding() {
    let workspace = Workspace::open(std::path::Path::new(env!("CARGO_MANIFEST_DIR")), None).unwrap();
    let found: Vec<String> = lint(&workspace, &vocabulary::find).iter().map(ToString::to_string).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn the_documentation_names_every_code() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/file-formats.md");
    let document = String::from_utf8(files::read(&path).unwrap().to_vec()).unwrap();
    let (_, after) = document.split_once("kept equal to the program by a test -->\n").unwrap();
    let (documented, _) = after.split_once("<!-- /codes -->").unwrap();
    let row = |code: &Code| format!("| `{code}` | {} | {} |\n", code.severity().as_str(), code.meaning());
    let rows = Code::ALL.iter().map(row).collect::<Vec<_>>().concat();
    assert_eq!(documented, format!("| code | severity | found |\n|---|---|---|\n{rows}"));
}

#[test]
fn a_condition_on_a_promise_that_nobody_makes_is_told_with_its_line() {
    let with = |promise: &str| {
        let policy = format!(
            "{PREFLIGHT}policy:\n  local:\n    require: [contract-twin]\n    conditions:\n      - \
             {{name: c, criterion: contract-twin, promises: [{promise}]}}\n"
        );
        let found = findings(&[("preflight.yaml", &policy)]);
        found.into_iter().find(|finding| finding.code == Code::Contradiction)
    };
    assert!(with("EC-1").is_none());
    let finding = with("EC-2").expect("a finding");
    assert_eq!((finding.place.line, finding.severity), (9, Severity::Error));
    assert!(finding.message.ends_with("no scenario stands for `EC-2`, so it can never hold"), "{}", finding.message);
}
