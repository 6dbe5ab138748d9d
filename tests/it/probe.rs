//! `preflight probe` as a user types it: Chatwoot's whole matrix, the sixteen defaults, the words for what cannot be told.

use std::io::Write;
use std::net::TcpListener;

use serde_json::{Value, json};

use crate::server::{Asked, Server, respond};
use crate::shell::{Folder, Ran};

const TOKEN: &str = "canary-0123456789-token";

/// A workspace with Chatwoot and the app's endpoints at one address.
fn workspace(url: &str) -> String {
    format!(
        "version: 1\nname: test\nenvironments:\n  staging:\n    base_urls: {{chatwoot: '{url}', webhooks: '{url}'}}\n\
         integrations:\n  chatwoot:\n  webhooks:\npolicy:\n  staging: {{require: [health], integrations: [chatwoot]}}\n"
    )
}

/// How the three questions of the users' matrix are answered.
#[derive(Clone, Copy)]
struct Row {
    /// `GET /health`, and `GET /rails/health`, which is never there.
    health: u16,
    api: u16,
    /// Of the words in the body of `/api`.
    data_services: &'static str,
    auth: u16,
}

const WELL: Row = Row { health: 200, api: 200, data_services: "ok", auth: 200 };

impl Row {
    fn answer(self, asked: &Asked, out: &mut dyn Write) {
        let say = |out: &mut dyn Write, status: u16, body: &Value| {
            let line = format!("{status} X");
            respond(out, &line, &["content-type: application/json", "location: /login"], body.to_string().as_bytes());
        };
        let now = jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M:%S").to_string();
        let knows_us = asked.header("api_access_token") == Some(TOKEN);
        match asked.path.split('?').next().unwrap_or_default() {
            "/health" => say(out, self.health, &json!({"status": "woot"})),
            "/api" => say(
                out,
                self.api,
                &json!({
                    "version": "4.15.1", "timestamp": now, "queue_services": "ok", "data_services": self.data_services,
                }),
            ),
            "/api/v1/profile" if knows_us => say(
                out,
                self.auth,
                &json!({
                    "access_token": TOKEN, "id": 1, "accounts": [{"id": 3, "name": "Acme"}],
                }),
            ),
            "/api/v1/accounts/3/conversations" if knows_us => say(
                out,
                self.auth,
                &json!({"data": {
                    "meta": {"mine_count": 0, "assigned_count": 0, "unassigned_count": 0, "all_count": 0}, "payload": [],
                }}),
            ),
            "/rails/health" => say(out, 404, &json!({"status": 404, "error": "Not Found"})),
            _ => say(out, 401, &json!({"error": "Invalid Access Token"})),
        }
    }
}

fn asks(folder: &Folder, arguments: &[&str]) -> Ran {
    let known = [("CHATWOOT_API_TOKEN", TOKEN), ("CHATWOOT_ACCOUNT_ID", "3")];
    folder.preflight_with(&[&["probe", "chatwoot", "--env", "staging"], arguments].concat(), &known)
}

fn on(row: Row) -> (Folder, Ran) {
    let server = Server::start(move |asked, out| row.answer(asked, out));
    let folder = Folder::with(&[("preflight.yaml", &workspace(&format!("http://127.0.0.1:{}", server.port)))]);
    let ran = asks(&folder, &[]);
    (folder, ran)
}

/// The lines that the run added to Chatwoot's journal.
fn journal(folder: &Folder) -> Vec<Value> {
    let own = |path: &&std::path::PathBuf| path.ends_with("chatwoot_health.jsonl");
    let files = folder.files();
    let path = files.iter().find(own).expect("a journal");
    let day = path.parent().and_then(|day| day.file_name()).expect("a day").to_string_lossy().into_owned();
    assert!(day.parse::<jiff::civil::Date>().is_ok(), "{day}");
    assert!(path.ends_with(format!("artifacts/integrations/{day}/chatwoot_health.jsonl")));
    let text = std::fs::read_to_string(path).expect("the journal");
    text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}

#[test]
fn the_users_matrix_has_one_code_for_each_thing() {
    for (what, row, code, told) in [
        ("200/200/200", WELL, 0, "kept chatwoot (api) 3 steps"),
        ("404/200/200", Row { health: 404, ..WELL }, 0, "this release has no GET /health (it came with 4.11.0)"),
        ("503/503/200", Row { health: 503, api: 503, ..WELL }, 1, "services: expected the status 200, came 503"),
        ("200/200/401", Row { auth: 401, ..WELL }, 1, "profile: expected the status 200, came 401"),
        ("503/503/401", Row { health: 503, api: 503, auth: 401, ..WELL }, 1, "services: expected the status 200"),
        ("200/200/302", Row { auth: 302, ..WELL }, 1, "profile: expected the status 200, came 302"),
        ("200 and failing", Row { data_services: "failing", ..WELL }, 1, "$.data_services is \"failing\""),
    ] {
        let (folder, ran) = on(row);
        assert_eq!(ran.code, Some(code), "{what}\n{}", ran.screen());
        ran.says(told);
        let verdict = journal(&folder).pop().expect("a verdict");
        assert_eq!(verdict["exit_code"], code, "{what}");
        assert_eq!(verdict["verdict"], if code == 0 { "kept" } else { "broken" }, "{what}");
    }
}

#[test]
fn what_cannot_be_told_has_a_word_and_is_never_green() {
    let (listener, folder) = (TcpListener::bind("127.0.0.1:0").expect("a port"), Folder::with(&[]));
    let port = listener.local_addr().expect("an address").port();
    drop(listener);
    folder.write("preflight.yaml", &workspace(&format!("http://127.0.0.1:{port}")));
    asks(&folder, &[]).exits(3).says("services: refused: connection refused");
    folder.write("preflight.yaml", &workspace("http://no-such-host.invalid"));
    asks(&folder, &[]).exits(3).says("services: dns: the name does not resolve");
    // A server that takes the connection and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    folder.write("preflight.yaml", &workspace(&format!("http://{}", silent.local_addr().expect("an address"))));
    asks(&folder, &["--timeout-ms", "300"]).exits(3).says("services: timed-out: no answer within 300 ms");
    let words: Vec<Value> = journal(&folder).into_iter().filter(|line| line["step"] == "verdict").collect();
    let words: Vec<&str> = words.iter().filter_map(|line| line["cannot_tell"].as_str()).collect();
    assert_eq!(words, ["refused", "dns", "timed-out"]);
    // Without a token what needs none is asked all the same, and the rest is not counted as good.
    let server = Server::start(|asked, out| WELL.answer(asked, out));
    folder.write("preflight.yaml", &workspace(&format!("http://127.0.0.1:{}", server.port)));
    folder
        .preflight_with(&["probe", "chatwoot", "--env", "staging"], &[("CHATWOOT_ACCOUNT_ID", "3")])
        .exits(3)
        .says("profile: no-credentials: needs ${CHATWOOT_API_TOKEN}, which has no value in staging");
    assert!(server.asked().iter().any(|asked| asked.path == "/api"));
    assert!(!server.asked().iter().any(|asked| asked.path.contains("profile")));
}

#[test]
fn the_journal_says_everything_and_holds_no_secret() {
    let (folder, ran) = on(WELL);
    // The profile echoes the token, as Chatwoot's does.
    let all: String = folder
        .files()
        .iter()
        .map(|path| String::from_utf8_lossy(&std::fs::read(path).expect("a file")).into_owned())
        .collect();
    assert!(!all.contains(TOKEN) && !ran.err.contains(TOKEN) && !ran.out.contains(TOKEN));
    let lines = journal(&folder);
    let steps: Vec<&str> = lines.iter().filter_map(|line| line["step"].as_str()).collect();
    assert_eq!(steps, ["services", "documented path", "alive", "profile", "conversations", "verdict"]);
    for line in &lines {
        assert!(
            line["ts"].as_str().is_some_and(|ts| ts.ends_with('Z') && ts.parse::<jiff::Timestamp>().is_ok()),
            "{line}"
        );
        for member in ["level", "verdict", "run_id", "probe"] {
            assert!(line[member].is_string(), "{member} of {line}");
        }
        assert_eq!(line["run_id"], lines[0]["run_id"]);
    }
    assert_eq!((&lines[3]["path"], &lines[3]["status"]), (&json!("/api/v1/profile"), &json!(200)));
    // It also says that the documented path is no route there.
    assert_eq!(
        (&lines[1]["path"], &lines[1]["status"], &lines[1]["level"]),
        (&json!("/rails/health"), &json!(404), &json!("warn"))
    );
    let told = lines[1]["msg"].as_array().expect("what it says").last().expect("advice").clone();
    assert!(told.as_str().is_some_and(|told| told.contains("is not a route of any release of Chatwoot")), "{told}");
    // A second run adds to it, and its lines are given to a program that asks for them.
    let server = Server::start(|asked, out| WELL.answer(asked, out));
    folder.write("preflight.yaml", &workspace(&format!("http://127.0.0.1:{}", server.port)));
    let again = asks(&folder, &["--jsonl", "--quiet"]).exits(0);
    assert_eq!(again.out.lines().count(), 6);
    assert_eq!(journal(&folder).len(), 12);
}

#[test]
fn a_probe_colours_the_cell_of_its_environment_and_no_other() {
    let (folder, _) = on(WELL);
    folder.preflight(&["gate", "--env", "staging"]).exits(0);
    let (folder, _) = on(Row { data_services: "failing", ..WELL });
    folder.preflight(&["gate", "--env", "staging"]).exits(1).says("1 of 1 probes broken");
    assert_eq!(folder.record()["kind"], "probe");
    valid(&folder.record(), include_str!("../../schemas/preflight/record.json"));
    folder.preflight(&["evidence", "verify"]).exits(0);
    // The dashboard shows the step that decided, and what was answered.
    folder.preflight(&["report", "--format", "html"]);
    let page = folder.read("reports/index.html");
    assert!(page.contains("Probe <code>chatwoot</code>") && page.contains("data_services"), "the probe is in the page");
}

#[track_caller]
fn valid(document: &Value, schema: &str) {
    let schema: Value = serde_json::from_str(schema).expect("JSON");
    let schema = jsonschema::validator_for(&schema).expect("a schema");
    let wrong: Vec<_> = schema.iter_errors(document).map(|error| error.to_string()).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_defaults_are_the_users_sixteen() {
    // In an empty folder what is shipped is asked; nothing is configured, and each says what it is missing.
    let folder = Folder::with(&[]);
    // No program is to be found: what would start one says so, and downloads nothing.
    let nowhere = [("PATH", "/nonexistent")];
    let ran = folder.preflight_with(&["probe", "--json", "--no-journal", "--timeout-ms", "1"], &nowhere).exits(3);
    let record: Value = serde_json::from_str(&ran.out).expect("a record");
    valid(&record, include_str!("../../schemas/preflight/record.json"));
    let runs = record["details"]["probe"]["runs"].as_array().expect("runs");
    let mut kinds: Vec<&str> = runs.iter().filter_map(|run| run["service"].as_str()).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, [["api"; 4].as_slice(), &["infrastructure"; 3], &["mcp"; 7], &["webhook"; 2]].concat());
    for run in runs {
        assert_ne!(run["outcome"], "kept", "{}", run["probe"]);
    }
    let listed = folder.preflight(&["probe", "--list"]).exits(0);
    assert_eq!(listed.out.lines().count(), 16);
}

#[test]
fn a_probe_that_cannot_fail_is_refused_when_it_is_read() {
    let head = "version: 1\nprobes:\n  - name: own\n    service: api\n    steps:\n";
    for (step, told) in [
        ("{name: a, depth: liveness, http: {request: GET /}}", "fixtures/chatwoot/probes.yaml:6: probes.0.steps.0"),
        (
            "{name: a, depth: liveness, http: {request: GET /}, expect: [the status is 200]}",
            "it promises nothing of what is answered",
        ),
        (
            "{name: a, depth: liveness, http: {request: GET /}, expect: [the status is 200, the answer comes within 5 ms, 'the body does not mention \"x\"']}",
            "it promises nothing of what is answered",
        ),
        (
            "{name: a, depth: liveness, http: {request: GET /}, expect: [the staus is 200]}",
            "the nearest is `the status is {count}`",
        ),
        (
            "{name: a, depth: liveness, http: {request: \"GET /${NO_SUCH}\"}, expect: ['\"$.a\" is 1']}",
            "nothing provides ${NO_SUCH}",
        ),
        (
            "{name: a, depth: liveness, http: {request: GET /, credential: nobody}, expect: ['\"$.a\" is 1']}",
            "there is no credential `nobody`",
        ),
        ("{name: a, depth: liveness, dns: {}, expect: [the status is 200]}", "dns has no status and no headers"),
    ] {
        let own = format!("{head}      - {step}\n");
        let folder = Folder::with(&[
            ("preflight.yaml", &workspace("http://127.0.0.1:9")),
            ("fixtures/chatwoot/probes.yaml", &own),
        ]);
        folder.preflight(&["probe", "--env", "staging"]).exits(2).says(told);
        assert!(!folder.path().join("reports").exists(), "nothing is written");
    }
    let folder = Folder::with(&[("preflight.yaml", &workspace("http://127.0.0.1:9"))]);
    folder.preflight(&["probe", "chatwot", "--env", "staging"]).exits(2).says("did you mean `chatwoot`?");
    folder.preflight(&["probe", "--env", "stagin"]).exits(2).says("did you mean `staging`?");
}

/// Steps of one service over other protocols, with values that one step remembers for the next.
#[test]
fn steps_remember_and_ask_in_other_ways() {
    let server = Server::start(|asked, out| {
        let body = match asked.path.as_str() {
            "/first" => json!({"id": 17}),
            "/items/17" => json!({"id": 17, "name": "x"}),
            _ => json!({"id": null}),
        };
        respond(out, "200 OK", &["content-type: application/json"], body.to_string().as_bytes());
    });
    let probes = "version: 1\nvariables:\n  BEAT: {description: a file}\nprobes:\n  - name: own\n    service: infrastructure\n    steps:\n\
        \x20     - {name: connects, depth: liveness, tcp: {}}\n\
        \x20     - {name: resolves, depth: liveness, dns: {}, expect: ['\"$.addresses\" contains \"127.0.0.1\"']}\n\
        \x20     - {name: first, depth: use, http: {request: GET /first}, remember: {FOUND: $.id}, expect: ['\"$.id\" is \"#integer\"']}\n\
        \x20     - {name: second, depth: use, http: {request: 'GET /items/${FOUND}'}, expect: ['\"$.name\" is \"x\"']}\n\
        \x20     - {name: program, depth: use, command: {run: [sh, -c, 'echo {\\\"state\\\": \\\"ok\\\"}']}, expect: ['\"$.state\" is \"ok\"']}\n\
        \x20     - {name: reports, depth: use, heartbeat: {file: beat, within_seconds: 3600}}\n";
    let folder = Folder::with(&[
        ("preflight.yaml", &workspace(&format!("http://127.0.0.1:{}", server.port))),
        ("fixtures/chatwoot/probes.yaml", probes),
    ]);
    folder.preflight(&["probe", "own", "--env", "staging"]).exits(1).says("reports: it never reported");
    folder.write("beat", "");
    folder.preflight(&["probe", "own", "--env", "staging"]).exits(0).says("kept own (infrastructure) 6 steps");
    let record = folder.record();
    let steps = record["details"]["probe"]["runs"][0]["steps"].as_array().expect("steps").clone();
    assert_eq!(steps[4]["document"]["text"], "{\"state\": \"ok\"}\n");
    assert_eq!(steps[3]["exchanges"][0]["path"], "/items/17");
}
