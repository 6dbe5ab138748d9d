//! How far a proof is, so that it can be gone on with.

use serde::{Deserialize, Serialize};

use crate::engine::prove::play::Fate;

/// The fates of the runs that are done.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Journal {
    /// Of everything that is planned.
    pub key: String,
    /// By run; null where it is not done.
    pub fates: Vec<Option<Fate>>,
}

impl Journal {
    /// Nothing is done yet.
    pub fn new(key: String, planned: usize) -> Self {
        Self { key, fates: vec![None; planned] }
    }

    /// It speaks of this plan.
    pub fn is_of(&self, key: &str, planned: usize) -> bool {
        self.key == key && self.fates.len() == planned
    }

    /// Notes what came of these runs.
    pub fn note(&mut self, chosen: &[usize], fates: Vec<Option<Fate>>) {
        for (index, fate) in chosen.iter().zip(fates) {
            if let Some(place) = self.fates.get_mut(*index) {
                *place = fate;
            }
        }
    }

    pub fn done(&self) -> usize {
        self.fates.iter().flatten().count()
    }

    pub fn is_complete(&self) -> bool {
        self.done() == self.fates.len()
    }
}
