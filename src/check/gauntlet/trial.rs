//! Asks each question of a lesson.

use crate::check::gauntlet::{
    breaker, budget, connection, key, limit, pages, patience, reported, retry, secrets, spread, wait,
};
use crate::domain::gauntlet::{Judged, Play};
use crate::domain::lesson::Lesson;
use crate::domain::lesson::expect::Wait;
use crate::domain::timeline::{Arrival, Call};

/// A lesson with what came of it.
#[derive(Clone, Copy, Debug)]
pub struct Trial<'a> {
    pub lesson: &'a Lesson,
    pub plays: &'a [Play],
    /// The command where nothing misbehaved.
    pub healthy: Option<&'a Play>,
}

/// A call that the lesson struck, and the play in which it stands.
#[derive(Clone, Debug)]
pub struct StruckCall<'a> {
    pub play: u32,
    pub call: Call<'a>,
}

impl StruckCall<'_> {
    /// The numbers of its requests.
    pub fn numbers(&self) -> Vec<u32> {
        self.call.attempts.iter().map(|attempt| attempt.number).collect()
    }
}

impl<'a> Trial<'a> {
    /// The plays with their places.
    pub fn numbered(&self) -> impl Iterator<Item = (u32, &'a Play)> {
        (0..).zip(self.plays)
    }

    /// Every call that was struck, in all plays.
    pub fn struck(&self) -> Vec<StruckCall<'a>> {
        let of_play = |(play, played): (u32, &'a Play)| {
            let calls = played.timeline.calls().into_iter().filter(Call::was_struck);
            calls.map(move |call| StruckCall { play, call }).collect::<Vec<_>>()
        };
        self.numbered().flat_map(of_play).collect()
    }

    /// Why nothing was struck.
    pub fn nothing_struck(&self) -> String {
        let strikes = &self.lesson.strikes;
        if self.plays.iter().all(|play| play.timeline.arrivals.is_empty()) {
            "the client sent no request".to_owned()
        } else if strikes.unsafe_only {
            "the client sent no request that changes something".to_owned()
        } else if strikes.call > 1 {
            format!("the client made fewer than {} calls", strikes.call)
        } else {
            "the client sent no request that this lesson is about".to_owned()
        }
    }
}

/// `GET /path`, for a message.
pub fn named(arrival: &Arrival) -> String {
    format!("{} {}", arrival.method, arrival.path)
}

/// `1 request`, `2 requests`
pub fn count(many: usize, noun: &str) -> String {
    format!("{many} {noun}{}", if many == 1 { "" } else { "s" })
}

/// `1.52 s`, `40 ms`, `0.4 ms`
pub fn time(us: u64) -> String {
    let seconds = std::time::Duration::from_micros(us).as_secs_f64();
    match us {
        0..10_000 => format!("{:.1} ms", seconds * 1e3),
        10_000..1_000_000 => format!("{:.0} ms", seconds * 1e3),
        1_000_000..600_000_000 => format!("{seconds:.2} s"),
        _ => format!("{seconds:.0} s"),
    }
}

/// Judges a lesson: what it expects, and what no client may ever do.
pub fn judge(trial: &Trial<'_>) -> Vec<Judged> {
    let expect = &trial.lesson.expect;
    let mut judged: Vec<Judged> = Vec::new();
    judged.extend(expect.healthy.then(|| reported::healthy(trial)));
    judged.extend(expect.retry.map(|wanted| retry::retry(trial, wanted)));
    judged.extend(expect.attempts.map(|most| retry::attempts(trial, most)));
    judged.extend(expect.wait.map(|wanted| match wanted {
        Wait::Asked => wait::asked(trial),
        Wait::Own => wait::own(trial),
    }));
    judged.extend(expect.growth.then(|| wait::growth(trial)));
    judged.extend(expect.jitter.then(|| spread::jitter(trial)));
    judged.extend(expect.spread.then(|| spread::herd(trial)));
    judged.extend(expect.breaker.map(|wanted| breaker::breaker(trial, wanted)));
    judged.extend(expect.budget.map(|budget| budget::budget(trial, budget)));
    judged.extend(expect.gives_up_within.map(|seconds| patience::patience(trial, seconds)));
    judged.extend(expect.pages.then(|| pages::pages(trial)));
    judged.extend(expect.keeps_limit.then(|| limit::limit(trial)));
    judged.extend(expect.reported.then(|| reported::reported(trial)));
    judged.extend(expect.secrets.then(|| secrets::secrets(trial)));
    judged.extend(key::key(trial));
    judged.extend(connection::connection(trial));
    judged
}

#[cfg(test)]
pub mod tests {
    use serde_json::json;

    use super::{Trial, judge};
    use crate::domain::gauntlet::{Code, Ended, Play};
    use crate::domain::lesson::Lesson;
    use crate::domain::record::Outcome;
    use crate::domain::timeline::{Arrival, Timeline};

    /// A lesson that expects this.
    pub fn lesson(expect: &serde_json::Value) -> Lesson {
        serde_json::from_value(json!({"name": "l", "title": "t", "source": "s", "expect": expect})).unwrap()
    }

    pub fn play(ended: Ended, arrivals: Vec<Arrival>) -> Play {
        Play { ended, took_us: 10_000_000, said: String::new(), timeline: Timeline { arrivals, left_out: 0 } }
    }

    /// The worst outcome and the codes that a lesson brings.
    pub fn verdict(lesson: &Lesson, plays: &[Play], healthy: Option<&Play>) -> (Outcome, Vec<Code>) {
        let judged = judge(&Trial { lesson, plays, healthy });
        let codes = judged.iter().flat_map(|judged| &judged.findings).map(|flaw| flaw.code).collect();
        (judged.iter().map(|judged| judged.outcome).max().unwrap(), codes)
    }
}
