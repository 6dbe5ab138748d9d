//! A long feature, parsed a page at a time: the parser looks through all lines before at every line, so one long text takes the square of its length.

use std::collections::BTreeMap;

use gherkin::{Background, Feature, GherkinEnv, LineCol, ParseError, Scenario, Step};

use crate::adapter::lanes;

/// Lines of a page; a text of fewer is parsed as it is.
const PAGE: usize = 1_000;

/// Beginnings of lines that are asked whether they are keywords; more are prose.
const BEGINNINGS: usize = 64;

/// Parses a feature; its outlines are not opened. Its positions are those in the text, its spans (in bytes) need not be.
///
/// # Errors
/// What the parser says of the whole text.
pub fn parse(text: &str) -> Result<Feature, ParseError> {
    paged(text, PAGE).map_or_else(|| whole(text), Ok)
}

fn whole(text: &str) -> Result<Feature, ParseError> {
    Feature::parse(text, GherkinEnv::default())
}

/// The feature, where the text has more than a page and each page can be read alone.
fn paged(text: &str, lines: usize) -> Option<Feature> {
    text.lines().nth(lines)?;
    let head = Head::of(text)?;
    let parts = lanes::each(cut(text, lines, &head)?, |page| page.read(&head));
    let mut parts = parts.into_iter();
    let mut feature = parts.next()??.feature;
    for part in parts {
        part?.join(&mut feature)?;
    }
    Some(feature)
}

/// What stands above every page but the first.
struct Head {
    /// The language and a line that begins a feature.
    feature: String,
    /// The word for a rule, where the text has one.
    rule: Option<String>,
}

impl Head {
    fn of(text: &str) -> Option<Self> {
        let language = text.lines().map(str::trim).find(|line| !line.is_empty()).filter(|line| is_language(line));
        let language = language.map(|line| format!("{line}\n")).unwrap_or_default();
        let word = beginnings(text).find(|word| whole(&format!("{language}{word}: f\n")).is_ok())?;
        let feature = format!("{language}{word}: f\n");
        let rule = beginnings(text).find(|word| begins(&feature, word) == Some(Section::Rule)).map(str::to_owned);
        Some(Self { feature, rule })
    }
}

fn is_language(line: &str) -> bool {
    line.strip_prefix('#').is_some_and(|rest| rest.trim_start().starts_with("language"))
}

/// What stands before the first `:` of each line, the first few of them.
fn beginnings(text: &str) -> impl Iterator<Item = &str> {
    let mut seen = Vec::new();
    text.lines().filter_map(beginning).filter(move |word| {
        let new = seen.len() < BEGINNINGS && !seen.contains(word);
        if new {
            seen.push(*word);
        }
        new
    })
}

fn beginning(line: &str) -> Option<&str> {
    let (word, _) = line.trim_start().split_once(':')?;
    word.chars().next().is_some_and(char::is_alphabetic).then_some(word)
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Section {
    Scenario,
    Rule,
}

/// What a word begins, in the language of the text: the parser itself is asked.
fn begins(feature: &str, word: &str) -> Option<Section> {
    let read = whole(&format!("{feature}{word}: x\n")).ok()?;
    if read.scenarios.len() == 1 { Some(Section::Scenario) } else { (read.rules.len() == 1).then_some(Section::Rule) }
}

/// Some sections of a feature.
struct Page<'a> {
    text: &'a str,
    /// Lines before it.
    line: usize,
    /// It begins in the middle of a rule.
    rule: bool,
}

impl Page<'_> {
    fn read(self, head: &Head) -> Option<Part> {
        let prefix = match (self.line, self.rule) {
            (0, _) => String::new(),
            (_, false) => head.feature.clone(),
            (_, true) => format!("{}{}: r\n", head.feature, head.rule.as_ref()?),
        };
        let feature = whole(&format!("{prefix}{}", self.text)).ok()?;
        Some(Part { feature, rule: self.rule, shift: Shift { above: prefix.lines().count(), before: self.line } })
    }
}

/// A page that was read.
struct Part {
    feature: Feature,
    rule: bool,
    shift: Shift,
}

/// Pages of at least so many lines, each but the first beginning with a scenario or a rule; None for a text of one page.
fn cut<'a>(text: &'a str, lines: usize, head: &Head) -> Option<Vec<Page<'a>>> {
    let words: BTreeMap<&str, Section> =
        beginnings(text).filter_map(|word| Some((word, begins(&head.feature, word)?))).collect();
    let mut pages = vec![Page { text, line: 0, rule: false }];
    let (mut begun, mut byte, mut in_rule, mut quote) = (0, 0, false, None);
    // Where the tags and comments above a section begin.
    let mut above = None;
    for (line, content) in text.split_inclusive('\n').enumerate() {
        let trimmed = content.trim();
        let outside = quote.is_none();
        quote = quoted(quote, trimmed);
        let start = byte;
        byte += content.len();
        if !outside || quote.is_some() {
            above = None;
            continue;
        }
        if trimmed.starts_with(['@', '#']) {
            above.get_or_insert((line, start));
        }
        if trimmed.is_empty() || trimmed.starts_with(['@', '#']) {
            continue;
        }
        let (first, from) = above.take().unwrap_or((line, start));
        let Some(section) = beginning(content).and_then(|word| words.get(word)) else { continue };
        let rule = in_rule && *section == Section::Scenario;
        in_rule |= *section == Section::Rule;
        let page = pages.last_mut()?;
        if first - page.line >= lines {
            page.text = text.get(begun..from)?;
            pages.push(Page { text: text.get(from..)?, line: first, rule });
            begun = from;
        }
    }
    (pages.len() > 1).then_some(pages)
}

/// The quotes that a doc string still waits for after a line.
fn quoted(open: Option<&'static str>, line: &str) -> Option<&'static str> {
    if let Some(quotes) = open {
        return (!line.contains(quotes)).then_some(quotes);
    }
    let quotes = ["\"\"\"", "```"].into_iter().find(|quotes| line.starts_with(quotes))?;
    (!line[quotes.len()..].contains(quotes)).then_some(quotes)
}

impl Part {
    /// Puts its sections behind those before.
    fn join(mut self, feature: &mut Feature) -> Option<()> {
        let shift = self.shift;
        self.feature.scenarios.iter_mut().for_each(|scenario| shift.scenario(scenario));
        for rule in &mut self.feature.rules {
            shift.place(&mut rule.position);
            rule.background.iter_mut().for_each(|background| shift.background(background));
            rule.scenarios.iter_mut().for_each(|scenario| shift.scenario(scenario));
        }
        let mut rules = self.feature.rules.into_iter();
        if self.rule {
            let (rest, begun) = (rules.next()?, feature.rules.last_mut()?);
            begun.scenarios.extend(rest.scenarios);
        }
        feature.scenarios.extend(self.feature.scenarios);
        feature.rules.extend(rules);
        Some(())
    }
}

/// From places on a page to places in the text.
#[derive(Clone, Copy)]
struct Shift {
    /// Lines that were put above the page.
    above: usize,
    /// Lines of the text before it.
    before: usize,
}

impl Shift {
    fn place(self, position: &mut LineCol) {
        position.line = (position.line + self.before).saturating_sub(self.above);
    }

    fn background(self, background: &mut Background) {
        self.place(&mut background.position);
        background.steps.iter_mut().for_each(|step| self.step(step));
    }

    fn scenario(self, scenario: &mut Scenario) {
        self.place(&mut scenario.position);
        scenario.steps.iter_mut().for_each(|step| self.step(step));
        for examples in &mut scenario.examples {
            self.place(&mut examples.position);
            examples.table.iter_mut().for_each(|table| self.place(&mut table.position));
        }
    }

    fn step(self, step: &mut Step) {
        self.place(&mut step.position);
        step.table.iter_mut().for_each(|table| self.place(&mut table.position));
    }
}

#[cfg(test)]
mod tests {
    use gherkin::{Feature, ParseError};
    use regex::Regex;

    use super::{PAGE, paged, parse, whole};

    /// All of a feature but its spans.
    fn told(feature: &Feature) -> String {
        let spans = Regex::new(r"Span \{[^}]*\}").unwrap();
        spans.replace_all(&format!("{feature:?}"), "").replace("}, ", "},\n")
    }

    const PIECES: [&str; 9] = [
        "  Scenario: a\n    When I GET \"/\"\n    Then the status is 200\n\n",
        "  @one @two\n  # why\n  Scenario: tagged\n    When I GET \"/\"\n",
        "  @one\n\n  @two\n  Scenario: tags apart\n    * x\n",
        "  Scenario Outline: b <p>\n    When I GET \"<p>\"\n\n    @t\n    Examples: some\n      | p |\n      | Scenario: 1 |\n",
        "  Scenario: quoted\n    Given x\n      \"\"\"json\n      Scenario: no scenario\n      @tag\n      Scenario: nor this\n      \"\"\"\n    Then y\n",
        "  Scenario: described\n    In words: of its own.\n    Given t\n      | a | b |\n      | ``` | c |\n",
        "  Rule: r\n    Words of the rule\n    Background:\n      Given z\n\n    Scenario: in the rule\n      When w\n",
        "# a comment\n\n",
        "  Example: c\n    Given ümläut\n      ```\n      \"\"\"\n      ```\n",
    ];

    /// Every order of pieces that a seed of numbers gives.
    fn text(head: &str, seeds: &[usize]) -> String {
        let pieces = seeds.iter().map(|seed| PIECES[seed % PIECES.len()]);
        std::iter::once(head).chain(pieces).collect()
    }

    proptest::proptest! {
        #[test]
        fn pages_say_what_the_whole_says(seeds in proptest::collection::vec(0_usize..9, 0..24), lines in 1_usize..30) {
            let text = text("@f\nFeature: f\n  Words.\n\n  Background:\n    Given b\n\n", &seeds);
            if let (Some(paged), Ok(whole)) = (paged(&text, lines), whole(&text)) {
                proptest::prop_assert_eq!(told(&paged), told(&whole));
            }
        }
    }

    #[test]
    fn a_text_of_all_pieces_is_read_in_pages() {
        let text = text("Feature: f\n", &[0, 1, 2, 3, 4, 5, 7, 8, 0, 6, 1, 4, 6, 3, 0]);
        for lines in 1..20 {
            assert_eq!(told(&paged(&text, lines).unwrap()), told(&whole(&text).unwrap()), "{lines}");
        }
    }

    #[test]
    fn another_language_has_its_own_words() {
        let text = "# language: de\nFunktionalität: f\n  Szenario: a\n    Wenn x\n  Szenario: b\n    Dann y\n  Regel: r\n    Szenario: c\n      Wenn z\n    Szenario: d\n      Wenn z\n";
        assert_eq!(told(&paged(text, 2).unwrap()), told(&whole(text).unwrap()));
    }

    #[test]
    fn what_is_wrong_on_a_page_is_said_of_the_whole() {
        let sound = "  Scenario: s\n    When x\n    Then y\n".repeat(PAGE / 3 + 1);
        let text = format!("Feature: f\n{sound}  Scenario: s\n    When x\n    nonsense\n");
        // What the parser expected there comes in any order.
        let place =
            |read: Result<Feature, ParseError>| read.unwrap_err().to_string().split('{').next().map(str::to_owned);
        assert_eq!(place(parse(&text)), place(whole(&text)));
    }
}
