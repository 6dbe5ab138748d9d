//! What twins share: replies, requests read, ids, tokens, clock formats, leaky buckets, pages.

pub mod bucket;
pub mod clock;
pub mod credentials;
pub mod ids;
pub mod jwt;
pub mod multipart;
pub mod page;
pub mod reply;
pub mod request;
#[cfg(test)]
pub mod schemas;
