//! Mutations: what they change, what they complain of, and which webhooks they set off.

pub mod inventory;
pub mod metafield;
pub mod order;
pub mod product;
pub mod webhook;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::twin::shopify::graphql::error::Error;
use crate::twin::shopify::graphql::resolve::Failure;
use crate::twin::shopify::graphql::schema::Schema;
use crate::twin::shopify::shop::Shop;
use crate::twin::shopify::store::Record;

/// One call of a mutation.
pub struct Call<'a> {
    pub schema: &'a Schema,
    pub name: &'a str,
    pub arguments: &'a Map<String, Value>,
    pub version: &'a str,
    pub now: Timestamp,
    /// The key of `@idempotent`.
    pub idempotency_key: Option<&'a str>,
}

impl Call<'_> {
    /// The members of an input object.
    pub fn input(&self, name: &str) -> Option<&Map<String, Value>> {
        self.arguments.get(name).and_then(Value::as_object)
    }

    pub fn text(&self, name: &str) -> &str {
        self.arguments.get(name).and_then(Value::as_str).unwrap_or_default()
    }
}

/// Runs a mutation and gives its payload, references as ids.
///
/// # Errors
/// Errors that refuse the mutation as a whole, and what is not modelled. What a merchant could put right is no error
/// but `userErrors` of the payload.
pub fn run(shop: &mut Shop, call: &Call) -> Result<Record, Failure> {
    match call.name {
        "productUpdate" => product::update(shop, call),
        "inventoryAdjustQuantities" => inventory::adjust(shop, call),
        "inventorySetQuantities" => inventory::set(shop, call),
        "inventoryItemUpdate" => inventory::update_item(shop, call),
        "orderUpdate" => order::update(shop, call),
        "orderMarkAsPaid" => order::mark_as_paid(shop, call),
        "metafieldsSet" => metafield::set(shop, call),
        "metafieldsDelete" => metafield::delete(shop, call),
        "webhookSubscriptionCreate" => webhook::create(shop, call),
        "webhookSubscriptionUpdate" => webhook::update(shop, call),
        "webhookSubscriptionDelete" => webhook::delete(shop, call),
        name => Err(Failure::Gap(format!("mutation {name}"))),
    }
}

/// One of a payload's `userErrors`.
#[derive(Clone, Debug)]
pub struct UserError {
    pub field: Vec<String>,
    pub message: String,
    /// Of mutations whose errors are typed.
    pub code: Option<&'static str>,
}

impl UserError {
    pub fn new(field: &[&str], message: impl Into<String>) -> Self {
        Self { field: field.iter().map(|part| (*part).to_owned()).collect(), message: message.into(), code: None }
    }

    #[must_use]
    pub fn coded(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }
}

/// A payload: its object's member (null where there are errors) and the `userErrors`.
pub fn payload(member: &str, value: Value, errors: &[UserError]) -> Record {
    let value = if errors.is_empty() { value } else { Value::Null };
    let errors =
        errors.iter().map(|error| json!({ "field": error.field, "message": error.message, "code": error.code }));
    Map::from_iter([(member.to_owned(), value), ("userErrors".to_owned(), errors.collect())])
}

/// A refusal of the whole mutation.
pub fn refuse(message: impl Into<String>, code: &str) -> Failure {
    Failure::Error(Error::coded(message, code))
}
