//! The time at which a delivery says that it was signed: where it stands, how it is written, how far it may lie off.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::wire::webhook::refusal::Refusal;
use crate::wire::webhook::scheme::{Text, text};

/// A delivery's timestamp.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Stamp {
    /// Its header, where it has one of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<Text>,
    /// What stands before it within the signature's header (`t=`), where it stands there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<Text>,
    #[serde(default)]
    pub format: Format,
    /// Seconds that it may lie back; the vendor names no limit where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub past: Option<u32>,
    /// Seconds that it may lie ahead; the vendor names no limit where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub future: Option<u32>,
}

/// How a timestamp is written.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// Seconds since 1970, digits alone.
    #[default]
    UnixSeconds,
    /// Milliseconds since 1970, digits alone.
    UnixMilliseconds,
    /// `2021-07-25T10:00:00Z`
    Rfc3339,
}

impl Stamp {
    /// One with a header of its own.
    pub const fn header(name: &'static str, format: Format, past: Option<u32>, future: Option<u32>) -> Self {
        Self { header: Some(text(name)), entry: None, format, past, future }
    }

    /// One within the signature's header.
    pub const fn entry(prefix: &'static str, past: Option<u32>, future: Option<u32>) -> Self {
        Self { header: None, entry: Some(text(prefix)), format: Format::UnixSeconds, past, future }
    }

    /// Refuses what lies too far from now; the limit itself is within.
    ///
    /// # Errors
    /// The text is no time, or it is too old or too far ahead.
    pub fn check(&self, text: &str, now: Timestamp) -> Result<(), Refusal> {
        let sent = self.format.read(text).ok_or(Refusal::BadTimestamp)?;
        let age = now.as_second() - sent.as_second();
        match (self.past.map(i64::from), self.future.map(i64::from)) {
            (Some(past), _) if age > past => Err(Refusal::Stale { age, allowed: past }),
            (_, Some(future)) if -age > future => Err(Refusal::Future { ahead: -age, allowed: future }),
            _ => Ok(()),
        }
    }
}

impl Format {
    pub fn write(self, at: Timestamp) -> String {
        match self {
            Self::UnixSeconds => at.as_second().to_string(),
            Self::UnixMilliseconds => at.as_millisecond().to_string(),
            Self::Rfc3339 => at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        }
    }

    /// None where it is not written exactly so: a sign or a space would let two readers see two numbers.
    pub fn read(self, text: &str) -> Option<Timestamp> {
        let is_plain = text.bytes().all(|letter| letter.is_ascii_digit());
        let number = || text.parse::<i64>().ok().filter(|_| is_plain);
        match self {
            Self::UnixSeconds => Timestamp::from_second(number()?).ok(),
            Self::UnixMilliseconds => Timestamp::from_millisecond(number()?).ok(),
            Self::Rfc3339 => text.parse().ok(),
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::UnixSeconds => "Unix seconds",
            Self::UnixMilliseconds => "Unix milliseconds",
            Self::Rfc3339 => "RFC 3339",
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::{Format, Stamp};
    use crate::wire::webhook::refusal::Refusal;

    #[test]
    fn a_time_is_read_as_it_is_written_and_no_other_text_is() {
        let now: Timestamp = "2021-07-25T10:00:00Z".parse().unwrap();
        let table = [
            (Format::UnixSeconds, "1627207200"),
            (Format::UnixMilliseconds, "1627207200000"),
            (Format::Rfc3339, "2021-07-25T10:00:00Z"),
        ];
        for (format, text) in table {
            assert_eq!(format.write(now), text);
            assert_eq!(format.read(text), Some(now));
        }
        for bad in
            ["", "+1627207200", " 1627207200", "1627207200 ", "1627207200.5", "-1", "1e9", "99999999999999999999"]
        {
            assert_eq!(Format::UnixSeconds.read(bad), None, "{bad}");
        }
        assert_eq!(
            Format::Rfc3339.read("2024-01-04T13:05:25.891446+00:00").map(Timestamp::as_second),
            Some(1_704_373_525)
        );
        assert_eq!(Format::Rfc3339.read("yesterday"), None);
    }

    #[test]
    fn the_limit_itself_is_within() {
        let stamp = Stamp::header("t", Format::UnixSeconds, Some(300), Some(60));
        let now = Timestamp::from_second(1000).unwrap();
        assert_eq!(stamp.check("700", now), Ok(()));
        assert_eq!(stamp.check("699", now), Err(Refusal::Stale { age: 301, allowed: 300 }));
        assert_eq!(stamp.check("1060", now), Ok(()));
        assert_eq!(stamp.check("1061", now), Err(Refusal::Future { ahead: 61, allowed: 60 }));
        assert_eq!(stamp.check("soon", now), Err(Refusal::BadTimestamp));
        let open = Stamp::header("t", Format::UnixSeconds, None, None);
        assert_eq!(open.check("1", now), Ok(()));
    }
}
