//! A webhook receiver put to the test: the cases, what the sender's rules make of an answer, and the judgement.
//!
//! A case is a value: what is sent, what it shows, what a good receiver answers and what effect it has. Which cases a
//! scheme has a notion of follows from its traits; what a status means to a sender follows from the sender. Nothing
//! here knows how a signature is made or a request is sent.

pub mod answers;
pub mod case;
pub mod cases;
pub mod judge;
pub mod leak;
pub mod sender;
pub mod timing;
pub mod traits;
