//! What stands before the services: who may pass, and what the gateway itself says.

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use serde_json::json;

use crate::twin::kit::reply;
use crate::twin::kit::request::{header, query_value};
use crate::twin::supabase::keys::Keys;
use crate::twin::supabase::token::bearer;

/// The gateways that a project may stand behind.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Gateway {
    /// supabase.com. Bodies are community captures.
    #[default]
    Hosted,
    /// `supabase start`: asks for no key at all (supabase/cli `kong.yml`).
    Cli,
    /// The Docker Compose set-up: stock Kong (supabase `docker/volumes/api/kong.yml`).
    SelfHosted,
}

/// Whether a hosted project is served.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Project {
    #[default]
    Active,
    Paused,
    /// Over its quota, or unpaid.
    Restricted,
}

/// The services behind the gateway.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Route {
    Rest,
    RestAdmin,
    Auth,
    Storage,
    Realtime,
    Functions,
}

impl Gateway {
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "hosted" => Some(Self::Hosted),
            "cli" => Some(Self::Cli),
            "self-hosted" => Some(Self::SelfHosted),
            _ => None,
        }
    }

    /// The service that a path belongs to, and the number of segments that the gateway takes off.
    pub fn route(self, segments: &[String]) -> Option<Route> {
        let [service, version, ..] = segments else { return None };
        if version != "v1" {
            return None;
        }
        match service.as_str() {
            "rest" => Some(Route::Rest),
            "rest-admin" if self == Self::Cli => Some(Route::RestAdmin),
            "auth" => Some(Route::Auth),
            "storage" => Some(Route::Storage),
            "realtime" => Some(Route::Realtime),
            "functions" => Some(Route::Functions),
            _ => None,
        }
    }

    /// # Errors
    /// The gateway's 401 when the request carries no key that it knows.
    pub fn admit(self, route: Route, request: &Request<Bytes>, keys: &Keys) -> Result<(), Box<Response<Bytes>>> {
        let open = self == Self::Cli || matches!(route, Route::Storage | Route::Functions);
        if open {
            return Ok(());
        }
        let key = header(request, "apikey").map(str::to_owned).or_else(|| query_value(request, "apikey"));
        let known = [keys.anon.as_str(), &keys.service, &keys.publishable, keys.secret_key];
        let body = match (key, self) {
            (Some(key), _) if known.contains(&key.as_str()) => return Ok(()),
            (None, Self::Hosted) => json!({
                "message": "No API key found in request",
                "hint": "No `apikey` request header or url param was found.",
            }),
            (Some(_), Self::Hosted) => json!({
                "message": "Invalid API key",
                "hint": "Double check your Supabase `anon` or `service_role` API key.",
            }),
            // Kong's stock bodies, remembered [MEM].
            (None, _) => json!({ "message": "No API key found in request" }),
            (Some(_), _) => json!({ "message": "Invalid authentication credentials" }),
        };
        Err(Box::new(reply::json(StatusCode::UNAUTHORIZED, &body)))
    }

    /// The token that reaches PostgREST: new keys, which are none, are exchanged for the role's legacy key.
    pub fn token<'a>(self, request: &'a Request<Bytes>, keys: &'a Keys) -> Option<&'a str> {
        let (token, key) = (bearer(request), header(request, "apikey"));
        let exchanged = |key: &str| match key {
            _ if key == keys.publishable => Some(keys.anon.as_str()),
            _ if key == keys.secret_key => Some(keys.service.as_str()),
            _ => None,
        };
        match (token, key) {
            (None, Some(key)) => exchanged(key),
            // Hosted forwards a new key sent as a token only beside itself; the CLI replaces it in any case.
            (Some(token), Some(key)) if token == key || (self == Self::Cli && token.starts_with("sb_")) => {
                exchanged(key).or(Some(token))
            }
            (token, _) => token,
        }
    }

    /// The answer to a path that leads nowhere (remembered).
    pub fn no_route(self) -> Response<Bytes> {
        let body = match self {
            Self::Hosted => json!({ "error": "requested path is invalid" }),
            Self::Cli | Self::SelfHosted => json!({ "message": "no Route matched with those values" }),
        };
        reply::json(StatusCode::NOT_FOUND, &body)
    }
}

impl Project {
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "active" => Some(Self::Active),
            "paused" => Some(Self::Paused),
            "restricted" => Some(Self::Restricted),
            _ => None,
        }
    }

    /// What a project that is not served answers. (Supabase, "HTTP status codes": 402; 540 is remembered (remembered).)
    pub fn refusal(self) -> Option<Response<Bytes>> {
        match self {
            Self::Active => None,
            Self::Paused => Some(refusal(540, 1)),
            Self::Restricted => Some(refusal(402, 1)),
        }
    }
}

/// What stands for a refusal with this status: the gateway's own words, or those of PostgREST behind it.
pub fn refusal(status: u16, retry_seconds: u32) -> Response<Bytes> {
    use crate::twin::kit::reply::WithHeader;
    let code = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let postgrest = |code: StatusCode, name: &str, message: &str| {
        reply::json(code, &json!({ "code": name, "details": null, "hint": null, "message": message }))
    };
    match status {
        401 => reply::json(
            code,
            &json!({
                "message": "Invalid API key",
                "hint": "Double check your Supabase `anon` or `service_role` API key.",
            }),
        ),
        402 => reply::json(
            code,
            &json!({ "message": "Service for this project is restricted due to the following violations: exceed_egress_quota." }),
        ),
        403 => postgrest(code, "42501", "permission denied for schema public"),
        429 => reply::json(code, &json!({ "message": "Too many requests" })),
        503 => postgrest(code, "PGRST002", "Could not query the database for the schema cache. Retrying.")
            .with_header("retry-after", retry_seconds.to_string()),
        504 => postgrest(code, "PGRST003", "Timed out acquiring connection from connection pool."),
        // Cloudflare's plain text [MEM].
        520..=530 => reply::typed(code, "text/plain; charset=UTF-8", format!("error code: {status}")),
        540 => reply::json(code, &json!({ "message": "Project paused" })),
        502 => reply::json(code, &json!({ "message": "An invalid response was received from the upstream server" })),
        _ => reply::json(code, &json!({ "message": code.canonical_reason().unwrap_or("Unknown status") })),
    }
}
