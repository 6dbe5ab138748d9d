//! From a share of good answers and a percentile to a state: the users' table of thresholds.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::probe::service::Service;

/// How a service is over some time.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Health {
    Healthy,
    Degraded,
    Down,
    /// Nothing, or not enough, was heard.
    Unknown,
}

impl Health {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Degraded => "degraded",
            Self::Down => "down",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Health {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// A bar: both hold, or it is not met.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bar {
    /// Share of good answers, 0 to 100.
    pub success_percent: f64,
    /// The 95th percentile of the latency, in milliseconds. Never an average.
    pub p95_ms: u64,
}

/// Above the first bar a service is healthy, below the second it is down, between them it is degraded.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thresholds {
    pub healthy: Bar,
    pub degraded: Bar,
}

/// Bad answers in a row after which a service is down, whatever its share says (more than five).
pub const MOST_IN_A_ROW: u32 = 5;

impl Thresholds {
    /// The users' table by kind of service. It has no latency for webhook endpoints, MCP servers and infrastructure: these
    /// are ours (Shopify and Chatwoot wait five seconds for a receiver; an MCP server may take twenty to start).
    pub fn of(service: Service) -> Self {
        let (healthy_ms, degraded_ms) = match service {
            Service::Api | Service::Infrastructure => (1000, 3000),
            Service::Webhook => (3000, 5000),
            Service::Mcp => (5000, 20_000),
        };
        Self {
            healthy: Bar { success_percent: 95.0, p95_ms: healthy_ms },
            degraded: Bar { success_percent: 90.0, p95_ms: degraded_ms },
        }
    }

    /// The state that a share of good answers (0 to 100) and a 95th percentile make together.
    pub fn state(&self, success_percent: f64, p95_ms: u64) -> Health {
        if success_percent.is_nan() || success_percent < self.degraded.success_percent || p95_ms > self.degraded.p95_ms
        {
            Health::Down
        } else if success_percent > self.healthy.success_percent && p95_ms < self.healthy.p95_ms {
            Health::Healthy
        } else {
            Health::Degraded
        }
    }

    /// What contradicts itself: degraded has to be worse than healthy.
    pub fn problem(&self) -> Option<&'static str> {
        let (good, poor) = (self.healthy, self.degraded);
        let is_share = |share: f64| (0.0..=100.0).contains(&share);
        if !is_share(good.success_percent) || !is_share(poor.success_percent) {
            Some("a share of good answers is a number from 0 to 100")
        } else if poor.success_percent > good.success_percent {
            Some("degraded demands more good answers than healthy")
        } else if poor.p95_ms < good.p95_ms {
            Some("degraded demands faster answers than healthy")
        } else if good.p95_ms == 0 {
            Some("no answer comes within 0 ms, so it can never be healthy")
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Bar, Health, Thresholds};
    use crate::domain::probe::service::Service;

    #[test]
    fn both_have_to_hold() {
        let api = Thresholds::of(Service::Api);
        for (success, p95, state) in [
            (100.0, 999, Health::Healthy),
            (95.1, 1, Health::Healthy),
            (95.0, 1, Health::Degraded),
            (100.0, 1000, Health::Degraded),
            (100.0, 3000, Health::Degraded),
            (90.0, 1, Health::Degraded),
            (89.9, 1, Health::Down),
            (100.0, 3001, Health::Down),
            (f64::NAN, 1, Health::Down),
        ] {
            assert_eq!(api.state(success, p95), state, "{success} {p95}");
        }
        // A 410 in 173 ms is no fast success.
        assert_eq!(api.state(0.0, 173), Health::Down);
    }

    #[test]
    fn a_table_that_contradicts_itself_is_told() {
        let bar = |success_percent, p95_ms| Bar { success_percent, p95_ms };
        for (healthy, degraded, wrong) in [
            (bar(95.0, 800), bar(90.0, 2000), false),
            (bar(90.0, 800), bar(95.0, 2000), true),
            (bar(95.0, 2000), bar(90.0, 800), true),
            (bar(195.0, 800), bar(90.0, 2000), true),
            (bar(95.0, 0), bar(90.0, 2000), true),
        ] {
            assert_eq!(Thresholds { healthy, degraded }.problem().is_some(), wrong, "{healthy:?} {degraded:?}");
        }
        assert!(Service::ALL.into_iter().all(|service| Thresholds::of(service).problem().is_none()));
    }
}
