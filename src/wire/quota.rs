//! What the headers of an answer say of a quota, in the words of each vendor.

use jiff::{SignedDuration, Timestamp};

use crate::domain::monitor::traffic::Quota;

/// Headers that say the limit, what is left, and when the window ends, of one vendor or of many; the first family of which both can be
/// read counts, else the first of which one can.
///
/// `RateLimit-*`: Klaviyo, `PagerDuty` REST (seconds left). `X-RateLimit-*`: GitHub, Publer, Intercom (Unix seconds).
/// `x-rate-limit-*`: X API v2 (Unix seconds). `x-rate-limit`, `-remaining`: Zendesk, Supabase Realtime.
/// `x-ratelimit-*-requests`: `OpenAI` (a Go duration: `6m0s`, `12ms`).
const FAMILIES: [[&str; 3]; 5] = [
    ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"],
    ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"],
    ["x-rate-limit-limit", "x-rate-limit-remaining", "x-rate-limit-reset"],
    ["x-rate-limit", "x-rate-limit-remaining", "x-rate-limit-reset"],
    ["x-ratelimit-limit-requests", "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"],
];

/// Shopify's REST Admin API: `39/40`, used and size of the bucket (shopify.dev, REST Admin API rate limits).
const SHOPIFY: &str = "x-shopify-shop-api-call-limit";

/// What was announced at `now`; `header` finds a header's value by its name in small letters. None where nothing can be read.
///
/// The fields of draft-ietf-httpapi-ratelimit-headers (2025-09) count before all others: of several policies that of which
/// `RateLimit` speaks first.
pub fn announced(header: &dyn Fn(&str) -> Option<String>, now: Timestamp) -> Option<Quota> {
    draft(header, now).or_else(|| family(header, now)).or_else(|| bucket(&header(SHOPIFY)?, now))
}

fn draft(header: &dyn Fn(&str) -> Option<String>, now: Timestamp) -> Option<Quota> {
    let state = header("ratelimit")?;
    let first = state.split(',').next()?;
    let policy = first.split(';').next()?.trim();
    let policies = header("ratelimit-policy").unwrap_or_default();
    let own = policies.split(',').find(|it| it.split(';').next().is_some_and(|name| name.trim() == policy));
    let limit = own.and_then(|own| parameter(own, "q"));
    let remaining = parameter(first, "r");
    let reset = parameter(first, "t").and_then(|seconds| after(now, SignedDuration::from_secs(seconds.cast_signed())));
    known(limit, remaining, reset, now)
}

fn family(header: &dyn Fn(&str) -> Option<String>, now: Timestamp) -> Option<Quota> {
    let all = FAMILIES.iter().filter_map(|[limit, remaining, reset]| {
        let reset = header(reset).and_then(|text| end(&text, now));
        known(count(header(limit)), count(header(remaining)), reset, now)
    });
    let all: Vec<Quota> = all.collect();
    all.iter().find(|quota| quota.limit.is_some() && quota.remaining.is_some()).or(all.first()).copied()
}

fn bucket(text: &str, now: Timestamp) -> Option<Quota> {
    let (used, size) = text.split_once('/')?;
    let (used, size) = (used.trim().parse::<u64>().ok()?, size.trim().parse::<u64>().ok()?);
    known(Some(size), Some(size.saturating_sub(used)), None, now)
}

fn known(limit: Option<u64>, remaining: Option<u64>, reset: Option<Timestamp>, seen: Timestamp) -> Option<Quota> {
    (limit.is_some() || remaining.is_some()).then_some(Quota { limit, remaining, reset, seen })
}

/// A number; some vendors write the windows after it (`100, 100;w=60`).
fn count(text: Option<String>) -> Option<u64> {
    text?.split([',', ';']).next()?.trim().parse().ok()
}

/// A parameter of a structured field (RFC 9651).
fn parameter(item: &str, name: &str) -> Option<u64> {
    item.split(';').skip(1).find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('=')?.trim().parse().ok())
}

/// Seconds that are left, Unix seconds, or a Go duration.
fn end(text: &str, now: Timestamp) -> Option<Timestamp> {
    let text = text.trim();
    match text.parse::<f64>() {
        Ok(seconds) if seconds > 1e9 => at(seconds),
        Ok(seconds) => after(now, SignedDuration::try_from_secs_f64(seconds).ok()?),
        Err(_) => after(now, go_duration(text)?),
    }
}

fn at(seconds: f64) -> Option<Timestamp> {
    Timestamp::UNIX_EPOCH.checked_add(SignedDuration::try_from_secs_f64(seconds).ok()?).ok()
}

fn after(now: Timestamp, wait: SignedDuration) -> Option<Timestamp> {
    if wait.is_negative() { None } else { now.checked_add(wait).ok() }
}

/// `6m0s`, `1.78s`, `12ms` (Go 1.22, `time.ParseDuration`; the units that `OpenAI` sends).
fn go_duration(text: &str) -> Option<SignedDuration> {
    let (mut rest, mut sum) = (text, SignedDuration::ZERO);
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let unit_at = rest.find(|letter: char| !(letter.is_ascii_digit() || letter == '.'))?;
        let (number, after) = rest.split_at(unit_at);
        let units = [("ms", 1e-3), ("h", 3600.0), ("m", 60.0), ("s", 1.0)];
        let (left, seconds) = units.iter().find_map(|(unit, worth)| Some((after.strip_prefix(unit)?, worth)))?;
        let seconds = number.parse::<f64>().ok()? * seconds;
        sum = sum.checked_add(SignedDuration::try_from_secs_f64(seconds).ok()?)?;
        rest = left;
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::proptest;

    use super::announced;

    fn read(lines: &[(&str, &str)]) -> Option<(Option<u64>, Option<u64>, Option<i64>)> {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let header = |name: &str| lines.iter().find(|(own, _)| *own == name).map(|(_, value)| (*value).to_owned());
        let quota = announced(&header, now)?;
        Some((quota.limit, quota.remaining, quota.reset.map(|reset| reset.duration_since(now).as_secs())))
    }

    #[test]
    fn each_vendor_announces_in_its_own_words() {
        let github = ("x-ratelimit-reset", "1800000060");
        let openai = "x-ratelimit-reset-requests";
        for (lines, quota) in [
            (&[("x-shopify-shop-api-call-limit", "39/40")][..], Some((Some(40), Some(1), None))),
            (&[("x-shopify-shop-api-call-limit", "41/40")], Some((Some(40), Some(0), None))),
            (
                &[("x-ratelimit-limit", "5000"), ("x-ratelimit-remaining", "4999"), github],
                Some((Some(5000), Some(4999), Some(60))),
            ),
            (
                &[("ratelimit-limit", "60, 60;w=60"), ("ratelimit-remaining", "0"), ("ratelimit-reset", "7")],
                Some((Some(60), Some(0), Some(7))),
            ),
            (&[("x-rate-limit", "700"), ("x-rate-limit-remaining", "699")], Some((Some(700), Some(699), None))),
            (&[("x-ratelimit-remaining-requests", "3"), (openai, "6m0s")], Some((None, Some(3), Some(360)))),
            (&[("x-ratelimit-remaining-requests", "3"), (openai, "12ms")], Some((None, Some(3), Some(0)))),
            (&[("x-ratelimit-remaining-requests", "3"), (openai, "soon")], Some((None, Some(3), None))),
            (
                &[
                    ("ratelimit", "\"day\";r=50;t=30, \"hour\";r=2;t=9"),
                    ("ratelimit-policy", "\"hour\";q=100;w=3600, \"day\";q=1000;w=86400"),
                ],
                Some((Some(1000), Some(50), Some(30))),
            ),
            (&[("ratelimit", "\"default\";r=50")], Some((None, Some(50), None))),
            (&[("ratelimit", "nonsense"), ("x-ratelimit-remaining", "9")], Some((None, Some(9), None))),
            (&[("x-ratelimit-reset", "9")], None),
            (&[("x-ratelimit-remaining", "many")], None),
            (&[("x-ratelimit-remaining", "-1")], None),
            (&[("x-shopify-shop-api-call-limit", "forty")], None),
            (&[], None),
        ] {
            assert_eq!(read(lines), quota, "{lines:?}");
        }
    }

    proptest! {
        #[test]
        fn no_header_is_too_strange(text in "[ -~]{0,30}") {
            for name in ["ratelimit", "ratelimit-policy", "ratelimit-limit", "x-shopify-shop-api-call-limit"] {
                let _ = read(&[(name, &text), ("ratelimit-remaining", "1"), ("ratelimit-reset", &text)]);
            }
        }
    }
}
