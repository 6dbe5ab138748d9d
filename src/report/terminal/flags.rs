//! The flags on a terminal: a row a flag, a column an environment; then what contradicts itself, and what is not known.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::domain::flag::audit::{Audit, Finding, Level, Presence, Row, Seen};
use crate::domain::flag::sighting::Switch;
use crate::report::terminal::wrap::{wrap, wrap_painted};
use crate::report::terminal::{Paint, Style};
use crate::report::text::{shortened, visible};

/// Columns of one environment, its gap included, and of the readers.
const CELL: usize = 12;
const READERS: usize = 10;

/// Places that are shown of one flag.
const MOST_PLACES: usize = 5;

/// Draws what was found; `in_detail` shows of each flag where its value comes from and what keeps it on.
pub fn draw(audit: &Audit, in_detail: bool, style: Style) -> String {
    let mut page = String::new();
    let environments: Vec<&str> = audit
        .flags
        .first()
        .map(|row| row.environments.iter().map(|seen| seen.environment.as_str()).collect())
        .unwrap_or_default();
    // As many environments as fit beside a name; the others follow in a table of their own.
    let at_once = ((style.width() - 28 - READERS) / CELL).max(1);
    for environments in environments.chunks(at_once) {
        table(&mut page, audit, environments, style);
        page.push('\n');
    }
    if in_detail {
        for row in &audit.flags {
            detail(&mut page, row, style);
        }
    }
    level(&mut page, audit, Level::Contradiction, "contradictions", style);
    ghosts(&mut page, audit, style);
    level(&mut page, audit, Level::Unknown, "not known", style);
    level(&mut page, audit, Level::Note, "notes", style);
    summary(&mut page, audit, style);
    page
}

fn table(page: &mut String, audit: &Audit, environments: &[&str], style: Style) {
    let names = style.width() - READERS - CELL * environments.len();
    let mut head = format!("{:<names$}", "flag");
    for environment in environments {
        let _ = write!(head, "{:<CELL$}", shortened(&visible(environment), CELL - 1));
    }
    let _ = writeln!(page, "{}", style.paint(Paint::Bold, format!("{head}code").trim_end()));
    for row in &audit.flags {
        let mut line = format!("{:<names$}", shortened(&visible(&row.name), names - 1));
        for seen in row.environments.iter().filter(|seen| environments.contains(&seen.environment.as_str())) {
            line.push_str(&switch(&seen.effective, style));
        }
        let _ = writeln!(page, "{line}{}", row.readers.is.as_str());
    }
}

fn switch(switch: &Switch, style: Style) -> String {
    let (paint, word) = match switch {
        Switch::On => (Paint::Green, "on"),
        Switch::Off => (Paint::Blue, "off"),
        Switch::Unknown { .. } => (Paint::Yellow, "unknown"),
    };
    style.paint(paint, &format!("{word:<CELL$}"))
}

fn detail(page: &mut String, row: &Row, style: Style) {
    let _ = writeln!(page, "{}", style.paint(Paint::Bold, &visible(&row.name)));
    let owner = row.owner.as_deref().unwrap_or("nobody");
    let default = if row.default { "on" } else { "off" };
    let means = if row.on_means_mock { "; on means mock" } else { "" };
    wrap(page, style, "  ", "  ", &visible(&format!("owner {owner}, default {default}{means}")));
    if let Some(note) = &row.note {
        wrap(page, style, "  ", "  ", &visible(note));
    }
    for seen in &row.environments {
        environment(page, seen, style);
    }
    let places = &row.readers.code;
    for place in places.iter().take(MOST_PLACES) {
        wrap(page, style, "  code ", "       ", &visible(&place.to_string()));
    }
    if places.len() > MOST_PLACES {
        let _ = writeln!(page, "  code and {} places more", places.len() - MOST_PLACES);
    }
    for (name, place) in &row.readers.set {
        wrap(page, style, "  rollback: look at ", "    ", &visible(&format!("{name} in {place}")));
    }
    page.push('\n');
}

fn environment(page: &mut String, seen: &Seen, style: Style) {
    let head = format!("  {}: {}", seen.environment, seen.effective);
    wrap(page, style, "", "    ", &visible(&head));
    for store in &seen.stores {
        let sighting = &store.sighting;
        let mut text = format!("{}: {}", store.place, sighting.switch);
        for (word, value) in [("by", &sighting.by), ("variant", &sighting.variant)] {
            if let Some(value) = value {
                let _ = write!(text, ", {word} {value}");
            }
        }
        wrap(page, style, "    ", "      ", &visible(&text));
    }
    for parser in &seen.parsers {
        let by = parser.by.as_deref().unwrap_or("default");
        wrap(
            page,
            style,
            "    ",
            "      ",
            &visible(&format!("parser {}: {} ({by})", parser.parser, parser.switch.as_str())),
        );
    }
    for trace in seen.traces.iter().filter(|trace| trace.switch == Switch::On) {
        let text = format!("rollback: {} in {}", trace.name, trace.place);
        wrap(page, style, "    ", "      ", &visible(&text));
    }
    for needed in &seen.prerequisites {
        let word = match needed.state {
            Presence::There => "there",
            Presence::Missing => "missing",
            Presence::Unknown => "unknown",
            Presence::Later => "later",
        };
        let text = format!("needs {}: {word} ({})", needed.what, needed.detail);
        wrap(page, style, "    ", "      ", &visible(&text));
    }
}

/// Findings of one level: what is the same in several environments, or of several flags, is said once.
fn level(page: &mut String, audit: &Audit, level: Level, title: &str, style: Style) {
    let mut said: BTreeMap<(&str, &str), BTreeMap<&str, Vec<&str>>> = BTreeMap::new();
    for row in &audit.flags {
        for Finding { code, environment, text, .. } in row.findings.iter().filter(|finding| finding.level == level) {
            let of = said.entry((code.as_str(), text)).or_default().entry(&row.name).or_default();
            of.extend(environment.as_deref());
        }
    }
    if said.is_empty() {
        return;
    }
    let _ = writeln!(page, "{title}");
    let paint = match level {
        Level::Contradiction => Paint::Red,
        Level::Unknown => Paint::Yellow,
        Level::Note => Paint::Dim,
    };
    for ((code, text), flags) in said {
        let first = format!("  {} ", style.paint(paint, code));
        wrap_painted(page, style, &first, 4, &visible(text));
        let mut by_environments: BTreeMap<Vec<&str>, Vec<&str>> = BTreeMap::new();
        for (flag, environments) in flags {
            by_environments.entry(environments).or_default().push(flag);
        }
        for (environments, flags) in by_environments {
            let within =
                if environments.is_empty() { String::new() } else { format!(" in {}", environments.join(", ")) };
            wrap(page, style, "    ", "    ", &visible(&format!("{}{within}", flags.join(", "))));
        }
    }
    page.push('\n');
}

fn ghosts(page: &mut String, audit: &Audit, style: Style) {
    if audit.ghosts.is_empty() {
        return;
    }
    page.push_str("read, and declared nowhere\n");
    for ghost in &audit.ghosts {
        let places: Vec<String> = ghost.places.iter().take(MOST_PLACES).map(ToString::to_string).collect();
        let more = ghost.places.len().saturating_sub(MOST_PLACES);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let first = format!("  {} ", style.paint(Paint::Red, &visible(&ghost.name)));
        wrap_painted(page, style, &first, 4, &visible(&format!("{}{more}", places.join(", "))));
    }
    page.push('\n');
}

fn summary(page: &mut String, audit: &Audit, style: Style) {
    let sources = &audit.sources;
    if sources.trees.is_empty() {
        page.push_str("no source tree: name it with --source, or under `sources` in preflight.yaml\n");
    } else {
        let unread = if sources.whole { String::new() } else { format!(", {} not read", sources.unread.len().max(1)) };
        let _ = writeln!(page, "{} files of {} searched{unread}", sources.files, visible(&sources.trees.join(", ")));
        for unread in sources.unread.iter().take(MOST_PLACES) {
            wrap(page, style, "  not read: ", "    ", &visible(unread));
        }
    }
    let count = |level| audit.flags.iter().flat_map(|row| &row.findings).filter(|found| found.level == level).count();
    let contradictions = count(Level::Contradiction) + audit.ghosts.len();
    let (paint, word) = match audit.worst() {
        None => (Paint::Green, "known and consistent"),
        Some(Level::Contradiction) => (Paint::Red, "contradictory"),
        Some(_) => (Paint::Yellow, "not known"),
    };
    let _ = writeln!(
        page,
        "{}: {}, {}, {} unknown",
        style.paint(paint, word),
        plural(audit.flags.len(), "flag"),
        plural(contradictions, "contradiction"),
        count(Level::Unknown)
    );
}

fn plural(count: usize, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}
