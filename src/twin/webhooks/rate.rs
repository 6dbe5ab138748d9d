//! How many deliveries each source may make.

use jiff::Timestamp;

use crate::twin::kit::bucket::Window;
use crate::twin::webhooks::source::Source;

const MINUTE: i64 = 60;

/// The limits of one source: per second and per minute, both in fixed windows.
#[derive(Clone, Debug)]
struct Limit {
    second: Window,
    minute: Window,
}

/// The limits of all sources; those that nobody knows share one.
#[derive(Clone, Debug)]
pub(super) struct Rates {
    shopify: Limit,
    chatwoot: Limit,
    unknown: Limit,
}

impl Limit {
    fn new(per_second: u32, per_minute: u32) -> Self {
        Self { second: Window::new(per_second, 1), minute: Window::new(per_minute, MINUTE) }
    }

    /// Counts one delivery; the seconds to wait when it is one too many.
    fn admit(&mut self, now: Timestamp) -> Result<(), i64> {
        let minute = self.minute.admit(now);
        let second = self.second.admit(now);
        if !minute {
            Err(MINUTE - now.as_second().rem_euclid(MINUTE))
        } else if !second {
            Err(1)
        } else {
            Ok(())
        }
    }
}

impl Rates {
    /// The figures of HotDash's webhook security framework (October 2025).
    pub(super) fn new() -> Self {
        Self { shopify: Limit::new(10, 100), chatwoot: Limit::new(20, 200), unknown: Limit::new(5, 50) }
    }

    /// Counts one delivery of a source, or of an unknown one; the seconds to wait when it is one too many.
    pub(super) fn admit(&mut self, source: Option<Source>, now: Timestamp) -> Result<(), i64> {
        let limit = match source {
            Some(Source::Shopify) => &mut self.shopify,
            Some(Source::Chatwoot) => &mut self.chatwoot,
            None => &mut self.unknown,
        };
        limit.admit(now)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::Timestamp;

    use super::Rates;
    use crate::twin::webhooks::source::Source;

    fn start() -> Timestamp {
        "2026-01-01T00:00:00Z".parse().unwrap()
    }

    #[test]
    fn each_source_has_its_own_second() {
        for (source, most) in [(Some(Source::Shopify), 10), (Some(Source::Chatwoot), 20), (None, 5)] {
            let mut rates = Rates::new();
            let admitted = (0..=most).filter(|_| rates.admit(source, start()).is_ok()).count();
            assert_eq!(admitted, most, "{source:?}");
            assert_eq!(rates.admit(source, start()), Err(1), "{source:?}");
            assert_eq!(rates.admit(source, start() + Duration::from_secs(1)), Ok(()), "{source:?}");
        }
        let mut rates = Rates::new();
        while rates.admit(None, start()).is_ok() {}
        assert_eq!(rates.admit(Some(Source::Shopify), start()), Ok(()), "a flood from elsewhere costs Shopify nothing");
    }

    #[test]
    fn each_source_has_its_own_minute() {
        for (source, most) in [(Some(Source::Shopify), 100), (Some(Source::Chatwoot), 200), (None, 50)] {
            let mut rates = Rates::new();
            // Five a second, from the beginning of a minute, and the next minute after 60 s.
            let moment = |number: u64| start() + Duration::from_millis(number * 200);
            let admitted = (0..300).take_while(|number| rates.admit(source, moment(*number)).is_ok()).count();
            assert_eq!(admitted, most, "{source:?}");
            let late = start() + Duration::from_secs(50);
            assert_eq!(rates.admit(source, late), Err(10), "{source:?}");
            assert_eq!(rates.admit(source, start() + Duration::from_mins(1)), Ok(()), "{source:?}");
        }
    }
}
