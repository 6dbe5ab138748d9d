//! Everything that is shown of one service that is watched.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Serialize, Serializer};

use crate::domain::alert::outbox::Trouble;
use crate::domain::integration::Name;
use crate::domain::monitor::incident::{Incident, mean_seconds};
use crate::domain::monitor::score::{Figures, Score};
use crate::domain::monitor::series::Outlook;
use crate::domain::monitor::span::Window;
use crate::domain::monitor::traffic::Quota;
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
    /// From the first bad state until somebody had seen it, the mean of these incidents; None of none.
    pub mean_seconds_to_acknowledge: Option<i64>,
    /// From the first bad state until the service was good again, likewise.
    pub mean_seconds_to_recover: Option<i64>,
    /// Channels of alerts that do not deliver.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub undelivered: BTreeMap<String, Trouble>,
    /// The mean of the services' scores.
    pub score: Score,
}

#[derive(Clone, Debug, Serialize)]
pub struct ServiceView {
    pub name: Name,
    /// The integration that it is a probe of.
    pub integration: Name,
    pub title: String,
    pub service: Service,
    /// Seconds from one run to the next.
    pub interval_seconds: u32,
    /// Services without which it cannot be well.
    pub depends_on: Vec<Name>,
    pub health: Health,
    /// Since when; None where nothing was ever heard.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// When a run last said something; None where none did since it was last unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heard: Option<Timestamp>,
    /// What its answers said last of the vendor's limit; None where they have said nothing since the monitor began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quota: Option<Quota>,
    /// 24 hours, 7 days, 30 days.
    #[serde(serialize_with = "each")]
    pub outlooks: Vec<Arc<Outlook>>,
    /// Of the last 24 hours.
    pub score: Score,
}

fn each<S: Serializer>(outlooks: &[Arc<Outlook>], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(outlooks.iter().map(AsRef::as_ref))
}

impl ServiceView {
    /// The score of a day, and of what is used of a limit.
    pub fn score(outlook: &Outlook, quota: Option<&Quota>) -> Score {
        Score::of(&Figures {
            uptime_percent: outlook.uptime_percent,
            error_percent: outlook.success_percent.map(|good| 100.0 - good),
            p95_ms: outlook.p95_ms,
            quota_percent: quota.and_then(Quota::used_percent),
        })
    }

    pub fn outlook(&self, window: Window) -> Option<&Outlook> {
        self.outlooks.iter().map(AsRef::as_ref).find(|outlook| outlook.window == window)
    }
}

impl Overview {
    /// Puts together what was read, at one moment.
    pub fn new(environment: &str, at: Timestamp, services: Vec<ServiceView>, incidents: Vec<Incident>) -> Self {
        Self {
            version: VERSION,
            environment: environment.to_owned(),
            at,
            score: Score::mean(services.iter().map(|service| (service.name.as_str(), &service.score))),
            mean_seconds_to_acknowledge: mean_seconds(incidents.iter().filter_map(Incident::time_to_acknowledge)),
            mean_seconds_to_recover: mean_seconds(incidents.iter().filter_map(Incident::time_to_recover)),
            services,
            incidents,
            undelivered: BTreeMap::new(),
        }
    }

    /// How many services are in a state.
    pub fn count(&self, health: Health) -> usize {
        self.services.iter().filter(|service| service.health == health).count()
    }

    /// The worst of all services; unknown where there are none.
    pub fn health(&self) -> Health {
        let bad = |health: Health| self.services.iter().any(|service| service.health == health);
        [Health::Down, Health::Degraded, Health::Unknown]
            .into_iter()
            .find(|health| bad(*health))
            .unwrap_or(if self.services.is_empty() { Health::Unknown } else { Health::Healthy })
    }
}
