//! Errors as the Admin API words them (graphql-ruby's static validation, and Shopify's own codes).

use graphql_parser::Pos;
use serde_json::{Map, Value, json};

/// One member of an answer's `errors`.
#[derive(Clone, Debug)]
pub struct Error {
    pub message: String,
    pub locations: Vec<Pos>,
    pub path: Vec<Value>,
    /// Boxed, so that an error is small enough to be returned.
    pub extensions: Box<Value>,
}

impl Error {
    pub fn new(message: impl Into<String>, extensions: Value) -> Self {
        Self { message: message.into(), locations: Vec::new(), path: Vec::new(), extensions: Box::new(extensions) }
    }

    /// An error that names nothing but its code.
    pub fn coded(message: impl Into<String>, code: &str) -> Self {
        Self::new(message, json!({ "code": code }))
    }

    #[must_use]
    pub fn at(mut self, position: Pos, path: &[Value]) -> Self {
        self.locations = vec![position];
        self.path = path.to_vec();
        self
    }

    pub fn to_json(&self) -> Value {
        let mut members = Map::new();
        members.insert("message".into(), json!(self.message));
        if !self.locations.is_empty() {
            let places = self.locations.iter().map(|pos| json!({ "line": pos.line, "column": pos.column }));
            members.insert("locations".into(), places.collect());
        }
        if !self.path.is_empty() {
            members.insert("path".into(), Value::Array(self.path.clone()));
        }
        if !self.extensions.is_null() {
            members.insert("extensions".into(), (*self.extensions).clone());
        }
        Value::Object(members)
    }
}
