//! The vocabulary: all sentences, matched to steps and performed.

use std::sync::{LazyLock, OnceLock};

use cucumber::step::{Collection, Context};
use futures::FutureExt as _;
use futures::future::LocalBoxFuture;
use gherkin::StepType;
use regex::{Regex, RegexSet};

use crate::domain::finding::{Code, Finding};
use crate::domain::nearest::nearest;
use crate::steps::args::Args;
use crate::steps::sentence::{Block, Handler, Keyword, Sentence, pattern};
use crate::steps::world::{Carried, StepResult, Stop, World};
use crate::steps::{
    authentication, faults, flags, latency, lists, pagination, rates, receiving, request, response, state, trial,
    values, webhooks,
};

/// One subject of the vocabulary.
pub struct Family {
    pub title: &'static str,
    pub sentences: &'static [Sentence],
}

/// The vocabulary in the order in which it is read.
pub static FAMILIES: [Family; 14] = [
    Family { title: "Request", sentences: request::SENTENCES },
    Family { title: "Authentication", sentences: authentication::SENTENCES },
    Family { title: "Response", sentences: response::SENTENCES },
    Family { title: "Values and matchers", sentences: values::SENTENCES },
    Family { title: "Lists", sentences: lists::SENTENCES },
    Family { title: "Pagination", sentences: pagination::SENTENCES },
    Family { title: "Rate limits", sentences: rates::SENTENCES },
    Family { title: "Faults", sentences: faults::SENTENCES },
    Family { title: "State", sentences: state::SENTENCES },
    Family { title: "Flags", sentences: flags::SENTENCES },
    Family { title: "Webhooks that the service sends", sentences: webhooks::SENTENCES },
    Family { title: "Webhooks that a receiver gets", sentences: receiving::SENTENCES },
    Family { title: "Latency", sentences: latency::SENTENCES },
    Family { title: "Receivers and clients on trial", sentences: trial::SENTENCES },
];

/// Every sentence, in the order of [`FAMILIES`].
pub fn sentences() -> impl Iterator<Item = &'static Sentence> {
    FAMILIES.iter().flat_map(|family| family.sentences)
}

struct Known {
    sentence: &'static Sentence,
    pattern: String,
    /// Compiled when the sentence is first performed: a run uses few of them, and each costs as much as several steps.
    regex: OnceLock<Option<Regex>>,
}

impl Known {
    /// What stands in the step for the sentence's parameters.
    fn parameters<'a>(&self, text: &'a str) -> Vec<&'a str> {
        let regex = self.regex.get_or_init(|| Regex::new(&self.pattern).ok());
        let Some(captures) = regex.as_ref().and_then(|regex| regex.captures(text)) else { return Vec::new() };
        captures.iter().skip(1).map(|group| group.map_or("", |group| group.as_str())).collect()
    }
}

/// The sentences with their regular expressions.
static KNOWN: LazyLock<Vec<Known>> = LazyLock::new(|| {
    let known = |sentence: &'static Sentence| {
        Some(Known { sentence, pattern: pattern(sentence.expression).ok()?, regex: OnceLock::new() })
    };
    sentences().filter_map(known).collect()
});

/// The same expressions as one: a step is looked at once, not once for each sentence.
static ALL: LazyLock<RegexSet> =
    LazyLock::new(|| RegexSet::new(KNOWN.iter().map(|known| &known.pattern)).unwrap_or_default());

/// The sentences whose words a step has, wherever it stands.
fn matching(step: &gherkin::Step) -> Vec<&'static Known> {
    ALL.matches(&step.value).iter().filter_map(|index| KNOWN.get(index)).collect()
}

/// What the vocabulary says of a step.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Match {
    One(&'static str),
    /// No sentence; the nearest one, if any is near.
    None(Option<&'static str>),
    Many(Vec<&'static str>),
    /// The sentence is known and stands in the wrong part.
    Misplaced(&'static str, Keyword),
    /// The sentence is known, and what must stand below it does not.
    Incomplete(&'static str, &'static str),
}

fn allowed(keyword: Keyword, step: StepType) -> bool {
    match keyword {
        Keyword::Given => step != StepType::Then,
        Keyword::When => step == StepType::When,
        Keyword::Then => step == StepType::Then,
    }
}

/// Looks a step up without running it.
pub fn find(step: &gherkin::Step) -> Match {
    let matching: Vec<_> = matching(step).into_iter().map(|known| known.sentence).collect();
    let placed: Vec<_> = matching.iter().filter(|sentence| allowed(sentence.keyword, step.ty)).collect();
    match (placed.as_slice(), matching.first()) {
        ([one], _) => {
            missing_block(one, step).map_or(Match::One(one.expression), |what| Match::Incomplete(one.expression, what))
        }
        ([], Some(elsewhere)) => Match::Misplaced(elsewhere.expression, elsewhere.keyword),
        ([], None) => Match::None(nearest_sentence(step)),
        (many, _) => Match::Many(many.iter().map(|sentence| sentence.expression).collect()),
    }
}

fn missing_block(sentence: &Sentence, step: &gherkin::Step) -> Option<&'static str> {
    match sentence.block {
        Block::DocString if step.docstring.is_none() => Some("a doc string (\"\"\")"),
        Block::Table if step.table.is_none() => Some("a table"),
        Block::Either if step.table.is_none() && step.docstring.is_none() => Some("a table or a doc string"),
        Block::None if step.docstring.is_some() || step.table.is_some() => {
            Some("nothing (it takes neither doc string nor table)")
        }
        _ => None,
    }
}

fn nearest_sentence(step: &gherkin::Step) -> Option<&'static str> {
    let plain = blank_quotes(&step.value);
    let candidates = sentences().filter(|sentence| allowed(sentence.keyword, step.ty));
    let blanked: Vec<_> =
        candidates.map(|sentence| (blank_parameters(sentence.expression), sentence.expression)).collect();
    let near = nearest(&plain, blanked.iter().map(|(blank, _)| blank.as_str()))?;
    blanked.iter().find(|(blank, _)| blank == near).map(|(_, expression)| *expression)
}

fn blank_quotes(text: &str) -> String {
    let blank = text.split('"').enumerate().map(|(index, part)| if index % 2 == 1 { "…" } else { part });
    blank.collect()
}

fn blank_parameters(expression: &str) -> String {
    let mut blank = String::new();
    for part in expression.replace(['(', ')'], "").split('{') {
        match part.split_once('}') {
            Some((_, rest)) => {
                blank.push('…');
                blank.push_str(rest);
            }
            None => blank.push_str(part),
        }
    }
    blank
}

/// The vocabulary as cucumber's steps: one that takes every text. Cucumber would try each sentence on each step, with
/// expressions that it has copied for each batch.
pub fn collection() -> Collection<Carried> {
    static ANY: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new("").ok());
    ANY.iter().fold(Collection::new(), |steps, any| {
        steps.given(None, any.clone(), perform).when(None, any.clone(), perform).then(None, any.clone(), perform)
    })
}

/// What cucumber calls for every step: finds its sentence, and performs it.
fn perform(carried: &mut Carried, context: Context) -> LocalBoxFuture<'_, ()> {
    let world = &mut *carried.0;
    async move {
        if world.stop.is_some() {
            return;
        }
        let step = context.step;
        match resolve(&step) {
            Ok((sentence, parameters)) => act(world, sentence, &parameters, &step).await,
            Err(reason) => {
                world.at_line(step.position.line);
                halt(world, reason);
            }
        }
    }
    .boxed_local()
}

/// The one sentence of a step, and what stands in the step for its parameters.
///
/// # Errors
/// None has these words, or more than one.
pub fn resolve(step: &gherkin::Step) -> Result<(&'static Sentence, Vec<&str>), Stop> {
    let mut placed = matching(step).into_iter().filter(|known| allowed(known.sentence.keyword, step.ty));
    match (placed.next(), placed.next()) {
        (Some(known), None) => Ok((known.sentence, known.parameters(&step.value))),
        (None, _) => Err(Stop::BadStep("the step matches no sentence".to_owned())),
        (Some(_), Some(_)) => Err(Stop::BadStep("the step matches more than one sentence".to_owned())),
    }
}

/// Performs a step whose sentence is known; why it goes no further is left in the world.
pub async fn act<P: AsRef<str>>(world: &mut World, sentence: &Sentence, parameters: &[P], step: &gherkin::Step) {
    world.at_line(step.position.line);
    match arguments(world, parameters, step) {
        Ok(args) => act_with(world, sentence, &args, step.position.line).await,
        Err(reason) => halt(world, reason),
    }
}

/// The same with arguments that are known.
pub async fn act_with(world: &mut World, sentence: &Sentence, args: &Args, line: usize) {
    world.at_line(line);
    if let Err(stop) = carry_out(world, sentence, args).await {
        halt(world, stop);
    }
}

/// Goes no further.
pub fn halt(world: &mut World, stop: Stop) {
    let place = world.place();
    if let Stop::BadStep(reason) = &stop {
        world.findings.push(Finding::new(Code::BadStep, reason.clone()).at(place.clone()));
    }
    world.stop = Some((stop, place));
}

/// What a step passes to its sentence, with the values of this world.
///
/// # Errors
/// A name has no value.
pub fn arguments<P: AsRef<str>>(world: &World, parameters: &[P], step: &gherkin::Step) -> Result<Args, Stop> {
    let raw = parameters.iter().map(|text| world.fill(text.as_ref())).collect::<Result<_, _>>()?;
    let docstring = step.docstring.as_deref().map(|text| world.fill(text)).transpose()?;
    let table = match &step.table {
        None => None,
        Some(table) => {
            let fill_row = |row: &Vec<String>| row.iter().map(|cell| world.fill(cell)).collect::<Result<Vec<_>, _>>();
            Some(table.rows.iter().map(fill_row).collect::<Result<Vec<_>, _>>()?)
        }
    };
    Ok(Args { raw, docstring, table })
}

async fn carry_out(world: &mut World, sentence: &Sentence, args: &Args) -> StepResult {
    let before = world.checks;
    match sentence.handler {
        Handler::Now(handler) => handler(world, args)?,
        Handler::Later(handler) => handler(world, args).await?,
    }
    if sentence.keyword == Keyword::Then && world.checks == before {
        let place = world.place();
        world.findings.push(Finding::new(Code::NothingChecked, "this promise looked at nothing").at(place));
    }
    Ok(())
}

/// The Rust that would add a sentence for a step that none knows.
pub fn stub(step: &gherkin::Step) -> String {
    let keyword = match step.ty {
        StepType::Given => "Given",
        StepType::When => "When",
        StepType::Then => "Then",
    };
    let mut parameters = 0;
    let expression: String = step
        .value
        .split('"')
        .enumerate()
        .map(|(index, part)| {
            if index % 2 == 0 {
                return part.to_owned();
            }
            parameters += 1;
            "{text}".to_owned()
        })
        .collect();
    let lines: Vec<_> =
        (0..parameters).map(|index| format!("        let given_{index} = args.text({index});\n")).collect();
    let given = lines.concat();
    // Pasted as it is, it must not make a promise that always holds.
    format!(
        "Sentence {{\n    keyword: Keyword::{keyword},\n    expression: {expression:?},\n    block: Block::None,\n    \
         meaning: \"…\",\n    example: \"…\",\n    handler: Handler::Now(|world, args| {{\n{given}        \
         Err(Stop::BadStep(\"not written yet\".to_owned()))\n    }}),\n}}"
    )
}

#[cfg(test)]
mod tests {
    use gherkin::{Feature, GherkinEnv};

    use super::{KNOWN, Match, blank_parameters, carry_out, find, sentences};
    use crate::domain::finding::Code;
    use crate::steps::args::Args;
    use crate::steps::sentence::{Block, Handler, Keyword, Sentence};
    use crate::steps::world::World;

    /// The steps of a scenario.
    fn steps(text: &str) -> Vec<gherkin::Step> {
        let feature = format!("Feature: f\n  Scenario: s\n{text}\n");
        Feature::parse(feature, GherkinEnv::default()).unwrap().scenarios.remove(0).steps
    }

    #[test]
    fn every_sentence_has_an_expression_that_works_and_an_example_that_matches_it_alone() {
        assert_eq!(KNOWN.len(), sentences().count(), "an expression does not compile");
        for sentence in sentences() {
            let lines: Vec<String> = sentence.example.lines().map(|line| format!("    {line}")).collect();
            let indented = lines.join("\n");
            let step = steps(&indented).remove(0);
            assert_eq!(find(&step), Match::One(sentence.expression), "{}", sentence.example);
            let known = KNOWN.iter().find(|known| known.sentence.expression == sentence.expression).unwrap();
            let parameters = sentence.expression.matches('{').count();
            assert_eq!(known.parameters(&step.value).len(), parameters, "{}", sentence.expression);
            assert!(sentence.meaning.ends_with(['.', '?']), "{}", sentence.meaning);
        }
    }

    #[test]
    fn a_step_that_no_sentence_knows_is_told_the_nearest() {
        let step = steps("    Then the stauts is 200").remove(0);
        assert_eq!(find(&step), Match::None(Some("the status is {count}")));
        let step = steps("    Then pigs fly over the moon tonight").remove(0);
        assert_eq!(find(&step), Match::None(None));
    }

    #[test]
    fn a_promise_before_the_request_and_a_missing_doc_string_are_told() {
        let misplaced = steps("    Given the status is 200").remove(0);
        assert!(matches!(find(&misplaced), Match::Misplaced("the status is {count}", _)));
        let incomplete = steps("    Then the body is:").remove(0);
        assert!(matches!(find(&incomplete), Match::Incomplete("the body is:", _)));
    }

    #[tokio::test]
    async fn a_promise_that_looks_at_nothing_is_a_finding() {
        let idle = |keyword| Sentence {
            keyword,
            expression: "all is well",
            block: Block::None,
            meaning: "Nothing.",
            example: "Then all is well",
            handler: Handler::Now(|_, _| Ok(())),
        };
        let mut world = World::default();
        carry_out(&mut world, &idle(Keyword::When), &Args::default()).await.unwrap();
        assert!(world.findings.is_empty());
        carry_out(&mut world, &idle(Keyword::Then), &Args::default()).await.unwrap();
        assert_eq!(world.findings[0].code, Code::NothingChecked);
    }

    #[test]
    fn parameters_are_blanked() {
        assert_eq!(blank_parameters("{path} has {count} item(s)"), "… has … items");
    }
}
