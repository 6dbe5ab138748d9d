//! The GraphQL Admin API: documents read, validated, costed and executed against the shop.

pub mod answer;
pub mod arguments;
pub mod connection;
pub mod cost;
pub mod document;
pub mod error;
pub mod execute;
pub mod resolve;
pub mod schema;
pub mod search;
pub mod validate;
pub mod variables;
