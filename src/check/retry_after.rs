//! When a refused request may be tried again.

use jiff::Timestamp;

use crate::domain::exchange::Response;
use crate::domain::finding::{Code, Finding};
use crate::wire::retry_after;

/// `Retry-After` must name a wait between `least` and `most` seconds.
pub fn between(least: f64, most: f64, response: &Response, now: Timestamp) -> Option<Finding> {
    let wanted = format!("{least} to {most} s");
    let Some(value) = response.header("retry-after") else {
        return Some(Finding::new(Code::RetryAfter, "the answer has no Retry-After").expected(wanted).actual("absent"));
    };
    match retry_after::seconds(&value, now) {
        None => Some(
            Finding::new(Code::RetryAfter, format!("Retry-After is {value}: neither seconds nor an HTTP date"))
                .expected(wanted)
                .actual(value),
        ),
        Some(wait) if (least..=most).contains(&wait) => None,
        Some(wait) => Some(
            Finding::new(Code::RetryAfter, format!("Retry-After asks for {wait} s, promised are {wanted}"))
                .expected(wanted)
                .actual(format!("{wait} s")),
        ),
    }
}
