//! Chatwoot, self-hosted community edition, as of 4.15.1 and 4.6.0.
//!
//! Read in the vendor's source tree at the tags v4.15.1 and v4.6.0 (controllers, views, models, `rack_attack.rb`,
//! `lib/webhooks/trigger.rb`). Webhooks are sent in the order of the events; Chatwoot's job queue promises none.

pub mod api;
pub mod auth;
pub mod bot;
pub mod change;
pub mod contact;
pub mod conversation;
pub mod event;
pub mod inbox;
pub mod label;
pub mod message;
pub mod params;
pub mod refusal;
pub mod routes;
pub mod scope;
pub mod seed;
pub mod settings;
pub mod state;
pub mod team;
pub mod throttle;
pub mod user;
pub mod version;
pub mod webhook;

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use jiff::Timestamp;
use serde_json::Value;

use crate::domain::delivery::Delivery;
use crate::twin::answer::{Answer, Reply};
use crate::twin::chatwoot::api::health;
use crate::twin::chatwoot::auth::{Caller, authenticate, enter_account};
use crate::twin::chatwoot::event::Outbox;
use crate::twin::chatwoot::params::Params;
use crate::twin::chatwoot::refusal::Refusal;
use crate::twin::chatwoot::routes::{Action, Found};
use crate::twin::chatwoot::scope::{Outcome, Scope, ok};
use crate::twin::chatwoot::seed::variables::variables;
use crate::twin::chatwoot::settings::Settings;
use crate::twin::chatwoot::state::State;
use crate::twin::chatwoot::throttle::Throttles;
use crate::twin::kit::request::segments;
use crate::twin::setting::{Setting, Unarranged};
use crate::twin::{Identity, Start, Twin};

/// The twin. Forks share their state until one of them changes it.
#[derive(Clone, Debug)]
pub struct Chatwoot {
    state: Arc<State>,
    settings: Settings,
    throttles: Throttles,
}

/// Paths that clients take for routes of Chatwoot's and that are none (`config/routes.rb`).
const NO_ROUTES: [&[&str]; 7] = [
    &["rails", "health"],
    &["up"],
    &["healthz"],
    &["health"],
    &["hc"],
    &["api", "v1"],
    &["api", "v1", "conversations"],
];

impl Chatwoot {
    /// Builds it from its fixtures.
    ///
    /// # Errors
    /// What is wrong with a fixture.
    pub fn new(start: &Start) -> Result<Self, String> {
        let state = Arc::new(seed::read(start)?);
        Ok(Self { state, settings: Settings::default(), throttles: Throttles::default() })
    }

    fn handle(
        &mut self,
        now: Timestamp,
        request: &Request<Bytes>,
    ) -> Result<(Response<Bytes>, Vec<Delivery>), Refusal> {
        if !self.settings.safelisted && !self.throttles.admit(now, self.settings.version, request) {
            return Err(Refusal::Throttled);
        }
        let path = segments(request);
        let words: Vec<_> = path.iter().map(String::as_str).collect();
        // Rack answers HEAD as GET without the body.
        let method = if *request.method() == Method::HEAD { &Method::GET } else { request.method() };
        match (method.as_str(), words.as_slice()) {
            ("GET", ["health"]) if self.settings.version.has_health() => Ok((health::alive(), Vec::new())),
            ("GET", ["api"]) => Ok((health::api(now, &self.settings), Vec::new())),
            ("GET", []) => Err(front_page(request)),
            ("GET", ["api", "v1", "profile"]) => self.profile(request).map(|response| (response, Vec::new())),
            ("GET", ["api", "v1", "accounts"]) => Err(Refusal::NoRoute),
            (_, ["api", "v1", "accounts", account, ..]) => {
                self.within_account(now, request, method, account, &path[4..])
            }
            (_, words) if NO_ROUTES.contains(&words) => Err(Refusal::NoRoute),
            _ => Err(Refusal::NotModelled("this part of Chatwoot")),
        }
    }

    fn profile(&self, request: &Request<Bytes>) -> Outcome {
        let caller = authenticate(request, &self.settings, &self.state)?;
        let user = caller.user(&self.state).ok_or(Refusal::BotsNotAuthorized)?;
        ok(&user.profile(&self.state.account, self.settings.account_suspended, self.settings.version))
    }

    /// Route, token, account, action: the order in which Rails comes to them.
    fn within_account(
        &mut self,
        now: Timestamp,
        request: &Request<Bytes>,
        method: &Method,
        account: &str,
        path: &[String],
    ) -> Result<(Response<Bytes>, Vec<Delivery>), Refusal> {
        let (route, captures) = match routes::find(method, path) {
            Found::Route(route, captures) => (route, captures),
            Found::OtherMethod => return Err(Refusal::NoRoute),
            Found::Nothing => return Err(Refusal::NotModelled("this part of an account")),
        };
        let params = Params::read(request).map_err(|_| Refusal::Malformed)?;
        let caller = authenticate(request, &self.settings, &self.state)?;
        if matches!(caller, Caller::Bot(_)) && !route.opens_to_bots(self.settings.version) {
            return Err(Refusal::BotsNotAuthorized);
        }
        enter_account(caller, account, &self.settings, &self.state)?;
        let scope = Scope { now, settings: &self.settings, caller, params, captures };
        match route.action {
            Action::Read(read) => Ok((read(&scope, &self.state)?, Vec::new())),
            Action::Write(write) => {
                let state = Arc::make_mut(&mut self.state);
                let mut outbox = Outbox::default();
                let response = write(&scope, state, &mut outbox)?;
                Ok((response, outbox.deliveries(now, state, &self.settings)))
            }
            Action::NotModelled => Err(Refusal::NotModelled("this action")),
        }
    }
}

/// The dashboard: 406 for a client that wants JSON of it; the page itself is not modelled.
fn front_page(request: &Request<Bytes>) -> Refusal {
    let accept = crate::twin::kit::request::header(request, "accept").unwrap_or_default();
    if accept.starts_with("application/json") && !accept.contains("*/*") {
        Refusal::NotAcceptable
    } else {
        Refusal::NotModelled("the dashboard's page")
    }
}

impl Twin for Chatwoot {
    fn identity(&self) -> Identity {
        Identity {
            version: self.settings.version.as_str().to_owned(),
            variables: variables(&self.state),
            base_url_variable: "CHATWOOT_BASE_URL",
            header_spelling: &[],
        }
    }

    fn answer(&mut self, now: Timestamp, request: &Request<Bytes>) -> Answer {
        let mut reply = match self.handle(now, request) {
            Ok((response, deliveries)) => Reply::new(response).delivering(deliveries),
            Err(Refusal::NotModelled(what)) => Reply::gap(what, request),
            Err(refusal) => Reply::new(refusal.response(request)),
        };
        if *request.method() == Method::HEAD {
            *reply.response.body_mut() = Bytes::new();
        }
        reply.into()
    }

    fn arrange(&mut self, _: Timestamp, setting: &str, value: &Value) -> Result<(), Unarranged> {
        self.settings.set(setting, value)
    }

    fn refusal(&self, status: StatusCode) -> Response<Bytes> {
        refusal::by_status(status)
    }

    fn settings(&self) -> &'static [Setting] {
        &settings::NAMES
    }

    fn fork(&self) -> Box<dyn Twin> {
        Box::new(self.clone())
    }
}
