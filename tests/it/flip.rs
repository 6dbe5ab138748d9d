//! A flip end to end: a store on disk, the idea pool's twin as the app that reads it, and each way in which they are wrong.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::report_schemas::{complaints, schema};
use crate::served_app::App;
use crate::server::{self, Server};
use crate::shell::{Folder, Ran};

/// The flag is kept in a file that the app reads again and again.
const WORKSPACE: &str = "\
version: 1
name: test
environments:
  local:
    base_urls: {idea-pool: '${APP_URL}'}
  production:
    production: true
    base_urls: {idea-pool: '${APP_URL}'}
integrations:
  idea-pool: {flag: supabase_idea_pool}
flags:
  supabase_idea_pool:
    integrations: [idea-pool]
    parser: {names: [FEATURE_SUPABASE_IDEA_POOL, FEATURE_FLAG_SUPABASE_IDEA_POOL], empty_is_off: true}
    kept_in: ['dotenv:flags.env']
    rollback_seconds: 20
    canary:
      request: GET /api/analytics/idea-pool
      live: {'$.data.source': supabase, '$.data.feature_flag_enabled': true}
      mock: {'$.data.source': fixture, '$.data.feature_flag_enabled': false}
    flip:
      effective_within_seconds: 4
      watch: {seconds: 1, every_seconds: 1, p95_ms: 2000}
  without_canary:
    integrations: [idea-pool]
    parser: {names: [OTHER]}
policy:
  local: {require: [contract-twin]}
";

const OFF: &str = "# flags\n";

/// A workspace, and the app that is served in it with these arguments.
fn app(workspace: &str, arguments: &[&str]) -> (Folder, App) {
    let folder = Folder::with(&[("preflight.yaml", workspace), ("flags.env", OFF)]);
    let mut command = folder.command(&["serve", "idea-pool", "--json", "--quiet"]);
    command.args(arguments);
    (folder, App::serve(command))
}

const FOLLOW: [&str; 4] = ["--follow", "supabase_idea_pool", "--env", "local"];

fn command(folder: &Folder, app: &App, arguments: &[&str]) -> Command {
    let mut command = folder.command(&["flip", "supabase_idea_pool"]);
    command
        .args(arguments)
        .env("APP_URL", &app.url)
        .env("SUPABASE_SERVICE_KEY", "sb_secret_twin_service_key_of_preflight");
    command
}

fn flip(folder: &Folder, app: &App, arguments: &[&str]) -> Ran {
    let output = command(folder, app, arguments).output().expect("the binary runs");
    folder.ran(arguments, &output)
}

fn is_off(folder: &Folder) -> bool {
    !folder.read("flags.env").contains("=1")
}

#[test]
fn a_rehearsal_proves_the_flip_and_its_way_back() {
    let (folder, app) = app(WORKSPACE, &FOLLOW);
    let ran = flip(&folder, &app, &["--env", "local", "--rehearse"]).exits(0);
    ran.says("GO").says("the flag is off again").says("the store and the consumer say on");
    assert!(is_off(&folder));
    let runbook = folder.read("reports/flips/supabase_idea_pool-local.md");
    assert!(runbook.contains("# `supabase_idea_pool` in local: GO"), "{runbook}");
    assert!(runbook.contains("unset FEATURE_FLAG_SUPABASE_IDEA_POOL"), "every name is unset: {runbook}");
    assert!(runbook.contains("- `GET /api/analytics/idea-pool $.timestamp`"), "what differs is proposed: {runbook}");
    let record = folder.record();
    assert_eq!(complaints(&schema("record"), &record), Vec::<String>::new());
    let phases = record["details"]["flip"]["phases"].as_array().expect("phases");
    let contracts = phases.iter().filter(|phase| !phase["contract"].is_null());
    let told: Vec<_> =
        contracts.map(|phase| (phase["phase"].as_str(), phase["contract"]["scenarios"][0].is_object())).collect();
    assert_eq!(told, [(Some("before"), true), (Some("contract"), true)], "both contract runs are in the record");
    let parsers = phases[3]["seen"][0].as_str().unwrap_or_default();
    assert!(parsers.contains("reads flags.env as on"), "{parsers}");
    let entry = folder.read("reports/ledger.jsonl");
    assert!(entry.contains("\"kind\":\"flip\"") && entry.contains("\"outcome\":\"kept\""), "{entry}");
    assert!(
        !folder.path().join("reports/flips/supabase_idea_pool-local.json").exists(),
        "nothing is left to go on with"
    );
}

#[test]
fn a_flip_shows_also_what_its_consumer_stands_on_and_nothing_else() {
    let served = WORKSPACE
        .replace("  idea-pool: {flag: supabase_idea_pool}", "  idea-pool:\n  supabase:\n  shopify:")
        .replace(
            "    integrations: [idea-pool]\n    parser: {names: [FEATURE_SUPABASE",
            "    integrations: [idea-pool, supabase, shopify]\n    parser: {names: [FEATURE_SUPABASE",
        )
        .replace("require: [contract-twin]", "require: [flag]");
    let (folder, app) = app(
        &served.replace("  without_canary:\n    integrations: [idea-pool]\n    parser: {names: [OTHER]}\n", ""),
        &FOLLOW,
    );
    flip(&folder, &app, &["--env", "local", "--rehearse"]).exits(0).says("GO");
    let listed = folder.preflight(&["evidence", "list"]).exits(0).out;
    let shown = ["idea-pool", "supabase", "shopify"].map(|name| listed.contains(name));
    assert_eq!(shown, [true, true, false], "{listed}");
    let gate = folder.preflight(&["gate", "--env", "local"]).exits(3);
    gate.says("no flip of `supabase_idea_pool` has shown it: the canary asks idea-pool, and shows what that stands on");
    folder.preflight(&["gate", "--env", "local", "idea-pool", "supabase"]).exits(0).says("GO");
}

#[test]
fn a_flip_leaves_the_flag_on_and_cannot_be_done_twice() {
    let (folder, app) = app(WORKSPACE, &FOLLOW);
    folder.preflight_with(&["check", "idea-pool"], &[("APP_URL", &app.url)]).exits(0);
    flip(&folder, &app, &["--env", "local"]).exits(0).says("GO").says("the flag is on");
    assert!(!is_off(&folder));
    flip(&folder, &app, &["--env", "local"]).exits(1).says("NO-GO").says("on already").says("never touched");
    assert!(!is_off(&folder), "what is on already is not ours to switch off");
}

#[test]
fn without_evidence_a_flip_does_not_begin() {
    let (folder, app) = app(WORKSPACE, &FOLLOW);
    let ran = flip(&folder, &app, &["--env", "local"]).exits(3);
    ran.says(
        "UNKNOWN: Prerequisites, policy and approval: idea-pool: Contract on twin is unknown: never run against twin",
    );
    assert!(is_off(&folder));
}

#[test]
fn each_app_that_is_wrong_is_found_and_the_flag_taken_back() {
    let empty = Server::start(|_, out| server::json(out, "[]"));
    let nothing = format!("http://127.0.0.1:{}", empty.port);
    let ignores: Vec<&str> = vec![];
    let serves_fixture = [&FOLLOW[..], &["--set", "idea-pool.version=v4-pending"]].concat();
    let rows_missing = [&FOLLOW[..], &["--upstream", &nothing]].concat();
    for (what, arguments, says) in [
        ("ignores the flag", ignores, "it does not read this flag, or reads it only when it starts"),
        (
            "serves fixtures behind a live flag",
            serves_fixture,
            "answers as neither path does: $.data.source is \"fixture\"",
        ),
        ("has no rows", rows_missing, "answers as neither path does: $.data.source is \"fixture\""),
    ] {
        let (folder, app) = app(WORKSPACE, &arguments);
        let ran = flip(&folder, &app, &["--env", "local", "--rehearse"]).exits(1);
        let _ = ran.says("NO-GO").says(says).says("the flag is off again");
        assert!(is_off(&folder), "{what}");
    }
}

/// An app of one route whose flag is a line of a file.
const OWN_APP: &str = "\
version: 1
name: test
environments:
  local:
    base_urls: {shop: '${APP_URL}'}
integrations:
  shop: {flag: live}
flags:
  live:
    integrations: [shop]
    parser: {names: [LIVE]}
    kept_in: ['dotenv:flags.env']
    rollback_seconds: 2
    canary:
      request: GET /ideas
      live: {'$.source': live}
      mock: {'$.source': fixture}
    flip:
      effective_within_seconds: 2
      watch: {seconds: 1, every_seconds: 1}
policy:
  local: {require: [contract-twin]}
";

/// Rehearses with an app that makes of the flag's file what `reads` makes of it.
fn rehearse_own(reads: impl Fn(bool) -> bool + Send + Sync + 'static) -> (Folder, Ran) {
    let feature = "Feature: f\n  Scenario: s\n    When I GET \"/ideas\"\n    Then the status is 200\n";
    let [_, manifest, feature, _] = server::files(OWN_APP, feature);
    let folder = Folder::with(&[("preflight.yaml", OWN_APP), manifest, feature, ("flags.env", OFF)]);
    let flags = folder.path().join("flags.env");
    let app = Server::start(move |_, out| {
        let on = std::fs::read_to_string(&flags).is_ok_and(|text| text.contains("LIVE=1"));
        server::json(out, if reads(on) { r#"{"source":"live"}"# } else { r#"{"source":"fixture"}"# });
    });
    let environment = [("APP_URL", format!("http://127.0.0.1:{}", app.port)), ("SHOP_TOKEN", "token".to_owned())];
    let environment: Vec<(&str, &str)> = environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let ran = folder.preflight_with(&["flip", "live", "--env", "local", "--rehearse"], &environment);
    (folder, ran)
}

#[test]
fn an_app_that_holds_what_it_once_read_is_found() {
    rehearse_own(|on| on).1.exits(0).says("the flag is off again");
    let first = OnceLock::new();
    let (folder, ran) = rehearse_own(move |on| *first.get_or_init(|| on));
    ran.exits(1)
        .says("still answers from the mock path")
        .says("reads it only when it starts")
        .says("the flag is off again");
    assert!(is_off(&folder));
    let ever = AtomicBool::new(false);
    let (folder, ran) = rehearse_own(move |on| ever.fetch_or(on, Ordering::Relaxed) || on);
    let ran = ran.exits(1).says("still answers from the live path").says("it holds what it once read");
    ran.says("THE FLAG IS LEFT ON").says("unset LIVE; then restart the app");
    assert!(is_off(&folder), "the store is right, and the app is not");
}

#[test]
fn an_app_that_is_live_by_another_name_is_found_before_anything_is_switched() {
    let legacy = [&FOLLOW[..], &["--set", "idea-pool.env:FEATURE_FLAG_SUPABASE_IDEA_POOL=\"1\""]].concat();
    let own_name = WORKSPACE.replace(", FEATURE_FLAG_SUPABASE_IDEA_POOL]", "]");
    let (folder, app) = app(&own_name, &legacy);
    let ran = flip(&folder, &app, &["--env", "local", "--rehearse"]).exits(1);
    ran.says("the consumer answers from the live path while its store says off").says("never touched");
}

#[test]
fn an_app_that_is_slower_than_promised_is_found() {
    let slow = WORKSPACE.replace("p95_ms: 2000", "p95_ms: 300");
    let delayed = [&FOLLOW[..], &["--fault", "idea-pool=delay:400"]].concat();
    let (folder, app) = app(&slow, &delayed);
    flip(&folder, &app, &["--env", "local", "--rehearse"])
        .exits(1)
        .says("300 ms are allowed")
        .says("the flag is off again");
    assert!(is_off(&folder));
}

/// A flip that is watched for a minute, as soon as the flag is on.
fn long_flip(folder: &Folder, app: &App) -> Child {
    let mut child = command(folder, app, &["--env", "local", "--rehearse"]);
    let mut child = child.stderr(Stdio::piped()).spawn().expect("the binary runs");
    let lines = BufReader::new(child.stderr.take().expect("its stderr")).lines();
    let told: Vec<String> = lines.map_while(Result::ok).take_while(|line| !line.starts_with("It stays so")).collect();
    assert!(told.iter().any(|line| line.starts_with("The live path keeps its contract")), "{told:#?}");
    child
}

fn watched_for_long() -> String {
    WORKSPACE.replace("watch: {seconds: 1,", "watch: {seconds: 60,")
}

#[test]
fn a_crash_is_no_silence_and_two_flips_exclude_each_other() {
    let (folder, app) = app(&watched_for_long(), &FOLLOW);
    let mut first = long_flip(&folder, &app);
    flip(&folder, &app, &["--env", "local", "--rehearse"]).exits(2).says("another flip of this flag is under way");
    first.kill().expect("it is killed");
    first.wait().expect("it ends");
    assert!(!is_off(&folder), "nobody took it back");
    let cut_off = flip(&folder, &app, &["--env", "local", "--rehearse"]).exits(2);
    cut_off.says("was cut off").says("may have left the flag on").says("--take-back` rolls back");
    let back = flip(&folder, &app, &["--env", "local", "--take-back"]).exits(3);
    back.says("it was left unfinished and taken back").says("the flag is off again");
    assert!(is_off(&folder));
    flip(&folder, &app, &["--env", "local", "--take-back"]).exits(2).says("there is no flip to go on with");
}

/// A store that programs read and switch; its program for off is written by the test.
fn switched_by_programs() -> String {
    let kept = "kept_in: ['command:cat flag.txt']\n    commands: {on: [sh, on.sh], off: [sh, off.sh]}";
    WORKSPACE.replace("kept_in: ['dotenv:flags.env']", kept).replace("rollback_seconds: 20", "rollback_seconds: 2")
}

#[test]
fn a_rollback_that_does_not_take_is_tried_again_each_time_it_is_asked_for() {
    let folder = Folder::with(&[
        ("preflight.yaml", &switched_by_programs()),
        ("flag.txt", "0"),
        ("on.sh", "printf 1 > flag.txt"),
        ("off.sh", "true"),
    ]);
    let mut command = folder.command(&["serve", "idea-pool", "--json", "--quiet"]);
    command.args(FOLLOW);
    let app = App::serve(command);
    let until = ["--by", "ana", "--why", "a try", "--until", "1h"];
    let approve = [&["approve", "flip", "supabase_idea_pool", "--env", "local"][..], &until].concat();
    folder.preflight(&approve).exits(0);
    folder.write("on.sh", "true");
    let lies = flip(&folder, &app, &["--env", "local", "--rehearse"]).exits(1);
    lies.says("the store took the change and still evaluates the flag as off").says("the flag is off again");
    folder.write("on.sh", "printf 1 > flag.txt");
    let failed = flip(&folder, &app, &["--env", "local", "--rehearse", "--quiet"]).exits(1);
    failed.says("THE FLAG IS LEFT ON").says("Switch it off: cat: sh off.sh");
    let again = flip(&folder, &app, &["--env", "local", "--take-back"]).exits(1);
    again.says("The flag is switched off …").says("still evaluates the flag as on").says("THE FLAG IS LEFT ON");
    folder.write("off.sh", "printf 0 > flag.txt");
    let back = flip(&folder, &app, &["--env", "local", "--take-back"]).exits(1);
    back.says("the flag is off again");
    assert_eq!(folder.read("flag.txt"), "0");
    let record = folder.record();
    let earlier = record["details"]["flip"]["earlier"].as_array().expect("what did not take stays in the record");
    assert_eq!(earlier.len(), 4, "{record}");
    assert_eq!(complaints(&schema("record"), &record), Vec::<String>::new());
    assert!(!folder.path().join("reports/flips/supabase_idea_pool-local.json").exists());
}

#[test]
fn the_users_end_takes_the_flag_back() {
    let (folder, app) = app(&watched_for_long(), &FOLLOW);
    let mut child = long_flip(&folder, &app);
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill runs");
    assert!(sent.success());
    assert_eq!(child.wait().expect("it ends").code(), Some(3));
    assert!(is_off(&folder));
}

#[test]
fn production_is_not_touched_without_an_approval() {
    let (folder, app) = app(WORKSPACE, &FOLLOW);
    let ran = flip(&folder, &app, &["--env", "production", "--rehearse"]).exits(1);
    ran.says("no approval covers switching `supabase_idea_pool` in production").says("never touched");
    assert!(is_off(&folder));
}

#[test]
fn a_dry_run_says_what_would_be_done_and_asks_nobody() {
    let server = Server::of_json("{}");
    let folder = Folder::with(&[("preflight.yaml", WORKSPACE), ("flags.env", OFF)]);
    let url = format!("http://127.0.0.1:{}", server.port);
    let arguments = ["flip", "supabase_idea_pool", "--env", "local", "--dry-run"];
    folder.preflight_with(&arguments, &[("APP_URL", &url)]).exits(0).says("nothing was asked");
    assert!(server.asked().is_empty());
    assert!(!folder.path().join("reports").exists());
}

#[test]
fn what_cannot_be_flipped_is_told() {
    let folder = Folder::with(&[("preflight.yaml", WORKSPACE), ("flags.env", OFF)]);
    for (arguments, told) in [
        (["flip", "supabase_ideapool", "--env", "local"], "did you mean `supabase_idea_pool`?"),
        (["flip", "without_canary", "--env", "local"], "`without_canary` has no canary"),
        (["flip", "supabase_idea_pool", "--env", "locale"], "there is no environment `locale`"),
    ] {
        let _ = folder.preflight(&arguments).exits(2).says(told);
    }
}
