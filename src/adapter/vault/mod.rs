//! The stores that keep secrets, one file a store: what is asked of each is whether a secret is there and since when, and
//! its value only where the store cannot answer without it.

pub mod command;
pub mod doppler;
pub mod fly;
pub mod github;
pub mod kv;
pub mod listing;
pub mod local;
pub mod op;
pub mod question;
pub mod stores;
pub mod web;
