//! The flags, their switches in each environment, and what clients see of them when.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::twin::Start;
use crate::twin::flags::evaluate::{self, Verdict};
use crate::twin::kit::clock;
use crate::twin::kit::ids::Ids;
use crate::twin::setting::{Setting, Unarranged};

/// What a new flag has environments for, as a new Unleash has.
pub(super) const ENVIRONMENTS: [&str; 2] = ["development", "production"];

/// The only project.
pub(super) const PROJECT: &str = "default";

/// One flag, as the fixture writes it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Flag {
    pub(super) name: String,
    #[serde(rename = "type", default = "release")]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) description: Option<String>,
    pub(super) environments: BTreeMap<String, Environment>,
    #[serde(skip, default = "beginning")]
    pub(super) created: Timestamp,
}

/// A flag in one environment.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Environment {
    #[serde(default)]
    enabled: bool,
    #[serde(default)]
    pub(super) strategies: Vec<Value>,
    /// When clients see which switch.
    #[serde(skip)]
    switches: Vec<(Timestamp, bool)>,
}

fn release() -> String {
    "release".to_owned()
}

fn beginning() -> Timestamp {
    Timestamp::UNIX_EPOCH
}

impl Environment {
    /// What the admin API says: the last switch.
    pub(super) fn is_enabled(&self) -> bool {
        self.switches.last().map_or(self.enabled, |(_, on)| *on)
    }

    /// What clients see at `now`.
    fn is_seen_enabled(&self, now: Timestamp) -> bool {
        self.switches.iter().rev().find(|(at, _)| *at <= now).map_or(self.enabled, |(_, on)| *on)
    }
}

/// All flags of a server.
#[derive(Clone, Debug)]
pub(super) struct Store {
    flags: BTreeMap<String, Flag>,
    ids: Ids,
    /// When clients see which change.
    changes: Vec<Timestamp>,
    pub(super) events: Vec<Value>,
    propagation: Duration,
    loses_writes: bool,
    /// The revision that is told for ever.
    stuck: Option<usize>,
}

/// The revision of a server before anything changes.
const FIRST_REVISION: usize = 10;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Seed {
    flags: Vec<Flag>,
}

impl Store {
    pub(super) fn read(start: &Start) -> Result<Self, String> {
        let text = start.fixtures.get("flags.json").ok_or("there is no fixture flags.json")?;
        let seed: Seed = serde_json::from_slice(text).map_err(|error| format!("flags.json: {error}"))?;
        let flags = seed.flags.into_iter().map(|flag| (flag.name.clone(), Flag { created: start.now, ..flag }));
        Ok(Self {
            flags: flags.collect(),
            ids: Ids::new(start.seed),
            changes: Vec::new(),
            events: Vec::new(),
            propagation: Duration::ZERO,
            loses_writes: false,
            stuck: None,
        })
    }

    pub(super) fn flag(&self, name: &str) -> Option<&Flag> {
        self.flags.get(name)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.flags.keys().map(String::as_str)
    }

    /// An id of a new thing, of 26 letters as Unleash writes them.
    pub(super) fn id(&mut self) -> String {
        self.ids.base58(26).to_ascii_uppercase()
    }

    /// Counts the changes that clients see at `now`.
    pub(super) fn revision(&self, now: Timestamp) -> usize {
        let seen = self.changes.iter().filter(|at| **at <= now).count();
        self.stuck.unwrap_or(FIRST_REVISION + seen)
    }

    /// `"6ef7ec5a:10:v1"`: a hash of what was asked, and the revision.
    pub(super) fn etag(&self, now: Timestamp, asked: &str) -> (String, String) {
        let hash = hex::encode(&Sha256::digest(asked)[..4]);
        (format!("\"{hash}:{}:v1\"", self.revision(now)), hash)
    }

    /// What a client of an environment gets of a flag; None where the flag has no such environment.
    pub(super) fn feature(&self, name: &str, environment: &str, now: Timestamp) -> Option<Value> {
        let flag = self.flags.get(name)?;
        let here = flag.environments.get(environment)?;
        let mut feature = json!({
            "name": flag.name, "type": flag.kind, "enabled": here.is_seen_enabled(now), "project": PROJECT,
            "stale": false, "strategies": here.strategies, "variants": [],
        });
        if let Some(description) = &flag.description {
            feature["description"] = description.clone().into();
        }
        feature["impressionData"] = false.into();
        Some(feature)
    }

    /// Whether a flag is on for a context.
    pub(super) fn evaluate(
        &self,
        name: &str,
        environment: &str,
        context: &BTreeMap<String, String>,
        now: Timestamp,
    ) -> Option<Result<Verdict, String>> {
        let here = self.flags.get(name)?.environments.get(environment)?;
        Some(evaluate::verdict(name, here.is_seen_enabled(now), &here.strategies, context))
    }

    pub(super) fn add(&mut self, flag: Flag, now: Timestamp) {
        self.event("feature-created", &flag.name, None, now);
        self.flags.insert(flag.name.clone(), flag);
    }

    pub(super) fn remove(&mut self, name: &str, now: Timestamp) {
        if self.flags.remove(name).is_some() {
            self.event("feature-archived", name, None, now);
        }
    }

    /// False when the flag or the environment is not there.
    pub(super) fn add_strategy(&mut self, name: &str, environment: &str, strategy: Value, now: Timestamp) -> bool {
        let here = self.flags.get_mut(name).and_then(|flag| flag.environments.get_mut(environment));
        let Some(here) = here else { return false };
        here.strategies.push(strategy);
        self.event("feature-strategy-add", name, Some(environment), now);
        true
    }

    /// Switches a flag; clients see it after the propagation. Enabling one without a strategy gives it one for all.
    pub(super) fn switch(&mut self, name: &str, environment: &str, on: bool, now: Timestamp) {
        if self.loses_writes {
            return;
        }
        let at = now + self.propagation;
        let here = self.flags.get_mut(name).and_then(|flag| flag.environments.get_mut(environment));
        let Some(here) = here else { return };
        if on && here.strategies.is_empty() {
            here.strategies.push(evaluate::for_all(name));
        }
        here.switches.push((at, on));
        let kind = if on { "feature-environment-enabled" } else { "feature-environment-disabled" };
        self.event(kind, name, Some(environment), now);
    }

    fn event(&mut self, kind: &str, name: &str, environment: Option<&str>, now: Timestamp) {
        self.changes.push(now + self.propagation);
        let (id, group) = (self.events.len() + 1, self.id());
        self.events.push(json!({
            "id": id, "type": kind, "createdBy": "admin", "createdAt": clock::iso_millis(now), "createdByUserId": -42,
            "data": null, "preData": null, "tags": [], "featureName": name, "project": PROJECT,
            "environment": environment, "groupType": "transaction", "groupId": group,
        }));
    }

    pub(super) fn arrange(
        &mut self,
        now: Timestamp,
        setting: &str,
        value: &Value,
        known: &[Setting],
    ) -> Result<(), Unarranged> {
        let bad = |reason: &str| Err(Unarranged::bad_value(setting, value, reason));
        match (setting, value) {
            ("propagation-seconds", value) => match value.as_u64() {
                Some(seconds) => self.propagation = Duration::from_secs(seconds),
                None => return bad("use a number of seconds"),
            },
            ("writes", Value::String(word)) if word == "kept" || word == "lost" => self.loses_writes = word == "lost",
            ("writes", _) => return bad("use kept or lost"),
            ("etag", Value::String(word)) if word == "honest" => self.stuck = None,
            ("etag", Value::String(word)) if word == "stuck" => self.stuck = Some(self.revision(now)),
            ("etag", _) => return bad("use honest or stuck"),
            (_, value) => match (setting.strip_prefix("flag:"), value) {
                (None, _) => return Err(Unarranged::unknown(setting, known)),
                (Some(name), Value::Null) => self.remove(name, now),
                (Some(name), Value::Bool(on)) => self.set(name, *on, now),
                (Some(_), _) => return bad("use true, false or null"),
            },
        }
        Ok(())
    }

    /// Puts a flag into a state in every environment at once, and makes it where it is not there.
    fn set(&mut self, name: &str, on: bool, now: Timestamp) {
        let flag = self.flags.entry(name.to_owned()).or_insert_with(|| Flag {
            name: name.to_owned(),
            kind: release(),
            description: None,
            environments: BTreeMap::new(),
            created: now,
        });
        for environment in ENVIRONMENTS {
            let strategies = if on { vec![evaluate::for_all(name)] } else { Vec::new() };
            let here = Environment { enabled: on, strategies, switches: Vec::new() };
            flag.environments.insert(environment.to_owned(), here);
        }
        self.changes.push(now);
    }
}
