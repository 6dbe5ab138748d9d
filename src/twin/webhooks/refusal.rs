//! Why a delivery is refused, and how the refusal is written.

use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::json;

use crate::twin::kit::reply::{self, WithHeader};

/// A refusal. Statuses as HotDash's webhook security framework (October 2025) has them; where it is silent, ours.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Refusal {
    WrongMethod { allow: &'static str },
    TooMany { retry_after: i64 },
    UnknownSource,
    WrongMediaType,
    TooLarge { most: usize },
    NoSecret,
    MissingSignature,
    MissingTimestamp,
    WrongSignature,
    OutsideWindow,
    MissingHeader(&'static str),
    InvalidJson,
    NoEvent,
    UnknownTenant,
    NotAuditor,
}

impl Refusal {
    pub(super) fn status(self) -> StatusCode {
        match self {
            Self::WrongMethod { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::UnknownSource | Self::UnknownTenant => StatusCode::FORBIDDEN,
            Self::WrongMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            // The vendor may try again once the receiver is configured; Shopify does.
            Self::NoSecret => StatusCode::SERVICE_UNAVAILABLE,
            // Shopify's own library answers a missing signature with 400; the framework, and Shopify's review, want 401.
            Self::MissingSignature | Self::MissingTimestamp | Self::WrongSignature | Self::NotAuditor => {
                StatusCode::UNAUTHORIZED
            }
            Self::OutsideWindow | Self::MissingHeader(_) | Self::InvalidJson | Self::NoEvent => StatusCode::BAD_REQUEST,
        }
    }

    /// The word that the answer and the audit log have for it.
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::WrongMethod { .. } => "wrong-method",
            Self::TooMany { .. } => "rate-limited",
            Self::UnknownSource => "unknown-source",
            Self::WrongMediaType => "wrong-media-type",
            Self::TooLarge { .. } => "too-large",
            Self::NoSecret => "no-secret",
            Self::MissingSignature => "missing-signature",
            Self::MissingTimestamp => "missing-timestamp",
            Self::WrongSignature => "wrong-signature",
            Self::OutsideWindow => "outside-window",
            Self::MissingHeader(_) => "missing-header",
            Self::InvalidJson => "invalid-json",
            Self::NoEvent => "no-event",
            Self::UnknownTenant => "unknown-tenant",
            Self::NotAuditor => "not-authorised",
        }
    }

    /// Tells whether the signature had been found right before the delivery was refused.
    pub(super) fn is_after_verification(self) -> bool {
        matches!(self, Self::MissingHeader(_) | Self::InvalidJson | Self::NoEvent | Self::UnknownTenant)
    }

    fn message(self) -> String {
        match self {
            Self::WrongMethod { allow } => format!("use {allow}"),
            Self::TooMany { retry_after } => format!("too many requests; try again in {retry_after} s"),
            Self::UnknownSource => "no such source of webhooks".to_owned(),
            Self::WrongMediaType => "send application/json".to_owned(),
            Self::TooLarge { most } => format!("a body has at most {most} bytes"),
            Self::NoSecret => "no secret is configured for this source".to_owned(),
            Self::MissingSignature => "the signature header is missing".to_owned(),
            Self::MissingTimestamp => "the timestamp header is missing or is no number of seconds".to_owned(),
            Self::WrongSignature => "the signature does not match the body".to_owned(),
            Self::OutsideWindow => "the timestamp is more than 300 s from now".to_owned(),
            Self::MissingHeader(name) => format!("the header {name} is missing"),
            Self::InvalidJson => "the body is no JSON object".to_owned(),
            Self::NoEvent => "the body names no event".to_owned(),
            Self::UnknownTenant => "the delivery is for another shop or account".to_owned(),
            Self::NotAuditor => "the audit log needs its token".to_owned(),
        }
    }

    pub(super) fn response(self) -> Response<Bytes> {
        let body = json!({ "ok": false, "error": self.code(), "message": self.message() });
        let response = reply::json(self.status(), &body);
        match self {
            Self::WrongMethod { allow } => response.with_header("allow", allow),
            Self::TooMany { retry_after } => response.with_header("retry-after", retry_after.to_string()),
            Self::NotAuditor => response.with_header("www-authenticate", "Bearer"),
            _ => response,
        }
    }
}
