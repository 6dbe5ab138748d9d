//! A flip end to end: a store on disk, the idea pool's twin as the app that reads it, and each way in which they are wrong.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

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
    let entry = folder.read("reports/ledger.jsonl");
    assert!(entry.contains("\"kind\":\"flip\"") && entry.contains("\"outcome\":\"kept\""), "{entry}");
    assert!(
        !folder.path().join("reports/flips/supabase_idea_pool-local.json").exists(),
        "nothing is left to go on with"
    );
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
