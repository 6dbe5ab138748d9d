//! What mutated answers showed, on a terminal: a score for each contract, and what nobody would notice.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::domain::proof::{Bite, Proof, Survivor, Why};
use crate::domain::record::Outcome;
use crate::report::digest::{number, percent};
use crate::report::terminal::wrap::wrap;
use crate::report::terminal::{Paint, Style};
use crate::report::text::one_line;

/// Groups of survivors that are listed of a contract; the record has all.
const MOST_GROUPS: usize = 12;

/// Survivors that are named of a group.
const MOST_OF_A_GROUP: usize = 4;

/// Scenarios and places that are listed of a contract; the record has all.
const MOST_OTHERS: usize = 8;

/// Each contract: its score, its scenarios that bite nothing, its survivors with the sentence that each lacks.
pub fn draw(proof: &Proof, style: Style) -> String {
    let mut page = String::new();
    for bite in &proof.bites {
        write_bite(&mut page, bite, proof.least, style);
    }
    if proof.bites.iter().all(|bite| bite.score.is_none()) {
        page.push_str("nothing was proven: no scenario was kept on a twin, or no answer could be mutated\n");
    }
    let _ = writeln!(
        page,
        "{} of {} done; {} has to be noticed ({})",
        proof.ran,
        number(usize::try_from(proof.planned).unwrap_or(usize::MAX), "run"),
        percent(proof.least),
        one_line(&proof.least_by)
    );
    if proof.ran < proof.planned || !proof.only.is_empty() {
        let told = "only part was tried: it shows what survives, and proves nothing";
        let _ = writeln!(page, "{}", style.paint(Paint::Yellow, told));
    }
    page
}

fn write_bite(page: &mut String, bite: &Bite, least: f64, style: Style) {
    let outcome = bite.outcome(least);
    let score = bite.score.map_or_else(|| "nothing proven".to_owned(), |score| format!("notices {}", percent(score)));
    let paint = match outcome {
        Outcome::Kept => Paint::Green,
        Outcome::Broken => Paint::Red,
        Outcome::Unasked | Outcome::Untested => Paint::Yellow,
    };
    let tally = bite.tally;
    let _ = writeln!(
        page,
        "{}: {} · {} noticed, {} survived, {} unpromised · {} of {}",
        style.paint(Paint::Bold, bite.integration.as_str()),
        style.paint(paint, &score),
        tally.noticed,
        tally.survived,
        tally.unpromised,
        number(usize::try_from(bite.ran).unwrap_or(usize::MAX), "run"),
        number(bite.scenarios.len(), "scenario"),
    );
    for unproven in bite.unproven.iter().take(MOST_OTHERS) {
        let reason = unproven.reason.as_deref().unwrap_or_default();
        let text = format!("{} {} {}", unproven.place, unproven.outcome.as_str(), one_line(reason));
        wrap(page, style, "  not proven: ", "    ", &text);
    }
    more(page, bite.unproven.len(), MOST_OTHERS, "scenarios that were not kept");
    for scenario in bite.vacuous().take(MOST_OTHERS) {
        let text = format!("{} {}", scenario.place, one_line(&scenario.name));
        wrap(page, style, "  vacuous (it notices nothing): ", "    ", &text);
    }
    more(page, bite.vacuous().count(), MOST_OTHERS, "vacuous scenarios");
    for group in bite.duplicates.iter().take(MOST_OTHERS) {
        let places: Vec<String> = group.iter().map(ToString::to_string).collect();
        wrap(page, style, "  duplicates (they notice the same): ", "    ", &places.join(" "));
    }
    more(page, bite.duplicates.len(), MOST_OTHERS, "groups of duplicates");
    for selfsame in bite.selfsame.iter().take(MOST_OTHERS) {
        let text = format!("{}:{} {}", selfsame.place.file, selfsame.line, one_line(&selfsame.fixture));
        wrap(page, style, "  compares the twin with what it was given: ", "    ", &text);
    }
    more(page, bite.selfsame.len(), MOST_OTHERS, "such comparisons");
    let groups = groups(bite);
    for group in groups.iter().take(MOST_GROUPS) {
        write_group(page, group, style);
    }
    let told: usize = groups.iter().take(MOST_GROUPS).map(Vec::len).sum();
    more(page, bite.survivors.len(), told, "survivors");
    page.push('\n');
}

/// Survivors of one answer that live for one reason.
fn groups(bite: &Bite) -> Vec<Vec<&Survivor>> {
    let mut groups: BTreeMap<(&str, &str, Why), Vec<&Survivor>> = BTreeMap::new();
    for survivor in &bite.survivors {
        groups.entry((&survivor.operation, &survivor.status, survivor.why)).or_default().push(survivor);
    }
    groups.into_values().collect()
}

fn write_group(page: &mut String, group: &[&Survivor], style: Style) {
    let Some(first) = group.first() else { return };
    let shown: Vec<String> = group.iter().take(MOST_OF_A_GROUP).map(|it| one_line(&it.mutation.to_string())).collect();
    let more =
        if group.len() > shown.len() { format!(" and {} more", group.len() - shown.len()) } else { String::new() };
    let text =
        format!("{} {}: {}{more}: {}", one_line(&first.operation), first.status, shown.join(", "), first.why.as_str());
    wrap(page, style, "  survived: ", "    ", &text);
    let mut sentences: Vec<&str> = group.iter().take(MOST_OF_A_GROUP).map(|it| it.sentence.as_str()).collect();
    sentences.dedup();
    for sentence in sentences {
        wrap(page, style, "    would be noticed by: ", "      ", &format!("Then {}", one_line(sentence)));
    }
}

fn more(page: &mut String, all: usize, shown: usize, what: &str) {
    if all > shown {
        let _ = writeln!(page, "  … and {} more {what}; the record has all", all - shown);
    }
}
