//! A flag store: OFREP 0.3.0 and the client, frontend and admin APIs of Unleash over one set of flags.
//!
//! Sources: open-feature/protocol `service/openapi.yaml` 0.3.0; bodies, statuses and `ETag`s of Unleash as
//! unleash-server 8.2.0 answered them when it was run on PostgreSQL 15. Unleash shows a switch to its clients only
//! some time after its admin API answered 200: the setting `propagation-seconds` models that.

mod admin;
mod client;
mod evaluate;
mod ofrep;
mod refusal;
mod store;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Method, Request};
use jiff::Timestamp;
use serde_json::Value;

use crate::twin::answer::{Answer, Reply};
use crate::twin::flags::store::Store;
use crate::twin::kit::request;
use crate::twin::setting::{Setting, Unarranged};
use crate::twin::{Identity, Start, Twin};

/// The version of Unleash that answered.
const VERSION: &str = "8.2.0";

const ADMIN_TOKEN: &str = "*:*.preflight-twin-admin";
const FRONTEND_TOKEN: &str = "default:development.preflight-twin-frontend";
const BACKEND_TOKENS: [(&str, &str, &str); 2] = [
    ("UNLEASH_API_TOKEN", "default:development.preflight-twin-backend", "development"),
    ("UNLEASH_PRODUCTION_TOKEN", "default:production.preflight-twin-backend", "production"),
];

const SETTINGS: [Setting; 4] = [
    Setting { name: "flag:NAME", meaning: "true or false switches it in every environment, null removes it" },
    Setting { name: "propagation-seconds", meaning: "seconds after which clients see what the admin API took" },
    Setting { name: "writes", meaning: "kept, or lost: the admin API answers 200 and changes nothing" },
    Setting { name: "etag", meaning: "honest, or stuck: the ETag stays while the flags change" },
];

/// The store and who may ask it.
#[derive(Clone, Debug)]
pub struct Flags {
    store: Store,
}

/// Who asks, by the token.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Caller {
    Nobody,
    /// A token that nobody gave out.
    Stranger,
    Admin,
    /// A backend client of an environment.
    Backend(&'static str),
    Frontend,
}

impl Caller {
    /// Unleash takes the token bare, OFREP as a bearer token or a key.
    fn of(request: &Request<Bytes>) -> Self {
        let bare = request::header(request, "authorization");
        let Some(token) = request::bearer(request).or(bare).or(request::header(request, "x-api-key")) else {
            return Self::Nobody;
        };
        if token == ADMIN_TOKEN {
            return Self::Admin;
        }
        if token == FRONTEND_TOKEN {
            return Self::Frontend;
        }
        let backend = BACKEND_TOKENS.iter().find(|(_, known, _)| *known == token);
        backend.map_or(Self::Stranger, |(.., environment)| Self::Backend(environment))
    }
}

impl Flags {
    /// # Errors
    /// What is wrong with `flags.json`.
    pub fn new(start: &Start) -> Result<Self, String> {
        Ok(Self { store: Store::read(start)? })
    }
}

impl Twin for Flags {
    fn identity(&self) -> Identity {
        let own = [("UNLEASH_ADMIN_TOKEN", ADMIN_TOKEN), ("UNLEASH_FRONTEND_TOKEN", FRONTEND_TOKEN)];
        let backend = BACKEND_TOKENS.iter().map(|(name, token, _)| (*name, *token));
        Identity {
            version: VERSION.to_owned(),
            variables: own
                .into_iter()
                .chain(backend)
                .map(|(name, token)| (name.to_owned(), token.to_owned()))
                .collect::<BTreeMap<_, _>>(),
            base_url_variable: "FLAGS_BASE_URL",
            header_spelling: &["ETag"],
        }
    }

    fn answer(&mut self, now: Timestamp, request: &Request<Bytes>) -> Answer {
        let segments = request::segments(request);
        let path: Vec<&str> = segments.iter().map(String::as_str).collect();
        let caller = Caller::of(request);
        match (request.method(), path.as_slice()) {
            (&Method::POST, ["ofrep", "v1", "evaluate", "flags"]) => ofrep::all(&self.store, now, caller, request),
            (&Method::POST, ["ofrep", "v1", "evaluate", "flags", key]) => {
                ofrep::one(&self.store, now, caller, key, request)
            }
            (_, ["api", "client", rest @ ..]) => client::answer(&mut self.store, now, caller, rest, request),
            (_, ["api", "frontend", rest @ ..]) => client::frontend(&self.store, now, caller, rest, request),
            (_, ["api", "admin", rest @ ..]) => admin::answer(&mut self.store, now, caller, rest, request),
            (&Method::GET, ["health"]) => client::health(),
            _ => Reply::gap("this path of a flag store", request).into(),
        }
    }

    fn arrange(&mut self, now: Timestamp, setting: &str, value: &Value) -> Result<(), Unarranged> {
        self.store.arrange(now, setting, value, &SETTINGS)
    }

    fn settings(&self) -> &'static [Setting] {
        &SETTINGS
    }

    fn fork(&self) -> Box<dyn Twin> {
        Box::new(self.clone())
    }
}
