//! The contracts of a run and their scenarios: played against a target, they become the parts of a record.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::adapter::contracts::Contract;
use crate::domain::integration::Name;
use crate::domain::record::Unreadable;
use crate::engine::contracts::{self, Pace, Progress};
use crate::engine::evidence::Part;
use crate::engine::plan::{Planned, plan};
use crate::engine::setup::Setup;

/// What contracts hold: scenarios, and for each integration the files that cannot be read as such.
#[derive(Default)]
pub struct Playbill {
    pub scenarios: Vec<Planned>,
    pub unreadable: BTreeMap<Name, Vec<Unreadable>>,
}

impl Playbill {
    /// Reads contracts; of their scenarios those that `takes` says yes to.
    pub fn of<'a>(contracts: impl IntoIterator<Item = &'a Contract>, takes: impl Fn(&Planned) -> bool) -> Self {
        let mut playbill = Self::default();
        for contract in contracts {
            let (scenarios, unreadable) = plan(contract);
            playbill.scenarios.extend(scenarios.into_iter().filter(&takes));
            playbill.unreadable.insert(contract.name.clone(), unreadable);
        }
        playbill
    }

    /// Runs the scenarios; one part for each integration, also for one of which nothing could be read.
    pub async fn play(self, setup: &Setup, pace: &Pace, stop: Arc<AtomicBool>, progress: Progress) -> Vec<Part> {
        let mut ran = contracts::run(Arc::clone(&setup.run), self.scenarios, pace, stop, progress).await;
        let part = |(name, unreadable): (Name, Vec<Unreadable>)| {
            let identity = setup.run.stage.as_ref().and_then(|stage| stage.identity(&name));
            let modelled = identity.map(|identity| identity.version);
            Part { ran: ran.remove(&name).unwrap_or_default(), name, unreadable, modelled }
        };
        self.unreadable.into_iter().map(part).collect()
    }
}
