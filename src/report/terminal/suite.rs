//! A webhook suite on a terminal: a line a family, each broken case in full, and what was not asked by reason.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::domain::receiver::case::Family;
use crate::domain::record::{Counts, Outcome};
use crate::domain::suite::{CaseRun, Suite};
use crate::report::suite::came;
use crate::report::terminal::wrap::{wrap, wrap_painted};
use crate::report::terminal::{Paint, Style};
use crate::report::text::visible;

/// Draws what was found.
pub fn draw(suite: &Suite, style: Style) -> String {
    let mut page = String::new();
    let by = suite.observer.as_deref().map_or("effects are not counted".to_owned(), |by| format!("effects by {by}"));
    wrap(&mut page, style, "", "  ", &visible(&format!("{} deliveries to {}, {by}", suite.scheme, suite.url)));
    page.push('\n');
    for family in Family::ALL {
        line(&mut page, suite, family, style);
    }
    page.push('\n');
    for case in suite.of(Outcome::Broken) {
        broken(&mut page, case, style);
    }
    unasked(&mut page, suite, style);
    for case in suite.cases.iter().filter(|case| case.outcome == Outcome::Kept) {
        if let Some(note) = &case.note {
            wrap_painted(
                &mut page,
                style,
                &format!("{} ", style.paint(Paint::Dim, "note")),
                5,
                &visible(&format!("{}: {note}", case.name)),
            );
        }
    }
    for remark in &suite.remarks {
        wrap_painted(&mut page, style, &format!("{} ", style.paint(Paint::Dim, "note")), 5, &visible(remark));
    }
    if let Some(timing) = &suite.timing {
        let paint = if timing.is_suspicious() { Paint::Yellow } else { Paint::Dim };
        wrap_painted(&mut page, style, &format!("{} ", style.paint(paint, "hint")), 5, &visible(&timing.told()));
    }
    summary(&mut page, suite, style);
    page
}

fn line(page: &mut String, suite: &Suite, family: Family, style: Style) {
    let own = suite.cases.iter().filter(|case| case.family == family);
    let counts = Counts::of_outcomes(own.map(|case| case.outcome));
    if counts.total() == 0 {
        return;
    }
    let (paint, word) = match (counts.broken, counts.unasked + counts.untested) {
        (0, 0) => (Paint::Green, "kept"),
        (0, _) => (Paint::Yellow, "unasked"),
        _ => (Paint::Red, "broken"),
    };
    let _ = writeln!(page, "{}{:<18}{}", style.paint(paint, &format!("{word:<9}")), family.title(), tally(counts));
}

fn tally(counts: Counts) -> String {
    let pairs = [(counts.broken, "broken"), (counts.unasked + counts.untested, "unasked"), (counts.kept, "kept")];
    let told: Vec<String> =
        pairs.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    told.join(", ")
}

fn broken(page: &mut String, case: &CaseRun, style: Style) {
    let _ = writeln!(page, "{} {}", style.outcome(case.outcome), style.paint(Paint::Bold, &visible(&case.name)));
    for finding in &case.findings {
        wrap(page, style, "  ", "  ", &visible(&finding.message));
    }
    wrap(page, style, "  sent    ", "          ", &visible(&case.sent));
    wrap(page, style, "  came    ", "          ", &visible(&came(case)));
    wrap(page, style, "  wanted  ", "          ", &visible(&case.wanted));
    page.push('\n');
}

fn unasked(page: &mut String, suite: &Suite, style: Style) {
    let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for case in suite.of(Outcome::Unasked) {
        reasons.entry(case.reason.as_deref().unwrap_or("no reason is known")).or_default().push(&case.name);
    }
    for (reason, cases) in reasons {
        let first = format!("{} ", style.outcome(Outcome::Unasked));
        wrap_painted(page, style, &first, 2, &visible(reason));
        wrap(page, style, "  ", "  ", &visible(&cases.join(", ")));
        page.push('\n');
    }
}

fn summary(page: &mut String, suite: &Suite, style: Style) {
    let left_out = match suite.not_applicable.len() {
        0 => String::new(),
        count => format!(", {count} do not apply"),
    };
    let _ = writeln!(
        page,
        "{}: {}{left_out}; {} requests in {} ms",
        style.outcome(suite.outcome()),
        tally(suite.counts()),
        suite.requests,
        suite.duration_ms + suite.flood_ms
    );
}
