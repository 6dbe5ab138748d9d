//! Durations, spans and sums in prose, and those that do not add up.

use std::ops::Range;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::domain::claim::block::Prose;
use crate::domain::claim::finding::Code;

/// A length of time as a text gives it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Duration {
    /// Minutes; a day has 8 hours, a week 40, a month 160 where they are work.
    pub minutes: f64,
    pub about: bool,
}

/// A calculation that is wrong by itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Slip {
    /// In the prose.
    pub range: Range<usize>,
    pub code: Code,
    pub actual: String,
}

const UNIT: &str = r"(minutes|minute|mins|min|hours|hour|hrs|hr|h|days|day|weeks|week|months|month)\b";

fn compiled(text: &str) -> Option<Regex> {
    Regex::new(&text.replace("UNIT", UNIT).replace("NUMBER", r"([0-9][0-9,]*(?:\.[0-9]+)?)")).ok()
}

static LENGTH: LazyLock<Option<Regex>> = LazyLock::new(|| compiled(r"(~|≈)?\s?NUMBER\s?UNIT"));
static SPAN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    compiled(
        r"\b([0-9]{1,2}):([0-9]{2})\s?(?:[-–—]|to)\s?([0-9]{1,2}):([0-9]{2})(?:\s?(?:UTC|GMT|Z))?\s?\((~|≈)?\s?NUMBER\s?UNIT\)",
    )
});
static EFFORT: LazyLock<Option<Regex>> =
    LazyLock::new(|| compiled(r"NUMBER\s?(?:hours|hrs|h)\b\**\s?\(((?:~|≈)?\s?[0-9][^()]*)\)"));
static EFFORT_PART: LazyLock<Option<Regex>> = LazyLock::new(|| {
    compiled(
        r"^(?:~|≈)?\s?NUMBER\s?(weeks|week|months|month)(?:\s?(?:/|for|with|by)\s?([0-9]+)\s?(?:FTEs?|people|persons?|engineers?))?",
    )
});
static SUM: LazyLock<Option<Regex>> = LazyLock::new(|| {
    compiled(r"NUMBER\s?([A-Za-z]+)?\**\s?\(((?:[0-9][0-9,.]*\s?[A-Za-z]*\s?\+\s?)+[0-9][0-9,.]*\s?[A-Za-z]*)\)")
});
static EQUATION: LazyLock<Option<Regex>> =
    LazyLock::new(|| compiled(r"((?:[0-9][0-9,]*(?:\.[0-9]+)?\s?\+\s?)+[0-9][0-9,]*(?:\.[0-9]+)?)\s?=\s?NUMBER"));

fn number(text: &str) -> Option<f64> {
    text.trim().trim_end_matches([',', '.']).replace(',', "").parse().ok()
}

fn minutes_of(unit: &str) -> f64 {
    match unit {
        "h" => 60.0,
        _ if unit.starts_with("min") => 1.0,
        _ if unit.starts_with('h') => 60.0,
        _ if unit.starts_with("day") => 8.0 * 60.0,
        _ if unit.starts_with("week") => 40.0 * 60.0,
        _ => 160.0 * 60.0,
    }
}

/// Every duration in a prose, outside code.
pub fn durations(prose: &Prose) -> Vec<(Range<usize>, Duration)> {
    let text = prose.text.as_str();
    if !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return Vec::new();
    }
    let hits = LENGTH.iter().flat_map(|pattern| pattern.captures_iter(text));
    hits.filter_map(|hit| {
        let value = hit.get(2)?;
        let free =
            !text[..value.start()].ends_with(|letter: char| letter.is_alphanumeric() || ".:-–/$".contains(letter));
        let range = value.start()..hit.get(0)?.end();
        let minutes = number(value.as_str())? * minutes_of(hit.get(3)?.as_str());
        (free && !prose.is_code(&range)).then_some((range, Duration { minutes, about: hit.get(1).is_some() }))
    })
    .collect()
}

type Pattern = LazyLock<Option<Regex>>;

type Check = fn(&Captures) -> Option<(Code, String)>;

/// Every calculation of a prose that is wrong by itself.
pub fn slips(prose: &Prose) -> Vec<Slip> {
    let text = prose.text.as_str();
    if !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return Vec::new();
    }
    // Each with the signs without which it cannot be there: most texts have none of them.
    let checks: [(&Pattern, Check, [char; 2]); 4] = [
        (&SPAN, span, [':', '(']),
        (&EFFORT, effort, ['h', '(']),
        (&SUM, sum, ['+', '(']),
        (&EQUATION, equation, ['+', '=']),
    ];
    let mut found = Vec::new();
    for (pattern, check, signs) in checks {
        if !signs.iter().all(|sign| text.contains(*sign)) {
            continue;
        }
        for hit in pattern.iter().flat_map(|pattern| pattern.captures_iter(text)) {
            let Some(range) = hit.get(0).map(|whole| whole.range()) else { continue };
            let free =
                !text[..range.start].ends_with(|letter: char| letter.is_alphanumeric() || ".,:$€+*×-".contains(letter));
            if free && !prose.is_code(&range) {
                found.extend(check(&hit).map(|(code, actual)| Slip { range, code, actual }));
            }
        }
    }
    found
}

fn group<'t>(hit: &Captures<'t>, index: usize) -> Option<&'t str> {
    hit.get(index).map(|found| found.as_str())
}

/// `21:40-21:52 UTC (12 minutes)`
fn span(hit: &Captures) -> Option<(Code, String)> {
    let clock = |hour, minute| Some(number(group(hit, hour)?)? * 60.0 + number(group(hit, minute)?)?);
    let (start, end) = (clock(1, 2)?, clock(3, 4)?);
    let length = if end >= start { end - start } else { end + 24.0 * 60.0 - start };
    let said = number(group(hit, 6)?)? * minutes_of(group(hit, 7)?);
    let most = if hit.get(5).is_some() { length / 5.0 + 5.0 } else { 1.0 };
    let wrong = (said - length).abs() > most && minutes_of(group(hit, 7)?) <= 60.0;
    wrong.then(|| (Code::DurationWrong, format!("from one to the other it is {}", told(length))))
}

/// `1,077 hours (~27 months / 1 FTE OR ~7 months / 4 FTEs)`
fn effort(hit: &Captures) -> Option<(Code, String)> {
    let hours = number(group(hit, 1)?)?;
    for part in group(hit, 2)?.split([',', ';']).flat_map(|part| part.split(" OR ")).flat_map(|part| part.split(" or "))
    {
        let Some(found) = EFFORT_PART.as_ref()?.captures(part.trim()) else { continue };
        let (Some(length), Some(unit)) = (group(&found, 1).and_then(number), group(&found, 2)) else { continue };
        let people = group(&found, 3).and_then(number).unwrap_or(1.0);
        if length * people <= 0.0 {
            continue;
        }
        let (each, least, most) = if unit.starts_with("week") { ("week", 20.0, 70.0) } else { ("month", 90.0, 250.0) };
        let share = hours / (length * people);
        if !(least..=most).contains(&share) {
            let weeks = hours / (40.0 * people);
            let them = if people > 1.0 { format!(" for {people:.0} people") } else { String::new() };
            let actual = format!(
                "that is {share:.0} hours a {each} for each person; at 40 hours a week it takes {weeks:.0} weeks{them}"
            );
            return Some((Code::DurationWrong, actual));
        }
    }
    None
}

/// `18 minutes (12 min + 6 min)`
fn sum(hit: &Captures) -> Option<(Code, String)> {
    let whole = number(group(hit, 1)?)?;
    let unit = |text: &str| {
        text.trim_start_matches(|letter: char| letter.is_ascii_digit() || ",. ".contains(letter)).to_owned()
    };
    let parts: Vec<&str> = group(hit, 3)?.split('+').map(str::trim).collect();
    // Without a word it may be the number of anything: a version, a chapter.
    let own = group(hit, 2)?;
    let known = |unit: &str| LENGTH.as_ref().is_some_and(|pattern| pattern.is_match(&format!("1 {unit}")));
    let factor = |unit: &str| if known(unit) { minutes_of(unit) } else { 1.0 };
    // Parts of another kind than the whole (`5 (3 + 2 optional)`) are still a sum; parts in another unit of time are converted.
    let total: f64 = parts
        .iter()
        .map(|part| {
            number(part.split(|letter: char| letter.is_alphabetic()).next()?).map(|value| value * factor(&unit(part)))
        })
        .sum::<Option<f64>>()?;
    let said = whole * factor(own);
    let mixed = known(own) != parts.iter().all(|part| known(&unit(part)));
    (!mixed && (total - said).abs() > 0.01 * said.abs().max(1.0))
        .then(|| (Code::SumWrong, format!("the parts add up to {}", plain(total / factor(own)))))
}

/// `134 + 106 = 240`
fn equation(hit: &Captures) -> Option<(Code, String)> {
    let total: f64 = group(hit, 1)?.split('+').map(number).sum::<Option<f64>>()?;
    let said = number(group(hit, 2)?)?;
    ((total - said).abs() > 0.005 * said.abs().max(1.0))
        .then(|| (Code::SumWrong, format!("the parts add up to {}", plain(total))))
}

/// `1 h 40 min`
pub fn told(minutes: f64) -> String {
    let (hours, rest) = ((minutes / 60.0).floor(), minutes % 60.0);
    match (hours > 0.0, rest >= 0.5) {
        (true, true) => format!("{hours:.0} h {rest:.0} min"),
        (true, false) => format!("{hours:.0} h"),
        _ => format!("{rest:.0} min"),
    }
}

/// A number without needless decimals.
pub fn plain(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::{durations, slips, told};
    use crate::domain::claim::block::Prose;

    fn prose(text: &str) -> Prose {
        let mut prose = Prose::default();
        prose.push(text, 0);
        prose
    }

    #[test]
    fn what_does_not_add_up_is_found_and_what_does_is_not() {
        for (text, expected) in [
            ("2025-10-11 21:40-21:52 UTC (12 minutes)", None),
            ("21:40-21:52 UTC (22 minutes)", Some("from one to the other it is 12 min")),
            ("23:50–00:10 (20 min)", None),
            ("18 minutes (12 min + 6 min)", None),
            ("20 minutes (12 min + 6 min)", Some("the parts add up to 18")),
            ("2 hours (90 min + 30 min)", None),
            ("134 + 106 + 400 + 416 = 1,077", Some("the parts add up to 1056")),
            ("134+106 = 240", None),
            (
                "1,077 hours (~27 months / 1 FTE OR ~7 months / 4 FTEs)",
                Some("that is 40 hours a month for each person; at 40 hours a week it takes 27 weeks"),
            ),
            ("~134 hours (~3.5 weeks)", None),
            ("~400 hours (~2.5 months)", None),
            ("5 documents (3 + 2)", None),
            ("6 documents (3 + 2)", Some("the parts add up to 5")),
            ("version 1.2 (3 + 4)", None),
        ] {
            let found: Vec<String> = slips(&prose(text)).into_iter().map(|slip| slip.actual).collect();
            assert_eq!(found, expected.into_iter().collect::<Vec<_>>(), "{text}");
        }
    }

    #[test]
    fn durations_are_minutes() {
        let found: Vec<f64> = durations(&prose("~4.5 hours, 45 min, (31h), 2 weeks, 1-2 hours, 300ms"))
            .into_iter()
            .map(|(_, duration)| duration.minutes)
            .collect();
        assert_eq!(found, [270.0, 45.0, 31.0 * 60.0, 80.0 * 60.0]);
        assert_eq!([told(100.0), told(60.0), told(12.0)], ["1 h 40 min", "1 h", "12 min"]);
    }
}
