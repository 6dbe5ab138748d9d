//! Why a delivery is not to be trusted: each reason its own word.

use crate::wire::webhook::scheme::Encoding;

/// Why a delivery is not to be trusted.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Refusal {
    #[error("the header {0} is missing")]
    NoSignature(String),
    #[error("the header {0} is empty")]
    EmptySignature(String),
    #[error("the header {0} stands more than once")]
    Repeated(String),
    #[error("the header {0} holds letters outside of ASCII")]
    NotText(String),
    /// No entry of a list is of the scheme, or the value lacks what must stand before it.
    #[error("no signature that begins with `{0}` is there")]
    NoKnownVersion(String),
    #[error("the signature is not written in {}", .0.as_str())]
    WrongEncoding(Encoding),
    #[error("the signature has {found} bytes, and {expected} are right")]
    WrongLength { found: usize, expected: usize },
    #[error("the signature does not match")]
    WrongSignature,
    #[error("the timestamp is missing")]
    NoTimestamp,
    #[error("the timestamp is not written as the scheme writes it")]
    BadTimestamp,
    #[error("the timestamp is {age} s old, and at most {allowed} s are allowed")]
    Stale { age: i64, allowed: i64 },
    #[error("the timestamp lies {ahead} s ahead, and at most {allowed} s are allowed")]
    Future { ahead: i64, allowed: i64 },
    #[error("the delivery's id is missing (header {0})")]
    NoId(String),
    #[error("the delivery's id holds a `.`, which makes what is signed ambiguous")]
    BadId,
    /// A header that is signed is not there.
    #[error("the header {0}, which is signed, is missing")]
    NoHeader(String),
    /// RFC 9421.
    #[error("the header {header} is no structured field: {reason}")]
    Unstructured { header: String, reason: String },
    /// RFC 9421.
    #[error("the signature does not cover {0}")]
    NotCovered(String),
    /// RFC 9421.
    #[error("the signature covers {0}, which cannot be derived here")]
    UnknownComponent(String),
    /// RFC 9421.
    #[error("the signature names the algorithm `{0}`, which is not the scheme's")]
    OtherAlgorithm(String),
    /// RFC 9421.
    #[error("the signature expired {0} s ago")]
    Expired(i64),
    /// The body is not the one whose digest is signed.
    #[error("the body is not the one that {0} is the digest of")]
    OtherBody(String),
}

impl Refusal {
    /// One word for programs.
    pub fn word(&self) -> &'static str {
        match self {
            Self::NoSignature(_) => "no-signature",
            Self::EmptySignature(_) => "empty-signature",
            Self::Repeated(_) => "repeated-header",
            Self::NotText(_) => "not-text",
            Self::NoKnownVersion(_) => "no-known-version",
            Self::WrongEncoding(_) => "wrong-encoding",
            Self::WrongLength { .. } => "wrong-length",
            Self::WrongSignature => "wrong-signature",
            Self::NoTimestamp => "no-timestamp",
            Self::BadTimestamp => "bad-timestamp",
            Self::Stale { .. } => "stale",
            Self::Future { .. } => "future",
            Self::NoId(_) => "no-id",
            Self::BadId => "bad-id",
            Self::NoHeader(_) => "no-signed-header",
            Self::Unstructured { .. } => "unstructured",
            Self::NotCovered(_) => "not-covered",
            Self::UnknownComponent(_) => "unknown-component",
            Self::OtherAlgorithm(_) => "other-algorithm",
            Self::Expired(_) => "expired",
            Self::OtherBody(_) => "other-body",
        }
    }

    /// Whether the time is what was wrong, and nothing else.
    pub fn is_outside_window(&self) -> bool {
        matches!(self, Self::Stale { .. } | Self::Future { .. } | Self::Expired(_))
    }

    /// Whether the timestamp could not be read.
    pub fn is_about_timestamp(&self) -> bool {
        matches!(self, Self::NoTimestamp | Self::BadTimestamp)
    }
}
