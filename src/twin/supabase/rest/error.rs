//! Refusals: PostgREST's own, and the database's as PostgREST passes them on.
//!
//! Bodies and statuses are those of PostgREST 12.0.2 (held against the program) and 14.12 (read in its source).

use bytes::Bytes;
use http::{Response, StatusCode};

use crate::twin::kit::reply::{self, WithHeader};
use crate::twin::supabase::store::compare::Refused;
use crate::twin::supabase::store::error::PgError;
use crate::twin::supabase::store::json::Json;
use crate::wire::postgrest::parsec::Refusal;

/// The modelled versions of PostgREST.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Version {
    #[default]
    V12,
    V14,
}

impl Version {
    pub fn name(self) -> &'static str {
        match self {
            Self::V12 => "12.0.2",
            Self::V14 => "14.12",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        [Self::V12, Self::V14].into_iter().find(|version| version.name() == name)
    }
}

/// Why a request was refused.
#[derive(Clone, Debug, PartialEq)]
pub enum RestError {
    Pg(PgError),
    /// PostgREST could answer; the twin does not model it.
    Gap(String),
    Refused(Box<Told>),
    /// The token was refused.
    Token(Told),
    /// An unknown path.
    NotFound,
    /// A table that the schema cache does not know, with the nearest one.
    NoTable(String, Option<String>),
}

/// A refusal of PostgREST itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    pub status: u16,
    pub code: &'static str,
    pub message: String,
    pub details: Json,
    pub hint: Json,
}

impl Told {
    pub fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), details: Json::Null, hint: Json::Null }
    }

    #[must_use]
    pub fn details(mut self, details: impl Into<String>) -> Self {
        self.details = Json::text(details);
        self
    }

    #[must_use]
    pub fn hint(mut self, hint: Option<String>) -> Self {
        self.hint = hint.map_or(Json::Null, Json::Text);
        self
    }
}

impl From<Told> for RestError {
    fn from(told: Told) -> Self {
        Self::Refused(Box::new(told))
    }
}

impl From<PgError> for RestError {
    fn from(error: PgError) -> Self {
        Self::Pg(error)
    }
}

impl From<Refusal> for RestError {
    fn from(refusal: Refusal) -> Self {
        Told::new(400, "PGRST100", refusal.message).details(refusal.details).into()
    }
}

impl From<Refused> for RestError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Pg(error) => Self::Pg(error),
            Refused::Gap(what) => Self::Gap(what),
        }
    }
}

impl RestError {
    pub fn body(message: &str) -> Self {
        Told::new(400, "PGRST102", message).into()
    }

    pub fn media_type(version: Version, accepted: &[String]) -> Self {
        let status = if version == Version::V12 { 415 } else { 406 };
        let message = format!("None of these media types are available: {}", accepted.join(", "));
        Told::new(status, "PGRST107", message).into()
    }

    pub fn singular(version: Version, rows: usize) -> Self {
        let message = match version {
            Version::V12 => "JSON object requested, multiple (or no) rows returned",
            Version::V14 => "Cannot coerce the result to a single JSON object",
        };
        Told::new(406, "PGRST116", message).details(format!("The result contains {rows} rows")).into()
    }

    pub fn out_of_bounds(offset: i64, total: i64) -> Told {
        Told::new(416, "PGRST103", "Requested range not satisfiable")
            .details(format!("An offset of {offset} was requested, but there are only {total} rows."))
    }

    pub fn not_embedded(relation: &str) -> Self {
        Told::new(400, "PGRST108", format!("'{relation}' is not an embedded resource in this request"))
            .hint(Some(format!("Verify that '{relation}' is included in the 'select' query parameter.")))
            .into()
    }

    pub fn no_column(version: Version, table: &str, column: &str) -> Self {
        let message = match version {
            Version::V12 => format!("Column '{column}' of relation '{table}' does not exist"),
            Version::V14 => format!("Could not find the '{column}' column of '{table}' in the schema cache"),
        };
        Told::new(400, "PGRST204", message).into()
    }

    /// The answer. `anonymous`: the request was made as the anonymous role, token or not.
    pub fn response(&self, version: Version, anonymous: bool) -> Response<Bytes> {
        match self {
            Self::Pg(error) => database_response(error, version, anonymous),
            Self::Refused(told) => {
                let response = written(version, told);
                if told.code == "PGRST116" && version == Version::V12 {
                    // 12.0.2 sends both content types. (Differential test.)
                    return response.with_header("content-type", "application/vnd.pgrst.object+json; charset=utf-8");
                }
                response
            }
            Self::Token(told) => {
                let challenge = format!("Bearer error=\"invalid_token\", error_description={}", quote(&told.message));
                written(version, told).with_header("www-authenticate", challenge)
            }
            Self::NotFound if version == Version::V12 => json(404, "{}".to_owned()),
            Self::NotFound => written(version, &Told::new(404, "PGRST125", "Invalid path specified in request URL")),
            Self::NoTable(name, hint) => {
                let message = format!("Could not find the table 'public.{name}' in the schema cache");
                let hint = hint.as_ref().map(|table| format!("Perhaps you meant the table 'public.{table}'"));
                written(version, &Told::new(404, "PGRST205", message).hint(hint))
            }
            Self::Gap(_) => json(501, "{}".to_owned()),
        }
    }
}

fn database_response(error: &PgError, version: Version, anonymous: bool) -> Response<Bytes> {
    let status = database_status(error, version, anonymous);
    let text = |text: &Option<String>| text.clone().map_or(Json::Null, Json::Text);
    let body = body(&error.code, &error.message, &text(&error.details), &text(&error.hint));
    let mut response = json(status, body);
    if status == 401 {
        response = response.with_header("www-authenticate", "Bearer");
    }
    proxy_status(response, version, &error.code)
}

fn written(version: Version, told: &Told) -> Response<Bytes> {
    let response = json(told.status, body(told.code, &told.message, &told.details, &told.hint));
    proxy_status(response, version, told.code)
}

/// `Proxy-Status` (RFC 9209) is sent from PostgREST 13 on.
fn proxy_status(response: Response<Bytes>, version: Version, code: &str) -> Response<Bytes> {
    match version {
        Version::V12 => response,
        Version::V14 => response.with_header("proxy-status", format!("PostgREST; error={code}")),
    }
}

fn json(status: u16, body: String) -> Response<Bytes> {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    reply::typed(status, "application/json; charset=utf-8", body)
}

/// The members in the order in which PostgREST sends them.
pub fn body(code: &str, message: &str, details: &Json, hint: &Json) -> String {
    Json::Object(vec![
        ("code".into(), Json::text(code)),
        ("details".into(), details.clone()),
        ("hint".into(), hint.clone()),
        ("message".into(), Json::text(message)),
    ])
    .compact()
}

fn quote(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// SQLSTATE to HTTP status (PostgREST `Error.hs`, `pgErrorStatus`).
pub fn database_status(error: &PgError, version: Version, anonymous: bool) -> u16 {
    let code = error.code.as_str();
    let newer = version == Version::V14;
    match code {
        "23503" | "23505" => 409,
        "25006" => 405,
        "42883" | "42P01" => 404,
        "42501" => {
            if anonymous {
                401
            } else {
                403
            }
        }
        "57P01" => 503,
        "42P17" | "53400" | "21000" if newer => 500,
        "22023" if newer && error.message.starts_with("role") => 401,
        _ if code.starts_with("PT") => code[2..].parse().unwrap_or(500),
        _ => match code.get(..2).unwrap_or_default() {
            "08" | "53" => 503,
            "0L" | "0P" | "28" => 403,
            "54" if !newer => 413,
            "P0" if code == "P0001" => 400,
            "09" | "25" | "2D" | "38" | "39" | "3B" | "40" | "54" | "55" | "57" | "58" | "F0" | "HV" | "P0" | "XX" => {
                500
            }
            _ => 400,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::{RestError, Version, database_status};
    use crate::twin::supabase::store::error::PgError;

    #[test]
    fn sqlstates_become_statuses() {
        let status = |code: &str, version, anonymous| database_status(&PgError::new(code, "x"), version, anonymous);
        assert_eq!((status("42501", Version::V12, true), status("42501", Version::V12, false)), (401, 403));
        assert_eq!((status("PT418", Version::V12, true), status("23505", Version::V12, true)), (418, 409));
        assert_eq!((status("21000", Version::V12, true), status("21000", Version::V14, true)), (400, 500));
    }

    #[test]
    fn versions_word_their_refusals_differently() {
        let body = |version| {
            let response = RestError::singular(version, 2).response(version, true);
            String::from_utf8_lossy(response.body()).into_owned()
        };
        assert_eq!(
            body(Version::V12),
            "{\"code\":\"PGRST116\",\"details\":\"The result contains 2 rows\",\"hint\":null,\
             \"message\":\"JSON object requested, multiple (or no) rows returned\"}"
        );
        assert!(body(Version::V14).contains("Cannot coerce the result to a single JSON object"));
    }
}
