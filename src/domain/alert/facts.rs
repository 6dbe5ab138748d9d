//! What rules look at: how a service is at one moment.

use jiff::Timestamp;

use crate::domain::probe::service::Service;
use crate::domain::probe::thresholds::Health;

/// A service at one moment.
#[derive(Clone, Debug)]
pub struct Facts {
    pub title: String,
    pub service: Service,
    pub health: Health,
    /// Since when it is so.
    pub since: Timestamp,
    pub bad_in_a_row: u32,
    /// Share of good runs among the latest, 0 to 100; None where they are too few.
    pub good_percent: Option<f64>,
    /// 95th percentile of the latest answers, in milliseconds; None where they are too few.
    pub p95_ms: Option<u64>,
    /// Below this a service is healthy.
    pub healthy_p95_ms: u64,
    /// A window of maintenance covers it.
    pub excused: bool,
    /// It stands on a service that fails, which is told of instead.
    pub follows: bool,
    /// What its latest bad run was: step, word, status.
    pub last_bad: Option<String>,
    /// The incident that is open.
    pub incident: Option<String>,
}
