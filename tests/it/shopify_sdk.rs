//! Shopify's official clients, unchanged, against `preflight serve --tls shopify`.
//!
//! They know https and `*.myshopify.com` only: a hook maps the shop's host to the twin (`tests/peers/shopify`), which
//! serves TLS under the shop's name.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::peer::skipped;
use crate::serve::Served;

/// Runs a client against a twin of its own and gives what the client saw.
fn show(settings: &[&str], command: &mut Command) -> Value {
    let arguments: Vec<_> = ["--tls", "shopify"].into_iter().chain(settings.iter().copied()).collect();
    let served = Served::start(&arguments, 1);
    let twin = served.twin("shopify");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let variables = twin["environment"].as_object().expect("what clients read");
    let certificate = text(&twin["certificate"]);
    let output = command
        .envs(variables.iter().map(|(name, value)| (name, text(value))))
        .env("NODE_EXTRA_CA_CERTS", &certificate)
        .env("SSL_CERT_FILE", &certificate)
        .output()
        .expect("the client starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    serde_json::from_slice(&output.stdout).expect("what it saw, as JSON")
}

fn node(modules: &Path, script: &str, settings: &[&str]) -> Value {
    let mut node = Command::new("node");
    node.arg("--require").arg(here("redirect.cjs")).arg(here(script)).env("NODE_PATH", modules);
    show(settings, &mut node)
}

fn here(script: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/shopify").join(script)
}

/// Where a peer was installed (`tests/peers/install-shopify.sh`); None, and a word about it, where it was not.
fn peer(variable: &str, below_target: &str) -> Option<PathBuf> {
    let usual = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/peers/shopify").join(below_target);
    let named = std::env::var_os(variable).map(PathBuf::from);
    let found = named.into_iter().chain([usual]).find(|path| path.exists());
    if found.is_none() {
        skipped(&format!("Shopify's official clients (tests/peers/install-shopify.sh, or {variable})"));
    }
    found
}

#[test]
fn shopify_api_for_javascript_works_unchanged() {
    let Some(modules) = peer("PREFLIGHT_PEER_SHOPIFY_NODE", "node_modules") else { return };
    let seen = node(&modules, "api.mjs", &[]);
    let expected = json!({
        "shop": "preflight-twin.myshopify.com",
        "products": 2,
        "cost": "number",
        "servedVersion": ["2026-07"],
        "invalid": ["GraphqlQueryError", "undefinedField"],
        "denied": ["GraphqlQueryError", "ACCESS_DENIED"],
        "refused": ["HttpResponseError", 401],
        "pages": [2, 2, 1],
        "lastPage": true,
        "previous": 2,
        "missing": ["HttpResponseError", 404],
        "unprocessable": ["HttpResponseError", 422, { "title": ["can't be blank"] }],
        "exchanged": [false, true, true],
        "exchangedWorks": "preflight-twin.myshopify.com",
        "rotated": true,
        "spent": ["HttpResponseError", 400, "invalid_grant"],
        "online": [true, "avery@example.com"],
        "clientCredentials": true,
        "registered": { "products": true, "themes": false },
        "registeredAgain": 0,
        "throttled": ["HttpThrottlingError", 429, 2],
        "deprecationLogged": true,
    });
    assert_eq!(seen, expected, "{seen:#}");
}

#[test]
fn admin_api_client_for_javascript_works_unchanged() {
    let Some(modules) = peer("PREFLIGHT_PEER_SHOPIFY_NODE", "node_modules") else { return };
    let seen = node(&modules, "admin.mjs", &[]);
    let expected = json!({
        "product": "AN-8 fuel line kit",
        "variants": 2,
        "errors": null,
        "cost": {
            "requestedQueryCost": 8,
            "actualQueryCost": 5,
            "throttleStatus": { "maximumAvailable": 2000, "currentlyAvailable": 1995, "restoreRate": 100 },
        },
        "invalid": [200, "undefinedField", null],
        "refused": [401, true],
        "costly": "MAX_COST_EXCEEDED",
        "old": [200, "2026-01"],
    });
    assert_eq!(seen, expected, "{seen:#}");
}

#[test]
fn a_throttled_javascript_client_is_answered_after_the_computed_wait() {
    let Some(modules) = peer("PREFLIGHT_PEER_SHOPIFY_NODE", "node_modules") else { return };
    let seen = node(&modules, "throttled.mjs", &["--set", "shopify.points-available=0"]);
    assert_eq!(seen, json!({ "status": 200, "code": "THROTTLED", "waited": true, "orders": 6 }));
}

#[test]
fn shopify_api_for_python_works_unchanged() {
    let Some(python) = peer("PREFLIGHT_PEER_SHOPIFY_PYTHON", "python/bin/python") else { return };
    let seen = show(&[], Command::new(python).arg(here("api.py")));
    let expected = json!({
        "shop": "preflight-twin.myshopify.com",
        "call_limit": 40,
        "calls_left": true,
        "products": 5,
        "distinct": 5,
        "variants": 2,
        "saved": true,
        "title": "Fuel line kit",
        "saved_blank": false,
        "messages": ["title can't be blank"],
        "orders": ["#1004", "#1002", "#1001"],
        "count": 6,
        "scopes": true,
        "webhook": "orders/create",
        "webhooks": ["app/scopes_update", "app/uninstalled", "orders/create"],
        "webhooks_left": 2,
        "graphql": 3,
        "invalid": "undefinedField",
        "missing": 404,
        "token": true,
        "refused": 401,
        "throttled": [429, "2.0"],
    });
    assert_eq!(seen, expected, "{seen:#}");
}
