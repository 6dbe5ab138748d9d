//! Alerts: when a service calls for one, whom it is told, and what became of each message. Time is passed in.
//!
//! A [`case::Case`] is all that is wrong with one service at a time: the rules that hold, who was told of it, and when it is
//! over. What is told are [`letter::Letter`]s; each is written down before it is sent, and is the same whoever writes it.

pub mod case;
pub mod channel;
pub mod declared;
pub mod facts;
pub mod letter;
pub mod message;
pub mod outbox;
pub mod quiet;
pub mod receipt;
pub mod rule;
