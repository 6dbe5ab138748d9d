//! Webhook topics: the slug of each enum value.

/// Topics that are no values of the enum: app configuration alone subscribes to them, and an app of the App Store must.
pub const COMPLIANCE: [&str; 3] = ["customers/data_request", "customers/redact", "shop/redact"];

/// Resources whose name ends before the last word of the event: `ORDERS_PARTIALLY_FULFILLED`.
const WHOLE: [&str; 10] = [
    "APP_SUBSCRIPTIONS",
    "AUDIT_EVENTS",
    "DISCOUNTS",
    "FULFILLMENT_ORDERS",
    "INVENTORY_SHIPMENTS",
    "INVENTORY_TRANSFERS",
    "ORDERS",
    "PRODUCT_FEEDS",
    "REVERSE_DELIVERIES",
    "VARIANTS",
];

/// `orders/create` for `ORDERS_CREATE`: resource and event are divided before the last word, with exceptions.
pub fn slug(topic: &str) -> String {
    match topic {
        "APP_SCOPES_UPDATE" => return "app/scopes_update".into(),
        "CUSTOMERS_PURCHASING_SUMMARY" => return "customers/purchasing_summary".into(),
        // These four, and no others, have a dot.
        "CUSTOMER_JOINED_SEGMENT" | "CUSTOMER_LEFT_SEGMENT" | "CUSTOMER_TAGS_ADDED" | "CUSTOMER_TAGS_REMOVED" => {
            return topic.replacen("CUSTOMER_", "CUSTOMER.", 1).to_lowercase();
        }
        _ => {}
    }
    let whole = WHOLE.iter().find_map(|resource| Some((*resource, topic.strip_prefix(resource)?.strip_prefix('_')?)));
    let (resource, event) = whole.or_else(|| topic.rsplit_once('_')).unwrap_or((topic, ""));
    format!("{resource}/{event}").to_lowercase()
}

/// The enum value of a slug, among `topics`.
pub fn of_slug<'a>(slug_wanted: &str, mut topics: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    topics.find(|topic| slug(topic) == slug_wanted)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{COMPLIANCE, of_slug, slug};
    use crate::twin::shopify::graphql::schema::Schema;

    fn schema() -> Schema {
        let definitions = include_str!("../../../fixtures/shopify/admin.graphql");
        Schema::read(definitions, include_str!("../../../fixtures/shopify/admin.beyond.json")).unwrap()
    }

    #[test]
    fn every_topic_has_a_slug_of_its_own() {
        let schema = schema();
        let topics: Vec<_> = schema.values("WebhookSubscriptionTopic", "2026-10").collect();
        let slugs: BTreeSet<_> = topics.iter().map(|topic| slug(topic)).collect();
        assert_eq!((topics.len(), slugs.len()), (218, 218));
        for topic in &topics {
            assert_eq!(of_slug(&slug(topic), topics.iter().copied()), Some(*topic));
        }
        assert_eq!(slugs.iter().filter(|slug| slug.contains('.')).count(), 4);
        for compliance in COMPLIANCE {
            assert!(!slugs.contains(compliance), "{compliance}");
        }
    }

    #[test]
    fn irregular_slugs_are_as_shopify_writes_them() {
        for (topic, expected) in [
            ("ORDERS_CREATE", "orders/create"),
            ("ORDERS_PARTIALLY_FULFILLED", "orders/partially_fulfilled"),
            ("APP_UNINSTALLED", "app/uninstalled"),
            ("APP_SCOPES_UPDATE", "app/scopes_update"),
            ("APP_PURCHASES_ONE_TIME_UPDATE", "app_purchases_one_time/update"),
            ("AUDIT_EVENTS_ADMIN_API_ACTIVITY", "audit_events/admin_api_activity"),
            ("CUSTOMER_TAGS_ADDED", "customer.tags_added"),
            ("CUSTOMER_ACCOUNT_SETTINGS_UPDATE", "customer_account_settings/update"),
            ("CUSTOMERS_PURCHASING_SUMMARY", "customers/purchasing_summary"),
            ("DISCOUNTS_REDEEMCODE_ADDED", "discounts/redeemcode_added"),
            ("FULFILLMENT_ORDERS_HOLD_RELEASED", "fulfillment_orders/hold_released"),
            ("INVENTORY_LEVELS_UPDATE", "inventory_levels/update"),
            ("INVENTORY_SHIPMENTS_MARK_IN_TRANSIT", "inventory_shipments/mark_in_transit"),
            ("PRODUCT_FEEDS_FULL_SYNC_FINISH", "product_feeds/full_sync_finish"),
            ("REVERSE_DELIVERIES_ATTACH_DELIVERABLE", "reverse_deliveries/attach_deliverable"),
            ("VARIANTS_OUT_OF_STOCK", "variants/out_of_stock"),
        ] {
            assert_eq!(slug(topic), expected);
        }
    }
}
