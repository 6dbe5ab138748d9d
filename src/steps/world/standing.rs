//! Where a scenario stands between two of its steps, apart from what was asked and answered.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use crate::steps::receiving::Hook;
use crate::steps::world::World;
use crate::steps::world::asking::Draft;

/// What the steps so far have left for those that follow.
#[derive(Clone)]
pub struct Standing {
    draft: Draft,
    credential: Option<String>,
    timeout: Option<Duration>,
    pub remembered: BTreeMap<String, Value>,
    secrets: Vec<String>,
    pages: Vec<usize>,
    hook: Option<Hook>,
    now: Timestamp,
    /// Promises that were asked.
    pub checks: u32,
    /// Exchanges and webhooks that there were.
    pub asked: usize,
    pub delivered: usize,
}

impl World {
    /// Where it stands now.
    pub fn standing(&self) -> Standing {
        Standing {
            draft: self.draft.clone(),
            credential: self.credential.clone(),
            timeout: self.timeout,
            remembered: self.remembered.clone(),
            secrets: self.secrets.clone(),
            pages: self.pages.clone(),
            hook: self.hook.clone(),
            now: self.now(),
            checks: self.checks,
            asked: self.exchanges.len(),
            delivered: self.seat().map_or(0, |seat| seat.scene().deliveries().len()),
        }
    }

    /// Stands where an earlier performance stood, whose exchanges it shares.
    pub fn stand(&mut self, standing: &Standing) {
        self.draft.clone_from(&standing.draft);
        self.credential.clone_from(&standing.credential);
        self.timeout = standing.timeout;
        self.remembered.clone_from(&standing.remembered);
        self.secrets.clone_from(&standing.secrets);
        self.pages.clone_from(&standing.pages);
        self.hook.clone_from(&standing.hook);
        self.checks = standing.checks;
        self.exchanges.share(standing.asked);
        if let Some(script) = &mut self.script {
            script.deliver(Some(standing.delivered));
        }
        if let Ok(seat) = self.seat() {
            seat.scene().stand_at(standing.now);
        }
    }
}
