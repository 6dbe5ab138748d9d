//! Fields that are computed from others.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::twin::shopify::graphql::resolve::{Failure, Node, Reader, Resolved, api_version, count, node_or_null};
use crate::twin::shopify::store::{Record, level_quantity, number_of, text, type_of};

impl Reader<'_> {
    /// Fields that are computed from others.
    pub(super) fn derived(&self, node: &Node, name: &str) -> Result<Option<Resolved>, Failure> {
        let store = &self.shop.store;
        let record = &node.record;
        let id = text(record, "id");
        let leaf = |value: Value| Ok(Some(Resolved::Leaf(value)));
        match (node.ty.as_str(), name) {
            (_, "legacyResourceId") => leaf(json!(number_of(id))),
            (_, "metafield") => self.metafield(id).map(Some),
            (_, "variantsCount") => {
                let variants = store.pointing("ProductVariant", "product", id).count();
                Ok(Some(Resolved::Node(Node { ty: "Count".into(), record: count(variants) })))
            }
            (_, "locationsCount") => {
                let levels = store.pointing("InventoryLevel", "item", id).count();
                Ok(Some(Resolved::Node(Node { ty: "Count".into(), record: count(levels) })))
            }
            ("ProductVariant", "inventoryQuantity") => {
                leaf(json!(store.quantity(text(record, "inventoryItem"), "available")))
            }
            ("ProductVariant", "displayName") => {
                let product =
                    store.get(text(record, "product")).map(|product| text(product, "title")).unwrap_or_default();
                leaf(json!(format!("{product} - {}", text(record, "title"))))
            }
            ("Product", "totalInventory") => {
                let variants = store.pointing("ProductVariant", "product", id);
                leaf(json!(
                    variants.map(|variant| store.quantity(text(variant, "inventoryItem"), "available")).sum::<i64>()
                ))
            }
            ("Product", "hasOnlyDefaultVariant") => {
                let mut variants = store.pointing("ProductVariant", "product", id);
                leaf(json!(variants.all(|variant| text(variant, "title") == "Default Title")))
            }
            ("Product", "description") => leaf(json!(without_tags(text(record, "descriptionHtml"), self.arguments))),
            ("InventoryItem", "inventoryLevel") => {
                Ok(Some(self.level(id, self.text("locationId").unwrap_or_default())))
            }
            ("Location", "inventoryLevel") => {
                Ok(Some(self.level(self.text("inventoryItemId").unwrap_or_default(), id)))
            }
            ("InventoryLevel", "quantities") => self.quantities(record).map(Some),
            ("Order", "fullyPaid") => leaf(json!(!matches!(
                text(record, "displayFinancialStatus"),
                "PENDING" | "AUTHORIZED" | "PARTIALLY_PAID" | "VOIDED" | "EXPIRED"
            ))),
            ("Order", "unpaid") => {
                leaf(json!(matches!(text(record, "displayFinancialStatus"), "PENDING" | "AUTHORIZED")))
            }
            ("Order", "closed") => leaf(json!(record.get("closedAt").is_some_and(|at| !at.is_null()))),
            ("Customer", "displayName") => {
                leaf(json!(format!("{} {}", text(record, "firstName"), text(record, "lastName")).trim()))
            }
            ("Customer", "numberOfOrders") => leaf(json!(store.pointing("Order", "customer", id).count().to_string())),
            ("Metafield", "jsonValue") => leaf(json_value(record)),
            ("Metafield", "compareDigest") => leaf(json!(digest(text(record, "value")))),
            ("Metafield", "ownerType") => {
                leaf(json!(type_of(text(record, "owner")).unwrap_or_default().to_uppercase()))
            }
            ("WebhookSubscription", "callbackUrl") => leaf(json!(text(record, "uri"))),
            ("WebhookSubscription", "endpoint") => Ok(Some(endpoint(text(record, "uri")))),
            ("WebhookSubscription", "apiVersion") => Ok(Some(Resolved::Node(Node {
                ty: "ApiVersion".into(),
                record: api_version(&self.shop.supported, text(record, "apiVersion")),
            }))),
            _ => Ok(None),
        }
    }

    fn metafield(&self, owner: &str) -> Result<Resolved, Failure> {
        let Some(namespace) = self.text("namespace") else {
            return Err(Failure::Gap("metafields without a namespace".into()));
        };
        let key = self.text("key").unwrap_or_default();
        let mut known = self.shop.store.pointing("Metafield", "owner", owner);
        Ok(node_or_null("Metafield", known.find(|row| text(row, "namespace") == namespace && text(row, "key") == key)))
    }

    fn level(&self, item: &str, location: &str) -> Resolved {
        let mut levels = self.shop.store.pointing("InventoryLevel", "item", item);
        node_or_null("InventoryLevel", levels.find(|level| text(level, "location") == location))
    }

    fn quantities(&self, level: &Record) -> Result<Resolved, Failure> {
        let names = self.arguments.get("names").and_then(Value::as_array).cloned().unwrap_or_default();
        let (number, item) = (number_of(text(level, "id")), number_of(text(level, "item")));
        let node = |name: &Value| {
            let name = name.as_str().unwrap_or_default();
            if !QUANTITY_NAMES.contains(&name) {
                return Err(Failure::Gap(format!("inventory quantity {name:?}")));
            }
            let record = json!({
                "id": format!("gid://shopify/InventoryQuantity/{number}?inventory_item_id={item}&name={name}"),
                "name": name,
                "quantity": level_quantity(level, name),
                "updatedAt": text(level, "updatedAt"),
            });
            Ok(record.as_object().cloned().map(|record| Node { ty: "InventoryQuantity".into(), record }))
        };
        Ok(Resolved::List(names.iter().map(node).collect::<Result<_, _>>()?))
    }
}

/// The states of inventory (shopify.dev, inventory quantities and states).
pub const QUANTITY_NAMES: [&str; 8] =
    ["available", "on_hand", "committed", "incoming", "reserved", "damaged", "safety_stock", "quality_control"];

fn endpoint(uri: &str) -> Resolved {
    let (ty, record) = if let Some(topic) = uri.strip_prefix("pubsub://") {
        let (project, topic) = topic.split_once(':').unwrap_or((topic, ""));
        ("WebhookPubSubEndpoint", json!({ "pubSubProject": project, "pubSubTopic": topic }))
    } else if uri.starts_with("arn:") {
        ("WebhookEventBridgeEndpoint", json!({ "arn": uri }))
    } else {
        ("WebhookHttpEndpoint", json!({ "callbackUrl": uri }))
    };
    Resolved::Node(Node { ty: ty.into(), record: record.as_object().cloned().unwrap_or_default() })
}

fn json_value(metafield: &Record) -> Value {
    let value = text(metafield, "value");
    let plain = text(metafield, "type").contains("text_field");
    if plain { json!(value) } else { serde_json::from_str(value).unwrap_or_else(|_| json!(value)) }
}

/// The digest by which `metafieldsSet` compares (its algorithm is not published; SHA-256 here).
pub fn digest(value: &str) -> String {
    hex::encode(Sha256::digest(value.as_bytes()))
}

fn without_tags(html: &str, arguments: &Map<String, Value>) -> String {
    let mut inside = false;
    let mut plain = String::new();
    for letter in html.chars() {
        match letter {
            '<' => inside = true,
            '>' => inside = false,
            _ if !inside => plain.push(letter),
            _ => {}
        }
    }
    let most = arguments.get("truncateAt").and_then(Value::as_u64).and_then(|most| usize::try_from(most).ok());
    match most {
        Some(most) if plain.chars().count() > most => {
            plain.chars().take(most.saturating_sub(3)).collect::<String>() + "..."
        }
        _ => plain,
    }
}
