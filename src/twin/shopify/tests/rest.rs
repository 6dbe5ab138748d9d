//! The REST Admin API.

use serde_json::json;

use super::App;

#[test]
fn a_list_is_walked_by_its_links() {
    let mut app = App::new();
    let first = app.get("/admin/api/2026-10/products.json?limit=2&fields=id,title");
    assert_eq!(first.at("/products/0"), &json!({ "id": 632_910_392, "title": "AN-8 fuel line kit" }));
    let link = first.header("link").to_owned();
    assert!(
        link.starts_with("<http://s.example/admin/api/2026-10/products.json?limit=2&fields=id,title&page_info="),
        "{link}"
    );
    assert!(link.ends_with(">; rel=\"next\""), "{link}");
    let next = link.split_once("s.example").unwrap().1.split_once('>').unwrap().0.to_owned();
    let second = app.get(&next);
    assert_eq!(second.at("/products/0/id"), 632_910_394);
    assert!(second.header("link").contains("rel=\"previous\"") && second.header("link").contains("rel=\"next\""));
}

#[test]
fn orders_are_open_and_newest_first_unless_asked_otherwise() {
    let mut app = App::new();
    for (query, names) in [
        ("", "#1005 #1004 #1003 #1002"),
        ("?status=any", "#1006 #1005 #1004 #1003 #1002 #1001"),
        ("?status=cancelled", "#1006"),
        ("?status=any&financial_status=paid", "#1004 #1002 #1001"),
        ("?fulfillment_status=unshipped", "#1005"),
        ("?created_at_min=2025-11-10T00:00:00-05:00", "#1005 #1004"),
        ("?ids=450789470,450789471", "#1003 #1002"),
    ] {
        let heard = app.get(&format!("/admin/api/2026-10/orders.json{query}"));
        let found: Vec<_> =
            heard.at("/orders").as_array().unwrap().iter().map(|order| order["name"].as_str().unwrap()).collect();
        assert_eq!(found.join(" "), names, "{query}");
    }
    assert_eq!(app.get("/admin/api/2026-10/orders/count.json?status=any").body, json!({ "count": 6 }));
}

#[test]
fn errors_have_the_shape_of_their_status() {
    let mut app = App::new();
    let path = |rest: &str| format!("/admin/api/2026-10/{rest}");
    let heard = app.get(&path("products/1.json"));
    assert_eq!((heard.status, heard.body), (404, json!({ "errors": "Not Found" })));
    let heard = app.send("PUT", &path("products/632910392.json"), r#"{"product":{"title":" "}}"#);
    assert_eq!((heard.status, heard.body), (422, json!({ "errors": { "title": ["can't be blank"] } })));
    let heard = app.send("PUT", &path("products/632910392.json"), "{}");
    assert_eq!(
        (heard.status, heard.body),
        (400, json!({ "errors": { "product": "Required parameter missing or invalid" } }))
    );
    let heard = app.get(&path("inventory_levels.json"));
    assert_eq!(heard.status, 422);
    let heard = app.get(&path("products.json?page_info=x&status=active"));
    assert_eq!(heard.status, 400);
    let heard = app.send("PUT", &path("orders/450789469.json"), r#"{"order":{"note":"x"}}"#);
    assert_eq!(
        (heard.status, heard.body),
        (403, json!({ "errors": "[API] This action requires merchant approval for write_orders scope." }))
    );
    assert_eq!(app.get(&path("collects.json")).status, 501);
    assert_eq!(app.get(&path("products")).status, 404);
}

#[test]
fn a_level_is_adjusted_and_set() {
    let mut app = App::arranged(&[("scopes", json!("write_inventory"))]);
    let body = |rest: &str| format!("{{\"inventory_item_id\":908950810,\"location_id\":655441491,{rest}}}");
    let heard =
        app.send("POST", "/admin/api/2026-10/inventory_levels/adjust.json", &body("\"available_adjustment\":-2"));
    assert_eq!(heard.at("/inventory_level/available"), 16);
    let heard = app.send("POST", "/admin/api/2026-10/inventory_levels/set.json", &body("\"available\":40"));
    assert_eq!(heard.at("/inventory_level/available"), 40);
    let heard = app.get("/admin/api/2026-10/inventory_levels.json?inventory_item_ids=908950810&location_ids=655441491");
    assert_eq!(heard.at("/inventory_levels/0/available"), 40);
    assert_eq!(app.send("POST", "/admin/api/2026-10/inventory_levels/set.json", "{}").status, 400);
}

#[test]
fn products_say_that_they_are_deprecated() {
    let mut app = App::new();
    assert_ne!(app.get("/admin/api/2026-10/products.json").header("x-shopify-api-deprecated-reason"), "(absent)");
    assert_eq!(app.get("/admin/api/2026-10/orders.json").header("x-shopify-api-deprecated-reason"), "(absent)");
}
