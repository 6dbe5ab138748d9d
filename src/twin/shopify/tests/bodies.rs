//! Every body that the twin sends is what the contract's schemas allow.

use serde_json::{Value, json};

use super::{App, Heard};
use crate::twin::kit::schemas::Schemas;

macro_rules! schemas {
    ($($name:literal,)*) => {
        Schemas(&[$((concat!($name, ".json"), include_str!(concat!("../../../../schemas/shopify/", $name, ".json")))),*])
    };
}

const SCHEMAS: Schemas = schemas! {
    "access-scopes",
    "access-token",
    "access-token-client",
    "access-token-expiring",
    "access-token-online",
    "cost",
    "count",
    "customer",
    "customer-answer",
    "customer-list",
    "deleted",
    "error-members",
    "error-text",
    "graphql-data",
    "graphql-denied",
    "graphql-error",
    "graphql-failed",
    "graphql-internal-error",
    "graphql-invalid",
    "graphql-throttled",
    "graphql-too-costly",
    "graphql-unparsed",
    "inventory-heatmap",
    "inventory-item",
    "inventory-item-answer",
    "inventory-item-list",
    "inventory-level",
    "inventory-level-answer",
    "inventory-level-list",
    "line-item",
    "location",
    "location-answer",
    "location-list",
    "money",
    "oauth-error",
    "order",
    "order-answer",
    "order-fulfillments",
    "order-list",
    "page-info",
    "product",
    "product-answer",
    "product-list",
    "sales-pulse",
    "search-warning",
    "shop",
    "shop-answer",
    "user-errors",
    "variant",
    "variant-answer",
    "webhook",
    "webhook-answer",
    "webhook-list",
};

fn allows(schema: &str, body: &Value) -> bool {
    SCHEMAS.allow(&format!("{schema}.json"), body)
}

/// A state of the twin, a request, and the schema of its answer.
struct Row(&'static [(&'static str, &'static str)], &'static str, &'static str, &'static str, &'static str);

const GRAPHQL: &str = "GRAPHQL";
const REST: &str = "/admin/api/2026-10/";
const NONE: &[(&str, &str)] = &[];
const WRITER: &[(&str, &str)] = &[("scopes", "write_inventory,write_orders,write_products")];

impl Row {
    fn ask(&self) -> Heard {
        let Row(settings, method, path, body, _) = self;
        let mut app = App::new();
        for (setting, value) in *settings {
            let value = serde_json::from_str(value).unwrap_or_else(|_| json!(value));
            app.twin.arrange(app.now, setting, &value).unwrap();
        }
        match *method {
            GRAPHQL => app.query(body),
            method if path.starts_with('/') => app.send(method, path, body),
            method => app.send(method, &format!("{REST}{path}"), body),
        }
    }
}

const READS: [Row; 27] = [
    Row(NONE, "GET", "shop.json", "", "shop-answer"),
    Row(NONE, "GET", "products.json", "", "product-list"),
    Row(NONE, "GET", "products/632910392.json", "", "product-answer"),
    Row(NONE, "GET", "products/count.json", "", "count"),
    Row(NONE, "GET", "variants/808950810.json", "", "variant-answer"),
    Row(NONE, "GET", "orders.json?status=any", "", "order-list"),
    Row(NONE, "GET", "orders/450789469.json", "", "order-answer"),
    Row(NONE, "GET", "customers.json", "", "customer-list"),
    Row(NONE, "GET", "customers/207119551.json", "", "customer-answer"),
    Row(NONE, "GET", "locations.json", "", "location-list"),
    Row(NONE, "GET", "locations/655441491.json", "", "location-answer"),
    Row(NONE, "GET", "inventory_items.json?ids=908950810", "", "inventory-item-list"),
    Row(NONE, "GET", "inventory_items/908950810.json", "", "inventory-item-answer"),
    Row(NONE, "GET", "inventory_levels.json?location_ids=655441491", "", "inventory-level-list"),
    Row(NONE, "GET", "webhooks.json", "", "webhook-list"),
    Row(NONE, "GET", "webhooks/1234567890.json", "", "webhook-answer"),
    Row(NONE, "GET", "/admin/oauth/access_scopes.json", "", "access-scopes"),
    Row(NONE, "GET", "products/1.json", "", "error-text"),
    Row(NONE, "GET", "products", "", "error-text"),
    Row(NONE, "GET", "inventory_levels.json", "", "error-members"),
    Row(NONE, "GET", "inventory_items.json", "", "error-members"),
    Row(NONE, "GET", "products.json?limit=x", "", "error-members"),
    Row(NONE, "GET", "products.json?page_info=x&vendor=y", "", "error-members"),
    Row(&[("scopes", "read_products")], "GET", "orders.json", "", "error-text"),
    Row(&[("calls-used", "40")], "GET", "shop.json", "", "error-text"),
    Row(&[("store", "frozen")], "GET", "shop.json", "", "error-text"),
    Row(&[("internal-error", "true")], "GET", "shop.json", "", "error-text"),
];

const WRITES: [Row; 12] = [
    Row(NONE, "PUT", "products/632910392.json", r#"{"product":{"title":"x","tags":"a, b"}}"#, "product-answer"),
    Row(NONE, "PUT", "products/632910392.json", r#"{"product":{"title":""}}"#, "error-members"),
    Row(NONE, "PUT", "products/632910392.json", "{}", "error-members"),
    Row(WRITER, "PUT", "orders/450789469.json", r#"{"order":{"note":"x"}}"#, "order-answer"),
    Row(
        WRITER,
        "POST",
        "inventory_levels/adjust.json",
        r#"{"inventory_item_id":908950810,"location_id":655441491,"available_adjustment":1}"#,
        "inventory-level-answer",
    ),
    Row(WRITER, "POST", "inventory_levels/set.json", "{}", "error-members"),
    Row(
        NONE,
        "POST",
        "webhooks.json",
        r#"{"webhook":{"topic":"orders/create","address":"https://a.example/h"}}"#,
        "webhook-answer",
    ),
    Row(
        NONE,
        "POST",
        "webhooks.json",
        r#"{"webhook":{"topic":"shop/redact","address":"https://a.example/h"}}"#,
        "error-members",
    ),
    Row(
        NONE,
        "POST",
        "webhooks.json",
        r#"{"webhook":{"topic":"orders/create","address":"http://a.example/h"}}"#,
        "error-members",
    ),
    Row(NONE, "PUT", "webhooks/1234567890.json", r#"{"webhook":{"address":"https://b.example/h"}}"#, "webhook-answer"),
    Row(NONE, "DELETE", "webhooks/1234567890.json", "", "deleted"),
    Row(NONE, "POST", "/admin/oauth/access_token", r#"{"client_id":"nobody"}"#, "oauth-error"),
];

const QUERIES: [Row; 16] = [
    Row(
        NONE,
        GRAPHQL,
        "",
        "{ shop { name plan { displayName } primaryDomain { url } } publicApiVersions { handle } currentAppInstallation { app { title } } }",
        "graphql-data",
    ),
    Row(NONE, GRAPHQL, "", "{ orders(first: 2, query: \"available:1\") { nodes { id } } }", "graphql-data"),
    Row(
        NONE,
        GRAPHQL,
        "",
        "{ customers(first: 5) { nodes { displayName amountSpent { amount } orders(first: 2) { nodes { name unpaid fullyPaid refunds(first: 1) { totalRefundedSet { shopMoney { amount } } } } } } } }",
        "graphql-data",
    ),
    Row(
        NONE,
        GRAPHQL,
        "",
        "mutation { productUpdate(product: { id: \"gid://shopify/Product/1\" }) { userErrors { field } } }",
        "graphql-data",
    ),
    Row(NONE, GRAPHQL, "", "{ shop { nope } }", "graphql-invalid"),
    Row(NONE, GRAPHQL, "", "query ($id: ID!) { product(id: $id) { id } }", "graphql-invalid"),
    Row(NONE, GRAPHQL, "", "{ shop", "graphql-unparsed"),
    Row(NONE, GRAPHQL, "", "query A { shop { id } } query B { shop { id } }", "graphql-unparsed"),
    Row(NONE, GRAPHQL, "", "{ products { nodes { id } } }", "graphql-failed"),
    Row(NONE, GRAPHQL, "", "{ product(id: \"gid://shopify/Order/1\") { id } }", "graphql-failed"),
    Row(
        WRITER,
        GRAPHQL,
        "",
        "mutation { inventorySetQuantities(input: { name: \"available\", reason: \"other\", quantities: [] }) { userErrors { code } } }",
        "graphql-failed",
    ),
    Row(&[("scopes", "read_products")], GRAPHQL, "", "{ orders(first: 1) { nodes { id } } }", "graphql-denied"),
    Row(&[("points-available", "0")], GRAPHQL, "", "{ shop { id } }", "graphql-throttled"),
    Row(
        NONE,
        GRAPHQL,
        "",
        "{ orders(first: 250) { nodes { lineItems(first: 250) { nodes { id } } } } }",
        "graphql-too-costly",
    ),
    Row(&[("internal-error", "true")], GRAPHQL, "", "{ shop { id } }", "graphql-internal-error"),
    Row(&[("store", "locked")], GRAPHQL, "", "{ shop { id } }", "error-text"),
];

#[test]
fn every_body_is_valid_against_its_schema() {
    for row in READS.iter().chain(&WRITES).chain(&QUERIES) {
        let heard = row.ask();
        assert!(heard.gap.is_none(), "{} {} {}: {:?}", row.1, row.2, row.3, heard.gap);
        assert!(allows(row.4, &heard.body), "{} {} {}: {:#}", row.1, row.2, row.3, heard.body);
    }
}

#[test]
fn the_tokens_of_every_grant_are_valid_against_their_schemas() {
    let mut app = App::new();
    let (id, secret, code) =
        (app.variable("SHOPIFY_API_KEY"), app.variable("SHOPIFY_API_SECRET"), app.variable("SHOPIFY_AUTH_CODE"));
    let now = app.now.as_second();
    let dest = format!("https://{}", app.variable("SHOPIFY_SHOP_DOMAIN"));
    let session =
        crate::twin::kit::jwt::sign(&secret, &json!({ "aud": id, "dest": dest, "exp": now + 60, "nbf": now }));
    let exchange = |kind: &str| {
        json!({
            "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange", "subject_token": session,
            "subject_token_type": "urn:ietf:params:oauth:token-type:id_token", "expiring": "1",
            "requested_token_type": format!("urn:shopify:params:oauth:token-type:{kind}-access-token"),
        })
    };
    let mut post = |mut members: Value, schema: &str| {
        members["client_id"] = json!(id);
        members["client_secret"] = json!(secret);
        let heard = app.send("POST", "/admin/oauth/access_token", &members.to_string());
        assert!(allows(schema, &heard.body), "{schema}: {:#}", heard.body);
        heard.body
    };
    post(json!({ "code": code }), "access-token");
    post(json!({ "code": code }), "oauth-error");
    post(json!({ "grant_type": "client_credentials" }), "access-token-client");
    post(exchange("online"), "access-token-online");
    let pair = post(exchange("offline"), "access-token-expiring");
    post(json!({ "grant_type": "refresh_token", "refresh_token": pair["refresh_token"] }), "access-token-expiring");
}

#[test]
fn the_payloads_of_webhooks_are_valid_against_the_schemas_of_their_resources() {
    let mut app = App::arranged(&[("scopes", json!("write_inventory,write_orders,write_products"))]);
    for topic in
        ["PRODUCTS_UPDATE", "ORDERS_UPDATED", "ORDERS_PAID", "INVENTORY_LEVELS_UPDATE", "INVENTORY_ITEMS_UPDATE"]
    {
        let heard = app.query(&format!("mutation {{ webhookSubscriptionCreate(topic: {topic}, webhookSubscription: {{ uri: \"https://a.example/h\" }}) {{ userErrors {{ message }} }} }}"));
        assert_eq!(heard.at("/data/webhookSubscriptionCreate/userErrors"), &json!([]), "{topic}");
    }
    for (mutation, schemas) in [
        ("productUpdate(product: { id: \"gid://shopify/Product/632910392\", title: \"x\" })", &["product"][..]),
        ("orderUpdate(input: { id: \"gid://shopify/Order/450789473\", note: \"x\" })", &["order"]),
        ("orderMarkAsPaid(input: { id: \"gid://shopify/Order/450789473\" })", &["order", "order"]),
        (
            "inventoryItemUpdate(id: \"gid://shopify/InventoryItem/908950810\", input: { cost: 1, sku: \"x\" })",
            &["inventory-item"],
        ),
        (
            "inventoryAdjustQuantities(input: { name: \"available\", reason: \"other\", changes: [{ inventoryItemId: \"gid://shopify/InventoryItem/908950810\", locationId: \"gid://shopify/Location/655441491\", delta: 1, changeFromQuantity: null }] }) @idempotent(key: \"k\")",
            &["inventory-level"],
        ),
    ] {
        let heard = app.query(&format!("mutation {{ {mutation} {{ userErrors {{ field message }} }} }}"));
        assert_eq!(heard.deliveries.len(), schemas.len(), "{mutation}: {:#}", heard.body);
        for (delivery, schema) in heard.deliveries.iter().zip(schemas) {
            let body: Value = serde_json::from_slice(delivery.request.body()).unwrap();
            assert!(allows(schema, &body), "{mutation}: {body:#}");
        }
    }
}

#[test]
fn a_body_that_is_not_as_it_should_be_is_found() {
    let heard = Row(NONE, GRAPHQL, "", "{ shop { id } }", "").ask();
    assert!(allows("graphql-data", &heard.body));
    for other in ["graphql-throttled", "graphql-denied", "graphql-invalid", "error-text", "shop-answer"] {
        assert!(!allows(other, &heard.body), "{other}");
    }
}
