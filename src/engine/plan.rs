//! Features read into scenarios that can be run, and what is wrong with those that cannot.

use cucumber::feature::Ext as _;
use gherkin::{Background, Examples, Feature, LineCol, Scenario, Span, Step, StepType, Table};

use crate::adapter::contracts::{Contract, Source};
use crate::domain::contract::{Place, is_promise_id};
use crate::domain::finding::{Code, Finding};
use crate::domain::integration::Name;
use crate::domain::record::{Outcome, Unreadable};
use crate::engine::blame::blame;
use crate::engine::pages;
use crate::steps::sentence::Keyword;
use crate::steps::vocabulary::{Match, find, stub};

/// One scenario, ready to be run or known not to be.
#[derive(Clone)]
pub struct Planned {
    pub integration: Name,
    pub place: Place,
    pub feature: String,
    pub rule: Option<String>,
    pub scenario: Scenario,
    pub feature_background: Option<Background>,
    pub rule_background: Option<Background>,
    /// Feature's, rule's and scenario's, without `@`.
    pub tags: Vec<String>,
    pub promises: Vec<String>,
    /// Why it is not worth running.
    pub flaw: Option<Flaw>,
}

/// Something that makes a scenario's green worthless, seen without running it.
#[derive(Clone, Debug)]
pub struct Flaw {
    pub outcome: Outcome,
    pub reason: String,
    pub findings: Vec<Finding>,
}

/// Reads all features of a contract.
pub fn plan(contract: &Contract) -> (Vec<Planned>, Vec<Unreadable>) {
    let (mut planned, mut unreadable) = (Vec::new(), contract.unreadable.clone());
    for source in &contract.features {
        if is_blank(&source.text) {
            planned.push(hollow(&contract.name, source, "the feature is empty"));
            continue;
        }
        match read(source) {
            Ok(feature) => {
                let before = planned.len();
                planned.extend(scenarios(&contract.name, source, feature));
                if planned.len() == before {
                    planned.push(hollow(&contract.name, source, HOLDS_NONE));
                }
            }
            Err(problem) => unreadable.push(problem),
        }
    }
    (planned, unreadable)
}

const HOLDS_NONE: &str = "the feature holds no scenario, or a keyword is misspelled";

fn is_blank(text: &str) -> bool {
    text.lines().map(str::trim).all(|line| line.is_empty() || line.starts_with('#'))
}

/// Stands for a feature without scenarios, which would otherwise be silently green.
fn hollow(integration: &Name, source: &Source, reason: &str) -> Planned {
    let place = Place { file: source.path.clone(), line: 1 };
    let nothing = Span { start: 0, end: 0 };
    Planned {
        integration: integration.clone(),
        feature: String::new(),
        rule: None,
        scenario: Scenario {
            keyword: "Scenario".to_owned(),
            name: "(none)".to_owned(),
            description: None,
            steps: Vec::new(),
            examples: Vec::new(),
            tags: Vec::new(),
            span: nothing,
            position: LineCol { line: 1, col: 1 },
        },
        feature_background: None,
        rule_background: None,
        tags: Vec::new(),
        promises: Vec::new(),
        flaw: Some(Flaw {
            outcome: Outcome::Untested,
            reason: reason.to_owned(),
            findings: vec![Finding::new(Code::NoPromise, reason).at(place.clone())],
        }),
        place,
    }
}

/// Parses a feature and opens its outlines.
///
/// # Errors
/// Where and why it is no feature.
pub fn read(source: &Source) -> Result<Feature, Unreadable> {
    let at = |line, message: String| Unreadable { place: Place { file: source.path.clone(), line }, message };
    // The grammar wants a line break at the end of the file.
    let text = format!("{}\n", source.text);
    let mut feature = pages::parse(&text).map_err(|_| {
        let fault = blame(&source.text);
        let hint = fault.hint.map(|hint| format!(" ({hint})")).unwrap_or_default();
        at(fault.line, format!("{}{hint}", fault.message))
    })?;
    if let Some(line) = outline_without_rows(&feature) {
        return Err(at(line, "the Examples table has no rows, so the outline is no scenario".to_owned()));
    }
    feature.scenarios = portions(feature.scenarios);
    for rule in &mut feature.rules {
        rule.scenarios = portions(std::mem::take(&mut rule.scenarios));
    }
    feature
        .expand_examples()
        .map_err(|error| at(error.pos.line, format!("`<{}>` is no column of the Examples table", error.name)))
}

/// Rows with which an outline is opened at a time: opening it copies them all for each of them.
const PORTION: usize = 32;

/// The same scenarios, outlines of long tables as several with a part of the rows each.
fn portions(scenarios: Vec<Scenario>) -> Vec<Scenario> {
    let is_long = |examples: &Examples| examples.table.as_ref().is_some_and(|table| table.rows.len() > PORTION + 1);
    let split = |scenario: Scenario| {
        if !scenario.examples.iter().any(is_long) {
            return vec![scenario];
        }
        let outline = Scenario { examples: Vec::new(), ..scenario };
        let parts = scenario.examples.into_iter().flat_map(parts);
        parts.map(|part| Scenario { examples: vec![part], ..outline.clone() }).collect()
    };
    scenarios.into_iter().flat_map(split).collect()
}

/// A table in portions, each with the header and at the place where it would begin if it stood alone.
fn parts(mut examples: Examples) -> Vec<Examples> {
    let Some(table) = examples.table.take() else { return vec![examples] };
    let Some((header, rows)) = table.rows.split_first() else { return Vec::new() };
    let part = |(index, rows): (usize, &[Vec<String>])| {
        let mut part = examples.clone();
        part.position.line += index * PORTION;
        let rows = std::iter::once(header).chain(rows).cloned().collect();
        part.table = Some(Table { rows, span: table.span, position: table.position });
        part
    };
    rows.chunks(PORTION).enumerate().map(part).collect()
}

fn outline_without_rows(feature: &Feature) -> Option<usize> {
    let rules = feature.rules.iter().flat_map(|rule| &rule.scenarios);
    feature.scenarios.iter().chain(rules).find_map(|scenario| {
        scenario.examples.iter().find_map(|examples| {
            let rows = examples.table.as_ref().map_or(0, |table| table.rows.len());
            (rows < 2).then_some(examples.position.line)
        })
    })
}

fn scenarios(integration: &Name, source: &Source, feature: Feature) -> Vec<Planned> {
    let plain = feature.scenarios.into_iter().map(|scenario| (None, scenario));
    let ruled = feature.rules.into_iter().flat_map(|rule| {
        let scenarios = rule.scenarios.clone();
        scenarios.into_iter().map(move |scenario| (Some(rule.clone()), scenario))
    });
    plain
        .chain(ruled)
        .map(|(rule, scenario)| {
            let rule_tags = rule.as_ref().map(|rule| rule.tags.as_slice()).unwrap_or_default();
            let mut tags: Vec<String> = Vec::new();
            for tag in feature.tags.iter().chain(rule_tags).chain(&scenario.tags) {
                let tag = tag.trim_start_matches('@');
                if !tags.iter().any(|known| known == tag) {
                    tags.push(tag.to_owned());
                }
            }
            let rule_background = rule.as_ref().and_then(|rule| rule.background.clone());
            let background = [&feature.background, &rule_background].into_iter().flatten().flat_map(|b| &b.steps);
            let steps: Vec<&Step> = background.chain(&scenario.steps).collect();
            Planned {
                integration: integration.clone(),
                place: Place { file: source.path.clone(), line: scenario.position.line },
                feature: feature.name.clone(),
                rule: rule.map(|rule| rule.name),
                flaw: flaw(&source.path, &scenario, &steps),
                promises: tags.iter().filter(|tag| is_promise_id(tag)).cloned().collect(),
                tags,
                feature_background: feature.background.clone(),
                rule_background,
                scenario,
            }
        })
        .collect()
}

fn flaw(file: &str, scenario: &Scenario, steps: &[&Step]) -> Option<Flaw> {
    let findings: Vec<Finding> = steps.iter().filter_map(|step| unmatched(file, step)).collect();
    let untested = |code, reason: &str| {
        let place = Place { file: file.to_owned(), line: scenario.position.line };
        Some(Flaw {
            outcome: Outcome::Untested,
            reason: reason.to_owned(),
            findings: vec![Finding::new(code, reason).at(place)],
        })
    };
    if let Some(first) = findings.first() {
        return Some(Flaw { outcome: Outcome::Unasked, reason: first.message.clone(), findings });
    }
    if scenario.steps.is_empty() {
        return untested(Code::NoPromise, "the scenario has no steps");
    }
    if !steps.iter().any(|step| step.ty == StepType::Then) {
        return untested(Code::NoPromise, "the scenario has no Then: it promises nothing");
    }
    if !steps.iter().any(|step| step.ty == StepType::When) {
        return untested(Code::NoRequest, "the scenario has no When: it makes no request");
    }
    None
}

/// What the vocabulary has against a step.
pub fn unmatched(file: &str, step: &Step) -> Option<Finding> {
    let place = Place { file: file.to_owned(), line: step.position.line };
    let text = format!("{}{}", step.keyword, step.value);
    let finding = match find(step) {
        Match::One(_) => return None,
        Match::None(near) => {
            let near = near.map_or_else(String::new, |near| format!("; the nearest is `{near}`"));
            Finding::new(Code::UndefinedStep, format!("no sentence of the vocabulary is `{text}`{near}"))
                .expected("a sentence that `preflight steps` lists, or a new one:")
                .diff(stub(step))
        }
        Match::Many(sentences) => {
            Finding::new(Code::AmbiguousStep, format!("`{text}` is more than one sentence: {}", sentences.join(" / ")))
        }
        Match::Misplaced(sentence, keyword) => Finding::new(
            Code::UndefinedStep,
            format!("`{sentence}` stands after {}, not after {}", allowed(keyword), step.keyword.trim()),
        ),
        Match::Incomplete(_, what) => Finding::new(Code::BadStep, format!("`{text}` needs {what} below it")),
    };
    Some(finding.at(place))
}

fn allowed(keyword: Keyword) -> &'static str {
    match keyword {
        Keyword::Given => "Given or When",
        Keyword::When => "When",
        Keyword::Then => "Then",
    }
}

#[cfg(test)]
mod tests {
    use super::{Source, read, scenarios};
    use crate::domain::record::Outcome;

    fn source(text: &str) -> Source {
        Source { path: "features/x/a.feature".into(), text: text.into() }
    }

    fn flaw(body: &str) -> Option<(Outcome, String)> {
        let source = source(&format!("Feature: f\n  Scenario: s\n{body}"));
        let planned = scenarios(&"x".parse().unwrap(), &source, read(&source).unwrap()).remove(0);
        planned.flaw.map(|flaw| (flaw.outcome, flaw.reason))
    }

    #[test]
    fn a_sound_scenario_has_no_flaw() {
        assert_eq!(flaw("    When I GET \"/\"\n    Then the status is 200"), None);
    }

    #[test]
    fn what_must_never_pass_is_seen_before_it_runs() {
        let table = [
            (
                "    When I GET \"/\"\n    Then the stauts is 200",
                Outcome::Unasked,
                "no sentence of the vocabulary is `Then the stauts is 200`; the nearest is `the status is {count}`",
            ),
            ("    When I GET \"/\"", Outcome::Untested, "the scenario has no Then: it promises nothing"),
            ("    Then the status is 200", Outcome::Untested, "the scenario has no When: it makes no request"),
            ("", Outcome::Untested, "the scenario has no steps"),
        ];
        for (body, outcome, reason) in table {
            assert_eq!(flaw(body), Some((outcome, reason.to_owned())), "{body}");
        }
    }

    #[test]
    fn what_is_no_feature_names_its_line() {
        let broken = read(&source("Feature: f\n  Scenario: s\n    Given x\n  nonsense\n")).unwrap_err();
        assert_eq!(broken.place.line, 4, "{}", broken.message);
        let outline = "Feature: f\n  Scenario Outline: s\n    When I GET \"<p>\"\n    Then the status is 200\n    Examples:\n      | p |\n";
        assert!(read(&source(outline)).unwrap_err().message.contains("no rows"));
        let column =
            "Feature: f\n  Scenario Outline: s\n    When I GET \"<q>\"\n    Examples:\n      | p |\n      | 1 |\n";
        assert!(read(&source(column)).unwrap_err().message.contains("`<q>`"));
    }

    #[test]
    fn a_long_outline_is_opened_as_a_short_one_is() {
        use cucumber::feature::Ext as _;
        let rows = |from: usize, to: usize| (from..to).map(|n| format!("      | {n} |\n")).collect::<Vec<_>>().concat();
        let text = format!(
            "Feature: f\n  Scenario Outline: s <n>\n    When I GET \"/<n>\"\n    @a\n    Examples: few\n      | n |\n{}    @b\n    Examples: many\n      | n |\n{}  Rule: r\n    Scenario Outline: t <n>\n      When I GET \"/<n>\"\n    Examples:\n      | n |\n{}  ",
            rows(0, 3),
            rows(3, 100),
            rows(0, 33)
        );
        let told = |feature: &gherkin::Feature| {
            let rules = feature.rules.iter().flat_map(|rule| &rule.scenarios);
            let one = |s: &gherkin::Scenario| (s.name.clone(), s.position, s.tags.clone(), s.steps.clone());
            feature.scenarios.iter().chain(rules).map(one).collect::<Vec<_>>()
        };
        let whole = crate::engine::pages::parse(&text).unwrap().expand_examples().unwrap();
        assert_eq!(told(&read(&source(&text)).unwrap()), told(&whole));
        assert_eq!(told(&whole).len(), 133);
    }

    #[test]
    fn a_misspelled_first_keyword_leaves_a_scenario_that_promises_nothing() {
        let source = source("Feature: f\n  Scenario: s\n    Wen I GET \"/\"\n    Then the status is 200\n");
        match read(&source) {
            Err(unreadable) => assert_eq!(unreadable.place.line, 3),
            Ok(feature) => assert!(scenarios(&"x".parse().unwrap(), &source, feature)[0].flaw.is_some()),
        }
    }
}
