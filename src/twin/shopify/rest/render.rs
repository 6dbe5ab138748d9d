//! Records as the REST Admin API and webhooks write them.
//!
//! Members are those of the public resource pages that the twin has data for; the full lists are longer (remembered).

use serde_json::{Map, Value, json};

use crate::twin::shopify::store::{Record, Store, level_quantity, number_of, text};

/// The number of a record, as a number.
fn number(record: &Record) -> Value {
    numeric(text(record, "id"))
}

fn numeric(id: &str) -> Value {
    number_of(id).parse::<u64>().map_or(Value::Null, Value::from)
}

/// A moment with the shop's offset; the shops of the twin are in UTC.
fn moment(record: &Record, member: &str) -> Value {
    match record.get(member).and_then(Value::as_str) {
        Some(at) => json!(at.replace('Z', "+00:00")),
        None => Value::Null,
    }
}

fn held(record: &Record, member: &str) -> Value {
    record.get(member).cloned().unwrap_or_default()
}

fn tags(record: &Record) -> Value {
    let tags = record.get("tags").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    json!(tags.collect::<Vec<_>>().join(", "))
}

fn lower(record: &Record, member: &str) -> Value {
    json!(text(record, member).to_lowercase())
}

/// Draws a record, or nothing where there is none.
fn draw(store: &Store, id: &str, with: impl Fn(&Store, &Record) -> Value) -> Value {
    store.get(id).map_or(Value::Null, |record| with(store, record))
}

pub fn shop(store: &Store) -> Value {
    let Some(shop) = store.rows("Shop").first() else { return Value::Null };
    let plan = shop.get("plan").cloned().unwrap_or_default();
    json!({
        "id": number(shop),
        "name": text(shop, "name"),
        "email": text(shop, "email"),
        "domain": shop.get("primaryDomain").and_then(|domain| domain.get("host")),
        "myshopify_domain": text(shop, "myshopifyDomain"),
        "shop_owner": text(shop, "shopOwnerName"),
        "plan_name": plan.get("restName"),
        "plan_display_name": plan.get("displayName"),
        "currency": text(shop, "currencyCode"),
        "iana_timezone": text(shop, "ianaTimezone"),
        "taxes_included": held(shop, "taxesIncluded"),
        "created_at": moment(shop, "createdAt"),
        "updated_at": moment(shop, "updatedAt"),
    })
}

pub fn product(store: &Store, id: &str) -> Value {
    draw(store, id, |store, product| {
        let variants: Vec<_> = store
            .pointing("ProductVariant", "product", text(product, "id"))
            .map(|row| variant_of(store, row))
            .collect();
        let names: Vec<_> = variants.iter().map(|variant| variant["title"].clone()).collect();
        json!({
            "id": number(product),
            "title": text(product, "title"),
            "body_html": text(product, "descriptionHtml"),
            "vendor": text(product, "vendor"),
            "product_type": text(product, "productType"),
            "handle": text(product, "handle"),
            "status": lower(product, "status"),
            "published_scope": "global",
            "tags": tags(product),
            "template_suffix": held(product, "templateSuffix"),
            "admin_graphql_api_id": text(product, "id"),
            "created_at": moment(product, "createdAt"),
            "updated_at": moment(product, "updatedAt"),
            "published_at": moment(product, "publishedAt"),
            "variants": variants,
            "options": [{ "name": "Title", "position": 1, "values": names }],
            "images": [],
            "image": null,
        })
    })
}

pub fn variant(store: &Store, id: &str) -> Value {
    draw(store, id, variant_of)
}

fn variant_of(store: &Store, variant: &Record) -> Value {
    json!({
        "id": number(variant),
        "product_id": numeric(text(variant, "product")),
        "title": text(variant, "title"),
        "price": text(variant, "price"),
        "compare_at_price": held(variant, "compareAtPrice"),
        "position": held(variant, "position"),
        "sku": held(variant, "sku"),
        "barcode": held(variant, "barcode"),
        "taxable": held(variant, "taxable"),
        "inventory_policy": lower(variant, "inventoryPolicy"),
        "inventory_management": "shopify",
        "inventory_item_id": numeric(text(variant, "inventoryItem")),
        "inventory_quantity": store.quantity(text(variant, "inventoryItem"), "available"),
        "admin_graphql_api_id": text(variant, "id"),
        "created_at": moment(variant, "createdAt"),
        "updated_at": moment(variant, "updatedAt"),
    })
}

pub fn order(store: &Store, id: &str) -> Value {
    draw(store, id, |store, order| {
        let id = text(order, "id");
        let lines: Vec<_> = store.pointing("LineItem", "order", id).map(|row| line(order, row)).collect();
        let fulfillments: Vec<_> = store.pointing("Fulfillment", "order", id).map(fulfillment).collect();
        let refunds: Vec<_> = store.pointing("Refund", "order", id).map(refund).collect();
        let named = text(order, "name").trim_start_matches('#').parse::<u64>().ok();
        json!({
            "id": number(order),
            "admin_graphql_api_id": id,
            "name": text(order, "name"),
            "number": named.map(|number| number.saturating_sub(1000)),
            "order_number": named,
            "email": held(order, "email"),
            "phone": held(order, "phone"),
            "note": held(order, "note"),
            "tags": tags(order),
            "test": held(order, "test"),
            "confirmed": held(order, "confirmed"),
            "currency": text(order, "currencyCode"),
            "financial_status": lower(order, "displayFinancialStatus"),
            "fulfillment_status": fulfillment_status(order),
            "source_name": held(order, "sourceName"),
            "total_price": held(order, "totalPriceSet"),
            "subtotal_price": held(order, "subtotalPriceSet"),
            "total_tax": held(order, "totalTaxSet"),
            "current_total_price": held(order, "currentTotalPriceSet"),
            "created_at": moment(order, "createdAt"),
            "updated_at": moment(order, "updatedAt"),
            "processed_at": moment(order, "processedAt"),
            "closed_at": moment(order, "closedAt"),
            "cancelled_at": moment(order, "cancelledAt"),
            "customer": customer(store, text(order, "customer")),
            "line_items": lines,
            "fulfillments": fulfillments,
            "refunds": refunds,
        })
    })
}

/// The REST API knows three words and null for what nothing was sent of.
fn fulfillment_status(order: &Record) -> Value {
    match text(order, "displayFulfillmentStatus") {
        "FULFILLED" => json!("fulfilled"),
        "PARTIALLY_FULFILLED" => json!("partial"),
        "RESTOCKED" => json!("restocked"),
        _ => Value::Null,
    }
}

fn line(order: &Record, line: &Record) -> Value {
    json!({
        "id": number(line),
        "admin_graphql_api_id": text(line, "id"),
        "title": text(line, "title"),
        "name": text(line, "name"),
        "sku": held(line, "sku"),
        "variant_title": held(line, "variantTitle"),
        "vendor": held(line, "vendor"),
        "quantity": held(line, "quantity"),
        "current_quantity": held(line, "currentQuantity"),
        "price": held(line, "originalUnitPriceSet"),
        "taxable": held(line, "taxable"),
        "requires_shipping": held(line, "requiresShipping"),
        "product_id": numeric(text(line, "product")),
        "variant_id": numeric(text(line, "variant")),
        "fulfillment_status": fulfillment_status(order),
    })
}

fn fulfillment(fulfillment: &Record) -> Value {
    let tracking = fulfillment.get("trackingInfo").and_then(|list| list.get(0)).cloned().unwrap_or_default();
    json!({
        "id": number(fulfillment),
        "admin_graphql_api_id": text(fulfillment, "id"),
        "order_id": numeric(text(fulfillment, "order")),
        "name": text(fulfillment, "name"),
        "status": lower(fulfillment, "status"),
        "tracking_company": tracking["company"],
        "tracking_number": tracking["number"],
        "tracking_url": tracking["url"],
        "created_at": moment(fulfillment, "createdAt"),
        "updated_at": moment(fulfillment, "updatedAt"),
    })
}

fn refund(refund: &Record) -> Value {
    json!({
        "id": number(refund),
        "admin_graphql_api_id": text(refund, "id"),
        "order_id": numeric(text(refund, "order")),
        "note": held(refund, "note"),
        "created_at": moment(refund, "createdAt"),
    })
}

pub fn customer(store: &Store, id: &str) -> Value {
    draw(store, id, |store, customer| {
        json!({
            "id": number(customer),
            "admin_graphql_api_id": text(customer, "id"),
            "email": held(customer, "email"),
            "first_name": held(customer, "firstName"),
            "last_name": held(customer, "lastName"),
            "orders_count": store.pointing("Order", "customer", text(customer, "id")).count(),
            "state": lower(customer, "state"),
            "note": held(customer, "note"),
            "tags": tags(customer),
            "tax_exempt": held(customer, "taxExempt"),
            "verified_email": held(customer, "verifiedEmail"),
            "created_at": moment(customer, "createdAt"),
            "updated_at": moment(customer, "updatedAt"),
        })
    })
}

pub fn location(store: &Store, id: &str) -> Value {
    draw(store, id, |_, location| {
        json!({
            "id": number(location),
            "admin_graphql_api_id": text(location, "id"),
            "name": text(location, "name"),
            "active": held(location, "isActive"),
            "legacy": false,
            "created_at": moment(location, "createdAt"),
            "updated_at": moment(location, "updatedAt"),
        })
    })
}

pub fn inventory_item(store: &Store, id: &str) -> Value {
    draw(store, id, |_, item| {
        json!({
            "id": number(item),
            "admin_graphql_api_id": text(item, "id"),
            "sku": held(item, "sku"),
            "cost": held(item, "unitCost"),
            "tracked": held(item, "tracked"),
            "requires_shipping": held(item, "requiresShipping"),
            "created_at": moment(item, "createdAt"),
            "updated_at": moment(item, "updatedAt"),
        })
    })
}

pub fn inventory_level(store: &Store, id: &str) -> Value {
    draw(store, id, |_, level| {
        json!({
            "inventory_item_id": numeric(text(level, "item")),
            "location_id": numeric(text(level, "location")),
            "available": level_quantity(level, "available"),
            "updated_at": moment(level, "updatedAt"),
            "admin_graphql_api_id": text(level, "id"),
        })
    })
}

pub fn webhook(store: &Store, id: &str, slug: impl Fn(&str) -> String) -> Value {
    draw(store, id, |_, webhook| {
        json!({
            "id": number(webhook),
            "topic": slug(text(webhook, "topic")),
            "address": text(webhook, "uri"),
            "format": lower(webhook, "format"),
            "fields": held(webhook, "includeFields"),
            "metafield_namespaces": held(webhook, "metafieldNamespaces"),
            "api_version": text(webhook, "apiVersion"),
            "created_at": moment(webhook, "createdAt"),
            "updated_at": moment(webhook, "updatedAt"),
        })
    })
}

/// Keeps the members that `fields=id,title` names.
pub fn only(value: Value, fields: Option<&str>) -> Value {
    match (fields, value) {
        (Some(fields), Value::Object(members)) => {
            let wanted: Vec<_> = fields.split(',').map(str::trim).collect();
            Value::Object(
                members.into_iter().filter(|(name, _)| wanted.contains(&name.as_str())).collect::<Map<_, _>>(),
            )
        }
        (_, value) => value,
    }
}
