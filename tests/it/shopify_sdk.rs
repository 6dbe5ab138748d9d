//! Shopify's official clients, unchanged, against `preflight serve --tls shopify`.
//!
//! They know https and `*.myshopify.com` only: a hook maps the shop's host to the twin (`tests/peers/shopify`), which
//! serves TLS under the shop's name.

use serde_json::{Value, json};

use crate::peer::{Clients, Language};
use crate::serve::Served;

/// Runs a script of node against a twin of its own and gives what the client saw.
fn node(clients: &Clients, script: &str, settings: &[&str]) -> Value {
    let arguments: Vec<_> = ["--tls", "shopify"].into_iter().chain(settings.iter().copied()).collect();
    let redirect = clients.script("redirect.cjs");
    clients.show(&Served::start(&arguments, 1), &["--require".as_ref(), &redirect], script)
}

#[test]
fn shopify_api_for_javascript_works_unchanged() {
    let Some(clients) = Clients::find("shopify", Language::Node) else { return };
    let seen = node(&clients, "api.mjs", &[]);
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
    let Some(clients) = Clients::find("shopify", Language::Node) else { return };
    let seen = node(&clients, "admin.mjs", &[]);
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
    let Some(clients) = Clients::find("shopify", Language::Node) else { return };
    let seen = node(&clients, "throttled.mjs", &["--set", "shopify.points-available=0"]);
    assert_eq!(seen, json!({ "status": 200, "code": "THROTTLED", "waited": true, "orders": 6 }));
}

#[test]
fn shopify_api_for_python_works_unchanged() {
    let Some(clients) = Clients::find("shopify", Language::Python) else { return };
    let seen = clients.show(&Served::start(&["--tls", "shopify"], 1), &[], "api.py");
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
