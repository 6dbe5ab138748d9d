//! The badge of a service: its name and how it is.

use crate::domain::monitor::service_view::ServiceView;
use crate::domain::probe::thresholds::Health;
use crate::report::badge::Sign;

/// Only what is healthy is green.
pub fn of(service: &ServiceView) -> Sign<'_> {
    let color = match service.health {
        Health::Healthy => "brightgreen",
        Health::Degraded => "yellow",
        Health::Down => "red",
        Health::Unknown => "lightgrey",
    };
    Sign { label: service.name.as_str(), message: service.health.as_str(), color }
}
