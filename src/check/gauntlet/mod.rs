//! What a timeline shows of a client: a lesson and its plays in, a judgement and its findings out.
//!
//! [`trial`] asks each question of a lesson; then one file a question.

pub mod breaker;
pub mod budget;
pub mod connection;
pub mod key;
pub mod limit;
pub mod pages;
pub mod patience;
pub mod reported;
pub mod retry;
pub mod secrets;
pub mod spread;
pub mod trial;
pub mod wait;
