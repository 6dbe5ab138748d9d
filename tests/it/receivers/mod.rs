//! Webhook receivers for the suite to be tried on: a right one, and many that are wrong in one way each.

pub mod flaw;
pub mod receiver;
pub mod standard;
