//! A gauntlet on a terminal: a line for each lesson, a timeline for each that was not kept.

use std::fmt::Write as _;

use crate::domain::gauntlet::{Ended, GauntletRun, LessonRun, Play};
use crate::domain::lesson::Lesson;
use crate::domain::record::Outcome;
use crate::domain::timeline::{Arrival, End};
use crate::report::digest;
use crate::report::terminal::wrap::{wrap, wrap_painted};
use crate::report::terminal::{Paint, Style};
use crate::report::text::{one_line, shortened, visible};

/// Requests that a timeline shows before it counts them.
const SHOWN: usize = 8;

/// The lessons of a plan, each with what it expects and where its rule stands.
pub fn list(lessons: &[Lesson], style: Style) -> String {
    let mut page = String::new();
    for lesson in lessons {
        wrap_painted(
            &mut page,
            style,
            &format!("{} ", style.paint(Paint::Bold, &lesson.name)),
            4,
            &one_line(&lesson.title),
        );
        wrap(&mut page, style, "    ", "    ", &one_line(&lesson.source));
    }
    page
}

/// One line: the outcome, the lesson, and what it came to.
pub fn line(lesson: &LessonRun, style: Style) -> String {
    let mut page = String::new();
    let first = format!("{} {} ", style.outcome(lesson.outcome), style.paint(Paint::Bold, &lesson.lesson));
    let mut judged: Vec<_> = lesson.judged.iter().filter(|judged| judged.outcome == lesson.outcome).collect();
    judged.truncate(if lesson.outcome == Outcome::Kept { 1 } else { 4 });
    let mut told: Vec<String> = judged.iter().map(|judged| one_line(&judged.told)).collect();
    told.dedup();
    wrap_painted(&mut page, style, &first, 4, &told.join("; "));
    page.trim_end().to_owned()
}

/// What was found, with the requests that show it; then the counts.
pub fn summary(run: &GauntletRun, style: Style) -> String {
    let mut page = String::new();
    for lesson in run.lessons.iter().filter(|lesson| lesson.outcome == Outcome::Broken) {
        let _ = writeln!(page, "\n{} {}", style.paint(Paint::Bold, &lesson.lesson), visible(&lesson.title));
        for flaw in lesson.findings() {
            let first = format!("  {} ", style.paint(Paint::Red, flaw.code.as_str()));
            wrap_painted(&mut page, style, &first, 4, &one_line(&flaw.message));
        }
        wrap(&mut page, style, "  rule: ", "    ", &one_line(&lesson.source));
        let shown = lesson.findings().next().map_or(0, |flaw| flaw.play);
        if let Some(play) = usize::try_from(shown).ok().and_then(|shown| lesson.plays.get(shown)) {
            timeline(&mut page, play, style);
        }
    }
    for left in &run.left_out {
        wrap(&mut page, style, "left out ", "    ", &format!("{}: {}", left.lesson, one_line(&left.why)));
    }
    let _ = writeln!(
        page,
        "\n{} of {}: {} ({}), in {:.1} s",
        style.outcome(run.outcome()),
        style.paint(Paint::Bold, run.integration.as_str()),
        digest::number(run.lessons.len(), "lesson"),
        digest::tally(run.counts()),
        std::time::Duration::from_millis(run.duration_ms).as_secs_f64()
    );
    page
}

/// Each request with its time, the pause before it, and what it was answered.
fn timeline(page: &mut String, play: &Play, style: Style) {
    let arrivals = &play.timeline.arrivals;
    let mut before: Option<&Arrival> = None;
    for arrival in arrivals.iter().take(SHOWN) {
        let pause = before.map_or(0, |before| arrival.at_us.saturating_sub(before.answered.at_us));
        let row = format!(
            "  {:>3} {:>8.3} s  {:>9}  c{:<2} {:<24} {}",
            arrival.number,
            seconds(arrival.at_us),
            if before.is_some() { format!("+{:.3} s", seconds(pause)) } else { String::new() },
            arrival.connection,
            shortened(&one_line(&format!("{} {}", arrival.method, arrival.path)), 24),
            answered(arrival),
        );
        let _ = writeln!(page, "{}", style.paint(Paint::Dim, &row));
        before = Some(arrival);
    }
    let more = arrivals.len().saturating_sub(SHOWN) + play.timeline.left_out as usize;
    if more > 0 {
        let _ = writeln!(page, "      … and {}", digest::number(more, "more request"));
    }
    let _ = writeln!(page, "      {} after {:.3} s", ended(play.ended), seconds(play.took_us));
    if let Some(last) = play.said.lines().rfind(|line| !line.trim().is_empty()) {
        wrap(page, style, "      it said: ", "        ", &shortened(&one_line(last), 200));
    }
}

fn seconds(us: u64) -> f64 {
    std::time::Duration::from_micros(us).as_secs_f64()
}

/// `503 (status:503), asks for 2.0 s by retry-after`
pub fn answered(arrival: &Arrival) -> String {
    let fault = arrival.fault.as_ref().map(|fault| one_line(&fault.name));
    let how = match (arrival.answered.end, arrival.answered.status) {
        (End::Abandoned, _) => {
            format!("given up after {:.3} s", seconds(arrival.answered.at_us.saturating_sub(arrival.at_us)))
        }
        (End::Open, _) => "no answer yet".to_owned(),
        (End::Broken, _) => "broken off".to_owned(),
        (End::Whole, Some(status)) => status.to_string(),
        (End::Whole, None) => "answered".to_owned(),
    };
    let asked = arrival.answered.asked.as_ref().filter(|asked| asked.us > 0);
    let asked = asked.map(|asked| format!(", asks for {:.1} s by {}", seconds(asked.us), one_line(&asked.by)));
    format!("{how}{}{}", fault.map(|fault| format!(" ({fault})")).unwrap_or_default(), asked.unwrap_or_default())
}

/// How the command ended, in words.
pub fn ended(how: Ended) -> String {
    match how {
        Ended::Exit(code) => format!("the command ended with {code}"),
        Ended::Signal => "the command was ended by a signal".to_owned(),
        Ended::OutOfTime => "the command was still running and was ended".to_owned(),
        Ended::TooLoud => "the command wrote without end and was ended".to_owned(),
        Ended::Running => "the lesson ended".to_owned(),
        Ended::Stopped => "the user stopped it".to_owned(),
    }
}
