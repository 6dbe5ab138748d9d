//! Whether a client keeps a limit that the headers of every answer announce.

use crate::check::gauntlet::trial::{Trial, named, time};
use crate::domain::gauntlet::{Code, Flaw, Judged, Question};
use crate::domain::timeline::Arrival;

/// After an answer that says that nothing is left, nothing is asked until the window is over.
pub fn limit(trial: &Trial<'_>) -> Judged {
    let (mut flaws, mut announced) = (Vec::new(), 0);
    for (play, played) in trial.numbered() {
        let arrivals = &played.timeline.arrivals;
        for (index, last) in arrivals.iter().enumerate().filter(|(_, arrival)| arrival.answered.remaining == Some(0)) {
            let Some(next) = arrivals[index + 1..].iter().find(|next| next.at_us > last.answered.at_us) else {
                continue;
            };
            announced += 1;
            if let Some(flaw) = too_soon(play, last, next) {
                flaws.push(flaw);
                break;
            }
        }
    }
    Judged::broken(Question::Limit, flaws).unwrap_or_else(|| {
        if announced == 0 {
            Judged::unasked(Question::Limit, "the client made too few requests to come to the limit")
        } else {
            Judged::kept(Question::Limit, format!("kept {announced} times"))
        }
    })
}

fn too_soon(play: u32, last: &Arrival, next: &Arrival) -> Option<Flaw> {
    let asked = last.answered.asked.as_ref()?;
    let waited = next.at_us.saturating_sub(last.answered.at_us);
    // Windows are announced in whole seconds.
    (waited + 1_000_000 < asked.us || waited < asked.us / 4).then(|| {
        let message = format!(
            "{} came {} after an answer that said that nothing is left for {}",
            named(next),
            time(waited),
            time(asked.us)
        );
        #[expect(clippy::cast_precision_loss, reason = "windows are far below 2^52 microseconds")]
        let ratio = waited as f64 / asked.us.max(1) as f64;
        Flaw { ratio: Some(ratio), ..Flaw::new(Code::LimitExceeded, message, play, vec![last.number, next.number]) }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::check::gauntlet::trial::tests::{lesson, play, verdict};
    use crate::domain::gauntlet::{Code, Ended};
    use crate::domain::record::Outcome;
    use crate::domain::timeline::Asked;
    use crate::domain::timeline::tests::arrival;

    #[test]
    fn what_is_announced_is_kept() {
        let lesson = lesson(&json!({"keeps_limit": true}));
        for (left, after_ms, outcome, codes) in [
            (0, 10, Outcome::Broken, vec![Code::LimitExceeded]),
            (0, 2000, Outcome::Kept, vec![]),
            (1, 10, Outcome::Unasked, vec![]),
        ] {
            let mut first = arrival(1, 0, "/a", None);
            first.answered.remaining = Some(left);
            first.answered.asked = Some(Asked { us: 2_000_000, by: "x-ratelimit-reset".into(), by_clock: true });
            let plays = [play(Ended::Exit(0), vec![first, arrival(2, after_ms, "/b", None)])];
            assert_eq!(verdict(&lesson, &plays, None), (outcome, codes), "{left} {after_ms}");
        }
    }
}
