//! What Shopify sends: the REST resource of a topic (2026-10), its name and id where no more is modelled.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

const ORDER: u64 = 820_982_911_946_154_508;
const PRODUCT: u64 = 788_032_119_674_292_922;
const CUSTOMER: u64 = 706_405_506_930_370_084;

/// The body of a topic, by its slug (`orders/create`).
pub fn body(topic: &str, at: Timestamp) -> Option<Value> {
    let (resource, event) = topic.split_once(['/', '.'])?;
    let when = at.strftime("%Y-%m-%dT%H:%M:%S-00:00").to_string();
    let own = match topic {
        "customers/data_request" => json!({
            "shop_id": 954_889, "shop_domain": "preflight.myshopify.com", "orders_requested": [ORDER],
            "customer": person(), "data_request": { "id": 9999 },
        }),
        "customers/redact" => json!({
            "shop_id": 954_889, "shop_domain": "preflight.myshopify.com", "customer": person(), "orders_to_redact": [ORDER],
        }),
        "shop/redact" => json!({ "shop_id": 954_889, "shop_domain": "preflight.myshopify.com" }),
        "app/scopes_update" => json!({
            "id": 1, "previous": ["read_products"], "current": ["read_products", "read_orders"], "updated_at": when,
        }),
        "app/uninstalled" | "shop/update" => shop(&when),
        "bulk_operations/finish" => json!({
            "admin_graphql_api_id": "gid://shopify/BulkOperation/147595010", "completed_at": when, "created_at": when,
            "error_code": null, "status": "completed", "type": "query",
        }),
        "inventory_levels/connect" | "inventory_levels/update" => json!({
            "inventory_item_id": 271_878_346_596_884_015_u64, "location_id": 24_826_418, "available": 4, "updated_at": when,
        }),
        "inventory_levels/disconnect" => {
            json!({ "inventory_item_id": 271_878_346_596_884_015_u64, "location_id": 24_826_418 })
        }
        _ if event == "delete" || event == "remove" => json!({ "id": id(resource) }),
        _ => match resource {
            "orders" => order(event, &when),
            "draft_orders" => draft(&when),
            "products" => product(&when),
            "customers" => customer(&when),
            "checkouts" | "carts" => cart(resource, &when),
            "refunds" => refund(&when),
            "fulfillments" => fulfillment(&when),
            "collections" => json!({
                "id": 408_372_092_144_951_419_u64, "handle": "preflight", "title": "Preflight", "updated_at": when,
                "body_html": "<p>Zoë's</p>", "published_at": when, "sort_order": null, "template_suffix": null,
                "published_scope": "web", "admin_graphql_api_id": "gid://shopify/Collection/408372092144951419",
            }),
            "inventory_items" => json!({
                "id": 271_878_346_596_884_015_u64, "sku": "example-sku", "created_at": when, "updated_at": when,
                "requires_shipping": true, "cost": null, "country_code_of_origin": null, "tracked": true,
                "admin_graphql_api_id": "gid://shopify/InventoryItem/271878346596884015",
            }),
            "locations" => json!({
                "id": 866_550_311_766_439_020_u64, "name": "Example Location", "address1": null, "city": null, "zip": null,
                "country": null, "phone": null, "created_at": when, "updated_at": when, "active": event != "deactivate",
                "admin_graphql_api_id": "gid://shopify/Location/866550311766439020",
            }),
            "themes" => json!({
                "id": 512_162_865_275_216_980_u64, "name": "Comfort", "created_at": when, "updated_at": when,
                "role": if event == "publish" { "main" } else { "unpublished" }, "theme_store_id": null,
                "previewable": true, "processing": false, "admin_graphql_api_id": "gid://shopify/Theme/512162865275216980",
            }),
            "disputes" => json!({
                "id": 285_332_461_850_802_050_u64, "order_id": ORDER, "type": "chargeback", "amount": "11.50",
                "currency": "CAD", "reason": "fraudulent", "network_reason_code": "4837", "status": "under_review",
                "evidence_due_by": when, "evidence_sent_on": null, "finalized_on": null, "initiated_at": when,
            }),
            _ => plain(resource, event, &when),
        },
    };
    Some(own)
}

/// A resource of which no more is modelled.
fn plain(resource: &str, event: &str, when: &str) -> Value {
    let words = resource.split('_').map(|word| {
        let (first, rest) = word.split_at(word.len().min(1));
        format!("{}{rest}", first.to_ascii_uppercase())
    });
    let kind: String = words.collect();
    let kind =
        kind.strip_suffix("ies").map_or_else(|| kind.trim_end_matches('s').to_owned(), |stem| format!("{stem}y"));
    let mut body = Map::new();
    body.insert("id".to_owned(), id(resource).into());
    body.insert("admin_graphql_api_id".to_owned(), format!("gid://shopify/{kind}/{}", id(resource)).into());
    body.insert("status".to_owned(), event.into());
    body.insert("created_at".to_owned(), when.into());
    body.insert("updated_at".to_owned(), when.into());
    Value::Object(body)
}

fn id(resource: &str) -> u64 {
    match resource {
        "orders" => ORDER,
        "products" | "variants" => PRODUCT,
        "customers" => CUSTOMER,
        // The same for each resource in every run.
        other => other.bytes().fold(9_007_199_254_740_993, |id, letter| id ^ (u64::from(letter) << 20).rotate_left(5)),
    }
}

fn person() -> Value {
    json!({ "id": CUSTOMER, "email": "zoe@example.com", "phone": "+15550100" })
}

fn order(event: &str, when: &str) -> Value {
    let paid = matches!(event, "paid" | "fulfilled" | "partially_fulfilled");
    json!({
        "id": ORDER, "admin_graphql_api_id": format!("gid://shopify/Order/{ORDER}"), "app_id": null, "browser_ip": null,
        "buyer_accepts_marketing": true, "cancel_reason": (event == "cancelled").then_some("customer"),
        "cancelled_at": (event == "cancelled").then_some(when), "cart_token": null, "confirmed": true,
        "contact_email": "zoe@example.com", "created_at": when, "currency": "USD", "current_subtotal_price": "39.98",
        "current_total_price": "49.98", "customer_locale": "de", "email": "zoe@example.com",
        "financial_status": if paid { "paid" } else { "pending" },
        "fulfillment_status": match event { "fulfilled" => Some("fulfilled"), "partially_fulfilled" => Some("partial"), _ => None },
        "name": "#9999", "note": null, "number": 234, "order_number": 1234, "presentment_currency": "USD",
        "processed_at": when, "subtotal_price": "39.98", "tags": "preflight", "taxes_included": false, "test": true,
        "total_discounts": "0.00", "total_line_items_price": "39.98", "total_price": "49.98", "total_tax": "0.00",
        "updated_at": when, "customer": customer(when), "line_items": [line()], "refunds": [], "fulfillments": [],
        "shipping_address": address(),
    })
}

fn draft(when: &str) -> Value {
    json!({
        "id": 890_612_572_u64, "admin_graphql_api_id": "gid://shopify/DraftOrder/890612572", "note": null,
        "email": "zoe@example.com", "taxes_included": false, "currency": "USD", "invoice_sent_at": null,
        "created_at": when, "updated_at": when, "completed_at": null, "name": "#D2", "status": "open",
        "line_items": [line()], "total_price": "19.99", "customer": customer(when),
    })
}

fn line() -> Value {
    json!({
        "id": 866_550_311_766_439_020_u64, "product_id": PRODUCT, "variant_id": 642_667_041_472_713_922_u64,
        "title": "Größe L / 35 mm", "sku": "EX-1", "quantity": 2, "price": "19.99", "total_discount": "0.00",
        "fulfillable_quantity": 2, "fulfillment_status": null, "requires_shipping": true, "taxable": true,
        "gift_card": false, "vendor": "Preflight", "name": "Größe L / 35 mm", "properties": [],
    })
}

fn address() -> Value {
    json!({
        "first_name": "Zoë", "last_name": "Söhne", "address1": "Lindenstraße 7", "city": "Köln", "zip": "50674",
        "country": "Germany", "country_code": "DE", "phone": "+15550100",
    })
}

fn product(when: &str) -> Value {
    json!({
        "id": PRODUCT, "admin_graphql_api_id": format!("gid://shopify/Product/{PRODUCT}"), "title": "Größe L / 35 mm",
        "body_html": "An example T-Shirt", "vendor": "Preflight", "product_type": "Shirts", "created_at": when,
        "handle": "example-t-shirt", "updated_at": when, "published_at": when, "status": "active", "tags": "preflight",
        "variants": [{
            "id": 642_667_041_472_713_922_u64, "product_id": PRODUCT, "title": "Small", "price": "19.99", "position": 1,
            "inventory_policy": "deny", "compare_at_price": "24.99", "sku": "EX-1", "inventory_quantity": 75,
            "inventory_item_id": null, "created_at": when, "updated_at": when,
        }],
        "options": [], "images": [], "image": null,
    })
}

fn customer(when: &str) -> Value {
    json!({
        "id": CUSTOMER, "admin_graphql_api_id": format!("gid://shopify/Customer/{CUSTOMER}"), "email": "zoe@example.com",
        "created_at": when, "updated_at": when, "first_name": "Zoë", "last_name": "Söhne", "state": "disabled",
        "note": null, "verified_email": true, "multipass_identifier": null, "tax_exempt": false, "currency": "USD",
        "phone": "+15550100", "addresses": [], "tax_exemptions": [], "default_address": address(),
    })
}

fn cart(resource: &str, when: &str) -> Value {
    json!({
        "id": if resource == "carts" { json!("eeafa272cebfd4b22385bc4b645e762c") } else { json!(981_820_079_255_243_537_u64) },
        "token": "123123123", "created_at": when, "updated_at": when, "note": null, "line_items": [line()],
        "currency": "USD", "total_price": "39.98", "email": "zoe@example.com",
    })
}

fn refund(when: &str) -> Value {
    json!({
        "id": 890_088_186_047_892_319_u64, "order_id": ORDER, "created_at": when, "note": "Things were damaged",
        "user_id": 548_380_009, "processed_at": when, "restock": true, "order_adjustments": [], "transactions": [],
        "refund_line_items": [{ "id": 1, "quantity": 1, "line_item_id": 866_550_311_766_439_020_u64, "subtotal": 19.99, "line_item": line() }],
        "admin_graphql_api_id": "gid://shopify/Refund/890088186047892319",
    })
}

fn fulfillment(when: &str) -> Value {
    json!({
        "id": 123_456, "order_id": ORDER, "status": "pending", "created_at": when, "service": null, "updated_at": when,
        "tracking_company": "UPS", "shipment_status": null, "location_id": null, "email": "zoe@example.com",
        "tracking_number": "1z827wk74630", "tracking_numbers": ["1z827wk74630"], "line_items": [line()],
        "destination": address(), "name": "#9999.1", "admin_graphql_api_id": "gid://shopify/Fulfillment/123456",
    })
}

fn shop(when: &str) -> Value {
    json!({
        "id": 548_380_009, "name": "Preflight Shop", "email": "super@supertoys.example", "domain": null, "country": "US",
        "myshopify_domain": "preflight.myshopify.com", "created_at": when, "updated_at": when, "currency": "USD",
        "timezone": "(GMT-05:00) Eastern Time (US & Canada)", "iana_timezone": null, "plan_name": "enterprise",
        "shop_owner": "John Smith", "money_format": "${{amount}}",
    })
}
