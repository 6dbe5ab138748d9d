//! What the receiver remembers: deliveries seen, effects done, and the audit log.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::twin::kit::clock;
use crate::twin::webhooks::event::Event;
use crate::twin::webhooks::source::Source;

/// How long a delivery's id is remembered (HotDash, `processed_webhooks`). Shopify's retries end after four hours.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(7 * 24);

/// How long the audit log is kept (HotDash's webhook security framework).
const AUDITED: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Entries kept at most, so that a receiver that is served for days does not grow.
const MOST: usize = 10_000;

/// Everything the receiver remembers.
#[derive(Clone, Debug, Default)]
pub(super) struct Journal {
    seen: HashMap<(Source, String), Seen>,
    effects: VecDeque<Effect>,
    /// Effects done so far, kept or not.
    count: u64,
    latest: BTreeMap<String, Latest>,
    audit: VecDeque<Entry>,
}

#[derive(Clone, Debug)]
struct Seen {
    at: Timestamp,
    digest: [u8; 32],
}

/// What a delivery's id says of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Novelty {
    New,
    /// A retry.
    Duplicate,
    /// The id of another delivery under another body: nothing that a vendor sends.
    Conflict,
}

#[derive(Clone, Debug)]
struct Effect {
    sequence: u64,
    source: Source,
    event: String,
    delivery_id: String,
    subject: String,
    occurred: Option<Timestamp>,
    received: Timestamp,
    out_of_order: bool,
    done: Timestamp,
}

/// The newest that is known of a subject.
#[derive(Clone, Debug)]
struct Latest {
    event: String,
    occurred: Timestamp,
    state: Option<String>,
}

/// One line of the audit log. It has no body, no header and no secret.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) at: Timestamp,
    /// The source's name; None when nobody knows it.
    pub(super) source: Option<Source>,
    pub(super) delivery_id: Option<String>,
    /// Only of verified deliveries: an unverified name is anybody's text.
    pub(super) event: Option<String>,
    pub(super) verified: bool,
    pub(super) outcome: &'static str,
    pub(super) took: Duration,
}

impl Journal {
    /// Tells whether a delivery is new, and remembers it.
    pub(super) fn see(&mut self, source: Source, id: &str, body: &[u8], now: Timestamp) -> Novelty {
        let digest = Sha256::digest(body).into();
        let key = (source, id.to_owned());
        match self.seen.get(&key) {
            Some(seen) if now.duration_since(seen.at).abs() <= REMEMBERED => {
                if seen.digest == digest {
                    Novelty::Duplicate
                } else {
                    Novelty::Conflict
                }
            }
            _ => {
                if self.seen.len() >= MOST {
                    self.seen.retain(|_, seen| now.duration_since(seen.at).abs() <= REMEMBERED);
                }
                self.seen.insert(key, Seen { at: now, digest });
                Novelty::New
            }
        }
    }

    /// Does what an event asks for, once. The work ends `work` later; who waits for the answer does not wait for it.
    pub(super) fn apply(&mut self, source: Source, id: &str, event: Event, now: Timestamp, work: Duration) {
        let occurred = event.occurred.unwrap_or(now);
        let latest = self.latest.get(&event.subject);
        let out_of_order = latest.is_some_and(|latest| occurred < latest.occurred);
        if !out_of_order && (latest.is_some() || self.latest.len() < MOST) {
            let newest = Latest { event: event.name.clone(), occurred, state: event.state };
            self.latest.insert(event.subject.clone(), newest);
        }
        self.count += 1;
        self.effects.push_back(Effect {
            sequence: self.count,
            source,
            event: event.name,
            delivery_id: id.to_owned(),
            subject: event.subject,
            occurred: event.occurred,
            received: now,
            out_of_order,
            done: now + work,
        });
        if self.effects.len() > MOST {
            self.effects.pop_front();
        }
    }

    pub(super) fn note(&mut self, entry: Entry) {
        let too_old = |old: &Entry| entry.at.duration_since(old.at).abs() > AUDITED;
        while self.audit.len() >= MOST || self.audit.front().is_some_and(too_old) {
            self.audit.pop_front();
        }
        self.audit.push_back(entry);
    }

    /// Effects in the order in which their deliveries came, and the newest known of each subject.
    pub(super) fn effects(&self, now: Timestamp) -> Value {
        let effects: Vec<_> = self.effects.iter().map(|effect| effect.shown(now)).collect();
        let subjects: Vec<_> = self
            .latest
            .iter()
            .map(|(subject, latest)| {
                json!({
                    "subject": subject,
                    "event": latest.event,
                    "occurred_at": clock::iso_millis(latest.occurred),
                    "state": latest.state,
                })
            })
            .collect();
        json!({ "count": self.count, "effects": effects, "subjects": subjects })
    }

    /// The audit log: seven members a line.
    pub(super) fn audit(&self) -> Value {
        let entries: Vec<_> = self.audit.iter().map(Entry::shown).collect();
        json!({ "entries": entries })
    }
}

impl Effect {
    fn shown(&self, now: Timestamp) -> Value {
        json!({
            "sequence": self.sequence,
            "source": self.source.as_str(),
            "event": self.event,
            "delivery_id": self.delivery_id,
            "subject": self.subject,
            "occurred_at": self.occurred.map(clock::iso_millis),
            "received_at": clock::iso_millis(self.received),
            "out_of_order": self.out_of_order,
            "work": if now >= self.done { "done" } else { "queued" },
        })
    }
}

impl Entry {
    fn shown(&self) -> Value {
        json!({
            "timestamp": clock::iso_millis(self.at),
            "source": self.source.map_or("unknown", Source::as_str),
            "delivery_id": self.delivery_id,
            "event": self.event,
            "verified": self.verified,
            "outcome": self.outcome,
            "processing_time_ms": u64::try_from(self.took.as_millis()).unwrap_or(u64::MAX),
        })
    }
}
