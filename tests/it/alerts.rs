//! Alerts as a user sees them: who is told what, once, and what is said where that cannot be done.

use std::io::Write;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::server::{Asked, Server, respond};
use crate::shell::Folder;

/// A service that is well or not, as the test says.
pub struct Service {
    server: Server,
    is_well: Arc<AtomicBool>,
}

impl Service {
    pub fn start() -> Self {
        let is_well = Arc::new(AtomicBool::new(true));
        let well = Arc::clone(&is_well);
        let server = Server::start(move |_: &Asked, out: &mut dyn Write| {
            let status = if well.load(Ordering::SeqCst) { "200 OK" } else { "503 Service Unavailable" };
            respond(out, status, &["content-type: application/json"], br#"{"status": "ok"}"#);
        });
        Self { server, is_well }
    }

    pub fn is(&self, well: bool) {
        self.is_well.store(well, Ordering::SeqCst);
    }

    pub fn asked(&self) -> usize {
        self.server.asked().len()
    }

    /// A workspace that watches it, with these alerts.
    pub fn folder(&self, alerts: &str) -> Folder {
        let port = self.server.port;
        let workspace = format!(
            "version: 1\nname: test\nenvironments:\n  staging:\n    dotenv: .env.staging\n    base_urls: {{orders: 'http://127.0.0.1:{port}'}}\n\
             integrations:\n  orders:\nalerts:\n  settle_seconds: 1\n{alerts}"
        );
        let probes = "version: 1\nprobes:\n  - name: orders\n    service: api\n    interval_seconds: 1\n    steps:\n      - name: alive\n        \
                      depth: liveness\n        http: {request: GET /health}\n        expect:\n          - the status is 200\n          - '\"$.status\" is \"ok\"'\n";
        let secrets = "PAGER_KEY=R0123456789abcdefRSECRETcanary\n";
        Folder::with(&[
            ("preflight.yaml", &workspace),
            ("fixtures/orders/probes.yaml", probes),
            (".env.staging", secrets),
        ])
    }
}

/// `PagerDuty` on this machine: takes every event.
pub fn pagerduty() -> Server {
    Server::start(|_: &Asked, out: &mut dyn Write| taken(out))
}

pub fn taken(out: &mut dyn Write) {
    let body = br#"{"status":"success","message":"Event processed","dedup_key":"k"}"#;
    respond(out, "202 Accepted", &["content-type: application/json"], body);
}

/// The channel of such a server.
pub const PAGER: &str = "  channels:\n    oncall: {pagerduty: {routing_key: '${PAGER_KEY}', url: '${PAGER_URL}'}}\n";

/// Action and key of each event that came.
pub fn events(server: &Server) -> Vec<(String, String)> {
    let event = |asked: &Asked| {
        let body: Value = serde_json::from_str(&asked.body).expect("JSON");
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        (text("event_action"), text("dedup_key"))
    };
    server.asked().iter().map(event).collect()
}

/// A monitor that runs until the test has seen enough.
pub struct Monitor {
    child: Child,
    log: std::path::PathBuf,
}

impl Monitor {
    pub fn start(folder: &Folder, variables: &[(&str, &str)]) -> Self {
        let log = folder.path().join("watch.log");
        let said = std::fs::File::create(&log).expect("a file");
        let mut command = folder.command(&["watch", "--env", "staging", "--every", "1"]);
        command.envs(variables.iter().copied()).stdout(Stdio::null()).stderr(said);
        Self { child: command.spawn().expect("it starts"), log }
    }

    /// What it has said so far.
    pub fn said(&self) -> String {
        std::fs::read_to_string(&self.log).expect("what it says")
    }

    #[track_caller]
    pub fn says(&self, text: &str) {
        until(text, || self.said().contains(text));
    }

    /// Ends it as Ctrl-C does, and gives all that it said.
    pub fn ends(mut self) -> String {
        let id = self.child.id().to_string();
        assert!(std::process::Command::new("kill").args(["-INT", &id]).status().expect("kill runs").success());
        self.child.wait().expect("it ends");
        self.said()
    }

    /// As `kill -9` does it.
    pub fn kill(mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it ends");
    }
}

impl Drop for Monitor {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Waits until something is so.
#[track_caller]
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(90), "not within ninety seconds: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

pub fn url(server: &Server) -> String {
    format!("http://127.0.0.1:{}", server.port)
}

#[test]
fn an_outage_is_one_trigger_and_one_resolve_with_one_key() {
    let (service, pager) = (Service::start(), pagerduty());
    let folder = service.folder(PAGER);
    let monitor = Monitor::start(&folder, &[("PAGER_URL", &url(&pager))]);
    until("it is asked while it is well", || service.asked() >= 2);
    assert_eq!(events(&pager), []);
    service.is(false);
    until("a trigger came", || !events(&pager).is_empty());
    let asked = service.asked();
    until("it fails for longer", || service.asked() >= asked + 2);
    service.is(true);
    until("a resolve came", || events(&pager).len() >= 2);
    let asked = service.asked();
    until("it is well for longer", || service.asked() >= asked + 3);
    drop(monitor);
    let [(first, key), (last, other)] = events(&pager).try_into().expect("two events");
    assert_eq!((first.as_str(), last.as_str()), ("trigger", "resolve"));
    assert_eq!(key, other);
    assert!(key.starts_with("preflight/test/staging/orders-"), "{key}");
    let body: Value = serde_json::from_str(&pager.asked()[0].body).expect("JSON");
    assert_eq!(body["routing_key"], "R0123456789abcdefRSECRETcanary");
    assert_eq!(body["payload"]["severity"], "critical");
    let summary = body["payload"]["summary"].as_str().expect("a summary");
    assert!(summary.starts_with("orders fails in staging: 3 bad runs in a row (alive"), "{summary}");
    // The secret is where it has to be and nowhere else.
    for path in folder.files().into_iter().filter(|path| !path.ends_with(".env.staging")) {
        let bytes = std::fs::read(&path).expect("a file");
        assert!(!String::from_utf8_lossy(&bytes).contains("RSECRETcanary"), "{}", path.display());
    }
}

#[test]
fn a_monitor_says_what_it_does_and_the_ledger_has_a_receipt() {
    let (service, pager) = (Service::start(), pagerduty());
    service.is(false);
    let folder = service.folder(PAGER);
    let monitor = Monitor::start(&folder, &[("PAGER_URL", &url(&pager))]);
    for text in [
        "alerts go to oncall",
        "alert to oncall: trigger orders",
        "alert delivered to oncall (trigger orders): 202 Event processed",
    ] {
        monitor.says(text);
    }
    let ledger = || std::fs::read_to_string(folder.path().join("reports/ledger.jsonl")).unwrap_or_default();
    until("the ledger has a receipt", || ledger().ends_with('\n'));
    assert!(!monitor.ends().contains("not delivered"));
    let ledger = ledger();
    let entry: Value = serde_json::from_str(ledger.lines().last().expect("an entry")).expect("JSON");
    let receipt = &entry["body"]["receipt"];
    assert_eq!((&receipt["channel"], &receipt["delivered"]), (&Value::from("oncall"), &Value::from(true)));
    assert_eq!(receipt["key"], Value::from(events(&pager)[0].1.clone()));
    let schema = serde_json::from_str(include_str!("../../schemas/preflight/ledger.json")).expect("a schema");
    let schema = jsonschema::validator_for(&schema).expect("a schema");
    let wrong: Vec<_> = schema.iter_errors(&entry).map(|error| error.to_string()).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    folder.preflight(&["evidence", "verify"]).exits(0);
    folder.preflight(&["evidence", "list"]).exits(0);
    // A receipt is no evidence of anything.
    let gate = folder.preflight(&["gate", "--env", "staging"]);
    assert_ne!(gate.code, Some(0), "{}", gate.screen());
}

#[test]
fn an_hour_of_429_loses_nothing_and_delays_nobody_else() {
    let service = Service::start();
    let calm = Server::start(|_: &Asked, out: &mut dyn Write| {
        let body = br#"{"status":"throttle exceeded","message":"Please retry later.","errors":["Enhance Your Calm."]}"#;
        respond(out, "429 Too Many Requests", &["retry-after: 3600"], body);
    });
    let hook = Server::start(|_: &Asked, out: &mut dyn Write| respond(out, "200 OK", &[], b"ok"));
    let alerts = format!("{PAGER}    hook: {{webhook: {{url: '${{HOOK_URL}}', secret: '${{HOOK_SECRET}}'}}}}\n");
    let folder = service.folder(&alerts);
    service.is(false);
    let (calm_url, hook_url) = (url(&calm), url(&hook));
    let variables = [
        ("PAGER_URL", calm_url.as_str()),
        ("HOOK_URL", hook_url.as_str()),
        ("HOOK_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
    ];
    let monitor = Monitor::start(&folder, &variables);
    monitor.says("alert delivered to hook (trigger orders): 200 ok");
    monitor
        .says("alert not delivered to oncall (trigger orders): it answers 429 Please retry later.: Enhance Your Calm.");
    let said = monitor.ends();
    assert!(said.contains("not delivered yet: 1 alert; the next `preflight watch` goes on with it"), "{said}");
    assert_eq!(calm.asked().len(), 1, "who asks for an hour is left alone");
    // Once is no trouble yet.
    let shown = folder.preflight(&["watch", "--env", "staging", "--show"]);
    assert!(!shown.err.contains("alerts do not reach"), "{}", shown.err);
    folder
        .preflight(&["alert", "outbox", "--env", "staging"])
        .exits(1)
        .says("oncall trigger orders, 1 attempt: it answers 429");
    // The next monitor leaves it alone too.
    let asked = service.asked();
    let monitor = Monitor::start(&folder, &variables);
    until("it is asked again", || service.asked() >= asked + 2);
    let said = monitor.ends();
    assert!(said.contains("not delivered yet: 1 alert"), "{said}");
    assert_eq!((calm.asked().len(), hook.asked().len()), (1, 1));
}

#[test]
fn what_is_not_there_or_not_declared_is_told_before_anything_is_asked() {
    let service = Service::start();
    let folder = service.folder(PAGER);
    folder
        .preflight(&["watch", "--env", "staging", "--for", "1"])
        .exits(2)
        .says("alerts.channels.oncall.pagerduty.url: the variable `PAGER_URL` is not set in environment `staging`")
        .says("--no-alerts");
    folder.preflight(&["alert", "test", "--env", "staging"]).exits(2).says("the variable `PAGER_URL` is not set");
    folder.preflight(&["alert", "test", "oncal", "--env", "staging"]).exits(2).says("did you mean `oncall`?");
    assert_eq!(service.asked(), 0);
    folder.preflight(&["watch", "--env", "staging", "--for", "1", "--no-alerts"]).exits(3);
    let none = service.folder("  rules: {}\n");
    none.preflight(&["alert", "test", "--env", "staging"]).exits(3).says("no channel is used in staging");
}

#[test]
fn a_workspace_that_cannot_be_meant_so_is_told_with_its_line() {
    let service = Service::start();
    let bad = service.folder(
        "  channels:\n    ops: {slack: {url: 'https://hooks.slack.com/services/T/B/canary'}}\n    two: {}\n  page: [opps]\n  rules:\n    own: {to: [ops]}\n",
    );
    let ran = bad.preflight(&["watch", "--env", "staging", "--for", "1"]).exits(2);
    assert!(!ran.err.contains("canary"), "{}", ran.err);
    ran.says("preflight.yaml:12: alerts.channels.ops.slack.url: a secret is named here and not written")
        .says("preflight.yaml:13: alerts.channels.two: a channel is exactly one of")
        .says("preflight.yaml:14: alerts.page.0: unknown channel `opps` (did you mean `ops`?)")
        .says("preflight.yaml:16: alerts.rules.own: a rule of its own name needs a condition");
    let unknown = service.folder("  chanels: {}\n");
    unknown.preflight(&["lint"]).exits(2).says("alerts: unknown key `chanels`").says("did you mean `channels`?");
}

#[test]
fn a_slack_that_takes_no_blocks_gets_text_and_one_that_takes_neither_is_given_up() {
    let service = Service::start();
    let folder = service.folder("  channels:\n    ops: {slack: {url: '${SLACK_URL}'}}\n");
    let tried = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&tried);
    let plain = Server::start(move |asked: &Asked, out: &mut dyn Write| {
        count.fetch_add(1, Ordering::SeqCst);
        if asked.body.contains("\"blocks\"") {
            respond(out, "400 Bad Request", &[], b"invalid_blocks");
        } else {
            respond(out, "200 OK", &[], b"ok");
        }
    });
    let address = format!("{}/services/T/B/canary-of-slack", url(&plain));
    let test = ["alert", "test", "ops", "--env", "staging"];
    folder.preflight_with(&test, &[("SLACK_URL", &address)]).exits(0).says("ops taken: 200 ok");
    assert_eq!(tried.load(Ordering::SeqCst), 2);
    assert_eq!(plain.asked()[1].path, "/services/T/B/canary-of-slack");
    let body: Value = serde_json::from_str(&plain.asked()[1].body).expect("JSON");
    assert_eq!(body.as_object().expect("an object").keys().collect::<Vec<_>>(), ["text"]);
    let never = Server::start(|asked: &Asked, out: &mut dyn Write| {
        respond(out, "400 Bad Request", &[], format!("invalid_payload {}", asked.path).as_bytes());
    });
    let address = format!("{}/services/T/B/canary-of-slack", url(&never));
    let ran = folder.preflight_with(&test, &[("SLACK_URL", &address)]).exits(1);
    assert!(!ran.err.contains("canary-of-slack"), "{}", ran.err);
    ran.says("ops not taken: it refuses with 400 invalid_payload [redacted]");
    assert_eq!(never.asked().len(), 2);
}

#[test]
fn a_webhook_is_signed_so_that_the_reference_library_believes_it() {
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let service = Service::start();
    let folder = service.folder("  channels:\n    hook: {webhook: {url: '${HOOK_URL}', secret: '${HOOK_SECRET}'}}\n");
    let hook = Server::start(|_: &Asked, out: &mut dyn Write| respond(out, "204 No Content", &[], b""));
    let address = format!("{}/in", url(&hook));
    let variables = [("HOOK_URL", address.as_str()), ("HOOK_SECRET", SECRET)];
    folder.preflight_with(&["alert", "test", "--env", "staging"], &variables).exits(0).says("hook taken: 204");
    let [asked] = hook.asked().try_into().expect("one");
    let mut headers = http::HeaderMap::new();
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        headers.insert(name, asked.header(name).expect("a header").parse().expect("a value"));
    }
    let library = standardwebhooks::Webhook::new(SECRET).expect("a secret");
    library.verify(asked.body.as_bytes(), &headers).expect("it is believed");
    assert!(library.verify(asked.body.replace("test", "tost").as_bytes(), &headers).is_err());
    assert!(!headers["webhook-id"].to_str().expect("text").contains('.'));
    let body: Value = serde_json::from_str(&asked.body).expect("JSON");
    assert_eq!(body["type"], "preflight.alert.test");
    // A secret that is none is told before anything is sent.
    let wrong = [("HOOK_URL", address.as_str()), ("HOOK_SECRET", "whsec_!!!")];
    let ran = folder.preflight_with(&["alert", "test", "--env", "staging"], &wrong).exits(2);
    ran.says("alerts.channels.hook: the secret signs nothing: the secret is not base64");
    assert_eq!(hook.asked().len(), 1);
}

#[test]
fn a_test_pages_nobody_for_longer_than_it_takes() {
    let (service, pager) = (Service::start(), pagerduty());
    let folder = service.folder(PAGER);
    let ran = folder
        .preflight_with(&["alert", "test", "--env", "staging", "--json"], &[("PAGER_URL", &url(&pager))])
        .exits(0);
    let told: Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!((&told[0]["channel"], &told[0]["taken"]), (&Value::from("oncall"), &Value::from(true)));
    let events = events(&pager);
    assert_eq!(events.iter().map(|(action, _)| action.as_str()).collect::<Vec<_>>(), ["trigger", "resolve"]);
    assert_eq!(events[0].1, events[1].1);
    let body: Value = serde_json::from_str(&pager.asked()[0].body).expect("JSON");
    assert_eq!(body["payload"]["severity"], "info");
}

#[test]
fn an_alertmanager_is_told_in_its_own_words() {
    let service = Service::start();
    let folder =
        service.folder("  channels:\n    prom: {alertmanager: {url: '${PROM_URL}/am', token: '${PROM_TOKEN}'}}\n");
    let prom = Server::start(|_: &Asked, out: &mut dyn Write| respond(out, "200 OK", &[], b""));
    let address = url(&prom);
    let variables = [("PROM_URL", address.as_str()), ("PROM_TOKEN", "token-of-a-test")];
    folder.preflight_with(&["alert", "test", "--env", "staging"], &variables).exits(0).says("prom taken: 200");
    let [asked] = prom.asked().try_into().expect("one");
    assert_eq!((asked.method.as_str(), asked.path.as_str()), ("POST", "/am/api/v2/alerts"));
    assert_eq!(asked.header("authorization"), Some("Bearer token-of-a-test"));
    let body: Value = serde_json::from_str(&asked.body).expect("JSON");
    assert_eq!(body[0]["labels"]["severity"], "info");
}

#[test]
fn a_channel_that_refuses_is_told_to_the_others_and_in_the_overview() {
    let (service, pager) = (Service::start(), pagerduty());
    let refuses = Server::start(|_: &Asked, out: &mut dyn Write| respond(out, "403 Forbidden", &[], b"invalid_token"));
    let alerts = format!("{PAGER}    ops: {{slack: {{url: '${{SLACK_URL}}'}}}}\n");
    let folder = service.folder(&alerts);
    service.is(false);
    let (pager_url, slack_url) = (url(&pager), url(&refuses));
    let monitor = Monitor::start(&folder, &[("PAGER_URL", &pager_url), ("SLACK_URL", &slack_url)]);
    monitor.says("alert given up for ops (trigger orders): it refuses with 403 invalid_token");
    until("the other channel was told of both", || events(&pager).len() >= 2);
    drop(monitor.ends());
    let summary = |asked: &Asked| {
        let body: Value = serde_json::from_str(&asked.body).expect("JSON");
        body["payload"]["summary"].as_str().unwrap_or_default().to_owned()
    };
    let told: Vec<String> = pager.asked().iter().map(summary).collect();
    let about =
        "Alerts do not reach ops: 1 alert could not be delivered after 1 attempt: it refuses with 403 invalid_token";
    assert!(told.iter().any(|it| it == about), "{told:?}");
    let shown = folder.preflight(&["watch", "--env", "staging", "--show", "--json"]);
    let overview: Value = serde_json::from_str(&shown.out).expect("JSON");
    assert_eq!(overview["undelivered"]["ops"]["why"], "it refuses with 403 invalid_token");
    let schema = serde_json::from_str(include_str!("../../schemas/preflight/overview.json")).expect("a schema");
    let schema = jsonschema::validator_for(&schema).expect("a schema");
    let wrong: Vec<_> = schema.iter_errors(&overview).map(|error| error.to_string()).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    shown.says("alerts do not reach ops: 1 alert could not be delivered");
}
