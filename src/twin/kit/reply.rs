//! Responses in the shapes that HTTP APIs use.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, Response, StatusCode};
use serde_json::Value;

/// A JSON body under `application/json; charset=utf-8`.
pub fn json(status: StatusCode, body: &Value) -> Response<Bytes> {
    typed(status, "application/json; charset=utf-8", body.to_string())
}

/// A body under a given media type.
pub fn typed(status: StatusCode, media_type: &'static str, body: impl Into<Bytes>) -> Response<Bytes> {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

/// No body and no media type.
pub fn empty(status: StatusCode) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    response
}

/// Adds a header to a response. A value that cannot stand in a header is left out.
pub trait WithHeader {
    #[must_use]
    fn with_header(self, name: &'static str, value: impl AsRef<str>) -> Self;
}

impl WithHeader for Response<Bytes> {
    fn with_header(mut self, name: &'static str, value: impl AsRef<str>) -> Self {
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value.as_ref())) {
            self.headers_mut().append(name, value);
        }
        self
    }
}
