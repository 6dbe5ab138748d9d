//! Subscriptions, and what they deliver.

use serde_json::{Value, json};

use super::{App, Heard};
use crate::twin::kit::credentials::{SHOPIFY_API_SECRET, SHOPIFY_SHOP_DOMAIN};
use crate::wire::webhook::schemes::SHOPIFY;
use crate::wire::webhook::verify::Received;

fn subscribe(app: &mut App, topic: &str, uri: &str, more: &str) -> Heard {
    app.query(&format!(
        "mutation {{ webhookSubscriptionCreate(topic: {topic}, webhookSubscription: {{ uri: \"{uri}\"{more} }}) {{ webhookSubscription {{ id topic uri callbackUrl endpoint {{ __typename ... on WebhookHttpEndpoint {{ callbackUrl }} }} apiVersion {{ handle }} }} userErrors {{ field message }} }} }}"
    ))
}

fn errors(heard: &Heard) -> &Value {
    heard.at("/data/webhookSubscriptionCreate/userErrors")
}

const RENAME: &str = "mutation { productUpdate(product: { id: \"gid://shopify/Product/632910392\", title: \"Kit\" }) { userErrors { message } } }";

#[test]
fn a_change_is_delivered_signed_to_everyone_who_subscribed() {
    let mut app = App::new();
    let made = subscribe(&mut app, "PRODUCTS_UPDATE", "https://a.example/h", "");
    assert_eq!(
        made.at("/data/webhookSubscriptionCreate/webhookSubscription/endpoint/callbackUrl"),
        "https://a.example/h"
    );
    subscribe(
        &mut app,
        "PRODUCTS_UPDATE",
        "https://b.example/h",
        ", name: \"second\", includeFields: [\"id\", \"title\"]",
    );
    subscribe(&mut app, "ORDERS_UPDATED", "https://c.example/h", "");
    let heard = app.query(RENAME);
    assert_eq!(heard.deliveries.len(), 2);
    let headers = |index: usize, name: &str| {
        heard.deliveries[index].request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or("")
    };
    for (index, delivery) in heard.deliveries.iter().enumerate() {
        assert_eq!(delivery.event, "products/update");
        let secret = app.variable("SHOPIFY_API_SECRET");
        let received = Received::of(delivery.request.headers(), delivery.request.body());
        assert_eq!(SHOPIFY.verify(&SHOPIFY.key(&secret).unwrap(), &received, app.now), Ok(()));
        assert_eq!(headers(index, "x-shopify-topic"), "products/update");
        assert_eq!(headers(index, "x-shopify-shop-domain"), app.variable("SHOPIFY_SHOP_DOMAIN"));
        assert_eq!(headers(index, "x-shopify-api-version"), "2026-10");
        assert_eq!(headers(index, "x-shopify-triggered-at"), "2026-11-20T12:00:00.000000000Z");
    }
    assert_eq!(headers(0, "x-shopify-event-id"), headers(1, "x-shopify-event-id"));
    assert_ne!(headers(0, "x-shopify-webhook-id"), headers(1, "x-shopify-webhook-id"));
    assert_eq!((headers(0, "x-shopify-name"), headers(1, "x-shopify-name")), ("", "second"));
    let body: Value = serde_json::from_slice(heard.deliveries[1].request.body()).unwrap();
    assert_eq!(body, json!({ "id": 632_910_392, "title": "Kit" }));
}

#[test]
fn the_shop_is_the_one_that_the_receivers_know() {
    let app = App::new();
    assert_eq!(app.variable("SHOPIFY_SHOP_DOMAIN"), SHOPIFY_SHOP_DOMAIN);
    assert_eq!(app.variable("SHOPIFY_API_SECRET"), SHOPIFY_API_SECRET);
}

#[test]
fn what_a_merchant_could_put_right_is_a_user_error() {
    let mut app = App::new();
    let field = |name: &str| json!(["webhookSubscription", name]);
    subscribe(&mut app, "PRODUCTS_UPDATE", "https://a.example/h", "");
    for (uri, message) in [
        ("https://a.example/h", "Address for this topic has already been taken"),
        ("http://a.example/h", "Address protocol http:// is not supported"),
        ("https://localhost/h", "Address cannot be a local address"),
        ("nonsense", "Address is invalid"),
    ] {
        assert_eq!(
            errors(&subscribe(&mut app, "PRODUCTS_UPDATE", uri, "")),
            &json!([{ "field": field("uri"), "message": message }])
        );
    }
    let heard = subscribe(&mut app, "THEMES_PUBLISH", "https://a.example/h", "");
    assert_eq!(
        errors(&heard),
        &json!([{ "field": ["topic"], "message": "You cannot create a webhook subscription with the specified topic" }])
    );
}

#[test]
fn a_subscription_is_changed_and_ended() {
    let mut app = App::new();
    let made = subscribe(&mut app, "PRODUCTS_UPDATE", "https://a.example/h", "");
    let id = made.at("/data/webhookSubscriptionCreate/webhookSubscription/id").as_str().unwrap().to_owned();
    let moved = app.query(&format!("mutation {{ webhookSubscriptionUpdate(id: \"{id}\", webhookSubscription: {{ uri: \"https://b.example/h\" }}) {{ webhookSubscription {{ uri }} userErrors {{ message }} }} }}"));
    assert_eq!(moved.at("/data/webhookSubscriptionUpdate/webhookSubscription/uri"), "https://b.example/h");
    let end = format!(
        "mutation {{ webhookSubscriptionDelete(id: \"{id}\") {{ deletedWebhookSubscriptionId userErrors {{ field message }} }} }}"
    );
    assert_eq!(app.query(&end).at("/data/webhookSubscriptionDelete/deletedWebhookSubscriptionId"), &json!(id));
    assert_eq!(
        app.query(&end).at("/data/webhookSubscriptionDelete/userErrors/0/message"),
        "Webhook subscription does not exist"
    );
    assert!(app.query(RENAME).deliveries.is_empty());
}

#[test]
fn compliance_topics_cannot_be_subscribed_to() {
    let mut app = App::new();
    for topic in ["customers/redact", "customers/data_request", "shop/redact"] {
        let body =
            json!({ "webhook": { "topic": topic, "address": "https://a.example/h", "format": "json" } }).to_string();
        let heard = app.send("POST", "/admin/api/2026-10/webhooks.json", &body);
        assert_eq!(heard.status, 422, "{topic}");
        assert!(
            heard
                .at("/errors/topic/0")
                .as_str()
                .unwrap()
                .starts_with("Invalid topic specified. Topics allowed: app_purchases_one_time/update")
        );
    }
}

#[test]
fn a_webhook_is_made_read_and_deleted_over_rest() {
    let mut app = App::new();
    let body = r#"{"webhook":{"topic":"inventory_levels/update","address":"https://a.example/h","format":"json"}}"#;
    let made = app.send("POST", "/admin/api/2026-10/webhooks.json", body);
    assert_eq!((made.status, made.at("/webhook/topic")), (201, &json!("inventory_levels/update")));
    let again = app.send("POST", "/admin/api/2026-10/webhooks.json", body);
    assert_eq!(
        (again.status, again.body),
        (422, json!({ "errors": { "address": ["for this topic has already been taken"] } }))
    );
    let path = format!("/admin/api/2026-10/webhooks/{}.json", made.at("/webhook/id"));
    assert_eq!(app.get(&path).at("/webhook/address"), "https://a.example/h");
    assert_eq!(app.send("DELETE", &path, "").body, json!({}));
    assert_eq!(app.get(&path).status, 404);
}

#[test]
fn paid_orders_and_moved_stock_are_told() {
    let mut app = App::arranged(&[("scopes", json!("write_orders,write_inventory"))]);
    for topic in ["ORDERS_PAID", "ORDERS_UPDATED", "INVENTORY_LEVELS_UPDATE", "INVENTORY_ITEMS_UPDATE"] {
        assert_eq!(errors(&subscribe(&mut app, topic, "https://a.example/h", "")), &json!([]), "{topic}");
    }
    let events =
        |heard: &Heard| heard.deliveries.iter().map(|delivery| delivery.event.clone()).collect::<Vec<_>>().join(" ");
    let heard = app.query("mutation { orderMarkAsPaid(input: { id: \"gid://shopify/Order/450789473\" }) { order { displayFinancialStatus } userErrors { message } } }");
    assert_eq!(heard.at("/data/orderMarkAsPaid/order/displayFinancialStatus"), "PAID");
    assert_eq!(events(&heard), "orders/paid orders/updated");
    let heard = app.query("mutation { orderMarkAsPaid(input: { id: \"gid://shopify/Order/450789473\" }) { userErrors { field message } } }");
    assert_eq!(heard.at("/data/orderMarkAsPaid/userErrors").as_array().unwrap().len(), 1);
    let heard = app.query("mutation { inventoryItemUpdate(id: \"gid://shopify/InventoryItem/908950810\", input: { cost: 33 }) { inventoryItem { unitCost { amount } } userErrors { message } } }");
    assert_eq!(heard.at("/data/inventoryItemUpdate/inventoryItem/unitCost/amount"), "33.00");
    assert_eq!(events(&heard), "inventory_items/update");
}
