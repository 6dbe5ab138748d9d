//! The secrets that the receiver accepts, while they are rotated too.

use bytes::Bytes;
use http::HeaderMap;
use jiff::{SignedDuration, Timestamp};

use crate::twin::webhooks::refusal::Refusal;
use crate::twin::webhooks::source::Source;
use crate::wire::webhook::refusal::Refusal as Unverified;
use crate::wire::webhook::verify::Received;

/// How long the secret before the present one is accepted (HotDash's webhook security framework). Shopify itself may
/// sign with the old one for up to an hour.
const DUAL_ACCEPT: SignedDuration = SignedDuration::from_hours(24);

/// One source's present secret and the one before.
#[derive(Clone, Debug, Default)]
pub(super) struct Secrets {
    present: Option<String>,
    former: Option<Former>,
}

#[derive(Clone, Debug)]
struct Former {
    secret: String,
    until: Timestamp,
}

impl Secrets {
    pub(super) fn new(secret: &str) -> Self {
        Self { present: Some(secret.to_owned()), former: None }
    }

    pub(super) fn present(&self) -> Option<&str> {
        self.present.as_deref()
    }

    /// Puts a new secret into force; the present one stays good for a day.
    pub(super) fn rotate(&mut self, secret: &str, now: Timestamp) {
        if let Some(present) = self.present.replace(secret.to_owned()) {
            self.retire(&present, now);
        }
    }

    /// Says that this secret was the present one until now.
    pub(super) fn retire(&mut self, secret: &str, now: Timestamp) {
        self.former = Some(Former { secret: secret.to_owned(), until: now + DUAL_ACCEPT });
    }

    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    /// Checks a delivery over its raw body.
    pub(super) fn verify(
        &self,
        source: Source,
        headers: &HeaderMap,
        body: &Bytes,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let present = self.present.as_deref().ok_or(Refusal::NoSecret)?;
        let scheme = source.scheme();
        let verify = |secret: &str| {
            // An empty secret is none.
            let key = scheme.key(secret).map_err(|_| Refusal::NoSecret)?;
            scheme.verify(&key, &Received::of(headers, body), now).map_err(|reason| match reason {
                Unverified::NoSignature(_) => Refusal::MissingSignature,
                reason if reason.is_about_timestamp() => Refusal::MissingTimestamp,
                reason if reason.is_outside_window() => Refusal::OutsideWindow,
                _ => Refusal::WrongSignature,
            })
        };
        match (verify(present), &self.former) {
            (Err(Refusal::WrongSignature), Some(former)) if now <= former.until => verify(&former.secret),
            (outcome, _) => outcome,
        }
    }
}
