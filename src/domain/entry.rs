//! One line of the ledger, and the history that its lines make.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::alert::receipt::Receipt;
use crate::domain::chain::hash::Hash;
use crate::domain::declaration::{Declaration, Opened};
use crate::domain::evidence::Evidence;
use crate::domain::pruned::Pruned;
use crate::domain::record::Record;

/// The version of an entry's format. A reader passes over a higher one, and says so.
pub const VERSION: u32 = 1;

/// One line: chained to the line before it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Entry {
    pub version: u32,
    /// Position in the ledger, from 1.
    pub sequence: u64,
    /// Of the line before, [`Hash::NOTHING`] for the first.
    pub previous: Hash,
    /// When the line was written: never earlier than what it speaks of.
    pub written: Timestamp,
    pub body: Body,
}

/// What a line says.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Body {
    Evidence(Box<Evidence>),
    /// A person's word.
    Declaration(Box<Declaration>),
    /// An unsafe live request that an approval opened.
    Opened(Box<Opened>),
    /// Lines before this one were taken out of the ledger.
    Pruned(Box<Pruned>),
    /// What became of an alert: it shows nothing of any service.
    Receipt(Box<Receipt>),
}

impl Entry {
    pub fn evidence(&self) -> Option<&Evidence> {
        match &self.body {
            Body::Evidence(evidence) => Some(evidence),
            Body::Declaration(_) | Body::Opened(_) | Body::Pruned(_) | Body::Receipt(_) => None,
        }
    }

    pub fn evidence_mut(&mut self) -> Option<&mut Evidence> {
        match &mut self.body {
            Body::Evidence(evidence) => Some(evidence),
            Body::Declaration(_) | Body::Opened(_) | Body::Pruned(_) | Body::Receipt(_) => None,
        }
    }
}

/// The entries that can be read, in their order, and how far they are in doubt.
#[derive(Clone, Debug, Default)]
pub struct History {
    pub entries: Vec<Entry>,
    /// A line behind the entry of this sequence is lost. What it said may have been worse than what stands before it, so
    /// nothing up to here is believed until something newer stands behind it; 0 when nothing is lost.
    pub doubted: u64,
    /// The records that were read with them, by the path that their evidence names.
    pub records: BTreeMap<String, Record>,
}

impl History {
    /// Evidence with its sequence, the oldest first.
    pub fn evidence(&self) -> impl DoubleEndedIterator<Item = (u64, &Evidence)> {
        self.entries.iter().filter_map(|entry| Some((entry.sequence, entry.evidence()?)))
    }
    /// Declarations with their sequence, the oldest first.
    pub fn declarations(&self) -> impl DoubleEndedIterator<Item = (u64, &Declaration)> {
        self.entries.iter().filter_map(|entry| match &entry.body {
            Body::Declaration(declaration) => Some((entry.sequence, &**declaration)),
            Body::Evidence(_) | Body::Opened(_) | Body::Pruned(_) | Body::Receipt(_) => None,
        })
    }

    /// The same without evidence: what people declared, and what was opened by it. Looked through often, and mostly short.
    #[must_use]
    pub fn of_people(&self) -> Self {
        let of_people = |entry: &&Entry| matches!(entry.body, Body::Declaration(_) | Body::Opened(_));
        let entries = self.entries.iter().filter(of_people).cloned().collect();
        Self { entries, doubted: self.doubted, ..Self::default() }
    }

    /// The unsafe requests that approvals opened, the oldest first.
    pub fn opened(&self) -> impl DoubleEndedIterator<Item = &Opened> {
        self.entries.iter().filter_map(|entry| match &entry.body {
            Body::Opened(opened) => Some(&**opened),
            Body::Evidence(_) | Body::Declaration(_) | Body::Pruned(_) | Body::Receipt(_) => None,
        })
    }
}
