//! What PostgREST makes of `Authorization: Bearer …`.

use bytes::Bytes;
use http::Request;
use jiff::Timestamp;
use serde_json::Value;

use crate::twin::kit::request::header;
use crate::twin::supabase::rest::error::{RestError, Told, Version};
use crate::twin::supabase::store::json::Json;
use crate::twin::supabase::store::policy::Session;
use crate::wire::jwt::{self, BadToken};

/// Seconds by which clocks may differ.
const SKEW: i64 = 30;

/// The token of the request; None when there is no bearer authorization. An empty token is one.
pub fn bearer(request: &Request<Bytes>) -> Option<&str> {
    let value = header(request, "authorization")?;
    let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim_start())
}

/// Who asks, by the token. Without one it is `anon`.
///
/// # Errors
/// 401 in the words of the version.
pub fn session(token: Option<&str>, secret: &str, version: Version, now: Timestamp) -> Result<Session, RestError> {
    let token = match token {
        None => return Ok(anonymous(now)),
        Some("") if version == Version::V12 => return Ok(anonymous(now)),
        Some("") => return Err(refused("PGRST301", "Empty JWT is sent in Authorization header")),
        Some(token) => token,
    };
    let claims = jwt::verify(token, secret.as_bytes()).map_err(|bad| unbelieved(&bad, version))?;
    check_times(&claims, version, now)?;
    let role = match &claims["role"] {
        Value::Null => "anon".to_owned(),
        Value::String(role) => role.clone(),
        other => other.to_string(),
    };
    Ok(Session { role, claims: Json::from(&claims), now })
}

fn anonymous(now: Timestamp) -> Session {
    let claims = Json::Object(vec![("role".into(), Json::text("anon"))]);
    Session { role: "anon".into(), claims, now }
}

fn refused(code: &'static str, message: impl Into<String>) -> RestError {
    RestError::Token(Told::new(401, code, message))
}

fn unbelieved(bad: &BadToken, version: Version) -> RestError {
    if version == Version::V12 {
        let reason = match bad {
            BadToken::Parts(found) => {
                format!("(CompactDecodeError Invalid number of parts: Expected 3 parts; got {found})")
            }
            BadToken::Unreadable => "(JSONDecodeError \"Error in $: not enough input\")".to_owned(),
            BadToken::Algorithm => "NoSignatures".to_owned(),
            BadToken::Signature => "JWSInvalidSignature".to_owned(),
        };
        return refused("PGRST301", format!("JWSError {reason}"));
    }
    match bad {
        BadToken::Parts(found) => refused("PGRST301", format!("Expected 3 parts in JWT; got {found}")),
        BadToken::Algorithm => {
            let told = Told::new(401, "PGRST301", "Wrong or unsupported encoding algorithm");
            RestError::Token(told.details("JWT is unsecured but expected 'alg' was not 'none'"))
        }
        BadToken::Unreadable => refused("PGRST301", "JWT cryptographic operation failed"),
        BadToken::Signature => RestError::Token(
            Told::new(401, "PGRST301", "No suitable key or wrong key type")
                .details("None of the keys was able to decode the JWT"),
        ),
    }
}

fn check_times(claims: &Value, version: Version, now: Timestamp) -> Result<(), RestError> {
    let now = now.as_second();
    let claim = |name: &str| claims[name].as_i64();
    let newer = version == Version::V14;
    let late = if newer { "PGRST303" } else { "PGRST301" };
    if claim("exp").is_some_and(|exp| exp < now - SKEW || (!newer && exp == now - SKEW)) {
        return Err(refused(late, "JWT expired"));
    }
    if claim("nbf").is_some_and(|nbf| nbf > now + SKEW) {
        return Err(refused(late, if newer { "JWT not yet valid" } else { "JWTNotYetValid" }));
    }
    if claim("iat").is_some_and(|iat| iat > now + SKEW) {
        return Err(refused(late, if newer { "JWT issued at future" } else { "JWTIssuedAtFuture" }));
    }
    Ok(())
}
