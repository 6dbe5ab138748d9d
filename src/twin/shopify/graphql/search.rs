//! The `query:` argument: Shopify's search syntax over a type's filters.
//!
//! Terms are joined by spaces or `AND`, by `OR`, grouped with parentheses, negated by `-` or `NOT`; a term is
//! `field:value`, `field:>=value`, `field:"two words"` or `field:pre*` (shopify.dev/api/usage/search-syntax).
//! A field that the connection does not have is ignored, and warned of in `extensions.search` (remembered).

pub mod syntax;

use serde_json::{Value, json};

use crate::twin::shopify::graphql::search::syntax::{Comparison, Search, parse};
use crate::twin::shopify::store::{Record, Store, number_of, text};

/// What became of a search.
#[derive(Debug, Default)]
pub struct Outcome {
    pub rows: Vec<Record>,
    /// Fields that the connection has no filter for.
    pub unknown: Vec<String>,
    /// Filters that the API has and the twin does not model.
    pub gaps: Vec<String>,
}

/// The filters that the API documents for a type's connections and the twin does not model (schema of 2026-10).
fn unmodelled(ty: &str) -> &'static str {
    match ty {
        "Product" => {
            "barcode bundles category_id collection_id combined_listing_role delivery_profile_id error_feedback gift_card \
             has_only_composites has_only_default_variant has_variant_with_components is_price_reduced out_of_stock_somewhere \
             price product_configuration_owner product_publication_status publication_ids publishable_status published_at \
             published_status tracks_inventory variant_id variant_title"
        }
        "ProductVariant" => {
            "collection delivery_profile_id exclude_composite exclude_variants_with_components gift_card location_id managed \
             managed_by product_ids product_publication_status publishable_status published_status requires_components taxable"
        }
        "Order" => {
            "cart_token channel channel_id chargeback_status checkout_token confirmation_number current_total_price \
             delivery_method discount_code fraud_protection_level fulfillment_location_id gateway location_id payment_id \
             payment_provider_id po_number reference_location_id return_status risk_level sales_channel sku \
             source_identifier source_name subtotal_line_items_quantity total_weight"
        }
        "Customer" => {
            "accepts_marketing country customer_date last_abandoned_order_date order_date orders_count phone total_spent"
        }
        "Location" => "city country geolocated legacy location_id pickup_in_store province zip",
        "InventoryLevel" => "inventory_group_id",
        _ => "",
    }
}

/// The member of a record that a filter looks at; None when the type has no such filter that the twin models.
fn member(ty: &str, filter: &str) -> Option<&'static str> {
    Some(match (ty, filter) {
        (_, "id") => "id",
        (
            "Product" | "Order" | "InventoryItem" | "InventoryLevel" | "Location" | "WebhookSubscription",
            "created_at",
        ) => "createdAt",
        (_, "updated_at") if ty != "Location" => "updatedAt",
        ("Product" | "ProductVariant", "title") => "title",
        ("Product", "handle") => "handle",
        ("Product", "vendor") => "vendor",
        ("Product", "product_type") => "productType",
        ("Product", "status") => "status",
        ("Product", "inventory_total") => "inventory_total",
        ("Product" | "ProductVariant" | "InventoryItem", "sku") => "sku",
        ("ProductVariant", "barcode") => "barcode",
        ("ProductVariant", "product_id") => "product",
        ("ProductVariant", "inventory_quantity") => "inventory_quantity",
        ("ProductVariant", "product_status") => "product.status",
        ("ProductVariant", "product_type") => "product.productType",
        ("ProductVariant", "vendor") => "product.vendor",
        ("Product" | "Order" | "Customer" | "ProductVariant", "tag" | "tag_not") => "tags",
        ("Order", "name") => "name",
        ("Order" | "Customer", "email") => "email",
        ("Order", "financial_status") => "displayFinancialStatus",
        ("Order", "fulfillment_status") => "displayFulfillmentStatus",
        ("Order", "status") => "order.status",
        ("Order", "processed_at") => "processedAt",
        ("Order", "customer_id") => "customer",
        ("Order", "test") => "test",
        ("Customer", "first_name") => "firstName",
        ("Customer", "last_name") => "lastName",
        ("Customer", "state") => "state",
        ("InventoryLevel", "inventory_item_id") => "item",
        ("Location", "active") => "isActive",
        _ => return None,
    })
}

/// Keeps the records that a search finds.
pub fn filter(store: &Store, ty: &str, rows: Vec<Record>, query: &str) -> Outcome {
    let Some(search) = parse(query) else { return Outcome { rows, ..Outcome::default() } };
    let mut outcome = Outcome::default();
    fields(&search, &mut |field| {
        if member(ty, field).is_none() {
            let known = unmodelled(ty).split_whitespace().any(|name| name == field) || field.starts_with("metafields.");
            if known { outcome.gaps.push(field.to_owned()) } else { outcome.unknown.push(field.to_owned()) }
        }
    });
    outcome.rows = rows.into_iter().filter(|row| finds(store, ty, row, &search)).collect();
    outcome
}

/// One warning of `extensions.search` for a field that is not a filter.
pub fn warning(path: &[Value], query: &str, field: &str) -> Value {
    json!({
        "path": path,
        "query": query,
        "warnings": [{ "field": field, "message": "Invalid search field for this query." }],
    })
}

fn fields(search: &Search, found: &mut impl FnMut(&str)) {
    match search {
        Search::All(parts) | Search::Any(parts) => parts.iter().for_each(|part| fields(part, found)),
        Search::Not(part) => fields(part, found),
        Search::Term { field, .. } => {
            if let Some(field) = field {
                found(field);
            }
        }
    }
}

fn finds(store: &Store, ty: &str, row: &Record, search: &Search) -> bool {
    match search {
        Search::All(parts) => parts.iter().all(|part| finds(store, ty, row, part)),
        Search::Any(parts) => parts.iter().any(|part| finds(store, ty, row, part)),
        Search::Not(part) => !finds(store, ty, row, part),
        Search::Term { field: None, value, .. } => {
            let word = value.trim_end_matches('*').to_lowercase();
            ["title", "name", "email", "sku", "displayName"]
                .iter()
                .any(|name| text(row, name).to_lowercase().contains(&word))
        }
        // A filter that the connection does not have is ignored: everything passes it.
        Search::Term { field: Some(field), comparison, value } => match member(ty, field) {
            None => true,
            Some(member) => {
                let found =
                    values_of(store, row, member).iter().any(|have| compares(have, *comparison, &wanted(field, value)));
                found != (field == "tag_not")
            }
        },
    }
}

/// Some filters have words of their own for a status.
fn wanted(field: &str, value: &str) -> String {
    match (field, value) {
        ("fulfillment_status", "shipped") => "fulfilled".into(),
        ("fulfillment_status", "unshipped") => "unfulfilled".into(),
        ("fulfillment_status", "partial") => "partially_fulfilled".into(),
        _ => value.to_lowercase(),
    }
}

fn values_of(store: &Store, row: &Record, member: &str) -> Vec<String> {
    let lower = |value: &str| vec![value.to_lowercase()];
    match member {
        "id" | "product" | "customer" | "item" => vec![number_of(text(row, member)).to_owned()],
        "inventory_quantity" => vec![store.quantity(text(row, "inventoryItem"), "available").to_string()],
        "inventory_total" => vec![total(store, row).to_string()],
        "sku" if !row.contains_key("sku") => store
            .pointing("ProductVariant", "product", text(row, "id"))
            .map(|variant| text(variant, "sku").to_lowercase())
            .collect(),
        "tags" if !row.contains_key("tags") => tags(store.get(text(row, "product"))),
        "tags" => tags(Some(row)),
        "test" | "isActive" => vec![row.get(member).and_then(Value::as_bool).unwrap_or(false).to_string()],
        "order.status" => order_status(row),
        _ => match member.split_once('.') {
            Some((reference, inner)) => {
                store.get(text(row, reference)).map_or_else(Vec::new, |row| lower(text(row, inner)))
            }
            None => lower(text(row, member)),
        },
    }
}

fn tags(row: Option<&Record>) -> Vec<String> {
    let tags = row.and_then(|row| row.get("tags")).and_then(Value::as_array);
    tags.into_iter().flatten().filter_map(Value::as_str).map(str::to_lowercase).collect()
}

fn order_status(row: &Record) -> Vec<String> {
    let set = |member: &str| row.get(member).is_some_and(|value| !value.is_null());
    let (closed, cancelled) = (set("closedAt"), set("cancelledAt"));
    let words = [
        ("open", !closed && !cancelled),
        ("closed", closed),
        ("cancelled", cancelled),
        ("not_closed", !closed),
        ("any", true),
    ];
    words.into_iter().filter(|(_, holds)| *holds).map(|(word, _)| word.to_owned()).collect()
}

fn total(store: &Store, product: &Record) -> i64 {
    let variants = store.pointing("ProductVariant", "product", text(product, "id"));
    variants.map(|variant| store.quantity(text(variant, "inventoryItem"), "available")).sum()
}

fn compares(have: &str, comparison: Comparison, want: &str) -> bool {
    if let (Comparison::Equal, Some(start)) = (comparison, want.strip_suffix('*')) {
        return have.starts_with(start);
    }
    let ordering = match (have.parse::<f64>(), want.parse::<f64>()) {
        (Ok(have), Ok(want)) => have.total_cmp(&want),
        // ISO 8601 moments of one zone and precision compare as text; a date alone comes before its day's moments.
        _ => have.trim_end_matches('z').cmp(want.trim_end_matches('z').trim_end_matches(".000")),
    };
    match comparison {
        Comparison::Equal => ordering.is_eq(),
        Comparison::Less => ordering.is_lt(),
        Comparison::AtMost => ordering.is_le(),
        Comparison::More => ordering.is_gt(),
        Comparison::AtLeast => ordering.is_ge(),
    }
}

#[cfg(test)]
mod tests {
    use super::filter;
    use crate::twin::shopify::store::{Store, text};

    fn store() -> Store {
        Store::read(
            br#"{"Product": [
                {"id": "gid://shopify/Product/1", "title": "Radiator", "status": "ACTIVE", "tags": ["BUNDLE:TRUE"], "createdAt": "2026-10-01T09:00:00Z"},
                {"id": "gid://shopify/Product/2", "title": "Fan shroud", "status": "DRAFT", "tags": ["PACK:4"], "createdAt": "2026-10-05T09:00:00Z"},
                {"id": "gid://shopify/Product/3", "title": "Hose", "status": "ACTIVE", "tags": [], "createdAt": "2026-11-01T09:00:00Z"}]}"#,
        )
        .unwrap()
    }

    #[test]
    fn a_search_finds_what_its_terms_say() {
        let store = store();
        for (query, titles) in [
            ("status:active", "Radiator Hose"),
            ("status:active AND created_at:>=2026-10-15", "Hose"),
            ("created_at:>=2026-10-05T09:00:00.000Z", "Fan shroud Hose"),
            ("tag:BUNDLE* OR tag:PACK*", "Radiator Fan shroud"),
            ("-status:draft", "Radiator Hose"),
            ("NOT (status:draft OR id:1)", "Hose"),
            ("title:'fan shroud'", "Fan shroud"),
            ("id:<=2", "Radiator Fan shroud"),
            ("hose", "Hose"),
            ("tag_not:PACK:4", "Radiator Hose"),
            ("", "Radiator Fan shroud Hose"),
        ] {
            let found = filter(&store, "Product", store.rows("Product").to_vec(), query);
            let names: Vec<_> = found.rows.iter().map(|row| text(row, "title")).collect();
            assert_eq!(names.join(" "), titles, "{query}");
            assert!(found.unknown.is_empty() && found.gaps.is_empty(), "{query}");
        }
    }

    #[test]
    fn a_field_that_is_no_filter_is_ignored_and_named() {
        let store = store();
        let found = filter(&store, "Product", store.rows("Product").to_vec(), "available:<0 status:draft");
        assert_eq!((found.rows.len(), found.unknown), (1, vec!["available".to_owned()]));
        let found = filter(&store, "Product", store.rows("Product").to_vec(), "barcode:1");
        assert_eq!(found.gaps, ["barcode"]);
    }
}
