//! What each vendor is told of an alert, and what it means by its answer.

pub mod alertmanager;
pub mod answer;
pub mod pagerduty;
#[cfg(test)]
mod sample;
pub mod slack;
pub mod text;
pub mod webhook;
