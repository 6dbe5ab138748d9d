//! Chatwoot's community clients, unchanged, against `preflight serve chatwoot`.
//!
//! npm `@figuro/chatwoot-sdk` 1.1.17 sends messages as multipart forms and the token twice; `PyPI` `chatwoot-sdk` 0.2.0 opens
//! the envelope of every answer. `PyPI` `chatwoot-client` 0.1.2 is not here: its actions print a URL and ask nobody.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::peer::skipped;

/// `preflight serve --json chatwoot`, ended with the test.
struct Server {
    process: Child,
    environment: Vec<(String, String)>,
}

impl Server {
    fn start() -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_preflight"))
            .args(["serve", "--json", "chatwoot"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("preflight starts");
        let mut line = String::new();
        BufReader::new(process.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
        let ready: Value = serde_json::from_str(&line).expect("a line of JSON once it answers");
        let variables = ready["environment"].as_object().expect("what clients read");
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let environment = variables.iter().map(|(name, value)| (name.clone(), text(value))).collect();
        Self { process, environment }
    }

    /// Runs a client against it and gives what the client saw.
    fn show(&self, program: &Path, script: &str, variables: &[(&str, &Path)]) -> Value {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/chatwoot").join(script);
        let output = Command::new(program)
            .arg(script)
            .envs(self.environment.iter().cloned())
            .envs(variables.iter().copied())
            .output()
            .expect("the client starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        serde_json::from_slice(&output.stdout).expect("what it saw, as JSON")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Where a peer was installed (`tests/peers/install-chatwoot.sh`); None, and a word about it, where it was not.
fn peer(variable: &str, below_target: &str) -> Option<PathBuf> {
    let usual = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/peers/chatwoot").join(below_target);
    let named = std::env::var_os(variable).map(PathBuf::from);
    let found = named.into_iter().chain([usual]).find(|path| path.exists());
    if found.is_none() {
        skipped(&format!("Chatwoot's community clients (tests/peers/install-chatwoot.sh, or {variable})"));
    }
    found
}

#[test]
fn the_javascript_client_works_unchanged() {
    let Some(modules) = peer("PREFLIGHT_PEER_CHATWOOT_NODE", "node_modules") else { return };
    let server = Server::start();
    let seen = server.show(Path::new("node"), "sdk.cjs", &[("NODE_PATH", &modules)]);
    let error = |status: u16, text: &str| json!({"status": status, "body": {"error": text}});
    let expected = json!({
        "profile": "administrator",
        "pages": [25, 3],
        "counts": 28,
        "filtered": 2,
        "note": {"private": true, "type": 1, "attributes": {"ai_generated": true}, "content": "Draft ½"},
        "reply": {"private": false, "sender": "user"},
        "thread": ["Draft ½", "Reply"],
        "deleted": "This message was deleted",
        "labels": ["urgent"],
        "assigned": 2,
        "unassigned": null,
        "status": "resolved",
        "conversation": "resolved",
        "contact": "sdk@customers.example.test",
        "found": 1,
        "inboxes": 3,
        "inbox": "Channel::Api",
        "hook": ["message_created"],
        "hooks": 1,
        "wrongToken": error(401, "Invalid Access Token"),
        "noRight": error(401, "You are not authorized to do this action"),
        "notFound": error(404, "Resource could not be found"),
        "refused": error(422, "Incoming messages are only allowed in Api inboxes"),
    });
    assert_eq!(seen, expected, "{seen:#}");
}

#[test]
fn the_python_client_works_unchanged() {
    let Some(python) = peer("PREFLIGHT_PEER_CHATWOOT_PYTHON", "python/bin/python") else { return };
    let server = Server::start();
    let seen = server.show(&python, "sdk.py", &[]);
    let expected = json!({
        "profile": "administrator",
        "pages": [25, 3, 0],
        "labelled": [1],
        "counts": 28,
        "conversation": {"status": "open", "priority": "high"},
        "note": {"private": true, "type": 1, "sender": "user"},
        "reply": {"private": false, "sender": "user"},
        "thread": ["Draft", "Reply"],
        "labels": ["urgent"],
        "toggled": "resolved",
        "assigned": null,
        "contacts": 15,
        "found": [1],
        "contact": "nora@customers.example.test",
        "inboxes": ["Channel::Api", "Channel::Email", "Channel::WebWidget"],
        "agents": 3,
        "teams": 2,
        "wrong_token": {"kind": "ChatwootAuthError", "status": 401},
        "not_found": {"kind": "ChatwootNotFoundError", "status": 404},
        "stranger": {"kind": "ChatwootAuthError", "status": 401},
    });
    assert_eq!(seen, expected, "{seen:#}");
}
