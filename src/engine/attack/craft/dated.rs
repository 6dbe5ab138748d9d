//! Deliveries of another time: stale, early, without a time, or with one that is none.

use http::HeaderValue;
use jiff::{SignedDuration, Timestamp};

use crate::domain::receiver::case::Dating;
use crate::engine::attack::craft::{Crafter, Delivery};
use crate::wire::webhook::sign::{Headers, Unsignable, Unsigned};

impl Crafter {
    pub(super) fn dated(&self, dating: Dating, number: u64, now: Timestamp) -> Result<Delivery, Unsignable> {
        let stamp = self.scheme.timestamp.as_ref();
        let past = i64::from(stamp.and_then(|stamp| stamp.past).unwrap_or(300));
        let future = i64::from(stamp.and_then(|stamp| stamp.future).unwrap_or(300));
        let at =
            |seconds: i64| self.scheme.stamp(now.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(now));
        let mut parts = self.parts(number, now);
        let year = 365 * 24 * 3600;
        parts.timestamp = match dating {
            Dating::Missing | Dating::Resigned => at(0),
            Dating::Stale => at(-past - 60),
            Dating::VeryStale => at(-year),
            Dating::WithinPast => at(10 - past),
            Dating::Ahead => at(future + 60),
            Dating::FarAhead => at(100 * year),
            Dating::SlightlyAhead => at(3),
            Dating::NoNumber => "yesterday".to_owned(),
            Dating::Plus => format!("+{}", at(0)),
            Dating::Trailing => format!("{}abc", at(0)),
        };
        let old = at(-year);
        let delivery = self.build(&parts, |unsigned| match dating {
            Dating::Resigned => {
                let then = Unsigned { timestamp: &old, ..*unsigned };
                self.scheme.dress(&[self.scheme.signature_of(&self.key, &then)?], unsigned)
            }
            Dating::Missing => {
                let sealed = self.scheme.sign(&self.key, unsigned)?;
                Ok(self.without_stamp(sealed, unsigned.timestamp))
            }
            _ => self.scheme.sign(&self.key, unsigned),
        })?;
        let honest = matches!(dating, Dating::WithinPast | Dating::SlightlyAhead);
        Ok(if honest { delivery.honest() } else { delivery })
    }

    /// Takes the timestamp out, wherever it stands.
    fn without_stamp(&self, headers: Headers, timestamp: &str) -> Headers {
        if self.scheme.is_message() {
            // RFC 9421 writes it as a parameter of what is signed.
            let created = format!(";created={timestamp}");
            let cut = |value: &HeaderValue| HeaderValue::from_str(&value.to_str().ok()?.replace(&created, "")).ok();
            return headers.into_iter().map(|(name, value)| (name, cut(&value).unwrap_or(value))).collect();
        }
        let own = self.scheme.timestamp_header().map(str::to_ascii_lowercase);
        let kept: Headers = headers.into_iter().filter(|(name, _)| own.as_deref() != Some(name.as_str())).collect();
        let entry = self.scheme.timestamp.as_ref().and_then(|stamp| stamp.entry.as_deref());
        let Some(entry) = entry else { return kept };
        let separator = self.scheme.signature.separator.unwrap_or(',');
        self.edited(kept, |value| {
            let piece = format!("{entry}{timestamp}");
            let pieces: Vec<&str> = value.split(separator).filter(|part| part.trim() != piece).collect();
            pieces.join(&separator.to_string())
        })
    }
}
