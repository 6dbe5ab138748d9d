//! Supabase: PostgREST over a small relational store, behind the gateway, beside Auth, Storage and Realtime.

pub mod cors;
pub mod gateway;
pub mod keys;
pub mod platform;
pub mod rest;
pub mod store;
pub mod token;

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::twin::answer::{Answer, Reply};
use crate::twin::kit::reply::{self, WithHeader};
use crate::twin::kit::request::segments;
use crate::twin::setting::{Setting, Unarranged};
use crate::twin::supabase::gateway::{Gateway, Project, Route};
use crate::twin::supabase::keys::Keys;
use crate::twin::supabase::platform::Platform;
use crate::twin::supabase::rest::error::{RestError, Version};
use crate::twin::supabase::rest::service::Service;
use crate::twin::supabase::store::database::Database;
use crate::twin::supabase::store::function::Function;
use crate::twin::supabase::store::schema::Table;
use crate::twin::supabase::token::session;
use crate::twin::{Identity, Start, Twin};

/// A Supabase project.
#[derive(Clone, Debug)]
pub struct Supabase {
    version: Version,
    gateway: Gateway,
    project: Project,
    keys: Keys,
    database: Database,
    reachable: bool,
    max_rows: Option<i64>,
    platform: Platform,
    /// Tables as described, so that one that was dropped can come back.
    described: Arc<BTreeMap<String, Arc<Table>>>,
}

/// What hosted projects answer at most.
const MAX_ROWS: i64 = 1000;

const SETTINGS: [Setting; 9] = [
    Setting { name: "version", meaning: "PostgREST's version: 12.0.2 or 14.12" },
    Setting { name: "gateway", meaning: "what stands before it: hosted, cli or self-hosted" },
    Setting { name: "project", meaning: "active, paused or restricted" },
    Setting { name: "database", meaning: "up or down" },
    Setting { name: "max-rows", meaning: "rows that one answer holds at most; null for no limit" },
    Setting { name: "storage-healthy", meaning: "true or false; the status stays 200" },
    Setting { name: "realtime-healthy", meaning: "true or false; the status stays 200" },
    Setting { name: "realtime-pings", meaning: "pings a second that realtime admits" },
    Setting { name: "table:NAME", meaning: "an array of rows replaces the table's rows; null drops the table" },
];

impl Supabase {
    /// Reads its tables (`*.table.json`) and functions (`functions.json`).
    ///
    /// # Errors
    /// What is wrong with a fixture, in words.
    pub fn new(start: &Start) -> Result<Self, String> {
        let (mut tables, mut functions) = (Vec::new(), Vec::new());
        for (name, text) in start.fixtures {
            if name.ends_with(".table.json") {
                let table: Table = read(name, text)?;
                tables.push(table);
            } else if name == "functions.json" {
                functions = read::<Vec<Function>>(name, text)?;
            }
        }
        let database = Database::new(tables, functions, start.seed, start.now)?;
        let described =
            database.table_names().filter_map(|name| Some((name.to_owned(), database.table(name)?.clone()))).collect();
        Ok(Self {
            version: Version::default(),
            gateway: Gateway::default(),
            project: Project::default(),
            keys: Keys::new(start.seed, start.now),
            database,
            reachable: true,
            max_rows: Some(MAX_ROWS),
            platform: Platform::default(),
            described: Arc::new(described),
        })
    }

    /// What the database holds, as SQL for a real PostgreSQL.
    pub fn to_sql(&self) -> String {
        self.database.to_sql()
    }

    fn rest(&mut self, now: Timestamp, request: &Request<Bytes>, path: &[String]) -> Reply {
        let token = self.gateway.token(request, &self.keys);
        let session = session(token, &self.keys.secret, self.version, now);
        let anonymous = session.as_ref().map_or(true, |session| session.role == "anon");
        let max_rows = self.max_rows;
        let answered = session.and_then(|session| {
            if !self.reachable {
                return Ok(database_down());
            }
            Service { database: &mut self.database, version: self.version, max_rows }.answer(request, path, &session)
        });
        match answered {
            Ok(response) => Reply::new(response),
            Err(RestError::Gap(what)) => Reply::gap(&what, request),
            Err(error) => Reply::new(error.response(self.version, anonymous)),
        }
    }

    fn served(&mut self, now: Timestamp, request: &Request<Bytes>) -> Reply {
        let path = segments(request);
        if let Some(refusal) = self.project.refusal() {
            return Reply::new(refusal);
        }
        let Some(route) = self.gateway.route(&path) else { return Reply::new(self.gateway.no_route()) };
        if cors::is_preflight(request) {
            return Reply::new(cors::preflight(request));
        }
        if let Err(refused) = self.gateway.admit(route, request, &self.keys) {
            return Reply::new(*refused);
        }
        let rest: Vec<&str> = path[2..].iter().map(String::as_str).collect();
        match route {
            Route::Rest => self.rest(now, &without_key(request), &path[2..]),
            Route::RestAdmin => self.admin(request, &rest),
            Route::Auth => Platform::auth(request, &rest),
            Route::Storage => self.platform.storage(request, &rest),
            Route::Realtime => self.platform.realtime(now, request, &rest, &self.keys.reference),
            Route::Functions => Reply::gap("edge functions", request),
        }
    }

    /// PostgREST's own admin server, which only the CLI exposes.
    fn admin(&self, request: &Request<Bytes>, path: &[&str]) -> Reply {
        match (request.method(), path) {
            (&Method::GET, ["live"]) => Reply::new(reply::empty(StatusCode::OK)),
            (&Method::GET, ["ready"]) if self.reachable => Reply::new(reply::empty(StatusCode::OK)),
            (&Method::GET, ["ready"]) => Reply::new(reply::empty(StatusCode::SERVICE_UNAVAILABLE)),
            _ => Reply::gap("the admin server beyond live and ready", request),
        }
    }

    fn arrange_table(&mut self, now: Timestamp, setting: &str, name: &str, value: &Value) -> Result<(), Unarranged> {
        let Some(table) = self.described.get(name) else {
            let known: Vec<String> = self.described.keys().map(|name| format!("table:{name}")).collect();
            return Err(Unarranged::unknown_among(setting, known.iter().map(String::as_str)));
        };
        let bad = |reason: String| Unarranged::bad_value(setting, value, reason);
        let rows: Vec<Map<String, Value>> = match value {
            Value::Null => {
                self.database.drop_table(name);
                return Ok(());
            }
            Value::Array(rows) => rows
                .iter()
                .map(|row| row.as_object().cloned().ok_or_else(|| bad("each row is an object".into())))
                .collect::<Result<_, _>>()?,
            _ => return Err(bad("give an array of rows, or null to drop the table".into())),
        };
        self.database.put_table(table.clone());
        self.database.fill(name, &rows, now).map_err(bad)
    }
}

impl Twin for Supabase {
    fn identity(&self) -> Identity {
        Identity {
            version: self.version.name().to_owned(),
            variables: self.keys.variables(),
            base_url_variable: "SUPABASE_URL",
            header_spelling: &["WWW-Authenticate", "x-rate-limit"],
        }
    }

    fn answer(&mut self, now: Timestamp, request: &Request<Bytes>) -> Answer {
        let mut reply = self.served(now, request);
        if *request.method() == Method::HEAD {
            *reply.response.body_mut() = Bytes::new();
        }
        reply.response = cors::allowed(request, reply.response);
        reply.into()
    }

    fn arrange(&mut self, now: Timestamp, setting: &str, value: &Value) -> Result<(), Unarranged> {
        let bad = |allowed: &str| Unarranged::bad_value(setting, value, format!("choose one of {allowed}"));
        let word = value.as_str().unwrap_or_default();
        let switch = || match value {
            Value::Bool(on) => Ok(*on),
            _ => Err(bad("true, false")),
        };
        match setting {
            "version" => self.version = Version::named(word).ok_or_else(|| bad("12.0.2, 14.12"))?,
            "gateway" => self.gateway = Gateway::named(word).ok_or_else(|| bad("hosted, cli, self-hosted"))?,
            "project" => self.project = Project::named(word).ok_or_else(|| bad("active, paused, restricted"))?,
            "database" => {
                self.reachable = match word {
                    "up" => true,
                    "down" => false,
                    _ => return Err(bad("up, down")),
                }
            }
            "max-rows" => {
                self.max_rows = match value {
                    Value::Null => None,
                    _ => Some(value.as_i64().filter(|rows| *rows > 0).ok_or_else(|| bad("null, a positive number"))?),
                }
            }
            "storage-healthy" => self.platform.storage_healthy = switch()?,
            "realtime-healthy" => self.platform.realtime_healthy = switch()?,
            "realtime-pings" => {
                let limit = value.as_u64().and_then(|limit| u32::try_from(limit).ok());
                self.platform.limit_pings(limit.ok_or_else(|| bad("a number of pings a second"))?);
            }
            _ => {
                return match setting.strip_prefix("table:") {
                    Some(name) => self.arrange_table(now, setting, name, value),
                    None => Err(Unarranged::unknown(setting, &SETTINGS)),
                };
            }
        }
        Ok(())
    }

    fn settings(&self) -> &'static [Setting] {
        &SETTINGS
    }

    fn refusal(&self, status: StatusCode) -> Response<Bytes> {
        gateway::refusal(status.as_u16(), 1)
    }

    fn fork(&self) -> Box<dyn Twin> {
        Box::new(self.clone())
    }
}

fn read<T: serde::de::DeserializeOwned>(name: &str, text: &[u8]) -> Result<T, String> {
    serde_json::from_slice(text).map_err(|error| format!("{name}: {error}"))
}

/// What PostgREST says when it cannot reach the database.
fn database_down() -> Response<Bytes> {
    let body = serde_json::json!({
        "code": "PGRST000",
        "details": "connection to server at \"localhost\" (127.0.0.1), port 5432 failed: Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?\n",
        "hint": null,
        "message": "Database connection error. Retrying the connection.",
    });
    reply::json(StatusCode::SERVICE_UNAVAILABLE, &body).with_header("retry-after", "1")
}

/// The gateway keeps the `apikey` parameter to itself.
fn without_key(request: &Request<Bytes>) -> Request<Bytes> {
    let query = request.uri().query().unwrap_or_default();
    if !query.split('&').any(|pair| pair.starts_with("apikey=")) {
        return request.clone();
    }
    let kept: Vec<&str> = query.split('&').filter(|pair| !pair.starts_with("apikey=")).collect();
    let path = request.uri().path();
    let target = if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) };
    let mut changed = request.clone();
    if let Ok(uri) = target.parse() {
        *changed.uri_mut() = uri;
    }
    changed
}
