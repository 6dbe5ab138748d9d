//! Webhooks at a desk: sign one, verify one, send them to a receiver, and know which events there are.

pub mod delivery;
pub mod payload;
pub mod received;
pub mod send;
pub mod table;
pub mod topics;
