//! Workspaces that cannot be worked in, as their owner meets them: the message, what to do, and the exit code.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;
use std::process::Command;

use preflight::adapter::files;

const GOOD: &str = "version: 1\nname: x\nenvironments:\n  local:\nintegrations:\n  echo:\n";
const MANIFEST: &str = "\
title: Echo
models: {versions: ['1'], source: its documentation}
operations: [{id: get, request: GET /echo}]
";
const FEATURE: &str = "\
Feature: Echo

  @EC-1
  Scenario: What was asked is answered
    When I GET \"/echo\"
    Then the body matches schema \"echo/answer\"
";
const SCHEMA: &str = r#"{"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}"#;

/// Writes a good workspace with some files changed, types a command in it, and gives what was said and the exit code.
fn typed(command: &str, changes: &[(&str, &[u8])]) -> String {
    let root = tempfile::tempdir().unwrap();
    let good = [
        ("preflight.yaml", GOOD),
        ("fixtures/echo/manifest.yaml", MANIFEST),
        ("features/echo/echo.feature", FEATURE),
        ("schemas/echo/answer.json", SCHEMA),
    ];
    for (path, text) in good.map(|(path, text)| (path, text.as_bytes())).iter().chain(changes) {
        files::write(&root.path().join(path), text).unwrap();
    }
    run(root.path(), command)
}

fn run(folder: &Path, command: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_preflight"))
        .args(command.split(' '))
        .current_dir(folder)
        .env_remove("ECHO_BASE_URL")
        .env("CI", "1")
        .output()
        .unwrap();
    let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    // Where the reports went is another matter.
    let told = text.split("\nwritten:").next().unwrap_or_default().trim_end();
    format!("{told}\nexit {}", output.status.code().unwrap())
}

fn workspace(text: &str) -> String {
    typed("check", &[("preflight.yaml", text.as_bytes())])
}

#[test]
fn broken_yaml() {
    insta::assert_snapshot!(workspace(&GOOD.replace("  local:", "\tlocal:")), @r"
    error: preflight.yaml:4:1: not valid YAML: found character that cannot start any token
    hint: indent with spaces, not with tabs, and put text that begins with `@` or `%` into quotes
    exit 2
    ");
    insta::assert_snapshot!(workspace(&format!("{GOOD}flags: [x\n")), @r"
    error: preflight.yaml:8:1: not valid YAML: did not find expected ',' or ']'
    hint: look at the indentation and at the quotes of this line and the one before
    exit 2
    ");
    insta::assert_snapshot!(workspace(""), @r"
    error: preflight.yaml:1:1: the file is empty
    hint: `preflight init` writes a workspace to start from
    exit 2
    ");
}

#[test]
fn unknown_keys_and_words() {
    insta::assert_snapshot!(workspace(&GOOD.replace("environments", "enviroments")), @r"
    error: preflight.yaml:3:1: unknown key `enviroments`
    hint: did you mean `environments`? allowed here: version, name, sources, environments, integrations, flags, secrets, approvers, secret_categories, blockers, maintenance, alerts, policy
    exit 2
    ");
    insta::assert_snapshot!(workspace(&format!("{GOOD}policy: {{local: {{require: [contract_twin]}}}}\n")), @r"
    error: preflight.yaml:7:28: policy.local.require[0]: unknown word `contract_twin`
    hint: did you mean `contract-twin`? allowed here: contract-twin, contract-live, credentials, webhooks, resilience, health, flag, blockers
    exit 2
    ");
    insta::assert_snapshot!(workspace(&GOOD.replace("  local:", "  local: {base_url: {}}")), @r"
    error: preflight.yaml:4:11: environments.local: unknown key `base_url`
    hint: did you mean `base_urls`? allowed here: base_urls, dotenv, production
    exit 2
    ");
}

#[test]
fn an_integration_that_stands_twice() {
    insta::assert_snapshot!(workspace(&format!("{GOOD}  echo:\n")), @r"
    error: preflight.yaml:7:3: integrations: the key `echo` stands twice
    hint: keep one of them, and move what it lacks there
    exit 2
    ");
}

#[test]
fn names_that_lead_nowhere() {
    let text = format!("{GOOD}policy:\n  local:\n    require: [contract-twin]\n    integrations: [ecko]\n");
    insta::assert_snapshot!(workspace(&text), @r"
    error: preflight.yaml:10: policy.local.integrations.0: unknown integration `ecko` (did you mean `echo`?)
    hint: `preflight lint` shows these and more
    exit 2
    ");
}

#[test]
fn a_base_url_without_scheme() {
    let text = GOOD.replace("  local:", "  local:\n    base_urls:\n      echo: echo.example");
    insta::assert_snapshot!(workspace(&text), @r"
    error: preflight.yaml:6: environments.local.base_urls.echo: the base URL `echo.example` has no scheme (write it as `https://host` or take it whole from a variable: `${NAME}`)
    hint: `preflight lint` shows these and more
    exit 2
    ");
}

#[test]
fn a_variable_that_is_not_set() {
    let text = GOOD.replace("  local:", "  staging:\n    base_urls: {echo: '${ECHO_BASE_URL}'}");
    let said = typed("check echo --target live --env staging", &[("preflight.yaml", text.as_bytes())]);
    insta::assert_snapshot!(said, @r"
    running 1 scenario of 1 contract against live
    echo on live, staging: unasked (1 unasked; 0 of 1 operation kept, 1 never asked)
      unasked 1 scenario: needs ${ECHO_BASE_URL}
        (environments.staging.base_urls.echo), which has no value
        features/echo/echo.feature:4
      never asked GET /echo
    staging         twin    live    creds   hooks   resil.  health  flag    blocks
    echo            unknown unknown unknown n/a     unknown unknown n/a     n/a
    staging  UNKNOWN
      Nothing is required here: name criteria under `policy` in preflight.yaml.
    exit 3
    ");
    let staged = text.replace("  staging:", "  staging:\n    dotenv: .env.staging");
    let changes: [(&str, &[u8]); 2] =
        [("preflight.yaml", staged.as_bytes()), (".env.staging", b"ECHO_BASE_URL=echo.example\n")];
    insta::assert_snapshot!(typed("check echo --target live --env staging", &changes), @r"
    error: preflight.yaml: environments.staging.base_urls.echo: the base URL `echo.example` has no scheme (from `${ECHO_BASE_URL}`)
    hint: write a URL such as `https://host`, without user, query and fragment
    exit 2
    ");
}

#[test]
fn a_dangling_reference() {
    let schema = br#"{"type": "object", "required": ["id"], "properties": {"id": {"$ref": "identifier.json"}}}"#;
    insta::assert_snapshot!(typed("lint", &[("schemas/echo/answer.json", schema)]), @r"
    schemas/echo/answer.json:1: error[bad-schema]: it refers to schemas/echo/identifier.json, which does not exist
    1 feature in 1 contract read: 1 error, 0 warnings
    exit 1
    ");
}

#[test]
fn a_feature_in_another_encoding() {
    let utf16: Vec<u8> = [0xFF, 0xFE].into_iter().chain(FEATURE.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    insta::assert_snapshot!(typed("lint", &[("features/echo/echo.feature", &utf16)]), @r"
    features/echo/echo.feature:1: error[unreadable]: is UTF-16 (little endian) (byte order mark FF FE at byte 0), not UTF-8; save the file as UTF-8
    0 features in 1 contract read: 1 error, 0 warnings
    exit 2
    ");
    let latin: Vec<u8> = FEATURE.replace("Echo", "Écho").chars().map(|letter| letter as u8).collect();
    insta::assert_snapshot!(typed("lint", &[("features/echo/echo.feature", &latin)]), @r"
    features/echo/echo.feature:1: error[unreadable]: holds 0xC9 at byte 9, which no UTF-8 text can hold there: it is probably Latin-1; save the file as UTF-8
    0 features in 1 contract read: 1 error, 0 warnings
    exit 2
    ");
    let marked = [&[0xEF, 0xBB, 0xBF], FEATURE.as_bytes()].concat();
    insta::assert_snapshot!(typed("lint", &[("features/echo/echo.feature", &marked)]), @r"
    features/echo/echo.feature:1: error[unreadable]: begins with a UTF-8 byte order mark (EF BB BF at byte 0); save the file as UTF-8 without a byte order mark
    0 features in 1 contract read: 1 error, 0 warnings
    exit 2
    ");
}

#[test]
fn no_workspace_where_one_is_named() {
    let root = tempfile::tempdir().unwrap();
    insta::assert_snapshot!(run(root.path(), "lint --workspace nowhere"), @r"
    error: no workspace at nowhere
    hint: name a folder that holds preflight.yaml, or write one with `preflight init`
    exit 2
    ");
    files::write(&root.path().join("preflight.yml"), GOOD.as_bytes()).unwrap();
    let said = run(root.path(), "check").replace(&*root.path().canonicalize().unwrap().to_string_lossy(), "…");
    insta::assert_snapshot!(said, @r"
    error: …/preflight.yml is not read: the file is called preflight.yaml
    hint: rename it to preflight.yaml
    exit 2
    ");
}
