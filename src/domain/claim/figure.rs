//! Counts of a whole: `7/8 (88 %)`, `31 of 36 tasks, 86 %`, `all 15 secrets`, `36 assigned, 31 completed, 2 blocked`.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::domain::claim::block::Prose;
use crate::domain::claim::mark::{DONE_WORDS, OPEN_WORDS};

/// A percentage as it is written.
#[derive(Clone, Debug, PartialEq)]
pub struct Percent {
    /// `88`, `86.1`
    pub text: String,
    pub value: f64,
    pub about: bool,
}

/// So many of so many.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// In the prose.
    pub range: Range<usize>,
    pub done: u64,
    pub of: u64,
    pub percent: Option<Percent>,
    /// The words behind it, in lower case.
    pub noun: String,
    /// A word of status, or a percentage, stands beside it: it says how far something is.
    pub status: bool,
    /// The words beside it say what is open, not what is done.
    pub counts_open: bool,
    /// `all 15`
    pub all: bool,
}

/// A whole and its named parts: `36 assigned, 31 completed (86 %), 2 blocked`.
#[derive(Clone, Debug, PartialEq)]
pub struct Parts {
    pub range: Range<usize>,
    pub total: u64,
    pub parts: Vec<(u64, String, Option<Percent>)>,
}

fn pattern(text: &str) -> Option<Regex> {
    Regex::new(text).ok()
}

static FRACTION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(r"([0-9][0-9,]{0,11})(?:( ?/ ?)|\s+(?:out\s+)?of\s+(?:the\s+|all\s+)?)([0-9][0-9,]{0,11})")
});
static ALL: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"\b(?:all|All|ALL)(?:\s+of)?(?:\s+the)?\s+([0-9][0-9,]{0,11})\s+[A-Za-z]"));
static PERCENT_AFTER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"^[^.;:|%()0-9\n]{0,40}?(?:\(|,|=|≈|:|–|—|-)?\s*(~|≈|about )?\s*([0-9]{1,3}(?:\.[0-9]+)?)\s?%([^\n]{0,24})",
    )
});
static PERCENT_BEFORE: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"(~|≈|about )?\s*([0-9]{1,3}(?:\.[0-9]+)?)\s?%\s?(?:\(|=|—|–|:)\s?$"));
static NAMED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"([0-9][0-9,]{0,11})\s+(?:[a-z]+\s+)?(assigned|total|in total|planned|completed|complete|done|finished|passed|passing|kept|failed|failing|blocked|skipped|pending|remaining|partial|open|broken|ignored|unasked|untested)\b(?:\s*\((~)?([0-9]{1,3}(?:\.[0-9]+)?)\s?%\))?",
    )
});

/// Every count of a whole in a prose, in its order.
pub fn figures(prose: &Prose) -> Vec<Figure> {
    let mut found = Vec::new();
    let text = prose.text.as_str();
    if !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return found;
    }
    let (split, all) =
        (text.contains('/') || text.contains("of"), ["all", "All", "ALL"].iter().any(|word| text.contains(word)));
    for hit in FRACTION.iter().filter(|_| split).flat_map(|pattern| pattern.captures_iter(text)) {
        let (Some(whole), Some(done), Some(of)) = (hit.get(0), hit.get(1), hit.get(3)) else { continue };
        let range = whole.range();
        if prose.is_code(&range) || !stands_alone(text, &range) {
            continue;
        }
        let (Some(done), Some(of)) = (number(done.as_str()), number(of.as_str())) else { continue };
        let slash = hit.get(2).is_some();
        if of == 0 || (slash && (done, of) == (24, 7)) {
            continue;
        }
        let figure = described(prose, range, done, of, false);
        if figure.status || (!slash && is_noun(&figure.noun)) {
            found.push(figure);
        }
    }
    for hit in ALL.iter().filter(|_| all).flat_map(|pattern| pattern.captures_iter(text)) {
        let (Some(whole), Some(count)) = (hit.get(0), hit.get(1)) else { continue };
        let range = whole.start()..count.end();
        let Some(count) = number(count.as_str()).filter(|count| *count > 0) else { continue };
        if !prose.is_code(&range)
            && !found.iter().any(|figure| figure.range.start < range.end && range.start < figure.range.end)
        {
            found.push(described(prose, range, count, count, true));
        }
    }
    found.sort_by_key(|figure| figure.range.start);
    found
}

fn described(prose: &Prose, range: Range<usize>, done: u64, of: u64, all: bool) -> Figure {
    let text = prose.text.as_str();
    let line = prose.line(range.start);
    let (percent, whole) = match (percent_after(&text[range.end..]), percent_before(&text[line.start..range.start])) {
        (Some((percent, length)), _) => (Some(percent), range.start..range.end + length),
        (None, Some((percent, start))) => {
            (Some(percent), line.start + start..closed(text, line.start + start..range.end))
        }
        _ => (None, range.clone()),
    };
    let after = clause_after(&text[range.end..line.end]);
    let before = clause_before(&text[line.start..range.start]);
    let words = |text: &str| {
        text.split(|letter: char| !letter.is_alphanumeric())
            .map(str::to_lowercase)
            .filter(|word| !word.is_empty())
            .collect::<Vec<_>>()
    };
    let (near, label) = (words(after), words(before));
    let near: Vec<&str> = near.iter().take(6).map(String::as_str).collect();
    let label: Vec<&str> = label.iter().rev().take(6).map(String::as_str).collect();
    let any = |list: &[&str]| near.iter().chain(&label).any(|word| list.contains(word));
    let open =
        near.iter().take(4).any(|word| OPEN_WORDS.contains(word)) && !near.iter().any(|word| DONE_WORDS.contains(word));
    let status = percent.is_some() || any(&DONE_WORDS) || any(&OPEN_WORDS);
    let noun = near.iter().take(3).copied().collect::<Vec<_>>().join(" ");
    Figure { range: whole, done, of, percent, noun, status, counts_open: open, all }
}

/// Up to the end of the clause.
fn clause_after(text: &str) -> &str {
    let end = text.find(['.', ';', '|', '\n']).unwrap_or(text.len());
    &text[..end]
}

fn clause_before(text: &str) -> &str {
    let start = text.rfind([';', '|', '\n', '.']).map_or(0, |at| at + 1);
    &text[start..]
}

/// What a share is usually a share of; `3 of 2026` is none.
fn is_noun(words: &str) -> bool {
    const NOUNS: [&str; 32] = [
        "scenarios",
        "tests",
        "tasks",
        "checks",
        "secrets",
        "services",
        "servers",
        "integrations",
        "vendors",
        "criteria",
        "categories",
        "items",
        "endpoints",
        "probes",
        "promises",
        "features",
        "contracts",
        "queries",
        "steps",
        "clients",
        "documents",
        "files",
        "artifacts",
        "gates",
        "suites",
        "cases",
        "assertions",
        "rows",
        "cells",
        "columns",
        "requirements",
        "deliverables",
    ];
    words.split(' ').any(|word| NOUNS.contains(&word))
}

/// Not a part of a date, a version, a path, a price or a longer number.
fn stands_alone(text: &str, range: &Range<usize>) -> bool {
    let before = text[..range.start].chars().next_back();
    let mut after = text[range.end..].chars();
    let (next, second) = (after.next(), after.next());
    let joined = |letter: char| letter.is_alphanumeric() || "_./:$€£-–+,#@<>≤≥".contains(letter);
    if before.is_some_and(joined) {
        return false;
    }
    match next {
        None => true,
        Some('%') => false,
        Some('.' | ',' | '-' | '–' | ':' | '/') => !second.is_some_and(char::is_alphanumeric),
        Some(letter) => !letter.is_alphanumeric() && letter != '_' && !(letter == ' ' && second == Some('%')),
    }
}

pub fn number(text: &str) -> Option<u64> {
    text.trim_end_matches(',').replace(',', "").parse().ok()
}

fn percent(text: &str, about: bool) -> Option<Percent> {
    Some(Percent { text: text.to_owned(), value: text.parse().ok()?, about })
}

/// The percentage, and where it ends.
fn percent_after(text: &str) -> Option<(Percent, usize)> {
    let hit = PERCENT_AFTER.as_ref()?.captures(text)?;
    let (value, rest) = (hit.get(2)?, hit.get(3)?);
    // `3 of 4 vendors, 99 % uptime`: a percentage with a noun of its own is of something else.
    let word: String = rest.as_str().trim_start().chars().take_while(|letter| letter.is_alphanumeric()).collect();
    let own = word.is_empty() || DONE_WORDS.contains(&word.to_lowercase().as_str()) || word == "of";
    let opened = text[..value.start()].contains('(');
    let end = rest.start() + usize::from(opened && rest.as_str().starts_with(')'));
    own.then(|| Some((percent(value.as_str(), hit.get(1).is_some())?, end))).flatten()
}

/// The end of a range, or that of the parenthesis that it opens.
fn closed(text: &str, range: Range<usize>) -> usize {
    let open = text[range.clone()].contains('(');
    let end =
        text[range.end..].char_indices().take(48).find(|(_, letter)| *letter == ')').map(|(at, _)| range.end + at + 1);
    end.filter(|end| open && !text[range.end..*end].contains('\n')).unwrap_or(range.end)
}

/// The percentage, and where it begins.
fn percent_before(line: &str) -> Option<(Percent, usize)> {
    let hit = PERCENT_BEFORE.as_ref()?.captures(line)?;
    let value = hit.get(2)?;
    Some((percent(value.as_str(), hit.get(1).is_some())?, value.start()))
}

impl Percent {
    /// Tells whether the share rounds, up or down, to what is written.
    pub fn is_of(&self, done: u64, of: u64) -> bool {
        let decimals = self.text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        let scale = 10_f64.powi(i32::try_from(decimals).unwrap_or(9));
        let (true_share, said) = (share(done, of) * scale, self.value * scale);
        if self.about {
            (true_share - said).abs() < 2.5
        } else {
            said > true_share.floor() - 0.01 && said < true_share.ceil() + 0.01
        }
    }
}

/// Percent.
pub fn share(done: u64, of: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "counts in documents are far below 2^52")]
    let (done, of) = (done as f64, of as f64);
    if of == 0.0 { 0.0 } else { done / of * 100.0 }
}

/// Words of a whole.
const TOTALS: [&str; 4] = ["assigned", "total", "in total", "planned"];

/// Wholes with named parts, one a line at most.
pub fn parts(prose: &Prose) -> Vec<Parts> {
    let mut found = Vec::new();
    if !prose.text.bytes().any(|byte| byte.is_ascii_digit()) {
        return found;
    }
    let mut start = 0;
    for line in prose.text.split_inclusive('\n') {
        let range = start..start + line.trim_end().len();
        start += line.len();
        if let Some(parts) = parts_of(&line.to_lowercase(), range) {
            found.push(parts);
        }
    }
    found
}

fn parts_of(line: &str, range: Range<usize>) -> Option<Parts> {
    TOTALS.iter().any(|word| line.contains(word)).then_some(())?;
    let mut total = None;
    let mut parts = Vec::new();
    for hit in NAMED.as_ref()?.captures_iter(line) {
        let (whole, value, word) = (hit.get(0)?, number(hit.get(1)?.as_str())?, hit.get(2)?.as_str());
        if line[..whole.start()]
            .chars()
            .next_back()
            .is_some_and(|letter| letter.is_alphanumeric() || "./-~$".contains(letter))
        {
            return None;
        }
        if TOTALS.contains(&word) {
            if total.replace(value).is_some() {
                return None;
            }
        } else {
            let share = hit.get(4).and_then(|value| percent(value.as_str(), hit.get(3).is_some()));
            if parts.iter().any(|(_, known, _): &(u64, String, Option<Percent>)| known == word) {
                return None;
            }
            parts.push((value, word.to_owned(), share));
        }
    }
    (parts.len() > 1).then_some(())?;
    Some(Parts { range, total: total?, parts })
}

#[cfg(test)]
mod tests {
    use super::{figures, parts};
    use crate::domain::claim::block::Prose;

    fn prose(text: &str) -> Prose {
        let mut prose = Prose::default();
        prose.push(text, 0);
        prose
    }

    #[test]
    fn a_count_of_a_whole_is_read_with_its_percentage() {
        for (text, expected) in [
            ("Tasks Completed: 7/8 (88%)", vec![(7, 8, Some("88"))]),
            ("Task Completion Rate: 88% (7/8)", vec![(7, 8, Some("88"))]),
            ("71% (5/7 categories complete)", vec![(5, 7, Some("71"))]),
            ("6/7 MCP servers healthy (86%)", vec![(6, 7, Some("86"))]),
            ("COMPLETE (31 of 36 tasks, 86%)", vec![(31, 36, Some("86"))]),
            ("7 of 7 (100%)", vec![(7, 7, Some("100"))]),
            ("149 of 149 scenarios pass", vec![(149, 149, None)]),
            ("1,056 of 1,077 tests passed, 98.1 %.", vec![(1056, 1077, Some("98.1"))]),
            ("3 of 4 vendors ready, 99.9 % uptime", vec![(3, 4, None)]),
            ("All 15 secrets are present", vec![(15, 15, None)]),
            ("4/4 healthy, 1/4 failing", vec![(4, 4, None), (1, 4, None)]),
        ] {
            let found: Vec<_> = figures(&prose(text))
                .into_iter()
                .map(|figure| (figure.done, figure.of, figure.percent.map(|percent| percent.text)))
                .collect();
            let expected: Vec<_> =
                expected.into_iter().map(|(done, of, percent)| (done, of, percent.map(str::to_owned))).collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_a_count_is_left() {
        for text in [
            "on 10/11/2025 it was ready",
            "open 24/7, ready",
            "GET /api/v1/2 is ready",
            "v1/2.5 done",
            "1/4 have retry logic",
            "TCP/IP",
            "3 of 2026",
            "a 16/9 screen",
            "1-2/3 done",
            "5 of 20 % done",
        ] {
            assert_eq!(figures(&prose(text)), [], "{text}");
        }
    }

    #[test]
    fn a_percentage_may_be_rounded_either_way() {
        let fits = |text: &str| figures(&prose(text)).remove(0).percent.map(|percent| percent.is_of(7, 8));
        for (text, right) in [
            ("7/8 (88%)", true),
            ("7/8 (87%)", true),
            ("7/8 (87.5%)", true),
            ("7/8 (89%)", false),
            ("7/8 (87.6%)", false),
            ("7/8 (~85%)", false),
            ("7/8 (~90%)", false),
            ("7/8 (~89%)", true),
        ] {
            assert_eq!(fits(text), Some(right), "{text}");
        }
    }

    #[test]
    fn a_whole_is_read_with_its_named_parts() {
        let found = parts(&prose("Total: 36 assigned, 31 completed (86%), 2 blocked on Engineer")).remove(0);
        let named: Vec<_> = found.parts.iter().map(|(value, word, _)| (*value, word.as_str())).collect();
        assert_eq!((found.total, named), (36, vec![(31, "completed"), (2, "blocked")]));
        assert_eq!(parts(&prose("31 completed, 2 blocked")), []);
        assert_eq!(parts(&prose("36 total")), []);
    }
}
