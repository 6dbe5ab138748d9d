//! Supabase's official JavaScript client, unchanged, against `preflight serve supabase`.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::peer::skipped;

/// `preflight serve --json supabase`, ended with the test.
struct Server(Child);

impl Server {
    fn start() -> (Self, Vec<(String, String)>) {
        let mut process = Command::new(env!("CARGO_BIN_EXE_preflight"))
            .args(["serve", "--json", "supabase"])
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
        (Self(process), variables.iter().map(|(name, value)| (name.clone(), text(value))).collect())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Where the client was installed (`tests/peers/install-supabase.sh`); None, and a word about it, where it was not.
fn modules() -> Option<PathBuf> {
    let usual = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/peers/supabase/node_modules");
    let named = std::env::var_os("PREFLIGHT_PEER_SUPABASE_NODE").map(PathBuf::from);
    let found = named.into_iter().chain([usual]).find(|path| path.join("@supabase/supabase-js").exists());
    if found.is_none() {
        skipped("@supabase/supabase-js (tests/peers/install-supabase.sh)");
    }
    found
}

#[test]
fn the_official_client_works_unchanged() {
    let Some(modules) = modules() else { return };
    let (server, environment) = Server::start();
    let output = Command::new("node")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/supabase/sdk.cjs"))
        .env("NODE_PATH", modules)
        .envs(environment)
        .output()
        .expect("node starts");
    drop(server);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let seen: Value = serde_json::from_slice(&output.stdout).expect("what it saw, as JSON");
    let rows = |data: Value| json!({ "status": 200, "data": data });
    let expected = json!({
        "tile": ["urgent", "medium", "low", "high", "high"],
        "counted": { "status": 206, "data": [{ "id": 1 }, { "id": 2 }], "count": 24 },
        "head": { "status": 200, "data": null, "count": 24 },
        "filtered": rows(json!([{ "id": "idea-1" }])),
        "or": rows(json!([{ "id": "idea-1" }, { "id": "idea-3" }])),
        "text": rows(json!([{ "id": "idea-1" }])),
        "contains": rows(json!([{ "keyword": "dog thermos" }])),
        "embedded": rows(json!([{
            "experiment_key": "pdp_hero", "experiment_results": [{ "variant": "control" }, { "variant": "video" }],
        }])),
        "single": rows(json!({ "title": "Bundle stove and mug" })),
        "maybe": rows(Value::Null),
        "none": {
            "status": 406, "code": "PGRST116", "message": "JSON object requested, multiple (or no) rows returned",
        },
        "csv": rows(json!("id,name\n1,winter\n2,kitchen\n3,pets")),
        "inserted": { "status": 201, "data": [{ "id": "sdk", "status": "draft" }] },
        "many": { "status": 201, "data": [{ "name": "one" }, { "name": "two" }] },
        "upserted": rows(json!({ "id": "sdk", "title": "Merged" })),
        "ignored": { "status": 201, "data": [] },
        "updated": { "status": 204, "data": null, "count": 1 },
        "deleted": rows(json!([{ "id": "sdk", "reviewer": "kim" }])),
        "duplicate": {
            "status": 409, "code": "23505",
            "message": "duplicate key value violates unique constraint \"idea_pool_pkey\"",
        },
        "missing": { "status": 404, "code": "42P01", "message": "relation \"public.no_such_table\" does not exist" },
        "matched": rows(json!([{ "id": 1, "content": "Returns are free for 30 days.", "similarity": 1 }])),
        "sum": rows(json!(3)),
        "sumByGet": rows(json!(3)),
        "nothing": { "status": 204, "data": null },
        "raised": { "status": 400, "code": "P0001", "message": "A suggestion needs a reviewer" },
        "visitorSees": 2,
        "newVisitorSees": 2,
        "userSees": 5,
        "visitorWrites": {
            "status": 401, "code": "42501",
            "message": "new row violates row-level security policy for table \"operator_notes\"",
        },
        "userWrites": { "status": 201, "data": { "body": "mine" } },
        "userReadsLog": { "status": 403, "code": "42501", "message": "permission denied for table audit_log" },
    });
    for (name, expected) in expected.as_object().expect("members") {
        assert_eq!(&seen[name], expected, "{name}");
    }
    assert_eq!(seen.as_object().map(serde_json::Map::len), expected.as_object().map(serde_json::Map::len));
}
