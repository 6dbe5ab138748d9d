//! Whether a circuit breaker opens, closes again, and stays closed where single requests are refused.

use crate::check::gauntlet::trial::{Trial, count, time};
use crate::domain::gauntlet::{Code, Flaw, Judged, Play, Question};
use crate::domain::lesson::expect::Breaker;
use crate::domain::timeline::Arrival;

/// Requests that a client makes where nothing misbehaves, from which on a breaker could be seen.
const LEAST_REQUESTS: usize = 20;

/// Failures in a row by which every breaker has opened (`HotDash` plans 5, failsafe-rs has 5; resilience4j's 100 is a window).
const MOST_FAILURES: usize = 20;

/// Failures behind which a request may be a probe.
const PROBED_FROM: usize = 4;

/// Microseconds that a breaker is open at least before it probes.
const PROBE_PAUSE_US: u64 = 400_000;

/// Microseconds behind the vendor's recovery after which a client has come back.
const COMES_BACK_US: u64 = 5_000_000;

/// What a breaker does in this lesson.
pub fn breaker(trial: &Trial<'_>, wanted: Breaker) -> Judged {
    let usual = trial.healthy.map_or(0, |healthy| healthy.timeline.arrivals.len());
    if usual < LEAST_REQUESTS {
        let told =
            format!("the client makes {}, from {LEAST_REQUESTS} on a breaker could be seen", count(usual, "request"));
        return Judged::unasked(Question::Breaker, told);
    }
    let judged = trial.numbered().map(|(place, play)| match wanted {
        Breaker::Opens => opens(place, play),
        Breaker::Closes => closes(place, play),
        Breaker::StaysClosed => stays_closed(place, play, usual),
    });
    judged
        .max_by_key(|judged| judged.outcome)
        .unwrap_or_else(|| Judged::unasked(Question::Breaker, "nothing was played"))
}

fn failures(play: &Play) -> Vec<&Arrival> {
    play.timeline.arrivals.iter().filter(|arrival| arrival.failed()).collect()
}

fn broken(code: Code, message: String, place: u32, requests: Vec<u32>) -> Judged {
    let flaw = Flaw::new(code, message.clone(), place, requests);
    Judged::broken(Question::Breaker, vec![flaw]).unwrap_or_else(|| Judged::unasked(Question::Breaker, message))
}

fn opens(place: u32, play: &Play) -> Judged {
    let failed = failures(play);
    // Behind a pause a breaker lets a single request through, to see whether the vendor is well again.
    let probes = failed
        .windows(2)
        .skip(PROBED_FROM)
        .filter(|pair| pair[1].at_us.saturating_sub(pair[0].answered.at_us) >= PROBE_PAUSE_US);
    let many = failed.len() - probes.count();
    if many >= MOST_FAILURES {
        let message = format!("{many} requests in a row failed, and the client went on asking");
        return broken(Code::BreakerNeverOpens, message, place, failed.iter().map(|arrival| arrival.number).collect());
    }
    Judged::kept(Question::Breaker, format!("the client stopped asking after {}", count(many, "failure")))
}

fn closes(place: u32, play: &Play) -> Judged {
    let failed = failures(play);
    let Some(last) = failed.last() else {
        return Judged::unasked(Question::Breaker, "nothing failed");
    };
    let after = play.timeline.arrivals.iter().filter(|arrival| arrival.number > last.number).count();
    if after > 0 {
        return Judged::kept(Question::Breaker, format!("{after} requests came after the vendor was well again"));
    }
    let silent = play.took_us.saturating_sub(last.answered.at_us);
    if silent < COMES_BACK_US {
        return Judged::unasked(Question::Breaker, "the command ended before a breaker had time to close");
    }
    let message = format!("no request came in the {} after the last failure, though the command ran on", time(silent));
    broken(Code::BreakerNeverCloses, message, place, vec![last.number])
}

fn stays_closed(place: u32, play: &Play, usual: usize) -> Judged {
    let (refused, made) = (failures(play).len(), play.timeline.calls().len());
    if refused < 3 {
        let told = "the client did not go on after the first refusals, so that no breaker was seen";
        return Judged::unasked(Question::Breaker, told);
    }
    if made * 5 >= usual * 4 {
        return Judged::kept(
            Question::Breaker,
            format!("{made} of {usual} calls were made, {refused} of them refused"),
        );
    }
    let numbers = failures(play).iter().map(|arrival| arrival.number).collect();
    let message =
        format!("after {refused} refusals of single requests the client stopped: {made} of {usual} calls were made");
    broken(Code::BreakerOpensOnRefusal, message, place, numbers)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::check::gauntlet::trial::tests::{lesson, play, verdict};
    use crate::domain::gauntlet::{Code, Ended, Play};
    use crate::domain::record::Outcome;
    use crate::domain::timeline::tests::arrival;

    #[test]
    fn probes_behind_a_pause_are_no_failures_in_a_row() {
        let lesson = lesson(&json!({"breaker": "opens"}));
        let probing = |pause_ms: u64| {
            let one = |n: u32| arrival(n, u64::from(n) * pause_ms, &format!("/{n}"), Some("status:503"));
            play(Ended::Exit(1), (1..=25).map(one).collect())
        };
        let healthy = asked(0, 30, 1);
        for (pause_ms, outcome) in [(500, Outcome::Kept), (100, Outcome::Broken)] {
            assert_eq!(verdict(&lesson, &[probing(pause_ms)], Some(&healthy)).0, outcome, "{pause_ms}");
        }
    }

    fn asked(failing: u32, well: u32, took_s: u64) -> Play {
        let fault = |n| (n <= failing).then_some("status:503");
        let one = |n: u32| arrival(n, u64::from(n) * 10, &format!("/{n}"), fault(n));
        Play { took_us: took_s * 1_000_000, ..play(Ended::Exit(1), (1..=failing + well).map(one).collect()) }
    }

    #[test]
    fn a_breaker_opens_closes_and_stays_closed_when_it_must() {
        let (healthy, small) = (asked(0, 30, 1), asked(0, 3, 1));
        for (wanted, plays, base, outcome, codes) in [
            ("opens", asked(30, 0, 1), &healthy, Outcome::Broken, vec![Code::BreakerNeverOpens]),
            ("opens", asked(5, 0, 1), &healthy, Outcome::Kept, vec![]),
            ("opens", asked(30, 0, 1), &small, Outcome::Unasked, vec![]),
            ("closes", asked(5, 0, 9), &healthy, Outcome::Broken, vec![Code::BreakerNeverCloses]),
            ("closes", asked(5, 0, 1), &healthy, Outcome::Unasked, vec![]),
            ("closes", asked(5, 9, 9), &healthy, Outcome::Kept, vec![]),
            ("stays-closed", asked(6, 0, 1), &healthy, Outcome::Broken, vec![Code::BreakerOpensOnRefusal]),
            ("stays-closed", asked(1, 0, 1), &healthy, Outcome::Unasked, vec![]),
            ("stays-closed", asked(30, 0, 1), &healthy, Outcome::Kept, vec![]),
        ] {
            let lesson = lesson(&json!({"breaker": wanted}));
            assert_eq!(verdict(&lesson, &[plays], Some(base)), (outcome, codes), "{wanted}");
        }
    }
}
