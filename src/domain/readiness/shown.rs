//! The evidence of a history by integration, up to a moment of it.

use std::collections::BTreeMap;

use crate::domain::entry::History;
use crate::domain::evidence::Evidence;
use crate::domain::integration::Name;
use crate::domain::record::Record;

/// Evidence with its sequence, the oldest first, by integration.
pub struct Shown<'a> {
    of: BTreeMap<&'a Name, Vec<(u64, &'a Evidence)>>,
    history: &'a History,
    /// What people declared, without the evidence among it.
    declared: History,
    /// What came after this sequence is not known yet.
    until: u64,
}

impl<'a> Shown<'a> {
    /// Everything that the history holds.
    pub fn new(history: &'a History) -> Self {
        let mut of: BTreeMap<&Name, Vec<(u64, &Evidence)>> = BTreeMap::new();
        for (sequence, shown) in history.evidence() {
            of.entry(&shown.integration).or_default().push((sequence, shown));
        }
        // A ledger that was put together by hand may be out of order; who asks for a moment of it wants it in order.
        for list in of.values_mut() {
            list.sort_by_key(|(sequence, _)| *sequence);
        }
        Self { of, history, declared: declared(history, u64::MAX), until: u64::MAX }
    }

    /// What people had declared until then.
    pub fn declared(&self) -> &History {
        &self.declared
    }

    /// Forgets what came after a sequence, or remembers it again.
    pub fn look_back_to(&mut self, until: u64) {
        self.until = until;
        self.declared = declared(self.history, until);
    }

    /// The evidence of one integration.
    pub fn of(&self, name: &Name) -> &[(u64, &'a Evidence)] {
        let all = self.of.get(name).map(Vec::as_slice).unwrap_or_default();
        &all[..all.partition_point(|(sequence, _)| *sequence <= self.until)]
    }

    /// A lost line stands behind it, which may have said otherwise. A loss that came later was not known then.
    pub fn is_in_doubt(&self, sequence: u64) -> bool {
        sequence <= self.history.doubted && self.history.doubted <= self.until
    }

    /// The record of some evidence, where it was read.
    pub fn record(&self, evidence: &Evidence) -> Option<&'a Record> {
        self.history.records.get(&evidence.record)
    }
}

fn declared(history: &History, until: u64) -> History {
    let entries = history.entries.iter().filter(|entry| entry.evidence().is_none() && entry.sequence <= until);
    History {
        entries: entries.cloned().collect(),
        doubted: if history.doubted <= until { history.doubted } else { 0 },
        ..History::default()
    }
}
