//! The live page on a socket: who may look and who may acknowledge, how much and how long a client may ask for, and what is sent
//! when something changes.
//!
//! What is said is not decided here: [`ask`] is the question that a request turns into, and who answers it is given.

pub mod access;
pub mod ask;
mod door;
mod routes;
mod seats;
pub mod socket;
mod stream;
