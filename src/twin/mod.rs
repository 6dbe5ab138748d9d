//! Stateful models of vendors: request in, response out, time passed in, no IO.
//!
//! Delay, a dropped connection, a webhook to deliver are *described* in the answer and *done* by the adapter.

pub mod answer;
pub mod catalogue;
pub mod chatwoot;
pub mod fault;
pub mod flags;
pub mod idea_pool;
pub mod kit;
pub mod scene;
pub mod setting;
pub mod shopify;
pub mod stand_in;
pub mod supabase;
pub mod webhooks;

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Request, Response};
use jiff::Timestamp;
use serde_json::Value;

use crate::twin::answer::{Answer, AskFailure, Reply};
use crate::twin::setting::{Setting, Unarranged};

/// A model of one vendor.
pub trait Twin: Send + Sync {
    /// Who it is: what a client must know to talk to it.
    fn identity(&self) -> Identity;

    /// Answers one request at `now`. What it does not model it answers with [`Reply::gap`], never with an invented success.
    fn answer(&mut self, now: Timestamp, request: &Request<Bytes>) -> Answer;

    /// Goes on with `request` after the answer to what it asked ([`Answer::Ask`]) has come, or has not.
    fn resume(
        &mut self,
        now: Timestamp,
        request: &Request<Bytes>,
        outcome: Result<Response<Bytes>, AskFailure>,
    ) -> Answer {
        let _ = (now, outcome);
        Answer::Reply(Reply::gap("a twin that asks nobody was resumed", request))
    }

    /// Puts the twin into a state that its own API cannot be asked for (`version`, `env:FEATURE_X`, `table:items`).
    fn arrange(&mut self, now: Timestamp, setting: &str, value: &Value) -> Result<(), Unarranged> {
        let _ = (now, value);
        Err(Unarranged::unknown(setting, &[]))
    }

    /// What [`Twin::arrange`] takes, for a reader.
    fn settings(&self) -> &'static [Setting] {
        &[]
    }

    /// The vendor's own words for a refusal that a fault asks for (429, 500, 503 …).
    fn refusal(&self, status: http::StatusCode) -> Response<Bytes> {
        kit::reply::json(status, &serde_json::json!({ "error": status.canonical_reason() }))
    }

    /// A copy with the same state: each scenario starts from a fork of the prototype.
    fn fork(&self) -> Box<dyn Twin>;
}

/// What a client must know to talk to a twin.
#[derive(Clone, Debug, Default)]
pub struct Identity {
    /// The vendor version modelled now.
    pub version: String,
    /// The environment variables that the vendor's official clients and the contract read: credentials and ids that the twin accepts.
    pub variables: BTreeMap<String, String>,
    /// The variable that takes the base URL (`CHATWOOT_BASE_URL`).
    pub base_url_variable: &'static str,
    /// Header names that the vendor does not write in Title-Case, in its own letter case (`X-Shopify-API-Version`).
    pub header_spelling: &'static [&'static str],
}

/// What a twin starts from.
pub struct Start<'a> {
    pub now: Timestamp,
    /// Generated ids and tokens are a function of it.
    pub seed: u64,
    /// The integration's fixtures by file name (`seed.json`).
    pub fixtures: &'a BTreeMap<String, Bytes>,
}
