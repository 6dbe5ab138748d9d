//! Answers: which status and headers go with which rows.

use bytes::Bytes;
use http::{Method, Response, StatusCode};

use crate::twin::kit::reply::{self, WithHeader};
use crate::twin::supabase::rest::error::{RestError, Version, body};
use crate::twin::supabase::rest::read::OutputRow;
use crate::twin::supabase::rest::render;
use crate::twin::supabase::store::error::PgError;
use crate::wire::postgrest::media::Media;
use crate::wire::postgrest::prefer::Preferences;
use crate::wire::postgrest::range::{Range, content_range, range_status};

/// What of a request its answer depends on.
#[derive(Debug)]
pub struct Context {
    pub version: Version,
    pub method: Method,
    pub preferences: Preferences,
    pub media: Media,
    /// The request named its schema.
    pub profiled: bool,
    pub range: Range,
}

/// The media type of the answer.
///
/// # Errors
/// PGRST107 when none of the accepted ones can be had.
pub fn negotiate(version: Version, accepted: &[Media]) -> Result<Media, RestError> {
    let offered = accepted.iter().find_map(|media| match media {
        Media::Any => Some(Media::Json),
        Media::Json | Media::Csv | Media::GeoJson | Media::Object { .. } | Media::StrippedArray => Some(media.clone()),
        _ => None,
    });
    match offered {
        None => {
            let names: Vec<String> = accepted.iter().map(Media::name).collect();
            Err(RestError::media_type(version, &names))
        }
        // A project without the PostGIS extension.
        Some(Media::GeoJson) => Err(PgError::new("42883", "function st_asgeojson(record) does not exist")
            .with_hint(
                "No function matches the given name and argument types. You might need to add explicit type casts.",
            )
            .into()),
        Some(media) => Ok(media),
    }
}

/// Rows in a media type.
pub fn render_rows(rows: &[OutputRow], media: &Media) -> String {
    match media {
        Media::Csv => render::csv(rows),
        Media::Object { stripped } => {
            rows.first().map_or_else(|| "null".to_owned(), |row| render::object(row, *stripped))
        }
        Media::StrippedArray => render::array(rows, true),
        _ => render::array(rows, false),
    }
}

/// A number of rows as PostgREST's 64-bit count.
pub fn count(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

impl Context {
    pub fn is_singular(&self) -> bool {
        matches!(self.media, Media::Object { .. })
    }

    /// # Errors
    /// PGRST116 when one object was asked for and there is not exactly one row.
    pub fn require_singular(&self, rows: usize) -> Result<(), RestError> {
        if self.is_singular() && rows != 1 { Err(RestError::singular(self.version, rows)) } else { Ok(()) }
    }

    /// # Errors
    /// PGRST122 for preferences that are not known, under `handling=strict`.
    pub fn require_known_preferences(&self) -> Result<(), RestError> {
        use crate::twin::supabase::rest::error::Told;
        let Preferences { invalid, strict, .. } = &self.preferences;
        if invalid.is_empty() || *strict != Some(true) {
            return Ok(());
        }
        Err(Told::new(400, "PGRST122", "Invalid preferences given with handling=strict")
            .details(format!("Invalid preferences: {}", invalid.join(", ")))
            .into())
    }

    /// The status and `Content-Range` of `rows` rows read, and the body, which is an error when the range lies past
    /// the end.
    pub fn ranged(&self, rows: usize, total: Option<usize>, text: String) -> (StatusCode, String, String) {
        let lower = self.range.lower;
        let upper = lower + count(rows) - 1;
        let total = total.map(count);
        let status = range_status(lower, upper, total);
        let text = if status == 416 {
            let told = RestError::out_of_bounds(lower, total.unwrap_or_default());
            body(told.code, &told.message, &told.details, &told.hint)
        } else {
            text
        };
        (StatusCode::from_u16(status).unwrap_or(StatusCode::OK), content_range(lower, upper, total), text)
    }

    pub fn with_content_type(&self, response: Response<Bytes>) -> Response<Bytes> {
        let response = response.with_header("content-type", self.media.content_type());
        if self.profiled { response.with_header("content-profile", "public") } else { response }
    }
}

/// A response without content type, which is added where PostgREST adds it.
pub fn bare(status: StatusCode, text: impl Into<Bytes>) -> Response<Bytes> {
    let mut response = reply::empty(status);
    *response.body_mut() = text.into();
    response
}

/// Adds a header when there is something to say.
pub fn with_some(response: Response<Bytes>, name: &'static str, value: Option<String>) -> Response<Bytes> {
    match value {
        Some(value) => response.with_header(name, value),
        None => response,
    }
}
