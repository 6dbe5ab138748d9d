//! How a service is asked by other protocols than HTTP, one small file a way. Each is bounded in time and bytes, needs
//! nothing but its arguments, and brings what it heard.

pub mod command;
pub mod dns;
pub mod postgres;
pub mod redis;
pub mod tcp;
pub mod tls;
