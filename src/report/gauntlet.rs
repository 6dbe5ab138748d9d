//! A gauntlet in the dashboard: lessons grouped by outcome, and each play that shows something as a drawing of its timeline.

use crate::domain::gauntlet::{GauntletRun, LessonRun, Play};
use crate::domain::record::{Details, Outcome, Record};
use crate::domain::timeline::{Arrival, End};
use crate::report::digest;
use crate::report::terminal::gauntlet::{answered, ended};
use crate::report::text::one_line;

/// Units of a drawing's width.
const WIDTH: u64 = 640;
/// Units of one client's row.
const ROW: usize = 16;
/// Requests that are drawn of a play.
const MOST_BARS: usize = 60;
/// Requests that are listed of a play.
const MOST_LISTED: usize = 20;
/// Lessons that are drawn of a gauntlet; the others are in the record.
const MOST_DRAWN: usize = 30;

/// One integration's newest gauntlet.
#[derive(Clone, Copy, Debug)]
pub struct Tried<'a> {
    pub record: &'a Record,
    pub run: &'a GauntletRun,
}

/// The newest gauntlet of each integration; a partial one takes the place of a whole one only where it broke something.
pub fn newest<'a>(records: impl IntoIterator<Item = &'a Record>) -> Vec<Tried<'a>> {
    let mut newest: Vec<Tried<'a>> = Vec::new();
    let speaks = |tried: &Tried<'_>| {
        let whole = !tried.record.partial && !tried.record.interrupted;
        (whole || tried.run.outcome() == Outcome::Broken, tried.record.started)
    };
    for record in records {
        let Some(Details::Gauntlet(run)) = &record.details else { continue };
        let tried = Tried { record, run };
        match newest.iter_mut().find(|known| known.run.integration == run.integration) {
            Some(known) if speaks(&tried) > speaks(known) => *known = tried,
            Some(_) => {}
            None => newest.push(tried),
        }
    }
    newest
}

impl<'a> Tried<'a> {
    fn lessons(&self, outcome: Outcome) -> Vec<&'a LessonRun> {
        self.run.lessons.iter().filter(|lesson| lesson.outcome == outcome).collect()
    }

    pub fn kept(&self) -> Vec<&'a LessonRun> {
        self.lessons(Outcome::Kept)
    }

    pub fn unasked(&self) -> Vec<&'a LessonRun> {
        self.lessons(Outcome::Unasked)
    }

    /// Broken lessons as far as there is room to draw them.
    pub fn drawn(&self) -> Vec<&'a LessonRun> {
        self.lessons(Outcome::Broken).into_iter().take(MOST_DRAWN).collect()
    }

    /// `node sync.js {url}`
    pub fn client(&self) -> Option<String> {
        self.run.client.as_ref().map(|words| one_line(&words.join(" ")))
    }

    pub fn tally(&self) -> String {
        digest::tally(self.run.counts())
    }
}

/// A play as a picture, with its words.
#[derive(Clone, Debug)]
pub struct Drawing {
    pub width: u64,
    pub height: usize,
    pub bars: Vec<Bar>,
    /// What is drawn, for who cannot see it.
    pub words: String,
    pub listed: Vec<String>,
    pub more: usize,
    pub ended: String,
}

/// One request from its arrival to the end of its answer, and the wait that the answer asks for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Bar {
    /// `r` answered well, `f` failed.
    pub class: &'static str,
    pub path: String,
    pub wait: Option<String>,
}

/// The play that a lesson's first finding is about.
pub fn drawing(lesson: &LessonRun) -> Option<Drawing> {
    let place = lesson.findings().next().map_or(0, |flaw| flaw.play);
    let play = lesson.plays.get(usize::try_from(place).ok()?)?;
    let arrivals = &play.timeline.arrivals;
    let last = arrivals.iter().map(|arrival| arrival.answered.at_us.max(arrival.at_us)).max()?;
    // The pause behind the last request is worth seeing only where the client could have used it.
    let whole = play.took_us.min(last + last / 4 + 100_000).max(1);
    let clients = arrivals.iter().map(|arrival| arrival.client).max().unwrap_or(1) as usize;
    Some(Drawing {
        width: WIDTH,
        height: clients * ROW,
        bars: arrivals.iter().take(MOST_BARS).map(|arrival| bar(arrival, whole)).collect(),
        words: words(play),
        listed: arrivals.iter().take(MOST_LISTED).map(told).collect(),
        more: arrivals.len().saturating_sub(MOST_LISTED) + play.timeline.left_out as usize,
        ended: format!("{} after {:.1} s", ended(play.ended), seconds(play.took_us)),
    })
}

fn bar(arrival: &Arrival, whole: u64) -> Bar {
    let place = |us: u64| us.saturating_mul(WIDTH).checked_div(whole).unwrap_or(0).min(WIDTH);
    let top = (arrival.client.max(1) as usize - 1) * ROW + 2;
    let (from, to) = (place(arrival.at_us), place(arrival.answered.at_us));
    let width = to.saturating_sub(from).max(3);
    let asked = arrival.answered.asked.as_ref().filter(|asked| asked.us > 0);
    let wait = asked.map(|asked| {
        let end = place(arrival.answered.at_us.saturating_add(asked.us));
        format!("M{} {}H{end}", from + width, top + 6)
    });
    let good = !arrival.failed() && arrival.answered.end == End::Whole;
    Bar { class: if good { "r" } else { "f" }, path: format!("M{from} {top}h{width}v12h-{width}z"), wait }
}

fn words(play: &Play) -> String {
    let failed = play.timeline.arrivals.iter().filter(|arrival| arrival.failed()).count();
    let all = digest::number(play.timeline.arrivals.len(), "request");
    format!("{all} in {:.1} s, {failed} of them failed", seconds(play.took_us))
}

fn told(arrival: &Arrival) -> String {
    let asked = one_line(&format!("{} {}", arrival.method, arrival.path));
    format!("{:.3} s {asked} → {}", seconds(arrival.at_us), answered(arrival))
}

fn seconds(us: u64) -> f64 {
    std::time::Duration::from_micros(us).as_secs_f64()
}
