//! How long a client waits before it tries again.

use crate::check::gauntlet::trial::{StruckCall, Trial, named, time};
use crate::domain::gauntlet::{Code, Flaw, Judged, Question};
use crate::domain::lesson::expect::Retry;
use crate::domain::timeline::Arrival;

/// A retry within this time came at once: no timer was set.
pub const AT_ONCE_US: u64 = 20_000;

/// Every retry comes no sooner than the answer before it asks.
pub fn asked(trial: &Trial<'_>) -> Judged {
    let struck = trial.struck();
    let asking = |arrival: &Arrival| arrival.answered.asked.as_ref().is_some_and(|asked| asked.us > 0);
    if !struck.iter().any(|struck| struck.call.attempts.iter().any(|attempt| asking(attempt))) {
        return Judged::unasked(Question::Wait, trial.nothing_struck());
    }
    let (mut flaws, mut shortest): (Vec<Flaw>, Option<(f64, String)>) = (Vec::new(), None);
    for struck in &struck {
        let mut worst: Option<Flaw> = None;
        for (before, after) in struck.call.retries().filter(|(before, _)| asking(before)) {
            let (ratio, told, is_short) = compare(before, after);
            if shortest.as_ref().is_none_or(|(least, _)| ratio < *least) {
                shortest = Some((ratio, told.clone()));
            }
            if is_short && worst.as_ref().is_none_or(|known| known.ratio.is_some_and(|least| ratio < least)) {
                worst = Some(short(struck, before, after, ratio, &told));
            }
        }
        flaws.extend(worst);
    }
    Judged::broken(Question::Wait, flaws).unwrap_or_else(|| match shortest {
        Some((_, told)) => Judged::kept(Question::Wait, told),
        None if trial.lesson.expect.retry == Some(Retry::Owed) => {
            Judged::unasked(Question::Wait, "the client never came back, so that no wait was seen")
        }
        None => Judged::kept(Question::Wait, "the client did not come back before it was asked to"),
    })
}

/// The wait by what was asked, in words, and whether it is too short.
fn compare(before: &Arrival, after: &Arrival) -> (f64, String, bool) {
    let asked = before.answered.asked.as_ref().map_or(0, |asked| asked.us);
    let by = before.answered.asked.as_ref().map_or("", |asked| &asked.by);
    let waited = after.at_us.saturating_sub(before.answered.at_us);
    #[expect(clippy::cast_precision_loss, reason = "a century in microseconds is below 2^52")]
    let ratio = waited as f64 / asked.max(1) as f64;
    // A timer may be a little early, and who compares clocks is up to a second off.
    let by_clock = before.answered.asked.as_ref().is_some_and(|asked| asked.by_clock);
    let slack = asked / 20 + if by_clock { 1_000_000 } else { 2_000 };
    (ratio, format!("waited {} where {by} asks for {}", time(waited), time(asked)), waited + slack < asked)
}

fn short(struck: &StruckCall<'_>, before: &Arrival, after: &Arrival, ratio: f64, told: &str) -> Flaw {
    let waited = after.at_us.saturating_sub(before.answered.at_us);
    // Our own delays only make waits longer, so the shortest one tells. A thousandth of it that is longer than any such
    // delay, and becomes shorter where less is asked, is no backoff of the client's own.
    let follows = struck.call.retries().zip(struck.call.retries().skip(1)).all(|(one, two)| {
        let asked = |pair: (&Arrival, &Arrival)| pair.0.answered.asked.as_ref().map_or(0, |asked| asked.us);
        let waited = |pair: (&Arrival, &Arrival)| pair.1.at_us.saturating_sub(pair.0.answered.at_us);
        asked(one) <= asked(two) || waited(one) > waited(two)
    });
    let thousandth = waited >= 2 * AT_ONCE_US && (0.0009..=0.0015).contains(&ratio) && follows;
    let (code, why) = if thousandth {
        (Code::WrongUnit, ": a factor of 1000, seconds are read as milliseconds")
    } else {
        (Code::ShortWait, "")
    };
    let message = format!("{} {told} ({} of it){why}", named(before), share(ratio));
    Flaw { ratio: Some(ratio), ..Flaw::new(code, message, struck.play, vec![before.number, after.number]) }
}

fn share(ratio: f64) -> String {
    if ratio < 0.01 { format!("{ratio:.4}") } else { format!("{ratio:.2}") }
}

/// Where no wait is asked, a client chooses one; only none at all is wrong.
pub fn own(trial: &Trial<'_>) -> Judged {
    let struck: Vec<StruckCall<'_>> =
        trial.struck().into_iter().filter(|struck| struck.call.attempts.len() > 1).collect();
    if struck.is_empty() {
        return Judged::unasked(Question::Wait, "no call was tried again, so that no wait was seen");
    }
    let at_once = |struck: &&StruckCall<'_>| struck.call.waits().iter().all(|wait| *wait < AT_ONCE_US);
    let flaw = |struck: &StruckCall<'_>| {
        let longest = struck.call.waits().into_iter().max().unwrap_or_default();
        let message = format!(
            "{} was tried again at once, {} after the failure at most",
            named(struck.call.first()),
            time(longest)
        );
        Flaw::new(Code::NoBackoff, message, struck.play, struck.numbers())
    };
    Judged::broken(Question::Wait, struck.iter().filter(at_once).map(flaw).collect()).unwrap_or_else(|| {
        let waits: Vec<String> = struck[0].call.waits().into_iter().map(time).collect();
        Judged::kept(Question::Wait, format!("waited {}", waits.join(", ")))
    })
}

/// Waits become longer: over all plays the last one is on average a fifth longer than the first one.
pub fn growth(trial: &Trial<'_>) -> Judged {
    let struck: Vec<StruckCall<'_>> =
        trial.struck().into_iter().filter(|struck| struck.call.attempts.len() > 2).collect();
    let Some(first_struck) = struck.first() else {
        return Judged::unasked(
            Question::Growth,
            "no call was tried more than twice, so that waits cannot be compared",
        );
    };
    let waits: Vec<Vec<u64>> = struck.iter().map(|struck| struck.call.waits()).collect();
    let mean = |pick: fn(&[u64]) -> u64| {
        let sum: u64 = waits.iter().map(|waits| pick(waits)).sum();
        sum / u64::try_from(waits.len()).unwrap_or(1).max(1)
    };
    let (first, last) = (mean(|waits| waits[0]), mean(|waits| waits[waits.len() - 1]));
    if last < AT_ONCE_US && first < AT_ONCE_US {
        return Judged::unasked(Question::Growth, "every retry came at once, so that there is no wait that could grow");
    }
    if last >= first + first / 5 {
        return Judged::kept(Question::Growth, format!("from {} to {} on average", time(first), time(last)));
    }
    let message = format!(
        "{}: the last wait is {} on average, the first one {}: it does not grow",
        named(first_struck.call.first()),
        time(last),
        time(first)
    );
    let flaw = Flaw::new(Code::NoGrowth, message, first_struck.play, first_struck.numbers());
    Judged::broken(Question::Growth, vec![flaw]).unwrap_or_else(|| Judged::unasked(Question::Growth, ""))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::check::gauntlet::trial::tests::{lesson, play, verdict};
    use crate::domain::gauntlet::{Code, Ended, Play};
    use crate::domain::record::Outcome;
    use crate::domain::timeline::Asked;
    use crate::domain::timeline::tests::arrival;

    /// Refused once with this many seconds to wait, and back after so many milliseconds.
    fn waited(asked_s: u64, after_ms: u64, by_clock: bool) -> Vec<Play> {
        let mut refused = arrival(1, 0, "/a", Some("status:429"));
        refused.answered.asked = Some(Asked { us: asked_s * 1_000_000, by: "retry-after".into(), by_clock });
        vec![play(Ended::Exit(0), vec![refused, arrival(2, after_ms, "/a", None)])]
    }

    #[test]
    fn a_wait_is_held_against_what_was_asked() {
        let lesson = lesson(&json!({"retry": "owed", "wait": "asked"}));
        for (plays, codes) in [
            (waited(2, 2000, false), vec![]),
            (waited(2, 1995, false), vec![]),
            (waited(2, 500, false), vec![Code::ShortWait]),
            (waited(2, 2, false), vec![Code::ShortWait]),
            (waited(300, 301, false), vec![Code::WrongUnit]),
            (waited(300, 1, false), vec![Code::ShortWait]),
            (waited(2, 1200, true), vec![]),
            (waited(2, 700, true), vec![Code::ShortWait]),
        ] {
            assert_eq!(verdict(&lesson, &plays, None).1, codes, "{plays:?}");
        }
    }

    #[test]
    fn who_stays_away_from_a_long_wait_does_right() {
        let mut plays = waited(300, 0, false);
        plays[0].timeline.arrivals.truncate(1);
        let allowed = lesson(&json!({"retry": "allowed", "wait": "asked"}));
        assert_eq!(verdict(&allowed, &plays, None).0, Outcome::Kept);
    }

    fn retried(at_ms: &[u64]) -> Play {
        let numbered = (1..).zip(at_ms);
        play(Ended::Exit(1), numbered.map(|(n, at)| arrival(n, *at, "/a", Some("status:503"))).collect())
    }

    #[test]
    fn waits_of_ones_own_are_some_and_grow() {
        let table: [(&[u64], Outcome, Vec<Code>); 4] = [
            (&[0, 100, 300, 700], Outcome::Kept, vec![]),
            (&[0, 100, 200, 300], Outcome::Broken, vec![Code::NoGrowth]),
            (&[0, 1, 2, 3], Outcome::Broken, vec![Code::NoBackoff]),
            (&[0, 100], Outcome::Unasked, vec![]),
        ];
        for (times, outcome, codes) in table {
            let lesson = lesson(&json!({"wait": "own", "growth": true}));
            assert_eq!(verdict(&lesson, &[retried(times)], None), (outcome, codes), "{times:?}");
        }
    }
}
