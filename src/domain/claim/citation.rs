//! Files that a text cites: as a link, as evidence, in passing, or as something that is yet to be made.

mod words;

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::domain::claim::block::{Block, Kind, Prose};
use crate::domain::claim::citation::words::{DONE, ENDINGS, LABELS, MEDIA, NOT_YET, PLAIN_ENDINGS, TO_DO, holds};
use crate::domain::claim::date::stamp;
use crate::domain::claim::figure::number;

/// What the text says of the file.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Manner {
    /// It is to be made, or a program makes it: nobody says that it is there.
    Planned,
    /// It is mentioned.
    Mention,
    /// It shows that something was done.
    Evidence,
    /// A link leads to it.
    Link,
}

/// A count of lines beside a path: `(550 lines)`, `(420+ lines)`, `(~300 lines)`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Extent {
    pub lines: u64,
    pub at_least: bool,
    pub about: bool,
}

impl Extent {
    /// Tells whether a file of so many lines is one of this extent.
    pub fn fits(self, actual: u64) -> bool {
        if self.at_least {
            actual >= self.lines
        } else if self.about {
            actual.abs_diff(self.lines) * 10 <= self.lines
        } else {
            // Whether a last line without an end counts is a matter of taste.
            actual.abs_diff(self.lines) <= 1
        }
    }

    /// Tells whether one file can be of both.
    pub fn agrees(self, other: Self) -> bool {
        match (self.at_least, other.at_least) {
            (true, true) => true,
            (true, false) => self.fits(other.lines) || other.about && other.fits(self.lines),
            (false, true) => other.fits(self.lines) || self.about && self.fits(other.lines),
            (false, false) => self.fits(other.lines) || other.fits(self.lines),
        }
    }
}

/// One path in a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Citation {
    /// In the prose.
    pub range: Range<usize>,
    /// As it is written, without line number and fragment; a folder ends with `/`.
    pub path: String,
    pub manner: Manner,
    /// The line that is pointed at (`x.md:28`).
    pub line: Option<u64>,
    pub extent: Option<Extent>,
    /// SHA-256 (hex) that stands beside it.
    pub digest: Option<String>,
}

static LINES: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^[`'\x22*_)\]]*\s*[(:–—,-]?\s*(~)?([0-9][0-9,]*)(\+)?\s+(?:total\s+)?lines\b").ok());
static DIGEST: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)\bsha-?256\b[^0-9a-f\n]{0,4}([0-9a-f]{64})\b").ok());

/// Every path that a block cites, in its order.
pub fn citations(block: &Block) -> Vec<Citation> {
    let prose = &block.prose;
    let mut found: Vec<Citation> = Vec::new();
    for link in &prose.links {
        if let Some((path, line)) = link_target(&link.target) {
            found.push(cited(block, link.range.clone(), path, line, Manner::Link));
        }
    }
    let linked = |range: &Range<usize>| {
        prose.links.iter().any(|link| link.range.start <= range.start && range.end <= link.range.end)
    };
    for code in prose.codes.iter().filter(|code| !linked(code)) {
        if let Some((path, line)) = path_of(&prose.text[code.clone()], true) {
            let manner = manner(block, code, &path, line);
            found.push(cited(block, code.clone(), path, line, manner));
        }
    }
    for range in words(&prose.text) {
        if prose.is_code(&range)
            || linked(&range)
            || prose.codes.iter().any(|code| code.start < range.end && range.start < code.end)
        {
            continue;
        }
        if let Some((path, line)) = path_of(&prose.text[range.clone()], false) {
            let manner = manner(block, &range, &path, line);
            found.push(cited(block, range, path, line, manner));
        }
    }
    found.sort_by_key(|citation| citation.range.start);
    found
}

fn cited(block: &Block, range: Range<usize>, path: String, line: Option<u64>, manner: Manner) -> Citation {
    let text = &block.prose.text;
    let whole = block.prose.line(range.start);
    let rest = &text[range.end..whole.end.max(range.end)];
    let extent = LINES.as_ref().and_then(|pattern| pattern.captures(rest)).and_then(|hit| {
        Some(Extent {
            lines: number(hit.get(2)?.as_str())?,
            at_least: hit.get(3).is_some(),
            about: hit.get(1).is_some(),
        })
    });
    let digest = DIGEST
        .as_ref()
        .and_then(|pattern| pattern.captures(rest))
        .and_then(|hit| Some(hit.get(1)?.as_str().to_lowercase()));
    Citation { range, path, manner, line, extent, digest }
}

/// The words of a text, without the punctuation around them.
fn words(text: &str) -> impl Iterator<Item = Range<usize>> {
    let base = text.as_ptr() as usize;
    text.split([' ', '\n', '\t', '|', ',', ';', '"', '“', '”', '(', ')', '[', ']']).filter_map(move |word| {
        if !word.contains(['.', '/']) || word.len() < 4 {
            return None;
        }
        let start = word.as_ptr() as usize - base;
        let trimmed = word.trim_start_matches(['*', '_', '\'', '‘', '~']);
        let start = start + word.len() - trimmed.len();
        let trimmed = trimmed.trim_end_matches(['.', ':', '!', '?', '*', '\'', '’', '…']);
        Some(start..start + trimmed.len())
    })
}

fn link_target(target: &str) -> Option<(String, Option<u64>)> {
    let path = target.split(['#', '?']).next().unwrap_or_default();
    if path.is_empty() || path.starts_with("//") || path.contains(['<', '>', '{', '}', '*', '$']) {
        return None;
    }
    // A scheme: two letters at the least, so that no drive is one.
    if path.split_once(':').is_some_and(|(scheme, _)| {
        scheme.len() > 1 && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'+')
    }) {
        return None;
    }
    let fragment = target.split_once('#').map_or("", |(_, fragment)| fragment);
    let line = fragment.strip_prefix('L').and_then(|digits| digits.split('-').next()?.parse().ok());
    Some((path.replace("%20", " "), line))
}

/// The path that a word is, and the line that it points at.
fn path_of(word: &str, code: bool) -> Option<(String, Option<u64>)> {
    let word = word.trim();
    if word.len() > 300
        || word.starts_with(['/', '@', '~', '-', '+', '!'])
        || word.contains("://")
        || word.contains("//")
        || word.contains("...")
    {
        return None;
    }
    let (word, fragment) = word.split_once('#').map_or((word, None), |(path, fragment)| (path, Some(fragment)));
    let (path, line) = match word.rsplit_once(':') {
        Some((path, lines)) if lines.starts_with(|digit: char| digit.is_ascii_digit()) && path.contains('.') => {
            (path, lines.split('-').next()?.parse().ok())
        }
        _ => (word, None),
    };
    let line = line.or_else(|| fragment?.strip_prefix('L')?.split('-').next()?.parse().ok());
    let plain = |letter: char| letter.is_alphanumeric() || "_-.+/@=,:".contains(letter);
    if path.is_empty() || !path.chars().all(plain) || is_placeholder(path) {
        return None;
    }
    let parts: Vec<&str> = path.split('/').collect();
    let (last, above) = parts.split_last()?;
    if above.iter().any(|part| part.is_empty())
        || above.first().is_some_and(|first| is_host(first) || holds(MEDIA, first))
    {
        return None;
    }
    let fits = if last.is_empty() {
        above.len() > 1 && path.starts_with(|letter: char| letter.is_ascii_lowercase() || letter == '.')
    } else {
        let (stem, ending) = last.rsplit_once('.')?;
        let ending = ending.to_lowercase();
        let known = if above.is_empty() && !code {
            holds(PLAIN_ENDINGS, ending.as_str())
        } else {
            holds(ENDINGS, ending.as_str())
        };
        known && !(stem.is_empty() && above.is_empty()) && !stem.ends_with('.')
    };
    fits.then(|| (path.to_owned(), line))
}

/// A path that shows only what a path looks like.
fn is_placeholder(path: &str) -> bool {
    const SIGNS: [&str; 4] = ["YYYY", "XXX", "path/to", "NAME"];
    path.split(['/', '.', '-', '_']).any(|part| SIGNS.contains(&part)) || path.contains("path/to/")
}

/// `hotdash-staging.fly.dev` of `hotdash-staging.fly.dev/app`, not `..` and not `.github`.
fn is_host(part: &str) -> bool {
    part.contains('.')
        && !part.starts_with('.')
        && part
            .rsplit('.')
            .next()
            .is_some_and(|end| end.len() > 1 && end.bytes().all(|byte| byte.is_ascii_alphabetic()))
}

/// A file of the kind that shows something, by its folder, its ending or the time in its name.
pub fn is_evidence(path: &str) -> bool {
    const FOLDERS: [&str; 8] =
        ["artifacts", "artefacts", "evidence", "test-results", "screenshots", "logs", "transcripts", "records"];
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
    path.split('/').rev().skip(1).any(|folder| FOLDERS.contains(&folder))
        || ["log", "jsonl", "ndjson", "har", "tap"].contains(&ending)
        || stamp(path).is_some() && ["json", "xml", "png", "html", "csv"].contains(&ending)
}

/// Source code is mentioned more often than it is shown.
pub fn is_source(path: &str) -> bool {
    const SOURCES: [&str; 17] = [
        "ts", "tsx", "js", "mjs", "cjs", "jsx", "sh", "py", "rs", "go", "rb", "java", "kt", "feature", "sql", "css",
        "prisma",
    ];
    path.rsplit_once('.').is_some_and(|(_, ending)| SOURCES.contains(&ending))
}

fn manner(block: &Block, range: &Range<usize>, path: &str, line: Option<u64>) -> Manner {
    let whole = block.prose.line(range.start);
    let text = &block.prose.text;
    let before = text[whole.start..range.start].to_lowercase();
    let sentence = before.rsplit(';').next().unwrap_or_default();
    let label = before
        .rsplit_once(':')
        .map_or("", |(label, _)| label)
        .rsplit(['.', '(', '*'])
        .next()
        .unwrap_or_default()
        .trim();
    let last_label = label.split_whitespace().next_back().unwrap_or_default();
    if holds(LABELS, label) || holds(LABELS, last_label) {
        return Manner::Evidence;
    }
    let words: Vec<&str> = words_of(sentence).collect();
    let first = |text: &str| words_of(text).next().is_some_and(|word| holds(TO_DO, word));
    let at = |list: &str| words.iter().rposition(|word| holds(list, word));
    // The nearer word says more: `Prepared a plan: once it arrives, capture evidence in …`.
    let (done, not_yet) = (at(DONE), at(NOT_YET));
    let open = matches!(block.kind, Kind::Item { checked: Some(false), .. });
    let told =
        ["touched", "allowed", "expected", "planned", "next", "todo"].iter().any(|word| words.first() == Some(word));
    if open
        || first(sentence)
        || first(&before)
        || told
        || not_yet.is_some_and(|at| done.is_none_or(|done| done < at))
        || denied(text, range)
    {
        Manner::Planned
    } else if (done.is_some() && line.is_none() && !is_source(path))
        || (is_evidence(path) && stamp(path).is_some() && line.is_none())
    {
        Manner::Evidence
    } else {
        Manner::Mention
    }
}

fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !(letter.is_alphanumeric() || letter == '-'))
        .filter(|word| !word.is_empty() && *word != "-")
}

/// The text says itself that the file is not there: `… was never committed`.
fn denied(text: &str, range: &Range<usize>) -> bool {
    const DENIALS: [&str; 12] = [
        "never",
        "not",
        "missing",
        "absent",
        "gone",
        "deleted",
        "removed",
        "nowhere",
        "nonexistent",
        "dangling",
        "isn't",
        "doesn't",
    ];
    let rest: String = text[range.end..].chars().take(60).collect::<String>().to_lowercase();
    let clause = rest.split(['.', ';', '\n']).next().unwrap_or_default();
    clause.split(|letter: char| !(letter.is_alphanumeric() || letter == '\'')).any(|word| DENIALS.contains(&word))
}

/// Words of a line by which it speaks of what has happened.
pub fn tells_of_the_past(line: &str) -> bool {
    line.to_lowercase().split(|letter: char| !(letter.is_alphanumeric() || letter == '-')).any(|word| holds(DONE, word))
}

/// The prose of a line, for a message.
pub fn shown(prose: &Prose, range: &Range<usize>) -> String {
    prose.text[range.clone()].split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::{Extent, Manner, citations};
    use crate::domain::claim::markdown::blocks;

    fn cited(text: &str) -> Vec<(String, Manner)> {
        let mut found = Vec::new();
        blocks(text, &mut |block| found.extend(citations(&block)));
        found.into_iter().map(|citation| (citation.path, citation.manner)).collect()
    }

    #[test]
    fn a_cited_file_is_told_from_one_that_is_mentioned_or_planned() {
        for (text, path, manner) in [
            (
                "**Evidence**: artifacts/integrations/mcp-health/",
                "artifacts/integrations/mcp-health/",
                Manner::Evidence,
            ),
            ("**Document**: docs/a.md (145 lines)", "docs/a.md", Manner::Evidence),
            ("Captured the answer (`artifacts/x.log`)", "artifacts/x.log", Manner::Evidence),
            ("See [the guide](docs/guide.md#top)", "docs/guide.md", Manner::Link),
            ("See `docs/guide.md:24-27`.", "docs/guide.md", Manner::Mention),
            ("- North Star: `docs/NORTH_STAR.md`", "docs/NORTH_STAR.md", Manner::Mention),
            ("1. Implement `scripts/ops/check.mjs`", "scripts/ops/check.mjs", Manner::Planned),
            ("1. Call it; log JSON to `artifacts/2025-10-18/x.jsonl`", "artifacts/2025-10-18/x.jsonl", Manner::Planned),
            ("- [ ] attach `artifacts/x.json`", "artifacts/x.json", Manner::Planned),
            ("It writes `reports/readiness.html`", "reports/readiness.html", Manner::Planned),
            ("1. RATE_LIMITING_STRATEGY.md", "RATE_LIMITING_STRATEGY.md", Manner::Mention),
            ("| ready | `curl_2025-10-10T06-34-12Z.log` |", "curl_2025-10-10T06-34-12Z.log", Manner::Evidence),
        ] {
            assert_eq!(cited(text), [(path.to_owned(), manner)], "{text}");
        }
    }

    #[test]
    fn what_is_no_file_is_left() {
        for text in [
            "Shopify/Chatwoot/GA, CI/CD, 24/7 and and/or",
            "`GET /api/v1/accounts`",
            "`application/json`",
            "https://x.example/a.md and `https://x/a.md`",
            "Node.js and `$.data.ideas`",
            "[mail](mailto:a@b.example), [top](#top), [site](https://x.example)",
            "`features/<name>/*.feature`",
            "`hotdash.fly.dev/app.html`",
            "`@scope/pkg.json`",
            "version 1.2.3",
            "`${NAME}.json`",
            "```\nartifacts/x.log\n```",
        ] {
            assert_eq!(cited(text), [], "{text}");
        }
    }

    #[test]
    fn an_extent_agrees_with_what_it_can_be() {
        let extent = |lines, at_least, about| Extent { lines, at_least, about };
        for (one, other, agrees) in [
            (extent(145, false, false), extent(550, false, false), false),
            (extent(420, true, false), extent(700, false, false), true),
            (extent(700, true, false), extent(420, false, false), false),
            (extent(300, false, true), extent(310, false, false), true),
            (extent(600, true, false), extent(650, true, false), true),
        ] {
            assert_eq!((one.agrees(other), other.agrees(one)), (agrees, agrees), "{one:?} {other:?}");
        }
    }

    #[test]
    fn lines_and_digests_beside_a_path_are_read() {
        let mut found = Vec::new();
        let digest = "ab".repeat(32);
        blocks(&format!("- `a/b.md` (1,420+ lines)\n- Evidence: `a/c.log` sha256:{digest}\n"), &mut |block| {
            found.extend(citations(&block));
        });
        assert_eq!(found[0].extent, Some(Extent { lines: 1420, at_least: true, about: false }));
        assert_eq!(found[1].digest, Some(digest));
    }
}
