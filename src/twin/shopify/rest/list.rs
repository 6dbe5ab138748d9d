//! Reading: lists, counts and single resources.

use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::twin::shopify::rest::page::Asked;
use crate::twin::shopify::rest::{Call, Outcome, answered, errors, not_found, ok, page_of, render};
use crate::twin::shopify::shop::Shop;
use crate::twin::shopify::store::{Record, Store, number_of, text};
use crate::twin::shopify::topics;

/// A REST resource.
pub struct Resource {
    /// `products`
    pub plural: &'static str,
    /// `product`
    pub singular: &'static str,
    pub ty: &'static str,
    /// `products` of `read_products`; none is needed where None.
    pub scope: Option<&'static str>,
}

const RESOURCES: [Resource; 8] = [
    Resource { plural: "products", singular: "product", ty: "Product", scope: Some("products") },
    Resource { plural: "variants", singular: "variant", ty: "ProductVariant", scope: Some("products") },
    Resource { plural: "orders", singular: "order", ty: "Order", scope: Some("orders") },
    Resource { plural: "customers", singular: "customer", ty: "Customer", scope: Some("customers") },
    Resource { plural: "locations", singular: "location", ty: "Location", scope: Some("locations") },
    Resource { plural: "inventory_items", singular: "inventory_item", ty: "InventoryItem", scope: Some("inventory") },
    Resource {
        plural: "inventory_levels",
        singular: "inventory_level",
        ty: "InventoryLevel",
        scope: Some("inventory"),
    },
    Resource { plural: "webhooks", singular: "webhook", ty: "WebhookSubscription", scope: None },
];

impl Resource {
    pub fn named(plural: &str) -> Option<&'static Self> {
        RESOURCES.iter().find(|resource| resource.plural == plural)
    }

    /// One record as this resource writes it.
    pub fn draw(&self, store: &Store, id: &str) -> Value {
        match self.ty {
            "Product" => render::product(store, id),
            "ProductVariant" => render::variant(store, id),
            "Order" => render::order(store, id),
            "Customer" => render::customer(store, id),
            "Location" => render::location(store, id),
            "InventoryItem" => render::inventory_item(store, id),
            "InventoryLevel" => render::inventory_level(store, id),
            _ => render::webhook(store, id, topics::slug),
        }
    }

    pub fn wrap(&self, value: Value) -> Value {
        Value::Object(Map::from_iter([(self.singular.to_owned(), value)]))
    }
}

/// Answers a GET.
pub fn answer(shop: &Shop, call: &Call, resource: &Resource) -> Outcome {
    match call.path {
        [_] => list(shop, call, resource),
        [_, "count"] => match asked(call, resource) {
            Ok(asked) => ok(&json!({ "count": rows(shop, resource, &asked).len() })),
            Err(outcome) => outcome,
        },
        // Levels have no address of their own.
        [_, number] if resource.ty != "InventoryLevel" => match shop.store.numbered(resource.ty, number) {
            Some(record) => {
                let fields = crate::twin::kit::request::query_value(call.request, "fields");
                let drawn = resource.draw(&shop.store, text(record, "id"));
                ok(&resource.wrap(render::only(drawn, fields.as_deref())))
            }
            None => not_found(),
        },
        _ => Outcome::Gap(format!("REST resource {}", call.path.join("/"))),
    }
}

fn list(shop: &Shop, call: &Call, resource: &Resource) -> Outcome {
    let asked = match asked(call, resource) {
        Ok(asked) => asked,
        Err(outcome) => return outcome,
    };
    if let Some(missing) = demanded(resource, &asked) {
        return answered(errors(StatusCode::UNPROCESSABLE_ENTITY, &json!(missing)));
    }
    let (page, link) = asked.cut(&rows(shop, resource, &asked), call.request);
    let drawn =
        page.iter().map(|row| render::only(resource.draw(&shop.store, text(row, "id")), asked.fields.as_deref()));
    let body = Map::from_iter([(resource.plural.to_owned(), drawn.collect())]);
    page_of(&Value::Object(body), link)
}

fn asked(call: &Call, resource: &Resource) -> Result<Asked, Outcome> {
    let refuse = |body: Value| answered(crate::twin::kit::reply::json(StatusCode::BAD_REQUEST, &body));
    let asked = Asked::read(call.request).map_err(refuse)?;
    let unknown = asked
        .filters
        .iter()
        .find(|(name, _)| !FILTERS.contains(&(resource.ty, name.as_str())) && name != "ids" && name != "since_id");
    match unknown {
        Some((name, _)) => Err(Outcome::Gap(format!("filter {name} of {}", resource.plural))),
        None => Ok(asked),
    }
}

/// The filters that are modelled, besides `ids` and `since_id`.
const FILTERS: [(&str, &str); 18] = [
    ("Product", "status"),
    ("Product", "vendor"),
    ("Product", "title"),
    ("Product", "handle"),
    ("Product", "product_type"),
    ("Product", "created_at_min"),
    ("Product", "updated_at_min"),
    ("Order", "status"),
    ("Order", "financial_status"),
    ("Order", "fulfillment_status"),
    ("Order", "created_at_min"),
    ("Order", "created_at_max"),
    ("Order", "updated_at_min"),
    ("Order", "name"),
    ("InventoryLevel", "inventory_item_ids"),
    ("InventoryLevel", "location_ids"),
    ("WebhookSubscription", "topic"),
    ("WebhookSubscription", "address"),
];

/// What a list cannot do without (remembered).
fn demanded(resource: &Resource, asked: &Asked) -> Option<Value> {
    match resource.ty {
        "InventoryLevel" if asked.filter("inventory_item_ids").is_none() && asked.filter("location_ids").is_none() => {
            Some(json!({ "location_ids": ["are required when inventory_item_ids are not present"] }))
        }
        "InventoryItem" if asked.filter("ids").is_none() => Some(json!({ "ids": ["is required"] })),
        _ => None,
    }
}

fn rows(shop: &Shop, resource: &Resource, asked: &Asked) -> Vec<Record> {
    let mut rows: Vec<_> =
        shop.store.rows(resource.ty).iter().filter(|row| wanted(resource.ty, row, asked)).cloned().collect();
    if resource.ty == "Order" {
        // Orders come newest first.
        rows.reverse();
    }
    rows
}

fn wanted(ty: &str, row: &Record, asked: &Asked) -> bool {
    let among = |filter: &str, id: &str| {
        asked.filter(filter).is_none_or(|list| list.split(',').any(|number| number.trim() == number_of(id)))
    };
    let equal = |filter: &str, member: &str| {
        asked.filter(filter).is_none_or(|value| text(row, member).eq_ignore_ascii_case(value))
    };
    let since = asked.filter("since_id").and_then(|number| number.parse::<u64>().ok());
    let number: u64 = number_of(text(row, "id")).parse().unwrap_or_default();
    let later =
        |filter: &str, member: &str| asked.filter(filter).is_none_or(|at| text(row, member) >= moment(at).as_str());
    let earlier =
        |filter: &str, member: &str| asked.filter(filter).is_none_or(|at| text(row, member) <= moment(at).as_str());
    since.is_none_or(|since| number > since)
        && among("ids", text(row, "id"))
        && later("created_at_min", "createdAt")
        && later("updated_at_min", "updatedAt")
        && earlier("created_at_max", "createdAt")
        && match ty {
            "Product" => {
                equal("status", "status")
                    && equal("vendor", "vendor")
                    && equal("title", "title")
                    && equal("handle", "handle")
                    && equal("product_type", "productType")
            }
            "Order" => open_or(row, asked) && paid_as(row, asked) && sent_as(row, asked) && equal("name", "name"),
            "InventoryLevel" => {
                among("inventory_item_ids", text(row, "item")) && among("location_ids", text(row, "location"))
            }
            "WebhookSubscription" => {
                equal("address", "uri")
                    && asked.filter("topic").is_none_or(|topic| topics::slug(text(row, "topic")) == topic)
            }
            _ => true,
        }
}

/// A moment in UTC, as records hold it.
fn moment(at: &str) -> String {
    at.parse::<jiff::Timestamp>().map_or_else(|_| at.to_owned(), crate::twin::kit::clock::iso_seconds)
}

/// Orders that are open, unless another status is asked for.
fn open_or(row: &Record, asked: &Asked) -> bool {
    let set = |member: &str| row.get(member).is_some_and(|value| !value.is_null());
    match asked.filter("status").unwrap_or("open") {
        "any" => true,
        "closed" => set("closedAt"),
        "cancelled" => set("cancelledAt"),
        _ => !set("closedAt") && !set("cancelledAt"),
    }
}

fn paid_as(row: &Record, asked: &Asked) -> bool {
    match asked.filter("financial_status") {
        None | Some("any") => true,
        Some("unpaid") => matches!(text(row, "displayFinancialStatus"), "AUTHORIZED" | "PARTIALLY_PAID" | "PENDING"),
        Some(status) => text(row, "displayFinancialStatus").eq_ignore_ascii_case(status),
    }
}

fn sent_as(row: &Record, asked: &Asked) -> bool {
    let status = text(row, "displayFulfillmentStatus");
    match asked.filter("fulfillment_status") {
        None | Some("any") => true,
        Some("shipped" | "fulfilled") => status == "FULFILLED",
        Some("partial") => status == "PARTIALLY_FULFILLED",
        Some("unshipped") => status == "UNFULFILLED",
        Some("unfulfilled") => matches!(status, "UNFULFILLED" | "PARTIALLY_FULFILLED"),
        Some(_) => false,
    }
}
