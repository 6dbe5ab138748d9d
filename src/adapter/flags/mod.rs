//! Flag stores behind one trait: each kind in a file of its own, with its errors, secrets and tests.
//!
//! [`store::Store`] is the seam. [`open::open`] makes a store from what the workspace writes (`unleash:${UNLEASH_URL}`).

pub mod command;
pub mod dotenv;
pub mod elsewhere;
pub mod environment;
pub mod flagd;
mod http;
pub mod ofrep;
pub mod open;
pub mod store;
pub mod unleash;
