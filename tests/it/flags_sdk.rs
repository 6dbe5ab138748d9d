//! Unleash's official Node client and OpenFeature's SDK over OFREP, unchanged, against `preflight serve flags`.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::flags_twin::Twin;
use crate::peer::skipped;

/// Where the clients were installed (`tests/peers/install-flags.sh`); None, and a word about it, where they were not.
fn modules() -> Option<PathBuf> {
    let usual = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/peers/flags/node_modules");
    let named = std::env::var_os("PREFLIGHT_PEER_FLAGS_NODE").map(PathBuf::from);
    let found = named.into_iter().chain([usual]).find(|path| path.join("unleash-client").exists());
    if found.is_none() {
        skipped("unleash-client and @openfeature/server-sdk (tests/peers/install-flags.sh)");
    }
    found
}

#[test]
fn the_official_clients_read_flags_unchanged() {
    let Some(modules) = modules() else { return };
    let twin = Twin::start(&[]);
    let output = Command::new("node")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/flags/sdk.cjs"))
        .env("NODE_PATH", modules)
        .envs(twin.environment.clone())
        .output()
        .expect("node starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let seen: Value = serde_json::from_slice(&output.stdout).expect("what they saw, as JSON");
    let expected = json!({
        "registered": true,
        "flags": ["chatwoot.pilot", "dashboard.new-tile", "shopify.live", "supabase_idea_pool"],
        "before": [false, false],
        "live": { "value": true, "reason": "STATIC", "variant": "on" },
        "missing": { "value": true, "reason": "ERROR", "errorCode": "FLAG_NOT_FOUND" },
        "pilot": [
            { "value": true, "reason": "TARGETING_MATCH", "variant": "on" },
            { "value": false, "reason": "TARGETING_MATCH", "variant": "off" },
        ],
        "pilotByUnleash": [true, false],
        "rollout": { "differing": 0, "half": true },
        "turned": 200,
        "changed": true,
        "after": [true, true],
        "back": [false, false],
        "metrics": true,
        "failures": [],
    });
    for (name, expected) in expected.as_object().expect("members") {
        assert_eq!(&seen[name], expected, "{name}");
    }
}
