//! PostgREST: a request becomes a plan, a plan becomes rows, rows become an answer.

pub mod answer;
pub mod call;
pub mod embed;
pub mod error;
pub mod hint;
pub mod mutate;
pub mod payload;
pub mod plan;
pub mod read;
pub mod render;
pub mod service;
