//! What each field of the shop's objects holds.

pub mod derived;

use serde_json::{Map, Value, json};

use crate::twin::shopify::graphql::connection::{Page, page, sort};
use crate::twin::shopify::graphql::error::Error;
use crate::twin::shopify::graphql::schema::{Field, Schema, TypeRef};
use crate::twin::shopify::graphql::search;
use crate::twin::shopify::shop::Shop;
use crate::twin::shopify::store::{Record, text, type_of};
use crate::twin::shopify::version::{MODELLED, Supported};

/// An object with its type.
#[derive(Clone, Debug)]
pub struct Node {
    pub ty: String,
    pub record: Record,
}

/// What a field was found to hold.
#[derive(Debug)]
pub enum Resolved {
    Null,
    Leaf(Value),
    Node(Node),
    List(Vec<Option<Node>>),
    Connection(Page),
}

/// Why a field holds nothing.
#[derive(Debug)]
pub enum Failure {
    Error(Error),
    /// What is not modelled.
    Gap(String),
}

/// Reads one field of one object.
pub struct Reader<'a> {
    pub schema: &'a Schema,
    pub shop: &'a Shop,
    pub version: &'a str,
    pub arguments: &'a Map<String, Value>,
    /// Warnings of searches, by field name: filled in while reading.
    pub ignored: Vec<String>,
}

type Read = Result<Resolved, Failure>;

impl Reader<'_> {
    /// Reads `field` of `node`.
    pub fn read(&mut self, node: &Node, field: &Field) -> Read {
        let name = field.name.as_str();
        if node.ty == "QueryRoot" {
            return self.root(field);
        }
        if let Some(found) = self.derived(node, name)? {
            return Ok(found);
        }
        let base = field.ty.base();
        if let (Some(by), None) = (&field.by, node.record.get(name)) {
            let target = self.schema.node_of(base).unwrap_or(base).to_owned();
            let rows: Vec<_> = self.shop.store.pointing(&target, by, text(&node.record, "id")).cloned().collect();
            return self.related(field, &target, rows);
        }
        Ok(self.held(field, node.record.get(name).unwrap_or(&Value::Null)))
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.arguments.get(name).and_then(Value::as_str)
    }

    /// The fields of the root: objects by id, connections over all of a type, and what the installation is told of itself.
    fn root(&mut self, field: &Field) -> Read {
        let base = field.ty.base();
        match field.name.as_str() {
            "shop" => Ok(node_or_null("Shop", self.shop.store.rows("Shop").first())),
            "node" => Ok(self.any(self.text("id").unwrap_or_default()).map_or(Resolved::Null, Resolved::Node)),
            "nodes" => {
                let ids = self.arguments.get("ids").and_then(Value::as_array).cloned().unwrap_or_default();
                Ok(Resolved::List(ids.iter().map(|id| self.any(id.as_str().unwrap_or_default())).collect()))
            }
            "currentAppInstallation" => {
                Ok(Resolved::Node(Node { ty: base.to_owned(), record: self.shop.installation() }))
            }
            "publicApiVersions" => {
                let supported = &self.shop.supported;
                let known = MODELLED.iter().rev().filter(|version| **version <= supported.newest.as_str());
                let versions =
                    known.map(|version| Some(Node { ty: base.to_owned(), record: api_version(supported, version) }));
                Ok(Resolved::List(versions.collect()))
            }
            "ordersCount" => self.count("Order"),
            "productsCount" => self.count("Product"),
            "webhookSubscriptionsCount" => self.count("WebhookSubscription"),
            "location" if self.text("id").is_none() => {
                Ok(node_or_null("Location", self.shop.store.rows("Location").first()))
            }
            _ => match self.schema.node_of(base).map(str::to_owned) {
                Some(target) => {
                    let rows =
                        self.shop.store.rows(&target).iter().filter(|row| self.wanted(&target, row)).cloned().collect();
                    self.related(field, &target, rows)
                }
                None => self.by_id(field),
            },
        }
    }

    /// An id of another type is refused, one that nothing has is null (worded from memory (remembered)).
    fn by_id(&self, field: &Field) -> Read {
        let id = self.text("id").unwrap_or_default();
        let base = field.ty.base();
        if type_of(id) != Some(base) {
            return Err(Failure::Error(Error::coded(format!("Invalid id: {id}"), "RESOURCE_NOT_FOUND")));
        }
        Ok(node_or_null(base, self.shop.store.get(id)))
    }

    fn any(&self, id: &str) -> Option<Node> {
        let record = self.shop.store.get(id)?.clone();
        Some(Node { ty: type_of(id)?.to_owned(), record })
    }

    /// Arguments that narrow a connection besides `query`.
    fn wanted(&self, ty: &str, row: &Record) -> bool {
        let matches = |argument: &str, member: &str| self.text(argument).is_none_or(|value| text(row, member) == value);
        match ty {
            "WebhookSubscription" => {
                let topics = self.arguments.get("topics").and_then(Value::as_array);
                let topic =
                    topics.is_none_or(|topics| topics.iter().any(|topic| topic.as_str() == Some(text(row, "topic"))));
                topic && matches("uri", "uri") && matches("callbackUrl", "uri") && matches("format", "format")
            }
            "Location" => {
                let inactive = self.arguments.get("includeInactive").and_then(Value::as_bool).unwrap_or(false);
                inactive || row.get("isActive").and_then(Value::as_bool).unwrap_or(true)
            }
            "Metafield" => matches("namespace", "namespace"),
            _ => true,
        }
    }

    fn count(&mut self, ty: &str) -> Read {
        let rows = self.searched(ty, self.shop.store.rows(ty).to_vec())?;
        Ok(Resolved::Node(Node { ty: "Count".into(), record: count(rows.len()) }))
    }

    fn searched(&mut self, ty: &str, rows: Vec<Record>) -> Result<Vec<Record>, Failure> {
        let Some(query) = self.text("query") else { return Ok(rows) };
        let found = search::filter(&self.shop.store, ty, rows, query);
        if let Some(gap) = found.gaps.first() {
            return Err(Failure::Gap(format!("search filter {gap} of {ty}")));
        }
        self.ignored.extend(found.unknown);
        Ok(found.rows)
    }

    /// Records that belong to an object: one, a list, or a connection.
    fn related(&mut self, field: &Field, ty: &str, rows: Vec<Record>) -> Read {
        let base = field.ty.base();
        if self.schema.node_of(base).is_none() {
            if !field.ty.is_list() {
                return Ok(node_or_null(ty, rows.first()));
            }
            let first =
                self.arguments.get("first").and_then(Value::as_u64).and_then(|first| usize::try_from(first).ok());
            let nodes = rows
                .into_iter()
                .take(first.unwrap_or(usize::MAX))
                .map(|record| Some(Node { ty: ty.to_owned(), record }));
            return Ok(Resolved::List(nodes.collect()));
        }
        let rows = rows.into_iter().filter(|row| self.wanted(ty, row)).collect();
        let mut rows = self.searched(ty, rows)?;
        let reverse = self.arguments.get("reverse").and_then(Value::as_bool).unwrap_or(false);
        let key = self.text("sortKey").unwrap_or("ID").to_owned();
        sort(&mut rows, &key, reverse).ok_or_else(|| Failure::Gap(format!("sort key {key} of {ty}")))?;
        page(ty, rows, self.arguments).map(Resolved::Connection).map_err(Failure::Error)
    }

    /// A member as it is stored: a leaf, money, a reference, an object or a list of these.
    fn held(&self, field: &Field, value: &Value) -> Resolved {
        let base = field.ty.base();
        let leaf = self.schema.get(base).is_none_or(crate::twin::shopify::graphql::schema::Type::is_leaf);
        match value {
            Value::Null => Resolved::Null,
            _ if leaf => Resolved::Leaf(value.clone()),
            Value::Array(items) => Resolved::List(items.iter().map(|item| self.object(base, item)).collect()),
            _ if matches!(field.ty.nullable(), TypeRef::List(_)) => Resolved::Null,
            _ => self.object(base, value).map_or(Resolved::Null, Resolved::Node),
        }
    }

    fn object(&self, ty: &str, value: &Value) -> Option<Node> {
        let node = |record: Value| Some(Node { ty: ty.to_owned(), record: record.as_object()?.clone() });
        match value {
            Value::String(amount) if ty == "MoneyBag" => {
                node(json!({ "shopMoney": amount, "presentmentMoney": amount }))
            }
            Value::String(amount) if ty == "MoneyV2" => {
                node(json!({ "amount": amount, "currencyCode": self.shop.currency() }))
            }
            Value::String(id) => self.any(id),
            Value::Object(record) => {
                let ty = record.get("__typename").and_then(Value::as_str).unwrap_or(ty);
                Some(Node { ty: ty.to_owned(), record: record.clone() })
            }
            _ => None,
        }
    }
}

fn node_or_null(ty: &str, record: Option<&Record>) -> Resolved {
    record.map_or(Resolved::Null, |record| Resolved::Node(Node { ty: ty.to_owned(), record: record.clone() }))
}

fn count(number: usize) -> Record {
    Map::from_iter([("count".to_owned(), json!(number)), ("precision".to_owned(), json!("EXACT"))])
}

fn api_version(supported: &Supported, handle: &str) -> Record {
    let latest = supported.newest == handle;
    let display = if latest { format!("{handle} (Latest)") } else { handle.to_owned() };
    let members =
        [("handle", json!(handle)), ("displayName", json!(display)), ("supported", json!(supported.holds(handle)))];
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
