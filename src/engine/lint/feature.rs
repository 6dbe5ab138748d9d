//! Features as text: parsed, and where they cannot be, the line that is to blame.

use gherkin::{Background, Examples, Feature, GherkinEnv, Rule, Scenario, Step};

use crate::adapter::contracts::Source;
use crate::domain::nearest::nearest;
use crate::engine::blame::{Fault, SECTIONS, STEPS, blame};
use crate::engine::lint::finding::Code;
use crate::engine::lint::{Bench, at};
use crate::steps::vocabulary::Match;

/// A feature and the file that it stands in.
pub struct Parsed<'a> {
    pub path: &'a str,
    text: &'a str,
    pub feature: Feature,
}

/// One scenario with everything that it inherits.
pub struct Case<'a> {
    pub path: &'a str,
    pub scenario: &'a Scenario,
    /// Of the feature, the rule, the scenario and its examples.
    pub tags: Vec<&'a str>,
    /// The steps of the backgrounds.
    pub before: Vec<&'a Step>,
}

impl<'a> Case<'a> {
    pub fn has_tag(&self, tag: &str) -> bool {
        self.tags.contains(&tag)
    }

    /// All steps in the order in which they run.
    pub fn steps(&self) -> impl Iterator<Item = &'a Step> {
        self.before.iter().copied().chain(&self.scenario.steps)
    }

    /// The steps as they run, once for each row of the examples; as they stand where there are none.
    pub fn runs(&self) -> Vec<Vec<Step>> {
        let rows: Vec<Vec<(&str, &str)>> = self.scenario.examples.iter().flat_map(rows).collect();
        if rows.is_empty() {
            return vec![self.steps().cloned().collect()];
        }
        rows.iter().map(|row| self.steps().map(|step| filled(step, row)).collect()).collect()
    }
}

fn rows(examples: &Examples) -> Vec<Vec<(&str, &str)>> {
    let Some((head, rows)) = examples.table.as_ref().and_then(|table| table.rows.split_first()) else {
        return Vec::new();
    };
    rows.iter().map(|row| head.iter().map(String::as_str).zip(row.iter().map(String::as_str)).collect()).collect()
}

fn filled(step: &Step, row: &[(&str, &str)]) -> Step {
    let fill =
        |text: &str| row.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("<{name}>"), value));
    let mut step = step.clone();
    step.value = fill(&step.value);
    step.docstring = step.docstring.as_deref().map(fill);
    if let Some(table) = &mut step.table {
        for cell in table.rows.iter_mut().flatten() {
            *cell = fill(cell);
        }
    }
    step
}

impl Parsed<'_> {
    pub fn cases(&self) -> Vec<Case<'_>> {
        let feature = &self.feature;
        let outside = feature.scenarios.iter().map(|scenario| self.case(None, scenario));
        let inside =
            feature.rules.iter().flat_map(|rule| rule.scenarios.iter().map(|scenario| self.case(Some(rule), scenario)));
        outside.chain(inside).collect()
    }

    fn case<'c>(&'c self, rule: Option<&'c Rule>, scenario: &'c Scenario) -> Case<'c> {
        let lists =
            [self.feature.tags.as_slice(), rule.map_or(&[], |rule| rule.tags.as_slice()), scenario.tags.as_slice()];
        let examples = scenario.examples.iter().flat_map(|examples| &examples.tags);
        let tags = lists.into_iter().flatten().chain(examples).map(String::as_str).collect();
        let steps = |background: Option<&'c Background>| background.map_or(&[][..], |background| &background.steps);
        let before = steps(self.feature.background.as_ref())
            .iter()
            .chain(steps(rule.and_then(|rule| rule.background.as_ref())))
            .collect();
        Case { path: self.path, scenario, tags, before }
    }
}

/// Reads a feature.
pub fn parse(source: &Source) -> Result<Parsed<'_>, Fault> {
    match Feature::parse(&source.text, GherkinEnv::default()) {
        Ok(feature) => Ok(Parsed { path: &source.path, text: &source.text, feature }),
        Err(_) => Err(blame(&source.text)),
    }
}

/// What is wrong with a feature as a whole.
pub fn look(bench: &mut Bench, parsed: &Parsed) {
    let feature = &parsed.feature;
    if feature.scenarios.is_empty() && feature.rules.iter().all(|rule| rule.scenarios.is_empty()) {
        let place = at(parsed.path, feature.position.line);
        bench.add(Code::EmptyFeature, place, "the feature has no scenario, so nothing is promised", None);
    }
    let scenarios = feature.scenarios.iter().chain(feature.rules.iter().flat_map(|rule| &rule.scenarios));
    let mut described = vec![(feature.position.line, feature.description.as_deref())];
    described.extend(feature.rules.iter().map(|rule| (rule.position.line, rule.description.as_deref())));
    described.extend(scenarios.map(|scenario| (scenario.position.line, scenario.description.as_deref())));
    for (line, description) in described {
        for lost in description.unwrap_or_default().lines().map(str::trim) {
            if let Some(meant) = meant(bench, lost) {
                let after = parsed.text.lines().skip(line).position(|text| text.trim() == lost);
                let place = at(parsed.path, line + 1 + after.unwrap_or_default());
                let message = format!("`{lost}` is read as description, not as a step or a section");
                bench.add(Code::LostLine, place, message, Some(format!("did you mean `{meant}`?")));
            }
        }
    }
}

/// The keyword that a line of a description was meant to begin with.
fn meant(bench: &Bench, line: &str) -> Option<String> {
    if let Some((head, _)) = line.split_once(':')
        && let Some(near) = nearest(head, SECTIONS)
        && strsim::damerau_levenshtein(head, near) <= 2
    {
        return Some(format!("{near}:"));
    }
    let (word, rest) = line.split_once(' ')?;
    // With the right keyword the words after it are a sentence of the vocabulary.
    let known = |keyword: &str, ty| !matches!(bench.find(&bare_step(keyword, ty, rest)), Match::None(_));
    let types =
        [("Given", gherkin::StepType::Given), ("When", gherkin::StepType::When), ("Then", gherkin::StepType::Then)];
    types.into_iter().find(|(keyword, ty)| known(keyword, *ty)).map(|(keyword, _)| {
        let near = nearest(word, STEPS).unwrap_or(keyword);
        format!("{near} {rest}")
    })
}

fn bare_step(keyword: &str, ty: gherkin::StepType, value: &str) -> Step {
    Step {
        keyword: keyword.to_owned(),
        ty,
        value: value.to_owned(),
        docstring: None,
        table: None,
        span: gherkin::Span::default(),
        position: gherkin::LineCol::default(),
    }
}
