//! Protocol knowledge, pure: what the documents say, without who says it.

pub mod alert;
pub mod dsse;
pub mod flags;
pub mod graphql;
pub mod hint;
pub mod imports;
pub mod jwt;
pub mod mcp;
pub mod postgrest;
pub mod quota;
pub mod redis;
pub mod resilience;
pub mod retry_after;
pub mod statement;
pub mod webhook;
