//! Webhook signatures: schemes described as data, signing, verifying, and what each vendor does with an answer.
//!
//! A scheme says where the signature stands, how it is written, what is signed and by which algorithm; one signer and one
//! verifier read it. Code of its own have only the asymmetric algorithms ([`key`]), Twilio's form parameters ([`content`])
//! and RFC 9421's structured fields ([`message`]).

pub mod bodies;
pub mod conduct;
pub mod content;
pub mod custom;
pub mod diagnosis;
pub mod entries;
pub mod key;
pub mod message;
pub mod payload;
pub mod refusal;
pub mod scheme;
pub mod schemes;
pub mod sign;
pub mod stamp;
mod structured;
pub mod template;
pub mod verify;

#[cfg(test)]
mod tests;
