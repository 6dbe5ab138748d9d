//! Costs, throttling, call limits, versions, tokens and the shop's condition.

use serde_json::{Value, json};

use super::App;

const ORDERS: &str = "{ orders(first: 50) { nodes { lineItems(first: 10) { nodes { id } } } } }";

#[test]
fn a_query_costs_what_it_asks_for_and_pays_for_what_it_got() {
    let mut app = App::new();
    for (query, requested, actual) in [
        ("{ shop { name } }", 1, 1),
        ("{ shop { plan { shopifyPlus } } }", 2, 2),
        ("{ customers(first: 10) { nodes { id } } }", 12, 5),
        ("{ customers(first: 10) { edges { cursor node { id } } pageInfo { hasNextPage } } }", 12, 5),
        (ORDERS, 652, 28),
    ] {
        let heard = app.query(query);
        let cost = heard.at("/extensions/cost");
        assert_eq!(
            (&cost["requestedQueryCost"], &cost["actualQueryCost"]),
            (&json!(requested), &json!(actual)),
            "{query}"
        );
        app.wait(60.0);
    }
}

#[test]
fn a_throttled_query_is_a_200_without_data_and_recovers_after_the_computed_wait() {
    let mut app = App::arranged(&[("points-available", json!(500))]);
    let heard = app.query(ORDERS);
    assert_eq!((heard.status, heard.code()), (200, "THROTTLED"));
    assert!(heard.body.get("data").is_none());
    assert_eq!(heard.header("retry-after"), "(absent)");
    let cost = heard.at("/extensions/cost");
    assert_eq!(cost["actualQueryCost"], Value::Null);
    assert_eq!(
        cost["throttleStatus"],
        json!({ "maximumAvailable": 2000.0, "currentlyAvailable": 500, "restoreRate": 100.0 })
    );
    // (652 - 500) / 100
    app.wait(1.5);
    assert_eq!(app.query(ORDERS).code(), "THROTTLED");
    app.wait(0.02);
    assert!(app.query(ORDERS).body.get("data").is_some());
}

#[test]
fn a_query_over_a_thousand_points_is_refused_on_every_plan() {
    for plan in ["standard", "enterprise"] {
        let mut app = App::arranged(&[("plan", json!(plan))]);
        let heard = app.query("{ orders(first: 250) { nodes { lineItems(first: 10) { nodes { id } } } } }");
        assert_eq!(heard.code(), "MAX_COST_EXCEEDED", "{plan}");
        assert_eq!(heard.at("/errors/0/extensions/cost"), 3252, "{plan}");
    }
}

#[test]
fn connections_must_be_sized() {
    let mut app = App::new();
    for (query, message) in [
        ("{ products { nodes { id } } }", "you must provide one of first or last"),
        ("{ products(first: 300) { nodes { id } } }", "first cannot exceed 250"),
        ("{ products(first: 1, after: \"x\") { nodes { id } } }", "Invalid cursor for current pagination sort."),
    ] {
        let heard = app.query(query);
        assert_eq!((heard.code(), heard.message()), ("BAD_REQUEST", message));
    }
}

#[test]
fn an_internal_error_is_a_200_with_a_request_id() {
    let mut app = App::arranged(&[("internal-error", json!(true))]);
    let heard = app.query("{ shop { name } }");
    assert_eq!((heard.status, heard.code()), (200, "INTERNAL_SERVER_ERROR"));
    let id = heard.at("/errors/0/extensions/requestId").as_str().unwrap().to_owned();
    assert!(heard.message().contains(&id));
    assert_eq!(app.get("/admin/api/2026-10/shop.json").status, 500);
}

#[test]
fn the_forty_first_call_is_refused_and_the_bucket_leaks_two_a_second() {
    let mut app = App::new();
    for call in 1..=40 {
        let heard = app.get("/admin/api/2026-10/shop.json");
        assert_eq!((heard.status, heard.header("x-shopify-shop-api-call-limit")), (200, format!("{call}/40").as_str()));
        assert_eq!(heard.header("http_x_shopify_shop_api_call_limit"), format!("{call}/40"));
    }
    let heard = app.get("/admin/api/2026-10/shop.json");
    assert_eq!((heard.status, heard.header("retry-after")), (429, "2.0"));
    assert_eq!(heard.header("x-shopify-shop-api-call-limit"), "40/40");
    assert_eq!(
        heard.at("/errors"),
        "Exceeded 2 calls per second for api client. Reduce request rates to resume uninterrupted service."
    );
    app.wait(0.5);
    assert_eq!(app.get("/admin/api/2026-10/shop.json").status, 200);
    assert_eq!(app.query("{ shop { name } }").status, 200, "GraphQL has a bucket of its own");
}

#[test]
fn an_unsupported_version_is_served_by_the_oldest_supported_one() {
    let mut app = App::new();
    for (requested, served) in
        [("2026-10", "2026-10"), ("2026-01", "2026-01"), ("2025-10", "2026-01"), ("2020-01", "2026-01")]
    {
        let heard = app.ask(requested, "{ shop { name } }", &json!({}));
        assert_eq!((heard.status, heard.header("x-shopify-api-version")), (200, served), "{requested}");
        let heard = app.get(&format!("/admin/api/{requested}/shop.json"));
        assert_eq!((heard.status, heard.header("x-shopify-api-version")), (200, served), "{requested}");
    }
    assert_eq!(app.get("/admin/api/2026-02/shop.json").status, 404);
    assert_eq!(app.get("/admin/api/unstable/shop.json").status, 501);
    let mut earlier = App::arranged(&[("version", json!("2026-07"))]);
    assert_eq!(earlier.variable("SHOPIFY_API_VERSION"), "2026-07");
    assert_eq!(earlier.get("/admin/api/2026-10/shop.json").status, 501, "not released yet");
    let heard = earlier.query_at("2026-07", "{ publicApiVersions { handle displayName supported } }");
    let newest = json!({ "handle": "2026-07", "displayName": "2026-07 (Latest)", "supported": true });
    assert_eq!(heard.at("/data/publicApiVersions/0"), &newest);
    let mut later = App::arranged(&[("oldest-version", json!("2026-07"))]);
    assert_eq!(later.get("/admin/api/2026-01/shop.json").header("x-shopify-api-version"), "2026-07");
}

#[test]
fn a_member_that_a_version_does_not_have_is_unknown_there() {
    let mut app = App::new();
    let query = "{ inventoryItem(id: \"gid://shopify/InventoryItem/908950810\") { inventoryLevels(first: 1) { nodes { isActive } } } }";
    assert_eq!(app.ask("2026-01", query, &json!({})).code(), "undefinedField");
    assert!(app.ask("2026-04", query, &json!({})).body.get("data").is_some());
}

#[test]
fn a_token_that_nobody_gave_is_refused_in_a_text() {
    let mut app = App::new();
    app.token = "shpat_wrong".into();
    for heard in [
        app.query("{ shop { name } }"),
        app.get("/admin/api/2026-10/shop.json"),
        app.get("/admin/oauth/access_scopes.json"),
    ] {
        assert_eq!(
            (heard.status, heard.header("www-authenticate")),
            (401, "Basic Realm=\"Shopify API Authentication\"")
        );
        assert_eq!(heard.at("/errors"), "[API] Invalid API key or access token (unrecognized login or wrong password)");
    }
}

#[test]
fn the_shops_condition_comes_before_everything() {
    for (condition, status) in [("frozen", 402), ("locked", 423), ("uninstalled", 401), ("open", 200)] {
        let mut app = App::arranged(&[("store", json!(condition))]);
        assert_eq!(app.query("{ shop { name } }").status, status, "{condition}");
        assert_eq!(app.get("/admin/api/2026-10/shop.json").status, status, "{condition}");
    }
}

#[test]
fn settings_that_do_not_exist_are_named() {
    let mut app = App::new();
    for (setting, value) in [
        ("colour", json!("red")),
        ("plan", json!("basic")),
        ("version", json!("2025-01")),
        ("table:Colour", json!([])),
        ("calls-used", json!("many")),
    ] {
        assert!(app.twin.arrange(app.now, setting, &value).is_err(), "{setting}");
    }
    app.twin.arrange(app.now, "table:Product", &json!([])).unwrap();
    assert_eq!(app.query("{ productsCount { count } }").at("/data/productsCount/count"), 0);
}

#[test]
fn the_access_scopes_are_those_of_the_installation() {
    let mut app = App::arranged(&[("scopes", json!("read_orders,write_products"))]);
    let heard = app.get("/admin/oauth/access_scopes.json");
    assert_eq!(
        heard.body,
        json!({ "access_scopes": [{ "handle": "read_orders" }, { "handle": "read_products" }, { "handle": "write_products" }] })
    );
    assert_eq!(heard.header("x-shopify-api-version"), "(absent)");
    let heard = app.query("{ currentAppInstallation { accessScopes { handle } } }");
    assert_eq!(heard.at("/data/currentAppInstallation/accessScopes/1/handle"), "read_products");
}
