//! `POST /admin/oauth/access_token`: the grants of npm @shopify/shopify-api 13.1.0 (`auth/oauth`).

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::twin::kit::ids::Ids;
use crate::twin::kit::{jwt, reply, request as read};

const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";
const OFFLINE: &str = "urn:shopify:params:oauth:token-type:offline-access-token";
const ONLINE: &str = "urn:shopify:params:oauth:token-type:online-access-token";

/// Seconds that an expiring access token lives (since December 2025), and its refresh token.
const ACCESS_LIFE: i64 = 3600;
const REFRESH_LIFE: i64 = 7_776_000;
/// Seconds that a token for one user lives: until the end of the day at most (remembered).
const ONLINE_LIFE: i64 = 86_399;

/// Who the app is, and the tokens that it was given.
#[derive(Clone, Debug)]
pub struct Grants {
    pub api_key: String,
    pub api_secret: String,
    pub shop_domain: String,
    /// Access token -> when it expires, in Unix seconds; never where None.
    tokens: BTreeMap<String, Option<i64>>,
    /// Refresh token -> when it expires.
    refreshes: BTreeMap<String, i64>,
    /// Authorization codes that can still be exchanged.
    codes: BTreeSet<String>,
}

impl Grants {
    pub fn new(api_key: String, api_secret: String, shop_domain: String, token: String, code: String) -> Self {
        Self {
            api_key,
            api_secret,
            shop_domain,
            tokens: BTreeMap::from([(token, None)]),
            refreshes: BTreeMap::new(),
            codes: BTreeSet::from([code]),
        }
    }

    /// Tells whether an access token is good at `now`.
    pub fn knows(&self, token: &str, now: Timestamp) -> bool {
        self.tokens.get(token).is_some_and(|until| until.is_none_or(|until| now.as_second() < until))
    }

    /// Forgets every token, as when the merchant uninstalls the app.
    pub fn revoke(&mut self) {
        self.tokens.clear();
        self.refreshes.clear();
    }

    /// Answers one of the four grants.
    pub fn answer(&mut self, ids: &mut Ids, scope: &str, now: Timestamp, request: &Request<Bytes>) -> Response<Bytes> {
        let body = body_of(request);
        let part = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
        if part("client_id") != self.api_key {
            let reason = format!("Could not find Shopify API application with api_key {}", part("client_id"));
            return refuse(StatusCode::BAD_REQUEST, "application_cannot_be_found", &reason);
        }
        if part("client_secret") != self.api_secret {
            return refuse(StatusCode::UNAUTHORIZED, "invalid_client", "The client secret is invalid");
        }
        let expiring = matches!(part("expiring"), "1" | "true");
        match part("grant_type") {
            // A client credentials token lives a day.
            "client_credentials" => {
                let token = self.issue(ids, Some(now.as_second() + ONLINE_LIFE));
                reply::json(
                    StatusCode::OK,
                    &json!({ "access_token": token, "scope": scope, "expires_in": ONLINE_LIFE }),
                )
            }
            "refresh_token" => self.refresh(ids, scope, now, part("refresh_token")),
            TOKEN_EXCHANGE => match self.session(part("subject_token"), part("subject_token_type"), now) {
                Err(reason) => refuse(StatusCode::BAD_REQUEST, "invalid_subject_token", reason),
                Ok(_) if part("requested_token_type") == ONLINE => self.online(ids, scope, now),
                Ok(_) if matches!(part("requested_token_type"), OFFLINE | "") => {
                    self.offline(ids, scope, now, expiring)
                }
                Ok(_) => {
                    refuse(StatusCode::BAD_REQUEST, "invalid_request", "The requested token type is not supported")
                }
            },
            "" | "authorization_code" if self.codes.remove(part("code")) => self.offline(ids, scope, now, expiring),
            "" | "authorization_code" => refuse(
                StatusCode::BAD_REQUEST,
                "invalid_request",
                "The authorization code was not found or was already used",
            ),
            other => refuse(
                StatusCode::BAD_REQUEST,
                "unsupported_grant_type",
                &format!("The grant type {other} is not supported"),
            ),
        }
    }

    fn issue(&mut self, ids: &mut Ids, until: Option<i64>) -> String {
        let token = format!("shpat_{}", ids.hex(32));
        self.tokens.insert(token.clone(), until);
        token
    }

    fn offline(&mut self, ids: &mut Ids, scope: &str, now: Timestamp, expiring: bool) -> Response<Bytes> {
        let until = expiring.then_some(now.as_second() + ACCESS_LIFE);
        let mut body = json!({ "access_token": self.issue(ids, until), "scope": scope });
        if expiring {
            let refresh = format!("shprt_{}", ids.hex(32));
            self.refreshes.insert(refresh.clone(), now.as_second() + REFRESH_LIFE);
            body["expires_in"] = json!(ACCESS_LIFE);
            body["refresh_token"] = json!(refresh);
            body["refresh_token_expires_in"] = json!(REFRESH_LIFE);
        }
        reply::json(StatusCode::OK, &body)
    }

    fn online(&mut self, ids: &mut Ids, scope: &str, now: Timestamp) -> Response<Bytes> {
        let token = self.issue(ids, Some(now.as_second() + ONLINE_LIFE));
        let user = json!({
            "id": 902_541_635, "first_name": "Avery", "last_name": "Operator", "email": "avery@example.com",
            "email_verified": true, "account_owner": true, "locale": "en", "collaborator": false,
        });
        let body = json!({
            "access_token": token, "scope": scope, "expires_in": ONLINE_LIFE,
            "associated_user_scope": scope, "associated_user": user,
        });
        reply::json(StatusCode::OK, &body)
    }

    /// A refresh gives a new pair; the old refresh token is spent.
    fn refresh(&mut self, ids: &mut Ids, scope: &str, now: Timestamp, token: &str) -> Response<Bytes> {
        match self.refreshes.remove(token) {
            Some(until) if now.as_second() < until => self.offline(ids, scope, now, true),
            _ => refuse(StatusCode::BAD_REQUEST, "invalid_grant", "The refresh token is invalid or was already used"),
        }
    }

    /// A session token: signed with the app's secret, for this app and this shop, not expired (ten seconds of leeway in
    /// the client library, none here).
    fn session(&self, token: &str, ty: &str, now: Timestamp) -> Result<Value, &'static str> {
        if ty != ID_TOKEN {
            return Err("The subject token type is not supported");
        }
        let claims =
            jwt::verify(&self.api_secret, token).map_err(|_| "The subject token is not a valid session token")?;
        let seconds = |name: &str| claims.get(name).and_then(Value::as_i64);
        let part = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
        let now = now.as_second();
        match () {
            () if seconds("exp").is_none_or(|until| until <= now) => Err("The subject token is expired"),
            () if seconds("nbf").is_some_and(|from| from > now) => Err("The subject token is not valid yet"),
            () if part("aud") != self.api_key => Err("The subject token is for another app"),
            () if part("dest").trim_start_matches("https://") != self.shop_domain => {
                Err("The subject token is for another shop")
            }
            () => Ok(claims),
        }
    }
}

/// JSON or a form.
fn body_of(request: &Request<Bytes>) -> Value {
    let form =
        read::header(request, "content-type").is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    if form {
        let pairs = url::form_urlencoded::parse(request.body()).map(|(name, value)| (name.into_owned(), json!(value)));
        return Value::Object(pairs.collect());
    }
    read::json(request).unwrap_or_default()
}

/// The client library reads `error` of a 400 (`invalid_subject_token`); the descriptions are remembered (remembered).
fn refuse(status: StatusCode, error: &str, description: &str) -> Response<Bytes> {
    reply::json(status, &json!({ "error": error, "error_description": description }))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bytes::Bytes;
    use http::Request;
    use jiff::Timestamp;
    use serde_json::{Value, json};

    use super::{Grants, ID_TOKEN, OFFLINE, ONLINE, TOKEN_EXCHANGE};
    use crate::twin::kit::ids::Ids;
    use crate::twin::kit::jwt;

    struct App {
        grants: Grants,
        ids: Ids,
        now: Timestamp,
    }

    impl App {
        fn new() -> Self {
            let text = str::to_owned;
            let grants =
                Grants::new(text("key"), text("secret"), text("s.myshopify.com"), text("shpat_0"), text("code-1"));
            Self { grants, ids: Ids::new(1), now: Timestamp::from_second(1_800_000_000).unwrap() }
        }

        fn post(&mut self, members: &Value) -> (u16, Value) {
            let mut body = json!({ "client_id": "key", "client_secret": "secret" });
            for (name, value) in members.as_object().unwrap() {
                body[name] = value.clone();
            }
            let request = Request::post("/").body(Bytes::from(body.to_string())).unwrap();
            let response = self.grants.answer(&mut self.ids, "read_orders", self.now, &request);
            (response.status().as_u16(), serde_json::from_slice(response.body()).unwrap())
        }

        fn session(&self, aud: &str, dest: &str, seconds: i64) -> String {
            let now = self.now.as_second();
            jwt::sign("secret", &json!({ "aud": aud, "dest": dest, "exp": now + seconds, "nbf": now - 5 }))
        }

        fn exchange(&mut self, session: &str, ty: &str) -> (u16, Value) {
            self.post(&json!({ "grant_type": TOKEN_EXCHANGE, "subject_token": session, "subject_token_type": ID_TOKEN, "requested_token_type": ty, "expiring": "1" }))
        }
    }

    #[test]
    fn a_code_can_be_exchanged_once() {
        let mut app = App::new();
        let (status, body) = app.post(&json!({ "code": "code-1", "expiring": "0" }));
        assert_eq!(status, 200);
        assert!(body["access_token"].as_str().unwrap().starts_with("shpat_"));
        assert!(body.get("expires_in").is_none());
        assert_eq!(app.post(&json!({ "code": "code-1" })).0, 400);
    }

    #[test]
    fn a_session_token_is_checked_before_it_is_exchanged() {
        let mut app = App::new();
        let good = app.session("key", "https://s.myshopify.com", 60);
        let (status, body) = app.exchange(&good, OFFLINE);
        assert_eq!(
            (status, &body["expires_in"], &body["refresh_token_expires_in"]),
            (200, &json!(3600), &json!(7_776_000))
        );
        let (status, body) = app.exchange(&good, ONLINE);
        assert_eq!((status, &body["associated_user"]["account_owner"]), (200, &json!(true)));
        for bad in [
            app.session("other", "https://s.myshopify.com", 60),
            app.session("key", "https://other.myshopify.com", 60),
            app.session("key", "https://s.myshopify.com", -1),
            jwt::sign("forged", &json!({ "aud": "key", "dest": "https://s.myshopify.com", "exp": 1_900_000_000 })),
            String::new(),
        ] {
            let (status, body) = app.exchange(&bad, OFFLINE);
            assert_eq!((status, &body["error"]), (400, &json!("invalid_subject_token")), "{bad}");
        }
    }

    #[test]
    fn an_expiring_token_expires_and_its_refresh_token_is_used_up() {
        let mut app = App::new();
        let session = app.session("key", "https://s.myshopify.com", 60);
        let (_, first) = app.exchange(&session, OFFLINE);
        let token = first["access_token"].as_str().unwrap().to_owned();
        assert!(app.grants.knows(&token, app.now));
        app.now += Duration::from_hours(1);
        assert!(!app.grants.knows(&token, app.now) && app.grants.knows("shpat_0", app.now));
        let refresh = json!({ "grant_type": "refresh_token", "refresh_token": first["refresh_token"] });
        let (status, second) = app.post(&refresh);
        assert_eq!(status, 200);
        assert_ne!(second["refresh_token"], first["refresh_token"]);
        let (status, body) = app.post(&refresh);
        assert_eq!((status, &body["error"]), (400, &json!("invalid_grant")));
    }

    #[test]
    fn an_app_that_cannot_prove_who_it_is_gets_nothing() {
        let mut app = App::new();
        assert_eq!(app.post(&json!({ "client_id": "other" })).0, 400);
        assert_eq!(app.post(&json!({ "client_secret": "wrong" })).0, 401);
        assert_eq!(app.post(&json!({ "grant_type": "password" })).0, 400);
        let (status, body) = app.post(&json!({ "grant_type": "client_credentials" }));
        assert_eq!((status, &body["expires_in"]), (200, &json!(86_399)));
    }
}
