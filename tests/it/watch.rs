//! `preflight watch` as a user types it: what it says, what it keeps, and that nothing is lost when it is killed.

use std::io::Write;
use std::process::Stdio;
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};

use crate::server::{Asked, Server, respond};
use crate::shell::Folder;

/// A service that says that it is well.
fn well(_: &Asked, out: &mut dyn Write) {
    respond(out, "200 OK", &["content-type: application/json"], br#"{"status": "ok"}"#);
}

/// A workspace with one service, whose answer has to say that it is well.
fn folder(url: &str, more: &str) -> Folder {
    let workspace = format!(
        "version: 1\nname: test\nenvironments:\n  staging:\n    base_urls: {{orders: '{url}'}}\nintegrations:\n  orders:\n{more}"
    );
    let probes = "version: 1\nprobes:\n  - name: orders\n    service: api\n    interval_seconds: 1\n    steps:\n      - name: alive\n        \
                  depth: liveness\n        http: {request: GET /health}\n        expect:\n          - the status is 200\n          - '\"$.status\" is \"ok\"'\n";
    Folder::with(&[("preflight.yaml", &workspace), ("fixtures/orders/probes.yaml", probes)])
}

/// What the history holds of minutes: how many good and bad runs.
fn counted(folder: &Folder) -> Option<(i64, i64)> {
    let path = folder.path().join("reports/history/staging.db");
    let history = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).ok()?;
    let query =
        "SELECT coalesce(sum(good), 0), coalesce(sum(error_count), 0) FROM integration_health_checks WHERE span = 60";
    history.query_row(query, [], |row| Ok((row.get(0)?, row.get(1)?))).ok()
}

#[test]
fn what_was_heard_outlives_the_monitor_and_little_is_not_called_healthy() {
    let server = Server::start(well);
    let folder = folder(&format!("http://127.0.0.1:{}", server.port), "");
    folder
        .preflight(&["watch", "--env", "staging", "--listen", "none", "--for", "2"])
        .exits(3)
        .says("watching 1 service in staging");
    let (good, bad) = counted(&folder).expect("a history");
    assert!((1..=3).contains(&good), "{good}");
    assert_eq!(bad, 0);
    // Too few runs for a state: unknown, and a mark where most of the time has no data.
    folder.preflight(&["watch", "--env", "staging", "--show"]).exits(3).says("unknown").says("~100 %");
    let shown = folder.preflight(&["watch", "--env", "staging", "--show", "--json"]).exits(3);
    let overview: serde_json::Value = serde_json::from_str(&shown.out).expect("JSON");
    let schema = serde_json::from_str(include_str!("../../schemas/preflight/overview.json")).expect("a schema");
    let schema = jsonschema::validator_for(&schema).expect("a schema");
    let wrong: Vec<_> = schema.iter_errors(&overview).map(|error| error.to_string()).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    assert_eq!(overview["services"][0]["health"], "unknown");
    assert_eq!(overview["services"][0]["outlooks"][0]["uptime_percent"], 100.0);
    assert!(overview["services"][0]["outlooks"][0]["data_percent"].as_f64().expect("a share") < 95.0);
}

#[test]
fn a_service_that_answers_wrongly_is_counted_and_its_answer_kept() {
    let server = Server::start(|_: &Asked, out: &mut dyn Write| {
        respond(out, "200 OK", &["content-type: application/json"], br#"{"status": "failing"}"#);
    });
    let folder = folder(&format!("http://127.0.0.1:{}", server.port), "");
    folder.preflight(&["watch", "--env", "staging", "--listen", "none", "--for", "2"]);
    let (good, bad) = counted(&folder).expect("a history");
    assert_eq!(good, 0);
    assert!(bad >= 1, "{bad}");
    let history = Connection::open(folder.path().join("reports/history/staging.db")).expect("a history");
    let kept: (String, i64) = history
        .query_row("SELECT document, times FROM failures", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .expect("one");
    assert!(kept.0.contains("failing"), "{}", kept.0);
    assert_eq!(kept.1, bad);
}

#[test]
fn a_monitor_that_is_killed_has_lost_at_most_its_last_seconds() {
    let server = Server::start(well);
    let folder = folder(&format!("http://127.0.0.1:{}", server.port), "");
    let watch = ["watch", "--env", "staging", "--listen", "none"];
    let mut child = folder.command(&watch).stderr(Stdio::null()).stdout(Stdio::null()).spawn().expect("it starts");
    let start = Instant::now();
    while counted(&folder).is_none_or(|(good, _)| good == 0) {
        assert!(start.elapsed() < Duration::from_mins(1), "nothing was written within a minute");
        std::thread::yield_now();
    }
    child.kill().expect("it can be killed");
    child.wait().expect("it ends");
    let (before, _) = counted(&folder).expect("a history");
    folder.preflight(&["watch", "--env", "staging", "--listen", "none", "--for", "2"]).says("history: ");
    let (after, bad) = counted(&folder).expect("a history");
    assert!(after > before, "{before} {after}");
    assert_eq!(bad, 0);
}

#[test]
fn what_cannot_be_used_is_told_and_left_as_it_is() {
    let server = Server::start(well);
    let folder = folder(&format!("http://127.0.0.1:{}", server.port), "");
    let show = ["watch", "--env", "staging", "--show"];
    folder.preflight(&show).exits(3).says("there is no history").says("run `preflight watch --env staging` first");
    folder.write("reports/history/staging.db", &"no database ".repeat(20));
    folder.preflight(&show).exits(2).says("is no history of a monitor, or it is damaged").says("--history");
    assert!(folder.read("reports/history/staging.db").starts_with("no database"));
    let path = folder.path().join("newer.db");
    let newer = Connection::open(&path).expect("a file");
    // `Pref`, the mark of a history.
    newer.pragma_update(None, "application_id", 0x5072_6566).expect("a mark");
    newer.pragma_update(None, "user_version", 99).expect("a version");
    drop(newer);
    let bytes = std::fs::read(&path).expect("a file");
    let newer = ["watch", "--env", "staging", "--for", "1", "--history", "newer.db"];
    folder.preflight(&newer).exits(2).says("newer.db is of version 99").says("hint: use the newer program");
    assert_eq!(std::fs::read(&path).expect("a file"), bytes);
    folder.preflight(&["watch", "--env", "staging", "order"]).exits(2).says("did you mean `orders`?");
    folder.preflight(&["watch", "--env", "stagin"]).exits(2).says("did you mean `staging`?");
}

#[test]
fn a_window_of_maintenance_that_never_comes_is_told() {
    let folder = folder("http://127.0.0.1:9", "maintenance:\n  - {reason: updates, by: me}\n");
    folder
        .preflight(&["watch", "--env", "staging", "--listen", "none", "--for", "1"])
        .exits(2)
        .says("this window of maintenance is none: it needs one of `once` and `monthly`");
}

#[test]
fn an_incident_of_a_service_that_is_not_watched_now_stays_open() {
    let server = Server::start(well);
    let folder = folder(&format!("http://127.0.0.1:{}", server.port), "");
    let probes = folder.read("fixtures/orders/probes.yaml");
    let second = probes.split_once("probes:\n").expect("a list").1.replace("name: orders", "name: returns");
    folder.write("fixtures/orders/probes.yaml", &format!("{probes}{second}"));
    folder.preflight(&["watch", "--env", "staging", "--listen", "none", "--for", "1"]);
    let history = Connection::open(folder.path().join("reports/history/staging.db")).expect("a history");
    let put = |service: &str| {
        let id = format!("{service}-1800000000");
        let document = format!(
            r#"{{"id":"{id}","service":"{service}","severity":"critical","opened":"2027-01-15T08:00:00Z","timeline":[]}}"#
        );
        let row = "INSERT INTO integration_incidents VALUES (?1, 1800000000, NULL, ?2, 'critical', 'open', ?3)";
        history.execute(row, [&id, service, &document]).expect("it is written");
    };
    put("returns");
    put("gone");
    folder.preflight(&["watch", "--env", "staging", "--listen", "none", "--for", "2", "orders"]);
    let query = "SELECT service_name FROM integration_incidents WHERE resolved_at IS NULL";
    let open: String = history.query_row(query, [], |row| row.get(0)).expect("one is open");
    assert_eq!(open, "returns");
    let over = "SELECT service_name FROM integration_incidents WHERE resolved_at IS NOT NULL";
    assert_eq!(history.query_row(over, [], |row| row.get::<_, String>(0)).expect("one is over"), "gone");
}
