//! `preflight webhook attack` as a user types it: what is said, which exit code, what is left in the ledger, and bad input.

use std::net::TcpListener;
use std::time::Duration;

use insta::assert_snapshot;
use serde_json::Value;

use crate::receivers::flaw::Flaw;
use crate::receivers::receiver::{Dialect, Receiver, SECRET};
use crate::report_schemas::{complaints, schema};
use crate::server::{Server, respond};
use crate::shell::{Folder, Ran};

/// Two environments, whose receiver is wherever `HOOK_URL` says.
const WORKSPACE: &str = "\
version: 1
name: test
environments:
  local:
    base_urls: {webhooks: '${HOOK_URL}'}
  production:
    production: true
    base_urls: {webhooks: 'https://app.example'}
integrations:
  chatwoot:
  webhooks:
policy:
  local: {require: [webhooks]}
";

/// A receiver for as long as the runtime lives.
fn receiver(flaw: Option<Flaw>) -> (tokio::runtime::Runtime, u16) {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let port = runtime.block_on(Receiver::new(Dialect::Chatwoot, flaw).serve());
    (runtime, port)
}

fn folder() -> Folder {
    Folder::with(&[("preflight.yaml", WORKSPACE)])
}

fn attack(folder: &Folder, url: &str, more: &[&str]) -> Ran {
    let arguments = ["webhook", "attack", url, "--scheme", "chatwoot", "--secret-env", "HOOK_SECRET", "--timing", "0"];
    let arguments: Vec<&str> = arguments.into_iter().chain(more.iter().copied()).collect();
    let origin = url.trim_end_matches("/hook").to_owned();
    folder.preflight_with(&arguments, &[("HOOK_SECRET", SECRET), ("HOOK_URL", &origin)])
}

/// The screen without times, which differ from run to run.
fn screen(ran: &Ran) -> String {
    let screen = ran.screen();
    let mut screen = screen.replace(SECRET, "SECRET-IN-THE-OPEN");
    for (pattern, with) in [(r"in \d+ ms", "in <n> ms"), (r"; \d+ requests", "; <n> requests")] {
        screen = regex::Regex::new(pattern).expect("a pattern").replace_all(&screen, with).into_owned();
    }
    screen
}

/// The only record of a folder.
fn record(folder: &Folder) -> Value {
    let path = folder.files().into_iter().find(|path| path.starts_with(folder.path().join("reports/records")));
    let text = std::fs::read_to_string(path.expect("a record")).expect("text");
    serde_json::from_str(&text).expect("JSON")
}

#[test]
fn a_right_receiver_is_kept_and_becomes_evidence_of_its_environment() {
    let (_runtime, port) = receiver(None);
    let folder = folder();
    let effects = format!("http://127.0.0.1:{port}/effects");
    let url = format!("http://127.0.0.1:{port}/hook");
    let ran = attack(&folder, &url, &["--observe", &effects, "--observe-path", "$.count", "--env", "local"]).exits(0);
    assert_snapshot!("attack_kept", screen(&ran));
    let record = record(&folder);
    assert_eq!(complaints(&schema("record"), &record), Vec::<String>::new());
    let mut spoiled = record.clone();
    spoiled["details"]["webhook-suite"]["cases"][0]["outcome"] = "broken".into();
    assert!(!complaints(&schema("record"), &spoiled).is_empty(), "broken without a finding");
    assert_eq!((&record["kind"], &record["environment"]), (&"webhook-suite".into(), &"local".into()));
    let ledger = folder.read("reports/ledger.jsonl");
    assert!(ledger.contains("\"kind\":\"webhook-suite\"") && ledger.contains("\"outcome\":\"kept\""), "{ledger}");
    let gate = folder.preflight_with(&["gate", "--env", "local", "chatwoot"], &[("HOOK_URL", &url)]).exits(0);
    gate.says("GO");
    folder.preflight(&["evidence", "verify"]).exits(0);
    folder.preflight(&["report", "--format", "html"]).exits(0);
    let page = folder.read("reports/readiness.html");
    assert!(page.contains("Webhook receiver in local") && page.contains("wrong signatures"), "the page tells of it");
}

#[test]
fn a_wrong_receiver_is_broken_and_each_case_says_what_came_and_what_was_wanted() {
    let (_runtime, port) = receiver(Some(Flaw::AcceptsPrefix));
    let folder = folder();
    let url = format!("http://127.0.0.1:{port}/hook");
    let ran = attack(&folder, &url, &["--observe-header", "x-effects"]).exits(1);
    assert_snapshot!("attack_broken", screen(&ran));
    assert!(folder.read("reports/ledger.jsonl").contains("\"outcome\":\"broken\""));
    folder.preflight(&["report", "--format", "html"]).exits(0);
}

#[test]
fn without_a_count_what_happens_once_is_unasked_and_never_kept() {
    let (_runtime, port) = receiver(None);
    let folder = folder();
    let ran = attack(&folder, &format!("http://127.0.0.1:{port}/hook"), &[]).exits(3);
    ran.says("needs a count of effects").says("duplicate-concurrently");
    let suite = &record(&folder)["details"]["webhook-suite"];
    let unasked = suite["cases"].as_array().expect("cases").iter().filter(|case| case["outcome"] == "unasked").count();
    assert_eq!(unasked, 7, "{suite:#}");
}

#[test]
fn effects_are_counted_by_a_command_too() {
    let (_runtime, port) = receiver(Some(Flaw::NoDedupe));
    let count = format!("curl -s http://127.0.0.1:{port}/effects | tr -dc 0-9");
    let only = ["--observe-command", &count, "--only", "valid,duplicate-at-once"];
    let ran = attack(&folder(), &format!("http://127.0.0.1:{port}/hook"), &only).exits(1);
    ran.says("it happened 2 times").says("effects by a command");
}

#[test]
fn a_part_of_the_suite_is_partial_and_proves_nothing() {
    let (_runtime, port) = receiver(None);
    let folder = folder();
    let url = format!("http://127.0.0.1:{port}/hook");
    attack(&folder, &url, &["--only", "stale-timestamp", "--env", "local"]).exits(0);
    folder.preflight_with(&["gate", "--env", "local", "chatwoot"], &[]).exits(3);
    attack(&folder, &url, &["--only", "stale-timestmp"]).exits(2).says("did you mean `stale-timestamp`?");
}

#[test]
fn a_flood_is_told_apart_from_the_suite() {
    let (_runtime, port) = receiver(None);
    let folder = folder();
    let only = ["--only", "flood-at-rate,flood-above-rate", "--flood", "20", "--observe-header", "x-effects"];
    attack(&folder, &format!("http://127.0.0.1:{port}/hook"), &only).exits(0).says("flood");
    let suite = &record(&folder)["details"]["webhook-suite"];
    assert!(suite["flood_ms"].as_u64() > Some(1_500) && suite["duration_ms"].as_u64() < Some(1_000), "{suite:#}");
}

#[test]
fn no_secret_and_no_right_signature_is_left_in_what_is_written() {
    let signature = regex::Regex::new("expected [0-9a-f]{64}").expect("a pattern");
    for flaw in [Flaw::EchoesSecret, Flaw::EchoesSignature] {
        let (_runtime, port) = receiver(Some(flaw));
        let folder = folder();
        let ran =
            attack(&folder, &format!("http://127.0.0.1:{port}/hook"), &["--observe-header", "x-effects", "--json"]);
        let ran = ran.exits(1);
        for text in [&ran.out, &ran.err, &record(&folder).to_string()] {
            assert!(!text.contains(SECRET) && !signature.is_match(text), "{flaw:?}: {text}");
        }
        let given: Value = serde_json::from_str(&ran.out).expect("a record on stdout");
        assert_eq!(given["details"]["webhook-suite"]["scheme"], "chatwoot");
    }
}

#[test]
fn what_is_typed_wrongly_is_said_and_nothing_is_sent() {
    let (_runtime, port) = receiver(None);
    let url = format!("http://127.0.0.1:{port}/hook");
    let folder = folder();
    let with = |arguments: &[&str], environment: &[(&str, &str)]| {
        let arguments: Vec<&str> = ["webhook", "attack"].iter().chain(arguments).copied().collect();
        folder.preflight_with(&arguments, environment)
    };
    let secret = ("HOOK_SECRET", SECRET);
    with(&[&url, "--scheme", "chatwot", "--secret-env", "HOOK_SECRET"], &[secret])
        .exits(2)
        .says("there is no webhook scheme `chatwot`")
        .says("did you mean `chatwoot`?");
    with(&[&url, "--scheme", "chatwoot", "--secret-env", "HOOK_SECRET"], &[]).exits(2).says("HOOK_SECRET has no value");
    with(&[&url, "--scheme", "standard-webhooks", "--secret-env", "HOOK_SECRET"], &[("HOOK_SECRET", "whsec_%%")])
        .exits(2)
        .says("the secret is no key of standard-webhooks");
    with(&["localhost:3000", "--scheme", "chatwoot", "--secret-env", "HOOK_SECRET"], &[secret]).exits(2);
    attack(&folder, &url, &["--observe", &url]).exits(2).says("--observe-path");
    attack(&folder, &url, &["--observe", &url, "--observe-path", "$.["]).exits(2).says("is no JSONPath");
    attack(&folder, &url, &["--env", "stagin"]).exits(2).says("there is no environment `stagin`");
    attack(&folder, &url, &["--env", "production"]).exits(2).says("is no part of production");
    attack(&folder, &url, &["--integration", "chatwot"]).exits(2).says("did you mean `chatwoot`?");
    attack(&folder, &url, &["--event", "none.json"]).exits(2).says("none.json");
    let effects = format!("http://127.0.0.1:{port}/effects");
    attack(&folder, &url, &["--observe", &effects, "--observe-path", "$.nothing"]).exits(3).says("finds 0 values");
    attack(&folder, &url, &["--observe-command", "echo many"]).exits(3).says("writes no number");
    assert!(!folder.path().join("reports").exists(), "nothing was written");
}

#[test]
fn a_receiver_that_is_not_there_is_unasked() {
    let free = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = free.local_addr().expect("an address").port();
    drop(free);
    let folder = folder();
    let ran = attack(&folder, &format!("http://127.0.0.1:{port}/hook"), &["--env", "local"]).exits(3);
    ran.says("the receiver could not be reached: connection refused");
    let ledger = folder.read("reports/ledger.jsonl");
    assert!(ledger.contains("\"outcome\":\"unasked\"") && !ledger.contains("\"broken\":1"), "{ledger}");
}

#[test]
fn what_is_no_receiver_is_told() {
    type Answer = fn(&mut dyn std::io::Write);
    let table: [(&str, Answer, &str); 5] = [
        (
            "a page",
            |out| respond(out, "200 OK", &["content-type: text/html"], b"<!doctype html><title>App</title>"),
            "it answers with an HTML page",
        ),
        ("a redirect", |out| respond(out, "302 Found", &["location: /login"], b""), "a right delivery is redirected"),
        ("early", |_| (), "the connection is closed on a right delivery without an answer"),
        (
            "half",
            |out| {
                let _ = out.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf");
            },
            "a right delivery is not answered whole",
        ),
        (
            "for ever",
            |out| {
                let _ = out.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
                while out.write_all(format!("4000\r\n{}\r\n", "x".repeat(0x4000)).as_bytes()).is_ok() {}
            },
            "is answered without end",
        ),
    ];
    for (what, answer, says) in table {
        let server = Server::start(move |_, out| answer(out));
        let folder = folder();
        let ran = attack(&folder, &format!("http://127.0.0.1:{}/hook", server.port), &["--only", "valid,no-signature"]);
        let ran = ran.exits(1).says(says);
        assert!(folder.path().join("reports/ledger.jsonl").exists(), "{what}: {}", ran.screen());
    }
}

#[test]
fn one_that_never_answers_is_waited_for_no_longer_than_its_sender_waits() {
    let server = Server::start(|_, _| std::thread::sleep(Duration::from_secs(30)));
    let url = format!("http://127.0.0.1:{}/hook", server.port);
    let ran = attack(&folder(), &url, &["--deadline", "100"]).exits(1);
    ran.says("a right delivery is never answered").says("a right delivery was not answered");
    assert_eq!(server.asked().len(), 1, "nothing more is sent to it");
}

/// Runs only the handshakes of a scheme, and tells how each ended.
fn shake(scheme: &str, server: &Server, cases: &str) -> Vec<(String, String)> {
    let folder = Folder::with(&[]);
    let url = format!("http://127.0.0.1:{}/hook", server.port);
    let arguments = ["webhook", "attack", &url, "--scheme", scheme, "--secret-env", "HOOK_SECRET", "--timing", "0"];
    let more = ["--only", cases, "--verify-token-env", "HOOK_TOKEN"];
    let arguments: Vec<&str> = arguments.into_iter().chain(more).collect();
    folder.preflight_with(&arguments, &[("HOOK_SECRET", SECRET), ("HOOK_TOKEN", "verify-me")]);
    let record = record(&folder);
    let cases = record["details"]["webhook-suite"]["cases"].as_array().expect("cases");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    cases.iter().map(|case| (text(&case["name"]), text(&case["outcome"]))).collect()
}

#[test]
fn handshakes_are_answered_with_their_challenge_and_only_to_who_may_ask() {
    let query = |path: &str, name: &str| {
        let url = url::Url::parse(&format!("http://x{path}")).expect("a path");
        url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
    };
    let meta = "hub-challenge,hub-challenge-wrong-token";
    let right = Server::start(move |asked, out| {
        let known = query(&asked.path, "hub.verify_token") == "verify-me";
        let status = if known { "200 OK" } else { "403 Forbidden" };
        let challenge = if known { query(&asked.path, "hub.challenge") } else { String::new() };
        respond(out, status, &[], challenge.as_bytes());
    });
    let trusting =
        Server::start(move |asked, out| respond(out, "200 OK", &[], query(&asked.path, "hub.challenge").as_bytes()));
    let deaf = Server::start(|_, out| respond(out, "200 OK", &[], b"ok"));
    let refusing = Server::start(|_, out| respond(out, "401 Unauthorized", &[], b"no"));
    let slack = "url-verification,ssl-check";
    for (scheme, server, cases, expected) in [
        ("meta", &right, meta, ["kept", "kept"]),
        ("meta", &trusting, meta, ["kept", "broken"]),
        ("meta", &deaf, meta, ["broken", "broken"]),
        ("meta", &refusing, meta, ["broken", "kept"]),
        ("slack", &deaf, slack, ["broken", "kept"]),
        ("slack", &refusing, slack, ["broken", "broken"]),
    ] {
        let outcomes = shake(scheme, server, cases);
        let outcomes: Vec<&str> = outcomes.iter().map(|(_, outcome)| outcome.as_str()).collect();
        assert_eq!(outcomes, expected, "{scheme}");
    }
}

#[test]
fn a_receiver_elsewhere_needs_an_approval_and_one_opens_the_whole_suite() {
    let (_runtime, port) = receiver(None);
    // Not a loopback address to us, and this machine all the same.
    let url = format!("http://0.0.0.0:{port}/hook");
    let folder = folder();
    attack(&folder, &url, &[]).exits(2).says("may not be attacked").says("without --env");
    let env = ["--env", "local", "--observe-header", "x-effects"];
    attack(&folder, &url, &env).exits(2).says("no approval covers it").says("preflight approve");
    let origin = format!("http://0.0.0.0:{port}");
    let approve =
        ["approve", "webhooks", "POST", "/hook", "--env", "local", "--by", "ann", "--why", "a suite", "--until", "1h"];
    folder.preflight_with(&approve, &[("HOOK_URL", &origin)]).exits(0);
    attack(&folder, &url, &env).exits(0);
    let opened = folder.read("reports/ledger.jsonl").matches("\"opened\"").count();
    assert_eq!(opened, 1, "one line for the whole suite");
    attack(&folder, &format!("http://0.0.0.0:{port}/other"), &env).exits(2).says("no approval covers it");
}
