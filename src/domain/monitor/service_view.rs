//! Everything that is shown of one service that is watched.

use jiff::Timestamp;
use serde::Serialize;

use crate::domain::integration::Name;
use crate::domain::monitor::incident::Incident;
use crate::domain::monitor::score::{Figures, Score};
use crate::domain::monitor::series::Outlook;
use crate::domain::probe::service::Service;
use crate::domain::probe::thresholds::Health;

/// The version of [`Overview`] as JSON.
pub const VERSION: u32 = 1;

/// All services of a monitor, as they were at one moment.
#[derive(Clone, Debug, Serialize)]
pub struct Overview {
    pub version: u32,
    pub environment: String,
    pub at: Timestamp,
    pub services: Vec<ServiceView>,
    /// Those that are open, and those of the last thirty days; the newest first.
    pub incidents: Vec<Incident>,
    /// The mean of the services' scores.
    pub score: Score,
}

#[derive(Clone, Debug, Serialize)]
pub struct ServiceView {
    pub name: Name,
    pub title: String,
    pub service: Service,
    pub health: Health,
    /// Since when; None where nothing was ever heard.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// 24 hours, 7 days, 30 days.
    pub outlooks: Vec<Outlook>,
    /// Of the last 24 hours.
    pub score: Score,
}

impl ServiceView {
    pub fn score(outlook: &Outlook) -> Score {
        Score::of(&Figures {
            uptime_percent: outlook.uptime_percent,
            error_percent: outlook.success_percent.map(|good| 100.0 - good),
            p95_ms: outlook.p95_ms,
            quota_percent: None,
        })
    }
}

impl Overview {
    /// The worst of all services; unknown where there are none.
    pub fn health(&self) -> Health {
        let bad = |health: Health| self.services.iter().any(|service| service.health == health);
        [Health::Down, Health::Degraded, Health::Unknown]
            .into_iter()
            .find(|health| bad(*health))
            .unwrap_or(if self.services.is_empty() { Health::Unknown } else { Health::Healthy })
    }
}
