//! Time to answer.

use std::time::Duration;

use crate::domain::exchange::Exchange;
use crate::domain::finding::{Code, Finding};

/// The whole answer must have come within the limit.
pub fn within(limit: Duration, exchange: &Exchange) -> Option<Finding> {
    (exchange.duration > limit).then(|| {
        let (limit, took) = (limit.as_millis(), exchange.duration.as_millis());
        let path = exchange.request.url.path();
        Finding::new(
            Code::Latency,
            format!("{} {path} took {took} ms, promised are {limit} ms", exchange.request.method),
        )
        .expected(format!("{limit} ms"))
        .actual(format!("{took} ms"))
    })
}
