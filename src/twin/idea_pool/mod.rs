//! HotDash's own `GET /api/analytics/idea-pool`, contract v4, with the live path as it is promised.
//!
//! Sources: the route and its specification in HotDash's tree of 2025-10-25 (`tests/integration/idea-pool.api.spec.ts`,
//! 13 promises), its activation runbook and its `NORTH_STAR` (five ideas, one wildcard). The tree's own live path is a
//! TODO that always serves the fixture: version `v4-pending` models that, version `v4` what was promised.

mod environment;
mod fixture;
mod idea;
#[cfg(test)]
mod tests;
mod upstream;

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::twin::answer::{Answer, AskFailure, Reply};
use crate::twin::idea_pool::environment::Environment;
use crate::twin::kit::{clock, credentials, reply};
use crate::twin::setting::{Setting, Unarranged};
use crate::twin::{Identity, Start, Twin};

const PATH: &str = "/api/analytics/idea-pool";
const SETTINGS: [Setting; 3] = [
    Setting {
        name: "version",
        meaning: "v4 asks Supabase when its flag is on; v4-pending serves the fixture all the same",
    },
    Setting { name: "fixture", meaning: "an array of ideas replaces the fixture's" },
    Setting { name: "env:NAME", meaning: "an environment variable of the app; null removes it" },
];

/// The route, its fixture and the environment of its process.
#[derive(Clone, Debug)]
pub struct IdeaPool {
    version: Version,
    environment: Environment,
    fixture: Vec<Value>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Version {
    /// The flag takes the route to Supabase, as promised.
    V4,
    /// The flag is read and echoed, and the fixture served all the same, as HotDash's tree of 2025-10-25 does.
    V4Pending,
}

impl Version {
    fn as_str(self) -> &'static str {
        match self {
            Self::V4 => "v4",
            Self::V4Pending => "v4-pending",
        }
    }
}

/// Where the ideas of an answer come from.
enum Ideas {
    Supabase(Vec<Value>),
    /// With the reason when the flag asked for more.
    Fixture(Option<String>),
}

impl IdeaPool {
    /// # Errors
    /// What is wrong with `ideas.json`.
    pub fn new(start: &Start) -> Result<Self, String> {
        Ok(Self {
            version: Version::V4,
            environment: Environment::new(),
            fixture: fixture::read(start.fixtures, start.now)?,
        })
    }

    fn respond(&self, now: Timestamp, ideas: Ideas) -> Answer {
        let (source, ideas, reason) = match ideas {
            Ideas::Supabase(ideas) => ("supabase", ideas, None),
            Ideas::Fixture(reason) => ("fixture", self.fixture.clone(), reason),
        };
        let wildcards = ideas.iter().filter(|idea| idea::is_wildcard(idea)).count();
        let mut body = json!({
            "success": true,
            "data": {
                "total_count": ideas.len(),
                "wildcard_count": wildcards,
                "ideas": ideas,
                "source": source,
                "feature_flag_enabled": self.environment.flag(),
            },
            "timestamp": clock::iso_millis(now),
        });
        if let Some(reason) = reason {
            body["fallback_reason"] = reason.into();
        }
        reply::json(StatusCode::OK, &body).into()
    }

    fn get(&self, now: Timestamp) -> Answer {
        if !self.environment.flag() {
            return self.respond(now, Ideas::Fixture(None));
        }
        if self.version == Version::V4Pending {
            return self.respond(now, Ideas::Fixture(Some(pending("the route does not ask it yet"))));
        }
        let Some(key) = self.environment.service_key() else {
            return self.respond(now, Ideas::Fixture(Some(pending("credentials missing"))));
        };
        match upstream::question(key) {
            Some(ask) => Answer::Ask(ask),
            None => self.respond(now, Ideas::Fixture(Some(pending("the service key cannot be sent")))),
        }
    }
}

/// The beginning of a reason is promised (IDP4-9), the rest is for people.
fn pending(why: &str) -> String {
    format!("Supabase integration pending: {why}")
}

impl Twin for IdeaPool {
    fn identity(&self) -> Identity {
        let key = ("SUPABASE_SERVICE_KEY".to_owned(), credentials::SUPABASE_SERVICE_KEY.to_owned());
        Identity {
            version: self.version.as_str().to_owned(),
            variables: BTreeMap::from([key]),
            base_url_variable: "IDEA_POOL_BASE_URL",
            header_spelling: &[],
        }
    }

    fn answer(&mut self, now: Timestamp, request: &Request<Bytes>) -> Answer {
        if request.uri().path().trim_end_matches('/') != PATH {
            return Reply::gap("this route of the app", request).into();
        }
        match *request.method() {
            // React Router answers HEAD with the loader's head [remembered, React Router 7].
            Method::GET | Method::HEAD => self.get(now),
            Method::POST | Method::PUT | Method::PATCH | Method::DELETE => no_action(),
            _ => Reply::gap("this method", request).into(),
        }
    }

    fn resume(
        &mut self,
        now: Timestamp,
        _request: &Request<Bytes>,
        outcome: Result<Response<Bytes>, AskFailure>,
    ) -> Answer {
        let ideas = upstream::ideas(outcome, now).map_or_else(|reason| Ideas::Fixture(Some(reason)), Ideas::Supabase);
        self.respond(now, ideas)
    }

    fn arrange(&mut self, _now: Timestamp, setting: &str, value: &Value) -> Result<(), Unarranged> {
        match setting {
            "version" => {
                let versions = [Version::V4, Version::V4Pending];
                let found = versions.into_iter().find(|version| value.as_str() == Some(version.as_str()));
                self.version = found.ok_or_else(|| Unarranged::bad_value(setting, value, "use v4 or v4-pending"))?;
                Ok(())
            }
            "fixture" => {
                let ideas =
                    value.as_array().ok_or_else(|| Unarranged::bad_value(setting, value, "use a list of ideas"));
                self.fixture.clone_from(ideas?);
                Ok(())
            }
            _ => match setting.strip_prefix("env:") {
                Some(name) => self.environment.set(name, value),
                None => Err(Unarranged::unknown(setting, &SETTINGS)),
            },
        }
    }

    fn settings(&self) -> &'static [Setting] {
        &SETTINGS
    }

    fn fork(&self) -> Box<dyn Twin> {
        Box::new(self.clone())
    }
}

/// A route without an action: 405, and the message that the framework shows outside development, without `Allow`
/// [remembered, React Router 7].
fn no_action() -> Answer {
    reply::json(StatusCode::METHOD_NOT_ALLOWED, &json!({ "message": "Unexpected Server Error" })).into()
}
