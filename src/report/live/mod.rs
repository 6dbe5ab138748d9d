//! The live page of a monitor: pure drawing of what was read, in parts that can be put in place of older ones.
//!
//! [`view`] is what each page is made of, [`frame`] what stands around it; then one file a page. Their style begins with that of
//! the readiness dashboard.

mod bar;
mod brief;
mod chart;
pub mod frame;
pub mod incident;
pub mod metrics;
pub mod overview;
pub mod readiness;
pub mod service;
pub mod sign;
pub mod sign_in;
pub mod view;
mod words;
