//! A vendor beside its integration: how it is doing, whether to take it on, and how far it is certified.

pub mod certification;
pub mod evaluation;
pub mod scorecard;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::entry::History;
use crate::domain::integration::Name;
use crate::domain::inventory::Inventory;
use crate::domain::moment::Moment;
use crate::domain::readiness::Readiness;
use crate::domain::vendor::certification::Certification;
use crate::domain::vendor::evaluation::Evaluated;
use crate::domain::vendor::scorecard::Scorecard;

/// What people say of a vendor: nothing of it can be measured, so each carries who said it and when.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declared {
    /// Milliseconds within which 95 % of its answers are expected.
    #[serde(default)]
    pub baseline_ms: Option<u32>,
    /// Hours until its support answers.
    #[serde(default)]
    pub support_hours: Option<u32>,
    /// When the integration was last updated.
    #[serde(default)]
    pub updated: Option<Moment>,
    /// The agreement with it: a path or a link.
    #[serde(default)]
    pub agreement: Option<String>,
    pub by: String,
    pub at: Moment,
}

/// One integration as a vendor.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Vendor {
    pub integration: Name,
    pub title: String,
    pub scorecard: Scorecard,
    pub certification: Certification,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evaluation: Option<Evaluated>,
}

/// The version of [`Vendors`] as a file.
pub const VERSION: u32 = 1;

/// Every integration as a vendor.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Vendors {
    pub version: u32,
    pub judged: Timestamp,
    pub vendors: Vec<Vendor>,
}

/// Looks at every integration as a vendor. Pure, and by the same judgement as the dashboards.
pub fn vendors(inventory: &Inventory, readiness: &Readiness, history: &History) -> Vendors {
    let vendors = inventory.integrations.iter().map(|(name, declared)| {
        let rows: Vec<_> = readiness
            .environments
            .iter()
            .flat_map(|judged| judged.rows.iter().filter(|row| row.integration == *name))
            .collect();
        let title = rows.first().map_or_else(|| name.to_string(), |row| row.title.clone());
        let scorecard = scorecard::score(name, declared.vendor.as_ref(), history, readiness.judged);
        Vendor {
            integration: name.clone(),
            title,
            certification: certification::certify(&rows, declared.vendor.as_ref(), &scorecard, readiness.judged),
            scorecard,
            evaluation: declared.evaluation.as_ref().map(evaluation::evaluate),
        }
    });
    Vendors { version: VERSION, judged: readiness.judged, vendors: vendors.collect() }
}
