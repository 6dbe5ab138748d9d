//! Whether waits are spread: over runs (jitter), and over clients that were refused together (a herd).
//!
//! Were a wait spread evenly over a tenth of its mean, then n of them would all lie within a share s of that tenth with the
//! probability n·s^(n-1) - (n-1)·s^n (the distribution of the range of a uniform sample). One less that is the confidence
//! with which a narrow sample shows that there is no such spread. A busy machine delays single requests, so the same is asked
//! of the sample without the fifth of it that lies farthest off, with a bound in place of the probability.

use crate::check::gauntlet::trial::{StruckCall, Trial, time};
use crate::check::gauntlet::wait::AT_ONCE_US;
use crate::domain::gauntlet::{Code, Flaw, Judged, Question};

/// The share of its mean that a wait must be spread over to be spread at all.
const LEAST_SPREAD: f64 = 0.1;

/// From this confidence on it is a finding.
const CERTAIN: f64 = 0.99;

/// Fewer waits than these show nothing.
const LEAST_WAITS: usize = 5;

/// What a sample of waits shows.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Shown {
    /// Their range is wide enough.
    Spread,
    /// With this confidence they are not.
    Fixed(f64),
    /// Neither, with the confidence that there is.
    Undecided(f64),
}

/// `width` is the range over which they would have to be spread.
fn shown(sample: &[u64], width: f64) -> Shown {
    let (least, most) = (sample.iter().min().copied().unwrap_or(0), sample.iter().max().copied().unwrap_or(0));
    #[expect(clippy::cast_precision_loss, reason = "waits are far below 2^52 microseconds, samples small")]
    let (range, count) = ((most - least) as f64, sample.len() as f64);
    let share = range / width.max(1.0);
    if share >= 1.0 {
        return Shown::Spread;
    }
    let chance = count * share.powf(count - 1.0) - (count - 1.0) * share.powf(count);
    let confidence = (1.0 - chance.min(trimmed(sample, width))).clamp(0.0, 1.0);
    if confidence >= CERTAIN { Shown::Fixed(confidence) } else { Shown::Undecided(confidence) }
}

/// At most this probable is it that so many of an evenly spread sample lie as close together as four fifths of this one do:
/// some value is the first of them, and each of the others follows it within their range.
fn trimmed(sample: &[u64], width: f64) -> f64 {
    let mut sorted = sample.to_vec();
    sorted.sort_unstable();
    let kept = sorted.len() - sorted.len() / 5;
    let narrowest = sorted.windows(kept).map(|window| window[kept - 1] - window[0]).min().unwrap_or(u64::MAX);
    #[expect(clippy::cast_precision_loss, reason = "waits are far below 2^52 microseconds, samples small")]
    let share = narrowest as f64 / width.max(1.0);
    let others = u32::try_from(kept.saturating_sub(1)).unwrap_or(u32::MAX);
    let ways = (0..others).fold(1.0, |ways, place| {
        let all = u32::try_from(sorted.len()).unwrap_or(u32::MAX).saturating_sub(1);
        ways * f64::from(all - place) / f64::from(place + 1)
    });
    f64::from(u32::try_from(sorted.len()).unwrap_or(u32::MAX)) * ways * share.powf(f64::from(others))
}

/// The same failure in every run: the waits before the retries differ.
pub fn jitter(trial: &Trial<'_>) -> Judged {
    let struck: Vec<StruckCall<'_>> =
        trial.struck().into_iter().filter(|struck| struck.call.attempts.len() > 1).collect();
    let waits: Vec<Vec<u64>> = struck.iter().map(|struck| struck.call.waits()).collect();
    // The longest of the waits that every run has: there our own delays weigh least.
    let places = (0..).take_while(|place| waits.iter().filter(|waits| waits.len() > *place).count() >= LEAST_WAITS);
    let samples = places.map(|place| waits.iter().filter_map(|waits| waits.get(place).copied()).collect::<Vec<u64>>());
    let Some(sample) = samples.max_by_key(|sample| mean(sample)) else {
        let told = format!("{} waits were seen, {LEAST_WAITS} are needed", waits.len());
        return Judged::unasked(Question::Jitter, told);
    };
    if mean(&sample) < AT_ONCE_US {
        return Judged::unasked(Question::Jitter, "every retry came at once, so that there is no wait to spread");
    }
    let told = format!("{} waits between {}", sample.len(), between(&sample));
    let numbers = struck.first().map(StruckCall::numbers).unwrap_or_default();
    conclude(Question::Jitter, Code::NoJitter, &sample, mean(&sample), &told, numbers)
}

/// Clients that were refused together and asked to wait come back apart.
pub fn herd(trial: &Trial<'_>) -> Judged {
    let (mut late, mut asked_us, mut numbers) = (Vec::new(), 0, Vec::new());
    for struck in trial.struck() {
        let Some((before, after)) = struck.call.retries().next() else { continue };
        // Against the moment at which the vendor lets them in again, and not against each client's own beginning.
        let asked = before.answered.asked.as_ref().map_or(0, |asked| asked.us);
        late.push(after.at_us.saturating_sub(before.answered.at_us));
        asked_us = asked_us.max(asked);
        numbers.push(after.number);
    }
    if late.len() < LEAST_WAITS {
        let told = format!("{} clients came back, {LEAST_WAITS} are needed", late.len());
        return Judged::unasked(Question::Spread, told);
    }
    let told = format!("{} clients came back between {} after they were refused", late.len(), between(&late));
    conclude(Question::Spread, Code::Herd, &late, mean(&late).max(asked_us), &told, numbers)
}

fn conclude(question: Question, code: Code, sample: &[u64], of: u64, told: &str, numbers: Vec<u32>) -> Judged {
    #[expect(clippy::cast_precision_loss, reason = "waits are far below 2^52 microseconds")]
    let width = of as f64 * LEAST_SPREAD;
    match shown(sample, width) {
        Shown::Spread => Judged::kept(question, told),
        Shown::Undecided(confidence) => {
            Judged::unasked(question, format!("{told}: too narrow to be sure ({:.0} %)", confidence * 100.0))
        }
        Shown::Fixed(confidence) => {
            let message =
                format!("{told}: not spread over a tenth of the wait (confidence {:.1} %)", confidence * 100.0);
            let flaw = Flaw { confidence: Some(confidence), ..Flaw::new(code, message, 0, numbers) };
            Judged::broken(question, vec![flaw]).unwrap_or_else(|| Judged::unasked(question, told))
        }
    }
}

fn mean(sample: &[u64]) -> u64 {
    sample.iter().sum::<u64>() / u64::try_from(sample.len()).unwrap_or(1).max(1)
}

fn between(sample: &[u64]) -> String {
    let (least, most) = (sample.iter().min().copied().unwrap_or(0), sample.iter().max().copied().unwrap_or(0));
    format!("{} and {}", time(least), time(most))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Shown, shown};
    use crate::check::gauntlet::trial::tests::{lesson, play, verdict};
    use crate::domain::gauntlet::{Code, Ended, Play};
    use crate::domain::record::Outcome;
    use crate::domain::timeline::tests::arrival;

    #[test]
    fn a_narrow_sample_shows_that_there_is_no_spread() {
        assert_eq!(shown(&[100, 200, 300, 160], 150.0), Shown::Spread);
        assert!(matches!(shown(&[500, 501, 502, 503, 504, 505], 50.0), Shown::Fixed(confidence) if confidence > 0.999));
        assert!(matches!(shown(&[500, 510, 520, 530, 535, 538], 50.0), Shown::Undecided(_)));
        let delayed = [500, 501, 500, 502, 501, 500, 501, 502, 538, 545];
        assert!(matches!(shown(&delayed, 50.0), Shown::Fixed(confidence) if confidence > 0.999));
        let even = [500, 505, 511, 515, 521, 526, 530, 536, 540, 546];
        assert!(matches!(shown(&even, 50.0), Shown::Undecided(_)));
    }

    fn runs(waits_ms: &[u64]) -> Vec<Play> {
        let run = |wait: &u64| {
            play(Ended::Exit(0), vec![arrival(1, 0, "/a", Some("status:503")), arrival(2, *wait, "/a", None)])
        };
        waits_ms.iter().map(run).collect()
    }

    #[test]
    fn the_same_wait_in_every_run_has_no_jitter() {
        let lesson = lesson(&json!({"jitter": true}));
        for (waits, outcome, codes) in [
            (&[500, 501, 503, 500, 502, 504][..], Outcome::Broken, vec![Code::NoJitter]),
            (&[500, 401, 623, 580, 702, 304], Outcome::Kept, vec![]),
            (&[1, 2, 1, 1, 2, 1], Outcome::Unasked, vec![]),
            (&[500, 501], Outcome::Unasked, vec![]),
        ] {
            assert_eq!(verdict(&lesson, &runs(waits), None), (outcome, codes), "{waits:?}");
        }
    }

    #[test]
    fn clients_that_come_back_together_are_a_herd() {
        let together = |waits: &[u64]| {
            let (mut arrivals, mut number) = (Vec::new(), 0);
            for (client, wait) in (1..).zip(waits) {
                for (at, fault) in [(0, Some("status:429")), (*wait, None)] {
                    number += 1;
                    let mut one = arrival(number, at, "/a", fault);
                    one.client = client;
                    arrivals.push(one);
                }
            }
            arrivals.sort_by_key(|arrival| arrival.at_us);
            vec![play(Ended::Exit(0), arrivals)]
        };
        let lesson = lesson(&json!({"spread": true}));
        for (waits, codes) in [
            (&[2000, 2001, 2003, 2002, 2004, 2001, 2003, 2000][..], vec![Code::Herd]),
            (&[2000, 2301, 2503, 2102, 2704, 2001, 2203, 2400], vec![]),
        ] {
            assert_eq!(verdict(&lesson, &together(waits), None).1, codes);
        }
    }
}
